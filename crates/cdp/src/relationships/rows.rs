//! The joined rows of a tree of entities, as a plan of the query engine.

use super::JoinTree;
use super::{ALTERNATE_KEY, CUSTOMER_ID};
use super::{EdgeKind, Step};
use crate::conditions::{Kind, column_name};
use crate::definitions::CUSTOMER;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, TableReference};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, JoinType, cast, lit};
use datafusion::prelude::{DataFrame, SessionContext};
use std::collections::{BTreeMap, BTreeSet};

/// The tables of a session, some of them replaced by rows that were just computed.
#[derive(Clone)]
pub struct Tables<'a> {
    session: &'a SessionContext,
    replaced: BTreeMap<String, DataFrame>,
}

impl<'a> Tables<'a> {
    /// The tables as they are.
    pub fn new(session: &'a SessionContext) -> Self {
        Self { session, replaced: BTreeMap::new() }
    }

    /// The session.
    pub fn session(&self) -> &'a SessionContext {
        self.session
    }

    /// From now on, `entity` has these rows.
    pub fn replace(&mut self, entity: &str, rows: DataFrame) {
        self.replaced.insert(entity.to_owned(), rows);
    }

    /// All rows of an entity.
    ///
    /// # Errors
    /// There is no such table.
    pub async fn table(&self, entity: &str) -> Result<DataFrame> {
        match self.replaced.get(entity) {
            Some(rows) => Ok(rows.clone()),
            None => self.session.table(TableReference::bare(entity)).await,
        }
    }
}

/// The joined rows of a tree. The column of an attribute is `Entity.Attribute`.
///
/// # Errors
/// An entity or attribute is missing.
pub async fn joined_rows(tables: &Tables<'_>, tree: &JoinTree) -> Result<DataFrame> {
    let wanted = wanted(tree);
    let mut rows = entity_rows(tables, tree.root(), &wanted).await?;
    for step in tree.steps() {
        rows = match &step.edge.kind {
            EdgeKind::Key { from, to } => {
                let right = entity_rows(tables, step.end(), &wanted).await?;
                let (from, to) = (column_name(&step.edge.from, from), column_name(&step.edge.to, to));
                let (left_key, right_key) = if step.forward { (from, to) } else { (to, from) };
                join(rows, right, (left_key, right_key), JoinType::Inner)?
            }
            EdgeKind::Customer { data_source, key } => {
                let owners = owners(tables, data_source, &step.edge.from).await?;
                join_customer(tables, rows, owners, step, key, &wanted).await?
            }
            EdgeKind::Measures => {
                let right = entity_rows(tables, step.end(), &wanted).await?;
                let keys = (column_name(step.start(), CUSTOMER_ID), column_name(step.end(), CUSTOMER_ID));
                // Seen from its customer, a measure that has no row is a missing value.
                let kind = if step.forward { JoinType::Left } else { JoinType::Inner };
                join(rows, right, keys, kind)?
            }
        };
    }
    Ok(rows)
}

/// Every column that is read: those asked for, and the keys of the joins.
fn wanted(tree: &JoinTree) -> BTreeMap<String, BTreeSet<String>> {
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |entity: &str, attribute: &str| {
        wanted.entry(entity.to_owned()).or_default().insert(attribute.to_owned());
    };
    let entities = std::iter::once(tree.root()).chain(tree.steps().iter().map(Step::end));
    for entity in entities {
        tree.columns_of(entity).for_each(|attribute| add(entity, attribute));
    }
    for step in tree.steps() {
        let edge = &step.edge;
        match &edge.kind {
            EdgeKind::Key { from, to } => {
                add(&edge.from, from);
                add(&edge.to, to);
            }
            EdgeKind::Customer { key, .. } => {
                add(&edge.from, key);
                add(&edge.to, CUSTOMER_ID);
            }
            EdgeKind::Measures => {
                add(&edge.from, CUSTOMER_ID);
                add(&edge.to, CUSTOMER_ID);
            }
        }
    }
    wanted
}

async fn entity_rows(
    tables: &Tables<'_>,
    entity: &str,
    wanted: &BTreeMap<String, BTreeSet<String>>,
) -> Result<DataFrame> {
    let table = tables.table(entity).await?;
    let attributes = wanted.get(entity).into_iter().flatten();
    let columns: Vec<Expr> =
        attributes.map(|attribute| column(attribute).alias(column_name(entity, attribute))).collect();
    if columns.is_empty() {
        // Rows that are only counted still need a column.
        return table.select(vec![lit(true).alias(column_name(entity, ""))]);
    }
    table.select(columns)
}

/// The customers of an entity's rows, by the primary key as text.
async fn owners(tables: &Tables<'_>, data_source: &str, entity: &str) -> Result<DataFrame> {
    let keys = tables.table(ALTERNATE_KEY).await?;
    let own = column("DataSourceName").eq(lit(data_source)).and(column("EntityName").eq(lit(entity)));
    keys.filter(own)?.select(vec![
        column("AlternateValue").alias(owner_key(entity)),
        column(CUSTOMER_ID).alias(owner_id(entity)),
    ])
}

fn owner_key(entity: &str) -> String {
    format!("{ALTERNATE_KEY}({entity}).AlternateValue")
}

fn owner_id(entity: &str) -> String {
    format!("{ALTERNATE_KEY}({entity}).CustomerId")
}

async fn join_customer(
    tables: &Tables<'_>,
    rows: DataFrame,
    owners: DataFrame,
    step: &Step,
    key: &str,
    wanted: &BTreeMap<String, BTreeSet<String>>,
) -> Result<DataFrame> {
    let entity = step.edge.from.as_str();
    let (key_column, id_column) = (owner_key(entity), owner_id(entity));
    let customer_id = column_name(CUSTOMER, CUSTOMER_ID);
    if !step.forward {
        let rows = join(rows, owners, (customer_id, id_column), JoinType::Inner)?;
        let right = entity_rows(tables, entity, wanted).await?;
        return join(rows, right, (key_column, column_name(entity, key)), JoinType::Inner);
    }
    let rows = join(rows, owners, (column_name(entity, key), key_column), JoinType::Inner)?;
    let only_id =
        wanted.get(CUSTOMER).is_none_or(|columns| columns.iter().all(|column| column == CUSTOMER_ID));
    if only_id {
        // Unification writes no key without its customer: Customer itself would add nothing.
        return rows.with_column(&customer_id, column(&id_column));
    }
    let customers = entity_rows(tables, CUSTOMER, wanted).await?;
    join(rows, customers, (id_column, customer_id), JoinType::Inner)
}

fn join(
    left: DataFrame,
    right: DataFrame,
    (left_key, right_key): (String, String),
    kind: JoinType,
) -> Result<DataFrame> {
    let left_type = left.schema().field_with_unqualified_name(&left_key)?.data_type().clone();
    let right_type = right.schema().field_with_unqualified_name(&right_key)?.data_type().clone();
    let (left_side, right_side) = (column(&left_key), column(&right_key));
    let equal = if comparable(&left_type, &right_type) {
        left_side.eq(right_side)
    } else {
        cast(left_side, DataType::Utf8).eq(cast(right_side, DataType::Utf8))
    };
    left.join_on(right, kind, [equal])
}

/// Whether two columns are compared as what they are. All else is compared as text.
fn comparable(left: &DataType, right: &DataType) -> bool {
    match (Kind::of(left), Kind::of(right)) {
        (left, right) if left.is_number() && right.is_number() => true,
        (left, right) => left == right && left != Kind::Other,
    }
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
