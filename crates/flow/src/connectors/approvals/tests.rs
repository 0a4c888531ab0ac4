//! The connector against a store of its own.

use std::sync::Arc;

use serde_json::{Value, json};
use store::{RunId, Store, SystemClock};

use super::*;
use crate::approvals::Letter;
use crate::connectors::testing::{connection, request};
use crate::requests::Signer;

/// A connector with a store that is gone with its folder.
async fn approvals(folder: &tempfile::TempDir) -> Approvals {
    let file = folder.path().join("weir.db");
    let store = Store::open_file(&file, Arc::new(SystemClock)).await.expect("a store opens");
    let letters = Letters::new(Signer::new([7; 32]), |approval, url, _| Letter {
        subject: approval.request.title.clone(),
        html: url.to_owned(),
    });
    Approvals::new(store, letters)
}

impl Approvals {
    /// A connector whose store nobody looks into.
    pub(in super::super) fn lone() -> Self {
        let made = std::thread::spawn(|| {
            let folder = Box::leak(Box::new(tempfile::tempdir().expect("a folder")));
            let runtime = Box::leak(Box::new(tokio::runtime::Runtime::new().expect("a runtime")));
            runtime.block_on(approvals(folder))
        });
        made.join().expect("a connector")
    }
}

fn asking(run: &RunId, parameters: &Value) -> CallRequest {
    let mut all = json!({
        "WebhookApprovalCreationInput/title": "Send?",
        "WebhookApprovalCreationInput/assignedTo": "ana@shop.example; ben@shop.example",
        CALLBACK_PARAMETER: format!("https://weir.example/api/flow-callbacks/{run}/{}", "0".repeat(32)),
    });
    let fields = all.as_object_mut().expect("an object");
    fields.extend(parameters.as_object().cloned().unwrap_or_default());
    request(ASK, Some(connection("approvals", json!({"mail": "mail"}))), all)
}

#[tokio::test]
async fn people_are_asked_once_however_often_the_call_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let connector = approvals(&folder).await;
    let call = asking(&RunId::fresh(), &json!({}));
    for _ in 0..2 {
        let outcome = connector.call(call.clone()).await;
        assert!(matches!(outcome, CallOutcome::Response { status_code: 202, .. }), "{outcome:?}");
    }
    let asked = approvals::list(&connector.store, true).await.expect("a list");
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].request.people, ["ana@shop.example", "ben@shop.example"]);
    let mails: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM run")
        .fetch_one(connector.store.pool())
        .await
        .expect("a number");
    assert_eq!(mails, 2);
}

#[tokio::test]
async fn what_cannot_be_asked_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let connector = approvals(&folder).await;
    let bad = [
        (json!({"WebhookApprovalCreationInput/assignedTo": "ana"}), "no address of mail"),
        (json!({"WebhookApprovalCreationInput/assignedTo": ""}), "assignedTo"),
        (json!({"approvalType": "Sometimes"}), "approvalType is one of"),
        (json!({"approvalType": "CustomResponse"}), "responseOptions"),
        (json!({"WebhookApprovalCreationInput/itemLink": "javascript:alert(1)"}), "https://"),
        (json!({CALLBACK_PARAMETER: "nowhere"}), "an action that waits"),
    ];
    for (parameters, said) in bad {
        let outcome = connector.call(asking(&RunId::fresh(), &parameters)).await;
        let CallOutcome::Permanent { message, .. } = &outcome else { panic!("{parameters}: {outcome:?}") };
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn an_address_that_is_called_back_has_three_parts() {
    let run = RunId::fresh();
    let url = format!("https://weir.example/api/flow-callbacks/{run}/0123456789abcdef0123456789abcdef");
    let (address, found, token) = parts_of(&url).expect("three parts");
    assert_eq!((address, found, token.len()), ("https://weir.example", run, 32));
    assert!(parts_of("https://weir.example/somewhere/else").is_none());
}
