//! Parsing a query, and refusing what does more than read.

use std::ops::ControlFlow;

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{Statement as SqlStatement, visit_relations};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::problem;
use crate::limits::{MAX_SQL_BYTES, MAX_SQL_OPERATORS, MAX_SQL_TABLES};
use crate::{LakeError, Result};

/// How deep expressions and subqueries may be nested.
const MAX_DEPTH: usize = 50;

/// Refuses a text whose tree could be too deep or too long, before any tree is made.
pub(super) fn size(sql: &str) -> Result<()> {
    let refuse = |what: &str, found: usize, most: usize| {
        Err(LakeError::Sql { message: format!("the query has {found} {what}; at most {most} are read") })
    };
    if sql.len() > MAX_SQL_BYTES {
        return refuse("bytes", sql.len(), MAX_SQL_BYTES);
    }
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize();
    let tokens =
        tokens.map_err(|error| LakeError::Sql { message: format!("the query cannot be read: {error}") })?;
    let operators = tokens.iter().filter(|token| deepens(token)).count();
    if operators > MAX_SQL_OPERATORS {
        return refuse("operators and keywords", operators, MAX_SQL_OPERATORS);
    }
    Ok(())
}

/// Whether a token may make the tree deeper. Parentheses do too, but those the parser counts itself.
fn deepens(token: &Token) -> bool {
    match token {
        Token::Word(word) => {
            let flat = [Keyword::NoKeyword, Keyword::AS, Keyword::NULL, Keyword::TRUE, Keyword::FALSE];
            !flat.contains(&word.keyword)
        }
        Token::Whitespace(_) | Token::Comma | Token::Period | Token::SemiColon | Token::EOF => false,
        Token::LParen | Token::RParen | Token::Number(..) => false,
        Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => false,
        _ => true,
    }
}

/// Refuses a statement that names tables too often: every one makes the plan deeper.
fn tables(statement: &SqlStatement) -> Result<()> {
    let mut count = 0_usize;
    let _ = visit_relations(statement, |_| {
        count = count.saturating_add(1);
        ControlFlow::<()>::Continue(())
    });
    if count <= MAX_SQL_TABLES {
        return Ok(());
    }
    Err(LakeError::Sql {
        message: format!("the query names {count} tables; at most {MAX_SQL_TABLES} are read"),
    })
}

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

/// Refuses statements of a kind that changes something, here or in the session, and those that join too much.
pub(super) fn only_reads(statement: &Statement) -> Result<()> {
    let mut statement = statement;
    loop {
        statement = match statement {
            Statement::Explain(explain) => &explain.statement,
            Statement::Statement(inner) if reads(inner) => return tables(inner),
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
