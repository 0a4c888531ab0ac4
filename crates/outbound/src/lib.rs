//! The only way out: HTTP client with address guard and limits, SMTP.
//!
//! Nothing else in the house opens a socket outwards. Every door, [`HttpClient`], [`Mailer`] and, for other
//! protocols, [`Connector`], looks a host up once, refuses private and special addresses unless the
//! [`AddressPolicy`] allows them, and connects to the very addresses that were checked.

mod address;
mod connect;
mod error;
mod http;
pub mod limits;
mod objects;
mod redact;
mod resolve;
mod smtp;

pub use address::{AddressPolicy, BlockReason};
pub use connect::Connector;
#[cfg(unix)]
pub use connect::Relay;
pub use error::OutboundError;
pub use http::{Body, HttpClient, Method, Request, Response};
pub use objects::ObjectConnector;
pub use redact::Redacted;
pub use resolve::{Lookup, SystemLookup};
pub use smtp::{Attachment, Mail, MailReceipt, Mailer, Security, SmtpConfig};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, OutboundError>;
