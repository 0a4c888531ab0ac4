//! Everything that listens: health, readiness and metrics, and the API of an instance.
//!
//! Anybody may ask the first three; they tell nothing about customers. Below `/v1` a request shows a token, and the
//! table in `routes` says which role may what. Every other address is answered with 404.

mod approvals;
mod flows;
mod guard;
mod health;
mod problem;
mod routes;
mod unification;

use std::io;
use std::time::Duration;

use auth::Tokens;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::routing::get;
use cdp::unification::Reader;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

pub use approvals::{ApprovalPages, Page};
pub use flows::{Flows, signed};
pub use problem::Problem;
pub use routes::all as routes;

/// The longest that a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest body that a request may have, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Renders the metrics of this process.
#[derive(Clone)]
pub struct MetricsHandle(PrometheusHandle);

/// Makes this process count. None when it does already.
pub fn install_metrics() -> Option<MetricsHandle> {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    Some(MetricsHandle(handle))
}

/// What the routes share.
#[derive(Clone)]
pub struct AppState {
    /// The state.
    pub store: Store,
    /// The numbers of this process.
    pub metrics: MetricsHandle,
    /// Who may ask.
    pub tokens: Tokens,
    /// What is known about the last unification.
    pub unification: Reader,
    /// Where requests to flows come in.
    pub flows: Flows,
    /// What people see who are asked for an approval.
    pub approvals: ApprovalPages,
}

/// Serves until `stop`, then finishes the requests that are under way.
pub async fn serve(listener: TcpListener, state: AppState, stop: CancellationToken) -> io::Result<()> {
    axum::serve(listener, router(state)).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// Every route.
pub fn router(state: AppState) -> Router {
    let no_sniff = HeaderValue::from_static("nosniff");
    // A caller of a flow may wait longer and send more than others; the rest is the same.
    let flows =
        flows::router().layer(RequestBodyLimitLayer::new(flows::MAX_BODY)).layer(DefaultBodyLimit::disable());
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .nest(routes::INSTANCE, routes::instance(&state))
        .merge(approvals::router())
        .fallback(|| async { Problem::not_found() })
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .merge(flows)
        .with_state(state)
        .layer(SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, no_sniff))
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http())
}
