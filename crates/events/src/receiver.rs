//! Who takes deliveries: the trait that the binary implements for flows and webhooks.

use std::time::Duration;

use async_trait::async_trait;
use store::{DeliveryId, Tx};

use crate::{Event, Result};

/// One event for one subscriber.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The hash of event and subscription: the same delivery always has the same id.
    pub id: DeliveryId,
    /// The event.
    pub event: Event,
    /// Whom the receiver is to hand it to: a flow's name, a webhook's id.
    pub target: String,
    /// How often this delivery was tried, this time included.
    pub attempt: u32,
}

/// How an attempt to hand over a delivery went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It was taken, or nothing had to leave the process.
    Taken,
    /// It may work later; `after` if the other side said when.
    Later {
        /// Why it did not work now.
        reason: String,
        /// When to try again, if the other side said so.
        after: Option<Duration>,
    },
    /// It will never work.
    Refused(String),
}

/// Hands deliveries over.
#[async_trait]
pub trait Receiver: Send + Sync {
    /// The name that subscriptions use.
    fn name(&self) -> &'static str;

    /// Sends what leaves the process, outside every transaction.
    async fn attempt(&self, _delivery: &Delivery) -> Attempt {
        Attempt::Taken
    }

    /// Writes what follows from a taken delivery, in the transaction that marks it delivered.
    /// Returns a word for the history (`started run_…`).
    async fn accept(&self, tx: &mut Tx, delivery: &Delivery) -> Result<String>;
}
