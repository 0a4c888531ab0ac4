//! Rules and members as plans of the query engine.

use super::check::CheckedRule;
use super::error::SegmentError;
use super::members::{Gathering, Members};
use crate::conditions::{column_name, expression};
use crate::definitions::CUSTOMER;
use crate::relationships::{CUSTOMER_ID, Tables, joined_rows};
use datafusion::arrow::array::{ArrayRef, AsArray, StringArray};
use datafusion::arrow::compute::{cast as cast_array, concat_batches, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Column;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::{Expr, cast};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::{DataFrame, SessionContext};
use futures::{StreamExt, TryStreamExt};
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

/// The columns of a segment's entity: those of Customer.
///
/// # Errors
/// There is no Customer.
pub async fn member_schema(session: &SessionContext) -> Result<SchemaRef, SegmentError> {
    Ok(Arc::new(Tables::new(session).table(CUSTOMER).await?.schema().as_arrow().clone()))
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
    let schema: SchemaRef = Arc::new(rows.schema().as_arrow().clone());
    let key = rows.schema().index_of_column_by_name(None, CUSTOMER_ID).unwrap_or(0);
    let rows = rows.sort(vec![column(CUSTOMER_ID).sort(true, false)])?.execute_stream().await?;
    let members = members.clone();
    let chosen = rows.and_then(move |batch| {
        let chosen = strings(batch.column(key))
            .map_err(|error| datafusion::error::DataFusionError::External(Box::new(error)))
            .and_then(|ids| Ok(filter_record_batch(&batch, &members.mask(&ids))?));
        futures::future::ready(chosen)
    });
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, chosen)))
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
