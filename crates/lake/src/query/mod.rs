//! SQL over a view: one statement that only reads.

mod check;
mod names;
mod problem;

use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;

pub(crate) use self::problem::explain;

use crate::limits::{MAX_CASE_FIXES, MAX_SQL_BYTES};
use crate::{LakeError, Result, SessionOptions, View};

/// Runs one query; its rows come as they are computed. The stream tells their schema.
///
/// Allowed is what only reads: `SELECT`, `WITH`, `VALUES`, `EXPLAIN`, `SHOW`, `DESCRIBE`. Names of entities and
/// columns need no quotes, and may be written in any letter case that leaves no doubt.
pub async fn run(view: &View, sql: &str, options: &SessionOptions) -> Result<SendableRecordBatchStream> {
    if sql.len() > MAX_SQL_BYTES {
        let message = format!("the query has {} bytes; at most {MAX_SQL_BYTES} are read", sql.len());
        return Err(LakeError::Sql { message });
    }
    let statement = check::parse(sql)?;
    check::only_reads(&statement)?;
    let session = view.session_with(options)?;
    let plan = plan(view, &session, statement).await?;
    // The statement's kind was checked; this also finds what is hidden inside: `SELECT INTO`, `WITH … INSERT`.
    let reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reads.verify_plan(&plan).map_err(|error| LakeError::NotReadOnly { what: problem::sentence(&error) })?;
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
