//! `weir check`, `plan`, `apply`, `export` and `schema`

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::str::FromStr;

use anyhow::{Context, Result};
use cdp::definitions::{self, Definitions, Known, Plan, Project, Report};
use cdp::refresh::Unused;
use cdp::unification::Reader;
use events::EventType;
use events::subscriptions::{self, Want};
use flow::triggers::FlowTrigger;
use serde_json::json;
use store::Tx;

use super::args::{Apply, Export};
use super::{Exit, Out, place, report, standing};
use crate::instance::{Instance, Place};
use crate::receivers::FLOW;

pub(super) fn schema(out: &Out) -> Result<Exit> {
    out.line(&serde_json::to_string_pretty(&definitions::schema())?)?;
    Ok(Exit::Done)
}

pub(super) async fn check(at: &Place, out: &Out) -> Result<Exit> {
    let project = match load(at, out).await? {
        Ok(project) => project,
        Err(exit) => return Ok(exit),
    };
    let definitions = project.definitions();
    let value = json!({"valid": true, "warnings": project.warnings().problems});
    out.show(&value, || {
        let values = [
            ("instance", definitions.instance.as_str().into()),
            ("sources", definitions.data_sources.len().into()),
            ("measures", definitions.measures.len().into()),
            ("segments", definitions.segments.len().into()),
            ("thresholds", definitions.thresholds.len().into()),
            ("flows", definitions.flows.len().into()),
        ];
        let warnings = report::problems(project.warnings(), out.words);
        format!("{warnings}{}", out.words.text("check-right", &values))
    })?;
    Ok(Exit::Done)
}

/// Reads the project; when it is wrong, says why.
pub(super) async fn load(at: &Place, out: &Out) -> Result<Result<Project, Exit>> {
    let mut project = Project::load(&at.project);
    if let Some(known) = known(at, project.as_ref().ok()).await {
        project = Project::load_knowing(&at.project, &known);
    }
    match project {
        Ok(project) => Ok(Ok(project)),
        Err(wrong) => {
            refuse(&wrong, out)?;
            Ok(Err(Exit::Wrong))
        }
    }
}

/// What the data folder tells about the profiles; nothing where there is none, or it cannot be read.
async fn known(at: &Place, project: Option<&Project>) -> Option<Known> {
    let instance = place::open_to_read(at).await.ok()?;
    let reader = Reader::new(instance.store, instance.lake);
    let profile = reader.profile_attributes(project?.definitions()).await.ok()?;
    Some(Known { profile, ..Known::default() })
}

/// Says what is wrong with definitions.
pub(super) fn refuse(wrong: &Report, out: &Out) -> Result<()> {
    let value = json!({"valid": false, "problems": wrong.problems, "more": wrong.more});
    let n_wrong = wrong.problems.len() + wrong.more;
    out.show(&value, || {
        let sum = out.words.text("check-wrong", &[("n", n_wrong.into())]);
        format!("{}{sum}", report::problems(wrong, out.words))
    })
}

/// A plan, and what full refreshes will leave out because nothing uses it.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Planned<'p> {
    #[serde(flatten)]
    plan: &'p Plan,
    left_out: &'p [Unused],
}

pub(super) async fn plan(at: &Place, out: &Out) -> Result<Exit> {
    let project = match load(at, out).await? {
        Ok(project) => project,
        Err(exit) => return Ok(exit),
    };
    let wanted = project.definitions();
    let (plan, unused) = match place::open_to_read(at).await {
        Ok(instance) => {
            let plan = definitions::plan(&definitions::applied(&instance.store).await?, wanted)?;
            let unused = cdp::refresh::unused(&instance.store, wanted, Some(&plan)).await?;
            (plan, unused)
        }
        // Nothing was applied yet: everything is new.
        Err(_) if !at.data.join("weir.db").exists() => {
            (definitions::plan(&Definitions::default(), wanted)?, Vec::new())
        }
        Err(error) => return Err(error),
    };
    let value = Planned { plan: &plan, left_out: &unused };
    out.show(&value, || format!("{plan}\n{}", standing::left_out(&unused, out.words)))?;
    Ok(Exit::Done)
}

pub(super) async fn apply(at: &Place, command: &Apply, out: &Out) -> Result<Exit> {
    let project = match load(at, out).await? {
        Ok(project) => project,
        Err(exit) => return Ok(exit),
    };
    let (instance, _) = place::open_or_beside(at, "weir apply").await?;
    let applied = definitions::applied(&instance.store).await?;
    let planned = definitions::plan(&applied, project.definitions())?;
    if deletes(&planned) && !command.yes && !confirmed(&planned, out)? {
        out.error("notConfirmed", &out.words.word("apply-not-confirmed"));
        return Ok(Exit::Wrong);
    }
    let plan = apply_project(&instance, &project).await?;
    let warnings = report::problems(project.warnings(), out.words);
    if !warnings.is_empty() {
        out.note(warnings.trim_end());
    }
    out.show(&plan, || format!("{plan}{}", out.words.word("apply-done")))?;
    Ok(Exit::Done)
}

fn deletes(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| matches!(change.action, definitions::Action::Delete))
}

fn confirmed(plan: &Plan, out: &Out) -> Result<bool> {
    if out.json || !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    out.line(&plan.to_string())?;
    write!(std::io::stdout(), "{} ", out.words.word("apply-ask"))?;
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Applies a project: definitions, flows, connections, subscriptions and schedule, in one transaction.
pub(super) async fn apply_project(instance: &Instance, project: &Project) -> Result<Plan> {
    let before = definitions::applied(&instance.store).await?;
    let wanted = project.definitions();
    let mut tx = instance.store.write().await?;
    let plan = definitions::apply(&mut tx, project).await?;
    tx.put_setting("instance", &wanted.instance).await?;
    apply_flows(&mut tx, &before, wanted).await?;
    let connections: Vec<_> = wanted
        .connections
        .iter()
        .map(|(name, connection)| flow::connections::Connection {
            name: name.clone(),
            kind: connection.kind.as_str().to_owned(),
            config: serde_json::Value::Object(connection.config.clone()),
        })
        .collect();
    flow::connections::replace(&mut tx, &connections).await?;
    let there: Vec<(&str, &str)> =
        connections.iter().map(|it| (it.name.as_str(), it.kind.as_str())).collect();
    for file in &wanted.flows {
        let missing = flow::packages::missing(&file.document, &there);
        flow::definitions::wait_for(&mut tx, &file.name, &missing).await?;
    }
    events::thresholds::forget_removed(&mut tx, &wanted.thresholds).await?;
    cdp::refresh::schedule::arm(&mut tx, &before, wanted).await?;
    tx.commit().await?;
    Ok(plan)
}

async fn apply_flows(tx: &mut Tx, before: &Definitions, wanted: &Definitions) -> Result<()> {
    let names: BTreeSet<&str> = wanted.flows.iter().map(|flow| flow.name.as_str()).collect();
    for gone in before.flows.iter().filter(|flow| !names.contains(flow.name.as_str())) {
        flow::definitions::remove(tx, &gone.name).await?;
        subscriptions::replace(tx, FLOW, &gone.name, &[]).await?;
    }
    for file in &wanted.flows {
        flow::definitions::put(tx, &file.name, &file.document).await?;
        let (compiled, _) = flow::definitions::check(&file.document);
        let wants: Vec<Want> = match compiled.map(|compiled| compiled.trigger) {
            Some(FlowTrigger::Event(want)) => {
                let kind = EventType::from_str(want.event_type)
                    .with_context(|| format!("the trigger of the flow {}", file.name))?;
                vec![Want { kind, filter: want.filter }]
            }
            _ => Vec::new(),
        };
        subscriptions::replace(tx, FLOW, &file.name, &wants).await?;
    }
    Ok(())
}

pub(super) async fn export(at: &Place, command: &Export, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let applied = definitions::applied(&instance.store).await?;
    let written = definitions::export(&applied, &command.folder, command.force)?;
    let value = json!({"files": written.files, "otherFlows": written.other_flows, "pathsStartFrom": written.paths_start_from});
    out.show(&value, || {
        let names: Vec<String> = written.files.iter().map(|path| path.display().to_string()).collect();
        let folder = command.folder.display().to_string();
        let wrote = [("files", names.join(", ").into()), ("folder", folder.into())];
        let mut lines = vec![out.words.text("export-wrote", &wrote)];
        if let Some(base) = &written.paths_start_from {
            lines.push(out.words.text("export-paths", &[("folder", base.display().to_string().into())]));
        }
        if !written.other_flows.is_empty() {
            lines.push(out.words.word("export-other-flows"));
        }
        lines.join("\n")
    })?;
    Ok(Exit::Done)
}
