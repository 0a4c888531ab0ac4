//! Ingestion: a data source's files become its entities, and what does not fit becomes their `…_corrupt`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use lake::{Lake, StagedTable, Stager};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{Failure, Made, TaskContext, TaskOutput, definition_text};
use crate::definitions::{DataSource, Quarantine, SourceEntity, SourceKind};
use crate::refresh::{RefreshError, Result, TaskStatus};
use sources::{
    EntitySink, KnownColumns, Limits, Outcome, Progress, ReadReport, ReadRequest, SinkError, SourceError,
    Stage, fingerprint, read,
};

/// Raised when the same bytes would now be read differently.
const READER_VERSION: &str = "1";

pub(super) async fn input_key(context: &TaskContext, name: &str) -> Result<Option<String>> {
    let Some(source) = source(context, name) else { return Ok(None) };
    let folder = folder(context, &source);
    let cancel = context.cancel.clone();
    let hashing = tokio::task::spawn_blocking(move || {
        let mut text = format!("{READER_VERSION}\n{}", definition_text(&source));
        for entity in source.entities() {
            // What cannot be read has no key: the task runs, and says what is wrong.
            let request = request(&source, entity, &folder, None);
            let hash = fingerprint(&request, &cancel).ok()?;
            text.push('\n');
            text.push_str(&hash);
        }
        Some(text)
    });
    hashing.await.map_err(|error| RefreshError::Broken(error.to_string()))
}

fn source(context: &TaskContext, name: &str) -> Option<DataSource> {
    context.definitions.data_sources.iter().find(|source| source.name == name).cloned()
}

fn folder(context: &TaskContext, source: &DataSource) -> PathBuf {
    match &source.kind {
        SourceKind::Files { path, .. } => context.base_dir.join(path),
    }
}

fn request<'a>(
    source: &DataSource,
    entity: &'a SourceEntity,
    folder: &'a Path,
    known: Option<&'a KnownColumns>,
) -> ReadRequest<'a> {
    ReadRequest { entity, folder, quarantine: source.quarantine, known, limits: Limits::default() }
}

pub(super) async fn run(context: &TaskContext, name: &str) -> std::result::Result<Made, Failure> {
    let source = source(context, name).ok_or_else(|| {
        Failure::permanent("dataSourceNotFound", format!("there is no data source {name:?}"))
    })?;
    let context = context.clone();
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || Reading { context: &context, source: &source, handle: &handle }.run())
        .await
        .map_err(|error| Failure::permanent("taskBroken", error))?
}

/// One run over the entities of a data source.
struct Reading<'a> {
    context: &'a TaskContext,
    source: &'a DataSource,
    handle: &'a Handle,
}

/// What became of one entity.
struct EntityRead {
    report: ReadReport,
    rows: Option<StagedTable>,
    corrupt: Option<StagedTable>,
}

impl Reading<'_> {
    fn run(&self) -> std::result::Result<Made, Failure> {
        let mut read = Vec::new();
        for entity in self.source.entities() {
            read.push((self.source.full_name(entity), self.entity(entity)?));
        }
        Ok(self.made(read))
    }

    fn entity(&self, entity: &SourceEntity) -> std::result::Result<EntityRead, Failure> {
        let name = self.source.full_name(entity);
        let folder = folder(self.context, self.source);
        let request = request(self.source, entity, &folder, self.known(&name));
        let mut sink = LakeSink::new(&self.context.lake, self.handle, &name);
        let report = read(&request, &mut sink, &|p| self.progress(entity, p), &self.context.cancel)
            .map_err(|error| failure(&name, &error))?;
        let (rows, corrupt) = sink.finish().map_err(Failure::from)?;
        Ok(EntityRead { report, rows, corrupt })
    }

    /// The types that stick: those that the last good run decided, as long as the entity is there.
    fn known(&self, name: &str) -> Option<&KnownColumns> {
        self.context.before.schema(name)?;
        self.context.last.as_ref()?.known.get(name)
    }

    fn progress(&self, entity: &SourceEntity, progress: Progress) {
        let doing = match progress.stage {
            Stage::Inspecting => format!("looking at {}", entity.file),
            Stage::Inferring => format!("finding the types in {}", entity.file),
            Stage::Reading => format!("reading {}: {} rows", entity.file, progress.rows),
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
        let (mut staged, mut dropped, mut entities) = (Vec::new(), Vec::new(), Vec::new());
        for (name, entity) in read {
            let corrupt = format!("{name}_corrupt");
            match entity.corrupt {
                Some(table) => staged.push((corrupt, table)),
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
        let output = TaskOutput { entities, known, warnings, report, message, ..TaskOutput::default() };
        Made { status, staged, dropped, output, news: self.too_many(status) }
    }
}

impl Reading<'_> {
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
