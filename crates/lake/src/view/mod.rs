//! A view: all entities at one snapshot, pinned. It never changes, whatever is published later.

mod load;
pub(crate) mod pins;
mod read;
mod schema;
mod session;
mod table;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use store::SnapshotId;

pub use self::session::SessionOptions;

use self::pins::Pin;
use self::table::EntityTable;
use crate::{LakeError, Result, StagedTable, suggest};

/// The entities at one snapshot, with staged ones laid over them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct View {
    snapshot: SnapshotId,
    entities: Arc<BTreeMap<String, Arc<Content>>>,
    /// Entities that another program wrote to in a way that this one does not read, and what was found.
    unreadable: Arc<BTreeMap<String, String>>,
    _pin: Arc<Pin>,
}

/// What an entity holds.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) schema: SchemaRef,
    /// In the order of the rows.
    pub(crate) files: Vec<ContentFile>,
    /// Keeps staged files alive.
    pub(crate) _staged: Option<StagedTable>,
}

/// One Parquet file of an entity.
#[derive(Debug, Clone)]
pub(crate) struct ContentFile {
    pub(crate) path: PathBuf,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// An entity, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityInfo {
    /// Its name.
    pub name: String,
    /// Its attributes.
    pub columns: SchemaRef,
    /// How many rows it has.
    pub rows: u64,
}

impl Content {
    pub(crate) fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

impl View {
    /// The snapshot that this is a view of.
    pub fn snapshot(&self) -> SnapshotId {
        self.snapshot
    }

    /// All entities, by name.
    pub fn entities(&self) -> Vec<EntityInfo> {
        self.entities
            .iter()
            .map(|(name, content)| EntityInfo {
                name: name.clone(),
                columns: Arc::clone(&content.schema),
                rows: content.rows(),
            })
            .collect()
    }

    /// The attributes of an entity, if there is one of this name.
    pub fn schema(&self, entity: &str) -> Option<SchemaRef> {
        self.entities.get(entity).map(|content| Arc::clone(&content.schema))
    }

    /// How many rows an entity has, if there is one of this name.
    pub fn rows(&self, entity: &str) -> Option<u64> {
        self.entities.get(entity).map(|content| content.rows())
    }

    /// What tells the content of an entity from every other that it had or will have: the names of its files, which
    /// are never written again, and its attributes. Nothing when there is no entity of this name.
    pub fn stamp(&self, entity: &str) -> Option<String> {
        let content = self.content(entity).ok()?;
        let names =
            content.files.iter().map(|file| file.path.file_name().unwrap_or_default().to_string_lossy());
        let fields = content.schema.fields().iter();
        let fields: Vec<String> = fields.map(|it| format!("{} {}", it.name(), it.data_type())).collect();
        Some(format!("{}\n{}", names.collect::<Vec<_>>().join("\n"), fields.join("\n")))
    }

    /// This view with staged content in place of the published one.
    #[must_use]
    pub fn with_staged(&self, entity: &str, staged: &StagedTable) -> Self {
        let file = |file: &crate::stage::StagedFile| ContentFile {
            path: file.path.clone(),
            rows: u64::try_from(file.rows).unwrap_or(0),
            bytes: u64::try_from(file.bytes).unwrap_or(0),
        };
        let content = Content {
            schema: Arc::clone(staged.schema()),
            files: staged.staged_files().iter().map(file).collect(),
            _staged: Some(staged.clone()),
        };
        self.changed(|entities, unreadable| {
            unreadable.remove(entity);
            entities.insert(entity.to_owned(), Arc::new(content));
        })
    }

    /// This view without an entity.
    #[must_use]
    pub fn without(&self, entity: &str) -> Self {
        self.changed(|entities, unreadable| {
            unreadable.remove(entity);
            entities.remove(entity);
        })
    }

    fn changed(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, Arc<Content>>, &mut BTreeMap<String, String>),
    ) -> Self {
        let mut entities = BTreeMap::clone(&self.entities);
        let mut unreadable = BTreeMap::clone(&self.unreadable);
        change(&mut entities, &mut unreadable);
        Self { entities: Arc::new(entities), unreadable: Arc::new(unreadable), ..self.clone() }
    }

    /// The entity as a DataFusion table, for a session of one's own.
    pub fn table(&self, entity: &str) -> Result<Arc<dyn TableProvider>> {
        Ok(Arc::new(EntityTable::new(Arc::clone(self.content(entity)?))))
    }

    pub(crate) fn content(&self, entity: &str) -> Result<&Arc<Content>> {
        if let Some(detail) = self.unreadable.get(entity) {
            return Err(LakeError::ForeignWrite { entity: entity.to_owned(), detail: detail.clone() });
        }
        self.entities.get(entity).ok_or_else(|| self.unknown_entity(entity))
    }

    pub(crate) fn unknown_entity(&self, name: &str) -> LakeError {
        LakeError::UnknownEntity {
            name: name.to_owned(),
            snapshot: self.snapshot,
            suggestion: suggest::nearest(name, self.entities.keys().map(String::as_str)),
        }
    }

    /// The entity that a name in a query means: the one of exactly this name, else the only one that has it in
    /// another letter case.
    pub(crate) fn find(&self, name: &str) -> Option<(&str, &Arc<Content>)> {
        if let Some((name, content)) = self.entities.get_key_value(name) {
            return Some((name, content));
        }
        let mut found = self.entities.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((name, content)), None) => Some((name, content)),
            _ => None,
        }
    }
}
