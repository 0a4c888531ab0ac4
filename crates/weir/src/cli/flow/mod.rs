//! `weir flow`

mod again;
mod args;
mod connectors;
mod import;
mod runs;
mod trial;
mod versions;

use std::io::{BufRead, Read};
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use flow::TriggerFired;
use flow::triggers::FlowTrigger;
use serde_json::{Value, json};
use store::RunId;
use tokio_util::sync::CancellationToken;

pub(crate) use args::{Flow, FlowCommand};

use super::args::Outbound;
use super::out::{columns, moment};
use super::{Exit, Out, place, report};
use crate::engine::{self, Engine};
use crate::instance::Place;
use crate::words::Words;

/// The longest trigger body that `flow run` reads, in bytes.
const MAX_BODY: u64 = 16 * 1024 * 1024;

pub(super) async fn run(at: &Place, command: &Flow, out: &Out) -> Result<Exit> {
    match &command.command {
        FlowCommand::List => list(at, out).await,
        FlowCommand::Url { flow, address } => url(at, flow, address, out).await,
        FlowCommand::On { flows } => turn(at, flows, true, out).await,
        FlowCommand::Off { flows } => turn(at, flows, false, out).await,
        FlowCommand::Run { flow, body, outbound } => start(at, flow, body, outbound, out).await,
        FlowCommand::Runs { flow, limit } => runs::list(at, flow.as_deref(), *limit, out).await,
        FlowCommand::Show { run } => runs::show(at, run, out).await,
        FlowCommand::Cancel { run } => runs::cancel(at, run, out).await,
        FlowCommand::Resubmit { runs, failed_of, outbound } => {
            again::resubmit(at, runs, failed_of.as_deref(), outbound, out).await
        }
        FlowCommand::Restart { run, from, present, outbound } => {
            again::restart(at, run, from, *present, outbound, out).await
        }
        FlowCommand::Test { flow, with, body, answer, document } => {
            let trial = trial::Trial {
                flow,
                past: with.as_deref(),
                body,
                answers: answer,
                document: document.as_deref(),
            };
            trial::run(at, &trial, out).await
        }
        FlowCommand::Eval => eval(out),
        FlowCommand::Connectors { name } => connectors::run(name.as_deref(), out),
        FlowCommand::Check { files } => check(files, out),
        FlowCommand::Import(command) => import::import(at, command, out).await,
        FlowCommand::Export(command) => import::export(at, command, out).await,
        FlowCommand::Versions { flow } => versions::list(at, flow, out).await,
        FlowCommand::Diff { flow, before, after } => {
            versions::diff(at, flow, before.as_deref(), after.as_deref(), out).await
        }
        FlowCommand::Restore { flow, version } => versions::restore(at, flow, version, out).await,
        FlowCommand::Draft { command } => versions::draft(at, command, out).await,
    }
}

async fn list(at: &Place, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let flows = flow::definitions::list(&instance.store).await?;
    out.show(&flows, || {
        let row = |flow: &flow::definitions::Flow| {
            let state = state(flow, out.words);
            vec![flow.name.clone(), state, flow.version.clone(), moment(flow.next_tick)]
        };
        let head = out.words.list(["column-flow", "column-state", "column-version", "column-next-tick"]);
        columns(&head, &flows.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

async fn url(at: &Place, name: &str, address: &str, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let Some((_, document)) = flow::definitions::get(&instance.store, name).await? else {
        return Err(flow::FlowError::UnknownFlow(name.to_owned()).into());
    };
    let compiled = flow::definitions::check(&document).0.context("the flow cannot be read")?;
    ensure!(
        compiled.trigger == FlowTrigger::Manual,
        "the flow cannot be called: its trigger is not of the type Request"
    );
    let trigger = compiled.definition.triggers.first().map(|trigger| trigger.name.as_str());
    let called = instance.store.setting("instance").await?.unwrap_or_default();
    let signer = engine::signer(&instance.vault().await?);
    let path = flow::requests::invoke_path(&signer, &called, name, trigger.unwrap_or_default());
    let url = format!("{}{path}", address.trim_end_matches('/'));
    out.show(&json!({"flow": name, "url": url}), || format!("{url}\n"))?;
    Ok(Exit::Done)
}

/// `on`, `off`, or that it is paused and why.
fn state(flow: &flow::definitions::Flow, words: &Words) -> String {
    let state = match (&flow.paused, flow.active) {
        (_, true) if !flow.waits_for.is_empty() => "waiting",
        (_, true) => "on",
        (Some(_), false) => "paused",
        (None, false) => "off",
    };
    let values = [("state", state.into()), ("connections", flow.waits_for.join(", ").into())];
    let text = words.text("flow-state", &values);
    let reason = flow.paused.as_ref().map(|paused| format!(" ({})", paused.reason));
    format!("{text}{}", reason.unwrap_or_default())
}

async fn turn(at: &Place, flows: &[String], active: bool, out: &Out) -> Result<Exit> {
    let (instance, _) = place::open_or_beside(at, "weir flow").await?;
    let mut tx = instance.store.write().await?;
    for flow in flows {
        flow::definitions::set_active(&mut tx, flow, active).await?;
    }
    tx.commit().await?;
    let all = flow::definitions::list(&instance.store).await?;
    let turned: Vec<_> = all.into_iter().filter(|flow| flows.contains(&flow.name)).collect();
    out.show(&turned, || {
        let line = |flow: &flow::definitions::Flow| format!("{}: {}", flow.name, state(flow, out.words));
        turned.iter().map(line).collect::<Vec<_>>().join("\n")
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
        Engine::new(&instance, policy, out.words).await?.run_until_idle(&CancellationToken::new()).await?;
    }
    let run = runs::detail(&instance.store, &id, out.words).await?;
    out.show(&run, || runs::text(&run, out.words))?;
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
