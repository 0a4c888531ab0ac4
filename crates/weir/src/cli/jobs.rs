//! `weir jobs`

use anyhow::Result;
use cdp::refresh::{Scope, jobs};
use serde_json::json;
use store::{JobId, Store};

use super::args::{Jobs, JobsCommand};
use super::out::{Missing, columns, moment};
use super::status::{self, job_status};
use super::{Exit, Out, place};
use crate::instance::Place;
use crate::words::Words;

pub(super) async fn run(at: &Place, command: &Jobs, out: &Out) -> Result<Exit> {
    match &command.command {
        None => list(at, command.limit, out).await,
        Some(JobsCommand::Show { job }) => show(at, job, out).await,
        Some(JobsCommand::Cancel { job }) => cancel(at, job, out).await,
    }
}

async fn list(at: &Place, limit: u32, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let jobs = jobs::list(&instance.store, limit).await?;
    out.show(&jobs, || {
        let rows: Vec<Vec<String>> = jobs
            .iter()
            .map(|job| {
                vec![
                    job.id.to_string(),
                    scope(&job.scope, out.words),
                    out.words.text("submission", &[("kind", job.submission_kind.as_str().into())]),
                    job_status(job.status, out.words),
                    moment(job.started_at),
                    moment(job.ended_at),
                    job.snapshot.map(|s| s.to_string()).unwrap_or_default(),
                ]
            })
            .collect();
        let head = out.words.list([
            "column-job",
            "column-of",
            "column-submitted",
            "column-status",
            "column-started",
            "column-ended",
            "column-snapshot",
        ]);
        columns(&head, &rows)
    })?;
    Ok(Exit::Done)
}

async fn show(at: &Place, job: &str, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let id = resolve(&instance.store, job, out.words).await?;
    let job = jobs::get(&instance.store, &id).await?;
    let tasks = jobs::tasks(&instance.store, &id).await?;
    out.show(&json!({"job": job, "tasks": tasks}), || {
        let values = [
            ("job", job.id.to_string().into()),
            ("scope", scope(&job.scope, out.words).into()),
            ("by", job.submitted_by.as_str().into()),
            ("status", job_status(job.status, out.words).into()),
            ("message", job.message.as_deref().unwrap_or_default().into()),
        ];
        format!("{}\n\n{}", out.words.text("jobs-show", &values), status::table(&tasks, out.words))
    })?;
    Ok(Exit::Done)
}

async fn cancel(at: &Place, job: &str, out: &Out) -> Result<Exit> {
    let (instance, _) = place::open_or_beside(at, "weir jobs cancel").await?;
    let id = resolve(&instance.store, job, out.words).await?;
    let mut tx = instance.store.write().await?;
    let cancelled = jobs::cancel(&mut tx, &id).await?;
    tx.commit().await?;
    out.show(&json!({"job": id, "cancelRequested": cancelled}), || {
        if cancelled {
            out.words.text("jobs-will-stop", &[("job", id.to_string().into())])
        } else {
            out.words.text("ended-already", &[("what", id.to_string().into())])
        }
    })?;
    Ok(Exit::Done)
}

/// What a job refreshes.
fn scope(scope: &Scope, words: &Words) -> String {
    let (kind, name, surroundings) = match scope {
        Scope::Full => ("full", "", "none"),
        Scope::Part(part) => {
            let surroundings = match (part.upstream, part.downstream) {
                (false, false) => "none",
                (true, false) => "upstream",
                (false, true) => "downstream",
                (true, true) => "both",
            };
            (part.target.kind(), part.target.name(), surroundings)
        }
    };
    let what = words.text("scope", &[("kind", kind.into()), ("name", name.into())]);
    match surroundings {
        "none" => what,
        _ => words.text("scope-with", &[("what", what.into()), ("surroundings", surroundings.into())]),
    }
}

async fn resolve(store: &Store, job: &str, words: &Words) -> Result<JobId> {
    let missing = || Missing {
        code: "jobNotFound",
        message: words.text("jobs-missing", &[("job", format!("{job:?}").into())]),
    };
    if job == "last" {
        let newest = jobs::list(store, 1).await?.into_iter().next().map(|job| job.id);
        return Ok(newest.ok_or_else(missing)?);
    }
    Ok(job.parse().map_err(|_| missing())?)
}
