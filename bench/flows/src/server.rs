//! The server under test: the flow engine and one route, as `weir serve` has it, without the data side.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as Part, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use flow::connectors::{Connectors, Http, NoSecrets};
use flow::requests::{Incoming, Outcome, Requests, Signer};
use flow::{Runner, RunnerOptions, definitions};
use outbound::{AddressPolicy, HttpClient};
use serde_json::json;
use store::{Store, SystemClock};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[derive(Clone)]
struct Door {
    requests: Requests,
    signer: Signer,
}

/// Serves an instance in `folder` whose flows post to `sink`, until the process ends.
pub(crate) async fn serve(folder: &Path, listen: SocketAddr, sink: SocketAddr) -> Result<()> {
    let store = Store::open_file(&folder.join("weir.db"), Arc::new(SystemClock)).await?;
    store.free_all_leases().await?;
    let mut tx = store.write().await?;
    for waits in [false, true] {
        let name = if waits { "sync" } else { "async" };
        definitions::put(&mut tx, name, &document(sink, waits)).await?;
    }
    tx.commit().await?;
    let policy = AddressPolicy::public_only().allowing("127.0.0.0/8".parse()?, None);
    let http = Http::new(HttpClient::new(policy), Arc::clone(store.clock()));
    let connectors = Connectors::new().with(Arc::new(http));
    let runner = Runner::new(store.clone(), connectors, Arc::new(NoSecrets), RunnerOptions::default());
    let requests = Requests::new(store, runner.journal().clone());
    let stop = CancellationToken::new();
    tokio::spawn(runner.run(stop));
    let door = Door { requests, signer: Signer::new([7; 32]) };
    let app = Router::new().route("/{flow}/{sig}", post(invoke)).with_state(door);
    let listener = TcpListener::bind(listen).await?;
    println!("listening");
    Ok(axum::serve(listener, app).await?)
}

/// The address of a flow.
pub(crate) fn path(flow: &str) -> String {
    format!("/{flow}/{}", Signer::new([7; 32]).sign(flow, "manual"))
}

async fn invoke(
    State(door): State<Door>,
    Part((flow, sig)): Part<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !door.signer.is_of(&sig, &flow, "manual") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = Incoming {
        flow,
        trigger: "manual".to_owned(),
        method: "POST".to_owned(),
        headers: headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: body.to_vec(),
        ..Incoming::default()
    };
    match door.requests.call(request).await {
        Ok(Outcome::Accepted(run)) => {
            (StatusCode::ACCEPTED, [("x-ms-workflow-run-id", run.to_string())]).into_response()
        }
        Ok(Outcome::Answered(_, answer)) => answer["body"].to_string().into_response(),
        other => (StatusCode::INTERNAL_SERVER_ERROR, format!("{other:?}")).into_response(),
    }
}

/// Webhook → set → if → set → HTTP POST (→ Response).
fn document(sink: SocketAddr, waits: bool) -> String {
    let mut actions = json!({
        "Set": {"type": "Compose", "inputs": {"customer": "@triggerBody()?['customer']", "total": "@triggerBody()?['total']"}},
        "If": {
            "type": "If", "runAfter": {"Set": ["Succeeded"]},
            "expression": {"and": [{"greater": ["@triggerBody()?['total']", 100]}]},
            "actions": {"Large": {"type": "Compose", "inputs": "large"}},
            "else": {"actions": {"Small": {"type": "Compose", "inputs": "small"}}}
        },
        "Set_message": {
            "type": "Compose", "runAfter": {"If": ["Succeeded"]},
            "inputs": "@concat(outputs('Set')?['customer'], ' ordered ', coalesce(outputs('Large'), outputs('Small')))"
        },
        "Post": {
            "type": "Http", "runAfter": {"Set_message": ["Succeeded"]},
            "inputs": {"method": "POST", "uri": format!("http://{sink}/hook"), "body": {"text": "@outputs('Set_message')"}}
        }
    });
    if waits {
        let inputs = json!({"statusCode": 200, "body": "@outputs('Set_message')"});
        actions["Answer"] =
            json!({"type": "Response", "runAfter": {"Post": ["Succeeded"]}, "inputs": inputs});
    }
    json!({
        "definition": {
            "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
            "contentVersion": "1.0.0.0",
            "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {"schema": {}}}},
            "actions": actions
        }
    })
    .to_string()
}
