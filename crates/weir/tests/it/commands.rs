//! Every command says what it is for, answers programs in JSON, and names what is missing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::shop::{bare, manual_flow};
use crate::support::{Project, only};

/// The commands that a help text lists.
fn listed(help: &str) -> BTreeSet<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let named = lines
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .filter(|name| name != "help")
        .collect()
}

#[tokio::test]
async fn every_command_has_help() {
    let project = Project::new();
    let mut waiting: Vec<Vec<String>> = vec![Vec::new()];
    let mut seen = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        let help = project.weir(&[path.clone(), vec!["--help".to_owned()]].concat()).await.ends_with(0).out;
        assert!(help.contains("Usage: weir") && help.lines().next().unwrap().len() > 8, "{path:?}: {help}");
        waiting.extend(listed(&help).into_iter().map(|name| [path.clone(), vec![name]].concat()));
        seen.insert(path.join(" "));
    }
    for named in
        "init check plan apply refresh status jobs query thresholds events flow serve demo doctor".split(' ')
    {
        assert!(seen.contains(named), "{named} is not in {seen:?}");
    }
    for named in
        ["flow list", "flow run", "flow runs", "flow show", "flow eval", "flow check", "thresholds preview"]
    {
        assert!(seen.contains(named), "{named} is not in {seen:?}");
    }
}

#[tokio::test]
async fn a_new_project_goes_from_init_to_numbers() {
    let project = Project::new();
    project.json(&["init"]).await;
    let again = project.weir(&["init", "--json"]).await.ends_with(2);
    assert!(again.err.contains("fileExists"), "nothing is overwritten: {again:?}");
    for command in ["check", "plan", "apply", "refresh", "status", "jobs", "events", "thresholds", "doctor"] {
        assert!(!project.json(&[command]).await.is_null());
    }
    for command in
        [["flow", "list"], ["flow", "runs"], ["jobs", "show"], ["thresholds", "preview"], ["secret", "list"]]
    {
        assert!(!project.json(&command).await.is_null());
    }
    assert!(project.json(&["schema"]).await["$schema"].is_string());
    assert_eq!(project.number("SELECT count(*) AS n FROM Customer").await, 3.0);
    for shell in ["bash", "zsh", "fish"] {
        assert!(project.weir(&["completions", shell]).await.ends_with(0).out.contains("weir"));
    }
}

#[tokio::test]
async fn what_does_not_exist_ends_with_4_and_what_is_meant_is_guessed() {
    let project = bare();
    let nothing = project.weir(&["status", "--json"]).await;
    assert!(nothing.code.is_some_and(|code| code != 0) && nothing.err.contains("weir apply"), "{nothing:?}");
    project.json(&["apply"]).await;
    let source = project.weir(&["refresh", "--source", "Shp", "--json"]).await.ends_with(4);
    assert!(source.err.contains("did you mean \\\"Shop\\\"?"), "{source:?}");
    let error: Value = serde_json::from_str(&source.err).unwrap();
    assert_eq!(error["error"]["code"], "dataSourceNotFound");
    let jobs = project.json(&["jobs"]).await;
    assert_eq!(jobs, json!([]), "what cannot run is no job");
    project.weir(&["jobs", "show", "job_00000000000000000000000000000000"]).await.ends_with(4);
    project.weir(&["jobs", "show", "nonsense"]).await.ends_with(4);
    project.weir(&["flow", "show", "last"]).await.ends_with(4);
    project.weir(&["flow", "run", "nonsense"]).await.ends_with(4);
    project.weir(&["thresholds", "preview", "nonsense"]).await.ends_with(4);
    project.weir(&["nonsense"]).await.ends_with(2);
    let table = project.weir(&["query", "SELECT * FROM Custommer"]).await;
    assert!(table.code.is_some_and(|code| code != 0) && table.err.contains("Custommer"), "{table:?}");
}

#[tokio::test]
async fn one_source_alone_is_refreshed_and_what_depends_on_it_is_left() {
    let project = bare();
    project.json(&["apply"]).await;
    let refreshed = project.json(&["refresh", "--source", "Loyalty"]).await;
    let ids: Vec<_> = refreshed["tasks"].as_array().unwrap().iter().map(|task| &task["id"]).collect();
    assert_eq!(ids, ["ingestion:Loyalty"]);
    assert_eq!(project.number("SELECT count(*) AS n FROM Loyalty_Members").await, 10.0);
}

#[tokio::test]
async fn rows_come_as_table_csv_json_lines_and_parquet() {
    let project = bare();
    project.json(&["apply"]).await;
    let first = project.json(&["refresh"]).await;
    let sql =
        "SELECT \"ContactId\", \"Country\" FROM Shop_Contacts WHERE \"ContactId\" IN ('1', '2') ORDER BY 1";
    let table = project.weir(&["query", sql]).await.ends_with(0).out;
    assert!(table.contains("Spain") && table.contains("Country"), "{table}");
    let csv = project.weir(&["query", sql, "--output", "csv"]).await.ends_with(0).out;
    assert_eq!(csv.replace('\r', ""), "ContactId,Country\n1,Spain\n2,Romania\n");
    let lines = project.weir(&["query", sql, "--output", "jsonl"]).await.ends_with(0).out;
    assert_eq!(
        lines,
        "{\"ContactId\":\"1\",\"Country\":\"Spain\"}\n{\"ContactId\":\"2\",\"Country\":\"Romania\"}\n"
    );
    project.weir(&["query", sql, "--output", "parquet", "--file", "rows.parquet"]).await.ends_with(0);
    let bytes = std::fs::read(project.path("rows.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    // An older snapshot answers as it did.
    project.write("data/members.csv", "MemberId,Email,Points,Edition\nM1,c1@example.com,5,2\n");
    project.json(&["refresh"]).await;
    let at = first["job"]["snapshot"].to_string();
    let old =
        project.weir(&["query", "SELECT count(*) AS n FROM Loyalty_Members", "--at", &at, "--json"]).await;
    assert_eq!(old.ends_with(0).json()["n"], 10);
    assert_eq!(project.number("SELECT count(*) AS n FROM Loyalty_Members").await, 1.0);
}

#[tokio::test]
async fn expressions_are_evaluated_a_line_each() {
    let project = Project::new();
    let lines = [
        json!({"expression": "@add(variables('x'), 2)", "context": {"variables": {"x": 40}}}),
        json!({"expression": "Hello @{parameters('who')}!", "context": {"parameters": {"who": "Ana"}}}),
        json!({"expression": "@utcNow('yyyy-MM-dd')", "context": {"now": "2026-03-01T10:00:00Z"}}),
        json!({"expression": "@div(1, 0)"}),
        json!({"expression": "@add(1,"}),
    ];
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let answer =
        project.weir_with_input(&["flow", "eval"], &format!("{input}\nno JSON\n")).await.ends_with(0);
    let out: Vec<Value> = answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(out.len(), 6, "{out:#?}");
    assert_eq!(out[0], json!({"value": 42}));
    assert_eq!(out[1], json!({"value": "Hello Ana!"}));
    assert_eq!(out[2], json!({"value": "2026-03-01"}));
    for wrong in &out[3..] {
        assert!(wrong["error"]["code"].is_string() && wrong["error"]["message"].is_string(), "{wrong}");
    }
}

#[tokio::test]
async fn flow_files_are_checked_with_places() {
    let project = Project::new();
    let say = |expression: &str| {
        manual_flow(&json!({"Say": {"type": "Compose", "runAfter": {}, "inputs": expression}}))
    };
    project.write("good.json", say("@add(1, 2)"));
    project.write("bad.json", say("@adays(1, 2)"));
    project.write("worse.json", "{\"definition\":");
    let answer = project.weir(&["flow", "check", "good.json", "bad.json", "worse.json", "--json"]).await;
    let checked = answer.ends_with(2).json();
    assert_eq!(only(&checked, "file", "good.json")["valid"], true, "{checked:#}");
    for file in ["bad.json", "worse.json"] {
        let bad = only(&checked, "file", file);
        assert_eq!(bad["valid"], false);
        assert!(!bad["diagnostics"].as_array().unwrap().is_empty(), "{bad:#}");
    }
    assert!(
        only(&checked, "file", "bad.json").to_string().contains("did you mean addDays?"),
        "it guesses what is meant"
    );
    project.weir(&["flow", "check", "good.json", "--json"]).await.ends_with(0);
    let none = project.weir(&["flow", "check", "none.json", "--json"]).await;
    assert!(none.code.is_some_and(|code| code != 0) && none.err.contains("none.json"), "{none:?}");
}

#[tokio::test]
async fn a_flow_is_run_by_hand_and_shows_what_it_did() {
    let project = bare();
    let actions =
        json!({"Say": {"type": "Compose", "runAfter": {}, "inputs": "Hello @{triggerBody()?['who']}"}});
    project.write("flows/greet.json", manual_flow(&actions));
    let fail = json!({"Stop": {"type": "Terminate", "runAfter": {}, "inputs": {
        "runStatus": "Failed", "runError": {"code": "Enough", "message": "it is enough"}}}});
    project.write("flows/stop.json", manual_flow(&fail));
    project.json(&["apply"]).await;
    let run = project.json(&["flow", "run", "greet", "--body", r#"{"who": "Ana"}"#]).await;
    assert_eq!(
        (&run["status"], &run["actions"][0]["outputs"]),
        (&"Succeeded".into(), &"Hello Ana".into()),
        "{run:#}"
    );
    let failed = project.weir(&["flow", "run", "stop", "--json"]).await.ends_with(1).json();
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&"Failed".into(), &"Enough".into()),
        "{failed:#}"
    );
    let shown = project.json(&["flow", "show", run["id"].as_str().unwrap()]).await;
    assert_eq!(shown["actions"], run["actions"]);
}

#[tokio::test]
async fn a_secret_is_kept_and_never_shown() {
    let project = bare();
    project.json(&["apply"]).await;
    project.weir_with_input(&["secret", "set", "token"], "hush-hush-4711\n").await.ends_with(0);
    let listed = project.weir(&["secret", "list", "--json"]).await.ends_with(0);
    assert!(listed.out.contains("token") && !listed.out.contains("4711"), "{listed:?}");
    let state = std::fs::read(project.state()).unwrap();
    assert!(!state.windows(9).any(|nine| nine == b"hush-hush"), "the state holds it in the clear");
    project.weir(&["secret", "remove", "token"]).await.ends_with(0);
    assert!(!project.weir(&["secret", "list", "--json"]).await.ends_with(0).out.contains("token"));
}
