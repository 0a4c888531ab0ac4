//! Which files are being written, or are staged and not yet in the catalog: the sweep leaves them alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The live files of a lake in this process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveFiles(Arc<Mutex<Files>>);

#[derive(Debug, Default)]
struct Files {
    /// Of a stager or a staged table.
    staged: BTreeSet<PathBuf>,
    /// Of a publish whose transaction may still be open.
    publishing: BTreeSet<PathBuf>,
}

impl LiveFiles {
    fn lock(&self) -> MutexGuard<'_, Files> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The files, at this moment.
    pub(crate) fn all(&self) -> BTreeSet<PathBuf> {
        let files = self.lock();
        files.staged.union(&files.publishing).cloned().collect()
    }

    /// Keeps files alive until they are in the catalog, or this process ends.
    pub(crate) fn publishing(&self, paths: impl IntoIterator<Item = PathBuf>) {
        self.lock().publishing.extend(paths);
    }

    /// Forgets a file that is in the catalog now.
    pub(crate) fn published(&self, path: &Path) {
        self.lock().publishing.remove(path);
    }
}

/// Keeps files alive until it is dropped.
#[derive(Debug)]
pub(crate) struct LiveGuard {
    live: LiveFiles,
    paths: Vec<PathBuf>,
}

impl LiveGuard {
    pub(crate) fn new(live: &LiveFiles) -> Self {
        Self { live: live.clone(), paths: Vec::new() }
    }

    /// Keeps one more file alive. Call it before the file is made.
    pub(crate) fn add(&mut self, path: PathBuf) {
        self.live.lock().staged.insert(path.clone());
        self.paths.push(path);
    }

    /// The files kept alive.
    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}

impl Drop for LiveGuard {
    fn drop(&mut self) {
        let mut live = self.live.lock();
        for path in &self.paths {
            live.staged.remove(path);
        }
    }
}
