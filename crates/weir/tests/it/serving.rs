//! `weir serve`: alone on its data folder, answering, following the schedule, cancelling, ending in time.

use std::time::Duration;

use serde_json::Value;

use crate::support::served::Served;
use crate::support::shop::{bare, fill, manual_flow};
use crate::support::{Project, open_state, signal, until};

/// How long an end may take.
const END: Duration = Duration::from_secs(10);

async fn job_statuses(project: &Project) -> Vec<String> {
    let mut state = open_state(&project.state()).await;
    sqlx::query_scalar("SELECT status FROM job ORDER BY created_at, job_id")
        .fetch_all(&mut state)
        .await
        .unwrap()
}

async fn snapshots(project: &Project) -> i64 {
    let mut state = open_state(&project.state()).await;
    sqlx::query_scalar("SELECT max(snapshot_id) FROM ducklake_snapshot").fetch_one(&mut state).await.unwrap()
}

#[tokio::test]
async fn a_server_answers_runs_the_jobs_of_others_and_ends_in_time() {
    let project = bare();
    project.json(&["apply"]).await;
    let server = Served::start(&project).await;
    assert_eq!(server.get("/healthz").await.0, 200);
    assert_eq!(server.get("/readyz").await.0, 200);
    let (status, missing) = server.get("/nonsense").await;
    assert!(status == 404 && missing.contains("application/problem+json"), "{missing}");

    let refused = project.weir(&["serve", "--listen", "127.0.0.1:0", "--json"]).await.ends_with(3);
    assert!(refused.err.contains("dataFolderInUse"), "{refused:?}");
    let first = format!("(process {})", server.process());
    assert!(refused.err.contains("weir serve on ") && refused.err.contains(&first), "{refused:?}");

    // A refresh and a flow beside the server are done by the server; definitions are applied beside it.
    let refreshed = project.json(&["refresh"]).await;
    assert_eq!(refreshed["job"]["status"], "successful", "{refreshed:#}");
    assert!(server.log().contains(refreshed["job"]["id"].as_str().unwrap()), "{}", server.log());
    project.write(
        "flows/greet.json",
        manual_flow(&serde_json::json!({
            "Say": {"type": "Compose", "runAfter": {}, "inputs": "Hello"}
        })),
    );
    project.json(&["apply"]).await;
    let run = project.json(&["flow", "run", "greet"]).await;
    let id = run["id"].as_str().unwrap();
    until("the server has run the flow", async || {
        project.json(&["flow", "show", id]).await["status"] == "Succeeded"
    })
    .await;

    let (status, metrics) = server.get("/metrics").await;
    assert!(status == 200 && metrics.contains("# TYPE weir_"), "{metrics}");
    let ended = server.stop(END).await;
    assert_eq!(ended.code(), Some(0));
    // The folder is free again.
    Served::start(&project).await.stop(END).await;
}

#[tokio::test]
async fn a_killed_server_leaves_the_folder_free() {
    let project = bare();
    project.json(&["apply"]).await;
    Served::start(&project).await.kill().await;
    let server = Served::start(&project).await;
    assert_eq!(server.get("/readyz").await.0, 200);
}

#[tokio::test]
async fn a_tick_of_the_schedule_starts_a_job() {
    let mut project = bare();
    let text = project.read("weir.yaml");
    project.write(
        "weir.yaml",
        format!("{text}\nschedule: {{timeZone: Europe/Paris, cron: [\"0 6 * * *\"], missed: none}}\n"),
    );
    project.set("WEIR_NOW", "2026-03-02T04:55:00Z");
    project.json(&["apply"]).await;
    project.set("WEIR_NOW", "2026-03-02T04:59:57Z");
    let server = Served::start(&project).await;
    assert!(job_statuses(&project).await.is_empty(), "not before the tick");
    until("the job has ended", async || job_statuses(&project).await == ["successful"]).await;
    let jobs = project.json(&["jobs"]).await;
    assert_eq!(jobs[0]["submissionKind"], "scheduled", "{jobs:#}");
    assert!(jobs[0]["createdAt"].as_str().unwrap() >= "2026-03-02T05:00:00", "{jobs:#}");
    server.stop(END).await;
}

#[tokio::test]
async fn a_server_that_ends_parks_a_flow_and_the_next_one_finishes_it() {
    let project = bare();
    project.write("flows/slow.json", manual_flow(&serde_json::json!({
        "Wait_a_little": {"type": "Wait", "runAfter": {}, "inputs": {"interval": {"count": 3, "unit": "Second"}}},
        "Say": {"type": "Compose", "runAfter": {"Wait_a_little": ["Succeeded"]}, "inputs": "done"},
    })));
    project.json(&["apply"]).await;
    let server = Served::start(&project).await;
    let run = project.json(&["flow", "run", "slow"]).await;
    assert!(run["ended"].is_null(), "{run:#}");
    assert_eq!(server.stop(END).await.code(), Some(0));
    let id = run["id"].as_str().unwrap();
    let _server = Served::start(&project).await;
    until("the run has ended", async || project.json(&["flow", "show", id]).await["status"] == "Succeeded")
        .await;
}

/// Waits until there is a job more than `known`, and it runs or has ended; gives its status.
async fn begun(project: &Project, known: usize) -> String {
    let mut statuses = Vec::new();
    until("the job runs", async || {
        statuses = job_statuses(project).await;
        statuses.len() > known && statuses.last().unwrap() != "queued"
    })
    .await;
    statuses.pop().unwrap()
}

/// The edition that is published.
const EDITION: &str = "SELECT max(\"Edition\") AS n FROM Shop_Orders";

/// Fills the shop with so many rows that a refresh can be caught while it runs.
fn fill_much(project: &Project, attempt: u32) {
    fill(project, 5_000 << attempt, 100, u64::from(attempt) + 2);
}

#[tokio::test]
async fn a_job_that_is_cancelled_while_it_runs_publishes_nothing() {
    let project = bare();
    project.json(&["apply"]).await;
    let server = Served::start(&project).await;
    project.json(&["refresh"]).await;
    for attempt in 0..6 {
        let published = project.number(EDITION).await;
        let jobs = job_statuses(&project).await.len();
        fill_much(&project, attempt);
        let before = snapshots(&project).await;
        let refresh = project.command(&["refresh", "--json"]).spawn().unwrap();
        begun(&project, jobs).await;
        let asked = project.json(&["jobs", "cancel", "last"]).await;
        // It is read to its end: what it prints is more than a pipe holds.
        assert!(refresh.wait_with_output().await.unwrap().status.code().is_some());
        if asked["cancelRequested"] == false {
            continue; // This machine is fast: with more rows.
        }
        if job_statuses(&project).await.last().unwrap() != "canceled" {
            continue; // The wish came when the result was being written.
        }
        assert_eq!(snapshots(&project).await, before);
        assert_eq!(project.number(EDITION).await, published);
        server.stop(END).await;
        return;
    }
    panic!("no refresh was slow enough to be cancelled");
}

#[tokio::test]
async fn an_interrupt_cancels_the_refresh_and_the_last_snapshot_stands() {
    let project = bare();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    for attempt in 0..6 {
        fill_much(&project, attempt);
        let before = (job_statuses(&project).await.len(), snapshots(&project).await);
        let refresh = project.command(&["refresh", "--json"]).spawn().unwrap();
        if begun(&project, before.0).await == "running" {
            signal("INT", refresh.id().unwrap());
        }
        let output = refresh.wait_with_output().await.unwrap();
        if job_statuses(&project).await.last().unwrap() != "canceled" {
            continue;
        }
        assert_eq!(output.status.code(), Some(1));
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(shown["job"]["status"], "canceled", "{shown:#}");
        assert_eq!(snapshots(&project).await, before.1);
        return;
    }
    panic!("no refresh was slow enough to be interrupted");
}
