//! The cases under `testdata/definitions`: what is right loads, what is wrong is told with its place, and what
//! was stored or exported comes back as it was.

mod limits;
mod schema;
mod store;
mod validator;

use std::path::{Path, PathBuf};

use super::*;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/definitions").join(name)
}

fn cases(kind: &str) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder(kind)).unwrap().map(|entry| entry.unwrap().path());
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

fn load(path: &Path) -> Definitions {
    portable(
        Project::load(path)
            .unwrap_or_else(|report| panic!("{}:\n{report}", path.display()))
            .into_definitions(),
    )
}

/// Snapshots stand beside the cases.
fn with_snapshots(check: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(check);
}

#[test]
fn good_definitions_load() {
    for (name, path) in cases("good") {
        let project = Project::load(&path).unwrap_or_else(|report| panic!("{name}:\n{report}"));
        assert!(project.warnings().problems.is_empty(), "{name}: {}", project.warnings());
        let definitions = portable(project.into_definitions());
        with_snapshots(|| insta::assert_json_snapshot!(format!("good_{name}"), definitions));
    }
}

#[test]
fn every_mistake_is_told_with_its_place() {
    for (name, path) in cases("bad") {
        let report = Project::load(&path).expect_err(&name);
        with_snapshots(|| insta::assert_snapshot!(format!("bad_{name}"), report.to_string()));
        for problem in &report.problems {
            let text = report.source(&problem.file).unwrap();
            assert!(text.get(problem.span.start..problem.span.end).is_some(), "{name}: {problem}");
            assert!(!problem.to_string().contains("hunter2"), "a secret is repeated: {problem}");
        }
    }
}

#[test]
fn attributes_are_checked_where_they_are_known() {
    let attributes = [
        ("eCommerce_eCommerceContacts", "ContactId,FullName,EMail,Telephone,State,CreatedOn"),
        ("LoyaltyScheme_loyCustomers", "LoyaltyId,FullName,EMail,Phone,DateOfBirth,RewardPoints,CreatedOn"),
        ("eCommerce_eCommercePurchases", "PurchaseId,ContactId,Price,PurchasedOn"),
        (CUSTOMER, "CustomerId,FullName,EMail,State"),
    ];
    let attributes = attributes
        .map(|(entity, names)| (entity.to_owned(), names.split(',').map(str::to_owned).collect::<Vec<_>>()));
    let known = Known { attributes: attributes.into_iter().collect(), ..Known::default() };
    let report = Project::load_knowing(&folder("good/contoso"), &known).unwrap_err();
    with_snapshots(|| insta::assert_snapshot!("known_attributes", report.to_string()));
}

#[test]
fn attributes_of_the_search_index_are_those_of_the_profile() {
    let dir = tempfile::tempdir().unwrap();
    let text = "instance: i\nsearch:\n  attributes:\n    - {name: Country, filter: {}}\n    - name: Emial\n      \
                searchable: true\n";
    std::fs::write(dir.path().join("weir.yaml"), text).unwrap();
    let profile = ["Country", "Email"].map(str::to_owned).to_vec();
    let known = Known { profile: Some(profile), ..Known::default() };
    let project = Project::load_knowing(dir.path(), &known).unwrap();
    assert_eq!(
        project.warnings().to_string(),
        "weir.yaml:5:13: warning[unknownAttribute]: customers had no attribute `Emial` at the last refresh\n  \
         help: did you mean `Email`?\n"
    );
    assert!(Project::load(dir.path()).unwrap().warnings().problems.is_empty());
    std::fs::write(dir.path().join("weir.yaml"), text.replace("Emial", "Country")).unwrap();
    assert!(
        Project::load(dir.path()).unwrap_err().to_string().contains("weir.yaml:5:13: error[duplicateName]")
    );
}

#[test]
fn a_model_written_as_json_reads_back_as_itself() {
    for (name, path) in cases("good") {
        let definitions = load(&path);
        let json = serde_json::to_string(&definitions).unwrap();
        assert_eq!(serde_json::from_str::<Definitions>(&json).unwrap(), definitions, "{name}");
    }
}

#[test]
fn objects_make_the_same_definitions_again() {
    for (name, path) in cases("good") {
        let definitions = load(&path);
        assert_eq!(from_objects(&objects(&definitions).unwrap()).unwrap(), definitions, "{name}");
    }
}

#[test]
fn what_is_exported_loads_as_the_same_definitions() {
    for (name, path) in cases("good") {
        let definitions = load(&path);
        let dir = tempfile::tempdir().unwrap();
        let exported = export(&definitions, dir.path(), false).unwrap();
        assert_eq!(load(dir.path()), definitions, "{name}");
        assert_eq!(exported.files.len(), 1 + definitions.flows.len());
        assert!(exported.other_flows.is_empty());
        with_snapshots(|| insta::assert_snapshot!(format!("export_{name}"), to_yaml(&definitions).unwrap()));
    }
}

#[test]
fn an_export_overwrites_only_when_told_so_and_names_flows_that_it_left() {
    let dir = tempfile::tempdir().unwrap();
    let mut definitions = Project::load(&folder("good/contoso")).unwrap().into_definitions();
    export(&definitions, dir.path(), false).unwrap();
    assert_eq!(export(&definitions, dir.path(), false).unwrap_err().code(), "fileExists");
    definitions.flows.clear();
    let exported = export(&definitions, dir.path(), true).unwrap();
    assert_eq!(exported.other_flows, [PathBuf::from("flows/tell-marketing.json")]);
    assert_eq!(exported.paths_start_from, Some(folder("good/contoso")));
}
