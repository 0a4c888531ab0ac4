//! Asking about the unification: on the command line and through the API, with the same answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::access::token;
use crate::support::Project;
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
    let contacts = project.read("data/contacts.csv");
    let twice = "2000,Customer 0,C0@EXAMPLE.com,Spain,1\n2001,Customer 0,c0@example.com,Spain,1\n";
    project.write("data/contacts.csv", format!("{contacts}{twice}"));
    project.replace(
        "weir.yaml",
        "unification:\n",
        "unification:\n  deduplication:\n    - entity: Shop_Contacts\n      rules:\n        - name: same\n          \
         conditions: [{attribute: Email, normalize: [lower-case]}]\n",
    );
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
    for part in ["entities", "deduplication", "rules"] {
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
    assert!(seen >= 6, "few numbers are not 0: {report:#}");
    let rule = &report["rules"][0];
    assert_eq!((&rule["matched"], &report["entities"][1]["unmatchedDropped"]), (&json!(251), &json!(1)));

    let own = project.json(&["unify", "explain", "--record", "Shop_Contacts:2001"]).await;
    let rules: Vec<&Value> = own["pairs"].as_array().unwrap().iter().map(|pair| &pair["rules"][0]).collect();
    assert_eq!(rules.iter().filter(|rule| rule["rule"] == "same").count(), 2, "{own:#}");
    assert!(rules.iter().all(|rule| rule["outcome"] == "fulfilled"), "{own:#}");

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

#[tokio::test]
async fn the_table_of_a_deduplication_can_be_measured_and_goes_with_it() {
    let project = bare();
    let contacts = project.read("data/contacts.csv");
    project.write("data/contacts.csv", format!("{contacts}2000,Customer 0,c0@example.com,Spain,1\n"));
    let deduplication = "  deduplication:\n    - entity: Shop_Contacts\n      rules:\n        - name: same\n          \
                         conditions: [{attribute: Email, normalize: [lower-case]}]\n";
    let measure = "  - {name: Twice, type: business, calculate: count(Deduplication_Shop_Contacts), \
                   where: \"Deduplication_Shop_Contacts.Rule = 'same'\"}\n";
    project.replace("weir.yaml", "unification:\n", &format!("unification:\n{deduplication}"));
    project.replace("weir.yaml", "measures:\n", &format!("measures:\n{measure}"));
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let table = ["query", "SELECT * FROM Deduplication_Shop_Contacts"];
    assert_eq!(project.number("SELECT count(*) AS n FROM Customer").await, 40.0);
    assert_eq!(project.number("SELECT Twice AS n FROM Twice").await, 2.0);
    project.weir(&table).await.ends_with(0);
    project.replace("weir.yaml", deduplication, "");
    project.replace("weir.yaml", measure, "");
    project.json(&["apply", "--yes"]).await;
    project.json(&["refresh"]).await;
    assert_eq!(project.number("SELECT count(*) AS n FROM Customer").await, 41.0);
    assert_ne!(project.weir(&table).await.code, Some(0));
}

/// A shop whose rules match by e-mail, else by name and birthday; by hand M3 and contact 3 never match.
fn near_matches() -> Project {
    let project = bare();
    project.write(
        "data/contacts.csv",
        "ContactId,FullName,Email,Country,Edition\n\
         1,Anna Bell,anna@example.com,Spain,1\n2,Anna Bel,bell@example.com,Spain,1\n\
         3,Carl Gustav,carl@example.com,Spain,1\n4,Dora Ek,dora@example.com,Spain,1\n",
    );
    project.write(
        "data/members.csv",
        "MemberId,Email,FullName,Points,Edition\nM1,Anna@Example.com,Ana Bell,1,1\n\
         M2,ana@example.com,Anna Belle,1,1\nM3,carl@example.com,Carl Gustav,1,1\nM4,,Dora\u{1b}[31m,1,1\n",
    );
    project.replace(
        "weir.yaml",
        "        conditions: [{left: Email, right: Email, normalize: [lower-case, whitespace]}]\n",
        "        conditions: [{left: Email, right: Email, normalize: [lower-case, whitespace]}]\n\
         \x20     - on: Loyalty_Members\n        name: name\n\
         \x20       conditions: [{left: FullName, right: FullName, normalize: [lower-case], precision: 0.95}]\n\
         \x20 custom:\n\x20   neverMatch:\n\x20     pairs:\n\
         \x20       - {entity1: Shop_Contacts, entity1Key: \"3\", entity2: Loyalty_Members, entity2Key: M3}\n",
    );
    project
}

#[tokio::test]
async fn two_customers_that_nearly_match_are_explained() {
    let project = near_matches();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let server = Served::start(&project).await;
    let token = token(&project, "Contributor").await;
    let explain = async |question: &str| {
        let path = format!("/v1/instances/small-shop/unification/explain?{question}");
        let (status, answer) = server.ask(&token, &path).await;
        assert_eq!(status, 200, "{question}: {answer:#}");
        answer
    };

    // One customer: its rows, and the rule that put them together.
    let one = explain("record=Loyalty_Members:M1").await;
    let [subject] = one["subjects"].as_array().unwrap().as_slice() else { panic!("{one:#}") };
    assert_eq!(subject["records"].as_array().unwrap().len(), 2, "{one:#}");
    let rule = &one["pairs"][0]["rules"][0];
    assert_eq!(
        (&rule["rule"], &rule["linked"], &rule["score"]),
        (&json!("email"), &json!(true), &json!(1.0))
    );
    let email = &rule["conditions"][0]["right"];
    assert_eq!(
        (&email["value"], &email["compared"]),
        (&json!("Anna@Example.com"), &json!("anna@example.com"))
    );

    // Two that nearly match: every rule with what failed.
    let id = subject["customer"].as_str().unwrap();
    let two = explain(&format!("id={}&record=Loyalty_Members:M2", id.to_uppercase())).await;
    let pair = &two["pairs"][0];
    assert_eq!((&pair["above"]["key"], &pair["below"]["key"]), (&json!("1"), &json!("M2")), "{two:#}");
    let rules = pair["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2, "{two:#}");
    assert!(rules.iter().all(|rule| rule["outcome"] == "failed"), "{two:#}");
    assert_eq!(rules[1]["conditions"][0]["score"], json!(8.0 / 9.0), "{two:#}");

    // A rule would have it, but people decided otherwise.
    let never = explain("record=Shop_Contacts:3&record=Loyalty_Members:M3").await;
    assert_eq!(never["pairs"][0]["rules"][0]["obstacle"]["code"], "neverMatch", "{never:#}");

    // The command line says the same.
    let args = ["unify", "explain", "--record", "Loyalty_Members:M2", "--record", "Shop_Contacts:1"];
    let shown = project.weir(&args).await.ends_with(0).out;
    for part in ["two customers", "match rule name: not fulfilled", "“anna belle”: 0.889, needed 0.950"] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
    assert_eq!(project.json(&["unify", "explain", id]).await["pairs"], one["pairs"]);
    let shown = project.weir(&["unify", "explain", "--record", "Loyalty_Members:M4"]).await.ends_with(0).out;
    assert!(!shown.contains('\u{1b}') && shown.contains("no rule put anything together"), "{shown}");
    project.weir(&["unify", "explain"]).await.ends_with(2);
    project.weir(&["unify", "explain", "nobody", "--json"]).await.ends_with(4);
}

#[tokio::test]
async fn strange_names_are_nobody() {
    let project = near_matches();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let server = Served::start(&project).await;
    let token = token(&project, "Owner").await;
    for (question, status, code) in [
        ("", 400, "badParameter"),
        ("id=a&id=b&id=c", 400, "badParameter"),
        (&format!("id={}", "a".repeat(513)), 400, "badParameter"),
        ("record=nocolon", 400, "badParameter"),
        ("id=", 404, "customerNotFound"),
        ("id=%00%27%3B--", 404, "customerNotFound"),
        ("id=%ff%fe%fd", 404, "customerNotFound"),
        ("id=00000000-0000-0000-0000-000000000000", 404, "customerNotFound"),
        ("record=Shop_Contacts:99999999999999999999999", 404, "customerNotFound"),
        ("record=Shop_Contacts:", 404, "customerNotFound"),
        ("record=Customer:1", 404, "entityNotUnified"),
    ] {
        let path = format!("/v1/instances/small-shop/unification/explain?{question}");
        let (got, answer) = server.ask(&token, &path).await;
        assert_eq!(
            (got, answer["title"].as_str().unwrap_or_default()),
            (status, code),
            "{question:.80}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_value_that_too_many_rows_share_is_named_with_its_number() {
    let project = bare();
    let mut contacts = String::from("ContactId,FullName,Email,Country,Edition\n");
    (0..150).for_each(|n| contacts.push_str(&format!("{n},Customer {n},info@example.com,Spain,1\n")));
    project.write("data/contacts.csv", contacts);
    project.write("data/members.csv", "MemberId,Email,Points,Edition\nM1,INFO@example.com,1,1\n");
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let asked = ["unify", "explain", "--record", "Shop_Contacts:7", "--record", "Loyalty_Members:M1"];
    let answer = project.json(&asked).await;
    assert_eq!(
        answer["pairs"][0]["rules"][0]["obstacle"],
        json!({"code": "tooFrequent", "rows": 150}),
        "{answer:#}"
    );
    let shown = project.weir(&asked).await.ends_with(0).out;
    assert!(shown.contains("150 rows share this value"), "{shown}");
}

#[tokio::test]
async fn a_preview_matches_with_what_is_written_and_publishes_nothing() {
    let project = near_matches();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let before = project.json(&["unify", "report"]).await;
    project.replace("weir.yaml", "precision: 0.95", "precision: 0.8");
    let preview = project.json(&["unify", "preview", "--rule", "name"]).await;
    let [rule] = preview["rules"].as_array().unwrap().as_slice() else { panic!("{preview:#}") };
    assert_eq!((&rule["matched"], &rule["matchedBefore"]), (&json!(1), &json!(0)), "{preview:#}");
    assert_eq!(preview["examples"][0]["row"]["key"], "M2", "{preview:#}");
    assert_eq!(preview["examples"][0]["partner"]["values"]["FullName"], "Anna Bell", "{preview:#}");
    assert_eq!(project.json(&["unify", "report"]).await, before);
    let shown = project.weir(&["unify", "preview"]).await.ends_with(0).out;
    assert!(shown.contains("nothing was published") && shown.contains("Anna Belle"), "{shown}");
    project.weir(&["unify", "preview", "--rule", "nonsense", "--json"]).await.ends_with(4);

    // What is previewed is what a refresh then does.
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let after = project.json(&["unify", "report"]).await;
    assert_eq!(after["profiles"], preview["profiles"], "{after:#}");
}

#[tokio::test]
async fn a_former_id_leads_to_the_customer_that_it_became() {
    let project = near_matches();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let of = async |record: &str| {
        let answer = project.json(&["unify", "explain", "--record", record]).await;
        answer["subjects"][0]["customer"].as_str().unwrap().to_owned()
    };
    let (older, newer) = (of("Shop_Contacts:1").await, of("Loyalty_Members:M2").await);
    assert_ne!(older, newer);
    project.replace("weir.yaml", "precision: 0.95", "precision: 0.8");
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let server = Served::start(&project).await;
    let token = token(&project, "Contributor").await;
    let ask =
        async |path: &str| server.ask(&token, &format!("/v1/instances/small-shop/unification/{path}")).await;
    let (status, history) = ask(&format!("customers/{newer}")).await;
    assert_eq!(status, 200, "{history:#}");
    assert_eq!((&history["live"], &history["leadsTo"]), (&json!(false), &json!([older])), "{history:#}");
    let merged = history["events"].as_array().unwrap().iter().any(|event| event["event"] == "mergedInto");
    assert!(merged, "{history:#}");
    let (_, explained) = ask(&format!("explain?id={newer}")).await;
    assert_eq!(explained["subjects"][0]["customer"], json!(older), "{explained:#}");
    assert_eq!(explained["subjects"][0]["leadsTo"], json!([older]), "{explained:#}");
    for id in ["nobody", "00000000-0000-0000-0000-000000000000", "%FF", "..%2f..%2fetc"] {
        let (status, answer) = ask(&format!("customers/{id}")).await;
        assert_eq!(status, 404, "{id}: {answer}");
    }
}

/// People of two sources, a tenth of them with a slip, matched by probability alone.
fn by_probability() -> Project {
    const FIRST: [&str; 6] = ["Anna", "Bertha", "Carl", "Dora", "Emil", "Frida"];
    const LAST: [&str; 7] = ["Adler", "Becker", "Conrad", "Dietz", "Engel", "Fuchs", "Graf"];
    let people = |from: usize| {
        let row = |n: usize| {
            let (first, last) = (FIRST[n % 6], LAST[n % 7]);
            let slip = if n % 10 == from % 7 { "x" } else { "" };
            let born = format!("19{}-0{}-1{}", 40 + n % 50, 1 + n % 9, n % 8);
            format!("{n},{first},{last}{slip},{first}.{last}{n}@example.org,{born}\n")
        };
        let rows: String = (from..from + 120).map(row).collect();
        format!("Id,GivenName,Surname,Email,DateOfBirth\n{rows}")
    };
    let project = Project::new();
    project.write(
        "weir.yaml",
        "instance: small-shop\ndataSources:\n  - name: S\n    kind: files\n    path: data/\n    entities:\n\
         \x20     - {name: A, file: a.csv, primaryKey: Id}\n      - {name: B, file: b.csv, primaryKey: Id}\n\
         unification:\n  match:\n    order: [S_A, S_B]\n    probabilistic: {threshold: 0.9}\n",
    );
    project.write("data/a.csv", people(0));
    project.write("data/b.csv", people(60));
    project
}

#[tokio::test]
async fn what_was_matched_by_probability_is_explained_by_the_model_of_that_run() {
    let project = by_probability();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let report = project.json(&["unify", "report"]).await;
    assert_eq!(report["probabilistic"]["records"], json!(240), "{report:#}");
    let explain = async |one: &str, other: &str| {
        let answer = project.json(&["unify", "explain", "--record", one, "--record", other]).await;
        answer["pairs"][0]["probability"].clone()
    };
    let same = explain("S_A:71", "S_B:71").await;
    assert!(same["probability"].as_f64().unwrap() > 0.9, "{same:#}");
    let other = explain("S_A:70", "S_B:71").await;
    assert!(other["probability"].as_f64().unwrap() < 0.5, "{other:#}");
    assert_eq!(other["threshold"], json!(0.9));
    let one = project.json(&["unify", "explain", "--record", "S_B:71"]).await;
    assert_eq!(one["pairs"][0]["probability"]["probability"], same["probability"], "{one:#}");
    let shown = project.weir(&["unify", "explain", "--record", "S_B:71"]).await.ends_with(0).out;
    assert!(shown.contains("by probability: ") && shown.contains("weight "), "{shown}");
}
