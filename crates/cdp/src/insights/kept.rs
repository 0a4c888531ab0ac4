//! The insight index of the last snapshot, kept beside its entities.
//!
//! A refresh builds it in a folder named by its job, before it publishes, and names it in the transaction that
//! publishes. What no published state names is removed. An index knows by stamps which content of the entities it was
//! built from: it is only used for exactly that content. One that is missing or damaged is built again by the next
//! refresh; until then whoever asks reads the entities.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use datafusion::prelude::SessionContext;
use insight::index::{Index, LeftOut};
use lake::{Lake, View};
use serde::{Deserialize, Serialize};
use store::{Store, Tx};

use super::load::{self, Loaded};
use super::reads::Reads;
use crate::definitions::CUSTOMER;
use crate::relationships::{ALTERNATE_KEY, CUSTOMER_ID, CUSTOMER_MEASURE};

/// Where the published state names its indexes.
const NAMED: &str = "insights.index";
/// What an index was built from, in its folder.
const MANIFEST: &str = "manifest.json";

/// The folders of the published indexes, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named {
    /// Of the rows of the entities.
    pub(crate) rows: Option<String>,
    /// Of the results of the customers' measures.
    pub(crate) measures: Option<String>,
}

impl Named {
    /// What the published state names.
    pub(crate) async fn read(store: &Store) -> store::Result<Self> {
        let text = store.setting(NAMED).await?;
        // What cannot be read names nothing; the next refresh names its own.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Names these in the published state.
    pub(crate) async fn publish(&self, tx: &mut Tx) -> store::Result<()> {
        tx.put_setting(NAMED, &serde_json::to_string(self).unwrap_or_default()).await
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Manifest {
    /// What it should have.
    wanted: String,
    /// The content of each entity that was read.
    stamps: BTreeMap<String, String>,
    /// The columns that it should have and has not.
    left_out: Vec<LeftOut>,
}

/// An index that is kept in a folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct KeptIndex {
    name: String,
    index: Index,
    manifest: Manifest,
}

/// Where the indexes stand: beside the entities, so that a backup of the data folder has both.
fn home(data: &Path) -> PathBuf {
    data.with_file_name("insights")
}

/// Removes the indexes that the published state does not name; who has one mapped keeps it.
pub(crate) async fn sweep(store: &Store, lake: &Lake) {
    let Ok(named) = Named::read(store).await else { return };
    let kept: Vec<&String> = named.rows.iter().chain(&named.measures).collect();
    let folders = fs::read_dir(home(lake.data_path())).into_iter().flatten().flatten();
    for folder in folders.filter(|folder| !kept.iter().any(|name| *folder.file_name() == ***name)) {
        if let Err(error) = fs::remove_dir_all(folder.path()) {
            tracing::warn!(%error, "an old insight index could not be removed");
        }
    }
}

impl KeptIndex {
    /// The index of a view of the last snapshot, with the results of the customers' measures. The error says why there
    /// is none.
    ///
    /// # Errors
    /// Nothing was indexed yet, the index is missing or damaged, or it is of another snapshot.
    pub async fn latest(store: &Store, lake: &Lake, view: &View) -> Result<Self, String> {
        let named = Named::read(store).await.map_err(|error| error.to_string())?;
        let name = named.rows.ok_or("no refresh has built an index yet")?;
        let rows = Self::of_view(lake, view, &name)?;
        let measures = named.measures.and_then(|name| Self::of_view(lake, view, &name).ok());
        let both = measures.and_then(|measures| {
            rows.index.clone().with_customers_of(CUSTOMER_MEASURE, &measures.index).ok()
        });
        Ok(Self { index: both.unwrap_or_else(|| rows.index.clone()), ..rows })
    }

    /// The name of its folder.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The index.
    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// Whether it has everything that is read.
    pub(super) fn covers(&self, reads: &Reads) -> bool {
        reads.entities.iter().all(|(entity, columns)| {
            let is_there = entity == ALTERNATE_KEY || self.index.rows(entity).is_some();
            is_there && columns.wanted.iter().all(|column| self.index.has(entity, column))
        })
    }

    /// Whether it was built from the content that a view has.
    pub(crate) fn is_of(&self, view: &View) -> bool {
        let same = |(entity, stamp): (&String, &String)| view.stamp(entity).as_ref() == Some(stamp);
        self.manifest.stamps.iter().all(same)
    }

    fn of_view(lake: &Lake, view: &View, name: &str) -> Result<Self, String> {
        let kept = Self::open(&home(lake.data_path()), name)?;
        match kept.is_of(view) {
            true => Ok(kept),
            false => Err("the index is of another snapshot".to_owned()),
        }
    }

    fn open(home: &Path, name: &str) -> Result<Self, String> {
        let folder = home.join(name);
        let text =
            fs::read(folder.join(MANIFEST)).map_err(|error| format!("the index is missing: {error}"))?;
        let manifest =
            serde_json::from_slice(&text).map_err(|error| format!("the index is damaged: {error}"))?;
        let index = Index::open(&folder).map_err(|error| error.to_string())?;
        Ok(Self { name: name.to_owned(), index, manifest })
    }
}

/// Where an index is made, and what is known of the one before.
pub(crate) struct Maker<'a> {
    pub(crate) lake: &'a Lake,
    pub(crate) view: &'a View,
    /// The name of the folder that a new one gets.
    pub(crate) name: &'a str,
    /// The name of the published one.
    pub(crate) before: Option<&'a str>,
}

impl Maker<'_> {
    /// The index of what is read: the published one where that has it, else a new one.
    pub(super) async fn rows(&self, session: &SessionContext, reads: Reads) -> Result<KeptIndex, String> {
        let entities = reads.entities.keys().cloned().chain(reads.owners.then(|| ALTERNATE_KEY.to_owned()));
        let stamps = self.stamps(entities)?;
        // The order of all that is in there is that of names and of the definitions.
        let wanted = blake3::hash(format!("{reads:?}").as_bytes()).to_hex().to_string();
        if let Some(kept) = self.before(&wanted, &stamps) {
            return Ok(kept);
        }
        let folder = self.folder()?;
        let loaded = load::index(session, reads, &folder).await?;
        self.keep(loaded, wanted, stamps)
    }

    /// The index of the customers' measures; nothing when there are none.
    pub(crate) async fn measures(&self, session: &SessionContext) -> Result<Option<KeptIndex>, String> {
        let Some(schema) = self.view.schema(CUSTOMER_MEASURE) else { return Ok(None) };
        let columns = schema.fields().iter().map(|field| field.name().clone());
        let columns: BTreeSet<String> = columns.filter(|name| name != CUSTOMER_ID).collect();
        let stamps = self.stamps([CUSTOMER, CUSTOMER_MEASURE].map(str::to_owned).into_iter())?;
        let wanted = CUSTOMER_MEASURE.to_owned();
        if let Some(kept) = self.before(&wanted, &stamps) {
            return Ok(Some(kept));
        }
        let folder = self.folder()?;
        let loaded = load::of_customers(session, CUSTOMER_MEASURE, columns, &folder).await?;
        self.keep(loaded, wanted, stamps).map(Some)
    }

    fn stamps(&self, entities: impl Iterator<Item = String>) -> Result<BTreeMap<String, String>, String> {
        let stamp = |entity: String| match self.view.stamp(&entity) {
            Some(stamp) => Ok((entity, stamp)),
            None => Err(format!("{entity} has no data")),
        };
        entities.map(stamp).collect()
    }

    /// The published index, whole and the same as what would be built.
    fn before(&self, wanted: &str, stamps: &BTreeMap<String, String>) -> Option<KeptIndex> {
        let kept = match KeptIndex::open(&home(self.lake.data_path()), self.before?) {
            Ok(kept) => kept,
            Err(why) => {
                tracing::warn!("the kept insight index is built anew: {why}");
                return None;
            }
        };
        if kept.manifest.wanted != wanted || kept.manifest.stamps != *stamps {
            return None;
        }
        match kept.index.verify() {
            Ok(()) => Some(kept),
            Err(why) => {
                tracing::warn!("the kept insight index is built anew: {why}");
                None
            }
        }
    }

    /// An empty folder: a job that is run again writes its index again.
    fn folder(&self) -> Result<PathBuf, String> {
        let folder = home(self.lake.data_path()).join(self.name);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.to_string()),
            _ => {}
        }
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        Ok(folder)
    }

    /// Writes what the index was built from, last: without it there is no index.
    fn keep(
        &self,
        loaded: Loaded,
        wanted: String,
        stamps: BTreeMap<String, String>,
    ) -> Result<KeptIndex, String> {
        for left_out in &loaded.left_out {
            tracing::debug!(
                entity = left_out.entity,
                why = left_out.why,
                "a column is not in the insight index"
            );
        }
        let manifest = Manifest { wanted, stamps, left_out: loaded.left_out };
        let folder = home(self.lake.data_path()).join(self.name);
        let text = serde_json::to_vec(&manifest).map_err(|error| error.to_string())?;
        let unfinished = folder.join(format!("{MANIFEST}.unfinished"));
        fs::write(&unfinished, text).map_err(|error| error.to_string())?;
        fs::rename(&unfinished, folder.join(MANIFEST)).map_err(|error| error.to_string())?;
        Ok(KeptIndex { name: self.name.to_owned(), index: loaded.index, manifest })
    }
}
