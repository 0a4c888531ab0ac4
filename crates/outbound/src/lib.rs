//! The only way out: HTTP client with address guard and limits, SMTP.
//!
//! Nothing else in the house opens a socket outwards. Both doors, [`HttpClient`] and [`Mailer`], look a host
//! up once, refuse private and special addresses unless the [`AddressPolicy`] allows them, and connect to the
//! very addresses that were checked.

mod address;
mod error;
mod http;
pub mod limits;
mod redact;
mod resolve;
mod smtp;

pub use address::{AddressPolicy, BlockReason};
pub use error::OutboundError;
pub use http::{Body, HttpClient, Method, Request, Response};
pub use redact::Redacted;
pub use resolve::{Lookup, SystemLookup};
pub use smtp::{Mail, MailReceipt, Mailer, Security, SmtpConfig};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, OutboundError>;
