//! Rules and members as plans of the query engine.

use super::error::SegmentError;
use super::members::{Gathering, Members};
use crate::conditions::{Columns, Kind, column_name, expression};
use crate::definitions::CUSTOMER;
use crate::measures::per_customer;
use crate::relationships::{CUSTOMER_ID, Tables, joined_rows};
use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use datafusion::arrow::compute::{cast as cast_array, concat_batches, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::Column;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::functions::expr_fn::coalesce;
use datafusion::logical_expr::{Expr, JoinType, cast, lit};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::{DataFrame, SessionContext};
use futures::{StreamExt, TryStreamExt};
use insight::calculations::Aggregate;
use insight::segments::{CheckedRule, Projection};
use lang::rule::Function;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// All customers, in order.
pub(super) async fn customers(tables: &Tables<'_>) -> Result<Arc<StringArray>, SegmentError> {
    let ids = tables.table(CUSTOMER).await?.select(vec![text(CUSTOMER_ID)])?;
    let ids = ids.sort(vec![column(CUSTOMER_ID).sort(true, false)])?;
    let schema = Arc::new(ids.schema().as_arrow().clone());
    let ids = concat_batches(&schema, &ids.collect().await?)?;
    Ok(Arc::new(strings(ids.column(0))?))
}

/// The customers that a rule takes. `segments` has the members of those that it asks for.
pub(super) async fn rule_members(
    tables: &Tables<'_>,
    customers: &Arc<StringArray>,
    rule: &CheckedRule,
    segments: &BTreeMap<String, Members>,
    segment: &str,
) -> Result<Members, SegmentError> {
    let (rows, beside) = rule_rows(tables, rule, segments, segment).await?;
    let rows = rows.filter(expression(&rule.condition, &beside)?)?;
    let ids = cast(column(&column_name(CUSTOMER, CUSTOMER_ID)), DataType::Utf8).alias(CUSTOMER_ID);
    members(customers, rows.select(vec![ids])?).await
}

/// The joined rows that a rule's condition is about, with the columns of its aggregates and segments beside them.
pub(super) async fn rule_rows(
    tables: &Tables<'_>,
    rule: &CheckedRule,
    segments: &BTreeMap<String, Members>,
    segment: &str,
) -> Result<(DataFrame, Beside), SegmentError> {
    let mut rows = joined_rows(tables, &rule.tree).await?;
    let mut beside = Beside { aggregates: Vec::new(), segments: BTreeSet::new() };
    for aggregate in rule.condition.aggregates() {
        if beside.place(aggregate).is_some() {
            continue;
        }
        let column = beside.aggregates.len();
        let (ids, values) = per_customer(tables, aggregate, segment).await?;
        rows = with_customer_column(tables, rows, &format!("#{column}"), ids, values)?;
        beside.aggregates.push(aggregate.clone());
    }
    for name in rule.condition.segments() {
        if !beside.segments.insert(name.to_owned()) {
            continue;
        }
        let members =
            segments.get(name).ok_or_else(|| SegmentError::NeedsFailed { what: name.to_owned() })?;
        let ids: StringArray = members.ids().map(Some).collect();
        let marks: ArrayRef = Arc::new(BooleanArray::from(vec![true; members.len()]));
        rows = with_customer_column(tables, rows, &segment_column(name), ids, marks)?;
    }
    Ok((rows, beside))
}

/// The columns that a rule's rows have beside their attributes.
pub(super) struct Beside {
    /// Each has the column `#` and its place.
    aggregates: Vec<Aggregate>,
    segments: BTreeSet<String>,
}

impl Beside {
    fn place(&self, aggregate: &Aggregate) -> Option<usize> {
        self.aggregates.iter().position(|known| known == aggregate)
    }
}

impl Columns for Beside {
    fn aggregate(&self, aggregate: &Aggregate) -> datafusion::error::Result<Expr> {
        let Some(place) = self.place(aggregate) else {
            return datafusion::common::internal_err!("an aggregate has no column");
        };
        let value = column(&format!("#{place}"));
        // Without rows a count is 0, and everything else is missing.
        let is_count = aggregate.function == Function::Count;
        Ok(if is_count { coalesce(vec![value, lit(0i64)]) } else { value })
    }

    fn in_segment(&self, segment: &str) -> datafusion::error::Result<Expr> {
        Ok(column(&segment_column(segment)).is_not_null())
    }
}

fn segment_column(segment: &str) -> String {
    format!("#in {segment}")
}

/// The rows with a column that is the same for all rows of a customer, missing for customers that it does not name.
fn with_customer_column(
    tables: &Tables<'_>,
    rows: DataFrame,
    name: &str,
    ids: StringArray,
    values: ArrayRef,
) -> Result<DataFrame, SegmentError> {
    let key = format!("{name}.{CUSTOMER_ID}");
    let ids: ArrayRef = Arc::new(ids);
    let right = RecordBatch::try_from_iter([(key.as_str(), ids), (name, values)])?;
    let right = tables.session().read_batch(right)?;
    let left = cast(column(&column_name(CUSTOMER, CUSTOMER_ID)), DataType::Utf8);
    Ok(rows.join_on(right, JoinType::Left, [left.eq(column(&key))])?)
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

/// The members that a query names. Ids that are no customers are nobody.
pub(super) async fn query_members(
    tables: &Tables<'_>,
    customers: &Arc<StringArray>,
    segment: &str,
    sql: &str,
) -> Result<Members, SegmentError> {
    let wrong =
        |message: String| SegmentError::Query { message: format!("the query of {segment}: {message}") };
    let rows = lake::query::collect(tables.session(), sql, crate::measures::MAX_QUERY_ROWS).await;
    let (schema, batches) = rows.map_err(|error| wrong(error.to_string()))?;
    let key = schema.index_of(CUSTOMER_ID).map_err(|_| wrong("it does not give CustomerId".to_owned()))?;
    let mut found = Gathering::new(Arc::clone(customers));
    for batch in batches {
        found.add(strings(batch.column(key))?.iter().flatten());
    }
    Ok(found.finish())
}

/// The rows of a segment's entity: every column of Customer, for the members, in the order of their ids. With
/// projected attributes, one row per distinct combination of their values; a member without any has missing values.
///
/// # Errors
/// Customer, or a projected entity, cannot be read.
pub async fn member_rows(
    session: &SessionContext,
    members: &Members,
    project: &[Projection],
) -> Result<SendableRecordBatchStream, SegmentError> {
    let tables = Tables::new(session);
    let mut rows = tables.table(CUSTOMER).await?;
    let mut order = vec![column(CUSTOMER_ID).sort(true, false)];
    if let Some(first) = project.first() {
        let mut tree = first.tree.clone();
        project.iter().for_each(|it| tree.column(&it.attribute.entity, &it.attribute.name));
        let key = format!("#{CUSTOMER_ID}");
        let id = cast(column(&column_name(CUSTOMER, CUSTOMER_ID)), DataType::Utf8).alias(&key);
        let columns = project.iter().map(|it| column(&it.attribute.column()).alias(&it.column));
        let columns: Vec<Expr> = std::iter::once(id).chain(columns).collect();
        let right = joined_rows(&tables, &tree).await?.select(columns)?.distinct()?;
        let equal = cast(column(CUSTOMER_ID), DataType::Utf8).eq(column(&key));
        let own = rows.schema().fields().iter().map(|field| column(field.name()));
        let all: Vec<Expr> = own.chain(project.iter().map(|it| column(&it.column))).collect();
        rows = rows.join_on(right, JoinType::Left, [equal])?.select(all)?;
        order.extend(project.iter().map(|it| column(&it.column).sort(true, true)));
    }
    let schema = written_schema(rows.schema().as_arrow());
    let rows = rows.sort(order)?.execute_stream().await?;
    let (members, written) = (members.clone(), Arc::clone(&schema));
    let chosen = rows.and_then(move |batch| futures::future::ready(chosen_rows(&batch, &members, &written)));
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, chosen)))
}

/// All rows of Customer in the order of their ids, with the columns that a segment's entity has.
pub(crate) async fn ordered_customers(
    session: &SessionContext,
) -> Result<(SchemaRef, Vec<RecordBatch>), SegmentError> {
    let rows = Tables::new(session).table(CUSTOMER).await?;
    let schema = written_schema(rows.schema().as_arrow());
    let rows = rows.sort(vec![column(CUSTOMER_ID).sort(true, false)])?.collect().await?;
    let rows = rows.iter().map(|batch| written(batch, &schema)).collect::<Result<_, _>>()?;
    Ok((schema, rows))
}

/// The rows of the members, out of all rows in the order of the ids.
pub(crate) fn rows_of_members(
    customers: &[RecordBatch],
    members: &Members,
) -> impl Iterator<Item = Result<RecordBatch, SegmentError>> {
    let mut from = 0;
    customers.iter().map(move |batch| {
        let mask = members.mask_from(from, batch.num_rows());
        from += batch.num_rows();
        Ok(filter_record_batch(batch, &mask)?)
    })
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
    written(&filter_record_batch(batch, &members.mask(ids.as_string::<i32>()))?, schema)
}

fn written(batch: &RecordBatch, schema: &SchemaRef) -> datafusion::error::Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields());
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
