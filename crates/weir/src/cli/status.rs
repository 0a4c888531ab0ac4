//! `weir status`

use anyhow::Result;
use cdp::refresh::jobs::{self, Task};
use serde_json::json;

use super::out::{columns, moment};
use super::progress::sign;
use super::{Exit, Out, place};
use crate::instance::Place;

pub(super) async fn run(at: &Place, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let tasks = jobs::latest_tasks(&instance.store).await?;
    let job = jobs::list(&instance.store, 1).await?.into_iter().next();
    let view = instance.lake.view_latest().await?;
    let name = instance.store.setting("instance").await?;
    let value = json!({"instance": name, "snapshot": view.snapshot(), "lastJob": job, "tasks": tasks});
    out.show(&value, || {
        let name = name.as_deref().unwrap_or("(nothing applied)");
        let mut text = format!("{name}, snapshot {}\n", view.snapshot());
        if let Some(job) = &job {
            let ended = moment(job.ended_at.or(job.started_at));
            text.push_str(&format!("last job {}: {} at {ended}\n", job.id, job.status));
        }
        text.push('\n');
        text.push_str(&table(&tasks));
        text
    })?;
    Ok(Exit::Done)
}

/// Tasks as a table.
pub(super) fn table(tasks: &[Task]) -> String {
    let rows: Vec<Vec<String>> = tasks
        .iter()
        .map(|task| {
            vec![
                format!("{} {}", sign(task.status), task.operation),
                task.name.clone(),
                task.status.to_string(),
                moment(task.ended_at.or(task.started_at)),
                format!("{}{}", task.message.as_deref().unwrap_or_default(), why(task)),
            ]
        })
        .collect();
    columns(&["  TASK", "NAME", "STATUS", "ENDED", "RESULT"], &rows)
}

fn why(task: &Task) -> &'static str {
    if task.reason == cdp::refresh::SelectionReason::Unchanged { " (unchanged)" } else { "" }
}
