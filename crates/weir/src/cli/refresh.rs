//! `weir refresh`

use std::time::Duration;

use anyhow::Result;
use cdp::refresh::jobs::{self, Job, Submission};
use cdp::refresh::{JobStatus, Scope, SubmissionKind};
use serde_json::json;
use store::JobId;
use tokio_util::sync::CancellationToken;

use super::args::Refresh;
use super::progress::Follower;
use super::{Exit, Out, place};
use crate::engine::Engine;
use crate::instance::{Instance, Place};

pub(super) async fn run(at: &Place, command: &Refresh, out: &Out) -> Result<Exit> {
    let scope = match &command.source {
        Some(name) => Scope::DataSource(name.clone()),
        None => Scope::Full,
    };
    let policy = place::policy(&command.outbound)?;
    let (instance, alone) = place::open_or_beside(at, "weir refresh").await?;
    let id = submit(&instance, scope).await?;
    let job = if alone {
        let engine = Engine::new(&instance, policy).await?;
        let stop = stop_on_interrupt(&instance, &id, out);
        Follower::new(&engine.board, *out).until(engine.run_until_idle(&stop)).await?;
        jobs::get(&instance.store, &id).await?
    } else {
        out.note("another process works on this instance; it runs the job");
        jobs::wait_until_ended(&instance.store, &id, Duration::from_millis(200)).await?
    };
    show(&instance, &job, out).await?;
    Ok(match job.status {
        JobStatus::Successful | JobStatus::CompletedWithWarnings => Exit::Done,
        _ => Exit::Failed,
    })
}

/// Submits an on-demand job.
pub(super) async fn submit(instance: &Instance, scope: Scope) -> Result<JobId> {
    let by = "weir refresh".to_owned();
    let submission = Submission { id: JobId::fresh(), scope, kind: SubmissionKind::OnDemand, by };
    let mut tx = instance.store.write().await?;
    let id = jobs::submit(&mut tx, submission).await?;
    tx.commit().await?;
    Ok(id)
}

/// The first interrupt cancels the job, so that the last snapshot stands; a second one ends the process.
fn stop_on_interrupt(instance: &Instance, id: &JobId, out: &Out) -> CancellationToken {
    let stop = CancellationToken::new();
    let (store, id, out, stopping) = (instance.store.clone(), id.clone(), *out, stop.clone());
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        out.note("cancelling; the last snapshot stands (interrupt again to stop at once)");
        if let Ok(mut tx) = store.write().await
            && jobs::cancel(&mut tx, &id).await.is_ok()
        {
            let _ = tx.commit().await;
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.cancel();
        }
    });
    stop
}

async fn show(instance: &Instance, job: &Job, out: &Out) -> Result<()> {
    let tasks = jobs::tasks(&instance.store, &job.id).await?;
    let events = events::list(&instance.store, 100).await?;
    let of_job = |event: &&events::EventRecord| {
        event.data["job"] == json!(job.id) || job.snapshot.is_some_and(|s| event.data["snapshot"] == json!(s))
    };
    let events: Vec<_> = events.iter().filter(of_job).collect();
    let value = json!({"job": job, "tasks": tasks, "events": events});
    out.show(&value, || {
        let mut text = format!("{}: {}", job.id, in_words(job));
        for event in events.iter().rev() {
            if let Some(sentence) = event.data["sentence"].as_str() {
                text.push_str(&format!("\n  {sentence}"));
                for delivery in &event.deliveries {
                    let detail = delivery.detail.as_deref().unwrap_or_default();
                    text.push_str(&format!(
                        "\n    → {} {}: {} {detail}",
                        delivery.receiver, delivery.target, delivery.status
                    ));
                }
            }
        }
        text
    })
}

fn in_words(job: &Job) -> String {
    let snapshot = job.snapshot.map(|s| format!(", snapshot {s}")).unwrap_or_default();
    let message = job.message.as_deref().unwrap_or_default();
    match job.status {
        JobStatus::Successful => format!("successful{snapshot} ({message})"),
        JobStatus::CompletedWithWarnings => {
            format!("completed with warnings{snapshot} ({message}); see `weir status`")
        }
        JobStatus::Failed => format!("failed{snapshot}: {message}"),
        JobStatus::Canceled => format!("cancelled: {message}"),
        JobStatus::Queued | JobStatus::Running => job.status.to_string(),
    }
}
