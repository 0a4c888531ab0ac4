//! One customer with what they did, and refreshes of single things.

use serde_json::{Value, json};

use crate::support::Project;
use crate::support::shop::bare;

/// The shop with visits: every contact has one in each month from January to March, contact 0 one without a time.
fn visited() -> Project {
    let project = bare();
    let mut visits = String::from("VisitId,ContactId,At,Page,Seconds\n");
    for contact in 0..8 {
        for month in 1..=3 {
            visits.push_str(&format!(
                "{contact}-{month},{contact},2026-0{month}-05T10:00:00,Page {month},{month}0\n"
            ));
        }
    }
    visits.push_str("0-4,0,,Nowhere,1\n9-1,no such contact,2026-01-01T00:00:00,Lost,1\n");
    project.write("data/visits.csv", visits);
    let entities = "      - {name: Visits, file: visits.csv, primaryKey: VisitId}\n";
    project.replace("weir.yaml", "      - name: Orders\n", &format!("{entities}      - name: Orders\n"));
    let relationship = "  - {from: Shop_Visits.ContactId, to: Shop_Contacts.ContactId}\n";
    project.replace("weir.yaml", "relationships:\n", &format!("relationships:\n{relationship}"));
    let activities = "activities:\n  - {name: Website visit, entity: Shop_Visits, type: Visit, timestamp: At, \
                      event: Page, fields: {Seconds: Seconds}}\n";
    project.replace("weir.yaml", "measures:\n", &format!("{activities}measures:\n"));
    project
}

fn statuses(refresh: &Value) -> Vec<String> {
    let tasks = refresh["tasks"].as_array().unwrap().iter();
    tasks
        .map(|task| format!("{} {}", task["id"].as_str().unwrap(), task["reason"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn a_customer_shows_profile_keys_measures_segments_and_timeline() {
    let project = visited();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let of =
        "SELECT CustomerId FROM AlternateKey WHERE EntityName = 'Shop_Contacts' AND AlternateValue = '0'";
    let id = project.query(of).await[0]["CustomerId"].as_str().unwrap().to_owned();
    let shown = project.json(&["customer", &id, "--top", "2"]).await;
    assert_eq!(shown["profile"]["customerId"], json!(id));
    assert_eq!(shown["profile"]["attributes"]["FullName"], "Customer 0");
    assert_eq!(
        shown["profile"]["keys"],
        json!([{"entity": "Loyalty_Members", "key": "M0"}, {"entity": "Shop_Contacts", "key": "0"}])
    );
    assert_eq!(shown["timeline"]["types"], json!([{"activityType": "Visit", "count": 3}]));
    let activities = shown["timeline"]["activities"].as_array().unwrap();
    let titles: Vec<&str> = activities.iter().map(|it| it["Title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Page 3", "Page 2"], "newest first");
    assert_eq!(activities[0]["Seconds"], 30);
    assert_eq!(shown["timeline"]["more"], true);
    let since = ["customer", &id, "--since", "2026-02-01T00:00:00Z", "--until", "2026-03-01T00:00:00Z"];
    let some = project.json(&since).await;
    assert_eq!(some["timeline"]["activities"].as_array().unwrap().len(), 1);
    let text = project.weir(&["customer", &id]).await.ends_with(0).out;
    assert!(text.contains("2026-03") && text.contains("Website visit  Page 3 · Seconds 30"), "{text}");
    let nobody = ["customer", "00000000-0000-4000-8000-000000000000", "--json"];
    let missing = project.weir(&nobody).await.ends_with(4);
    assert!(missing.err.contains("customerNotFound"), "{missing:?}");
    let members = project.query("SELECT Segments FROM SegmentMembership LIMIT 1").await;
    assert!(members[0]["Segments"].as_str().unwrap().starts_with('['), "{members:?}");
}

#[tokio::test]
async fn one_segment_is_refreshed_alone_or_with_what_it_reads() {
    let project = bare();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let name = "GoodCustomers";
    let alone = project.json(&["refresh", "--segment", name]).await;
    assert_eq!(
        statuses(&alone),
        [
            format!("segmentation:{name} unchanged"),
            "segmentMembership:SegmentMembership unchanged".to_owned()
        ],
        "nothing that it reads changed"
    );
    crate::support::shop::fill(&project, 40, 20, 2);
    let stale = project.json(&["refresh", "--segment", name]).await;
    assert_eq!(
        statuses(&stale)[0],
        format!("segmentation:{name} unchanged"),
        "its source was not read again"
    );
    let fresh = project.json(&["refresh", "--segment", name, "--upstream"]).await;
    assert!(statuses(&fresh).contains(&format!("segmentation:{name} modifiedInputs")), "{fresh:#}");
    assert!(statuses(&fresh).contains(&"ingestion:Shop modifiedInputs".to_owned()), "{fresh:#}");
    let wrong = project.weir(&["refresh", "--segment", "GoodCustomer", "--json"]).await.ends_with(4);
    assert!(wrong.err.contains("refreshTargetNotFound") && wrong.err.contains(name), "{wrong:?}");
}

#[tokio::test]
async fn what_has_a_schedule_of_its_own_waits_for_it_and_the_plan_says_what_a_schedule_touches() {
    let project = bare();
    let own = "schedules:\n  - {name: by-hand, segment: GoodCustomers}\n";
    project.replace("weir.yaml", "measures:\n", &format!("{own}measures:\n"));
    project.json(&["apply"]).await;
    let first = project.json(&["refresh"]).await;
    assert!(!statuses(&first).iter().any(|task| task.contains("GoodCustomers")), "{first:#}");
    project.json(&["refresh", "--segment", "GoodCustomers"]).await;
    assert!(project.number("SELECT count(*) AS n FROM GoodCustomers").await > 0.0);
    project.replace("weir.yaml", "segment: GoodCustomers}", "segment: GoodCustomers, cron: ['0 6 * * 1']}");
    let plan = project.json(&["plan"]).await;
    assert_eq!(plan["rescheduled"], json!([{"kind": "segment", "name": "GoodCustomers"}]), "{plan:#}");
}

#[tokio::test]
async fn customers_are_found_by_the_words_of_the_last_refresh() {
    let project = bare();
    project.json(&["apply"]).await;
    let early = project.weir(&["customers", "anybody", "--json"]).await.ends_with(4);
    assert!(early.err.contains("noCustomers"), "{early:?}");
    project.json(&["refresh"]).await;
    let found = project.json(&["customers", "c17@example"]).await;
    assert_eq!(found["customers"][0]["FullName"], "Customer 17", "{found:#}");
    let all = project.json(&["customers", "--top", "3"]).await;
    assert_eq!((all["count"].as_u64(), all["customers"].as_array().unwrap().len()), (Some(40), 3));
    project.replace("data/contacts.csv", "Customer 17,", "Zoë Şahin,");
    project.json(&["refresh"]).await;
    let found = project.json(&["customers", "sahin"]).await;
    assert_eq!((found["count"].as_u64(), &found["customers"][0]["FullName"]), (Some(1), &json!("Zoë Şahin")));
    let folders = std::fs::read_dir(project.path(".weir/search")).unwrap().count();
    assert_eq!(folders, 1, "the index before is gone");
    let text = project.weir(&["customers", "sahin"]).await.ends_with(0).out;
    assert!(text.starts_with("1 customer\n") && text.contains("Zoë Şahin"), "{text}");
}

#[tokio::test]
async fn customers_are_narrowed_by_filters_and_counted_by_facets() {
    let project = bare();
    let search = "search:\n  attributes:\n    - {name: FullName, searchable: true}\n    \
                  - {name: Country, filter: {}}\n";
    project.replace("weir.yaml", "measures:\n", &format!("{search}measures:\n"));
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let countries = "SELECT Country, count(*) AS n FROM Customer GROUP BY Country ORDER BY n DESC, Country";
    let countries = project.query(countries).await;
    let all = project.json(&["customers", "--facet", "Country", "--limit", "1"]).await;
    let counts = all["facets"][0]["counts"].as_array().unwrap().iter();
    let counts: Vec<_> = counts.map(|it| json!({"Country": it["from"], "n": it["count"]})).collect();
    assert_eq!(json!(counts), json!(countries), "{all:#}");
    let (country, n) = (countries[0]["Country"].as_str().unwrap(), &countries[0]["n"]);
    let filter = format!("Country = {country}");
    let found = project.json(&["customers", "customer", "--where", &filter, "--facet", "Country"]).await;
    assert_eq!(
        (&found["count"], found["facets"][0]["counts"].as_array().unwrap().len()),
        (n, 1),
        "{found:#}"
    );
    let text = project.weir(&["customers", "--where", &filter, "--facet", "Country"]).await.ends_with(0).out;
    assert!(text.contains(&format!("{country}  {n}")), "{text}");
    let wrong = project.weir(&["customers", "--where", "FullName = A", "--json"]).await.ends_with(2);
    assert!(wrong.err.contains("searchNoFilter") && wrong.err.contains("Country"), "{wrong:?}");
    project.replace("weir.yaml", "{name: Country, filter", "{name: Contry, filter");
    let checked = project.weir(&["check"]).await.ends_with(0).out;
    assert!(checked.contains("unknownAttribute") && checked.contains("`Country`"), "{checked}");
}
