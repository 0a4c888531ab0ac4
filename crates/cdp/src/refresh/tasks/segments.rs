//! A segment as a task: its members' profiles become its entity, its size a point of its history.

use datafusion::prelude::SessionContext;
use futures::TryStreamExt;
use lake::StagedTable;
use serde_json::{Value, json};

use super::{Failure, Made, TaskContext, TaskOutput, definition_text};
use crate::definitions::{MeasureKind, Segment};
use crate::insights::Engine;
use crate::refresh::history::{Point, Series};
use crate::refresh::indexed::of_task;
use crate::refresh::queries::QueryReads;
use crate::refresh::{Operation, TaskStatus};
use crate::segments::{self, SegmentError, SegmentResult, member_rows};

/// Raised when the same rows would now give other members.
const ENGINE_VERSION: &str = "2";

pub(super) fn input_key(context: &TaskContext, name: &str) -> String {
    let definitions = &context.definitions;
    let attributes = definitions.measures.iter().filter(|m| m.kind == MeasureKind::CustomerAttribute);
    let attributes: Vec<&str> = attributes.map(|measure| measure.name.as_str()).collect();
    let relationships = definition_text(&definitions.relationships);
    let chosen = definitions.segment(name);
    let states: Vec<_> = definitions.segments.iter().map(|it| (&it.name, it.state)).collect();
    let is_relative = |it: &Segment| {
        it.sql.as_ref().is_some_and(|sql| !QueryReads::of(definitions, &sql.0).is_all)
            || it.rules.iter().any(|rule| rule.where_.condition().is_relative())
    };
    let moment = if chosen.is_some_and(is_relative) { context.at.to_string() } else { String::new() };
    let (states, chosen) = (definition_text(&states), definition_text(&chosen));
    format!("{ENGINE_VERSION}\n{relationships}\n{attributes:?}\n{states}\n{moment}\n{chosen}")
}

pub(super) async fn run(context: &TaskContext, name: &str) -> Result<Made, Failure> {
    let session = context.view.session()?;
    let before = match context.before.schema(name) {
        Some(_) => Some(context.before.session()?),
        None => None,
    };
    let graph = crate::relationships::graph(&context.definitions);
    context.progress("choosing members", 0, None);
    let now = context.now();
    let index = of_task(context).await;
    let task = segments::Task {
        graph: &graph,
        measures: &context.definitions.measures,
        segments: &context.definitions.segments,
        now: &now,
        measures_are_current: context.measures_are_current,
        engine: Engine::Index,
        index: index.as_ref(),
        before: before.as_ref(),
    };
    let is_ready =
        |segment: &Segment| context.ready.contains(&format!("{}:{}", Operation::Segmentation, segment.name));
    let failed = |error: SegmentError| Failure::permanent(error.code(), error);
    let known = context
        .shared
        .segments(&[name], segments::indexed(&session, task, is_ready))
        .await
        .map_err(failed)?;
    let results =
        segments::evaluate_knowing(&session, task, known, |it| it.name == name).await.map_err(failed)?;
    if let Some(failed) = results.failed.first() {
        return Err(Failure::permanent(failed.error.code(), &failed.error));
    }
    let Some(result) = results.segments.into_iter().next() else {
        return Err(Failure::permanent("segmentNotFound", format!("there is no active segment {name:?}")));
    };
    let table = match result.project.is_empty() {
        true => profiles(context, &session, &result).await?,
        false => projected(context, &session, &result).await?,
    };
    Ok(made(result, table))
}

/// The members' profiles, out of all profiles, which are read once for all segments.
async fn profiles(
    context: &TaskContext,
    session: &SessionContext,
    result: &SegmentResult,
) -> Result<StagedTable, Failure> {
    let failed = |error: SegmentError| Failure::permanent(error.code(), error);
    let read = segments::ordered_customers(session);
    let customers = context.shared.customers(read).await.map_err(failed)?;
    let (schema, customers) = customers.as_ref();
    let mut stager = context.lake.stage(&result.name, schema.clone()).await?;
    for batch in segments::rows_of_members(customers, &result.members) {
        stager.write(&batch.map_err(failed)?).await?;
    }
    Ok(stager.finish().await?)
}

/// The members' profiles with attributes of related entities.
async fn projected(
    context: &TaskContext,
    session: &SessionContext,
    result: &SegmentResult,
) -> Result<StagedTable, Failure> {
    let rows = member_rows(session, &result.members, &result.project).await;
    let mut rows = rows.map_err(|error| Failure::permanent(error.code(), error))?;
    let mut stager = context.lake.stage(&result.name, rows.schema()).await?;
    while let Some(batch) = rows.try_next().await.map_err(|e| Failure::permanent("queryFailed", e))? {
        stager.write(&batch).await?;
    }
    Ok(stager.finish().await?)
}

fn made(result: SegmentResult, table: lake::StagedTable) -> Made {
    let number = |n: u64| events::thresholds::number(n as f64);
    let mut news = String::new();
    if let (Some(entered), Some(left)) = (result.entered, result.left)
        && entered + left > 0
    {
        news = format!(" (+{} −{})", number(entered), number(left));
    }
    let rules: Vec<_> =
        result.rules.iter().map(|rule| json!({"customers": rule.own, "segmentAfter": rule.total})).collect();
    let report = json!({
        "size": result.size, "entered": result.entered, "left": result.left, "rules": rules,
        "notIndexed": result.not_indexed,
    });
    let series = Series::Segment { name: result.name.clone() };
    let output = TaskOutput {
        entities: vec![result.name.clone()],
        points: vec![Point { series, value: Some(result.size as f64) }],
        report,
        message: format!("{} members", number(result.size)),
        ..TaskOutput::default()
    };
    Made {
        status: TaskStatus::Successful,
        staged: vec![(result.name, table)],
        dropped: Vec::new(),
        output,
        news,
        key: None,
    }
}

/// The report of a segment that did not have to be computed: nobody entered it and nobody left.
pub(super) fn nobody_moved(report: &mut Value) {
    for field in ["entered", "left"] {
        if let Some(count) = report.get_mut(field).filter(|count| !count.is_null()) {
            *count = json!(0);
        }
    }
}
