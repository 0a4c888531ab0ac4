//! Who is in which segment, as a task: one row per customer who is in any.

use serde_json::json;

use super::stage::stage;
use super::{Failure, Made, TaskContext, TaskOutput};
use crate::definitions::SEGMENT_MEMBERSHIP;
use crate::refresh::TaskStatus;
use crate::relationships::CUSTOMER_ID;
use crate::segments::membership;

/// Raised when the same segments would now give other rows.
const ENGINE_VERSION: &str = "1";

pub(super) fn input_key(context: &TaskContext) -> String {
    format!("{ENGINE_VERSION}\n{}", segments(context).join("\n"))
}

/// The segments that have rows: those of this run, and those that stand as they were.
fn segments(context: &TaskContext) -> Vec<String> {
    let mut names: Vec<String> = context.definitions.segments.iter().map(|it| it.name.clone()).collect();
    names.retain(|name| context.view.schema(name).is_some());
    names.sort();
    names
}

pub(super) async fn run(context: &TaskContext) -> Result<Made, Failure> {
    let mut members = Vec::new();
    for name in segments(context) {
        context.progress("listing members", members.len() as u64, None);
        let batches = context.view.collect(&name, Some(&[CUSTOMER_ID])).await?;
        members.push((name, batches));
    }
    let batch = membership::rows(&members).map_err(|error| Failure::permanent("segmentFailed", error))?;
    let rows = batch.num_rows();
    let table = stage(context, SEGMENT_MEMBERSHIP, &batch.schema(), &[batch]).await?;
    let output = TaskOutput {
        entities: vec![SEGMENT_MEMBERSHIP.to_owned()],
        report: json!({"customers": rows, "segments": members.len()}),
        message: format!("{} customers in segments", events::thresholds::number(rows as f64)),
        ..TaskOutput::default()
    };
    let staged = vec![(SEGMENT_MEMBERSHIP.to_owned(), table)];
    Ok(Made {
        status: TaskStatus::Successful,
        staged,
        dropped: Vec::new(),
        output,
        news: String::new(),
        key: None,
    })
}
