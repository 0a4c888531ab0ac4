//! The handle to a lake: opening it, and what it holds.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use jiff::Timestamp;
use store::{SnapshotId, Store};

use crate::catalog::columns::assign;
use crate::catalog::{read, text, write};
use crate::stage::live::LiveFiles;
use crate::stage::{Place, Stager, StagingLimits};
use crate::view::pins::Pins;
use crate::{LakeError, Result, View, types};

/// A handle to the lake of an instance. Cheap to clone.
#[derive(Clone)]
pub struct Lake {
    store: Store,
    data_path: PathBuf,
    live: LiveFiles,
    pins: Pins,
}

/// One snapshot, as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotInfo {
    /// The snapshot.
    pub id: SnapshotId,
    /// When it was published.
    pub time: Timestamp,
    /// Why.
    pub message: Option<String>,
    /// Facts for programs, as they were given to [`Lake::publish`].
    pub extra: Option<serde_json::Value>,
    /// What changed, as DuckLake writes it.
    pub changes: String,
}

/// Which snapshot is meant: in text `latest`, a number, or a moment (`2026-11-20T10:00:00Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum At {
    /// The newest.
    #[default]
    Latest,
    /// This one.
    Snapshot(SnapshotId),
    /// The newest that was published at this moment or before.
    Time(Timestamp),
}

impl FromStr for At {
    type Err = LakeError;

    fn from_str(text: &str) -> Result<Self> {
        if text.eq_ignore_ascii_case("latest") {
            return Ok(Self::Latest);
        }
        if let Ok(number) = text.parse::<i64>() {
            return Ok(Self::Snapshot(SnapshotId::new(number)));
        }
        text.parse().map(Self::Time).map_err(|_| LakeError::Name {
            name: text.to_owned(),
            detail: "a snapshot is a number, a moment such as 2026-11-20T10:00:00Z, or latest".to_owned(),
        })
    }
}

impl Lake {
    /// Opens the lake whose files are in `data_path` (`<data folder>/lake`), and makes it if it is missing.
    pub async fn open(store: Store, data_path: &Path) -> Result<Self> {
        std::fs::create_dir_all(data_path).map_err(LakeError::io(data_path))?;
        let lake = Self::at(store, data_path)?;
        let shown = data_path_text(&lake.data_path)?;
        let mut tx = lake.store.write().await?;
        if read::exists(tx.conn()).await? {
            write::data_path(tx.conn(), &shown).await?;
        } else {
            let now = text::moment(tx.now());
            write::fresh(tx.conn(), &shown, &now).await?;
        }
        tx.commit().await?;
        Ok(lake)
    }

    /// Opens a lake that exists, only to read it: nothing is ever written.
    pub async fn open_to_read(store: Store, data_path: &Path) -> Result<Self> {
        let lake = Self::at(store, data_path)?;
        let mut tx = lake.store.read().await?;
        if read::exists(tx.conn()).await? { Ok(lake) } else { Err(LakeError::NoCatalog) }
    }

    fn at(store: Store, data_path: &Path) -> Result<Self> {
        let data_path = std::path::absolute(data_path).map_err(LakeError::io(data_path))?;
        Ok(Self { store, data_path, live: LiveFiles::default(), pins: Pins::default() })
    }

    /// The state store that has the catalog.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The folder of the data files.
    pub fn data_path(&self) -> &Path {
        &self.data_path
    }

    pub(crate) fn live_files(&self) -> &LiveFiles {
        &self.live
    }

    pub(crate) fn pins(&self) -> &Pins {
        &self.pins
    }

    /// The newest snapshot.
    pub async fn latest(&self) -> Result<SnapshotId> {
        let mut tx = self.store.read().await?;
        Ok(SnapshotId::new(read::head(tx.conn()).await?.snapshot))
    }

    /// All snapshots that there are, the oldest first.
    pub async fn snapshots(&self) -> Result<Vec<SnapshotInfo>> {
        let mut tx = self.store.read().await?;
        read::snapshots(tx.conn()).await
    }

    /// The snapshot that is meant, if it exists.
    pub async fn resolve(&self, at: At) -> Result<SnapshotId> {
        let mut tx = self.store.read().await?;
        read::resolve(tx.conn(), at).await
    }

    /// A view of the entities as they were at a snapshot: it never changes, whatever is published later.
    pub async fn view(&self, at: SnapshotId) -> Result<View> {
        let mut tx = self.store.read().await?;
        // Pinned before it is read: from here on its files are not deleted in this process.
        let pin = self.pins.pin(at);
        read::resolve(tx.conn(), At::Snapshot(at)).await?;
        View::load(tx.conn(), &self.data_path, at, pin).await
    }

    /// [`Lake::view`] of the newest snapshot.
    pub async fn view_latest(&self) -> Result<View> {
        self.view(self.latest().await?).await
    }

    /// Begins new content of `entity`, whose rows come with `schema` (kept as [`crate::entity_schema`] says).
    pub async fn stage(&self, entity: &str, schema: SchemaRef) -> Result<Stager> {
        self.stage_with(entity, schema, StagingLimits::default()).await
    }

    /// [`Lake::stage`] with other sizes.
    pub async fn stage_with(&self, entity: &str, schema: SchemaRef, limits: StagingLimits) -> Result<Stager> {
        let schema = types::entity_schema(entity, &schema)?;
        let mut tx = self.store.read().await?;
        let head = read::head(tx.conn()).await?;
        let tables = read::tables(tx.conn(), head.snapshot).await?;
        drop(tx);
        let current = tables.values().find(|table| table.name == entity);
        let assignment = assign(entity, current, &schema)?;
        let place = Place {
            data_path: self.data_path.clone(),
            live: self.live.clone(),
            clock: Arc::clone(self.store.clock()),
        };
        let entity = entity.to_owned();
        tokio::task::spawn_blocking(move || Stager::new(&entity, schema, assignment, place, limits)).await?
    }
}

/// The data path as the catalog has it: absolute, with a trailing `/`.
fn data_path_text(data_path: &Path) -> Result<String> {
    let text = data_path.to_str().ok_or_else(|| LakeError::Name {
        name: data_path.display().to_string(),
        detail: "the lake's folder must have a name in UTF-8".to_owned(),
    })?;
    Ok(format!("{}/", text.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_meant_by_number_moment_or_latest() {
        assert_eq!("latest".parse::<At>().unwrap(), At::Latest);
        assert_eq!("12".parse::<At>().unwrap(), At::Snapshot(SnapshotId::new(12)));
        let time = "2026-11-20T10:00:00Z";
        assert_eq!(time.parse::<At>().unwrap(), At::Time(time.parse().unwrap()));
        assert_eq!("soon".parse::<At>().unwrap_err().code(), "lakeName");
    }
}
