//! An instance on this machine: its data folder, opened for one of three uses.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use auth::Vault;
use lake::Lake;
use store::{Clock, DataDirLock, Holder, Store};

/// Where an instance is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The folder of the definitions.
    pub project: PathBuf,
    /// The data folder.
    pub data: PathBuf,
}

impl Place {
    fn state(&self) -> PathBuf {
        self.data.join("weir.db")
    }

    fn lake(&self) -> PathBuf {
        self.data.join("lake")
    }

    /// The key that seals the secrets. It is not in the state, so that a copy of the state alone opens nothing.
    fn key(&self) -> PathBuf {
        self.data.join("secret.key")
    }
}

/// An opened instance.
#[derive(Clone)]
pub(crate) struct Instance {
    /// Where it is.
    pub place: Place,
    /// Its state.
    pub store: Store,
    /// Its entities.
    pub lake: Lake,
    /// Held as long as any clone lives; none when another process has it, or when we only read.
    _lock: Option<Arc<DataDirLock>>,
}

impl Instance {
    /// Opens the instance to do its work, as the only process.
    pub(crate) async fn open(place: &Place, role: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let lock = DataDirLock::acquire(&place.data, &Holder::this_process(role))?;
        let store = Store::open_file(&place.state(), clock).await?;
        // Whoever had a lease is dead: this process has the lock.
        store.free_all_leases().await?;
        events::reconcile(&store).await?;
        let lake = Lake::open(store.clone(), &place.lake()).await?;
        // Files that no catalog knows are left-overs of whoever was killed: nobody else is staging.
        lake.sweep_after(std::time::Duration::ZERO).await?;
        Ok(Self { place: place.clone(), store, lake, _lock: Some(Arc::new(lock)) })
    }

    /// Opens the instance beside the process that works on it, to write wishes (a job, a cancel) into its state.
    pub(crate) async fn open_beside(place: &Place, clock: Arc<dyn Clock>) -> Result<Self> {
        let store = Store::open_file(&place.state(), clock).await?;
        let lake = Lake::open_to_read(store.clone(), &place.lake()).await?;
        Ok(Self { place: place.clone(), store, lake, _lock: None })
    }

    /// Opens the instance only to read it, whoever else works on it.
    pub(crate) async fn open_to_read(place: &Place, clock: Arc<dyn Clock>) -> Result<Self> {
        let state = place.state();
        if !state.exists() {
            anyhow::bail!(
                "there is no instance in {}: run `weir apply` first, or name another data folder (--data)",
                shown(&place.data)
            );
        }
        let store = Store::open_file_to_read(&state, clock)
            .await
            .with_context(|| format!("{} cannot be opened", shown(&state)))?;
        let lake = Lake::open_to_read(store.clone(), &place.lake()).await?;
        Ok(Self { place: place.clone(), store, lake, _lock: None })
    }

    /// Its folder for files that live as long as a task.
    pub(crate) fn scratch(&self) -> Result<PathBuf> {
        let folder = self.place.data.join("scratch");
        std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", shown(&folder)))?;
        Ok(folder)
    }

    /// The vault of its secrets.
    pub(crate) async fn vault(&self) -> Result<Vault> {
        Ok(Vault::open(self.store.clone(), &self.place.key()).await?)
    }
}

/// A path for a message.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
