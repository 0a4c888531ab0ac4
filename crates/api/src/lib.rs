//! Everything that listens. For now: health, readiness and metrics.
//!
//! Anybody may ask these; they tell nothing about customers. Every other address is answered with 404.

mod health;
mod problem;

use std::io;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

pub use problem::Problem;

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
    store: Store,
    metrics: MetricsHandle,
}

/// Serves until `stop`, then finishes the requests that are under way.
pub async fn serve(
    listener: TcpListener,
    store: Store,
    metrics: MetricsHandle,
    stop: CancellationToken,
) -> io::Result<()> {
    let app = router(AppState { store, metrics });
    axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// Every route.
pub fn router(state: AppState) -> Router {
    let no_sniff = HeaderValue::from_static("nosniff");
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(|| async { Problem::not_found() })
        .with_state(state)
        .layer(SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, no_sniff))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http())
}
