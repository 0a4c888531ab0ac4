//! An export as a task: published rows out to where other programs read them.

use std::time::Duration;

use exports::definition::Export;
use exports::{Doors, ExportError, Rows, Run, Written};
use futures::TryStreamExt;
use lake::View;
use outbound::{Connector, HttpClient};
use serde_json::json;

use super::{Failure, Made, TaskContext, TaskOutput};
use crate::refresh::TaskStatus;

/// How often it is told how far an export is.
const TELL_EVERY: Duration = Duration::from_millis(200);

pub(super) async fn run(context: &TaskContext, name: &str) -> Result<Made, Failure> {
    let export = context.definitions.export(name).cloned().ok_or_else(|| {
        Failure::permanent("exportNotFound", format!("there is no export {name:?} in the definitions"))
    })?;
    let mut entities = Vec::new();
    for entity in export.segments.iter().chain(&export.entities) {
        entities.push(rows(&context.before, entity, &export).await?);
    }
    let settings = context.outside.connection(&context.definitions, export.to.connection()).await?;
    let doors = Doors {
        client: HttpClient::new(context.outside.policy.clone()),
        connector: Connector::new(context.outside.policy.clone()),
        base: context.base_dir.clone(),
    };
    // A job's id stays when the job is run again, so that a receiver can tell the same rows.
    let mut run = Run::new(format!("{}-{name}", context.job), context.at);
    run.cancel = context.cancel.clone();
    let writing = async {
        let destination = exports::open(&export, &settings, &doors).await?;
        exports::export(destination.as_ref(), entities, &run).await
    };
    let written = tokio::select! {
        written = writing => written.map_err(failure)?,
        never = tell(context, &run) => match never {},
    };
    Ok(made(&written))
}

/// The published rows of a segment or entity, with the chosen columns.
async fn rows(view: &View, entity: &str, export: &Export) -> Result<Rows, Failure> {
    let schema = view.schema(entity).ok_or_else(|| {
        Failure::permanent("entityNotFound", format!("{entity} has no data yet: refresh it, then export it"))
    })?;
    let batches = view.read(entity, None).await?.map_err(|error| exports::InputError::from(Box::new(error)));
    let rows = Rows::new(entity, schema, Box::pin(batches));
    rows.choose(&export.attributes).map_err(failure)
}

async fn tell(context: &TaskContext, run: &Run) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(TELL_EVERY).await;
        context.progress("exporting", run.progress.rows(), None);
    }
}

fn failure(error: ExportError) -> Failure {
    let transient = error.is_temporary();
    Failure { transient, code: error.code(), message: error.to_string(), report: None }
}

fn made(written: &[Written]) -> Made {
    let number = |count: u64| events::thresholds::number(count as f64);
    let (rows, parts) = (written.iter().map(|it| it.rows).sum(), written.iter().map(|it| it.parts).sum());
    let entities: Vec<_> = written
        .iter()
        .map(|it| json!({"entity": it.entity, "rows": it.rows, "bytes": it.bytes, "parts": it.parts, "files": it.files}))
        .collect();
    let output = TaskOutput {
        report: json!({"rows": rows, "entities": entities}),
        message: format!("{} rows in {} parts", number(rows), number(parts)),
        ..TaskOutput::default()
    };
    Made {
        status: TaskStatus::Successful,
        staged: Vec::new(),
        dropped: Vec::new(),
        output,
        news: String::new(),
        key: None,
    }
}
