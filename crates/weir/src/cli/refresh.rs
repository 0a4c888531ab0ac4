//! `weir refresh`

use std::time::Duration;

use anyhow::Result;
use cdp::definitions;
use cdp::refresh::graph::Graph;
use cdp::refresh::jobs::{self, Job, Submission};
use cdp::refresh::{JobStatus, Part, Scope, SubmissionKind, Target};
use serde_json::json;
use store::JobId;
use tokio_util::sync::CancellationToken;

use super::args::Refresh;
use super::progress::Follower;
use super::{Exit, Out, place};
use crate::engine::Engine;
use crate::instance::{Instance, Place};
use crate::words::Words;

pub(super) async fn run(at: &Place, command: &Refresh, out: &Out) -> Result<Exit> {
    let scope = scope(command);
    let policy = place::policy(&command.outbound)?;
    let (instance, alone) = place::open_or_beside(at, "weir refresh").await?;
    let id = submit(&instance, scope).await?;
    let job = if alone {
        let engine = Engine::new(&instance, policy, out.words).await?;
        let stop = stop_on_interrupt(&instance, &id, out);
        Follower::new(&engine.board, *out).until(engine.run_until_idle(&stop)).await?;
        jobs::get(&instance.store, &id).await?
    } else {
        out.note(&out.words.word("refresh-elsewhere"));
        jobs::wait_until_ended(&instance.store, &id, Duration::from_millis(200)).await?
    };
    show(&instance, &job, out).await?;
    Ok(match job.status {
        JobStatus::Successful | JobStatus::CompletedWithWarnings => Exit::Done,
        _ => Exit::Failed,
    })
}

/// What the arguments ask for.
fn scope(command: &Refresh) -> Scope {
    let asked = &command.target;
    let source = asked.source.clone().map(Target::DataSource);
    let measure = || asked.measure.clone().map(Target::Measure);
    let segment = || asked.segment.clone().map(Target::Segment);
    let export = || asked.export.clone().map(Target::Export);
    let unification = || asked.unification.then_some(Target::Unification);
    match source.or_else(unification).or_else(measure).or_else(segment).or_else(export) {
        None => Scope::Full,
        Some(target) => {
            Scope::Part(Part { target, upstream: command.upstream, downstream: command.downstream })
        }
    }
}

/// Submits an on-demand job; a name that nobody knows makes none.
pub(super) async fn submit(instance: &Instance, scope: Scope) -> Result<JobId> {
    Graph::of(&definitions::applied(&instance.store).await?, &scope)?;
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
        out.note(&out.words.word("refresh-cancelling"));
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
        let mut text = ended(job, out.words);
        for event in events.iter().rev() {
            if let Some(sentence) = event.data["sentence"].as_str() {
                text.push_str(&format!("\n  {sentence}"));
                for delivery in &event.deliveries {
                    let detail = delivery.detail.as_deref().unwrap_or_default();
                    let status =
                        out.words.text("delivery-status", &[("status", delivery.status.as_str().into())]);
                    text.push_str(&format!(
                        "\n    → {} {}: {status} {detail}",
                        delivery.receiver, delivery.target
                    ));
                }
            }
        }
        text
    })
}

fn ended(job: &Job, words: &Words) -> String {
    let snapshot = job
        .snapshot
        .map(|snapshot| words.text("refresh-snapshot", &[("snapshot", snapshot.to_string().into())]))
        .unwrap_or_default();
    let values = [
        ("job", job.id.to_string().into()),
        ("status", job.status.as_str().into()),
        ("snapshot", snapshot.into()),
        ("message", job.message.as_deref().unwrap_or_default().into()),
    ];
    words.text("refresh-ended", &values)
}
