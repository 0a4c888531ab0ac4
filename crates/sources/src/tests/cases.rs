//! Every folder of `testdata/cases` is a case: input files, `case.json` (the entity, what is known, what is
//! tolerated) and `expected.json` (rows kept, rows quarantined, the report, or the error).
//!
//! `WEIR_UPDATE_CASES=1` writes `expected.json` anew; read the difference before you keep it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::read_entity;
use crate::definition::{Quarantine, SourceEntity};
use crate::{KnownColumns, Limits, ReadReport};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    entity: SourceEntity,
    #[serde(default)]
    quarantine: Quarantine,
    known: Option<KnownColumns>,
}

fn run(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("case.json")).unwrap();
    let case: Case =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let (report, kept) =
        read_entity(folder, &case.entity, case.quarantine, case.known.as_ref(), Limits::default());
    match report {
        Err(error) => {
            let message = error.to_string().replace(folder.to_str().unwrap(), "<folder>");
            json!({ "error": { "code": error.code(), "message": message } })
        }
        Ok(report) => {
            json!({ "rows": kept.rows, "corrupt": kept.corrupt, "report": shown(&report) })
        }
    }
}

/// The report without what other tests look at (hashes, sizes).
fn shown(report: &ReadReport) -> Value {
    let mut value = serde_json::to_value(report).unwrap();
    let object = value.as_object_mut().unwrap();
    ["contentHash", "bytes", "files"].iter().for_each(|name| drop(object.remove(*name).unwrap()));
    object["columns"].as_array_mut().unwrap().iter_mut().for_each(|column| {
        let text = |name: &str| column.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let format = text("dateFormat");
        let format = if format.is_empty() { format } else { format!(" {format}") };
        *column = json!(format!("{} {}{format} ({})", text("name"), text("type"), text("decided")));
    });
    value
}

#[test]
fn every_case_reads_as_expected() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() >= 15, "cases are missing");
    let mut wrong = Vec::new();
    for folder in &cases {
        let found = run(folder);
        let path = folder.join("expected.json");
        if std::env::var_os("WEIR_UPDATE_CASES").is_some() {
            std::fs::write(&path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_else(|_| "null".into());
        let expected: Value = serde_json::from_str(&expected).unwrap();
        if found != expected {
            let found = serde_json::to_string_pretty(&found).unwrap();
            wrong.push(format!("{}: found {found}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
