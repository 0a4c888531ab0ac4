//! The cases under `testdata/definitions`: what is right loads, what is wrong is told with its place.

use std::path::{Path, PathBuf};

use super::*;

fn cases(kind: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/definitions").join(kind);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> =
        entries.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path)).collect();
    cases.sort();
    assert!(cases.len() > 3, "the cases are found");
    cases
}

/// The definitions without what differs from machine to machine.
fn portable(mut definitions: Definitions) -> Definitions {
    definitions.base_dir = PathBuf::new();
    definitions
}

#[test]
fn good_definitions_load() {
    for (name, path) in cases("good") {
        let project = Project::load(&path).unwrap_or_else(|report| panic!("{name}:\n{report}"));
        assert!(project.warnings().problems.is_empty(), "{name}: {}", project.warnings());
        insta::with_settings!({snapshot_path => "../../testdata/definitions/snapshots", prepend_module_to_snapshot => false}, {
            insta::assert_json_snapshot!(format!("good_{name}"), portable(project.into_definitions()));
        });
    }
}

#[test]
fn every_mistake_is_told_with_its_place() {
    for (name, path) in cases("bad") {
        let report = Project::load(&path).expect_err(&name);
        insta::with_settings!({snapshot_path => "../../testdata/definitions/snapshots", prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(format!("bad_{name}"), report.to_string());
        });
        for problem in &report.problems {
            let text = report.source(&problem.file).unwrap();
            assert!(text.get(problem.span.start..problem.span.end).is_some(), "{name}: {problem}");
            assert!(!problem.to_string().contains("hunter2"), "a secret is repeated: {problem}");
        }
    }
}

#[test]
fn a_model_written_as_json_reads_back_as_itself() {
    for (name, path) in cases("good") {
        let definitions = portable(Project::load(&path).unwrap().into_definitions());
        let json = serde_json::to_string(&definitions).unwrap();
        assert_eq!(serde_json::from_str::<Definitions>(&json).unwrap(), definitions, "{name}");
    }
}
