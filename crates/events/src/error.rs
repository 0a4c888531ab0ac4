//! What can go wrong with events.

use store::StoreError;

/// An error of the events room. [`EventsError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The state store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored row does not have the form that this version writes.
    #[error("the stored {what} {id} cannot be read: {detail}")]
    Corrupt {
        /// What kind of row.
        what: &'static str,
        /// Which row.
        id: String,
        /// Why it cannot be read.
        detail: String,
    },
    /// A receiver could not take a delivery inside the transaction.
    #[error("{receiver} could not take the delivery: {detail}")]
    Receiver {
        /// The receiver's name.
        receiver: &'static str,
        /// What it said.
        detail: String,
    },
}

impl From<sqlx::Error> for EventsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl EventsError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Corrupt { .. } => "eventRowUnreadable",
            Self::Receiver { .. } => "receiverFailed",
        }
    }
}
