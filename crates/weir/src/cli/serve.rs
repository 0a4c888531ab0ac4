//! `weir serve`

use anyhow::{Context, Result};
use auth::Tokens;
use cdp::unification::Reader;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::args::Serve;
use super::{Exit, Out, place};
use crate::engine::{ADDRESS, Engine};
use crate::instance::{Instance, Place};
use crate::metrics;

/// How long work that is under way may take to park after a stop.
const GRACE: std::time::Duration = std::time::Duration::from_secs(9);

pub(super) async fn run(at: &Place, command: &Serve, out: &Out) -> Result<Exit> {
    let role = format!("weir serve on http://{}", command.listen);
    let policy = place::policy(&command.outbound)?;
    let instance = Instance::open(at, &role, place::clock()?).await?;
    let listener = TcpListener::bind(command.listen).await.with_context(|| {
        format!("{} cannot be listened on; choose another address with --listen", command.listen)
    })?;
    let address = format!("http://{}", listener.local_addr()?);
    settle_address(&instance.store, command.address.as_deref(), &address).await?;
    let engine = Engine::new(&instance, policy, out.words).await?.keeping(command.keep_rows);
    let stop = CancellationToken::new();
    stop_on_signal(&stop)?;
    out.note(&out.words.text("serve-listening", &[("address", address.into())]));
    serve(&instance, &engine, listener, &stop).await?;
    Ok(Exit::Done)
}

/// Keeps the address under which others reach this server: the one given, or the one listened on if none ever was.
async fn settle_address(store: &Store, given: Option<&str>, listened: &str) -> Result<()> {
    if let Some(given) = given {
        anyhow::ensure!(
            given.starts_with("http://") || given.starts_with("https://"),
            "--address {given:?} must begin with http:// or https://"
        );
    }
    let kept = store.setting(ADDRESS).await?;
    let given = given.map(|given| given.trim_end_matches('/'));
    // An address that was only listened on follows the listener.
    let loopback = |kept: &String| kept.starts_with("http://127.0.0.1:") || kept.starts_with("http://[::1]:");
    let address = given.map(str::to_owned).or(kept.clone().filter(|kept| !loopback(kept)));
    let address = address.unwrap_or_else(|| listened.to_owned());
    if kept.as_ref() != Some(&address) {
        let mut tx = store.write().await?;
        tx.put_setting(ADDRESS, &address).await?;
        tx.commit().await?;
    }
    Ok(())
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
        approvals: engine.approval_pages(),
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
