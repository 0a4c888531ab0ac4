//! `weir demo`: all of it on made-up data, in a minute, with no network.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cdp::definitions::Project;
use cdp::refresh::jobs::{self, Job};
use cdp::refresh::{JobStatus, Scope};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::args::{Demo, Outbound};
use super::progress::Follower;
use super::{Exit, Out, apply, place, refresh, serve};
use crate::demo::data::{self, Made};
use crate::demo::inbox::Inbox;
use crate::demo::quality::{Quality, quality};
use crate::demo::{instance, story};
use crate::engine::Engine;
use crate::instance::{Instance, Place};

/// How long the card and the mail may take.
const ARRIVAL: Duration = Duration::from_secs(30);
/// Where the demo serves.
const LISTEN: &str = "127.0.0.1:8080";

/// What the demo did, in numbers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Everything is in here.
    pub folder: PathBuf,
    /// What was made on the first day.
    pub first_day: Made,
    /// What was there after the change.
    pub second_day: Made,
    /// The two refreshes.
    pub refreshes: Vec<Refreshed>,
    /// How well the profiles fit the known truth.
    pub quality: Quality,
    /// The crossings of the second refresh, in words.
    pub crossings: Vec<String>,
    /// The flow runs.
    pub runs: Vec<Value>,
    /// The lines of the Teams card.
    pub card: Option<Vec<String>>,
    /// The subject of the e-mail.
    pub mail: Option<String>,
    /// From the first file to the last message.
    pub seconds: f64,
}

/// One refresh.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refreshed {
    /// How it ended.
    pub status: JobStatus,
    /// Its snapshot.
    pub snapshot: Option<store::SnapshotId>,
    /// What each task came to.
    pub tasks: Vec<Value>,
    /// How long it took.
    pub seconds: f64,
}

pub(super) async fn run(command: &Demo, out: &Out) -> Result<Exit> {
    let started = Instant::now();
    let folder = folder(command)?;
    let inbox = Inbox::start().await.context("the local inbox could not be started")?;
    let (instance, engine) = prepare(&folder, &inbox, command, out.words).await?;
    let first_day = data::generate(&folder.join(instance::DATA_FOLDER), command.seed, command.people)?;
    instance::write(&folder, inbox.smtp_port(), first_day.level)?;
    out.say(&story::opening(&folder, &first_day, out.words))?;
    let project = Project::load(&folder).context("the demo's own definitions are wrong")?;
    apply::apply_project(&instance, &project).await?;

    let first = refreshed(&instance, &engine, out).await?;
    let quality = quality(&instance.lake, &folder.join(instance::DATA_FOLDER)).await?;
    out.say(&story::first(&first, &quality, out.words))?;
    let second_day = data::change(&folder.join(instance::DATA_FOLDER), command.seed, command.people)?;
    out.say(&story::change(&first_day, &second_day, out.words))?;
    let second = refreshed(&instance, &engine, out).await?;
    inbox.wait_until(ARRIVAL, |contents| !contents.messages.is_empty() && !contents.cards.is_empty()).await;

    let summary = Summary {
        crossings: crossings(&instance).await?,
        runs: runs(&instance).await?,
        card: inbox.cards().last().map(|card| card.lines()),
        mail: inbox.messages().last().map(|mail| mail.subject.clone()),
        refreshes: vec![first, second],
        folder: folder.clone(),
        first_day,
        second_day,
        quality,
        seconds: started.elapsed().as_secs_f64(),
    };
    end(&instance, &engine, &summary, command, out).await
}

fn folder(command: &Demo) -> Result<PathBuf> {
    match &command.folder {
        Some(folder) => {
            anyhow::ensure!(
                !folder.join("weir.yaml").exists(),
                "{} has a weir.yaml: the demo makes a folder of its own; name a new one",
                folder.display()
            );
            std::fs::create_dir_all(folder)
                .with_context(|| format!("{} cannot be made", folder.display()))?;
            Ok(std::path::absolute(folder)?)
        }
        None => Ok(tempfile::Builder::new().prefix("weir-demo-").tempdir()?.keep()),
    }
}

async fn prepare(
    folder: &Path,
    inbox: &Inbox,
    command: &Demo,
    words: &'static crate::words::Words,
) -> Result<(Instance, Engine)> {
    let at = Place { project: folder.to_owned(), data: folder.join(".weir") };
    let role = if command.headless { "weir demo" } else { "weir demo on http://127.0.0.1:8080" };
    let instance = Instance::open(&at, role, place::clock()?).await?;
    let vault = instance.vault().await?;
    let url = SecretString::from(inbox.teams_url());
    let mut tx = instance.store.write().await?;
    vault.put(&mut tx, instance::TEAMS_SECRET, &url).await?;
    tx.put_setting("instance", "demo").await?;
    tx.commit().await?;
    let allowed = inbox.allow_list().split(',').map(str::to_owned).collect();
    let engine = Engine::new(&instance, place::policy(&Outbound { allow_outbound: allowed })?, words).await?;
    Ok((instance, engine))
}

async fn refreshed(instance: &Instance, engine: &Engine, out: &Out) -> Result<Refreshed> {
    let started = Instant::now();
    let id = refresh::submit(instance, Scope::Full).await?;
    let stop = CancellationToken::new();
    Follower::new(&engine.board, *out).until(engine.run_until_idle(&stop)).await?;
    let job: Job = jobs::get(&instance.store, &id).await?;
    let tasks = jobs::tasks(&instance.store, &id).await?;
    let tasks = tasks
        .iter()
        .map(|task| json!({"task": task.id, "status": task.status, "message": task.message, "reason": task.reason}));
    Ok(Refreshed {
        status: job.status,
        snapshot: job.snapshot,
        tasks: tasks.collect(),
        seconds: started.elapsed().as_secs_f64(),
    })
}

async fn crossings(instance: &Instance) -> Result<Vec<String>> {
    let events = events::list(&instance.store, 100).await?;
    Ok(events.iter().filter_map(|event| event.data["sentence"].as_str().map(str::to_owned)).collect())
}

async fn runs(instance: &Instance) -> Result<Vec<Value>> {
    let runs = flow::history::runs(&instance.store, &flow::history::RunFilter::default()).await?;
    let run = |run: &flow::history::RunSummary| json!({"id": run.id, "flow": run.flow, "status": run.status, "error": run.error});
    Ok(runs.iter().map(run).collect())
}

async fn end(
    instance: &Instance,
    engine: &Engine,
    summary: &Summary,
    command: &Demo,
    out: &Out,
) -> Result<Exit> {
    let whole = summary.card.is_some() && summary.mail.is_some() && summary.crossings.len() == 1;
    if command.headless {
        out.show(summary, || story::ending(summary, out.words))?;
        return Ok(if whole { Exit::Done } else { Exit::Failed });
    }
    out.say(&story::ending(summary, out.words))?;
    let listener = tokio::net::TcpListener::bind(LISTEN).await.with_context(|| {
        format!("{LISTEN} is taken; the demo is done all the same, in {}", summary.folder.display())
    })?;
    out.say(&out.words.text("demo-serving", &[("address", format!("http://{LISTEN}").into())]))?;
    let stop = CancellationToken::new();
    serve::stop_on_signal(&stop)?;
    serve::serve(instance, engine, listener, &stop).await?;
    Ok(Exit::Done)
}
