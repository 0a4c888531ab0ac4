//! The webhook of the inbox: takes a POST on any path and answers 202, as a Teams workflow does.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::post;
use jiff::Timestamp;
use serde_json::Value;
use tokio::net::TcpListener;

use super::{Card, Shelf};

/// Bytes of one call: what Teams takes.
pub(super) const MAX_BODY_BYTES: usize = 28 * 1024;

/// Takes calls until the task is aborted.
pub(super) async fn serve(listener: TcpListener, shelf: Shelf) {
    let router =
        Router::new().fallback(post(take)).layer(DefaultBodyLimit::max(MAX_BODY_BYTES)).with_state(shelf);
    // It ends only with the task: axum goes on after a failed connection.
    let _ = axum::serve(listener, router).await;
}

async fn take(State(shelf): State<Shelf>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = serde_json::from_slice(&body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let card = Card {
        path: uri.path().to_owned(),
        idempotency_key: key.map(str::to_owned),
        body,
        received_at: Timestamp::now(),
    };
    shelf.add(|contents| contents.cards.push_back(card));
    StatusCode::ACCEPTED
}
