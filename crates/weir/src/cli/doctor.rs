//! `weir doctor`: checks of this machine and this instance, with a fix for each finding.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::out::padded;
use super::{Exit, Out, place, status};
use crate::instance::{Instance, Place};
use crate::words::Words;
use cdp::definitions::{self, Project};

/// One check.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    finding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Check {
    fn good(name: &'static str, finding: impl Into<String>) -> Self {
        Self { name, ok: true, finding: finding.into(), fix: None }
    }

    fn bad(name: &'static str, finding: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, ok: false, finding: finding.into(), fix: Some(fix.into()) }
    }
}

pub(super) async fn run(at: &Place, out: &Out) -> Result<Exit> {
    let words = out.words;
    let mut checks = vec![project(at, words), writable(&at.data, words), clock(words)];
    match place::open_to_read(at).await {
        Ok(instance) => checks.extend(inside(&instance, words).await),
        Err(error) => checks.push(Check::bad("state", error.to_string(), words.word("doctor-state-fix"))),
    }
    let well = checks.iter().all(|check| check.ok);
    out.show(&checks, || {
        // Variants of a text are named without blanks.
        let name =
            |check: &Check| words.text("doctor-check", &[("check", check.name.replace(' ', "-").into())]);
        let width = checks.iter().map(|check| name(check).width()).max().unwrap_or(0);
        let mut text = String::new();
        for check in &checks {
            let sign = if check.ok { '✓' } else { '✗' };
            text.push_str(&format!("{sign} {}  {}\n", padded(&name(check), width), check.finding));
            if let Some(fix) = &check.fix {
                let fix = words.text("doctor-fix-line", &[("fix", fix.as_str().into())]);
                text.push_str(&format!("  {}  {fix}\n", padded("", width)));
            }
        }
        text
    })?;
    Ok(if well { Exit::Done } else { Exit::Failed })
}

fn project(at: &Place, words: &Words) -> Check {
    match Project::load(&at.project) {
        Ok(project) => {
            let values = [("instance", project.definitions().instance.as_str().into())];
            Check::good("definitions", words.text("doctor-definitions-right", &values))
        }
        Err(wrong) => {
            let first = wrong.problems.first().map(ToString::to_string).unwrap_or_default();
            Check::bad("definitions", first, words.word("doctor-definitions-fix"))
        }
    }
}

fn writable(data: &Path, words: &Words) -> Check {
    let probe = data.join(".doctor");
    let tried = std::fs::create_dir_all(data).and_then(|()| std::fs::write(&probe, b"x"));
    let _ = std::fs::remove_file(&probe);
    match tried {
        Ok(()) => {
            let values = [("folder", data.display().to_string().into())];
            Check::good("data folder", words.text("doctor-folder-right", &values))
        }
        Err(error) => {
            Check::bad("data folder", format!("{}: {error}", data.display()), words.word("doctor-folder-fix"))
        }
    }
}

/// A machine that thinks it is years ago makes every certificate and schedule wrong.
fn clock(words: &Words) -> Check {
    let now = jiff::Timestamp::now();
    let built: jiff::Timestamp = jiff::Timestamp::constant(1_760_000_000, 0);
    if now > built {
        Check::good("clock", now.to_string())
    } else {
        let wrong = words.text("doctor-clock-wrong", &[("now", now.to_string().into())]);
        Check::bad("clock", wrong, words.word("doctor-clock-fix"))
    }
}

async fn inside(instance: &Instance, words: &Words) -> Vec<Check> {
    let mut checks = Vec::new();
    let restore = || words.word("doctor-restore");
    match instance.store.integrity().await {
        Ok(answer) if answer == "ok" => checks.push(Check::good("state", words.word("doctor-state-right"))),
        Ok(answer) => checks.push(Check::bad("state", answer, restore())),
        Err(error) => checks.push(Check::bad("state", error.to_string(), restore())),
    }
    match instance.lake.view_latest().await {
        Ok(view) => {
            let snapshot = view.snapshot().to_string();
            let values = [("n", view.entities().len().into()), ("snapshot", snapshot.into())];
            checks.push(Check::good("entities", words.text("doctor-entities-right", &values)));
        }
        Err(error) => checks.push(Check::bad("entities", error.to_string(), restore())),
    }
    checks.push(secrets(instance, words).await);
    checks.push(last_job(instance, words).await);
    checks.push(overdue(instance, words).await);
    checks
}

/// Every secret that connections refer to can be had.
async fn secrets(instance: &Instance, words: &Words) -> Check {
    let connections = match flow::connections::list(&instance.store).await {
        Ok(connections) => connections,
        Err(error) => return Check::bad("secrets", error.to_string(), words.word("doctor-apply-again")),
    };
    let vault = match instance.vault().await {
        Ok(vault) => vault,
        Err(error) => return Check::bad("secrets", error.to_string(), words.word("doctor-restore-key")),
    };
    let mut missing = Vec::new();
    for connection in &connections {
        let text = connection.config.to_string();
        for reference in auth::Reference::all_in(&text) {
            if let Err(error) = vault.reveal(&reference).await {
                missing.push(format!("{}: {error}", connection.name));
            }
        }
    }
    if missing.is_empty() {
        return Check::good(
            "secrets",
            words.text("doctor-secrets-right", &[("n", connections.len().into())]),
        );
    }
    Check::bad("secrets", missing.join("; "), words.word("doctor-secrets-fix"))
}

async fn last_job(instance: &Instance, words: &Words) -> Check {
    match cdp::refresh::jobs::list(&instance.store, 1).await {
        Ok(jobs) => match jobs.into_iter().next() {
            None => Check::bad(
                "refresh",
                words.word("doctor-never-refreshed"),
                words.word("doctor-refresh-first"),
            ),
            Some(job) if job.status == cdp::refresh::JobStatus::Failed => {
                let message = job.message.unwrap_or_default();
                Check::bad(
                    "refresh",
                    words.text("doctor-refresh-failed", &[("message", message.into())]),
                    words.word("doctor-refresh-fix"),
                )
            }
            Some(job) => {
                let status = status::job_status(job.status, words);
                Check::good("refresh", words.text("doctor-refresh-right", &[("status", status.into())]))
            }
        },
        Err(error) => Check::bad("refresh", error.to_string(), words.word("doctor-see-log")),
    }
}

/// Work that is long due means that nobody serves.
async fn overdue(instance: &Instance, words: &Words) -> Check {
    const LONG: Duration = Duration::from_secs(300);
    let scheduled = match definitions::applied(&instance.store).await {
        Ok(applied) => applied.schedule.is_some(),
        Err(error) => return Check::bad("schedule", error.to_string(), words.word("doctor-apply-again")),
    };
    let now = instance.store.clock().now();
    for queue in store::Queue::ALL {
        if let Ok(Some(due)) = instance.store.next_due(queue).await
            && now.duration_since(due).unsigned_abs() > LONG
            && due < now
        {
            let values = [("queue", queue.name().into()), ("due", due.to_string().into())];
            let finding = words.text("doctor-overdue", &values);
            return Check::bad("schedule", finding, words.word("doctor-overdue-fix"));
        }
    }
    Check::good(
        "schedule",
        if scheduled { words.word("doctor-schedule-right") } else { words.word("doctor-no-schedule") },
    )
}
