//! What can go wrong on the way out. Messages never hold a URL's path or query, a header's value or a
//! password.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use crate::BlockReason;

/// An error of an outgoing call. [`OutboundError::code`] is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The URL cannot be used.
    #[error("the address {target} cannot be used: {detail}")]
    BadUrl {
        /// The URL, redacted, or `(unreadable)`.
        target: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The host is, or resolves to, an address that is private or special.
    #[error(
        "{host} is at {address}, which is {reason}; calls to such addresses are refused. To allow this one, \
         an administrator starts Weir with `--allow-outbound {allow}` (or WEIR_ALLOW_OUTBOUND)"
    )]
    BlockedAddress {
        /// The host as it was asked for.
        host: String,
        /// The address that was refused.
        address: IpAddr,
        /// Why it is refused.
        reason: BlockReason,
        /// The narrowest entry of the allow list that would let it through.
        allow: String,
    },
    /// The host's name has no address.
    #[error("the name {host} could not be looked up: {detail}")]
    Dns {
        /// The host.
        host: String,
        /// What the resolver said.
        detail: String,
    },
    /// No connection, or it broke.
    #[error("the connection to {target} failed: {detail}")]
    Connect {
        /// Host and port.
        target: String,
        /// The cause.
        detail: String,
    },
    /// The encrypted connection could not be made.
    #[error("no secure connection to {target}: {detail}")]
    Tls {
        /// Host and port.
        target: String,
        /// The cause.
        detail: String,
    },
    /// The exchange took too long.
    #[error("{target} did not finish within {} s", after.as_secs_f64())]
    Timeout {
        /// Host and port.
        target: String,
        /// The time that was allowed.
        after: Duration,
    },
    /// The answer, or what was to be sent, is larger than allowed.
    #[error("the {what} is larger than {limit} bytes ({target})")]
    TooLarge {
        /// `response from the server`, `request body`, `mail`.
        what: &'static str,
        /// Host and port.
        target: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The server redirects more often than allowed, or to nowhere.
    #[error("{target} redirects {detail}")]
    Redirect {
        /// Host and port of the last hop.
        target: String,
        /// What is wrong.
        detail: String,
    },
    /// A method or header of the request cannot be sent.
    #[error("the request cannot be sent: {detail}")]
    BadRequest {
        /// What is wrong, without the header's value.
        detail: String,
    },
    /// An entry of the allow list cannot be read.
    #[error(
        "the allow list entry {entry:?} cannot be read: {detail}; write it like 10.0.0.0/8 or \
        127.0.0.1/32:1025"
    )]
    BadPolicy {
        /// The entry.
        entry: String,
        /// What is wrong with it.
        detail: String,
    },
    /// What was received could not be kept on this machine.
    #[error("what was received could not be stored on this machine: {detail}")]
    Store {
        /// What the operating system said.
        detail: String,
    },
    /// The mail cannot be built: an address, a header or the content is wrong.
    #[error("the mail cannot be sent: {detail}")]
    BadMail {
        /// What is wrong.
        detail: String,
    },
    /// STARTTLS was asked for and the mail server does not offer it.
    #[error(
        "the mail server {target} does not offer STARTTLS, so nothing was sent; use `security: tls` \
         (usually port 465), or `security: none` if the network itself is trusted"
    )]
    StartTlsMissing {
        /// Host and port.
        target: String,
    },
    /// The mail server refused the sign-in.
    #[error("the mail server {target} refused the sign-in: {detail}")]
    MailSignIn {
        /// Host and port.
        target: String,
        /// True when the server asks to try later.
        temporary: bool,
        /// The server's words.
        detail: String,
    },
    /// The mail server refused the mail.
    #[error("the mail server {target} refused the mail ({}, {status}): {detail}", when(*temporary))]
    MailRefused {
        /// Host and port.
        target: String,
        /// True for 4xx answers: the same mail may be taken later.
        temporary: bool,
        /// The SMTP status.
        status: u16,
        /// The server's words.
        detail: String,
    },
}

impl OutboundError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadUrl { .. } => "badUrl",
            Self::BlockedAddress { .. } => "blockedAddress",
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::TooLarge { .. } => "tooLarge",
            Self::Redirect { .. } => "redirect",
            Self::BadRequest { .. } => "badRequest",
            Self::BadPolicy { .. } => "badAllowList",
            Self::Store { .. } => "receivedNotStored",
            Self::BadMail { .. } => "badMail",
            Self::StartTlsMissing { .. } => "startTlsMissing",
            Self::MailSignIn { .. } => "mailSignIn",
            Self::MailRefused { .. } => "mailRefused",
        }
    }

    /// True when the same call may succeed later without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Dns { .. } | Self::Connect { .. } | Self::Timeout { .. } | Self::Store { .. } => true,
            Self::MailSignIn { temporary, .. } | Self::MailRefused { temporary, .. } => *temporary,
            Self::BadUrl { .. }
            | Self::BlockedAddress { .. }
            | Self::Tls { .. }
            | Self::TooLarge { .. }
            | Self::Redirect { .. }
            | Self::BadRequest { .. }
            | Self::BadPolicy { .. }
            | Self::BadMail { .. }
            | Self::StartTlsMissing { .. } => false,
        }
    }
}

fn when(temporary: bool) -> &'static str {
    if temporary { "try later" } else { "for good" }
}

/// Looks through an error and its causes for the first that `wanted` takes.
pub(crate) fn find_cause<T>(
    error: &(dyn Error + 'static),
    wanted: impl Fn(&(dyn Error + 'static)) -> Option<T>,
) -> Option<T> {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        if let Some(found) = wanted(inner) {
            return Some(found);
        }
        // `source()` of an I/O error that wraps another skips the wrapped one.
        cause = match inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => inner.source(),
        };
    }
    None
}

/// Whether it was TLS that failed: a certificate, a protocol, a version.
pub(crate) fn is_tls(error: &(dyn Error + 'static)) -> bool {
    find_cause(error, |cause| cause.downcast_ref::<rustls::Error>().map(|_| ())).is_some()
}
