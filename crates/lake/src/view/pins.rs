//! Which snapshots somebody in this process is reading: they are not expired meanwhile.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::SnapshotId;

/// The pinned snapshots of a lake. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pins(Arc<Mutex<BTreeMap<SnapshotId, usize>>>);

/// Keeps a snapshot until it is dropped.
#[derive(Debug)]
pub(crate) struct Pin {
    pins: Pins,
    snapshot: SnapshotId,
}

impl Pins {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<SnapshotId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn pin(&self, snapshot: SnapshotId) -> Pin {
        let mut pins = self.lock();
        let count = pins.entry(snapshot).or_default();
        *count = count.saturating_add(1);
        Pin { pins: self.clone(), snapshot }
    }

    /// The oldest snapshot that somebody reads.
    pub(crate) fn oldest(&self) -> Option<SnapshotId> {
        self.lock().keys().next().copied()
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut pins = self.pins.lock();
        if let Some(count) = pins.get_mut(&self.snapshot) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                pins.remove(&self.snapshot);
            }
        }
    }
}
