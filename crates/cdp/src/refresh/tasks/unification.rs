//! Unification as a task: source entities in, `Customer` and the other entities of unification out.

use lake::StagedTable;
use serde_json::Value;
use tokio::sync::mpsc;

use super::stage::stage;
use super::{Failure, Made, TaskContext, TaskOutput, definition_text};
use crate::definitions::Unification;
use crate::identity::{self, IdentityError};
use crate::refresh::TaskStatus;
use crate::unification::{MadeBy, model};
use unify::definition::UNIFICATION_MODEL;
use unify::{Extent, IdReport, Identity, Input, Options, Summary, Table, UnifyError, UnifyReport, Warm};

/// Raised when the same rows would now be unified differently.
const KERNEL_VERSION: &str = "5";

pub(super) fn input_key(context: &TaskContext) -> String {
    let pins: Vec<(&str, &str, String)> =
        context.pins.iter().map(|pin| (&*pin.entity, &*pin.key, pin.customer.to_string())).collect();
    let definition = definition_text(&context.definitions.unification);
    format!("{KERNEL_VERSION}\n{definition}\n{}", definition_text(&pins))
}

pub(super) async fn run(context: &TaskContext) -> Result<Made, Failure> {
    let Some(unification) = context.definitions.unification.clone() else {
        return Err(Failure::permanent("unificationMissing", "there is no unification in the definitions"));
    };
    let inputs = inputs(context, &unification).await?;
    let identity = identity(context).await?;
    // Tables are written while the next one is made, so that they do not all lie in memory.
    let (give, tables) = mpsc::channel(1);
    let computing = compute(context, unification, inputs, identity, give);
    let (staged, summary) = tokio::join!(write(context, tables), computing);
    let (mut staged, Summary { learned, report: done }) = (staged?, summary?);
    if let Some(learned) = &learned {
        let (schema, batch) = model::table(learned)?;
        staged.push((
            UNIFICATION_MODEL.to_owned(),
            stage(context, UNIFICATION_MODEL, &schema, &[batch]).await?,
        ));
    }
    let report = serde_json::to_value(&done).unwrap_or(Value::Null);
    let warnings: Vec<String> = done.warnings.iter().map(ToString::to_string).collect();
    let noted: String = warnings.iter().map(|warning| format!("; {warning}")).collect();
    let message = format!("{} profiles{noted}", events::thresholds::number(done.profiles as f64));
    let warnings = !warnings.is_empty();
    let status = if warnings { TaskStatus::CompletedWithWarnings } else { TaskStatus::Successful };
    let entities: Vec<String> = staged.iter().map(|(name, _)| name.clone()).collect();
    let dropped = dropped(context, &entities);
    let made_by = serde_json::to_value(MadeBy::of(&context.definitions)).unwrap_or(Value::Null);
    let output = TaskOutput { entities, warnings, report, message, made_by, ..TaskOutput::default() };
    let news = format!("{}{}", news(&done), ids(done.ids));
    Ok(Made { status, staged, dropped, output, news, key: None })
}

/// How many rows had changed, where only those were looked at, and why a model was learned anew.
fn news(report: &UnifyReport) -> String {
    let changed = match report.extent {
        Some(Extent::Incremental { changed: 1, .. }) => "; 1 row changed".to_owned(),
        Some(Extent::Incremental { changed, .. }) => {
            format!("; {} rows changed", events::thresholds::number(changed as f64))
        }
        Some(Extent::Full { .. }) | None => String::new(),
    };
    let trained = report.model.as_ref().and_then(|model| model.trained);
    format!("{changed}{}", trained.map_or(String::new(), |reason| format!("; {reason}")))
}

/// What became of ids that did not stay.
fn ids(IdReport { merged, split, retired }: IdReport) -> String {
    let counts = [(merged, "merged"), (split, "split off"), (retired, "retired")];
    let counted = counts.iter().filter(|(count, _)| *count > 0);
    let number = |count: u64| events::thresholds::number(count as f64);
    let words: Vec<String> = counted.map(|(count, what)| format!("{} {what}", number(*count))).collect();
    if words.is_empty() { String::new() } else { format!("; ids: {}", words.join(", ")) }
}

/// What the last run made and this one does not: an entity is deduplicated no more.
fn dropped(context: &TaskContext, made: &[String]) -> Vec<String> {
    let definitions = &context.definitions;
    let taken = |name: &String| {
        definitions.source_entity(name).is_some()
            || definitions.measure(name).is_some()
            || definitions.segment(name).is_some()
    };
    let before = context.last.iter().flat_map(|last| &last.entities);
    let gone = before.filter(|name| !made.contains(name) && !taken(name));
    gone.filter(|name| context.before.schema(name).is_some()).cloned().collect()
}

async fn inputs(context: &TaskContext, unification: &Unification) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    for name in unification.reads() {
        let (source, entity) = context.definitions.source_entity(name).ok_or_else(|| {
            Failure::permanent("entityNotFound", format!("unification reads {name}, which is no entity"))
        })?;
        let schema = context
            .view
            .schema(name)
            .ok_or_else(|| Failure::permanent("entityNotFound", format!("{name} has no data yet")))?;
        let batches = context.view.collect(name, None).await?;
        inputs.push(Input {
            data_source: source.name.clone(),
            entity: name.to_owned(),
            primary_key: entity.primary_key.clone(),
            schema,
            batches,
        });
    }
    Ok(inputs)
}

/// Who is who so far: the ids of the last published run, and what people have decided.
async fn identity(context: &TaskContext) -> Result<Identity, Failure> {
    let previous = identity::previous(&context.before).await;
    let previous = previous.map_err(|error| match error {
        IdentityError::Lake(error) => Failure::from(error),
        error => Failure::permanent(error.code(), error),
    })?;
    let (at, job) = (store::to_micros(context.at), context.job.to_string());
    let learned = model::last(&context.before).await?;
    Ok(Identity { previous, pins: context.pins.to_vec(), at, job, learned })
}

/// Writes tables as they come; after an error nobody waits for the others.
async fn write(
    context: &TaskContext,
    mut tables: mpsc::Receiver<(String, Table)>,
) -> Result<Vec<(String, StagedTable)>, Failure> {
    let mut staged = Vec::new();
    while let Some((name, table)) = tables.recv().await {
        let written = stage(context, &name, &table.schema, &table.batches).await?;
        staged.push((name, written));
    }
    Ok(staged)
}

async fn compute(
    context: &TaskContext,
    unification: Unification,
    inputs: Vec<Input>,
    identity: Identity,
    give: mpsc::Sender<(String, Table)>,
) -> Result<Summary, Failure> {
    let context = context.clone();
    let computing = tokio::task::spawn_blocking(move || {
        let progress = |progress: unify::Progress| {
            let doing = match &progress.stage {
                unify::Stage::Map => "reading keys and values".to_owned(),
                unify::Stage::Match { entity, rule } => format!("matching {entity} by {rule}"),
                unify::Stage::Changes => "taking in what has changed".to_owned(),
                unify::Stage::Merge => "merging profiles".to_owned(),
            };
            context.progress(&doing, progress.done as u64, Some(progress.total as u64));
        };
        let (options, cancel) = (Options::default(), &context.cancel);
        let take = &mut |name: &str, table: Table| {
            // Nobody takes tables any more when one could not be written.
            give.blocking_send((name.to_owned(), table)).map_err(|_| UnifyError::Cancelled)
        };
        let Some(kept) = context.kept.as_ref().filter(|kept| kept.takes(&inputs)) else {
            return unify::run_into(&unification, inputs, &options, &identity, &progress, cancel, take);
        };
        let settings = (&options, &identity);
        let ran = Warm::run_into(kept.take(), &unification, &inputs, settings, &progress, cancel, take);
        ran.map(|(summary, warm)| {
            kept.hold(warm);
            summary
        })
    });
    let summary = computing.await.map_err(|error| Failure::permanent("taskBroken", error))?;
    summary.map_err(|error| Failure::permanent(error.code(), error))
}
