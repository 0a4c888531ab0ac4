//! The numbers of this crate: how long, how many, how deep.

/// Characters of a search text.
pub const MAX_TEXT_CHARS: usize = 500;
/// Words of a search text.
pub const MAX_WORDS: usize = 32;
/// Bytes of a word; longer ones are cut, in rows and in search texts alike.
pub const MAX_TOKEN_BYTES: usize = 64;
/// Rows that an answer may begin after, and rows that it may hold, together.
pub const MAX_DEPTH: usize = 100_000;
/// Conditions of one search.
pub const MAX_CONDITIONS: usize = 50;
/// Attributes that are searched when nobody chose.
pub const DEFAULT_ATTRIBUTES: usize = 50;
/// Attributes of a definition.
pub const MAX_ATTRIBUTES: usize = 200;
/// Counts of one facet.
pub const MAX_FACET_COUNTS: usize = 1_000;
/// Counts of one facet when nobody chose.
pub const DEFAULT_FACET_COUNTS: usize = 10;
/// Bytes of memory that a thread fills before it writes.
pub const BUILD_BYTES: usize = 128 * 1024 * 1024;
/// Threads that build.
pub const BUILD_THREADS: usize = 4;
