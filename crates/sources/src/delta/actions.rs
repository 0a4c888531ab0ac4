//! The log of a Delta table: what each version adds and removes.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use arrow::json::LineDelimitedWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use super::schema::arrow_schema;

/// The files of the log that belong to one version.
#[derive(Debug, Default)]
pub(super) struct Commit {
    /// What the version adds and removes.
    pub(super) json: Option<PathBuf>,
    /// The whole table as of the version, in one or more parts.
    pub(super) checkpoint: Vec<PathBuf>,
}

impl Commit {
    /// When the version was made, in milliseconds since 1970: what it says itself, or else the file's time.
    pub(super) fn at(&self) -> Result<i64, String> {
        let Some(path) = &self.json else { return Ok(i64::MAX) };
        let said = read_commit(path)?.0.iter().find_map(|action| action["commitInfo"]["timestamp"].as_i64());
        let modified = || {
            let modified = std::fs::metadata(path).ok()?.modified().ok()?;
            i64::try_from(modified.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis()).ok()
        };
        Ok(said.or_else(modified).unwrap_or(i64::MAX))
    }
}

/// The versions that the log has.
pub(super) fn commits(log: &Path) -> Result<BTreeMap<u64, Commit>, String> {
    let mut commits: BTreeMap<u64, Commit> = BTreeMap::new();
    let mut parts: BTreeMap<u64, usize> = BTreeMap::new();
    for entry in std::fs::read_dir(log).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let pieces: Vec<&str> = name.split('.').collect();
        let Some(version) = pieces.first().filter(|it| it.len() == 20).and_then(|it| it.parse().ok()) else {
            continue;
        };
        match pieces.as_slice() {
            [_, "json"] => commits.entry(version).or_default().json = Some(path),
            [_, "checkpoint", "parquet"] => commits.entry(version).or_default().checkpoint = vec![path],
            [_, "checkpoint", _, count, "parquet"] => {
                parts.insert(version, count.parse().unwrap_or(usize::MAX));
                commits.entry(version).or_default().checkpoint.push(path);
            }
            _ => {}
        }
    }
    // A checkpoint that lacks a part is none.
    for (version, count) in parts {
        if let Some(commit) = commits.get_mut(&version).filter(|commit| commit.checkpoint.len() != count) {
            commit.checkpoint.clear();
        }
    }
    commits.retain(|_, commit| commit.json.is_some() || !commit.checkpoint.is_empty());
    Ok(commits)
}

/// A file of the table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Add {
    /// Its path below the table's folder.
    pub(super) path: String,
    /// The values of the partition's columns.
    pub(super) partition: BTreeMap<String, Option<String>>,
}

/// What a version says.
pub(super) struct Actions(Vec<Value>);

/// Largest file of the log that is read, in bytes.
const MOST_BYTES: u64 = 1 << 30;

pub(super) fn read_commit(path: &Path) -> Result<Actions, String> {
    let words = |error: std::io::Error| error.to_string();
    if std::fs::metadata(path).map_err(words)?.len() > MOST_BYTES {
        return Err(format!("a file of its log is larger than {MOST_BYTES} bytes"));
    }
    let text = std::fs::read_to_string(path).map_err(words)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let actions = lines.map(|line| serde_json::from_str(line).map_err(|error| format!("its log: {error}")));
    Ok(Actions(actions.collect::<Result<_, _>>()?))
}

/// A checkpoint has the same actions, one in each row.
pub(super) fn read_checkpoint(path: &Path) -> Result<Actions, String> {
    let words = |error: &dyn std::fmt::Display| format!("its checkpoint: {error}");
    let file = File::open(path).map_err(|error| words(&error))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| words(&error))?;
    let reader = reader.build().map_err(|error| words(&error))?;
    let mut actions = Vec::new();
    for batch in reader {
        let mut text = Vec::new();
        let mut writer = LineDelimitedWriter::new(&mut text);
        writer.write(&batch.map_err(|error| words(&error))?).map_err(|error| words(&error))?;
        writer.finish().map_err(|error| words(&error))?;
        drop(writer);
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            actions.push(serde_json::from_slice(line).map_err(|error| words(&error))?);
        }
    }
    Ok(Actions(actions))
}

impl Actions {
    /// Applies them to the files and the columns of the table.
    pub(super) fn apply(
        &self,
        files: &mut BTreeMap<String, Add>,
        schema: &mut Option<SchemaRef>,
    ) -> Result<(), String> {
        for action in &self.0 {
            understood(action)?;
            if let Some(text) = action["metaData"]["schemaString"].as_str() {
                *schema = Some(arrow_schema(text)?);
            }
            if let Some(path) = action["remove"]["path"].as_str() {
                files.remove(&decoded(path));
            }
            if let Some(add) = add(action) {
                files.insert(add.path.clone(), add);
            }
        }
        Ok(())
    }

    /// Whether rows went away or the columns are others.
    pub(super) fn changes_rows_or_columns(&self) -> bool {
        self.0.iter().any(|action| {
            let removes = action["remove"].is_object() && action["remove"]["dataChange"] != false;
            removes || action["metaData"].is_object() || understood(action).is_err()
        })
    }

    /// The files with rows that are new. Files that only hold old rows in another order are not.
    pub(super) fn new_rows(&self) -> BTreeMap<String, Add> {
        let new = self.0.iter().filter(|action| action["add"]["dataChange"] != false).filter_map(add);
        new.map(|add| (add.path.clone(), add)).collect()
    }
}

fn add(action: &Value) -> Option<Add> {
    let add = &action["add"];
    let path = decoded(add["path"].as_str()?);
    let values = add["partitionValues"].as_object();
    let partition =
        values.into_iter().flatten().map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned)));
    Some(Add { path, partition: partition.collect() })
}

/// Refuses what a reader of this kind must not read.
fn understood(action: &Value) -> Result<(), String> {
    let protocol = &action["protocol"];
    let version = protocol["minReaderVersion"].as_u64().unwrap_or(1);
    let features = protocol["readerFeatures"].as_array();
    let harmless = ["timestampNtz", "v2Checkpoint", "vacuumProtocolCheck"];
    let unknown = features
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|it| !harmless.contains(it) && *it != "deletionVectors" && *it != "columnMapping");
    if version > 3 || unknown.is_some() {
        let what = unknown.map_or_else(|| format!("version {version}"), |name| format!("the feature {name}"));
        return Err(format!("it asks readers for {what}, which is not understood here"));
    }
    if !action["add"]["deletionVector"].is_null() {
        return Err(
            "it has deletion vectors, which are not read: run `REORG TABLE … APPLY (PURGE)`".to_owned()
        );
    }
    let mode = action["metaData"]["configuration"]["delta.columnMapping.mode"].as_str().unwrap_or("none");
    if mode != "none" {
        return Err(format!("its columns are mapped by {mode}, which is not read"));
    }
    Ok(())
}

/// Paths in the log are written as in web addresses.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded() {
        assert_eq!(decoded("a%20b/c=%C3%BC.parquet"), "a b/c=ü.parquet");
        assert_eq!(decoded("50%"), "50%");
    }
}
