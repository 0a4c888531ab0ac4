//! From a session's tables to an index, batch by batch.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::error::ArrowError;
use datafusion::common::{Column, TableReference};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::Expr;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use insight::index::{Builder, Index, IndexError, LeftOut};
use tokio::runtime::Handle;

use super::reads::{Columns, Reads};
use crate::relationships::{ALTERNATE_KEY, CUSTOMER_ID};
use insight::relationships::{CUSTOMER, Graph};

/// The columns of [`ALTERNATE_KEY`] that say whose a source row is.
const OWNER: [&str; 4] = ["DataSourceName", "EntityName", "AlternateValue", CUSTOMER_ID];

/// An index, and what it could not take.
pub(super) struct Loaded {
    pub(super) index: Index,
    pub(super) left_out: Vec<LeftOut>,
}

/// The index of what is read. Its file has no name once it is open: it goes when the index goes.
pub(super) async fn passing(session: &SessionContext, reads: Reads) -> Result<Index, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    Ok(index(session, reads, folder.path()).await?.index)
}

/// Builds the index of what is read in a folder; the error says why it cannot.
pub(super) async fn index(session: &SessionContext, reads: Reads, folder: &Path) -> Result<Loaded, String> {
    let (tables, folder) = (Tables::new(session), folder.to_owned());
    building(move || {
        let mut builder = Builder::create(&folder, &reads.graph)?;
        for ((entity, attribute), most_texts) in &reads.limits {
            builder.may_leave_out(entity, attribute, *most_texts);
        }
        let mut customers = reads.entities.get(CUSTOMER).cloned().unwrap_or_default();
        customers.keys.insert(CUSTOMER_ID.to_owned());
        builder.customers(&customers.wanted, tables.batches(CUSTOMER, &all(&customers))?)?;
        if reads.owners {
            let columns = OWNER.map(str::to_owned).into();
            builder.alternate_keys(tables.batches(ALTERNATE_KEY, &columns)?)?;
        }
        for entity in &reads.order {
            let columns = reads.entities.get(entity).cloned().unwrap_or_default();
            builder.table(entity, &columns.wanted, tables.batches(entity, &all(&columns))?)?;
        }
        let left_out = builder.left_out().to_vec();
        Ok(Loaded { index: builder.finish()?, left_out })
    })
    .await
}

/// Builds the index of an entity that has a row for each customer.
pub(super) async fn of_customers(
    session: &SessionContext,
    entity: &str,
    columns: BTreeSet<String>,
    folder: &Path,
) -> Result<Loaded, String> {
    let (tables, folder, entity) = (Tables::new(session), folder.to_owned(), entity.to_owned());
    building(move || {
        let mut builder = Builder::create(&folder, &Graph::default())?;
        for attribute in &columns {
            builder.may_leave_out(CUSTOMER, attribute, usize::MAX);
        }
        let mut read = columns.clone();
        read.insert(CUSTOMER_ID.to_owned());
        builder.customers(&columns, tables.batches(&entity, &read)?)?;
        let left_out = builder.left_out().to_vec();
        Ok(Loaded { index: builder.finish()?, left_out })
    })
    .await
}

async fn building(
    build: impl FnOnce() -> Result<Loaded, IndexError> + Send + 'static,
) -> Result<Loaded, String> {
    let built = tokio::task::spawn_blocking(build).await.map_err(|error| error.to_string())?;
    built.map_err(|error| error.to_string())
}

fn all(columns: &Columns) -> BTreeSet<String> {
    columns.wanted.union(&columns.keys).cloned().collect()
}

/// The tables of a session, read on a thread that may wait.
struct Tables {
    session: SessionContext,
    runtime: Handle,
}

impl Tables {
    fn new(session: &SessionContext) -> Self {
        Self { session: session.clone(), runtime: Handle::current() }
    }

    /// Some columns of an entity; the first batch has no rows, for the columns of an entity without any.
    fn batches(
        &self,
        entity: &str,
        columns: &BTreeSet<String>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<>, IndexError> {
        let opened = self.runtime.block_on(opened(&self.session, entity, columns));
        let mut stream = opened.map_err(external)?;
        let first = RecordBatch::new_empty(stream.schema());
        let runtime = self.runtime.clone();
        let rest = std::iter::from_fn(move || runtime.block_on(stream.next()));
        Ok(std::iter::once(Ok(first)).chain(rest.map(|batch| batch.map_err(external))))
    }
}

fn external(error: DataFusionError) -> ArrowError {
    ArrowError::ExternalError(Box::new(error))
}

async fn opened(
    session: &SessionContext,
    entity: &str,
    columns: &BTreeSet<String>,
) -> Result<SendableRecordBatchStream, DataFusionError> {
    let table = session.table(TableReference::bare(entity)).await?;
    let mut chosen: Vec<Expr> =
        columns.iter().map(|name| Expr::Column(Column::new_unqualified(name))).collect();
    if chosen.is_empty() {
        // Rows that are only counted still need a column.
        let first = table.schema().fields().first().map(Arc::clone);
        chosen.extend(first.map(|field| Expr::Column(Column::new_unqualified(field.name()))));
    }
    table.select(chosen)?.execute_stream().await
}
