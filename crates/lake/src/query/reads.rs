//! What a query reads, told from its text alone.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::functions::all_default_functions;
use datafusion::logical_expr::Volatility;
use datafusion::sql::parser::Statement;
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{ObjectName, TableFactor, Visit, Visitor};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::{check, problem};
use crate::limits::QUERY_STACK_BYTES;
use crate::{LakeError, Result};

/// What a query reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reads {
    /// The tables that it names, as they are written there: neither those that it makes with `WITH`, nor functions.
    pub tables: BTreeSet<String>,
    /// Whether the same rows always give the same result: it neither asks what time it is, nor for random numbers,
    /// nor which tables there are.
    pub is_settled: bool,
}

/// What a query reads, without running it.
///
/// # Errors
/// The text is no single statement, or is larger than what is run.
pub fn reads(sql: &str) -> Result<Reads> {
    check::size(sql)?;
    // A deep expression fits only the stack that queries have.
    let found = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(QUERY_STACK_BYTES);
        thread.spawn_scoped(scope, || found(sql)).map(|thread| thread.join())
    });
    match found {
        Ok(Ok(reads)) => reads,
        Ok(Err(_)) => Err(LakeError::Engine { detail: "a query could not be read".to_owned() }),
        Err(error) => Err(LakeError::Engine { detail: error.to_string() }),
    }
}

fn found(sql: &str) -> Result<Reads> {
    let statement = check::parse(sql)?;
    let (named, _) = resolve_table_references(&statement, false).map_err(problem::explain)?;
    let functions = functions(&statement);
    let mut reads = Reads { tables: BTreeSet::new(), is_settled: !is_volatile(sql) };
    for table in named {
        let is_system = |schema: &str| schema.eq_ignore_ascii_case("information_schema");
        match table.schema() {
            Some(schema) if is_system(schema) => reads.is_settled = false,
            Some(schema) if !schema.eq_ignore_ascii_case("main") => {
                reads.tables.insert(table.to_string());
            }
            None if functions.contains(table.table()) => {}
            _ => {
                reads.tables.insert(table.table().to_owned());
            }
        }
    }
    Ok(reads)
}

/// The functions that stand where tables stand: `range(1, 5)`.
fn functions(statement: &Statement) -> BTreeSet<String> {
    struct Functions(BTreeSet<String>);
    impl Visitor for Functions {
        type Break = ();
        fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
            if let TableFactor::Table { name: ObjectName(parts), args: Some(_), .. } = factor {
                let name = parts.last().and_then(|part| part.as_ident());
                self.0.extend(name.map(|name| name.value.clone()));
            }
            ControlFlow::Continue(())
        }
    }
    let mut statement = statement;
    while let Statement::Explain(explain) = statement {
        statement = &explain.statement;
    }
    let mut found = Functions(BTreeSet::new());
    if let Statement::Statement(inner) = statement {
        let _ = inner.visit(&mut found);
    }
    found.0
}

/// Whether a word of the text is a function whose result is not of its arguments alone.
fn is_volatile(sql: &str) -> bool {
    let mut names: BTreeSet<String> = ["localtime", "localtimestamp"].map(str::to_owned).into();
    for function in all_default_functions() {
        if function.signature().volatility != Volatility::Immutable {
            names.insert(function.name().to_lowercase());
            names.extend(function.aliases().iter().map(|alias| alias.to_lowercase()));
        }
    }
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().unwrap_or_default();
    let word = |token: &Token| match token {
        Token::Word(word) => names.contains(&word.value.to_lowercase()),
        _ => false,
    };
    tokens.iter().any(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(sql: &str) -> Vec<String> {
        reads(sql).unwrap().tables.into_iter().collect()
    }

    #[test]
    fn tables_are_found_wherever_they_stand_and_what_the_query_makes_is_none() {
        assert_eq!(
            tables(
                "WITH Big AS (SELECT * FROM Shop_Orders WHERE Price > 5) SELECT CustomerId FROM Big JOIN main.Customer \
                 USING (CustomerId) WHERE Name IN (SELECT Name FROM \"Names\") UNION ALL SELECT Id FROM range(1, 5)"
            ),
            ["Customer", "Names", "Shop_Orders"]
        );
        assert_eq!(tables("WITH Customer AS (SELECT * FROM Customer) SELECT * FROM Customer"), ["Customer"]);
        assert!(tables("SELECT 1").is_empty());
        assert!(reads("SELECT (1").is_err() && reads("SELECT 1; SELECT 2").is_err());
    }

    #[test]
    fn a_query_that_asks_for_the_time_or_for_chance_is_not_settled() {
        let settled = |sql: &str| reads(sql).unwrap().is_settled;
        assert!(settled("SELECT CustomerId, upper(Name) FROM Customer WHERE Name = 'now'"));
        for sql in [
            "SELECT now()",
            "SELECT CURRENT_DATE",
            "SELECT Current_Timestamp",
            "SELECT * FROM Customer WHERE random() < 0.5",
            "SELECT uuid()",
            "SELECT * FROM information_schema.tables",
        ] {
            assert!(!settled(sql), "{sql}");
        }
    }

    #[test]
    fn the_longest_query_that_is_run_can_be_read() {
        let sql =
            format!("SELECT {} FROM Customer", vec!["1"; crate::limits::MAX_SQL_OPERATORS - 10].join("+"));
        assert_eq!(tables(&sql), ["Customer"]);
    }
}
