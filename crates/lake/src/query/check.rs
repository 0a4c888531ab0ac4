//! Parsing a query, and refusing what does more than read.

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::Statement as SqlStatement;
use datafusion::sql::sqlparser::dialect::GenericDialect;

use super::problem;
use crate::{LakeError, Result};

/// How deep expressions and subqueries may be nested.
const MAX_DEPTH: usize = 50;

/// The one statement of `sql`.
pub(super) fn parse(sql: &str) -> Result<Statement> {
    let parser =
        DFParserBuilder::new(sql).with_dialect(&GenericDialect {}).with_recursion_limit(MAX_DEPTH).build();
    let statements = parser.and_then(|mut parser| parser.parse_statements()).map_err(problem::explain)?;
    let mut statements = statements.into_iter();
    match (statements.next(), statements.next()) {
        (Some(statement), None) => Ok(statement),
        (None, _) => Err(LakeError::Sql { message: "the query is empty".to_owned() }),
        (Some(_), Some(_)) => Err(LakeError::Sql {
            message: "there is more than one statement; run them one by one".to_owned(),
        }),
    }
}

/// Refuses statements of a kind that changes something, here or in the session.
pub(super) fn only_reads(statement: &Statement) -> Result<()> {
    let mut statement = statement;
    loop {
        statement = match statement {
            Statement::Explain(explain) => &explain.statement,
            Statement::Statement(inner) if reads(inner) => return Ok(()),
            refused => {
                let text = refused.to_string();
                let what = text.split_whitespace().next().unwrap_or_default().to_uppercase();
                return Err(LakeError::NotReadOnly { what });
            }
        };
    }
}

fn reads(statement: &SqlStatement) -> bool {
    matches!(
        statement,
        SqlStatement::Query(_)
            | SqlStatement::ExplainTable { .. }
            | SqlStatement::ShowTables { .. }
            | SqlStatement::ShowColumns { .. }
            | SqlStatement::ShowFunctions { .. }
            | SqlStatement::ShowVariable { .. }
    )
}
