//! A small shop: contacts, orders, a loyalty list, one segment with a threshold, and flows that tell about it.

use std::fmt::Write;

use serde_json::{Value, json};
use weir::demo::inbox::Inbox;

use super::Project;

/// Definitions. `GoodCustomers` has the customers who spent more than 100.
const DEFINITIONS: &str = r#"instance: small-shop

dataSources:
  - name: Shop
    kind: files
    path: data/
    quarantine: {maxShare: 0.05}
    entities:
      - name: Contacts
        file: contacts.csv
        primaryKey: ContactId
      - name: Orders
        file: orders.csv
        primaryKey: OrderId
        attributes: [{name: TotalPrice, type: "decimal(18,2)"}, {name: Edition, type: int64}]
  - name: Loyalty
    kind: files
    path: data/
    entities: [{name: Members, file: members.csv, primaryKey: MemberId}]

relationships:
  - {from: Shop_Orders.ContactId, to: Shop_Contacts.ContactId}

unification:
  match:
    order: [Shop_Contacts, Loyalty_Members]
    rules:
      - on: Loyalty_Members
        name: email
        conditions: [{left: Email, right: Email, normalize: [lower-case, whitespace]}]

measures:
  - {name: Spend, type: customerAttribute, calculate: sum(Shop_Orders.TotalPrice)}
  - {name: Revenue, type: business, calculate: sum(Shop_Orders.TotalPrice)}
  - {name: RevenueByCountry, type: business, calculate: sum(Shop_Orders.TotalPrice), by: [Shop_Contacts.Country]}

segments:
  - {name: GoodCustomers, where: "Spend > 100"}

connections:
  channel: {kind: teams, url: "${env:CHANNEL_URL}"}
  mail: {kind: email, host: 127.0.0.1, port: 25, security: none, from: "Weir <weir@shop.example>"}

thresholds:
  - {name: enough-good-customers, segment: GoodCustomers, level: 20, direction: above, rearmBelow: 15}

flows: flows/
"#;

/// Rows of this many customers in each file.
pub(crate) const CUSTOMERS: usize = 40;

/// The shop with 40 customers of whom 10 are good, its flows told to the inbox.
pub(crate) fn shop(inbox: &Inbox) -> Project {
    let mut project = bare();
    project.set("CHANNEL_URL", inbox.teams_url());
    project.replace("weir.yaml", "port: 25,", &format!("port: {},", inbox.smtp_port()));
    let crossed = ("OnSegmentThresholdCrossed", json!({"segment": "GoodCustomers"}));
    project.write("flows/crossed-to-card.json", card(&crossed, "@{triggerBody()?['sentence']}"));
    project.write("flows/crossed-to-mail.json", mail(&crossed));
    let failed = ("OnDataSourceRefreshFailed", json!({}));
    let text = "@{triggerBody()?['dataSource']}: @{triggerBody()?['message']}";
    project.write("flows/failed-to-card.json", card(&failed, text));
    project
}

/// The shop without flows.
pub(crate) fn bare() -> Project {
    let mut project = Project::new();
    project.set("CHANNEL_URL", "http://127.0.0.1:9/");
    project.set("WEIR_ALLOW_OUTBOUND", "127.0.0.1/32");
    project.write("weir.yaml", DEFINITIONS);
    std::fs::create_dir(project.path("flows")).unwrap();
    fill(&project, CUSTOMERS, 10, 1);
    project
}

/// Writes the data: `customers` of whom `good` spent 200 and the others 50, in two orders each. Every row
/// carries the edition, so that a mix of two editions shows.
pub(crate) fn fill(project: &Project, customers: usize, good: usize, edition: u64) {
    let mut contacts = String::from("ContactId,FullName,Email,Country,Edition\n");
    let mut orders = String::from("OrderId,ContactId,TotalPrice,Edition\n");
    let mut members = String::from("MemberId,Email,Points,Edition\n");
    for n in 0..customers {
        let country = ["Bulgaria", "Spain", "Romania"][n % 3];
        writeln!(contacts, "{n},Customer {n},c{n}@example.com,{country},{edition}").unwrap();
        let price = if n < good { "100.00" } else { "25.00" };
        for half in 0..2 {
            writeln!(orders, "{},{n},{price},{edition}", n * 2 + half).unwrap();
        }
        if n % 4 == 0 {
            writeln!(members, "M{n},C{n}@Example.com,{},{edition}", n * 10).unwrap();
        }
    }
    project.write("data/contacts.csv", contacts);
    project.write("data/orders.csv", orders);
    project.write("data/members.csv", members);
}

/// A flow with a trigger of ours and these actions.
pub(crate) fn flow(trigger: &(&str, Value), actions: &Value) -> String {
    let (operation, parameters) = trigger;
    let host = json!({
        "apiId": "/providers/Microsoft.PowerApps/apis/shared_customerinsights",
        "connectionName": "shared_customerinsights",
        "operationId": operation,
    });
    let trigger =
        json!({"type": "OpenApiConnectionWebhook", "inputs": {"host": host, "parameters": parameters}});
    document(&trigger, actions)
}

/// A flow that is started by hand.
pub(crate) fn manual_flow(actions: &Value) -> String {
    document(&json!({"type": "Request", "kind": "Button", "inputs": {"schema": {}}}), actions)
}

fn document(trigger: &Value, actions: &Value) -> String {
    let document = json!({
        "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        "contentVersion": "1.0.0.0",
        "triggers": {"When": trigger},
        "actions": actions,
    });
    serde_json::to_string_pretty(&document).unwrap()
}

fn card(trigger: &(&str, Value), text: &str) -> String {
    let host = json!({
        "apiId": "/providers/Microsoft.PowerApps/apis/shared_teams",
        "connectionName": "channel",
        "operationId": "postMessage",
    });
    let inputs = json!({"host": host, "parameters": {"title": "News", "text": text}});
    flow(trigger, &json!({"Post": {"type": "OpenApiConnection", "runAfter": {}, "inputs": inputs}}))
}

fn mail(trigger: &(&str, Value)) -> String {
    let host = json!({
        "apiId": "/providers/Microsoft.PowerApps/apis/shared_office365",
        "connectionName": "mail",
        "operationId": "SendEmailV2",
    });
    let parameters = json!({
        "emailMessage/To": "owners@shop.example",
        "emailMessage/Subject": "@{triggerBody()?['threshold']}",
        "emailMessage/Body": "<p>@{triggerBody()?['sentence']}</p>",
    });
    let inputs = json!({"host": host, "parameters": parameters});
    flow(trigger, &json!({"Send": {"type": "OpenApiConnection", "runAfter": {}, "inputs": inputs}}))
}
