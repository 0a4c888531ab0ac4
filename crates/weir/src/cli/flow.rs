//! `weir flow`

use std::io::{BufRead, Read};
use std::path::PathBuf;

use anyhow::{Context, Result};
use flow::TriggerFired;
use flow::history::{self, RunDetail, RunFilter};
use serde_json::{Value, json};
use store::{RunId, Store};
use tokio_util::sync::CancellationToken;

use super::args::{Flow, FlowCommand, Outbound};
use super::out::{Missing, columns, moment};
use super::{Exit, Out, place, report};
use crate::engine::Engine;
use crate::instance::Place;
use crate::words::Words;

/// The longest trigger body that `flow run` reads, in bytes.
const MAX_BODY: u64 = 16 * 1024 * 1024;

pub(super) async fn run(at: &Place, command: &Flow, out: &Out) -> Result<Exit> {
    match &command.command {
        FlowCommand::List => list(at, out).await,
        FlowCommand::Run { flow, body, outbound } => start(at, flow, body, outbound, out).await,
        FlowCommand::Runs { flow, limit } => runs(at, flow.as_deref(), *limit, out).await,
        FlowCommand::Show { run } => show(at, run, out).await,
        FlowCommand::Cancel { run } => cancel(at, run, out).await,
        FlowCommand::Eval => eval(out),
        FlowCommand::Check { files } => check(files, out),
    }
}

async fn list(at: &Place, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let flows = flow::definitions::list(&instance.store).await?;
    out.show(&flows, || {
        let row = |flow: &flow::definitions::Flow| {
            let state = if flow.active { "on" } else { "off" };
            let state = out.words.text("flow-state", &[("state", state.into())]);
            vec![flow.name.clone(), state, flow.version.clone(), moment(flow.next_tick)]
        };
        let head = out.words.list(["column-flow", "column-state", "column-version", "column-next-tick"]);
        columns(&head, &flows.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

async fn start(at: &Place, name: &str, body: &str, outbound: &Outbound, out: &Out) -> Result<Exit> {
    let body: Value = serde_json::from_str(&body_text(body)?).context("the trigger's body is not JSON")?;
    let policy = place::policy(outbound)?;
    let (instance, alone) = place::open_or_beside(at, "weir flow run").await?;
    let fired = TriggerFired {
        name: String::new(),
        outputs: json!({"headers": {}, "body": body}),
        key: RunId::fresh().to_string(),
        origin: "weir flow run".to_owned(),
    };
    let mut tx = instance.store.write().await?;
    let started = flow::start(&mut tx, name, fired).await?;
    tx.commit().await?;
    let Some(id) = started else {
        out.error("flowOff", &out.words.text("flow-off", &[("flow", format!("{name:?}").into())]));
        return Ok(Exit::Failed);
    };
    if alone {
        Engine::new(&instance, policy).await?.run_until_idle(&CancellationToken::new()).await?;
    }
    let run = detail(&instance.store, &id, out.words).await?;
    out.show(&run, || text(&run, out.words))?;
    let failed = matches!(run.summary.status.name(), "Failed" | "TimedOut" | "Cancelled");
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

fn body_text(body: &str) -> Result<String> {
    let mut text = String::new();
    match body.strip_prefix('@') {
        Some(path) => {
            let file = std::fs::File::open(path).with_context(|| format!("{path} cannot be read"))?;
            file.take(MAX_BODY)
                .read_to_string(&mut text)
                .with_context(|| format!("{path} cannot be read"))?;
        }
        None if body == "-" => {
            std::io::stdin().lock().take(MAX_BODY).read_to_string(&mut text)?;
        }
        None => body.clone_into(&mut text),
    }
    Ok(text)
}

async fn runs(at: &Place, flow: Option<&str>, limit: u32, out: &Out) -> Result<Exit> {
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

async fn show(at: &Place, run: &str, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let id = resolve(&instance.store, run, out.words).await?;
    let run = detail(&instance.store, &id, out.words).await?;
    out.show(&run, || text(&run, out.words))?;
    Ok(Exit::Done)
}

fn missing(run: String, words: &Words) -> Missing {
    Missing { code: "runNotFound", message: words.text("flow-run-missing", &[("run", run.into())]) }
}

async fn detail(store: &Store, id: &RunId, words: &Words) -> Result<RunDetail> {
    let missing = || missing(id.to_string(), words);
    Ok(history::run(store, id).await?.ok_or_else(missing)?)
}

async fn resolve(store: &Store, run: &str, words: &Words) -> Result<RunId> {
    let missing = || missing(format!("{run:?}"), words);
    if run == "last" {
        let filter = RunFilter { limit: 1, ..RunFilter::default() };
        let newest = history::runs(store, &filter).await?.into_iter().next().map(|run| run.id);
        return Ok(newest.ok_or_else(missing)?);
    }
    Ok(run.parse().map_err(|_| missing())?)
}

/// How a run or an action stands.
fn status(name: &str, words: &Words) -> String {
    words.text("run-status", &[("status", name.into())])
}

fn text(run: &RunDetail, words: &Words) -> String {
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
    let rows: Vec<Vec<String>> = run
        .actions
        .iter()
        .map(|action| {
            let error = action.error.as_ref().map(|error| error.message.clone());
            let said = error.or_else(|| action.outputs.as_ref().map(short)).unwrap_or_default();
            let status = status(action.status.name(), words);
            vec![action.path.clone(), action.type_name.clone(), status, action.code.clone(), said]
        })
        .collect();
    let head = words.list(["column-action", "column-type", "column-status", "column-code", "column-outputs"]);
    text.push_str(&columns(&head, &rows));
    text
}

/// The start of a value, on one line.
fn short(value: &Value) -> String {
    let text = value.to_string();
    let cut: String = text.chars().take(100).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}

async fn cancel(at: &Place, run: &str, out: &Out) -> Result<Exit> {
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

fn eval(out: &Out) -> Result<Exit> {
    for line in std::io::stdin().lock().lines() {
        let line = line.context("standard input is not text")?;
        if !line.trim().is_empty() {
            out.line(&lang::expr::eval_line(&line, jiff::Timestamp::now()))?;
        }
    }
    Ok(Exit::Done)
}

fn check(files: &[PathBuf], out: &Out) -> Result<Exit> {
    let mut checked = Vec::new();
    let mut wrong = false;
    for path in files {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).with_context(|| format!("{name} cannot be read"))?;
        let document = String::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8 text"))?;
        let (compiled, findings) = flow::definitions::check(&document);
        wrong |= compiled.is_none();
        if !out.json {
            out.line(&report::findings(&name, &document, &findings, out.words))?;
        }
        checked.push(json!({"file": name, "valid": compiled.is_some(), "diagnostics": findings}));
    }
    if out.json {
        out.show(&checked, String::new)?;
    }
    Ok(if wrong { Exit::Wrong } else { Exit::Done })
}
