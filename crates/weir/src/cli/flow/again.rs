//! `weir flow resubmit` and `restart`: what failed is done again.

use anyhow::Result;
use flow::Follow;
use flow::history::{self, RunFilter};
use flow::machine::{ActionPath, RunStatus};
use serde_json::json;
use store::{RunId, Store};
use tokio_util::sync::CancellationToken;

use super::super::args::Outbound;
use super::super::{Exit, Out, place};
use super::runs;
use crate::engine::Engine;
use crate::instance::Place;

pub(super) async fn resubmit(
    at: &Place,
    named: &[String],
    failed_of: Option<&str>,
    outbound: &Outbound,
    out: &Out,
) -> Result<Exit> {
    let policy = place::policy(outbound)?;
    let (instance, alone) = place::open_or_beside(at, "weir flow resubmit").await?;
    let mut old = Vec::new();
    for run in named {
        old.push(runs::resolve(&instance.store, run, out.words).await?);
    }
    if let Some(flow) = failed_of {
        old.extend(failed(&instance.store, flow).await?);
    }
    let mut tx = instance.store.write().await?;
    let mut started = Vec::new();
    for run in &old {
        started.push(flow::resubmit(&instance.store, &mut tx, run).await?);
    }
    tx.commit().await?;
    if alone {
        Engine::new(&instance, policy, out.words).await?.run_until_idle(&CancellationToken::new()).await?;
    }
    let pairs: Vec<_> = old.iter().zip(&started).collect();
    out.show(
        &json!(pairs.iter().map(|(old, new)| json!({"run": old, "new": new})).collect::<Vec<_>>()),
        || {
            if pairs.is_empty() {
                return out.words.text("flow-nothing-to-resubmit", &[]);
            }
            let line = |(old, new): &(&RunId, &Option<RunId>)| match new {
                Some(new) => out.words.text(
                    "flow-took-over",
                    &[("run", new.to_string().into()), ("old", old.to_string().into())],
                ),
                None => out.words.text("flow-not-started", &[("old", old.to_string().into())]),
            };
            pairs.iter().map(line).collect::<Vec<_>>().join("\n")
        },
    )?;
    Ok(Exit::Done)
}

/// The failed and timed-out runs of a flow, the oldest first.
async fn failed(store: &Store, flow: &str) -> Result<Vec<RunId>> {
    let mut found = Vec::new();
    for status in [RunStatus::Failed, RunStatus::TimedOut] {
        let filter = RunFilter { flow: Some(flow.to_owned()), status: Some(status), ..RunFilter::default() };
        found.extend(history::runs(store, &filter).await?);
    }
    found.sort_by_key(|run| run.started);
    Ok(found.into_iter().map(|run| run.id).collect())
}

pub(super) async fn restart(
    at: &Place,
    run: &str,
    from: &[String],
    present: bool,
    outbound: &Outbound,
    out: &Out,
) -> Result<Exit> {
    let policy = place::policy(outbound)?;
    let (instance, alone) = place::open_or_beside(at, "weir flow restart").await?;
    let old = runs::resolve(&instance.store, run, out.words).await?;
    let from: Vec<ActionPath> = from.iter().filter_map(|path| path.parse().ok()).collect();
    let follow = if present { Follow::PresentVersion } else { Follow::OwnVersion };
    let mut tx = instance.store.write().await?;
    let new = flow::restart(&instance.store, &mut tx, &old, &from, follow).await?;
    tx.commit().await?;
    if !alone {
        let values = [("run", new.to_string().into()), ("old", old.to_string().into())];
        out.show(&json!({"run": old, "new": new}), || out.words.text("flow-took-over", &values))?;
        return Ok(Exit::Done);
    }
    Engine::new(&instance, policy, out.words).await?.run_until_idle(&CancellationToken::new()).await?;
    let run = runs::detail(&instance.store, &new, out.words).await?;
    out.show(&run, || runs::text(&run, out.words))?;
    let failed = matches!(run.summary.status.name(), "Failed" | "TimedOut" | "Cancelled");
    Ok(if failed { Exit::Failed } else { Exit::Done })
}
