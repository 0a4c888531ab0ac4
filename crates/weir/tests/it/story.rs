//! The main job from a changed file to a card and a mail, and what happens when a file is broken.

use serde_json::Value;
use weir::demo::inbox::Inbox;

use crate::support::shop::{CUSTOMERS, bare, fill, shop};
use crate::support::{PATIENCE, Project, only, with};

/// The tasks that did something else than confirm that nothing changed.
fn changed(refreshed: &Value) -> Vec<&str> {
    let tasks = refreshed["tasks"].as_array().unwrap().iter();
    tasks.filter(|task| task["reason"] != "unchanged").map(|task| task["id"].as_str().unwrap()).collect()
}

fn crossings(events: &Value) -> Vec<&Value> {
    with(events, "type", "weir.segment.thresholdCrossed")
}

async fn refreshed(project: &Project) -> Value {
    project.json(&["refresh"]).await
}

#[tokio::test]
async fn more_rows_cross_the_threshold_once_and_make_one_card_and_one_mail() {
    let inbox = Inbox::start().await.unwrap();
    let project = shop(&inbox);
    project.json(&["apply"]).await;

    let first = refreshed(&project).await;
    assert_eq!(first["job"]["status"], "successful", "{first:#}");
    assert!(crossings(&first["events"]).is_empty(), "the first value sets the level: {first:#}");
    assert_eq!(project.number("SELECT count(*) AS n FROM Customer").await, CUSTOMERS as f64);
    assert_eq!(project.number("SELECT count(*) AS n FROM GoodCustomers").await, 10.0);
    assert_eq!(project.number("SELECT \"Revenue\" FROM \"Revenue\"").await, 10.0 * 200.0 + 30.0 * 50.0);

    fill(&project, CUSTOMERS + 25, 35, 2);
    let second = refreshed(&project).await;
    let crossed = crossings(&second["events"]);
    assert_eq!(crossed.len(), 1, "{second:#}");
    let data = &crossed[0]["data"];
    assert_eq!((&data["previousValue"], &data["value"]), (&10.0.into(), &35.0.into()), "{data:#}");
    assert!(inbox.wait_until(PATIENCE, |got| !got.cards.is_empty() && !got.messages.is_empty()).await);

    // The same data again: no task computes, nothing fires.
    let third = refreshed(&project).await;
    assert_eq!(changed(&third), Vec::<&str>::new(), "{third:#}");
    assert!(crossings(&third["events"]).is_empty(), "{third:#}");
    let (cards, mails) = (inbox.cards(), inbox.messages());
    assert_eq!((cards.len(), mails.len()), (1, 1), "{cards:#?}\n{mails:#?}");

    let sentence = data["sentence"].as_str().unwrap();
    assert!(cards[0].lines().iter().any(|line| line == sentence), "{:?}", cards[0].lines());
    let mail = &mails[0];
    assert_eq!(
        (mail.subject.as_str(), mail.to.as_slice()),
        ("enough-good-customers", &["owners@shop.example".to_owned()][..])
    );
    assert!(mail.message_id.as_deref().is_some_and(|id| id.starts_with('<') && id.contains('@')), "{mail:?}");
    assert!(mail.text.as_deref().is_some_and(|text| text.contains(sentence)), "{mail:?}");
    assert!(
        mail.html.as_deref().is_some_and(|html| html.contains(&format!("<p>{sentence}</p>"))),
        "{mail:?}"
    );

    let runs = project.json(&["flow", "runs"]).await;
    assert_eq!(runs.as_array().unwrap().len(), 2, "one run of each flow that listens: {runs:#}");
    assert_eq!(only(&runs, "flow", "crossed-to-card")["status"], "Succeeded");
    assert_eq!(only(&runs, "flow", "crossed-to-mail")["status"], "Succeeded");
}

/// The shop's orders with three mistakes: a quote that is opened in the middle of the file and never closed, a
/// text in a number column, and a last line that was cut off.
fn break_orders(project: &Project) {
    let orders = project.read("data/orders.csv");
    let mut lines: Vec<String> = orders.lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 81);
    lines[10] = "9,4,many,1".to_owned();
    lines[40] = "39,\"19,25.00,1".to_owned();
    let last = lines.last_mut().unwrap();
    last.truncate(5);
    project.write("data/orders.csv", lines.join("\n"));
}

#[tokio::test]
async fn a_broken_file_fails_its_source_and_the_last_good_data_stays() {
    let inbox = Inbox::start().await.unwrap();
    let project = shop(&inbox);
    project.replace("weir.yaml", "maxShare: 0.05", "maxRows: 2");
    project.json(&["apply"]).await;
    let good = refreshed(&project).await;
    let customers = project.query("SELECT * FROM Customer ORDER BY CustomerId").await;
    let whole = project.read("data/orders.csv");

    break_orders(&project);
    let broken = project.weir(&["refresh", "--json"]).await.ends_with(1).json();
    assert_eq!(broken["job"]["status"], "failed", "{broken:#}");
    let tasks = &broken["tasks"];
    assert_eq!(only(tasks, "id", "ingestion:Shop")["status"], "completedWithErrors", "{tasks:#}");
    assert_eq!(only(tasks, "id", "ingestion:Loyalty")["status"], "successful", "{tasks:#}");
    for skipped in ["unification:Customer", "entityMeasures:Revenue"] {
        let task = only(tasks, "id", skipped);
        assert_eq!(task["status"], "skipped", "{task:#}");
        assert_eq!(task["message"], "ingestion:Shop is completed with errors", "{task:#}");
    }
    assert_eq!(only(tasks, "id", "segmentation:GoodCustomers")["status"], "skipped");

    quarantine_says_where_and_why(&project).await;
    // What was there before answers as before.
    assert_eq!(project.number("SELECT count(*) AS n FROM Shop_Orders").await, 80.0);
    assert_eq!(project.query("SELECT * FROM Customer ORDER BY CustomerId").await, customers);
    let at = good["job"]["snapshot"].to_string();
    let before = project.weir(&["query", "SELECT * FROM Shop_Orders_corrupt", "--at", &at]).await;
    assert_ne!(before.code, Some(0), "the last snapshot had no quarantine: {before:?}");

    assert!(inbox.wait_until(PATIENCE, |got| !got.cards.is_empty()).await);
    let lines = inbox.cards()[0].lines();
    assert!(lines.iter().any(|line| line.starts_with("Shop: ") && line.contains("quarantined")), "{lines:?}");
    let runs = project.json(&["flow", "runs"]).await;
    assert_eq!(only(&runs, "flow", "failed-to-card")["status"], "Succeeded", "{runs:#}");

    project.write("data/orders.csv", whole);
    let mended = refreshed(&project).await;
    assert_eq!(mended["job"]["status"], "successful", "{mended:#}");
    assert_eq!(project.query("SELECT * FROM Customer ORDER BY CustomerId").await, customers);
    let entities = project.json(&["query"]).await;
    assert!(with(&entities, "name", "Shop_Orders_corrupt").is_empty(), "nothing is in quarantine any more");
    assert_eq!(inbox.cards().len(), 1, "a success is no failure");
}

async fn quarantine_says_where_and_why(project: &Project) {
    let sql = "SELECT \"File\", \"Line\", \"Column\", \"Reason\" FROM Shop_Orders_corrupt ORDER BY \"Line\"";
    let rows = project.query(sql).await;
    assert!(rows.len() >= 3, "{rows:#?}");
    assert!(rows.iter().all(|row| row["File"] == "orders.csv"), "{rows:#?}");
    let at = |line: u64| {
        rows.iter().find(|row| row["Line"] == line).unwrap_or_else(|| panic!("{line}: {rows:#?}"))
    };
    let reason = |line: u64| at(line)["Reason"].as_str().unwrap().split(':').next().unwrap().to_owned();
    assert_eq!((reason(11).as_str(), &at(11)["Column"]), ("typeMismatch", &"TotalPrice".into()));
    assert_eq!(reason(41), "badQuote");
    assert_eq!(reason(81), "truncatedLine");
}

#[tokio::test]
async fn few_broken_rows_are_left_out_with_a_warning() {
    let project = bare();
    project.json(&["apply"]).await;
    project.replace("data/orders.csv", "\n9,4,100.00,1\n", "\n9,4,many,1\n");
    let refreshed = refreshed(&project).await;
    assert_eq!(refreshed["job"]["status"], "completedWithWarnings", "{refreshed:#}");
    assert_eq!(project.number("SELECT count(*) AS n FROM Shop_Orders").await, 79.0);
    assert_eq!(project.number("SELECT count(*) AS n FROM Shop_Orders_corrupt").await, 1.0);
    assert_eq!(project.number("SELECT count(*) AS n FROM Customer").await, CUSTOMERS as f64);
}

#[tokio::test]
async fn a_missing_file_is_a_failure_with_its_name_and_the_others_go_on() {
    let project = bare();
    project.json(&["apply"]).await;
    std::fs::remove_file(project.path("data/members.csv")).unwrap();
    let refreshed = project.weir(&["refresh", "--json"]).await.ends_with(1).json();
    let task = only(&refreshed["tasks"], "id", "ingestion:Loyalty");
    assert_eq!(task["status"], "failedPermanent", "{task:#}");
    assert!(task["message"].as_str().unwrap().contains("members.csv"), "{task:#}");
    assert_eq!(project.number("SELECT count(*) AS n FROM Shop_Orders").await, 80.0);
}

#[tokio::test]
async fn the_demo_tells_a_whole_story() {
    let project = Project::new();
    let folder = project.path("demo");
    let folder = folder.to_str().unwrap();
    let answer = project.weir(&["demo", "--headless", "--json", "--people", "400", "--folder", folder]).await;
    let summary = answer.ends_with(0).json();
    let statuses: Vec<_> = summary["refreshes"].as_array().unwrap().iter().map(|r| &r["status"]).collect();
    assert_eq!(statuses, ["completedWithWarnings", "completedWithWarnings"], "{summary:#}");
    assert_eq!(summary["crossings"].as_array().unwrap().len(), 1, "{summary:#}");
    let runs = summary["runs"].as_array().unwrap();
    assert!(runs.len() == 2 && runs.iter().all(|run| run["status"] == "Succeeded"), "{summary:#}");
    let sentence = &summary["crossings"][0];
    assert!(summary["card"].as_array().unwrap().contains(sentence), "{summary:#}");
    assert!(summary["mail"].is_string(), "{summary:#}");
    let precision = summary["quality"]["precision"].as_f64().unwrap();
    assert!((0.9..=1.0).contains(&precision), "{summary:#}");
    // The folder that it names can be looked into.
    let at = summary["refreshes"][0]["snapshot"].to_string();
    let sql = "SELECT count(*) AS n FROM Customer";
    let rows = project.weir(&["--project", folder, "query", sql, "--at", &at, "--json"]).await;
    assert_eq!(rows.ends_with(0).json()["n"], summary["quality"]["profiles"]);
}
