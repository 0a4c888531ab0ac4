//! Measures as tasks: all customer attributes together, every other measure by itself.

use serde_json::json;

use super::stage::stage;
use super::{Failure, Made, TaskContext, TaskOutput, definition_text};
use crate::definitions::{Measure, MeasureKind};
use crate::measures::{self, MeasureResults, MeasureValue};
use crate::refresh::graph::Node;
use crate::refresh::history::{Point, Series};
use crate::refresh::{Operation, TaskStatus};

/// Raised when the same rows would now be measured differently.
const ENGINE_VERSION: &str = "1";

pub(super) fn input_key(context: &TaskContext, node: &Node) -> String {
    let relationships = definition_text(&context.definitions.relationships);
    format!("{ENGINE_VERSION}\n{relationships}\n{}", definition_text(&chosen(context, node)))
}

/// The measures of a task.
fn chosen(context: &TaskContext, node: &Node) -> Vec<Measure> {
    let attributes = node.operation == Operation::AttributeMeasures;
    let is_chosen = |measure: &&Measure| match measure.kind {
        MeasureKind::CustomerAttribute => attributes,
        _ => !attributes && measure.name == node.name,
    };
    context.definitions.measures.iter().filter(is_chosen).cloned().collect()
}

pub(super) async fn run(context: &TaskContext, node: &Node) -> Result<Made, Failure> {
    let session = context.view.session()?;
    let graph = crate::relationships::graph(&context.definitions);
    let chosen = chosen(context, node);
    context.progress("calculating", 0, None);
    let results = measures::evaluate(&session, &graph, &chosen)
        .await
        .map_err(|error| Failure::permanent(error.code(), error))?;
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
    Ok(Made { status, staged, dropped: Vec::new(), output, news: String::new() })
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
