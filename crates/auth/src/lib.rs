//! The vault: secrets by reference, encrypted at rest, never printed.

mod error;
pub mod limits;
mod vault;

pub use error::AuthError;
pub use vault::{Reference, SecretInfo, Vault};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, AuthError>;
