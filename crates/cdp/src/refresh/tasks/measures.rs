//! Measures as tasks: all customer attributes together, every other measure by itself.

use serde_json::json;

use super::stage::stage;
use super::{Failure, Made, TaskContext, TaskOutput, definition_text};
use crate::definitions::{Definitions, Measure, MeasureKind};
use crate::insights::Engine;
use crate::measures::{self, MeasureError, MeasureResults, MeasureValue};
use crate::refresh::graph::Node;
use crate::refresh::history::{Point, Series};
use crate::refresh::indexed::of_task;
use crate::refresh::queries::QueryReads;
use crate::refresh::{Operation, TaskStatus};
use crate::relationships::CUSTOMER_MEASURE;

/// Raised when the same rows would now be measured differently.
const ENGINE_VERSION: &str = "2";

pub(super) fn input_key(context: &TaskContext, node: &Node) -> String {
    let definitions = &context.definitions;
    let relationships = definition_text(&definitions.relationships);
    let chosen: Vec<&Measure> = definitions.measures.iter().filter(|it| is_chosen(it, node)).collect();
    let moment = if chosen.iter().any(|measure| is_relative(definitions, measure)) {
        context.at.to_string()
    } else {
        String::new()
    };
    // What the others are decides what names mean.
    let others: Vec<_> = definitions.measures.iter().map(|it| (&it.name, it.kind, it.state)).collect();
    let others = definition_text(&others);
    format!("{ENGINE_VERSION}\n{relationships}\n{others}\n{moment}\n{}", definition_text(&chosen))
}

/// The id of the task that calculates a measure.
fn task_of(measure: &Measure) -> String {
    match measure.kind {
        MeasureKind::CustomerAttribute => format!("{}:{CUSTOMER_MEASURE}", Operation::AttributeMeasures),
        _ => format!("{}:{}", Operation::EntityMeasures, measure.name),
    }
}

/// Whether a measure is one of a task's.
fn is_chosen(measure: &Measure, node: &Node) -> bool {
    let attributes = node.operation == Operation::AttributeMeasures;
    match measure.kind {
        MeasureKind::CustomerAttribute => attributes,
        _ => !attributes && measure.name == node.name,
    }
}

/// Whether the result depends on when it is calculated; or, of a query, on anything but entities.
fn is_relative(definitions: &Definitions, measure: &Measure) -> bool {
    if let Some(sql) = &measure.sql {
        let reads = QueryReads::of(definitions, &sql.0);
        return !(reads.is_all && reads.measures.is_empty() && !reads.entities.contains(CUSTOMER_MEASURE));
    }
    let calculations = measure.calculations.iter().map(|it| it.calculate.calculation());
    let mut aggregates = calculations.flat_map(lang::rule::Calculation::aggregates);
    measure.filter.iter().any(|filter| filter.condition().is_relative())
        || aggregates.any(lang::rule::Aggregate::is_relative)
}

pub(super) async fn run(context: &TaskContext, node: &Node) -> Result<Made, Failure> {
    let session = context.view.session()?;
    let graph = crate::relationships::graph(&context.definitions);
    context.progress("calculating", 0, None);
    let now = context.now();
    let index = of_task(context).await;
    let task = measures::Task {
        graph: &graph,
        measures: &context.definitions.measures,
        now: &now,
        measures_are_current: context.measures_are_current,
        engine: Engine::Index,
        index: index.as_ref(),
    };
    let failed = |error: MeasureError| Failure::permanent(error.code(), error);
    let all = context.definitions.measures.iter();
    let names: Vec<&str> = all.filter(|it| is_chosen(it, node)).map(|it| it.name.as_str()).collect();
    let is_ready = |measure: &Measure| context.ready.contains(&task_of(measure));
    let known =
        context.shared.measures(&names, measures::indexed(&session, task, is_ready)).await.map_err(failed)?;
    let results = measures::evaluate_knowing(&session, task, known, |measure| is_chosen(measure, node))
        .await
        .map_err(failed)?;
    if let Some(failed) = results.failed.first()
        && results.entities.is_empty()
    {
        return Err(Failure::permanent(failed.error.code(), format!("{}: {}", failed.measure, failed.error)));
    }
    made(context, results).await
}

async fn made(context: &TaskContext, results: MeasureResults) -> Result<Made, Failure> {
    let mut staged = Vec::new();
    let mut rows = 0;
    for entity in &results.entities {
        rows += entity.rows.num_rows();
        let table =
            stage(context, &entity.name, &entity.rows.schema(), std::slice::from_ref(&entity.rows)).await?;
        staged.push((entity.name.clone(), table));
    }
    let failed: Vec<String> = results.failed.iter().map(|f| format!("{}: {}", f.measure, f.error)).collect();
    let message = message(&results.values, rows, &failed);
    let status = if failed.is_empty() { TaskStatus::Successful } else { TaskStatus::CompletedWithWarnings };
    let output = TaskOutput {
        entities: staged.iter().map(|(name, _)| name.clone()).collect(),
        report: json!({"rows": rows, "failed": failed}),
        points: results.values.into_iter().map(point).collect(),
        warnings: !failed.is_empty(),
        message,
        ..TaskOutput::default()
    };
    Ok(Made { status, staged, dropped: Vec::new(), output, news: String::new(), key: None })
}

fn message(values: &[MeasureValue], rows: usize, failed: &[String]) -> String {
    let number = events::thresholds::number;
    let text = match values {
        [MeasureValue { value: Some(value), dimension: None, .. }] => number(*value),
        [MeasureValue { value: None, dimension: None, .. }] => "no value".to_owned(),
        _ => format!("{} rows", number(rows as f64)),
    };
    if failed.is_empty() { text } else { format!("{text}; without {}", failed.join("; ")) }
}

fn point(value: MeasureValue) -> Point {
    let MeasureValue { measure, calculation, dimension, value } = value;
    Point { series: Series::Measure { name: measure, calculation, dimension }, value }
}
