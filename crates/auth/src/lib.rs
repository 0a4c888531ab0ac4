//! Who may what: the vault (secrets by reference, encrypted at rest, never printed), roles, and the tokens of programs.

mod error;
pub mod limits;
mod random;
mod role;
pub mod tokens;
mod vault;

pub use error::AuthError;
pub use role::{Role, UnknownRole};
pub use tokens::Tokens;
pub use vault::{Reference, SecretInfo, Vault};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, AuthError>;
