//! Activities as a task: mapped entities in, `UnifiedActivity` out.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Failure, Made, TaskContext, TaskOutput, definition_text};
use crate::activities::{self, ActivityError};
use crate::definitions::UNIFIED_ACTIVITY;
use crate::refresh::TaskStatus;

/// Raised when the same rows would now give other activities.
const ENGINE_VERSION: &str = "1";

pub(super) fn input_key(context: &TaskContext) -> String {
    let definitions = &context.definitions;
    let relationships = definition_text(&definitions.relationships);
    let keys: BTreeMap<String, &[String]> = definitions
        .source_entities()
        .map(|(source, entity)| (source.full_name(entity), entity.primary_key.as_slice()))
        .collect();
    format!(
        "{ENGINE_VERSION}\n{relationships}\n{}\n{}",
        definition_text(&keys),
        definition_text(&definitions.activities)
    )
}

pub(super) async fn run(context: &TaskContext) -> Result<Made, Failure> {
    let failed = |error: ActivityError| Failure::permanent(error.code(), error);
    let session = context.view.session()?;
    let graph = crate::relationships::graph(&context.definitions);
    context.progress("bringing activities to customers", 0, None);
    let mut rows = activities::unified(&session, &graph, &context.definitions).await.map_err(failed)?;
    let mut stager = context.lake.stage(UNIFIED_ACTIVITY, rows.schema().clone()).await?;
    let mut written = 0;
    while let Some(batch) = rows.next().await.map_err(failed)? {
        stager.write(&batch).await?;
        written += batch.num_rows() as u64;
        context.progress("bringing activities to customers", written, None);
    }
    let table = stager.finish().await?;
    let output = TaskOutput {
        entities: vec![UNIFIED_ACTIVITY.to_owned()],
        report: json!({"rows": written, "activities": rows.counts}),
        message: format!("{} activities", events::thresholds::number(written as f64)),
        ..TaskOutput::default()
    };
    let staged = vec![(UNIFIED_ACTIVITY.to_owned(), table)];
    Ok(Made {
        status: TaskStatus::Successful,
        staged,
        dropped: Vec::new(),
        output,
        news: String::new(),
        key: None,
    })
}
