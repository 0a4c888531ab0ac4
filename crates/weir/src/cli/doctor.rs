//! `weir doctor`: checks of this machine and this instance, with a fix for each finding.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use super::{Exit, Out, place};
use crate::instance::{Instance, Place};
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
    let mut checks = vec![project(at), writable(&at.data), clock()];
    match place::open_to_read(at).await {
        Ok(instance) => checks.extend(inside(&instance).await),
        Err(error) => {
            checks.push(Check::bad("state", error.to_string(), "run `weir apply`, then `weir refresh`"))
        }
    }
    let well = checks.iter().all(|check| check.ok);
    out.show(&checks, || {
        let mut text = String::new();
        for check in &checks {
            text.push_str(&format!(
                "{} {:<14} {}\n",
                if check.ok { '✓' } else { '✗' },
                check.name,
                check.finding
            ));
            if let Some(fix) = &check.fix {
                text.push_str(&format!("  {:<14} fix: {fix}\n", ""));
            }
        }
        text
    })?;
    Ok(if well { Exit::Done } else { Exit::Failed })
}

fn project(at: &Place) -> Check {
    match Project::load(&at.project) {
        Ok(project) => Check::good("definitions", format!("{} is right", project.definitions().instance)),
        Err(wrong) => {
            let first = wrong.problems.first().map(ToString::to_string).unwrap_or_default();
            Check::bad("definitions", first, "run `weir check` to see every mistake")
        }
    }
}

fn writable(data: &Path) -> Check {
    let probe = data.join(".doctor");
    let tried = std::fs::create_dir_all(data).and_then(|()| std::fs::write(&probe, b"x"));
    let _ = std::fs::remove_file(&probe);
    match tried {
        Ok(()) => Check::good("data folder", format!("{} can be written", data.display())),
        Err(error) => {
            let fix = "give this user the right to write there, or choose another folder with --data";
            Check::bad("data folder", format!("{}: {error}", data.display()), fix)
        }
    }
}

/// A machine that thinks it is years ago makes every certificate and schedule wrong.
fn clock() -> Check {
    let now = jiff::Timestamp::now();
    let built: jiff::Timestamp = jiff::Timestamp::constant(1_760_000_000, 0);
    if now > built {
        Check::good("clock", now.to_string())
    } else {
        Check::bad("clock", format!("{now} is before this program was made"), "set the clock, best by NTP")
    }
}

async fn inside(instance: &Instance) -> Vec<Check> {
    let mut checks = Vec::new();
    match instance.store.integrity().await {
        Ok(answer) if answer == "ok" => checks.push(Check::good("state", "weir.db is whole")),
        Ok(answer) => checks.push(Check::bad("state", answer, "restore the data folder from a backup")),
        Err(error) => {
            checks.push(Check::bad("state", error.to_string(), "restore the data folder from a backup"))
        }
    }
    match instance.lake.view_latest().await {
        Ok(view) => checks.push(Check::good(
            "entities",
            format!("{} at snapshot {}", view.entities().len(), view.snapshot()),
        )),
        Err(error) => {
            checks.push(Check::bad("entities", error.to_string(), "restore the data folder from a backup"))
        }
    }
    checks.push(secrets(instance).await);
    checks.push(last_job(instance).await);
    checks.push(overdue(instance).await);
    checks
}

/// Every secret that connections refer to can be had.
async fn secrets(instance: &Instance) -> Check {
    let connections = match flow::connections::list(&instance.store).await {
        Ok(connections) => connections,
        Err(error) => return Check::bad("secrets", error.to_string(), "run `weir apply` again"),
    };
    let vault = match instance.vault().await {
        Ok(vault) => vault,
        Err(error) => return Check::bad("secrets", error.to_string(), "restore secret.key from a backup"),
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
        return Check::good("secrets", format!("{} connections have what they need", connections.len()));
    }
    let fix = "store it with `weir secret set NAME`, or set the environment variable";
    Check::bad("secrets", missing.join("; "), fix)
}

async fn last_job(instance: &Instance) -> Check {
    match cdp::refresh::jobs::list(&instance.store, 1).await {
        Ok(jobs) => match jobs.into_iter().next() {
            None => Check::bad("refresh", "nothing was refreshed yet", "run `weir refresh`"),
            Some(job) if job.status == cdp::refresh::JobStatus::Failed => {
                let message = job.message.unwrap_or_default();
                Check::bad(
                    "refresh",
                    format!("the last one failed: {message}"),
                    "see `weir status`, mend the source, `weir refresh`",
                )
            }
            Some(job) => Check::good("refresh", format!("the last one is {}", job.status)),
        },
        Err(error) => Check::bad("refresh", error.to_string(), "see the log"),
    }
}

/// Work that is long due means that nobody serves.
async fn overdue(instance: &Instance) -> Check {
    const LONG: Duration = Duration::from_secs(300);
    let scheduled = match definitions::applied(&instance.store).await {
        Ok(applied) => applied.schedule.is_some(),
        Err(error) => return Check::bad("schedule", error.to_string(), "run `weir apply` again"),
    };
    let now = instance.store.clock().now();
    for queue in store::Queue::ALL {
        if let Ok(Some(due)) = instance.store.next_due(queue).await
            && now.duration_since(due).unsigned_abs() > LONG
            && due < now
        {
            let finding = format!("work of the queue {} is due since {due}", queue.name());
            return Check::bad("schedule", finding, "keep `weir serve` running");
        }
    }
    Check::good("schedule", if scheduled { "nothing is overdue" } else { "no schedule is defined" })
}
