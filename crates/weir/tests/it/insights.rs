//! The kept insight index: what it is used for, and that nothing depends on it.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::Project;
use crate::support::shop::{bare, fill};

/// Conditions about customers, about their orders, about sums, and about measures.
const CONDITIONS: [&str; 4] =
    ["Country = 'Spain'", "Shop_Orders.TotalPrice > 20", "count(Shop_Orders) >= 1", "Spend >= 50"];

/// The folders of indexes.
fn folders(project: &Project) -> Vec<PathBuf> {
    let home = project.path(".weir/insights");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(home).unwrap().map(|folder| folder.unwrap().path()).collect();
    folders.sort();
    folders
}

async fn estimates(project: &Project) -> Vec<Value> {
    let mut estimates = Vec::new();
    for condition in CONDITIONS {
        estimates.push(project.json(&["segment", "estimate", condition]).await);
    }
    estimates
}

fn counts(estimates: &[Value]) -> Vec<Value> {
    estimates.iter().map(|it| json!([it["customers"], it["of"]])).collect()
}

#[tokio::test]
async fn estimates_come_from_the_kept_index_and_without_it_are_the_same_and_say_so() {
    let project = bare();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let indexed = estimates(&project).await;
    for estimate in &indexed {
        assert_eq!(estimate["notIndexed"], Value::Null, "{estimate:#}");
    }
    let kept = folders(&project);
    assert_eq!(kept.len(), 2, "of the rows and of the measures: {kept:?}");
    // One changed byte, far from the footer.
    let file = kept[0].join("insight.index");
    let mut bytes = fs::read(&file).unwrap();
    for byte in bytes.iter_mut().skip(64).step_by(8).take(64) {
        *byte ^= 1;
    }
    fs::remove_file(&file).unwrap();
    fs::write(&file, bytes).unwrap();
    let damaged = estimates(&project).await;
    assert_eq!(counts(&damaged), counts(&indexed));
    fs::remove_dir_all(&kept[0]).unwrap();
    let missing = estimates(&project).await;
    assert_eq!(counts(&missing), counts(&indexed));
    assert!(missing[0]["notIndexed"].as_str().unwrap().contains("missing"), "{missing:#?}");
    let text = project.weir(&["segment", "estimate", CONDITIONS[0]]).await.ends_with(0).out;
    assert!(text.contains("Counted from the entities"), "{text}");
    // The next refresh makes it again, though nothing else has changed.
    project.json(&["refresh"]).await;
    let again = estimates(&project).await;
    assert_eq!(counts(&again), counts(&indexed));
    assert_eq!(again[0]["notIndexed"], Value::Null);
}

#[tokio::test]
async fn the_index_stays_while_nothing_changes_and_what_no_snapshot_names_goes() {
    let (project, fresh) = (bare(), bare());
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let before = folders(&project);
    // What a killed refresh leaves.
    fs::create_dir(project.path(".weir/insights/killed")).unwrap();
    project.json(&["refresh"]).await;
    assert_eq!(folders(&project), before, "the same index, and nothing else");
    for project in [&project, &fresh] {
        fill(project, 40, 12, 2);
    }
    project.json(&["refresh"]).await;
    let after = folders(&project);
    assert!(after.len() == 2 && after.iter().all(|folder| !before.contains(folder)), "{after:?}");
    fresh.json(&["apply"]).await;
    fresh.json(&["refresh"]).await;
    assert_eq!(counts(&estimates(&project).await), counts(&estimates(&fresh).await));
    for entity in ["Customer_Measure", "GoodCustomers"] {
        let sql = format!(
            "SELECT CustomerId, {} FROM {entity} ORDER BY 1",
            if entity == "GoodCustomers" { "Country" } else { "Spend" }
        );
        assert_eq!(project.query(&sql).await, fresh.query(&sql).await, "{entity}");
    }
}
