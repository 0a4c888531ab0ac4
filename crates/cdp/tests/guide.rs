//! The guide is true: its definitions are definitions, and what it says about mistakes is what is said.
#![allow(clippy::expect_used, reason = "a test that cannot go on may stop")]

use cdp::definitions::Project;

const GUIDE: &str = include_str!("../../../docs/guide/definitions.md");

/// The YAML of the guide, put together as one file.
fn guide() -> String {
    let blocks = GUIDE.split("```yaml\n").skip(1);
    blocks.filter_map(|block| block.split("```").next()).collect()
}

fn folder(definitions: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("flows")).expect("a folder of flows");
    std::fs::write(folder.path().join("weir.yaml"), definitions).expect("the definitions");
    folder
}

#[test]
fn the_examples_of_the_guide_are_right() {
    let folder = folder(&guide());
    let project = Project::load(folder.path()).unwrap_or_else(|report| panic!("{:?}", report.problems));
    let definitions = project.definitions();
    assert_eq!(definitions.data_sources.len(), 2);
    assert_eq!(definitions.measures.len(), 3);
    assert_eq!(definitions.segments.len(), 2);
    assert_eq!(definitions.thresholds.len(), 2);
    assert_eq!(definitions.connections.len(), 3);
    assert!(definitions.unification.is_some() && definitions.schedule.is_some());
}

#[test]
fn a_mistake_is_shown_as_the_guide_shows_it() {
    let folder = folder(&guide().replacen("primaryKey: PurchaseId", "primaryKye: PurchaseId", 1));
    let report = Project::load(folder.path()).expect_err("a mistake");
    let said: Vec<_> = report.problems.iter().filter(|problem| problem.code == "unknownKey").collect();
    assert_eq!(said.len(), 1);
    assert!(GUIDE.contains(&format!("error[unknownKey]: {}\n", said[0].message)), "{}", said[0].message);
    assert!(GUIDE.contains(&format!("--> weir.yaml:{}:{}\n", said[0].line, said[0].column)));
    assert_eq!(said[0].suggestion.as_deref(), Some("did you mean `primaryKey`?"));
}
