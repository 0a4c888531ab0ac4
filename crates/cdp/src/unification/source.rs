//! Single rows of source entities, found by their primary keys, as people read them.

use std::collections::{BTreeSet, HashMap};

use datafusion::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::DataFrame;
use lake::View;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Result, SourceKey};

/// A row of a source entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The entity's full name.
    pub entity: String,
    /// The primary key, as text; none for a row without one.
    pub key: Option<String>,
    /// Its attributes as text, in the order of the entity; those that are null are left out.
    pub values: Map<String, Value>,
}

/// A column by exactly this name.
pub(super) fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

/// A table of a view as a frame.
pub(super) async fn frame(view: &View, entity: &str) -> Result<DataFrame> {
    let session = view.session()?;
    Ok(session.read_table(view.table(entity)?)?)
}

/// The rows with these keys, the first of each, in the order of the entity. `columns` are read beside the key; all
/// when none are named.
pub(super) async fn batches(
    view: &View,
    source: &SourceKey,
    keys: &BTreeSet<String>,
    columns: Option<&[&str]>,
) -> Result<Vec<RecordBatch>> {
    let Some(key) = source.primary_key.first() else { return Ok(Vec::new()) };
    let Some(schema) = view.schema(&source.entity) else { return Ok(Vec::new()) };
    let whole = schema.field_with_name(key).is_ok_and(|field| field.data_type().is_integer());
    let wanted: Vec<Expr> = match whole {
        true => keys.iter().filter_map(|key| key.parse::<i64>().ok()).map(lit).collect(),
        false => keys.iter().map(|key| lit(key.as_str())).collect(),
    };
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows = frame(view, &source.entity).await?.filter(column(key).in_list(wanted, false))?;
    let rows = match columns {
        None => rows,
        Some(columns) => {
            let read = schema.fields().iter().map(|field| field.name().as_str());
            rows.select(
                read.filter(|name| name == key || columns.contains(name)).map(column).collect::<Vec<_>>(),
            )?
        }
    };
    Ok(rows.collect().await?)
}

/// The rows with these keys, by their keys.
pub(super) async fn rows(
    view: &View,
    source: &SourceKey,
    keys: &BTreeSet<String>,
    columns: Option<&[&str]>,
) -> Result<HashMap<String, Row>> {
    let batches = batches(view, source, keys, columns).await?;
    let mut found = HashMap::with_capacity(keys.len());
    for row in read(source, &batches)? {
        if let Some(key) = row.key.clone() {
            found.entry(key).or_insert(row);
        }
    }
    Ok(found)
}

/// The rows of batches of a source entity.
pub(super) fn read(source: &SourceKey, batches: &[RecordBatch]) -> Result<Vec<Row>> {
    let key = source.primary_key.first().map_or("", String::as_str);
    let mut rows = Vec::new();
    for batch in batches {
        let columns = texts(batch)?;
        for row in 0..batch.num_rows() {
            let values = values(&columns, row);
            let key = values.get(key).and_then(Value::as_str).filter(|key| !key.is_empty());
            rows.push(Row { entity: source.entity.clone(), key: key.map(str::to_owned), values });
        }
    }
    Ok(rows)
}

/// The values of one row as text, without nulls.
pub(super) fn values(columns: &[(String, StringArray)], row: usize) -> Map<String, Value> {
    let filled = columns.iter().filter(|(_, texts)| texts.is_valid(row));
    filled.map(|(name, texts)| (name.clone(), texts.value(row).into())).collect()
}

/// The columns of a batch as text. Types that have no text are left out.
pub(super) fn texts(batch: &RecordBatch) -> Result<Vec<(String, StringArray)>> {
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if field.data_type().is_nested() || field.data_type().is_binary() {
            continue;
        }
        let text = cast(array, &DataType::Utf8)?;
        columns.push((field.name().clone(), text.as_string::<i32>().clone()));
    }
    Ok(columns)
}

/// One column of a batch as text; all null when there is no such column.
pub(super) fn text(batch: &RecordBatch, name: &str) -> Result<StringArray> {
    let Some(array) = batch.column_by_name(name) else {
        return Ok(StringArray::new_null(batch.num_rows()));
    };
    let text = cast(array, &DataType::Utf8)?;
    Ok(text.as_string::<i32>().clone())
}

/// The text in a row; none for null.
pub(super) fn at(texts: &StringArray, row: usize) -> Option<String> {
    texts.is_valid(row).then(|| texts.value(row).to_owned())
}

/// A source entity with some of its rows, as unification takes it.
pub(super) fn input(view: &View, source: &SourceKey, batches: Vec<RecordBatch>) -> Option<unify::Input> {
    Some(unify::Input {
        data_source: source.data_source.clone(),
        entity: source.entity.clone(),
        primary_key: source.primary_key.clone(),
        schema: view.schema(&source.entity)?,
        batches,
    })
}
