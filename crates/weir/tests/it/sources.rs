//! Data sources that are no plain files, through the program.

use serde_json::{Value, json};
use sqlx::Connection;

use crate::support::Project;

const WEIR: &str = r#"
instance: shop
dataSources:
  - name: Shop
    kind: sqlite
    path: shop.db
    entities:
      - {name: people, table: people, primaryKey: id, changes: {column: changed}}
      - {name: towns, query: "SELECT DISTINCT town FROM people", primaryKey: town}
measures:
  - {name: Spent, type: business, calculate: sum(Shop_people.spent)}
"#;

async fn sql(project: &Project, statement: &'static str) {
    let url = format!("sqlite://{}?mode=rwc", project.path("shop.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

fn reasons(refresh: &Value) -> Vec<String> {
    let tasks = refresh["tasks"].as_array().unwrap().iter();
    tasks
        .map(|task| format!("{} {}", task["id"].as_str().unwrap(), task["reason"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn a_database_is_refreshed_by_what_changed_and_stops_when_a_needed_column_is_gone() {
    let project = Project::new();
    project.write("weir.yaml", WEIR);
    sql(
        &project,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, town TEXT, spent DECIMAL(10,2), note TEXT, changed TEXT); \
         INSERT INTO people VALUES (1, 'Rome', 10.5, 'a', '2026-01-01'), (2, 'Bern', 4.25, 'b', '2026-01-02')",
    )
    .await;
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    assert_eq!(project.number("SELECT sum(spent) FROM Shop_people").await, 14.75);
    let profile = project.json(&["profile", "Shop_people"]).await;
    let town = profile["columns"].as_array().unwrap().iter().find(|it| it["name"] == "town").unwrap();
    assert_eq!((&town["rows"], &town["distinct"], &town["min"]), (&json!(2), &json!(2), &json!("Bern")));
    let again = project.json(&["refresh"]).await;
    let measure = |refresh: &Value| reasons(refresh).into_iter().find(|it| it.contains("Spent")).unwrap();
    assert!(measure(&again).ends_with("unchanged"), "equal rows are no change: {:?}", reasons(&again));

    sql(
        &project,
        "UPDATE people SET spent = 5.25, changed = '2026-01-03' WHERE id = 2; \
         INSERT INTO people VALUES (3, 'Bern', 1, 'c', '2026-01-03'); ALTER TABLE people DROP COLUMN note",
    )
    .await;
    let changed = project.json(&["refresh"]).await;
    assert!(measure(&changed).ends_with("modifiedInputs"), "{:?}", reasons(&changed));
    assert_eq!(project.number("SELECT sum(spent) FROM Shop_people").await, 16.75);
    assert_eq!(project.number("SELECT count(*) FROM Shop_towns").await, 2.0);

    sql(&project, "ALTER TABLE people RENAME COLUMN spent TO paid").await;
    let stopped = project.weir(&["refresh"]).await;
    let text = format!("{}{}", stopped.out, stopped.err);
    assert!(text.contains("spent") && text.contains("measure Spent"), "{text}");
    assert_eq!(project.number("SELECT sum(spent) FROM Shop_people").await, 16.75, "the last good rows stay");
}
