//! Ingestion: what a data source holds becomes its entities, and what does not fit becomes their `…_corrupt`.

use std::collections::BTreeMap;
use std::path::Path;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use lake::{Lake, StagedTable, Stager, View};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{Failure, Made, TaskContext, TaskOutput, definition_text, drift};
use crate::definitions::{DataSource, Quarantine, ReadMode, SourceEntity, SourceKind};
use crate::refresh::{RefreshError, Result, TaskStatus};
use sources::{
    Access, Before, EntitySink, EntityState, KnownColumns, Limits, Outcome, PreviousRows, Progress,
    ReadReport, ReadRequest, Reader, SinkError, SourceError, Stage, Taken, fingerprint,
};

/// Raised when the same bytes would now be read differently.
const READER_VERSION: &str = "2";

/// The content of plain files is the key of what is read. What else is read is looked at by the task itself, which
/// then tells whether it was new.
pub(super) async fn input_key(context: &TaskContext, name: &str) -> Result<Option<String>> {
    let Some(source) = source(context, name) else { return Ok(None) };
    let SourceKind::Files { path, entities } = &source.kind else { return Ok(None) };
    if entities.iter().any(|entity| entity.folder.is_some()) {
        return Ok(None);
    }
    let folder = context.base_dir.join(path);
    let cancel = context.cancel.clone();
    let hashing = tokio::task::spawn_blocking(move || {
        let mut text = own_text(&source);
        for entity in source.entities() {
            // What cannot be read has no key: the task runs, and says what is wrong.
            let request = request(&source, entity, &folder);
            let hash = fingerprint(&request, &cancel).ok()?;
            text.push('\n');
            text.push_str(&hash);
        }
        Some(text)
    });
    hashing.await.map_err(|error| RefreshError::Broken(error.to_string()))
}

fn own_text(source: &DataSource) -> String {
    format!("{READER_VERSION}\n{}", definition_text(source))
}

fn source(context: &TaskContext, name: &str) -> Option<DataSource> {
    context.definitions.data_sources.iter().find(|source| source.name == name).cloned()
}

fn request<'a>(source: &DataSource, entity: &'a SourceEntity, folder: &'a Path) -> ReadRequest<'a> {
    ReadRequest { entity, folder, quarantine: source.quarantine, known: None, limits: Limits::default() }
}

pub(super) async fn run(context: &TaskContext, name: &str) -> std::result::Result<Made, Failure> {
    let source = source(context, name).ok_or_else(|| {
        Failure::permanent("dataSourceNotFound", format!("there is no data source {name:?}"))
    })?;
    let (definitions, base_dir) = (&context.definitions, context.base_dir.clone());
    let access = context.outside.access(definitions, base_dir, source.kind.connection()).await?;
    let context = context.clone();
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || {
        Reading { context: &context, source: &source, access: &access, handle: &handle }.run()
    })
    .await
    .map_err(|error| Failure::permanent("taskBroken", error))?
}

/// One run over the entities of a data source.
struct Reading<'a> {
    context: &'a TaskContext,
    source: &'a DataSource,
    access: &'a Access,
    handle: &'a Handle,
}

/// What became of one entity.
struct EntityRead {
    report: ReadReport,
    rows: Option<StagedTable>,
    corrupt: Option<StagedTable>,
    /// Its rows are those of before.
    unchanged: bool,
}

impl Reading<'_> {
    fn run(&self) -> std::result::Result<Made, Failure> {
        let mut reader = Reader::new(self.source, self.access, self.context.at, &self.context.cancel);
        let mut read = Vec::new();
        for entity in self.source.entities() {
            read.push((self.source.full_name(entity), self.entity(&mut reader, entity)?));
        }
        Ok(self.made(read))
    }

    fn entity(
        &self,
        reader: &mut Reader<'_>,
        entity: &SourceEntity,
    ) -> std::result::Result<EntityRead, Failure> {
        let name = self.source.full_name(entity);
        let mut sink = LakeSink::new(&self.context.lake, self.handle, &name);
        let (known, state) = (self.known(&name), self.state(&name));
        let mut previous = match state {
            Some(_) if entity.changes.is_some() || entity.mode == ReadMode::Append => {
                Some(Rows::open(&self.context.before, self.handle, &name)?)
            }
            _ => None,
        };
        let rows = previous.as_mut().map(|rows| rows as &mut dyn PreviousRows);
        let report = reader
            .read(entity, Before { known, state, rows }, &mut sink, &|p| self.progress(entity, p))
            .map_err(|error| failure(&name, &error))?;
        drift::check(&self.context.definitions, &name, &report.removed_columns)?;
        let (rows, corrupt) = sink.finish().map_err(Failure::from)?;
        let content = report.state.content.as_ref();
        let same = content.is_some() && state.and_then(|state| state.content.as_ref()) == content;
        let unchanged = same || report.taken == Taken::Nothing;
        let report = if report.taken == Taken::Nothing { self.last_report(&name, report) } else { report };
        Ok(EntityRead { report, rows: rows.filter(|_| !unchanged), corrupt, unchanged })
    }

    /// The types that stick: those that the last good run decided, as long as the entity is there.
    fn known(&self, name: &str) -> Option<&KnownColumns> {
        self.context.before.schema(name)?;
        self.context.last.as_ref()?.known.get(name)
    }

    /// What the last good run remembered, as long as its rows are there.
    fn state(&self, name: &str) -> Option<&EntityState> {
        self.context.before.schema(name)?;
        self.context.last.as_ref()?.states.get(name)
    }

    /// The report of the last good run, for an entity that was not read again.
    fn last_report(&self, name: &str, now: ReadReport) -> ReadReport {
        let last = self.context.last.as_ref().and_then(|last| last.report.get(name));
        let last = last.and_then(|report| serde_json::from_value::<ReadReport>(report.clone()).ok());
        match last {
            Some(last) => ReadReport { taken: Taken::Nothing, state: now.state, ..last },
            None => now,
        }
    }

    fn progress(&self, entity: &SourceEntity, progress: Progress) {
        let doing = match progress.stage {
            Stage::Inspecting => format!("looking at {}", entity.input()),
            Stage::Inferring => format!("finding the types in {}", entity.input()),
            Stage::Reading => format!("reading {}: {} rows", entity.input(), progress.rows),
        };
        self.context.progress(&doing, progress.bytes, Some(progress.total_bytes));
    }

    fn made(&self, read: Vec<(String, EntityRead)>) -> Made {
        let status =
            read.iter().map(|(_, entity)| task_status(entity.report.outcome)).max_by_key(|s| rank(*s));
        let status = status.unwrap_or(TaskStatus::Successful);
        let message = message(&read);
        let reports: BTreeMap<&str, &ReadReport> =
            read.iter().map(|(n, e)| (n.as_str(), &e.report)).collect();
        let report = serde_json::to_value(reports).unwrap_or(Value::Null);
        let known = read.iter().map(|(name, entity)| (name.clone(), entity.report.known())).collect();
        let states = read.iter().map(|(name, entity)| (name.clone(), entity.report.state.clone())).collect();
        let key = self.key(&read);
        let (mut staged, mut dropped, mut entities) = (Vec::new(), Vec::new(), Vec::new());
        for (name, entity) in read {
            let corrupt = format!("{name}_corrupt");
            match entity.corrupt {
                Some(table) => staged.push((corrupt, table)),
                None if entity.unchanged => {}
                None if self.context.before.schema(&corrupt).is_some() => dropped.push(corrupt),
                None => {}
            }
            entities.push(name.clone());
            // With too many errors, the rows of the last good refresh stay; what does not fit can be looked at.
            if status.is_good() {
                staged.extend(entity.rows.map(|table| (name, table)));
            }
        }
        let warnings = status == TaskStatus::CompletedWithWarnings;
        let output =
            TaskOutput { entities, known, states, warnings, report, message, ..TaskOutput::default() };
        Made { status, staged, dropped, output, news: self.too_many(status), key }
    }
}

impl Reading<'_> {
    /// The key of what was read, by its content.
    fn key(&self, read: &[(String, EntityRead)]) -> Option<String> {
        let mut text = own_text(self.source);
        for (_, entity) in read {
            text.push('\n');
            text.push_str(entity.report.state.content.as_ref()?);
        }
        Some(text)
    }

    /// Why too many rows are left out, in words.
    fn too_many(&self, status: TaskStatus) -> String {
        if status.is_good() {
            return String::new();
        }
        let Quarantine { max_rows, max_share } = self.source.quarantine;
        let rows = max_rows.map(|rows| format!("{rows} rows or ")).unwrap_or_default();
        format!(
            "; more than {rows}{} % of an entity: the data of the last good refresh stays",
            max_share * 100.0
        )
    }
}

fn task_status(outcome: Outcome) -> TaskStatus {
    match outcome {
        Outcome::Successful => TaskStatus::Successful,
        Outcome::CompletedWithWarnings => TaskStatus::CompletedWithWarnings,
        Outcome::CompletedWithErrors => TaskStatus::CompletedWithErrors,
    }
}

fn rank(status: TaskStatus) -> u8 {
    match status {
        TaskStatus::Successful => 0,
        TaskStatus::CompletedWithWarnings => 1,
        _ => 2,
    }
}

fn message(read: &[(String, EntityRead)]) -> String {
    let rows: u64 = read.iter().map(|(_, entity)| entity.report.rows_kept).sum();
    let quarantined: u64 = read.iter().map(|(_, entity)| entity.report.quarantined).sum();
    let number = |n: u64| events::thresholds::number(n as f64);
    let mut text = format!("{} rows", number(rows));
    if quarantined > 0 {
        let names =
            read.iter().filter(|(_, e)| e.report.quarantined > 0).map(|(n, _)| format!("{n}_corrupt"));
        let names: Vec<String> = names.collect();
        text.push_str(&format!(", {} quarantined (see {})", number(quarantined), names.join(", ")));
    }
    text
}

fn failure(entity: &str, error: &SourceError) -> Failure {
    Failure {
        transient: error.is_transient(),
        code: error.code(),
        message: format!("{entity}: {error}"),
        report: Some(json!({"entity": entity, "code": error.code(), "error": error.to_string()})),
    }
}

/// The rows that an entity had before the job.
struct Rows<'a> {
    schema: SchemaRef,
    stream: SendableRecordBatchStream,
    handle: &'a Handle,
}

impl<'a> Rows<'a> {
    fn open(view: &View, handle: &'a Handle, entity: &str) -> std::result::Result<Self, Failure> {
        let stream = handle.block_on(view.read(entity, None))?;
        Ok(Self { schema: stream.schema(), stream, handle })
    }
}

impl PreviousRows for Rows<'_> {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn next(&mut self) -> Option<std::result::Result<RecordBatch, SinkError>> {
        let next = self.handle.block_on(self.stream.next())?;
        Some(next.map_err(|error| Box::new(error) as SinkError))
    }
}

/// Rows to staged files of the lake. The tables are begun when the first rows come.
struct LakeSink<'a> {
    lake: &'a Lake,
    handle: &'a Handle,
    entity: String,
    schemas: Option<(SchemaRef, SchemaRef)>,
    rows: Option<Stager>,
    corrupt: Option<Stager>,
}

impl<'a> LakeSink<'a> {
    fn new(lake: &'a Lake, handle: &'a Handle, entity: &str) -> Self {
        Self { lake, handle, entity: entity.to_owned(), schemas: None, rows: None, corrupt: None }
    }

    fn begin(&self, entity: &str, schema: &SchemaRef) -> lake::Result<Stager> {
        self.handle.block_on(self.lake.stage(entity, schema.clone()))
    }

    fn finish(self) -> lake::Result<(Option<StagedTable>, Option<StagedTable>)> {
        let end = |stager: Option<Stager>| stager.map(Stager::finish_blocking).transpose();
        Ok((end(self.rows)?, end(self.corrupt)?))
    }
}

impl EntitySink for LakeSink<'_> {
    fn schema(&mut self, rows: &SchemaRef, quarantine: &SchemaRef) -> std::result::Result<(), SinkError> {
        self.schemas = Some((rows.clone(), quarantine.clone()));
        self.rows = Some(self.begin(&self.entity, rows)?);
        Ok(())
    }

    fn rows(&mut self, batch: RecordBatch) -> std::result::Result<(), SinkError> {
        let stager = self.rows.as_mut().ok_or("rows came before their schema")?;
        Ok(stager.write_blocking(&batch)?)
    }

    fn quarantine(&mut self, batch: RecordBatch) -> std::result::Result<(), SinkError> {
        if self.corrupt.is_none() {
            let (_, schema) = self.schemas.as_ref().ok_or("rows came before their schema")?;
            self.corrupt = Some(self.begin(&format!("{}_corrupt", self.entity), schema)?);
        }
        let stager = self.corrupt.as_mut().ok_or("rows came before their schema")?;
        Ok(stager.write_blocking(&batch)?)
    }
}
