//! `weir query`

use std::fs::File;
use std::io::{BufWriter, Write};

use anyhow::{Context, Result};
use lake::{SessionOptions, View, output};
use serde_json::json;

use super::args::{Format, Query};
use super::out::columns;
use super::{Exit, Out, place};
use crate::instance::Place;

pub(super) async fn run(at: &Place, command: &Query, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let snapshot = instance.lake.resolve(command.at.parse()?).await?;
    let view = instance.lake.view(snapshot).await?;
    match &command.sql {
        Some(sql) => rows(&view, sql, command, out).await,
        None => entities(&view, out),
    }
}

fn entities(view: &View, out: &Out) -> Result<Exit> {
    let entities = view.entities();
    let value: Vec<_> = entities
        .iter()
        .map(|entity| {
            let field = |field: &std::sync::Arc<datafusion::arrow::datatypes::Field>| {
                json!({"name": field.name(), "type": field.data_type().to_string()})
            };
            let attributes: Vec<_> = entity.columns.fields().iter().map(field).collect();
            json!({"name": entity.name, "rows": entity.rows, "attributes": attributes})
        })
        .collect();
    out.show(&value, || {
        let row = |entity: &lake::EntityInfo| {
            vec![entity.name.clone(), entity.rows.to_string(), entity.columns.fields().len().to_string()]
        };
        let head = out.words.list(["column-entity", "column-rows", "column-attributes"]);
        columns(&head, &entities.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

async fn rows(view: &View, sql: &str, command: &Query, out: &Out) -> Result<Exit> {
    let format = format(command, out);
    let rows = lake::query::run(view, sql, &SessionOptions::default()).await?;
    match &command.file {
        Some(path) => {
            let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
            let mut file = BufWriter::new(file);
            let written = output::write(rows, &format, &mut file).await?;
            file.flush().with_context(|| format!("{} cannot be written", path.display()))?;
            let values = [("n", written.rows.into()), ("file", path.display().to_string().into())];
            out.note(&out.words.text("query-written", &values));
        }
        None => {
            anyhow::ensure!(command.output != Format::Parquet, "Parquet is for files: name one with --file");
            output::write(rows, &format, &mut std::io::stdout()).await?;
        }
    }
    Ok(Exit::Done)
}

fn format(command: &Query, out: &Out) -> output::Format {
    match command.output {
        Format::Table if out.json => output::Format::JsonLines,
        Format::Table => {
            let rows = if command.rows == 0 { usize::MAX } else { command.rows };
            output::Format::Table(output::TableOptions { max_rows: rows, ..output::TableOptions::default() })
        }
        Format::Csv => output::Format::Csv(output::CsvOptions::default()),
        Format::Jsonl => output::Format::JsonLines,
        Format::Parquet => output::Format::Parquet,
    }
}
