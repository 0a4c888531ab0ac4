//! Reading the entities of one data source, whatever its kind: the one door of this crate.

use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use jiff::Timestamp;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::database::{self, Session};
use crate::definition::{DataSource, ReadMode, SourceEntity, SourceKind};
use crate::delta;
use crate::error::{SinkError, SourceError};
use crate::fetch::{Fetch, Fetched};
use crate::increment::Hashing;
use crate::limits::Limits;
use crate::output::EntitySink;
use crate::parts::{Parts, nothing};
use crate::profile::Profiling;
use crate::read::{Progress, ReadRequest, read};
use crate::report::{KnownColumns, ReadReport};
use crate::state::{EntityState, Taken};

/// The rows of an entity as the last good read left them, in batches.
pub trait PreviousRows {
    /// Their columns.
    fn schema(&self) -> SchemaRef;
    /// The next batch, or none at the end.
    fn next(&mut self) -> Option<Result<RecordBatch, SinkError>>;
}

/// What the last good read of an entity left.
#[derive(Default)]
pub struct Before<'a> {
    /// Its columns.
    pub known: Option<&'a KnownColumns>,
    /// What it remembers.
    pub state: Option<&'a EntityState>,
    /// Its rows.
    pub rows: Option<&'a mut dyn PreviousRows>,
}

/// Reads the entities of a data source. Those of a database are all read from one state of it.
pub struct Reader<'a> {
    source: &'a DataSource,
    access: &'a Access,
    limits: Limits,
    cancel: CancellationToken,
    session: Option<Session>,
    runtime: Option<Runtime>,
    /// The moment as of which folders of increments are read.
    now: Timestamp,
}

impl<'a> Reader<'a> {
    /// A reader as of a moment; nothing is opened before the first entity is read. `cancel` stops it within a batch.
    pub fn new(
        source: &'a DataSource,
        access: &'a Access,
        now: Timestamp,
        cancel: &CancellationToken,
    ) -> Self {
        Self {
            source,
            access,
            limits: Limits::default(),
            cancel: cancel.clone(),
            session: None,
            runtime: None,
            now,
        }
    }

    /// A reader with other limits.
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Reads an entity: rows and quarantined rows go to `sink`, the rest is in the report. When the report says that
    /// [`Taken::Nothing`] was taken, the sink got nothing and the rows of before still stand. Blocks; run it where
    /// blocking is allowed.
    ///
    /// # Errors
    /// When the entity as a whole cannot be read; what the sink got until then must be thrown away.
    pub fn read(
        &mut self,
        entity: &SourceEntity,
        mut before: Before<'_>,
        sink: &mut dyn EntitySink,
        progress: &dyn Fn(Progress),
    ) -> Result<ReadReport, SourceError> {
        let definition = definition_hash(self.source, entity);
        before.state = before.state.filter(|state| state.definition == definition);
        let mut profiling = Profiling::new(sink);
        let mut report = match &self.source.kind {
            SourceKind::Files { path, .. } if entity.folder.is_none() && entity.mode == ReadMode::Replace => {
                let folder = self.access.base_dir.join(path);
                read(&self.request(entity, &folder, before.known), &mut profiling, progress, &self.cancel)?
            }
            _ => {
                let mut hashing = Hashing::new(&mut profiling);
                let mut report = self.read_hashed(entity, before, &mut hashing, progress)?;
                if report.taken != Taken::Nothing {
                    report.content_hash = hashing.finish();
                    report.state.content = Some(report.content_hash.clone());
                }
                report
            }
        };
        report.profile = profiling.finish();
        report.state.definition = definition;
        Ok(report)
    }

    fn read_hashed(
        &mut self,
        entity: &SourceEntity,
        before: Before<'_>,
        sink: &mut dyn EntitySink,
        progress: &dyn Fn(Progress),
    ) -> Result<ReadReport, SourceError> {
        match &self.source.kind {
            SourceKind::Files { path, .. } => {
                let folder = self.access.base_dir.join(path);
                let request = self.request(entity, &folder, before.known);
                let parts = Parts { request, progress, cancel: &self.cancel };
                match &entity.folder {
                    Some(folder) => parts.folder(folder, before, sink, self.now),
                    None => parts.append(before, sink),
                }
            }
            SourceKind::Http { .. } | SourceKind::ObjectStore { .. } => {
                self.fetched(entity, before, sink, progress)
            }
            SourceKind::Delta { .. } => self.delta(entity, before, sink, progress),
            SourceKind::Postgres { .. } | SourceKind::Mysql { .. } | SourceKind::Sqlite { .. } => {
                self.table(entity, before, sink, progress)
            }
        }
    }

    /// Reads a Delta table, from a folder or from an object store by way of one.
    fn delta(
        &mut self,
        entity: &SourceEntity,
        before: Before<'_>,
        sink: &mut dyn EntitySink,
        progress: &dyn Fn(Progress),
    ) -> Result<ReadReport, SourceError> {
        let SourceKind::Delta { path, .. } = &self.source.kind else { return Err(SourceError::Cancelled) };
        let mut fetched = None;
        let mut folder = self.access.base_dir.join(path);
        if path.contains("://") {
            let table = glob::Pattern::escape(entity.table.as_deref().unwrap_or_default());
            let all = SourceEntity { file: format!("{table}/**/*"), ..entity.clone() };
            let Some(found) = self.fetch(&all, before.state)? else {
                let mut report = nothing();
                report.state = before.state.cloned().unwrap_or_default();
                return Ok(report);
            };
            folder = found.folder.path().to_owned();
            fetched = Some(found);
        }
        let request = self.request(entity, &folder, before.known);
        let parts = Parts { request, progress, cancel: &self.cancel };
        let mut report = delta::read(&parts, before, sink)?;
        report.state.tag = fetched.and_then(|fetched| fetched.tag);
        Ok(report)
    }

    /// Fetches files, unless they have not changed since the last read.
    fn fetch(
        &mut self,
        entity: &SourceEntity,
        state: Option<&EntityState>,
    ) -> Result<Option<Fetched>, SourceError> {
        if self.runtime.is_none() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let broken = |source| SourceError::Unreadable { path: PathBuf::new(), source };
            self.runtime = Some(runtime.map_err(broken)?);
        }
        let Some(runtime) = &self.runtime else { return Err(SourceError::Cancelled) };
        let tag = state.and_then(|state| state.tag.as_deref());
        let fetch = Fetch { access: self.access, entity, limits: &self.limits, tag };
        fetch.run(&self.source.kind, runtime, &self.cancel)
    }

    /// Fetches files and reads them, unless they have not changed.
    fn fetched(
        &mut self,
        entity: &SourceEntity,
        before: Before<'_>,
        sink: &mut dyn EntitySink,
        progress: &dyn Fn(Progress),
    ) -> Result<ReadReport, SourceError> {
        let Some(fetched) = self.fetch(entity, before.state)? else {
            let mut report = nothing();
            report.state = before.state.cloned().unwrap_or_default();
            return Ok(report);
        };
        let entity = SourceEntity { file: fetched.pattern, ..entity.clone() };
        let request = self.request(&entity, fetched.folder.path(), before.known);
        let mut report = read(&request, sink, progress, &self.cancel)?;
        report.state.tag = fetched.tag;
        Ok(report)
    }

    /// Reads a table or a query in the transaction of this reader.
    fn table(
        &mut self,
        entity: &SourceEntity,
        before: Before<'_>,
        sink: &mut dyn EntitySink,
        progress: &dyn Fn(Progress),
    ) -> Result<ReadReport, SourceError> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => Session::open(&self.source.kind, self.access, &self.cancel)?,
        };
        let nowhere = PathBuf::new();
        let request = self.request(entity, &nowhere, before.known);
        let read = database::read::read(&mut session, &request, before, sink, progress, &self.cancel)?;
        // A transaction that met an error is over and is not kept.
        self.session = Some(session);
        Ok(read)
    }

    fn request<'r>(
        &self,
        entity: &'r SourceEntity,
        folder: &'r std::path::Path,
        known: Option<&'r KnownColumns>,
    ) -> ReadRequest<'r> {
        let (quarantine, limits) = (self.source.quarantine, self.limits.clone());
        ReadRequest { entity, folder, quarantine, known, limits }
    }
}

/// The hash of everything in the definition that decides which rows are read and how.
fn definition_hash(source: &DataSource, entity: &SourceEntity) -> String {
    let place = match &source.kind {
        SourceKind::ObjectStore { url, .. } => url.as_str(),
        kind => kind.local_path().or(kind.connection()).unwrap_or_default(),
    };
    let text = serde_json::to_string(entity).unwrap_or_default();
    blake3::hash(format!("{place}\n{text}").as_bytes()).to_hex().to_string()
}
