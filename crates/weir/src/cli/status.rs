//! `weir status`

use anyhow::Result;
use cdp::refresh::jobs::{self, Task};
use cdp::refresh::{JobStatus, Operation, SelectionReason};
use serde_json::json;

use super::out::{columns, moment};
use super::progress::sign;
use super::{Exit, Out, place};
use crate::instance::Place;
use crate::words::Words;

pub(super) async fn run(at: &Place, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let tasks = jobs::latest_tasks(&instance.store).await?;
    let job = jobs::list(&instance.store, 1).await?.into_iter().next();
    let view = instance.lake.view_latest().await?;
    let name = instance.store.setting("instance").await?;
    let value = json!({"instance": name, "snapshot": view.snapshot(), "lastJob": job, "tasks": tasks});
    out.show(&value, || {
        let name = name.unwrap_or_else(|| out.words.word("status-nothing-applied"));
        let snapshot = view.snapshot().to_string();
        let values = [("instance", name.into()), ("snapshot", snapshot.into())];
        let mut text = out.words.text("status-head", &values);
        text.push('\n');
        if let Some(job) = &job {
            let values = [
                ("job", job.id.to_string().into()),
                ("status", job_status(job.status, out.words).into()),
                ("ended", moment(job.ended_at.or(job.started_at)).into()),
            ];
            text.push_str(&out.words.text("status-last-job", &values));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&table(&tasks, out.words));
        text
    })?;
    Ok(Exit::Done)
}

/// Tasks as a table.
pub(super) fn table(tasks: &[Task], words: &Words) -> String {
    let rows: Vec<Vec<String>> = tasks
        .iter()
        .map(|task| {
            vec![
                format!("{} {}", sign(task.status), operation(task.operation, words)),
                task.name.clone(),
                words.text("task-status", &[("status", task.status.as_str().into())]),
                moment(task.ended_at.or(task.started_at)),
                format!("{}{}", task.message.as_deref().unwrap_or_default(), why(task.reason, words)),
            ]
        })
        .collect();
    let [task, rest @ ..] =
        words.list(["column-task", "column-name", "column-status", "column-ended", "column-result"]);
    let [name, status, ended, result] = rest;
    columns(&[format!("  {task}"), name, status, ended, result], &rows)
}

/// Why a task had nothing to do.
pub(super) fn why(reason: SelectionReason, words: &Words) -> String {
    match reason {
        SelectionReason::Unchanged => format!(" ({})", words.word("unchanged")),
        _ => String::new(),
    }
}

/// How a job stands.
pub(super) fn job_status(status: JobStatus, words: &Words) -> String {
    words.text("job-status", &[("status", status.as_str().into())])
}

/// What a task does.
pub(super) fn operation(operation: Operation, words: &Words) -> String {
    words.text("operation", &[("operation", operation.as_str().into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;
    use cdp::refresh::TaskStatus;

    #[test]
    fn tasks_are_told_in_every_language_in_straight_columns() {
        let task = |operation, name: &str, status, reason| Task {
            id: format!("{operation}:{name}"),
            operation,
            name: name.to_owned(),
            reason,
            status,
            attempts: 1,
            started_at: None,
            ended_at: None,
            message: None,
            report: None,
        };
        let tasks = [
            task(Operation::Ingestion, "shop", TaskStatus::CompletedWithWarnings, SelectionReason::Requested),
            task(Operation::Segmentation, "BigSpenders", TaskStatus::Successful, SelectionReason::Unchanged),
        ];
        let told = |language| table(&tasks, Words::of(language));
        insta::assert_snapshot!(told(Language::English), @r"
          TASK          NAME         STATUS                   ENDED  RESULT
        ! ingestion     shop         completed with warnings  –
        ✓ segmentation  BigSpenders  successful               –       (unchanged)
        ");
        insta::assert_snapshot!(told(Language::ChineseHongKong), @r"
          工作  名稱         狀態              結束  結果
        ! 讀取  shop         已完成，但有警告  –
        ✓ 分群  BigSpenders  成功              –      (沒有變更)
        ");
        insta::assert_snapshot!(told(Language::Basque), @r"
          ATAZA         IZENA        EGOERA              AMAIERA  EMAITZA
        ! irakurketa    shop         abisuekin amaituta  –
        ✓ segmentazioa  BigSpenders  ondo                –         (aldaketarik gabe)
        ");
    }
}
