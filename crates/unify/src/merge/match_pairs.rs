//! `ConflationMatchPairs`: what matching found, one wide row for each profile with more than one record.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Float64Array, Int64Array};
use arrow::datatypes::DataType;

use crate::error::UnifyError;
use crate::input::Table;
use crate::matching::{Link, Links};
use crate::names::Names;

use super::Unification;
use super::gather::{Column, table, texts};

/// The columns are `TrueObjectId` (the customer's id); for each entity its two key columns; for each entity but the
/// first `<Entity>_Rule` (the rules that matched its rows, in the order of the alternate keys, joined by `;`),
/// `<Entity>_Score` (of the winner: the mean score of the rule's conditions) and `<Entity>_Candidates` (of the
/// winner: how many rows above fulfilled the rule); then the attributes that rules compare, not normalized.
pub(crate) fn match_pairs<'a>(unification: Unification<'a>, links: &'a Links) -> Result<Table, UnifyError> {
    let mut names = Names::default();
    names.take("TrueObjectId");
    let mut columns = vec![unification.id_column("TrueObjectId")];
    for entity in 0..unification.records.len() {
        unification.key_columns(entity, &mut names, &mut columns)?;
    }
    for entity in 1..unification.records.len() {
        link_columns(unification, links, entity, &mut names, &mut columns);
    }
    for (entity, column) in compared(unification) {
        let Some(plan) = unification.plan.entities.get(entity).filter(|plan| plan.key != column) else {
            continue;
        };
        let attribute = plan.mapped.iter().find(|attribute| attribute.column == column);
        let name = names.free(&format!("{}_{}", plan.name, attribute.map_or("", |it| &it.name)), &plan.name);
        columns.extend(unification.winner_column(name, entity, column)?);
    }
    let several = |profile: &usize| unification.profiles.members(*profile).len() > 1;
    let rows: Vec<usize> = (0..unification.profiles.len()).filter(several).collect();
    table(&rows, columns)
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
    links: &'a Links,
    entity: usize,
    names: &mut Names,
    columns: &mut Vec<Column<'a>>,
) {
    let name = unification.plan.entities.get(entity).map_or("", |plan| plan.name.as_str());
    let link = move |record: u32| -> Option<Link> {
        let group = unification.groups.of(entity, record)?;
        *links.of.get(entity)?.get(group as usize)?
    };
    let winner = move |profile: &usize| link(unification.winners.get(*profile, entity)?);
    let rules = move |profile: &usize| {
        let rule = |record| Some(unification.plan.rules.get(link(record)?.rule as usize)?.name.as_str());
        let rules: Vec<&str> = unification.members_of(*profile, entity).filter_map(rule).collect();
        (!rules.is_empty()).then(|| rules.join(";"))
    };
    let mut free = |what: &str| names.free(&format!("{name}_{what}"), name);
    columns.push(Column::new(free("Rule"), DataType::Utf8, move |rows| texts(rows.iter().map(rules))));
    columns.push(Column::new(free("Score"), DataType::Float64, move |rows| {
        let score = |profile: &usize| winner(profile).map(|link| link.score);
        Ok(Arc::new(rows.iter().map(score).collect::<Float64Array>()))
    }));
    columns.push(Column::new(free("Candidates"), DataType::Int64, move |rows| {
        let candidates =
            |profile: &usize| winner(profile).and_then(|link| i64::try_from(link.candidates).ok());
        Ok(Arc::new(rows.iter().map(candidates).collect::<Int64Array>()))
    }));
}
