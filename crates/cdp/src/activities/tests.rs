//! Activities over a small made world: two shops, customers found through keys.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::SessionContext;

use super::*;
use crate::conditions::sample;
use crate::definitions::{Definitions, Project};

const DEFINITIONS: &str = r#"
instance: shop
dataSources:
  - name: Web
    kind: files
    path: .
    entities:
      - {name: People, file: people.csv, primaryKey: Id}
      - {name: Orders, file: orders.csv, primaryKey: [Id, Line]}
      - {name: Reviews, file: reviews.csv, primaryKey: Id}
relationships:
  - {from: Web_Orders.Person, to: Web_People.Id}
  - {from: Web_Reviews.Person, to: Web_People.Id}
unification:
  match: {order: [Web_People]}
activities:
  - name: Web order
    entity: Web_Orders
    type: SalesOrderLine
    timestamp: At
    event: Product
    fields: {Amount: Price}
  - {name: Review, entity: Web_Reviews, type: Feedback, timestamp: Day, detail: Text, fields: {Amount: Stars},
     showInTimeline: false}
"#;

const TABLES: [(&str, &str); 5] = [
    ("Customer", "CustomerId\nc1\nc2\n"),
    (
        "AlternateKey",
        "DataSourceName,EntityName,AlternateValue,CustomerId\nWeb,Web_People,1,c1\nWeb,Web_People,2,c2\n",
    ),
    ("Web_People", "Id:int\n1\n2\n"),
    (
        "Web_Orders",
        "Id:int,Line:int,Person:int,At:instant,Product,Price:decimal(8,2)\n\
         7,1,2,2026-01-02T10:00:00Z,Tea,3.50\n7,2,1,2026-01-02T09:00:00Z,Cup,12.00\n\
         8,1,1,2026-01-01T08:00:00Z,Tea,4.00\n9,1,5,2026-01-01T08:00:00Z,Nobody,1.00\n10,1,1,,No time,1.00\n",
    ),
    ("Web_Reviews", "Id,Person:int,Day:date,Text,Stars:int\nr,1,2026-01-01,Good,5\n"),
];

fn definitions(text: &str) -> Definitions {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("weir.yaml"), text).unwrap();
    Project::load(folder.path()).unwrap_or_else(|wrong| panic!("{wrong}")).into_definitions()
}

fn session() -> SessionContext {
    let session = SessionContext::new();
    TABLES.iter().for_each(|(entity, text)| sample::register(&session, entity, &sample::rows(text)));
    session
}

async fn all(definitions: &Definitions) -> Result<(Rows, RecordBatch), ActivityError> {
    let graph = crate::relationships::graph(definitions);
    let mut rows = unified(&session(), &graph, definitions).await?;
    let mut batches = Vec::new();
    while let Some(batch) = rows.next().await? {
        batches.push(batch);
    }
    let batch = concat_batches(rows.schema(), &batches).unwrap();
    Ok((rows, batch))
}

fn texts(batch: &RecordBatch, columns: &[&str]) -> Vec<String> {
    let options = FormatOptions::default();
    let cells = columns.iter().map(|name| batch.column_by_name(name).unwrap());
    let cells: Vec<_> = cells.map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
    let row = |row| cells.iter().map(|cell| cell.value(row).to_string()).collect::<Vec<_>>().join(" ");
    (0..batch.num_rows()).map(row).collect()
}

#[tokio::test]
async fn activities_of_all_entities_stand_by_customer_and_time_with_one_kind_per_field() {
    let (rows, batch) = all(&definitions(DEFINITIONS)).await.unwrap();
    let columns =
        ["CustomerId", "ActivityTime", "ActivityType", "SourceActivityId", "Amount", "ShowInTimeline"];
    assert_eq!(
        texts(&batch, &columns),
        [
            "c1 2026-01-01T00:00:00Z Feedback r 5.00 false",
            "c1 2026-01-01T08:00:00Z SalesOrderLine 8;1 4.00 true",
            "c1 2026-01-02T09:00:00Z SalesOrderLine 7;2 12.00 true",
            "c2 2026-01-02T10:00:00Z SalesOrderLine 7;1 3.50 true",
        ]
    );
    assert_eq!(rows.counts["Web order"].rows, 3, "a row of nobody and one without time are left out");
    assert_eq!(rows.counts["Review"].rows, 1);
}

#[tokio::test]
async fn ids_of_activities_are_made_from_name_and_key_and_differ() {
    let (_, first) = all(&definitions(DEFINITIONS)).await.unwrap();
    let (_, again) = all(&definitions(DEFINITIONS)).await.unwrap();
    assert_eq!(texts(&first, &["ActivityId"]), texts(&again, &["ActivityId"]));
    let mut ids = texts(&first, &["ActivityId"]);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), first.num_rows());
    let renamed = definitions(&DEFINITIONS.replace("name: Review,", "name: Opinion,"));
    let (_, renamed) = all(&renamed).await.unwrap();
    assert!(texts(&first, &["ActivityId"])[0] != texts(&renamed, &["ActivityId"])[0]);
}

#[tokio::test]
async fn an_activity_that_does_not_fit_its_entity_says_what_is_missing() {
    let failed = async |from: &str, to: &str| {
        let definitions = definitions(&DEFINITIONS.replace(from, to));
        all(&definitions).await.map(|_| ()).unwrap_err()
    };
    let no_attribute = failed("timestamp: Day", "timestamp: Date").await;
    assert_eq!(no_attribute.code(), "activityAttributeUnknown");
    assert!(no_attribute.to_string().contains("Web_Reviews has no attribute Date"), "{no_attribute}");
    let no_time = failed("timestamp: Day", "timestamp: Text").await;
    assert_eq!(no_time.code(), "activityWithoutTime");
    let no_path = failed("  - {from: Web_Reviews.Person, to: Web_People.Id}\n", "").await;
    assert_eq!(no_path.code(), "entityUnreachable");
}
