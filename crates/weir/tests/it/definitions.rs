//! Definitions from files to the state and back: mistakes, plan, apply, export.

use std::path::Path;

use serde_json::Value;

use crate::support::shop::bare;
use crate::support::{Project, only};

/// What is applied, as an export writes it; and the state's own rows.
async fn applied(project: &Project, folder: &str) -> String {
    project.json(&["export", folder, "--force"]).await;
    project.read(&format!("{folder}/weir.yaml"))
}

#[tokio::test]
async fn all_mistakes_are_told_at_once_with_their_places_and_nothing_is_applied() {
    let project = bare();
    project.json(&["apply"]).await;
    let before = applied(&project, "before").await;
    project.replace("weir.yaml", "[Shop_Contacts, Loyalty_Members]", "[Shop_Contact, Loyalty_Members]");
    project.replace("weir.yaml", "type: customerAttribute", "type: customerAtribute");
    project.replace("weir.yaml", "segment: GoodCustomers", "segment: GodCustomers");
    project.replace("weir.yaml", "level: 20", "level: 30");
    project.write(
        "flows/broken.json",
        r#"{"definition": {"triggers": {}, "actions": {"A": {"type": "Composed"}}}}"#,
    );

    for command in ["check", "plan", "apply"] {
        let wrong = project.weir(&[command, "--json"]).await.ends_with(2).json();
        let problems = &wrong["problems"];
        for (text, suggestion) in [
            ("Shop_Contact", "Shop_Contacts"),
            ("customerAtribute", "customerAttribute"),
            ("GodCustomers", "GoodCustomers"),
        ] {
            let problem = only(problems, "text", text);
            assert!(problem["suggestion"].as_str().unwrap().contains(suggestion), "{problem:#}");
            assert_eq!(problem["file"], "weir.yaml");
            assert_eq!(text_at(&project, problem), text, "{problem:#}");
        }
        let in_flow = problems.as_array().unwrap().iter().find(|p| p["file"] == "flows/broken.json");
        assert!(in_flow.is_some(), "{problems:#}");
    }
    assert_eq!(applied(&project, "after").await, before, "nothing was applied in part");
    let people = project.weir(&["check"]).await.ends_with(2);
    assert!(
        people.out.contains("did you mean `GoodCustomers`?") && people.out.contains("--> weir.yaml:"),
        "{}",
        people.out
    );
}

/// The text at the place that a problem names: line and column count from 1.
fn text_at(project: &Project, problem: &Value) -> String {
    let number = |key: &str| usize::try_from(problem[key].as_u64().unwrap()).unwrap() - 1;
    let text = project.read(problem["file"].as_str().unwrap());
    let line: Vec<char> = text.lines().nth(number("line")).unwrap().chars().collect();
    let length = problem["text"].as_str().unwrap().chars().count();
    line.iter().skip(number("column")).take(length).collect()
}

#[tokio::test]
async fn a_yaml_that_cannot_be_read_and_a_folder_without_one_are_told_plainly() {
    let project = bare();
    project.write("weir.yaml", "instance: x\nmeasures: [\n");
    let wrong = project.weir(&["check", "--json"]).await.ends_with(2).json();
    let problem = &wrong["problems"][0];
    assert!(problem["line"].as_u64().is_some_and(|line| line >= 2), "{problem:#}");
    let nothing = Project::new().weir(&["check", "--json"]).await.ends_with(2);
    assert!(nothing.out.contains("weir.yaml"), "{nothing:?}");
}

#[tokio::test]
async fn the_plan_says_what_apply_then_does() {
    let project = bare();
    let all_new = project.json(&["plan"]).await;
    let actions = |plan: &Value| -> Vec<String> {
        plan["changes"].as_array().unwrap().iter().map(|c| c["action"].as_str().unwrap().to_owned()).collect()
    };
    assert!(!all_new["changes"].as_array().unwrap().is_empty());
    assert!(actions(&all_new).iter().all(|action| action == "create"), "{all_new:#}");
    assert_eq!(project.json(&["apply"]).await["changes"], all_new["changes"]);
    assert_eq!(project.json(&["plan"]).await["changes"].as_array().unwrap().len(), 0);

    project.replace("weir.yaml", "Spend > 100", "Spend > 150");
    let one = project.json(&["plan"]).await;
    assert_eq!(actions(&one), ["update"], "{one:#}");
    assert_eq!(one["changes"][0]["name"], "GoodCustomers");
    assert_eq!(project.json(&["apply"]).await["changes"], one["changes"]);

    let text = project.read("weir.yaml");
    let without: String =
        text.lines().filter(|line| !line.contains("name: Revenue,")).map(|l| format!("{l}\n")).collect();
    project.write("weir.yaml", without);
    let refused = project.weir(&["apply", "--json"]).await.ends_with(2);
    assert!(refused.err.contains("notConfirmed"), "{refused:?}");
    assert_eq!(actions(&project.json(&["plan"]).await), ["delete"], "it was not applied");
    project.json(&["apply", "--yes"]).await;
    assert!(actions(&project.json(&["plan"]).await).is_empty());
}

#[tokio::test]
async fn what_is_exported_can_be_applied_and_changes_nothing() {
    let project = bare();
    project.write(
        "flows/by-hand.json",
        crate::support::shop::manual_flow(&serde_json::json!({
            "Say": {"type": "Compose", "runAfter": {}, "inputs": "@triggerBody()"}
        })),
    );
    project.json(&["apply"]).await;
    project.json(&["export", "copy"]).await;
    assert_eq!(project.read("copy/flows/by-hand.json"), project.read("flows/by-hand.json"), "byte for byte");
    let data = project.path(".weir");
    let plan = project.weir(&["--project", "copy", "--data", data.to_str().unwrap(), "plan", "--json"]).await;
    let plan = plan.ends_with(0).json();
    let changes = plan["changes"].as_array().unwrap();
    // Where the data is, is said from the place of the definitions: that alone may differ.
    assert!(changes.iter().all(|change| change["kind"] == "dataSource"), "{plan:#}");
    let again = project.weir(&["export", "copy", "--json"]).await;
    assert_ne!(again.code, Some(0), "files are not overwritten without --force");
    assert!(Path::new(&project.path("copy/weir.yaml")).exists());
}
