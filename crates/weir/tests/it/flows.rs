//! Flows by the command line: trying one, and doing again what failed.

use serde_json::json;
use weir::demo::inbox::Inbox;

use crate::support::receiver::{Receiver, Reply};
use crate::support::served::Served;
use crate::support::shop::{bare, flow, manual_flow};
use crate::support::{Project, until, with};

fn post(url: &str, after: serde_json::Value) -> serde_json::Value {
    json!({"type": "Http", "runAfter": after,
           "inputs": {"method": "POST", "uri": url, "body": "@triggerBody()", "retryPolicy": {"type": "none"}}})
}

/// A flow that posts to `first`, then to `second`.
async fn posting(receiver: &Receiver) -> Project {
    let project = bare();
    let actions = json!({
        "First": post(&receiver.url("/first"), json!({})),
        "Second": post(&receiver.url("/second"), json!({"First": ["Succeeded"]})),
    });
    project.write("flows/send.json", manual_flow(&actions));
    project.weir(&["apply"]).await.ends_with(0);
    project
}

fn lines(receiver: &Receiver) -> Vec<String> {
    receiver.requests().into_iter().map(|request| request.line).collect()
}

#[tokio::test]
async fn a_flow_is_tried_without_sending_anything() {
    let receiver = Receiver::start().await;
    let project = posting(&receiver).await;
    let tried = project.json(&["flow", "test", "send", "--body", r#"{"id": 7}"#]).await;
    assert_eq!(tried["status"], "Succeeded", "{tried:#}");
    let held = tried["heldBack"].as_array().unwrap();
    assert_eq!(held.len(), 2);
    assert_eq!(held[0]["parameters"]["body"], json!({"id": 7}));
    assert_eq!(held[0]["answeredBy"], "assumed");
    assert_eq!(receiver.count(), 0);
    assert_eq!(project.json(&["flow", "runs"]).await, json!([]), "a trial is no run");
    let said = project.weir(&["flow", "test", "send"]).await.ends_with(0).out;
    assert!(said.contains("2 calls were held back"), "{said}");
    project.weir(&["flow", "test", "nothing"]).await.ends_with(4);
}

#[tokio::test]
async fn a_failed_run_is_restarted_where_it_failed_and_resubmitted_as_a_whole() {
    let receiver = Receiver::start().await;
    let project = posting(&receiver).await;
    receiver.answer(&[Reply::Status(200), Reply::Status(400)]);
    let run = ["flow", "run", "send", "--body", r#"{"id": 7}"#, "--json"];
    let failed = project.weir(&run).await.ends_with(1).json();
    let id = failed["id"].as_str().unwrap();
    assert_eq!(lines(&receiver), ["POST /first", "POST /second"]);

    let past = project.weir(&["flow", "test", "send", "--with", id, "--json"]).await.ends_with(0).json();
    assert_eq!(with(&past["heldBack"], "answeredBy", "pastRun").len(), 1, "the first call succeeded then");

    let again = project.json(&["flow", "restart", id]).await;
    assert_eq!((&again["status"], &again["origin"]), (&json!("Succeeded"), &json!(format!("restart {id}"))));
    assert_eq!(lines(&receiver)[2..], ["POST /second"]);
    assert_eq!(receiver.requests()[2].body, json!({"id": 7}));
    let keys: Vec<_> = receiver.requests().iter().map(|request| request.key().to_owned()).collect();
    assert_ne!(keys[1], keys[2], "another run is another call");

    let whole = project.json(&["flow", "resubmit", "--failed-of", "send"]).await;
    assert_eq!(whole.as_array().unwrap().len(), 1);
    assert_eq!(lines(&receiver)[3..], ["POST /first", "POST /second"]);
    let fine = again["id"].as_str().unwrap();
    let refused = project.weir(&["flow", "restart", fine, "--json"]).await.ends_with(2);
    assert!(refused.err.contains("no action of the run failed"), "{}", refused.err);
}

#[tokio::test]
async fn a_flow_that_fails_for_a_fortnight_is_paused_with_an_event_and_a_mail() {
    let (receiver, inbox) = (Receiver::start().await, Inbox::start().await.unwrap());
    let mut project = posting(&receiver).await;
    let text = project.read("weir.yaml").replace("port: 25,", &format!("port: {},", inbox.smtp_port()));
    project
        .write("weir.yaml", format!("{text}\nfailingFlows: {{connection: mail, to: [ops@shop.example]}}\n"));
    let told = json!({"Tell": {"type": "Http", "runAfter": {}, "inputs": {
        "method": "POST", "uri": receiver.url("/paused"), "body": "@triggerBody()?['flow']"}}});
    project.write("flows/paused.json", flow(&("OnFlowPaused", json!({})), &told));
    for day in ["01", "06", "11", "16"] {
        project.set("WEIR_NOW", format!("2026-03-{day}T10:00:00Z"));
        project.weir(&["apply"]).await.ends_with(0);
        receiver.answer(&[Reply::Status(401)]);
        project.weir(&["flow", "run", "send"]).await.ends_with(1);
    }
    project.set("WEIR_NOW", "2026-03-16T10:05:00Z");
    let server = Served::start(&project).await;
    until("the flow is paused and everybody knows", async || {
        let said = lines(&receiver).contains(&"POST /paused".to_owned());
        said && !inbox.messages().is_empty()
    })
    .await;
    let flows = project.json(&["flow", "list"]).await;
    let paused = with(&flows, "name", "send")[0];
    assert_eq!((&paused["active"], &paused["paused"]["at"].is_string()), (&json!(false), &true), "{flows:#}");
    let body = receiver.requests().pop().unwrap().body;
    assert_eq!(body, json!("send"));
    let mail = format!("{:?}", inbox.messages());
    assert!(mail.contains("send keeps failing and is paused"), "{mail}");
    server.stop(std::time::Duration::from_secs(20)).await;
    project.weir(&["flow", "on", "send"]).await.ends_with(0);
    let flows = project.json(&["flow", "list"]).await;
    assert_eq!(with(&flows, "name", "send")[0]["active"], true);
    project.weir(&["flow", "off", "nothing"]).await.ends_with(4);
}

/// The address in a mail that a person answers at.
fn page_of(html: &str) -> String {
    let from = html.find("/approvals/").expect("a link to the page");
    html[from..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_approval_is_asked_by_mail_and_answered_behind_its_link() {
    let inbox = Inbox::start().await.unwrap();
    let project = bare();
    let text = project.read("weir.yaml").replace("port: 25,", &format!("port: {},", inbox.smtp_port()));
    project
        .write("weir.yaml", text.replace("  mail: {", "  people: {kind: approvals, mail: mail}\n  mail: {"));
    let ask = json!({"type": "OpenApiConnectionWebhook", "runAfter": {}, "limit": {"timeout": "P5D"}, "inputs": {
        "host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_approvals", "connectionName": "people",
                 "operationId": "StartAndWaitForAnApproval"},
        "parameters": {
            "approvalType": "Basic",
            "WebhookApprovalCreationInput/title": "Send the <b>mailing</b>?",
            "WebhookApprovalCreationInput/assignedTo": "ana@shop.example;ben@shop.example",
            "WebhookApprovalCreationInput/details": "1,012 customers"}}});
    let say = json!({"type": "Compose", "runAfter": {"Ask": ["Succeeded"]},
        "inputs": "@concat(body('Ask')?['outcome'], ': ', first(body('Ask')?['responses'])?['comments'])"});
    project.write("flows/mailing.json", manual_flow(&json!({"Ask": ask, "Say": say})));
    project.weir(&["apply"]).await.ends_with(0);
    let server = Served::start(&project).await;
    let run = project.json(&["flow", "run", "mailing"]).await;
    until("both have a mail", async || inbox.messages().len() == 2).await;
    let mails = inbox.messages();
    let html = mails[0].html.clone().unwrap();
    assert!(html.contains("&lt;b&gt;mailing&lt;/b&gt;"), "a title is text: {html}");
    let page = page_of(&html);
    let (status, shown) = server.get(&page).await;
    assert_eq!(status, 200, "{shown}");
    assert!(shown.contains("<form method=\"post\">") && shown.contains("1,012 customers"), "{shown}");
    let waiting = project.json(&["approvals"]).await;
    assert_eq!(waiting[0]["responses"], json!([]), "looking decides nothing: {waiting:#}");
    let forged = page.replace("/0/", "/1/");
    assert_eq!(server.get(if forged == page { "/approvals/x/0/y" } else { &forged }).await.0, 401);

    let (status, answered) = server.post_form(&page, "answer=Approve&comments=go+ahead").await;
    assert_eq!(status, 200, "{answered}");
    assert!(answered.contains("You answered: Approve."), "{answered}");
    let id = run["id"].as_str().unwrap();
    until("the run goes on", async || project.json(&["flow", "show", id]).await["status"] == "Succeeded")
        .await;
    let shown = project.json(&["flow", "show", id]).await;
    assert_eq!(with(&shown["actions"], "name", "Say")[0]["outputs"], "Approve: go ahead");
    assert_eq!(project.json(&["approvals"]).await, json!([]));
    let late = page_of(&mails[1].html.clone().unwrap());
    let (_, too_late) = server.post_form(&late, "answer=Reject").await;
    assert!(too_late.contains("has been decided"), "{too_late}");
    server.stop(std::time::Duration::from_secs(20)).await;
}
