//! A customer keeps its id over refreshes, through edits of rows and rules, and what people decide about rows stays.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::Project;
use crate::support::served::Served;
use crate::support::shop::bare;
use crate::support::{only, until};

/// Whose row each row is: by entity and key.
async fn ids(project: &Project) -> BTreeMap<(String, String), String> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = project.query("SELECT EntityName, AlternateValue, CustomerId FROM AlternateKey").await;
    rows.iter()
        .map(|row| ((text(row, "EntityName"), text(row, "AlternateValue")), text(row, "CustomerId")))
        .collect()
}

fn of(ids: &BTreeMap<(String, String), String>, entity: &str, key: &str) -> String {
    ids[&(entity.to_owned(), key.to_owned())].clone()
}

async fn former(project: &Project, id: &str) -> Value {
    let sql = format!("SELECT PreviousCustomerId AS former FROM Customer WHERE CustomerId = '{id}'");
    project.query(&sql).await[0]["former"].clone()
}

#[tokio::test]
async fn ids_stay_whatever_is_edited_in_rows_and_rules() {
    let project = bare();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let before = ids(&project).await;
    assert_eq!(of(&before, "Shop_Contacts", "0"), of(&before, "Loyalty_Members", "M0"));

    // Another order of the rows, other e-mails, new rows and a row that is gone.
    let contacts = project.read("data/contacts.csv");
    let (head, rows) = contacts.split_once('\n').unwrap();
    let mut rows: Vec<String> =
        rows.lines().filter(|row| !row.starts_with("7,")).map(str::to_owned).collect();
    rows.reverse();
    rows.insert(3, "100,New Customer,new@example.com,Spain,2".to_owned());
    let moved = format!("{head}\n{}\n", rows.join("\n")).replace("c0@example.com", "renamed@example.com");
    project.write("data/contacts.csv", moved);
    project.replace("data/members.csv", "C0@Example.com", "renamed@example.com");
    project.json(&["refresh"]).await;
    let mut expected = before.clone();
    let gone = expected.remove(&("Shop_Contacts".to_owned(), "7".to_owned())).unwrap();
    let mut after = ids(&project).await;
    after.remove(&("Shop_Contacts".to_owned(), "100".to_owned())).unwrap();
    assert_eq!(after, expected);
    let lineage = project.json(&["unify", "lineage", &gone]).await;
    assert_eq!((&lineage["live"], &lineage["leadsTo"]), (&json!(false), &json!([])), "{lineage:#}");

    // Another rule, and the row is back.
    project.replace("weir.yaml", "name: email", "name: mail");
    project.write("data/contacts.csv", contacts.replace("c0@example.com", "renamed@example.com"));
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    assert_eq!(ids(&project).await, before);
    let lineage = project.json(&["unify", "lineage", &gone]).await;
    let events: Vec<&str> =
        lineage["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["created", "retired", "returned"], "{lineage:#}");
    assert_eq!(lineage["leadsTo"], json!([gone]));
}

#[tokio::test]
async fn rows_that_are_taken_apart_stay_apart_until_the_pins_are_taken_back() {
    let project = bare();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let before = ids(&project).await;
    let old = of(&before, "Shop_Contacts", "0");

    let done =
        project.json(&["unify", "unmerge", &old, "Loyalty_Members:M0", "--why", "father and son"]).await;
    let new = done["newCustomerId"].as_str().unwrap().to_owned();
    assert_eq!((&done["taken"], &done["kept"]), (&json!(1), &json!(1)), "{done:#}");
    assert_eq!(ids(&project).await, before, "nothing changes before the refresh");
    let pins = project.json(&["unify", "pins"]).await;
    assert_eq!(only(&pins, "customerId", &new)["reason"], "father and son");

    let mut apart = before.clone();
    apart.insert(("Loyalty_Members".to_owned(), "M0".to_owned()), new.clone());
    for _ in 0..2 {
        project.json(&["refresh"]).await;
        assert_eq!(ids(&project).await, apart);
    }
    let lineage = project.json(&["unify", "lineage", &old]).await;
    assert_eq!(lineage["leadsTo"], json!([old, new]), "{lineage:#}");
    let shown = project.weir(&["unify", "lineage", &new]).await.ends_with(0).out;
    assert!(shown.contains("split from") && shown.contains("pinned by hand"), "{shown}");

    project.json(&["unify", "unpin", "Loyalty_Members", "M0"]).await;
    project.json(&["unify", "unpin", "Shop_Contacts", "0"]).await;
    project.json(&["refresh"]).await;
    assert_eq!(ids(&project).await, before);
    assert_eq!(former(&project, &old).await, json!(new));
    let lineage = project.json(&["unify", "lineage", &new]).await;
    assert_eq!((&lineage["live"], &lineage["leadsTo"]), (&json!(false), &json!([old])), "{lineage:#}");
}

#[tokio::test]
async fn a_pin_beside_a_server_joins_what_no_rule_does() {
    let project = bare();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let before = ids(&project).await;
    let (one, other) = (of(&before, "Shop_Contacts", "1"), of(&before, "Shop_Contacts", "2"));
    let _server = Served::start(&project).await;
    project.json(&["unify", "pin", &one, "Shop_Contacts", "1", "2"]).await;
    project.json(&["refresh"]).await;
    until("the rows are one customer", async || of(&ids(&project).await, "Shop_Contacts", "2") == one).await;
    assert_eq!(former(&project, &one).await, json!(other));
    let lineage = project.json(&["unify", "lineage", &other]).await;
    assert_eq!(lineage["leadsTo"], json!([one]), "{lineage:#}");
}

#[tokio::test]
async fn what_cannot_be_decided_is_refused_and_changes_nothing() {
    let project = bare();
    project.json(&["apply"]).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let early = project.weir(&["unify", "lineage", nobody]).await.ends_with(4);
    assert!(early.err.contains("nothing is unified yet"), "{early:?}");
    project.json(&["refresh"]).await;
    let known = ids(&project).await;
    let id = of(&known, "Shop_Contacts", "0");
    let refused: [(&[&str], i32, &str); 9] = [
        (&["lineage", nobody], 4, "customerNotFound"),
        (&["lineage", "C0"], 2, "customerIdInvalid"),
        (&["pin", nobody, "Shop_Contacts", "0"], 4, "customerNotFound"),
        (&["pin", &id, "Shop_Contacts", "4711"], 4, "rowNotFound"),
        (&["pin", &id, "Shop_Contakts", "0"], 4, "rowNotFound"),
        (&["unmerge", &id, "Shop_Contacts:1"], 2, "unmergeRowNotOfCustomer"),
        (&["unmerge", &id, "Shop_Contacts:0", "Loyalty_Members:M0"], 2, "unmergeNothingStays"),
        (&["unmerge", nobody, "Shop_Contacts:0"], 4, "customerNotFound"),
        (&["unpin", "Shop_Contacts", "0"], 4, "pinNotFound"),
    ];
    for (args, code, error) in refused {
        let answer = project.weir(&[&["unify"], args, &["--json"]].concat()).await.ends_with(code);
        assert!(answer.err.contains(error), "{answer:?}");
    }
    project.weir(&["unify", "unmerge", &id, "Shop_Contacts"]).await.ends_with(2);
    assert_eq!(project.json(&["unify", "pins"]).await, json!([]));
}
