//! Segments after what they read: static ones and those that ask for them, and queries after what they name.

use serde_json::{Value, json};

use crate::support::shop::{bare, fill};
use crate::support::{Project, only, with};

fn reason(refresh: &Value, segment: &str) -> String {
    let id = format!("segmentation:{segment}");
    only(&refresh["tasks"], "id", &id)["reason"].as_str().unwrap().to_owned()
}

async fn size(project: &Project, segment: &str) -> f64 {
    project.number(&format!("SELECT count(*) AS n FROM {segment}")).await
}

fn with_segments(segments: &str) -> Project {
    let project = bare();
    project.replace("weir.yaml", "segments:\n", &format!("segments:\n{segments}"));
    project
}

#[tokio::test]
async fn what_asks_for_a_static_segment_follows_it_at_the_next_refresh_or_at_once() {
    let project = with_segments(
        "  - {name: Fixed, where: \"Spend > 100\", type: static}\n  - {name: Within, where: in segment Fixed}\n",
    );
    let export = "exports:\n  - {name: send, segments: [Fixed], to: {kind: folder, path: out/}}\n";
    let threshold = "thresholds:\n  - {name: many, segment: Fixed, level: 15, direction: above}\n";
    project.replace("weir.yaml", "thresholds:\n", &format!("{export}{threshold}"));
    project.json(&["apply"]).await;
    project.json(&["refresh", "--segment", "Fixed", "--upstream", "--downstream"]).await;
    assert_eq!((size(&project, "Fixed").await, size(&project, "Within").await), (10.0, 10.0));

    fill(&project, 40, 20, 2);
    project.json(&["refresh"]).await;
    assert_eq!((size(&project, "Fixed").await, size(&project, "Within").await), (10.0, 10.0), "it stands");
    let exports = async || project.json(&["jobs"]).await.to_string().matches("send").count();
    let before = exports().await;
    let alone = project.json(&["refresh", "--segment", "Fixed"]).await;
    assert_eq!(with(&alone["events"], "type", "weir.segment.thresholdCrossed").len(), 1, "{alone:#}");
    assert!(exports().await > before, "it is exported");
    assert_eq!((size(&project, "Fixed").await, size(&project, "Within").await), (20.0, 10.0));
    assert_eq!(reason(&project.json(&["refresh"]).await, "Within"), "modifiedInputs");
    assert_eq!(size(&project, "Within").await, 20.0);

    fill(&project, 40, 12, 3);
    project.json(&["refresh"]).await;
    let both = project.json(&["refresh", "--segment", "Fixed", "--downstream"]).await;
    assert_eq!(reason(&both, "Within"), "modifiedInputs");
    assert_eq!((size(&project, "Fixed").await, size(&project, "Within").await), (12.0, 12.0));
}

#[tokio::test]
async fn a_query_follows_the_sources_and_measures_that_it_names_and_no_others() {
    let project = with_segments(
        "  - name: Typical\n    sql: |\n      WITH Days AS (SELECT max(Revenue) AS Most FROM Revenue)\n      \
         SELECT CustomerId FROM Customer_Measure CROSS JOIN Days WHERE Spend * 22 > Most\n",
    );
    let source = "  - {name: Weather, kind: files, path: data/, entities: [{name: Days, file: days.csv, primaryKey: Day}]}\n";
    project.replace("weir.yaml", "dataSources:\n", &format!("dataSources:\n{source}"));
    project.write("data/days.csv", "Day,Rain\n1,5\n");
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    assert_eq!(size(&project, "Typical").await, 10.0);

    project.write("data/days.csv", "Day,Rain\n1,5\n2,7\n");
    let rain = project.json(&["refresh"]).await;
    assert_eq!(only(&rain["tasks"], "id", "ingestion:Weather")["reason"], "modifiedInputs");
    assert_eq!(reason(&rain, "Typical"), "unchanged");

    fill(&project, 40, 20, 2);
    assert_eq!(reason(&project.json(&["refresh"]).await, "Typical"), "modifiedInputs");
    assert_eq!(size(&project, "Typical").await, 0.0, "compared with the revenue of the same refresh");

    project.replace("weir.yaml", "FROM Customer_Measure CROSS", "FROM CustomerMeasure CROSS");
    let checked = project.weir(&["check", "--json"]).await.ends_with(2).json();
    let problem = &checked["problems"][0];
    assert_eq!(problem["code"], json!("unknownEntity"), "{checked:#}");
    assert!(problem["suggestion"].as_str().unwrap().contains("`Customer_Measure`"), "{checked:#}");
}
