//! Measures and segments that are queries: the tables that they name are there.

use super::super::gather::Parts;
use super::super::model::{SegmentState, SqlText};
use super::super::node::Node;
use super::exports::entity_names;
use super::{Checker, near};

pub(super) fn check(parts: &Parts, checker: &mut Checker<'_>) {
    for part in &parts.measures {
        if let Some(sql) = part.value.as_ref().and_then(|measure| measure.sql.as_ref()) {
            tables(sql, &part.node, checker);
        }
    }
    for part in &parts.segments {
        let active = part.value.as_ref().filter(|segment| segment.state != SegmentState::Draft);
        if let Some(sql) = active.and_then(|segment| segment.sql.as_ref()) {
            tables(sql, &part.node, checker);
        }
    }
}

/// Notes the tables that are no entities. What is wrong with the query otherwise is said when it runs.
fn tables(sql: &SqlText, node: &Node, checker: &mut Checker<'_>) {
    let Ok(reads) = lake::query::reads(&sql.0) else { return };
    let known = entity_names(&checker.names);
    let corrupt = checker.names.entities.iter().map(|name| format!("{name}_corrupt"));
    let all: Vec<String> = known.iter().cloned().chain(corrupt).collect();
    for table in reads.tables.iter().filter(|table| !all.contains(table)) {
        let message = format!("the query names `{table}`, which is no entity");
        let other_case = known.iter().find(|name| name.eq_ignore_ascii_case(table));
        let suggestion = match other_case {
            Some(name) => Some(format!("did you mean `{name}`?")),
            None => near(table, &known),
        };
        checker.problems.suggest(node.place_of("sql"), "unknownEntity", message, suggestion);
    }
}
