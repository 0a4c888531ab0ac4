//! The numbers of this crate: how many, how large, how long.

use std::time::Duration;

/// Files that one entity may be split into.
pub const MAX_FILES: usize = 1_000;
/// Bytes that are collected before they go to the disk, into a part of an upload or down a connection. Object
/// stores refuse parts below 5 MiB, and more than 10,000 of them: an object may have 160 GiB.
pub const PART_BYTES: usize = 16 * 1024 * 1024;
/// Rows of one group of a Parquet file.
pub const ROW_GROUP_ROWS: usize = 1024 * 1024;
/// Bytes of one group of a Parquet file.
pub const ROW_GROUP_BYTES: usize = 128 * 1024 * 1024;
/// Rows of one call of a web service, unless the definition says otherwise.
pub const HTTP_BATCH: usize = 500;
/// Rows of one call of a web service, at most.
pub const MAX_HTTP_BATCH: usize = 100_000;
/// Calls for one batch before the export gives up.
pub const HTTP_ATTEMPTS: u32 = 6;
/// The pause before the second call; each pause is twice the one before it.
pub const HTTP_FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause; a server that wants more gets no more calls.
pub const HTTP_LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Characters of a web service's answer that an error repeats.
pub const ANSWER_CHARS: usize = 300;
/// One answer of an SFTP server.
pub const SFTP_TIMEOUT: Duration = Duration::from_secs(60);
/// Signing in to an SFTP server.
pub const SFTP_SIGN_IN: Duration = Duration::from_secs(60);
/// Bytes of a name that PostgreSQL keeps; it cuts longer ones without a word.
pub const POSTGRES_NAME_BYTES: usize = 63;
