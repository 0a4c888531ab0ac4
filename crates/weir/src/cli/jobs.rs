//! `weir jobs`

use anyhow::Result;
use cdp::refresh::jobs;
use serde_json::json;
use store::{JobId, Store};

use super::args::{Jobs, JobsCommand};
use super::out::{Missing, columns, moment};
use super::{Exit, Out, place, status};
use crate::instance::Place;

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
                    job.scope.to_string(),
                    job.submission_kind.to_string(),
                    job.status.to_string(),
                    moment(job.started_at),
                    moment(job.ended_at),
                    job.snapshot.map(|s| s.to_string()).unwrap_or_default(),
                ]
            })
            .collect();
        columns(&["JOB", "OF", "SUBMITTED", "STATUS", "STARTED", "ENDED", "SNAPSHOT"], &rows)
    })?;
    Ok(Exit::Done)
}

async fn show(at: &Place, job: &str, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let id = resolve(&instance.store, job).await?;
    let job = jobs::get(&instance.store, &id).await?;
    let tasks = jobs::tasks(&instance.store, &id).await?;
    out.show(&json!({"job": job, "tasks": tasks}), || {
        let message = job.message.as_deref().unwrap_or_default();
        format!(
            "{} of {} ({}): {} {message}\n\n{}",
            job.id,
            job.scope,
            job.submitted_by,
            job.status,
            status::table(&tasks)
        )
    })?;
    Ok(Exit::Done)
}

async fn cancel(at: &Place, job: &str, out: &Out) -> Result<Exit> {
    let (instance, _) = place::open_or_beside(at, "weir jobs cancel").await?;
    let id = resolve(&instance.store, job).await?;
    let mut tx = instance.store.write().await?;
    let cancelled = jobs::cancel(&mut tx, &id).await?;
    tx.commit().await?;
    out.show(&json!({"job": id, "cancelRequested": cancelled}), || {
        if cancelled {
            format!("{id} will stop; the last snapshot stands")
        } else {
            format!("{id} has ended already")
        }
    })?;
    Ok(Exit::Done)
}

async fn resolve(store: &Store, job: &str) -> Result<JobId> {
    let missing = || Missing { code: "jobNotFound", message: format!("there is no job {job:?}") };
    if job == "last" {
        let newest = jobs::list(store, 1).await?.into_iter().next().map(|job| job.id);
        return Ok(newest.ok_or_else(missing)?);
    }
    Ok(job.parse().map_err(|_| missing())?)
}
