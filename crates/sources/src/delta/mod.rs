//! Delta tables: the log says which files are in the table; they are read as Parquet files are.
//!
//! The log is replayed up to the version that is wanted, from the last checkpoint on. When all that happened since the
//! version of the last read is that rows were added, only the files with those rows are read. What the log asks of
//! readers and is not understood here (deletion vectors, mapped columns) is refused, never guessed.

mod actions;
mod schema;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use actions::{Add, Commit, commits, read_checkpoint, read_commit};
use jiff::Timestamp;

use crate::definition::SourceEntity;
use crate::error::SourceError;
use crate::files::input::{Constant, InputFile};
use crate::output::EntitySink;
use crate::parts::{Parts, nothing};
use crate::read::{Options, read_files};
use crate::reader::Before;
use crate::report::{Finding, Level, ReadReport};

/// A table at one version.
struct Table {
    version: u64,
    schema: arrow::datatypes::SchemaRef,
    files: BTreeMap<String, Add>,
}

/// Reads a Delta table in a folder; the state of the report has its version.
pub(crate) fn read(
    parts: &Parts<'_>,
    before: Before<'_>,
    sink: &mut dyn EntitySink,
) -> Result<ReadReport, SourceError> {
    let entity = parts.request.entity;
    let root = root(parts.request.folder, entity)?;
    let bad = |reason| SourceError::BadDelta { table: entity.input().to_owned(), reason };
    let log = commits(&root.join("_delta_log")).map_err(bad)?;
    let wanted = wanted(entity, &log).map_err(bad)?;
    let table = replay(&log, wanted).map_err(bad)?;
    let last = before.state.and_then(|state| state.version);
    if last == Some(table.version) {
        let mut report = nothing();
        report.state = before.state.cloned().unwrap_or_default();
        return Ok(report);
    }
    let added = last.filter(|last| *last < table.version).map(|last| added(&log, last, table.version));
    let options = || Options { onto: Some(table.schema.clone()), ..Options::default() };
    let mut missing = None;
    let mut report = match (added, before.rows) {
        (Some(Ok(Some(new))), Some(previous)) => {
            let files = inputs(&root, new.values())?;
            if files.is_empty() {
                nothing()
            } else {
                parts.add(files, before.known, previous, sink, options())?
            }
        }
        (added, _) => {
            missing = added.and_then(Result::err);
            let files = inputs(&root, table.files.values())?;
            read_files(&parts.request, files, sink, parts.progress, parts.cancel, options())?
        }
    };
    if let (Some(version), Some(last)) = (missing, last) {
        let message = format!(
            "version {version} is no longer in the log, so what changed since version {last} cannot be told: \
             everything was read"
        );
        report.findings.push(Finding {
            level: Level::Warning,
            code: "deltaVersionMissing".to_owned(),
            column: None,
            message,
        });
    }
    report.state.version = Some(table.version);
    if report.taken == crate::Taken::Nothing {
        report.state.content = before.state.and_then(|state| state.content.clone());
    }
    Ok(report)
}

/// The folder of the table, inside the folder of the data source.
fn root(folder: &Path, entity: &SourceEntity) -> Result<PathBuf, SourceError> {
    let table = entity.table.as_deref().unwrap_or_default();
    let inside = Path::new(table);
    if !inside.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(SourceError::Outside { file: table.to_owned(), folder: folder.to_owned() });
    }
    let root = folder.join(inside);
    if !root.join("_delta_log").is_dir() {
        return Err(SourceError::NotFound { path: root.join("_delta_log") });
    }
    Ok(root)
}

/// The version that is wanted: the one that is named, the last one before a moment, or the latest.
fn wanted(entity: &SourceEntity, log: &BTreeMap<u64, Commit>) -> Result<u64, String> {
    let latest = log.keys().next_back().copied().ok_or("its log has no version")?;
    if let Some(version) = entity.version {
        return match version <= latest {
            true => Ok(version),
            false => Err(format!("there is no version {version}: the latest is {latest}")),
        };
    }
    let Some(text) = &entity.timestamp else { return Ok(latest) };
    let moment: Timestamp = text.parse().map_err(|error| format!("`timestamp` {text:?}: {error}"))?;
    let mut found = None;
    for (version, commit) in log {
        if commit.at()? <= moment.as_millisecond() {
            found = Some(*version);
        }
    }
    found.ok_or_else(|| format!("the table has no version of {text} or before"))
}

/// Replays the log.
fn replay(log: &BTreeMap<u64, Commit>, version: u64) -> Result<Table, String> {
    let checkpoint = log.range(..=version).rev().find(|(_, commit)| !commit.checkpoint.is_empty());
    let mut files = BTreeMap::new();
    let mut schema = None;
    let mut next = 0;
    if let Some((at, commit)) = checkpoint {
        for part in &commit.checkpoint {
            read_checkpoint(part)?.apply(&mut files, &mut schema)?;
        }
        next = at + 1;
    }
    for number in next..=version {
        let commit = log.get(&number).and_then(|commit| commit.json.as_ref());
        let path = commit.ok_or_else(|| format!("version {number} is missing in its log"))?;
        read_commit(path)?.apply(&mut files, &mut schema)?;
    }
    let schema = schema.ok_or("its log says nothing about its columns")?;
    Ok(Table { version, schema, files })
}

/// The files that were added after a version: none when something else happened as well, an error when a version is
/// missing.
fn added(log: &BTreeMap<u64, Commit>, last: u64, version: u64) -> Result<Option<BTreeMap<String, Add>>, u64> {
    let mut files = BTreeMap::new();
    for number in last + 1..=version {
        let path = log.get(&number).and_then(|commit| commit.json.as_ref()).ok_or(number)?;
        let Ok(actions) = read_commit(path) else { return Ok(None) };
        if actions.changes_rows_or_columns() {
            return Ok(None);
        }
        files.extend(actions.new_rows());
    }
    Ok(Some(files))
}

fn inputs<'a>(root: &Path, files: impl Iterator<Item = &'a Add>) -> Result<Vec<InputFile>, SourceError> {
    let real_root = std::fs::canonicalize(root)
        .map_err(|source| SourceError::Unreadable { path: root.to_owned(), source })?;
    let input = |add: &Add| {
        let path = real_root.join(&add.path);
        let real = std::fs::canonicalize(&path).map_err(|_| SourceError::NotFound { path: path.clone() })?;
        if !real.starts_with(&real_root) {
            return Err(SourceError::Outside { file: add.path.clone(), folder: root.to_owned() });
        }
        let about = std::fs::metadata(&real)
            .map_err(|source| SourceError::Unreadable { path: real.clone(), source })?;
        let constants = add.partition.iter().map(|(name, value)| Constant {
            name: name.clone(),
            value: value.clone().filter(|value| !value.is_empty()),
        });
        Ok(InputFile { constants: constants.collect(), ..InputFile::new(real, add.path.clone(), &about) })
    };
    files.map(input).collect()
}
