//! Names in a query: entities that do not exist, and columns in another letter case.

use std::ops::ControlFlow;

use datafusion::common::TableReference;
use datafusion::execution::session_state::SessionState;
use datafusion::sql::parser::Statement;
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{Expr, Ident, visit_expressions_mut};

use super::problem::MissingColumn;
use crate::{LakeError, View};

/// The first table of the statement that is neither an entity, nor part of the information schema, nor a function.
pub(super) fn unknown_entity(view: &View, state: &SessionState, statement: &Statement) -> Option<LakeError> {
    let (tables, _) = resolve_table_references(statement, false).ok()?;
    let unknown = |table: &&TableReference| {
        let function = state.table_functions().contains_key(&table.table().to_lowercase());
        let system = table.schema().is_some_and(|schema| schema.eq_ignore_ascii_case("information_schema"));
        let elsewhere = table.schema().is_some_and(|schema| !schema.eq_ignore_ascii_case("main"))
            || table.catalog().is_some_and(|catalog| catalog != "weir");
        !function && !system && (elsewhere || view.find(table.table()).is_none())
    };
    let table = tables.iter().find(unknown)?;
    // Says so when the entity exists but was written to by another program.
    Some(match view.content(table.table()) {
        Err(why) if table.schema().is_none() => why,
        _ => view.unknown_entity(&table.to_string()),
    })
}

/// Writes the column that was not found as it is really called, wherever it stands without quotes. False if no
/// column, or more than one, has this name in another letter case.
pub(super) fn correct_case(statement: &mut Statement, missing: &MissingColumn) -> bool {
    let Some(right) = missing.in_other_case() else { return false };
    let mut statement = statement;
    let inner = loop {
        match statement {
            Statement::Explain(explain) => statement = &mut explain.statement,
            Statement::Statement(inner) => break inner,
            _ => return false,
        }
    };
    let mut corrected = false;
    let mut correct = |ident: &mut Ident| {
        if ident.quote_style.is_none() && ident.value == missing.name {
            ident.value.clone_from(&right);
            corrected = true;
        }
    };
    let _ = visit_expressions_mut(inner.as_mut(), |expr| {
        match expr {
            Expr::Identifier(ident) => correct(ident),
            Expr::CompoundIdentifier(path) => path.last_mut().into_iter().for_each(&mut correct),
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    });
    corrected
}
