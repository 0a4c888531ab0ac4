//! The state that outlives a restart: SQLite or PostgreSQL, transactions, migrations, typed ids, clock, and
//! the one mechanism for work that is due (lease, retry time, wake).
//!
//! Every room that keeps state takes a [`Store`], and writes only inside a [`Tx`]. What [`Tx::commit`]
//! acknowledged is on disk: SQLite runs in WAL mode with `synchronous=FULL`.

mod bulk;
mod clock;
mod db;
mod error;
mod ids;
mod lock;
mod setting;
mod work;

pub use bulk::{Cell, NewWork, Settle, rows};
pub use clock::{Clock, ManualClock, SystemClock, from_micros, to_micros};
pub use db::{Backend, Store, Tx};
pub use error::StoreError;
pub use ids::{DeliveryId, EventId, JobId, RunId, SnapshotId, SubscriptionId};
pub use lock::{DataDirLock, Holder};
pub use work::{Lease, Queue};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, StoreError>;
