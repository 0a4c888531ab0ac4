//! `ConflationMatchPairs`: what matching found, one wide row for each profile with more than one record.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Float64Array, Int64Array};
use arrow::datatypes::DataType;

use super::Unification;
use super::rows::Rows;
use super::table::{Column, table};
use crate::error::UnifyError;
use crate::input::Table;
use crate::matching::Link;
use crate::names::Names;

/// The columns are `TrueObjectId` (the customer's id); for each entity its two key columns; for each entity but the
/// first `<Entity>_Rule` (the rules that matched its rows, in the order of the alternate keys, joined by `;`),
/// `<Entity>_Score` (of the winner: the mean score of the rule's conditions) and `<Entity>_Candidates` (of the
/// winner: how many rows above fulfilled the rule); then the attributes that rules compare, not normalized. Rows
/// stand in the order of the customers' ids.
pub(crate) fn match_pairs(unification: Unification<'_>, rows: &Rows) -> Result<Table, UnifyError> {
    let rows = &rows.filter(|profile| unification.profiles.members(profile as usize).len() > 1);
    let mut names = Names::default();
    names.take("TrueObjectId");
    let mut columns = vec![unification.id_column(rows, "TrueObjectId")];
    for entity in 0..unification.records.len() {
        unification.key_columns(rows, entity, &mut names, &mut columns)?;
    }
    for entity in 1..unification.records.len() {
        link_columns(unification, rows, entity, &mut names, &mut columns);
    }
    for (entity, column) in compared(unification) {
        let Some(plan) = unification.plan.entities.get(entity).filter(|plan| plan.key != column) else {
            continue;
        };
        let attribute = plan.mapped.iter().find(|attribute| attribute.column == column);
        let name = names.free(&format!("{}_{}", plan.name, attribute.map_or("", |it| &it.name)), &plan.name);
        columns.extend(unification.winner_column(rows, name, entity, column)?);
    }
    table(unification, rows.len(), columns)
}

/// The columns that rules compare, by entity and place.
fn compared(unification: Unification<'_>) -> BTreeSet<(usize, usize)> {
    let rules = unification.plan.rules.iter();
    rules
        .flat_map(|rule| {
            rule.comparisons.iter().flat_map(|comparison| {
                let lefts = rule.lefts.iter().zip(&comparison.left);
                let lefts = lefts.filter_map(|(entity, column)| Some((*entity, (*column)?)));
                lefts.chain([(rule.on, comparison.right)])
            })
        })
        .collect()
}

fn link_columns<'a>(
    unification: Unification<'a>,
    rows: &'a Rows,
    entity: usize,
    names: &mut Names,
    columns: &mut Vec<Column<'a>>,
) {
    let name = unification.plan.entities.get(entity).map_or("", |plan| plan.name.as_str());
    let link = move |record: u32| -> Option<Link> {
        let group = unification.groups.of(entity, record)?;
        *unification.links.of.get(entity)?.get(group as usize)?
    };
    let winners = unification.winners.entity(entity).map_or(&[][..], |winners| &winners.of);
    let winner = move |row: usize| link(*winners.get(rows.profile(row))?);
    let mut free = |what: &str| names.free(&format!("{name}_{what}"), name);
    columns.push(Column::texts(free("Rule"), 12, move |row, texts| {
        let rule = |record| Some(unification.plan.rules.get(link(record)?.rule as usize)?.name.as_str());
        let members = unification.members_of(rows.profile(row), entity);
        texts.push_joined(members.iter().filter_map(|member| rule(member.1)));
    }));
    columns.push(Column::new(free("Score"), DataType::Float64, move |rows| {
        let score = |row: usize| winner(row).map(|link| link.score);
        Ok(Arc::new(rows.map(score).collect::<Float64Array>()))
    }));
    columns.push(Column::new(free("Candidates"), DataType::Int64, move |rows| {
        let candidates = |row: usize| winner(row).and_then(|link| i64::try_from(link.candidates).ok());
        Ok(Arc::new(rows.map(candidates).collect::<Int64Array>()))
    }));
}
