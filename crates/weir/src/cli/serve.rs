//! `weir serve`

use anyhow::{Context, Result};
use auth::Tokens;
use cdp::unification::Reader;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::args::Serve;
use super::{Exit, Out, place};
use crate::engine::Engine;
use crate::instance::{Instance, Place};
use crate::metrics;

/// How long work that is under way may take to park after a stop.
const GRACE: std::time::Duration = std::time::Duration::from_secs(9);

pub(super) async fn run(at: &Place, command: &Serve, out: &Out) -> Result<Exit> {
    let role = format!("weir serve on http://{}", command.listen);
    let policy = place::policy(&command.outbound)?;
    let instance = Instance::open(at, &role, place::clock()?).await?;
    let engine = Engine::new(&instance, policy).await?.keeping(command.keep_rows);
    let listener = TcpListener::bind(command.listen).await.with_context(|| {
        format!("{} cannot be listened on; choose another address with --listen", command.listen)
    })?;
    let stop = CancellationToken::new();
    stop_on_signal(&stop)?;
    let address = format!("http://{}", listener.local_addr()?);
    out.note(&out.words.text("serve-listening", &[("address", address.into())]));
    serve(&instance, &engine, listener, &stop).await?;
    Ok(Exit::Done)
}

/// Serves until `stop`, then parks what is under way.
pub(super) async fn serve(
    instance: &Instance,
    engine: &Engine,
    listener: TcpListener,
    stop: &CancellationToken,
) -> Result<()> {
    let handle = metrics::install()?;
    let mut workers = engine.start(stop);
    workers.spawn(metrics::observe(instance.store.clone(), stop.clone()));
    let state = api::AppState {
        store: instance.store.clone(),
        metrics: handle,
        tokens: Tokens::new(instance.store.clone()),
        unification: Reader::new(instance.store.clone(), instance.lake.clone()),
        flows: engine.flows(),
    };
    let served = api::serve(listener, state, stop.clone()).await;
    stop.cancel();
    let parked = tokio::time::timeout(GRACE, async { while workers.join_next().await.is_some() {} }).await;
    if parked.is_err() {
        tracing::warn!("some work did not park in time; it will be done again after the next start");
    }
    instance.store.close().await;
    Ok(served?)
}

/// Stops on an interrupt or a termination signal.
pub(super) fn stop_on_signal(stop: &CancellationToken) -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping: what is under way is parked");
        stop.cancel();
    });
    Ok(())
}
