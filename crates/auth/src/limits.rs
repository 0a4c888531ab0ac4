//! The numbers of this crate.

/// Secrets in one vault.
pub const MAX_SECRETS: i64 = 1000;
/// Bytes of one secret.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;
/// Characters of a secret's name.
pub const MAX_NAME_CHARS: usize = 128;
/// Keys in the key file: the present one and those that older rows are sealed with.
pub const MAX_KEYS: usize = 16;
