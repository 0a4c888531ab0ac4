//! What happened and who must hear: events, thresholds and their crossings, subscriptions, dispatch, delivery.
//!
//! Deciding and sending are apart, with a row between: [`record`] writes an event inside the transaction that
//! makes it true; dispatch writes one delivery per subscriber; deliver hands each to its [`Receiver`]. Every
//! id is a hash of its cause, so doing any of it again changes nothing.
//!
//! This room never knows who receives. The binary registers the receivers.

mod deliver;
mod dispatch;
mod error;
mod history;
mod kinds;
mod receiver;
mod record;
pub mod subscriptions;
pub mod thresholds;
mod workers;

pub use error::EventsError;
pub use history::{DeliveryRecord, EventRecord, deliveries, list};
pub use kinds::EventType;
pub use receiver::{Attempt, Delivery, Receiver};
pub use record::{Event, NewEvent, Recorded, record};
pub use thresholds::Threshold;
pub use workers::{Workers, reconcile};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, EventsError>;
