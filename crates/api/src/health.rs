//! `/healthz`, `/readyz` and `/metrics`.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::{AppState, Problem};

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can do its work: the state can be read.
pub(crate) async fn ready(State(state): State<AppState>) -> Result<&'static str, Problem> {
    match state.store.setting("instance").await {
        Ok(_) => Ok("ready\n"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            Err(Problem::not_ready())
        }
    }
}

/// Numbers for Prometheus.
pub(crate) async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], state.metrics.0.render())
}
