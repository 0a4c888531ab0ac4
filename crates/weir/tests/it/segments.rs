//! How segments and measures stand: counts, trends, members, what they read and who uses them.

use serde_json::json;

use crate::support::shop::{bare, fill};
use crate::support::{Project, only};

/// The shop with a segment of several rules, another segment that asks for it, and one that nothing uses.
fn segmented() -> Project {
    let project = bare();
    let segments = "segments:\n  - name: Southern\n    description: Good customers, without those of Spain\n    \
                    rules: [{where: \"Spend >= 50\"}, {except: \"Country = 'Spain'\"}]\n  \
                    - {name: Southerners, where: \"in segment Southern\"}\n  \
                    - {name: Paused, where: \"Spend > 1\", state: inactive}\n";
    project.replace("weir.yaml", "segments:\n", segments);
    project
}

async fn refreshed() -> Project {
    let project = segmented();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    fill(&project, 40, 12, 2);
    project.json(&["refresh"]).await;
    project
}

#[tokio::test]
async fn a_list_of_segments_shows_sizes_changes_and_what_has_no_result() {
    let project = refreshed().await;
    let list = project.json(&["segment", "list"]).await;
    let good = only(&list["segments"], "name", "GoodCustomers");
    assert_eq!(
        (&good["size"], &good["entered"], &good["left"]),
        (&json!(12), &json!(2), &json!(0)),
        "{good:#}"
    );
    assert_eq!(good["usedBy"], json!([{"kind": "threshold", "name": "enough-good-customers"}]));
    assert_eq!(good["outdated"], false);
    let paused = only(&list["segments"], "name", "Paused");
    assert_eq!((&paused["state"], &paused["size"]), (&json!("inactive"), &json!(null)));
    let text = project.weir(&["segment", "list"]).await.ends_with(0).out;
    let line =
        text.lines().find(|line| line.starts_with("GoodCustomers")).unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("12") && line.contains("+2 −0") && line.contains("▁█"), "{text}");
    let chinese = project.weir(&["segment", "list", "--language", "zh-HK"]).await.ends_with(0).out;
    assert!(chinese.starts_with("客群") && chinese.contains("停用"), "{chinese}");
}

#[tokio::test]
async fn a_segment_shows_the_counts_of_its_rules_the_trend_and_its_first_members() {
    let project = refreshed().await;
    let shown = project.json(&["segment", "show", "Southern"]).await;
    let rules = &shown["segment"]["rules"];
    assert_eq!(rules[0]["set"], "where");
    assert_eq!((&rules[0]["own"], &rules[0]["after"]), (&json!(40), &json!(40)), "{rules:#}");
    assert_eq!((&rules[1]["own"], &rules[1]["after"]), (&json!(13), &json!(27)), "{rules:#}");
    assert_eq!(shown["segment"]["reads"][0], json!({"kind": "entity", "name": "Customer"}));
    assert_eq!(shown["segment"]["usedBy"], json!([{"kind": "segment", "name": "Southerners"}]));
    let trend = &project.json(&["segment", "show", "GoodCustomers"]).await["trend"];
    assert_eq!((&trend["first"], &trend["last"]), (&json!(10.0), &json!(12.0)), "{trend:#}");
    let text = project.weir(&["segment", "show", "Southern"]).await.ends_with(0).out;
    for part in
        ["27 members", "without those of Spain", "where Spend >= 50", "██", "used by segment Southerners"]
    {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    assert!(text.contains("FullName") && text.contains("@example.com"), "{text}");
    project.replace("weir.yaml", "Spend >= 50", "Spend >= 51");
    project.json(&["apply"]).await;
    let changed = project.json(&["segment", "show", "Southern"]).await;
    assert_eq!(changed["segment"]["outdated"], true);
    assert_eq!(changed["segment"]["rules"][0]["own"], json!(null), "counts of other rules are not shown");
}

#[tokio::test]
async fn members_come_in_pages_and_a_wrong_name_gets_the_right_one() {
    let project = refreshed().await;
    let page = |skip: &'static str| ["segment", "members", "GoodCustomers", "--top", "5", "--skip", skip];
    let mut ids = Vec::new();
    for (skip, more) in [("0", true), ("5", true), ("10", false)] {
        let members = project.json(&page(skip)).await;
        assert_eq!(members["more"], more, "{members:#}");
        assert_eq!(members["knownBy"], json!(["FullName", "Email"]));
        let of = members["members"].as_array().unwrap().iter();
        ids.extend(of.map(|member| member["CustomerId"].as_str().unwrap().to_owned()));
    }
    assert_eq!(ids.len(), 12);
    assert!(ids.is_sorted(), "{ids:?}");
    let wrong = project.weir(&["segment", "members", "GoodCustomer", "--json"]).await.ends_with(4);
    assert!(wrong.err.contains("segmentNotFound") && wrong.err.contains("GoodCustomers"), "{wrong:?}");
    let paused = project.weir(&["segment", "members", "Paused", "--json"]).await.ends_with(4);
    assert!(paused.err.contains("neverRefreshed"), "{paused:?}");
}

#[tokio::test]
async fn measures_show_values_dimensions_spread_and_trends() {
    let project = refreshed().await;
    let list = project.json(&["measure", "list"]).await;
    let revenue = only(&list["measures"], "name", "Revenue");
    assert_eq!(revenue["values"], json!([{"calculation": "Revenue", "value": 3800.0}]), "{revenue:#}");
    let by_country = project.json(&["measure", "show", "RevenueByCountry"]).await;
    let rows = by_country["details"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{by_country:#}");
    assert_eq!(by_country["details"]["trends"][0]["points"].as_array().unwrap().len(), 2);
    let some = project.json(&["measure", "show", "RevenueByCountry", "--top", "2"]).await;
    assert_eq!((&some["numbers"], some["details"]["rows"].as_array().unwrap().len()), (&json!(3), 2));
    let spend = project.json(&["measure", "show", "Spend"]).await;
    let spread = &spend["details"]["spread"][0];
    assert_eq!((&spread["rows"], &spread["known"]), (&json!(40), &json!(40)));
    assert_eq!(spread["average"], 95.0, "{spread:#}");
    let users = spend["measure"]["usedBy"].as_array().unwrap();
    assert_eq!(users.len(), 3, "{users:?}");
    let text = project.weir(&["measure", "show", "Revenue"]).await.ends_with(0).out;
    assert!(
        text.contains("Revenue = sum(Shop_Orders.TotalPrice)") && text.contains("▁█ over 2 snapshots"),
        "{text}"
    );
    let table = project.weir(&["measure", "show", "RevenueByCountry"]).await.ends_with(0).out;
    assert!(table.contains("Bulgaria") && table.contains("TREND"), "{table}");
    let text = project.weir(&["measure", "list"]).await.ends_with(0).out;
    assert!(text.contains("3,800") && text.contains("40 rows") && text.contains("3 rows"), "{text}");
    let wrong = project.weir(&["measure", "show", "Spent", "--json"]).await.ends_with(4);
    assert!(wrong.err.contains("measureNotFound") && wrong.err.contains("Spend"), "{wrong:?}");
}

#[tokio::test]
async fn what_nothing_uses_is_skipped_only_when_asked_for_and_says_how_to_keep_it() {
    let mut project = segmented();
    project.set("WEIR_NOW", "2026-01-01T00:00:00Z");
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    project.set("WEIR_NOW", "2026-03-01T00:00:00Z");
    let skipped = |refresh: &serde_json::Value| -> Vec<String> {
        let tasks = refresh["tasks"].as_array().unwrap().iter().filter(|task| task["status"] == "skipped");
        tasks.map(|task| task["name"].as_str().unwrap().to_owned()).collect()
    };
    assert!(skipped(&project.json(&["refresh"]).await).is_empty(), "nobody asked for it");
    let rule = "autoDeactivation: {afterDays: 45}\n\nmeasures:\n";
    project.replace("weir.yaml", "measures:\n", rule);
    let names = |all: &serde_json::Value| -> Vec<String> {
        all.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    let plan = project.json(&["plan"]).await;
    assert_eq!(names(&plan["leftOut"]), ["Revenue", "RevenueByCountry", "Southerners"], "{plan:#}");
    let text = project.weir(&["plan"]).await.ends_with(0).out;
    assert!(
        text.contains("+ automatic deactivation") && text.contains("leave out measure Revenue"),
        "{text}"
    );
    project.json(&["apply"]).await;
    let refresh = project.json(&["refresh"]).await;
    assert_eq!(skipped(&refresh), ["Revenue", "RevenueByCountry", "Southerners"], "{refresh:#}");
    assert_eq!(refresh["job"]["status"], "successful");
    let task = only(&refresh["tasks"], "name", "Southerners");
    assert!(task["message"].as_str().unwrap().contains("weir refresh --segment Southerners"), "{task:#}");
    assert_eq!(task["reason"], "unused");
    assert!(
        project.number("SELECT count(*) AS n FROM Southerners").await > 0.0,
        "its members are still there"
    );
    let list = project.weir(&["segment", "list"]).await.ends_with(0).out;
    assert!(list.contains("! full refreshes leave out segment Southerners"), "{list}");
    project.json(&["refresh", "--segment", "Southerners"]).await;
    let again = project.json(&["refresh"]).await;
    assert_eq!(skipped(&again), ["Revenue", "RevenueByCountry"], "{again:#}");
}

async fn customer(project: &Project, contact: &str) -> String {
    let of = format!(
        "SELECT CustomerId FROM AlternateKey WHERE EntityName = 'Shop_Contacts' AND AlternateValue = '{contact}'"
    );
    project.query(&of).await[0]["CustomerId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_explanation_shows_each_test_with_what_it_read() {
    let project = segmented();
    let deeper = "  - {name: Deeper, where: not in segment Southern and in segment Southerners}\n";
    project.replace("weir.yaml", "segments:\n", &format!("segments:\n{deeper}"));
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let spaniard = customer(&project, "1").await;
    let why = project.json(&["segment", "explain", "Southern", &spaniard]).await;
    assert_eq!((&why["holds"], &why["member"]), (&json!(false), &json!(false)), "{why:#}");
    let (first, second) = (&why["rules"][0], &why["rules"][1]);
    assert_eq!((&first["holds"], &first["after"]), (&json!(true), &json!(true)));
    assert_eq!(
        first["condition"]["values"],
        json!([{"value": 200.0, "holds": true, "rows": 1}]),
        "{first:#}"
    );
    assert_eq!((&second["set"], &second["after"]), (&json!("except"), &json!(false)));
    let text = project.weir(&["segment", "explain", "Southern", &spaniard]).await.ends_with(0).out;
    assert!(text.starts_with("✗ Southern does not take customer"), "{text}");
    assert!(text.contains("✓ Country = 'Spain'  ← Spain"), "{text}");
    let asked = project.json(&["segment", "explain", "Southerners", &spaniard]).await;
    assert_eq!(asked["rules"][0]["condition"]["kind"], "inSegment");
    assert_eq!(asked["rules"][0]["condition"]["segment"]["rules"], why["rules"], "looked into");
    let deep = project.weir(&["segment", "explain", "Deeper", &spaniard]).await.ends_with(0).out;
    let inner: Vec<&str> = deep.lines().filter(|line| line.contains("Country = 'Spain'")).collect();
    assert!(deep.contains("in segment Southerners") && inner.len() == 1, "each segment once:\n{deep}");
    assert!(inner[0].starts_with("      "), "{deep}");
    let nobody = "00000000-0000-4000-8000-000000000000";
    let missing = project.weir(&["segment", "explain", "Southern", nobody, "--json"]).await.ends_with(4);
    assert!(missing.err.contains("customerNotFound"), "{missing:?}");
}

#[tokio::test]
async fn a_rule_about_rows_says_in_how_many_it_holds_and_in_which_all_of_it_does() {
    let project = segmented();
    let orders = "  - {name: Mixed, where: \"Shop_Orders.TotalPrice > 60 and (Shop_Orders.OrderId = 'A' or not \
                  Shop_Orders.TotalPrice < 999) and Spend > 1\"}\n";
    project.replace("weir.yaml", "segments:\n", &format!("segments:\n{orders}"));
    let data = "OrderId,ContactId,TotalPrice,Edition\nA,0,50.00,1\nB,0,70.00,1\nC,1,80.00,1\nD,1,,1\n";
    project.write("data/orders.csv", data);
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let why = project.json(&["segment", "explain", "Mixed", &customer(&project, "0").await]).await;
    let rule = &why["rules"][0];
    assert_eq!((&rule["holds"], &rule["rows"]), (&json!(false), &json!(2)), "{why:#}");
    let parts = rule["condition"]["parts"].as_array().unwrap();
    assert_eq!((&parts[0]["holds"], &parts[0]["rows"]), (&json!(true), &json!(1)), "each holds in a row");
    assert_eq!((&parts[1]["holds"], &parts[1]["rows"]), (&json!(true), &json!(1)), "but not in the same");
    let text = project.weir(&["segment", "explain", "Mixed", &customer(&project, "1").await]).await;
    let text = text.ends_with(0).out;
    assert!(text.contains("(in 1 of 2 rows)  ← 80 ✓, – ?"), "{text}");
    assert!(text.contains("at least one of these") && text.contains("not"), "{text}");
}

#[tokio::test]
async fn an_estimate_counts_without_a_refresh_and_tells_what_is_wrong() {
    let project = refreshed().await;
    let condition = "Spend > 100 and not in segment Southern";
    let estimate = project.json(&["segment", "estimate", condition]).await;
    assert_eq!(
        (&estimate["customers"], &estimate["of"], &estimate["share"]),
        (&json!(4), &json!(40), &json!(0.1))
    );
    let text = project.weir(&["segment", "estimate", condition]).await.ends_with(0).out;
    assert!(text.starts_with("4 customers of 40, 10.0 %"), "{text}");
    let jobs = project.json(&["jobs"]).await;
    let jobs = if jobs.is_array() { jobs } else { jobs["jobs"].clone() };
    assert_eq!(jobs.as_array().unwrap().len(), 2, "no refresh was made for it");
    let wrong = project.weir(&["segment", "estimate", "Spent > 100"]).await.ends_with(2).out;
    assert!(wrong.contains("unknownAttribute") && wrong.contains("^^^^^"), "{wrong}");
    let broken = project.weir(&["segment", "estimate", "Spend >", "--json"]).await.ends_with(2);
    assert_eq!(broken.json()["valid"], false);
}

#[tokio::test]
async fn queries_and_projected_attributes_are_shown_as_what_they_are() {
    let project = bare();
    let segments = "segments:\n  - {name: Asked, sql: \"SELECT CustomerId FROM GoodCustomers\", type: static, tags: [vip]}\n  \
                    - {name: Orders, where: \"Spend > 100\", project: [Shop_Orders.OrderId]}\n";
    project.replace("weir.yaml", "segments:\n", segments);
    let measure = "  - {name: Counted, type: business, sql: \"SELECT Country, count(*) AS n FROM Customer GROUP BY 1\"}\n";
    project.replace("weir.yaml", "measures:\n", &format!("measures:\n{measure}"));
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let asked = project.json(&["segment", "show", "Asked"]).await;
    assert_eq!(
        (&asked["segment"]["size"], &asked["members"]),
        (&json!(null), &json!(null)),
        "only on request"
    );
    assert_eq!(asked["segment"]["reads"][1], json!({"kind": "segment", "name": "GoodCustomers"}));
    project.json(&["refresh", "--segment", "Asked"]).await;
    let text = project.weir(&["segment", "show", "Asked"]).await.ends_with(0).out;
    for part in ["Asked: 10 members, only on request", "tags: vip", "SELECT CustomerId FROM GoodCustomers"] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    let id = customer(&project, "0").await;
    let why = project.json(&["segment", "explain", "Asked", &id]).await;
    assert_eq!((&why["holds"], &why["member"], &why["rules"]), (&json!(true), &json!(true), &json!([])));
    let text = project.weir(&["segment", "explain", "Asked", &id]).await.ends_with(0).out;
    for part in ["✓ Asked takes customer", "SELECT CustomerId FROM GoodCustomers", "are not taken apart"] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    let other = project.json(&["segment", "explain", "Asked", &customer(&project, "39").await]).await;
    assert_eq!((&other["holds"], &other["member"]), (&json!(false), &json!(false)), "{other:#}");
    assert_eq!(project.number("SELECT count(*) AS n FROM Orders").await, 20.0, "a row per order");
    let members = project.json(&["segment", "members", "Orders"]).await;
    let ids: Vec<&str> =
        members["members"].as_array().unwrap().iter().map(|it| it["CustomerId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 10, "each member once: {members:#}");
    let shown = project.weir(&["measure", "show", "Counted"]).await.ends_with(0).out;
    assert!(shown.contains("SELECT Country") && shown.contains("Romania"), "{shown}");
}

#[tokio::test]
async fn a_segment_and_a_measure_are_duplicated_in_their_file() {
    let project = bare();
    let before = project.read("weir.yaml");
    let shown =
        project.weir(&["segment", "duplicate", "GoodCustomers", "Better", "--yaml"]).await.ends_with(0);
    assert!(shown.out.contains("name: Better") && project.read("weir.yaml") == before, "{shown:?}");
    let made = project.json(&["segment", "duplicate", "GoodCustomers", "Better"]).await;
    assert_eq!((&made["name"], &made["file"]), (&json!("Better"), &json!("weir.yaml")), "{made:#}");
    project.weir(&["measure", "duplicate", "RevenueByCountry", "Sales"]).await.ends_with(0);
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let count = |name: &str| format!("SELECT count(*) AS n FROM {name}");
    for (one, other) in [("GoodCustomers", "Better"), ("RevenueByCountry", "Sales")] {
        assert_eq!(project.query(&count(one)).await, project.query(&count(other)).await);
    }
    let text = project.read("weir.yaml");
    project.weir(&["segment", "duplicate", "Better", "Sales"]).await.ends_with(2);
    project.weir(&["segment", "duplicate", "Beter", "Best"]).await.ends_with(4);
    assert_eq!(project.read("weir.yaml"), text);
}
