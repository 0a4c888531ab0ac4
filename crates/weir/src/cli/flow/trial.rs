//! `weir flow test`: a whole run with every call held back and listed.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use flow::definitions::{self, Compiled};
use flow::dry_run::{AnsweredBy, Answers, DryRun, dry_run};
use flow::history;
use flow::limits::Limits;
use flow::machine::{Caller, Trigger};
use serde_json::{Value, json};
use store::Store;

use super::super::out::columns;
use super::super::{Exit, Out, place};
use super::runs;
use crate::instance::Place;
use crate::words::Words;

/// What is tried.
pub(super) struct Trial<'a> {
    pub(super) flow: &'a str,
    pub(super) past: Option<&'a str>,
    pub(super) body: &'a str,
    pub(super) answers: &'a [String],
    pub(super) document: Option<&'a Path>,
}

pub(super) async fn run(at: &Place, trial: &Trial<'_>, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let compiled = compiled(&instance.store, trial).await?;
    let mut answers = Answers::default();
    let trigger = fired(&instance.store, trial, &compiled, &mut answers, out.words).await?;
    for answer in trial.answers {
        let (action, body) = answer.split_once('=').context("--answer takes ACTION=JSON")?;
        let body =
            serde_json::from_str(body).with_context(|| format!("the answer of {action} is not JSON"))?;
        answers.give(action, body);
    }
    let now = instance.store.clock().now();
    let tried = dry_run(&compiled.plan, trial.flow, trigger, &answers, now, &Limits::default());
    out.show(&tried, || text(trial.flow, &tried, out.words))?;
    let fine = tried.status.is_none_or(|status| matches!(status.name(), "Succeeded" | "Skipped"));
    Ok(if fine { Exit::Done } else { Exit::Failed })
}

async fn compiled(store: &Store, trial: &Trial<'_>) -> Result<Arc<Compiled>> {
    if let Some(file) = trial.document {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let (compiled, findings) = definitions::check(&text);
        let Some(compiled) = compiled else {
            bail!("{} cannot be run; `weir flow check` lists {} findings", file.display(), findings.len());
        };
        return Ok(Arc::new(compiled));
    }
    let Some((flow, _)) = definitions::get(store, trial.flow).await? else {
        return Err(flow::FlowError::UnknownFlow(trial.flow.to_owned()).into());
    };
    Ok(definitions::load(store, &flow.name, &flow.version).await?)
}

/// What fires the flow: the past run's trigger, or the body.
async fn fired(
    store: &Store,
    trial: &Trial<'_>,
    compiled: &Compiled,
    answers: &mut Answers,
    words: &Words,
) -> Result<Trigger> {
    if let Some(past) = trial.past {
        let id = runs::resolve(store, past, words).await?;
        let (trigger, state) =
            history::recorded(store, &id).await?.ok_or_else(|| runs::missing(id.to_string(), words))?;
        answers.record(&state);
        return Ok(trigger);
    }
    let body: Value =
        serde_json::from_str(&super::body_text(trial.body)?).context("the trigger's body is not JSON")?;
    let name = compiled.definition.triggers.first().map(|trigger| trigger.name.clone()).unwrap_or_default();
    let outputs = json!({"headers": {}, "body": body}).into();
    let caller = Caller { waits: true, ..Caller::default() };
    Ok(Trigger { name, outputs, origin: "weir flow test".to_owned(), caller })
}

fn text(flow: &str, tried: &DryRun, words: &Words) -> String {
    let status = tried.status.map_or("Waiting", |status| status.name());
    let values = [("flow", flow.into()), ("status", runs::status(status, words).into())];
    let mut text = words.text("flow-tried", &values);
    if let Some(error) = &tried.error {
        text.push_str(&format!(" ({}: {})", error.code, error.message));
    }
    text.push_str("\n\n");
    text.push_str(&runs::actions(&tried.actions, words));
    text.push_str("\n\n");
    let count = i64::try_from(tried.held_back.len()).unwrap_or(i64::MAX);
    text.push_str(&words.text("flow-held-back", &[("count", count.into())]));
    if tried.held_back.is_empty() {
        return text;
    }
    let rows: Vec<Vec<String>> = tried
        .held_back
        .iter()
        .map(|held| {
            let answered = match held.answered_by {
                AnsweredBy::Given => "given",
                AnsweredBy::PastRun => "past",
                AnsweredBy::Assumed => "assumed",
            };
            let operation = format!("{} {}", held.connector, held.operation);
            let answered = words.text("flow-answered", &[("by", answered.into())]);
            vec![held.action.clone(), operation, runs::short(&held.parameters), answered]
        })
        .collect();
    let head = words.list(["column-action", "column-operation", "column-parameters", "column-answered"]);
    text.push('\n');
    text.push_str(&columns(&head, &rows));
    text
}
