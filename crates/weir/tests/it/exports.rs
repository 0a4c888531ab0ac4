//! Exports: members and entities reach files after a refresh, by the hour or by hand.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::Project;
use crate::support::shop::bare;

const EXPORTS: &str = r#"exports:
  - name: good-customers
    segments: [GoodCustomers]
    attributes: [CustomerId, {FullName: name}]
    to: {kind: folder, path: out/, delimiter: ";"}
  - name: everybody
    entities: [Customer, Customer_Measure]
    to: {kind: folder, path: lake, format: jsonl, compress: gzip, manifest: true}
    schedule: "off"

"#;

fn exporting() -> Project {
    let project = bare();
    project.replace("weir.yaml", "thresholds:\n", &format!("{EXPORTS}thresholds:\n"));
    project
}

/// Every file below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() { open.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    found
}

fn task<'j>(refresh: &'j Value, id: &str) -> &'j Value {
    let mut tasks = refresh["tasks"].as_array().unwrap().iter();
    tasks.find(|task| task["id"] == id).unwrap_or_else(|| panic!("no {id} in {refresh:#}"))
}

#[tokio::test]
async fn members_are_in_a_file_after_each_refresh_and_an_export_by_hand_waits_for_the_hand() {
    let project = exporting();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let written = files(&project.path("out"));
    assert_eq!(written.len(), 1, "{written:?}");
    let shown = written[0].to_string_lossy();
    assert!(shown.contains("/out/good-customers/GoodCustomers/") && shown.ends_with(".csv"), "{shown}");
    let text = fs::read_to_string(&written[0]).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("CustomerId;name"));
    assert_eq!(lines.count() as f64, project.number("SELECT count(*) AS n FROM GoodCustomers").await);
    assert!(files(&project.path("lake")).is_empty());

    let by_hand = project.json(&["refresh", "--export", "everybody"]).await;
    let export = task(&by_hand, "export:everybody");
    assert_eq!(export["report"]["rows"], 80, "{export:#}");
    let names: Vec<String> = files(&project.path("lake"))
        .iter()
        .map(|it| it.file_name().unwrap().to_string_lossy().into())
        .collect();
    assert!(names.contains(&"model.json".to_owned()), "{names:?}");
    assert_eq!(names.iter().filter(|name| name.ends_with(".jsonl.gz")).count(), 2, "{names:?}");
    assert!(by_hand["job"]["snapshot"].is_null(), "an export publishes nothing");
}

#[tokio::test]
async fn what_an_export_names_must_be_there() {
    let project = exporting();
    project.replace("weir.yaml", "segments: [GoodCustomers]", "segments: [GoodCustomer]");
    project.replace(
        "weir.yaml",
        "to: {kind: folder, path: lake,",
        "to: {kind: sftp, connection: mail, path: lake,",
    );
    let checked = project.weir(&["check", "--json"]).await.ends_with(2).json();
    let codes: Vec<&str> =
        checked["problems"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["unknownSegment", "wrongConnectionKind"], "{checked:#}");
    let missing = exporting();
    missing.json(&["apply"]).await;
    let early = missing.weir(&["refresh", "--export", "everybody", "--json"]).await.ends_with(1).json();
    assert_eq!(task(&early, "export:everybody")["report"]["code"], "entityNotFound");
}
