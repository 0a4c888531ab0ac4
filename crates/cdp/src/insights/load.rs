//! The rows that an index is made of, out of a session's tables.

use std::collections::BTreeSet;

use datafusion::arrow::array::RecordBatch;
use datafusion::common::{Column, TableReference};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use datafusion::prelude::SessionContext;
use insight::index::{Builder, Index, IndexError};

use super::reads::{Columns, Reads};
use crate::relationships::{ALTERNATE_KEY, CUSTOMER_ID};
use insight::relationships::CUSTOMER;

/// The columns of [`ALTERNATE_KEY`] that say whose a source row is.
const OWNER: [&str; 4] = ["DataSourceName", "EntityName", "AlternateValue", CUSTOMER_ID];

/// Everything that is read, in memory.
pub(super) struct Rows {
    reads: Reads,
    customers: Vec<RecordBatch>,
    owners: Option<Vec<RecordBatch>>,
    /// In the order of [`Reads::order`].
    entities: Vec<Vec<RecordBatch>>,
}

/// Reads what an index needs; the error says why it cannot.
pub(super) async fn rows(session: &SessionContext, reads: Reads) -> Result<Rows, String> {
    let columns = |entity: &str| reads.entities.get(entity).cloned().unwrap_or_default();
    let mut customers = columns(CUSTOMER);
    customers.keys.insert(CUSTOMER_ID.to_owned());
    let customers = collected(session, CUSTOMER, &all(&customers)).await?;
    let owners = match reads.owners {
        true => Some(collected(session, ALTERNATE_KEY, &OWNER.map(str::to_owned).into()).await?),
        false => None,
    };
    let mut entities = Vec::new();
    for entity in &reads.order {
        entities.push(collected(session, entity, &all(&columns(entity))).await?);
    }
    Ok(Rows { reads, customers, owners, entities })
}

fn all(columns: &Columns) -> BTreeSet<String> {
    columns.wanted.union(&columns.keys).cloned().collect()
}

/// Some columns of an entity; a batch without rows where there are none, for its columns.
async fn collected(
    session: &SessionContext,
    entity: &str,
    columns: &BTreeSet<String>,
) -> Result<Vec<RecordBatch>, String> {
    let failed = |error: DataFusionError| error.to_string();
    let table = session.table(TableReference::bare(entity)).await.map_err(failed)?;
    let mut chosen: Vec<Expr> =
        columns.iter().map(|name| Expr::Column(Column::new_unqualified(name))).collect();
    if chosen.is_empty() {
        // Rows that are only counted still need a column.
        let first = table.schema().fields().first().map(|field| field.name().clone());
        chosen.extend(first.map(|name| Expr::Column(Column::new_unqualified(name))));
    }
    let rows = table.select(chosen).map_err(failed)?;
    let schema = std::sync::Arc::new(rows.schema().as_arrow().clone());
    let mut batches = rows.collect().await.map_err(failed)?;
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    Ok(batches)
}

impl Rows {
    /// Makes the index. Its file has no name once it is open: it goes when the index goes.
    pub(super) fn index(self) -> Result<Index, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        self.build(folder.path()).map_err(|error| error.to_string())
    }

    fn build(self, folder: &std::path::Path) -> Result<Index, IndexError> {
        let mut builder = Builder::create(folder, &self.reads.graph)?;
        let wanted =
            |entity: &str| self.reads.entities.get(entity).map(|it| it.wanted.clone()).unwrap_or_default();
        builder.customers(&wanted(CUSTOMER), self.customers.into_iter().map(Ok))?;
        if let Some(owners) = self.owners {
            builder.alternate_keys(owners.into_iter().map(Ok))?;
        }
        for (entity, batches) in self.reads.order.iter().zip(self.entities) {
            builder.table(entity, &wanted(entity), batches.into_iter().map(Ok))?;
        }
        builder.finish()
    }
}
