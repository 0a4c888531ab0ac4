//! What `/metrics` shows: gauges that are read from the state now and then.

use std::time::Duration;

use anyhow::{Context, Result};
use api::MetricsHandle;
use store::{Queue, Store};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(5);

/// Makes this process count.
pub(crate) fn install() -> Result<MetricsHandle> {
    let handle = api::install_metrics().context("metrics were installed twice")?;
    metrics::describe_gauge!("weir_work_pending", "Work rows that wait, by queue.");
    metrics::describe_gauge!("weir_up", "1 while the process serves.");
    metrics::gauge!("weir_up").set(1.0);
    Ok(handle)
}

/// Reads the gauges until `stop`.
pub(crate) async fn observe(store: Store, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for queue in Queue::ALL {
            if let Ok(pending) = store.pending(queue).await {
                metrics::gauge!("weir_work_pending", "queue" => queue.name()).set(pending as f64);
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
