//! SQL over a view: one statement that only reads.

mod check;
mod engine;
mod names;
mod problem;
mod reads;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::exec_err;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use futures::{Stream, StreamExt};
use tokio::sync::mpsc::Receiver;

pub use self::engine::run_deep;
pub(crate) use self::problem::explain;
pub use self::reads::{Reads, reads};

use crate::limits::MAX_CASE_FIXES;
use crate::{LakeError, Result, SessionOptions, View};

type Batch = Result<RecordBatch, DataFusionError>;

/// Batches that wait between the query and its reader.
const WAITING_BATCHES: usize = 2;

/// Runs one query; its rows come as they are computed, and it ends when the stream is dropped. The stream tells
/// their schema.
///
/// Allowed is what only reads: `SELECT`, `WITH`, `VALUES`, `EXPLAIN`, `SHOW`, `DESCRIBE`. Names of entities and
/// columns need no quotes, and may be written in any letter case that leaves no doubt.
pub async fn run(view: &View, sql: &str, options: &SessionOptions) -> Result<SendableRecordBatchStream> {
    let (view, sql, options) = (view.clone(), sql.to_owned(), options.clone());
    run_deep(async move {
        let mut rows = start(&view, &sql, &options).await?;
        let (send, receive) = tokio::sync::mpsc::channel(WAITING_BATCHES);
        let schema = rows.schema();
        tokio::spawn(async move {
            let _pinned = view;
            while let Some(batch) = rows.next().await {
                if send.send(Some(batch)).await.is_err() {
                    return; // nobody reads any more
                }
            }
            let _ = send.send(None).await;
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, until_end(receive))) as SendableRecordBatchStream)
    })
    .await?
}

/// Runs one query over the tables of a session, and gives all of its rows. Names are written exactly. What is
/// allowed, and how much, is what [`run`] allows, but only queries (`SELECT`, `WITH`, `VALUES`).
///
/// # Errors
/// The query does more than read, is wrong, fails, or gives more than `most` rows.
pub async fn collect(
    session: &SessionContext,
    sql: &str,
    most: usize,
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let (session, sql) = (session.clone(), sql.to_owned());
    run_deep(async move {
        check::size(&sql)?;
        let statement = check::parse(&sql)?;
        check::only_reads(&statement)?;
        let plan = session.state().statement_to_plan(statement).await.map_err(explain)?;
        only_reads(&plan)?;
        let mut rows = session
            .execute_logical_plan(plan)
            .await
            .map_err(explain)?
            .execute_stream()
            .await
            .map_err(explain)?;
        let (mut batches, mut count) = (Vec::new(), 0_usize);
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(explain)?;
            count = count.saturating_add(batch.num_rows());
            if count > most {
                return Err(LakeError::Sql { message: format!("the query gives more than {most} rows") });
            }
            batches.push(batch);
        }
        Ok((rows.schema(), batches))
    })
    .await?
}

/// The statement's kind was checked; this also finds what is hidden inside: `SELECT INTO`, `WITH … INSERT`.
fn only_reads(plan: &LogicalPlan) -> Result<()> {
    let reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reads.verify_plan(plan).map_err(|error| LakeError::NotReadOnly { what: problem::sentence(&error) })
}

/// The batches up to the `None` that ends them. A channel that closes before is a query that died: what came so
/// far must not pass for its whole result.
fn until_end(receive: Receiver<Option<Batch>>) -> impl Stream<Item = Batch> {
    futures::stream::unfold(Some(receive), |receive| async move {
        let mut receive = receive?;
        match receive.recv().await {
            Some(Some(batch)) => Some((batch, Some(receive))),
            Some(None) => None,
            None => Some((exec_err!("the query stopped before its end"), None)),
        }
    })
}

async fn start(view: &View, sql: &str, options: &SessionOptions) -> Result<SendableRecordBatchStream> {
    check::size(sql)?;
    let statement = check::parse(sql)?;
    check::only_reads(&statement)?;
    let session = view.session_with(options)?;
    let plan = plan(view, &session, statement).await?;
    only_reads(&plan)?;
    let frame = session.execute_logical_plan(plan).await.map_err(explain)?;
    frame.execute_stream().await.map_err(explain)
}

/// Plans the statement. Where it fails at a column that only differs in letter case from one that there is,
/// the name is put right and it is planned again.
async fn plan(view: &View, session: &SessionContext, mut statement: Statement) -> Result<LogicalPlan> {
    let state = session.state();
    for _ in 0..=MAX_CASE_FIXES {
        let error = match state.statement_to_plan(statement.clone()).await {
            Ok(plan) => return Ok(plan),
            Err(error) => error,
        };
        if let Some(unknown) = names::unknown_entity(view, &state, &statement) {
            return Err(unknown);
        }
        match problem::missing_column(&error) {
            Some(missing) if names::correct_case(&mut statement, &missing) => {}
            Some(missing) => return Err(missing.explain()),
            None => return Err(explain(error)),
        }
    }
    let message =
        format!("more than {MAX_CASE_FIXES} names are written in another letter case; write them exactly");
    Err(LakeError::Sql { message })
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::Schema;
    use futures::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn a_query_that_dies_is_an_error_and_not_a_short_result() {
        let rows = || Some(Ok(RecordBatch::new_empty(Schema::empty().into())));
        let (send, receive) = tokio::sync::mpsc::channel(3);
        send.send(rows()).await.unwrap();
        send.send(None).await.unwrap();
        assert_eq!(until_end(receive).try_collect::<Vec<_>>().await.unwrap().len(), 1);
        let (send, receive) = tokio::sync::mpsc::channel(3);
        send.send(rows()).await.unwrap();
        drop(send);
        assert!(until_end(receive).try_collect::<Vec<_>>().await.is_err());
    }
}
