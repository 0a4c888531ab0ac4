//! Rules suggested from the demo's data: what they promise is what they do, and the truth agrees.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use weir::demo::{data, instance};

use crate::access::token;
use crate::support::Project;
use crate::support::served::Served;

/// The demo's data sources and nothing else.
fn sources() -> (Project, BTreeMap<String, String>) {
    let project = Project::new();
    data::generate(&project.path("data"), data::SEED, 1_000).unwrap();
    instance::write(&project.path("."), 2525, 10).unwrap();
    let text = project.read("weir.yaml");
    let (sources, _) = text.split_once("\nrelationships:").unwrap();
    project.write("weir.yaml", sources);
    std::fs::remove_dir_all(project.path("flows")).unwrap();
    let truth = project.read("data/truth.csv");
    let rows = truth.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let persons = rows.map(|row| (format!("{}:{}", row[0], row[1]), row[2].to_owned())).collect();
    (project, persons)
}

/// How many of the pairs of rows that are one customer are one person.
async fn precision(project: &Project, persons: &BTreeMap<String, String>) -> f64 {
    let mut customers: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for row in project.query("SELECT * FROM \"AlternateKey\"").await {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let person = &persons[&format!("{}:{}", text("EntityName"), text("AlternateValue"))];
        customers.entry(text("CustomerId")).or_default().push(person);
    }
    let (mut right, mut all) = (0, 0);
    for rows in customers.values() {
        for (at, one) in rows.iter().enumerate() {
            all += rows.len() - at - 1;
            right += rows.iter().skip(at + 1).filter(|other| one == *other).count();
        }
    }
    assert!(all > 300, "{all}");
    f64::from(right as u32) / f64::from(all as u32)
}

#[tokio::test]
async fn suggested_rules_pasted_into_the_definitions_do_what_they_promise() {
    let (project, persons) = sources();
    project.json(&["apply"]).await;
    let early = project.weir(&["unify", "suggest", "--json"]).await.ends_with(4);
    assert!(early.err.contains("nothingIngested"), "{early:?}");
    project.json(&["refresh"]).await;
    let suggested = project.json(&["unify", "suggest"]).await;
    let rules = suggested["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["stage"] == "match"), "{suggested:#}");
    let shown = project.weir(&["unify", "suggest"]).await.ends_with(0).out;
    for rule in rules {
        assert!(shown.contains(rule["name"].as_str().unwrap()), "{shown}");
        assert!(rule["precision"].as_f64().unwrap() >= 0.97, "{rule:#}");
    }
    assert!(shown.contains("would merge") && shown.contains("would not"), "{shown}");

    let file = project.path("rules.yaml");
    let write = ["unify", "suggest", "--write", file.to_str().unwrap()];
    project.weir(&write).await.ends_with(0);
    project.weir(&write).await.ends_with(1);
    let yaml = project.weir(&["unify", "suggest", "--yaml"]).await.ends_with(0).out;
    assert_eq!(project.read("rules.yaml").trim_end(), yaml.trim_end());
    let text = project.read("weir.yaml");
    project.write("weir.yaml", format!("{text}\n{yaml}"));
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let report = project.json(&["unify", "report"]).await;
    for rule in rules {
        let part = if rule["stage"] == "match" { "rules" } else { "deduplication" };
        let counts = report[part].as_array().unwrap().iter();
        let mut own = counts.filter(|it| it["rule"] == rule["name"] && it["on"] == rule["on"]);
        assert_eq!(own.next().unwrap()["matched"], rule["matched"], "{rule:#}");
    }
    let precision = precision(&project, &persons).await;
    assert!(precision >= 0.94, "{precision}");
}

#[tokio::test]
async fn the_api_suggests_what_the_command_line_does_to_contributors() {
    let (project, _) = sources();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let entity = ["unify", "suggest", "--entity", "loyalty_members", "--precision", "0.9"];
    let suggested = project.json(&entity).await;
    project.weir(&["unify", "suggest", "--entity", "nonsense", "--json"]).await.ends_with(4);
    let server = Served::start(&project).await;
    let name = project.read("weir.yaml");
    let name = name.lines().find_map(|line| line.strip_prefix("instance: ")).unwrap();
    let path = |query: &str| format!("/v1/instances/{name}/unification/suggestions?{query}");
    let contributor = token(&project, "Contributor").await;
    let (status, answer) = server.ask(&contributor, &path("entity=loyalty_members&precision=0.9")).await;
    assert_eq!((status, &answer), (200, &suggested));
    let rules = answer["rules"].as_array().unwrap();
    assert!(!rules.is_empty() && rules.iter().all(|rule| rule["on"] == json!("loyalty_members")));
    let (status, problem): (u16, Value) = server.ask(&contributor, &path("precision=2")).await;
    assert_eq!((status, &problem["title"]), (400, &json!("badParameter")));
    let viewer = token(&project, "Viewer").await;
    assert_eq!(server.ask(&viewer, &path("")).await.0, 403);
}
