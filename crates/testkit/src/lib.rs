//! For tests only: a room to work in — a temporary data folder, a clock that stands still, a fresh store.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use store::{ManualClock, Store};
use tempfile::TempDir;

/// A temporary data folder with a store. The folder goes when the room is dropped.
pub struct Room {
    folder: TempDir,
    /// The clock of the store.
    pub clock: ManualClock,
    /// The store, on a SQLite file.
    pub store: Store,
}

impl Room {
    /// A room whose clock stands at noon of the first day of 2026 (UTC).
    ///
    /// # Panics
    /// When the folder or the store cannot be made.
    #[expect(clippy::expect_used, reason = "a test that has no room to work in may stop")]
    pub async fn open() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let clock = ManualClock::at(Timestamp::constant(1_767_268_800, 0));
        let store = open_store(folder.path(), &clock).await.expect("a store");
        Self { folder, clock, store }
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The same state, opened again as another process would.
    ///
    /// # Errors
    /// Those of opening a store.
    pub async fn reopen(&self) -> store::Result<Store> {
        open_store(self.folder(), &self.clock).await
    }
}

async fn open_store(folder: &Path, clock: &ManualClock) -> store::Result<Store> {
    Store::open_file(&folder.join("weir.db"), Arc::new(clock.clone())).await
}
