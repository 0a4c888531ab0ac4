//! Plans, and definitions in a real store.

use std::sync::Arc;

use ::store::{ManualClock, Store};

use super::*;

/// A project of the contoso example with changes to its text.
fn changed(changes: &[(&str, &str)]) -> (tempfile::TempDir, Project) {
    let dir = tempfile::tempdir().unwrap();
    let mut text = std::fs::read_to_string(folder("good/contoso").join(MAIN_FILE)).unwrap();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    std::fs::create_dir(dir.path().join("flows")).unwrap();
    std::fs::write(dir.path().join(MAIN_FILE), text).unwrap();
    let flow = std::fs::read(folder("good/contoso/flows/tell-marketing.json")).unwrap();
    std::fs::write(dir.path().join("flows/tell.json"), flow).unwrap();
    let project = Project::load(dir.path()).unwrap_or_else(|report| panic!("{report}"));
    (dir, project)
}

async fn open(dir: &tempfile::TempDir) -> Store {
    let clock = Arc::new(ManualClock::at("2026-01-02T03:04:05Z".parse().unwrap()));
    Store::open_file(&dir.path().join("weir.db"), clock).await.unwrap()
}

async fn apply_and_commit(store: &Store, project: &Project) -> Plan {
    let mut tx = store.write().await.unwrap();
    let plan = apply(&mut tx, project).await.unwrap();
    tx.commit().await.unwrap();
    plan
}

#[test]
fn a_plan_tells_changes_and_what_is_computed_again() {
    let (_old_dir, old) = changed(&[]);
    let cases: [(&str, &[(&str, &str)]); 6] = [
        (
            "measure",
            &[
                (
                    "avg(eCommerce_eCommercePurchases.TotalPrice)",
                    "max(eCommerce_eCommercePurchases.TotalPrice)",
                ),
                ("OnlineSpend > 500", "OnlineSpend >= 500"),
            ],
        ),
        ("filter", &[("PurchasedOn >= '2018-01-01'", "PurchasedOn >= '2019-01-01'")]),
        ("source_entity", &[("file: OnlinePurchases.csv", "file: purchases/*.csv")]),
        ("source_path", &[("maxShare: 0.02, maxRows: 100", "maxShare: 0.03")]),
        ("matching", &[("precision: high", "precision: medium"), ("name: twins, ", "")]),
        ("names", &[("Californians", "Westerners"), ("cron: [\"0 6 * * *\"]", "cron: [\"0 7 * * *\"]")]),
    ];
    for (name, changes) in cases {
        let (_new_dir, new) = changed(changes);
        let plan = plan(old.definitions(), new.definitions()).unwrap();
        with_snapshots(|| insta::assert_snapshot!(format!("plan_{name}"), plan.to_string()));
    }
    assert_eq!(plan(old.definitions(), old.definitions()).unwrap().to_string(), "Nothing changes.\n");
    let all = plan(&Definitions::default(), old.definitions()).unwrap();
    with_snapshots(|| insta::assert_snapshot!("plan_new", all.to_string()));
    let none = plan(old.definitions(), &Definitions::default()).unwrap();
    assert_eq!(none.changes.len(), all.changes.len());
    with_snapshots(|| insta::assert_json_snapshot!("plan_json", plan_json(&old)));
}

fn plan_json(old: &Project) -> Plan {
    let (_dir, new) = changed(&[
        ("rearmBelow: 950, cooldown: PT36H", "rearmBelow: 900, confirm: 3"),
        ("state: inactive", "state: draft"),
    ]);
    plan(old.definitions(), new.definitions()).unwrap()
}

#[tokio::test]
async fn what_is_applied_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    assert_eq!(applied(&store).await.unwrap(), Definitions::default());
    for (name, path) in cases("good") {
        let project = Project::load(&path).unwrap();
        apply_and_commit(&store, &project).await;
        assert_eq!(applied(&store).await.unwrap(), *project.definitions(), "{name}");
        assert!(apply_and_commit(&store, &project).await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn the_order_of_objects_is_kept_when_only_it_changes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let (_a, first) = changed(&[]);
    let lines = "  - {name: Californians, where: \"State = 'California'\"}\n";
    let (_b, second) = changed(&[(lines, ""), ("schedule: {", &format!("{lines}schedule: {{"))]);
    apply_and_commit(&store, &first).await;
    assert!(apply_and_commit(&store, &second).await.is_empty());
    assert_eq!(applied(&store).await.unwrap(), *second.definitions());
}

#[tokio::test]
async fn without_a_commit_nothing_is_applied() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let (_dir, project) = changed(&[]);
    let mut tx = store.write().await.unwrap();
    assert!(!apply(&mut tx, &project).await.unwrap().is_empty());
    drop(tx);
    assert_eq!(applied(&store).await.unwrap(), Definitions::default());
}

#[tokio::test]
async fn every_version_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let (_a, first) = changed(&[]);
    let (_b, second) = changed(&[("State = 'California'\"}", "State = 'Nevada'\"}")]);
    let (_c, third) = changed(&[("  - {name: Californians, where: \"State = 'California'\"}\n", "")]);
    for project in [&first, &first, &second, &third, &first] {
        apply_and_commit(&store, project).await;
    }
    let versions = versions(&store, ObjectKind::Segment, "Californians").await.unwrap();
    let documents: Vec<_> = versions.iter().map(|version| version.document.as_deref()).collect();
    let document = |state: &str| format!(r#"{{"name":"Californians","where":"State = '{state}'"}}"#);
    let (california, nevada) = (document("California"), document("Nevada"));
    assert_eq!(
        documents,
        [Some(california.as_str()), Some(nevada.as_str()), None, Some(california.as_str())]
    );
    assert_eq!(versions[0].applied_at, 1_767_323_045_000_000);
}

#[tokio::test]
async fn a_stored_object_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let (_dir, project) = changed(&[]);
    apply_and_commit(&store, &project).await;
    sqlx::query("UPDATE definition SET document = '{}' WHERE name = 'Californians'")
        .execute(store.pool())
        .await
        .unwrap();
    let error = applied(&store).await.unwrap_err();
    assert_eq!(error.code(), "definitionCorrupt");
    assert!(error.to_string().contains("segment `Californians`"), "{error}");
}
