//! Definitions back into files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::error::DefinitionError;
use super::model::{Definitions, Quarantine, Unification};
use super::project::{FLOWS_DIR, MAIN_FILE};
use super::write_yaml;

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The files, relative to the folder.
    pub files: Vec<PathBuf>,
    /// Flows that were in the folder and are not among the definitions: they were left alone, and applying the
    /// folder would create them.
    pub other_flows: Vec<PathBuf>,
    /// The folder that relative paths of data sources start from, when there are such paths and the export went
    /// elsewhere: applied from the new folder, they would be looked for there.
    pub paths_start_from: Option<PathBuf>,
}

/// The first lines of an exported file.
const HEADER: &str =
    "# Written by `weir export` from what is applied. Comments of the original files are not kept.\n";

/// Writes `weir.yaml` and the flows into `dir`, which is made when missing. Read back, they are the same
/// definitions. Comments and the division into several files are not kept.
///
/// # Errors
/// When a file is there already and `overwrite` is false, and when a file cannot be written.
pub fn export(definitions: &Definitions, dir: &Path, overwrite: bool) -> Result<Exported, DefinitionError> {
    let flows_dir = Path::new(FLOWS_DIR);
    let mut files = vec![(PathBuf::from(MAIN_FILE), to_yaml(definitions)?)];
    for flow in &definitions.flows {
        files.push((flows_dir.join(format!("{}.json", flow.name)), flow.document.clone()));
    }
    if !overwrite && let Some((name, _)) = files.iter().find(|(name, _)| dir.join(name).exists()) {
        return Err(DefinitionError::Exists { path: dir.join(name) });
    }
    for (name, text) in &files {
        write(&dir.join(name), text)?;
    }
    let files: Vec<PathBuf> = files.into_iter().map(|(name, _)| name).collect();
    Ok(Exported {
        other_flows: other_flows(dir, &files),
        files,
        paths_start_from: paths_start_from(definitions, dir),
    })
}

/// The text of a `weir.yaml` with these definitions, without the flows.
///
/// # Errors
/// When an object cannot be written.
pub fn to_yaml(definitions: &Definitions) -> Result<String, DefinitionError> {
    let mut root = serde_json::to_value(definitions).map_err(|error| DefinitionError::Corrupt {
        kind: "instance".to_owned(),
        name: definitions.instance.clone(),
        detail: error.to_string(),
    })?;
    let empty = Map::new();
    let entries = root.as_object_mut();
    if let Some(entries) = entries {
        entries.shift_remove("flows");
        entries.retain(|_, value| !is_empty(value));
        // What stands under connections are keys of other systems.
        entries.iter_mut().filter(|(key, _)| *key != "connections").for_each(|(_, value)| shorten(value));
    }
    Ok(format!("{HEADER}{}", write_yaml::document(root.as_object().unwrap_or(&empty))))
}

/// The text of a unification as a section of `weir.yaml`.
///
/// # Errors
/// When it cannot be written.
pub fn unification_to_yaml(unification: &Unification) -> Result<String, DefinitionError> {
    let mut value = serde_json::to_value(unification).map_err(|error| DefinitionError::Corrupt {
        kind: "unification".to_owned(),
        name: String::new(),
        detail: error.to_string(),
    })?;
    if let Some(entries) = value.as_object_mut() {
        entries.retain(|_, value| !is_empty(value));
    }
    shorten(&mut value);
    Ok(write_yaml::document(&Map::from_iter([("unification".to_owned(), value)])))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    }
}

/// Leaves out what is the default, and writes short forms: what people would write. Reading adds it again.
fn shorten(value: &mut Value) {
    let defaults = [
        ("includeAll", json!(true)),
        ("only", json!(false)),
        ("precision", json!("exact")),
        ("policy", json!("importance")),
        ("missed", json!("last")),
        ("direction", json!("above")),
        ("inclusive", json!(false)),
        ("fireOnFirst", json!(false)),
        ("confirm", json!(1)),
        ("quarantine", json!(Quarantine::default())),
    ];
    match value {
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(entries) => {
            entries
                .retain(|key, value| !defaults.iter().any(|(name, default)| name == key && default == value));
            entries.values_mut().for_each(shorten);
            if let Some(Value::Array(order)) = entries.get_mut("order") {
                order.iter_mut().for_each(only_entity);
            }
        }
        _ => {}
    }
}

/// `{entity: X}` as `X`.
fn only_entity(item: &mut Value) {
    if let Value::Object(entries) = item
        && entries.len() == 1
        && let Some(entity) = entries.get("entity")
    {
        *item = entity.clone();
    }
}

/// Writes beside the file first, so that a full disk leaves no half file.
fn write(path: &Path, text: &str) -> Result<(), DefinitionError> {
    let failed = |source| DefinitionError::Write { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let beside = path.with_extension("partial");
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, path)).map_err(failed)
}

fn other_flows(dir: &Path, written: &[PathBuf]) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir.join(FLOWS_DIR)).into_iter().flatten().flatten();
    let names = entries.map(|entry| Path::new(FLOWS_DIR).join(entry.file_name()));
    let mut others: Vec<PathBuf> = names
        .filter(|name| {
            name.extension().is_some_and(|extension| extension == "json") && !written.contains(name)
        })
        .collect();
    others.sort();
    others
}

fn paths_start_from(definitions: &Definitions, dir: &Path) -> Option<PathBuf> {
    let is_relative = |path: &str| Path::new(path).is_relative();
    let is_relative =
        definitions.data_sources.iter().any(|source| source.kind.local_path().is_some_and(is_relative));
    let base = &definitions.base_dir;
    let same = match (fs::canonicalize(base), fs::canonicalize(dir)) {
        (Ok(base), Ok(dir)) => base == dir,
        _ => false,
    };
    (is_relative && !same && !base.as_os_str().is_empty()).then(|| base.clone())
}
