//! The search index as a task: profiles in, a folder beside the lake out.

use lang::diagnose::did_you_mean;
use search::{Builder, SearchError};
use serde_json::json;

use super::{Failure, Made, TaskContext, TaskOutput, definition_text};
use crate::customers::index_folder;
use crate::definitions::{CUSTOMER, SearchDefinition};
use crate::refresh::TaskStatus;
use crate::relationships::CUSTOMER_ID;

/// Raised when the same profiles would now be found by other words.
const ENGINE_VERSION: &str = "1";

pub(super) fn input_key(context: &TaskContext) -> String {
    format!("{ENGINE_VERSION}\n{}", definition_text(&context.definitions.search))
}

pub(super) async fn run(context: &TaskContext) -> Result<Made, Failure> {
    let failed = |error: SearchError| Failure::permanent(error.code(), error);
    let missing = || Failure::permanent("entityNotFound", format!("{CUSTOMER} has no data yet"));
    let schema = context.view.schema(CUSTOMER).ok_or_else(missing)?;
    let definition = match &context.definitions.search {
        Some(definition) => definition.clone(),
        None => SearchDefinition::of_schema(&schema, |_| None),
    };
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    if let Some(missing) = definition.attributes.iter().find(|it| !names.contains(&it.name.as_str())) {
        let near = did_you_mean(&missing.name, names).map(|near| format!("; did you mean {near}?"));
        let message = format!("customers have no attribute {}{}", missing.name, near.unwrap_or_default());
        return Err(Failure::permanent("searchAttributeWrong", message));
    }
    // Named by the job: readers of the snapshot before keep theirs, and a job that is run again writes it again.
    let name = context.job.to_string();
    let folder = index_folder(context.lake.data_path(), &name);
    let mut builder = Builder::begin(&folder, &definition, &schema, CUSTOMER_ID).map_err(failed)?;
    let batches = context.view.collect(CUSTOMER, None).await?;
    context.progress("indexing profiles", 0, None);
    let building = tokio::task::spawn_blocking(move || {
        batches.iter().try_for_each(|batch| builder.add(batch))?;
        builder.finish()
    });
    let index = building.await.map_err(|error| Failure::permanent("taskBroken", error))?.map_err(failed)?;
    let output = TaskOutput {
        report: json!({"rows": index.rows(), "searchable": index.searchable(), "folder": name}),
        message: format!("{} profiles can be searched", events::thresholds::number(index.rows() as f64)),
        ..TaskOutput::default()
    };
    Ok(Made {
        status: TaskStatus::Successful,
        staged: Vec::new(),
        dropped: Vec::new(),
        output,
        news: String::new(),
        key: None,
    })
}
