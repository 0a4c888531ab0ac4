//! Flows that are called over HTTP: the addresses of Request triggers, and those that waiting actions give out.
//!
//! Neither asks for a token: an address is signed, or carries a secret of one action of one run.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use flow::requests::{Incoming, Outcome, Requests, Signer};
use serde_json::{Value, json};
use store::RunId;
use tokio::sync::OnceCell;

use crate::{AppState, Problem, approvals};

/// The largest body that a trigger takes, in bytes.
pub(crate) const MAX_BODY: usize = 16 * 1024 * 1024;
/// The address of a trigger.
const INVOKE: &str = "/v1/instances/{instanceId}/flows/{flow}/triggers/{trigger}/invoke";
/// The same, with a path of the trigger's own behind it.
const INVOKE_BELOW: &str = "/v1/instances/{instanceId}/flows/{flow}/triggers/{trigger}/invoke/{*path}";
/// The address that an action waits for.
const CALLBACK: &str = "/api/flow-callbacks/{run}/{token}";
/// What of the query belongs to the address itself.
const OF_THE_ADDRESS: [&str; 4] = ["sig", "sv", "sp", "api-version"];
/// Headers of an answer that belong to the connection.
const OF_THE_CONNECTION: [&str; 4] = ["content-length", "transfer-encoding", "connection", "keep-alive"];

/// What the routes of flows need.
#[derive(Clone)]
pub struct Flows {
    requests: Requests,
    signer: Signer,
    /// The name of this instance, once it has one.
    instance: Arc<OnceCell<String>>,
}

impl Flows {
    /// Requests that `requests` answers, at addresses that `signer` signs.
    pub fn new(requests: Requests, signer: Signer) -> Self {
        Self { requests, signer, instance: Arc::default() }
    }
}

/// The addresses that ask for no token: each carries its own proof.
pub fn signed() -> [&'static str; 4] {
    [INVOKE, INVOKE_BELOW, CALLBACK, approvals::SIGNED]
}

/// The routes.
pub(crate) fn router() -> Router<AppState> {
    Router::new().route(INVOKE, any(invoke)).route(INVOKE_BELOW, any(invoke)).route(CALLBACK, post(call_back))
}

async fn invoke(
    State(state): State<AppState>,
    Path(parts): Path<BTreeMap<String, String>>,
    Query(mut queries): Query<BTreeMap<String, String>>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let part = |name: &str| parts.get(name).cloned().unwrap_or_default();
    let (flow, trigger) = (part("flow"), part("trigger"));
    let signature = queries.get("sig").cloned().unwrap_or_default();
    let here = match instance(&state).await {
        Ok(instance) => instance == part("instanceId"),
        Err(problem) => return problem.into_response(),
    };
    if !here || !state.flows.signer.is_of(&signature, &flow, &trigger) {
        return Problem::bad_signature().into_response();
    }
    queries.retain(|name, _| !OF_THE_ADDRESS.contains(&name.as_str()));
    let request = Incoming {
        flow,
        trigger,
        method: method.as_str().to_owned(),
        path: part("path"),
        queries,
        headers: texts(&headers),
        body: body.to_vec(),
    };
    match state.flows.requests.call(request).await {
        Ok(outcome) => answer(outcome),
        Err(error) if error.code() == "flowThrottled" => Problem::throttled().into_response(),
        Err(error) => {
            tracing::error!(%error, "a flow could not be started");
            Problem::not_ready().into_response()
        }
    }
}

async fn instance(state: &AppState) -> Result<&str, Problem> {
    let read = || async {
        match state.store.setting("instance").await {
            Ok(Some(name)) => Ok(name),
            Ok(None) => Err(Problem::unknown_instance()),
            Err(error) => {
                tracing::error!(%error, "the name of the instance could not be read");
                Err(Problem::not_ready())
            }
        }
    };
    Ok(state.flows.instance.get_or_try_init(read).await?.as_str())
}

/// Headers as expressions see them.
fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn answer(outcome: Outcome) -> Response {
    match outcome {
        Outcome::Accepted(run) | Outcome::Skipped(run) => of_run(&run, StatusCode::ACCEPTED.into_response()),
        Outcome::Answered(run, answer) => of_run(&run, response(&answer)),
        Outcome::NoAnswer(run) => of_run(&run, Problem::no_response().into_response()),
        Outcome::TooLate(run) => of_run(&run, Problem::too_late().into_response()),
        Outcome::NotThere => Problem::not_found().into_response(),
        Outcome::Off => Problem::flow_off().into_response(),
        Outcome::Method(method) => {
            let mut refused = Problem::method().into_response();
            if let Ok(method) = HeaderValue::from_str(&method) {
                refused.headers_mut().insert(header::ALLOW, method);
            }
            refused
        }
        Outcome::BadBody(why) => Problem::parameter(why).into_response(),
    }
}

/// The headers that Logic Apps sends, too.
fn of_run(run: &RunId, mut response: Response) -> Response {
    if let Ok(id) = HeaderValue::from_str(run.as_str()) {
        response.headers_mut().insert(HeaderName::from_static("x-ms-workflow-run-id"), id);
    }
    response
}

/// The Response of a run, as HTTP.
fn response(answer: &Value) -> Response {
    let status = answer.get("statusCode").and_then(Value::as_u64);
    let status = status.and_then(|code| u16::try_from(code).ok());
    let status = status.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK);
    let (kind, body) = match answer.get("body") {
        None | Some(Value::Null) => (None, Vec::new()),
        Some(Value::String(text)) => (Some("text/plain; charset=utf-8"), text.clone().into_bytes()),
        Some(other) => (Some("application/json; charset=utf-8"), other.to_string().into_bytes()),
    };
    let mut response = (status, body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    if let Some(kind) = kind {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pair = name.to_lowercase().parse::<HeaderName>().ok().zip(HeaderValue::from_str(&text).ok());
        if let Some((name, value)) = pair
            && !OF_THE_CONNECTION.contains(&name.as_str())
        {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn call_back(
    State(state): State<AppState>,
    Path((run, token)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(run) = run.parse::<RunId>() else { return Problem::not_found().into_response() };
    let body = match serde_json::from_slice::<Value>(&body) {
        Ok(body) => body,
        Err(_) => Value::String(String::from_utf8_lossy(&body).into_owned()),
    };
    let outputs = json!({"headers": texts(&headers), "body": body});
    match flow::call_back(&state.store, &run, &token, outputs).await {
        Ok(true) => StatusCode::OK.into_response(),
        Ok(false) => Problem::not_found().into_response(),
        Err(error) => {
            tracing::error!(%error, "a call back could not be kept");
            Problem::not_ready().into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_has_the_status_the_headers_and_the_body_that_the_run_gave() {
        let given = json!({
            "statusCode": 201,
            "headers": {"Location": "/orders/1", "Content-Length": "999", "X-Bad": "a\nb"},
            "body": {"id": 1}
        });
        let made = response(&given);
        assert_eq!(made.status(), StatusCode::CREATED);
        assert_eq!(made.headers()["location"], "/orders/1");
        assert_eq!(made.headers()["content-type"], "application/json; charset=utf-8");
        assert!(made.headers().get("x-bad").is_none());
        assert!(made.headers().get("content-length").is_none());
        let text =
            response(&json!({"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": "<p>"}));
        assert_eq!(text.headers()["content-type"], "text/html");
    }
}
