//! A server that keeps its unification between refreshes makes what processes make that start anew.

use std::time::Duration;

use serde_json::Value;

use crate::support::Project;
use crate::support::served::Served;
use crate::support::shop::{bare, fill};

/// The shop with 200 contacts and 50 members; contacts with one address are one customer.
fn shop() -> Project {
    let project = bare();
    fill(&project, 200, 10, 1);
    let own = "unification:\n  deduplication:\n    - entity: Shop_Contacts\n      rules: [{name: mail, conditions: \
               [{attribute: Email}]}]\n  match:";
    project.replace("weir.yaml", "unification:\n  match:", own);
    project
}

/// One contact goes, one takes the address of another, one comes; and a row that no rule looks at changes.
fn change(project: &Project) {
    project.replace("data/contacts.csv", "17,Customer 17,c17@example.com,Romania,1\n", "");
    project.replace("data/contacts.csv", "c21@example.com", "c20@example.com");
    project.replace("data/contacts.csv", "Customer 30,", "Customer Thirty,");
    project.replace("data/members.csv", "M40,C40@Example.com", "M40,c41@example.com");
    let members = project.read("data/members.csv");
    project.write("data/members.csv", format!("{members}MX,c1@example.com,5,1\n"));
}

/// All rows of an entity, without what tells when it was made and by which job.
async fn rows(project: &Project, entity: &str, order: &str) -> Vec<Value> {
    let mut rows = project.query(&format!("SELECT * FROM {entity} ORDER BY {order}")).await;
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        for name in ["At", "Job", "CustomerId_CreatedOn", "CustomerId_ModifiedOn"] {
            row.remove(name);
        }
    }
    rows
}

#[tokio::test]
async fn a_server_takes_in_what_changed_and_makes_what_new_processes_make() {
    let (kept, anew) = (shop(), shop());
    for project in [&kept, &anew] {
        project.json(&["apply"]).await;
    }
    let server = Served::start(&kept).await;
    let mut told = Vec::new();
    for round in 0..3 {
        for project in [&kept, &anew] {
            if round == 1 {
                change(project);
            } else if round == 2 {
                // A customer is two again.
                project.replace("data/contacts.csv", "Customer 21,c20@", "Customer 21,c21@");
            }
            told.push(project.json(&["refresh"]).await.to_string());
        }
        for (entity, order) in [
            ("Customer", "CustomerId"),
            ("AlternateKey", "EntityName, AlternateValue"),
            ("CustomerLineage", "Run, CustomerId, Event, OtherCustomerId"),
            ("UnificationLinks", "Stage, Rule, EntityName, AlternateValue"),
        ] {
            assert_eq!(
                rows(&kept, entity, order).await,
                rows(&anew, entity, order).await,
                "{round} {entity}"
            );
        }
    }
    let changed: Vec<bool> =
        told.iter().map(|told| told.contains("row changed") || told.contains("rows changed")).collect();
    assert!(told[2].contains("profiles; 4 rows changed") && told[4].contains("; 1 row changed"), "{told:#?}");
    assert_eq!(changed, [false, false, true, false, true, false]);
    server.stop(Duration::from_secs(10)).await;
}
