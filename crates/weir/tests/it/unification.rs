//! Asking about the unification: on the command line and through the API, with the same answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::access::token;
use crate::support::served::Served;
use crate::support::shop::{bare, fill};

#[tokio::test]
async fn the_report_is_the_same_on_the_command_line_and_through_the_api() {
    let project = bare();
    project.json(&["apply"]).await;
    let early = project.weir(&["unify", "report", "--json"]).await.ends_with(4);
    assert!(early.err.contains("neverUnified"), "{early:?}");
    project.json(&["refresh"]).await;
    let report = project.json(&["unify", "report"]).await;
    let profiles = project.number("SELECT count(*) AS n FROM Customer").await;
    assert_eq!(report["profiles"], json!(profiles as u64), "{report:#}");
    let shown = project.weir(&["unify", "report"]).await.ends_with(0).out;
    assert!(shown.contains("Loyalty_Members") && shown.contains("100.0 %"), "{shown}");
    let server = Served::start(&project).await;
    let token = token(&project, "Viewer").await;
    let (status, answer) = server.ask(&token, "/v1/instances/small-shop/unification/report").await;
    assert_eq!((status, answer), (200, report));
}

/// All rows behind a reference of the report, page by page.
async fn all(server: &Served, token: &str, reference: &Value) -> (u64, Vec<Value>) {
    let mut rows = Vec::new();
    let mut next = reference.clone();
    loop {
        let path = format!("/v1/instances/small-shop/unification/{}", next.as_str().unwrap());
        let (status, page) = server.ask(token, &path).await;
        assert_eq!(status, 200, "{path}: {page:#}");
        let found = page["rows"].as_array().unwrap();
        assert!(found.len() <= 100, "{path}");
        rows.extend(found.iter().cloned());
        next = page["next"].clone();
        if next.is_null() {
            return (page["total"].as_u64().unwrap(), rows);
        }
    }
}

#[tokio::test]
async fn every_number_of_the_report_leads_to_as_many_rows() {
    let project = bare();
    // 1,000 contacts and 250 members; then some rows that are odd.
    fill(&project, 1000, 10, 1);
    let members = project.read("data/members.csv");
    project.write("data/members.csv", format!("{members}MX,nobody@example.com,1,1\nMY,c8@example.com,1,1\n"));
    let orders = [
        "order: [Shop_Contacts, Loyalty_Members]",
        "order: [Shop_Contacts, {entity: Loyalty_Members, includeAll: false}]",
    ];
    project.replace("weir.yaml", orders[0], orders[1]);
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let server = Served::start(&project).await;
    let token = token(&project, "Contributor").await;
    let (_, report) = server.ask(&token, "/v1/instances/small-shop/unification/report").await;
    let mut seen = 0;
    for part in ["entities", "rules"] {
        for counts in report[part].as_array().unwrap() {
            for (number, reference) in counts["rows"].as_object().unwrap() {
                let (total, rows) = all(&server, &token, reference).await;
                assert_eq!(
                    (total, rows.len()),
                    (counts[number].as_u64().unwrap(), total as usize),
                    "{reference}"
                );
                let distinct: BTreeSet<String> = rows.iter().map(Value::to_string).collect();
                assert_eq!(distinct.len(), rows.len(), "a row twice behind {reference}");
                seen += usize::from(total > 0);
            }
        }
    }
    assert!(seen >= 5, "few numbers are not 0: {report:#}");
    let rule = &report["rules"][0];
    assert_eq!((&rule["matched"], &report["entities"][1]["unmatchedDropped"]), (&json!(251), &json!(1)));

    let shown = project.weir(&["unify", "rows", "--rule", "email", "--limit", "2"]).await.ends_with(0).out;
    assert!(shown.contains("2 of 251 rows") && shown.contains("Shop_Contacts:0"), "{shown}");
    let left_out = ["unify", "rows", "--entity", "Loyalty_Members", "--which", "unmatchedDropped"];
    let shown = project.weir(&left_out).await.ends_with(0).out;
    assert!(shown.contains("nobody@example.com") && shown.contains("1 of 1 row"), "{shown}");
    project.weir(&["unify", "rows", "--rule", "nonsense", "--json"]).await.ends_with(4);
    project.weir(&["unify", "rows"]).await.ends_with(2);
}

#[tokio::test]
async fn wrong_questions_say_what_is_wrong() {
    let project = bare();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let server = Served::start(&project).await;
    let token = token(&project, "Contributor").await;
    let long = "a".repeat(8000);
    for (question, status, code) in [
        ("pairs", 400, "badParameter"),
        ("pairs?rule=nonsense", 404, "unificationRuleNotFound"),
        ("pairs?rule=email&entity=Shop_Contacts", 404, "unificationRuleNotFound"),
        ("pairs?rule=%00%ff%fe", 404, "unificationRuleNotFound"),
        (&format!("pairs?rule={long}"), 404, "unificationRuleNotFound"),
        ("pairs?rule=email&skip=-1", 400, "badParameter"),
        ("pairs?rule=email&skip=18446744073709551615", 200, ""),
        ("pairs?rule=email&snapshot=999999", 404, "unknownSnapshot"),
        ("pairs?rule=email&rule=email", 400, "badParameter"),
        ("pairs?rule=email'%20OR%201=1--", 404, "unificationRuleNotFound"),
        ("rows?entity=Shop_Contacts", 400, "badParameter"),
        ("rows?entity=Shop_Contacts&which=all", 400, "badParameter"),
        ("rows?entity=Customer&which=matched", 404, "entityNotUnified"),
    ] {
        let path = format!("/v1/instances/small-shop/unification/{question}");
        let (got, answer) = server.ask(&token, &path).await;
        assert_eq!(
            (got, answer["title"].as_str().unwrap_or_default()),
            (status, code),
            "{question:.80}: {answer}"
        );
    }
}
