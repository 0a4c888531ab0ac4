//! `weir flow runs`, `show` and `cancel`: what runs did, and stopping them.

use anyhow::Result;
use flow::history::{self, ActionDetail, RunDetail, RunFilter};
use serde_json::{Value, json};
use store::{RunId, Store};

use super::super::out::{Missing, columns, moment};
use super::super::{Exit, Out, place};
use crate::instance::Place;
use crate::words::Words;

pub(super) async fn list(at: &Place, flow: Option<&str>, limit: u32, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let filter = RunFilter { flow: flow.map(str::to_owned), limit, ..RunFilter::default() };
    let runs = history::runs(&instance.store, &filter).await?;
    out.show(&runs, || {
        let rows: Vec<Vec<String>> = runs
            .iter()
            .map(|run| {
                let error = run.error.as_ref().map(|error| error.message.clone()).unwrap_or_default();
                let status = status(run.status.name(), out.words);
                vec![
                    run.id.to_string(),
                    run.flow.clone(),
                    status,
                    moment(Some(run.started)),
                    moment(run.ended),
                    error,
                ]
            })
            .collect();
        let head = out.words.list([
            "column-run",
            "column-flow",
            "column-status",
            "column-started",
            "column-ended",
            "column-error",
        ]);
        columns(&head, &rows)
    })?;
    Ok(Exit::Done)
}

pub(super) async fn show(at: &Place, run: &str, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let id = resolve(&instance.store, run, out.words).await?;
    let run = detail(&instance.store, &id, out.words).await?;
    out.show(&run, || text(&run, out.words))?;
    Ok(Exit::Done)
}

pub(super) fn missing(run: String, words: &Words) -> Missing {
    Missing { code: "runNotFound", message: words.text("flow-run-missing", &[("run", run.into())]) }
}

pub(super) async fn detail(store: &Store, id: &RunId, words: &Words) -> Result<RunDetail> {
    let missing = || missing(id.to_string(), words);
    Ok(history::run(store, id).await?.ok_or_else(missing)?)
}

pub(super) async fn resolve(store: &Store, run: &str, words: &Words) -> Result<RunId> {
    let missing = || missing(format!("{run:?}"), words);
    if run == "last" {
        let filter = RunFilter { limit: 1, ..RunFilter::default() };
        let newest = history::runs(store, &filter).await?.into_iter().next().map(|run| run.id);
        return Ok(newest.ok_or_else(missing)?);
    }
    Ok(run.parse().map_err(|_| missing())?)
}

/// How a run or an action stands.
pub(super) fn status(name: &str, words: &Words) -> String {
    words.text("run-status", &[("status", name.into())])
}

pub(super) fn text(run: &RunDetail, words: &Words) -> String {
    let summary = &run.summary;
    let values = [
        ("run", summary.id.to_string().into()),
        ("flow", summary.flow.as_str().into()),
        ("status", status(summary.status.name(), words).into()),
    ];
    let mut text = words.text("flow-run", &values);
    if let Some(error) = &summary.error {
        text.push_str(&format!(" ({}: {})", error.code, error.message));
    }
    let values =
        [("started", moment(Some(summary.started)).into()), ("origin", summary.origin.as_str().into())];
    text.push_str(&format!("\n{}\n\n", words.text("flow-run-started", &values)));
    text.push_str(&actions(&run.actions, words));
    text
}

/// A line for each execution.
pub(super) fn actions(actions: &[ActionDetail], words: &Words) -> String {
    let rows: Vec<Vec<String>> = actions
        .iter()
        .map(|action| {
            let error = action.error.as_ref().map(|error| error.message.clone());
            let said = error.or_else(|| action.outputs.as_ref().map(short)).unwrap_or_default();
            let status = status(action.status.name(), words);
            vec![action.path.clone(), action.type_name.clone(), status, action.code.clone(), said]
        })
        .collect();
    let head = words.list(["column-action", "column-type", "column-status", "column-code", "column-outputs"]);
    columns(&head, &rows)
}

/// The start of a value, on one line.
pub(super) fn short(value: &Value) -> String {
    let text = value.to_string();
    let cut: String = text.chars().take(100).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}

pub(super) async fn cancel(at: &Place, run: &str, out: &Out) -> Result<Exit> {
    let (instance, _) = place::open_or_beside(at, "weir flow cancel").await?;
    let id = resolve(&instance.store, run, out.words).await?;
    let mut tx = instance.store.write().await?;
    let asked = flow::cancel(&mut tx, &id).await?;
    tx.commit().await?;
    out.show(&json!({"run": id, "cancelRequested": asked}), || {
        if asked {
            out.words.text("flow-will-stop", &[("run", id.to_string().into())])
        } else {
            out.words.text("ended-already", &[("what", id.to_string().into())])
        }
    })?;
    Ok(Exit::Done)
}
