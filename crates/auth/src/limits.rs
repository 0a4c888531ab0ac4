//! The numbers of this crate.

use jiff::SignedDuration;

/// Secrets in one vault.
pub const MAX_SECRETS: i64 = 1000;
/// Bytes of one secret.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;
/// Characters of the name of a secret or a token.
pub const MAX_NAME_CHARS: usize = 128;
/// Keys in the key file: the present one and those that older rows are sealed with.
pub const MAX_KEYS: usize = 16;
/// Tokens of one instance, with those that ended and are still listed.
pub const MAX_TOKENS: usize = 1000;
/// The longest that a token may live.
pub const MAX_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(3650 * 24);
/// How long a token is listed after it ended.
pub const KEEP_ENDED_TOKENS: SignedDuration = SignedDuration::from_hours(90 * 24);
