//! The numbers of this crate: how long, how large, how many.

use std::time::Duration;

/// A whole HTTP exchange, redirects and body included, unless the request says otherwise.
pub const HTTP_TIMEOUT: Duration = Duration::from_secs(120);
/// Opening one connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// A whole SMTP dialogue, unless the configuration says otherwise.
pub const SMTP_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of a response body, unless the request says otherwise.
pub const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of one answer of an object store: a range of an object, or a list.
pub const MAX_OBJECT_RESPONSE_BYTES: usize = 256 * 1024 * 1024;
/// Bytes of a request body.
pub const MAX_REQUEST_BYTES: usize = 64 * 1024 * 1024;
/// Redirects followed, at most.
pub const MAX_REDIRECTS: u8 = 5;
/// Exchanges at the same time with one host and port: a slow target holds up only itself.
pub const MAX_CONCURRENT_PER_TARGET: usize = 16;
/// Connection pools kept (one per scheme and port).
pub const MAX_CLIENTS: usize = 32;
/// Targets whose concurrency is remembered.
pub const MAX_TARGETS: usize = 4096;
/// Characters of a URL.
pub const MAX_URL_CHARS: usize = 16 * 1024;
/// The longest `Retry-After` that is believed.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// Recipients of one mail (To, Cc and Bcc together).
pub const MAX_RECIPIENTS: usize = 500;
/// Bytes of a mail's text and HTML together.
pub const MAX_MAIL_BYTES: usize = 10 * 1024 * 1024;
/// Characters of one mail header's value, the subject included.
pub const MAX_MAIL_HEADER_CHARS: usize = 998;
/// Characters of the key from which a mail's Message-ID is made.
pub const MAX_MESSAGE_KEY_CHARS: usize = 200;
/// Entries of an allow list.
pub const MAX_ALLOW_ENTRIES: usize = 256;
