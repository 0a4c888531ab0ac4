//! Rules and members as plans of the query engine.

use super::error::SegmentError;
use super::members::{Gathering, Members};
use crate::conditions::{Kind, column_name, expression};
use crate::definitions::CUSTOMER;
use crate::relationships::{CUSTOMER_ID, Tables, joined_rows};
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use datafusion::arrow::compute::{cast as cast_array, concat_batches, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::Column;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::{Expr, cast};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::{DataFrame, SessionContext};
use futures::{StreamExt, TryStreamExt};
use insight::segments::CheckedRule;
use std::sync::Arc;

/// All customers, in order.
pub(super) async fn customers(tables: &Tables<'_>) -> Result<Arc<StringArray>, SegmentError> {
    let ids = tables.table(CUSTOMER).await?.select(vec![text(CUSTOMER_ID)])?;
    let ids = ids.sort(vec![column(CUSTOMER_ID).sort(true, false)])?;
    let schema = Arc::new(ids.schema().as_arrow().clone());
    let ids = concat_batches(&schema, &ids.collect().await?)?;
    Ok(Arc::new(strings(ids.column(0))?))
}

/// The customers that a rule takes.
pub(super) async fn rule_members(
    tables: &Tables<'_>,
    customers: &Arc<StringArray>,
    rule: &CheckedRule,
) -> Result<Members, SegmentError> {
    let rows = joined_rows(tables, &rule.tree).await?.filter(expression(&rule.condition))?;
    let ids = cast(column(&column_name(CUSTOMER, CUSTOMER_ID)), DataType::Utf8).alias(CUSTOMER_ID);
    members(customers, rows.select(vec![ids])?).await
}

/// The customers of an entity that has a row per customer: the segment as it was.
pub(super) async fn entity_members(
    session: &SessionContext,
    customers: &Arc<StringArray>,
    entity: &str,
) -> Result<(Members, usize), SegmentError> {
    let rows = Tables::new(session).table(entity).await?.select(vec![text(CUSTOMER_ID)])?;
    let rows = rows.distinct()?;
    let total = rows.clone().count().await?;
    Ok((members(customers, rows).await?, total))
}

async fn members(customers: &Arc<StringArray>, ids: DataFrame) -> Result<Members, SegmentError> {
    let mut found = Gathering::new(Arc::clone(customers));
    let mut batches = ids.execute_stream().await?;
    while let Some(batch) = batches.next().await {
        found.add(strings(batch?.column(0))?.iter().flatten());
    }
    Ok(found.finish())
}

/// The columns of a segment's entity: those of Customer, in the types that entities are written with.
///
/// # Errors
/// There is no Customer.
pub async fn member_schema(session: &SessionContext) -> Result<SchemaRef, SegmentError> {
    let customers = Tables::new(session).table(CUSTOMER).await?;
    Ok(written_schema(customers.schema().as_arrow()))
}

/// The rows of a segment's entity: every column of Customer, for the members, in the order of their ids.
///
/// # Errors
/// Customer cannot be read.
pub async fn member_rows(
    session: &SessionContext,
    members: &Members,
) -> Result<SendableRecordBatchStream, SegmentError> {
    let rows = Tables::new(session).table(CUSTOMER).await?;
    let schema = written_schema(rows.schema().as_arrow());
    let rows = rows.sort(vec![column(CUSTOMER_ID).sort(true, false)])?.execute_stream().await?;
    let (members, written) = (members.clone(), Arc::clone(&schema));
    let chosen = rows.and_then(move |batch| futures::future::ready(chosen_rows(&batch, &members, &written)));
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, chosen)))
}

/// The engine may read a text as another type of text than the one that entities are written with.
fn written_schema(read: &Schema) -> SchemaRef {
    let written = |field: &FieldRef| match Kind::of(field.data_type()) {
        Kind::Other => Field::clone(field),
        kind => Field::clone(field).with_data_type(kind.data_type()),
    };
    Arc::new(Schema::new(read.fields().iter().map(written).collect::<Vec<_>>()))
}

fn chosen_rows(
    batch: &RecordBatch,
    members: &Members,
    schema: &SchemaRef,
) -> datafusion::error::Result<RecordBatch> {
    let key = batch.schema().index_of(CUSTOMER_ID)?;
    let ids = cast_array(batch.column(key), &DataType::Utf8)?;
    let chosen = filter_record_batch(batch, &members.mask(ids.as_string::<i32>()))?;
    let columns = chosen.columns().iter().zip(schema.fields());
    let columns =
        columns.map(|(column, field)| cast_array(column, field.data_type())).collect::<Result<_, _>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

fn strings(column: &ArrayRef) -> Result<StringArray, SegmentError> {
    Ok(cast_array(column, &DataType::Utf8)?.as_string::<i32>().clone())
}

fn text(name: &str) -> Expr {
    cast(column(name), DataType::Utf8).alias(name)
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
