//! `Deduplication_<Entity>`: what deduplication found in an entity, one row for each of its records.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Float64Array, StringArray};
use arrow::datatypes::DataType;

use super::Unification;
use super::gather::Pool;
use super::table::{Column, table};
use super::winner::{EntityWinners, Judge};
use crate::definition::deduplication_entity;
use crate::error::UnifyError;
use crate::names::Names;
use crate::plan::EntityPlan;
use crate::records::{Records, RowAt};
use crate::unified::Take;

/// Makes the table of each entity that the definition deduplicates, and gives it away.
pub(crate) fn deduplication(unification: Unification<'_>, take: &mut Take<'_>) -> Result<(), UnifyError> {
    for (entity, plan) in unification.plan.entities.iter().enumerate() {
        let deduplicated = unification.plan.winners.get(entity).is_some_and(|winner| winner.deduplicated);
        let Some(records) = unification.records.get(entity).filter(|_| deduplicated) else { continue };
        let winners = winners(unification, entity, plan, records)?;
        let maker = Maker { unification, entity, plan, records, winners: &winners };
        let table = table(unification, records.len(), maker.columns()?)?;
        take(&deduplication_entity(&plan.name), table)?;
    }
    Ok(())
}

/// The winner of every group.
fn winners(
    unification: Unification<'_>,
    entity: usize,
    plan: &EntityPlan,
    records: &Records,
) -> Result<EntityWinners, UnifyError> {
    let groups = unification.groups;
    let mut judge = Judge::new(unification.plan, entity, plan, records, groups.len(entity))?;
    for group in 0..groups.len(entity) {
        judge.decide(group, groups.members(entity, group as u32));
    }
    Ok(judge.winners)
}

#[derive(Clone, Copy)]
struct Maker<'a> {
    unification: Unification<'a>,
    entity: usize,
    plan: &'a EntityPlan,
    records: &'a Records,
    winners: &'a EntityWinners,
}

impl<'a> Maker<'a> {
    /// The columns are the primary key; `<Key>_Alternate` (all keys of the group, joined by `;`);
    /// `Deduplication_GroupId` (the smallest key of the group, as text); for each active rule `Rule`, `Rule_2`, … (its
    /// name, where it joined the record with another one) and `Score`, `Score_2`, … (the best score of those pairs);
    /// `Deduplication_WinnerId` (the primary key of the group's winner); then the other attributes that take part, not
    /// normalized. Rows stand in the order of the primary key.
    fn columns(self) -> Result<Vec<Column<'a>>, UnifyError> {
        let mut names = Names::default();
        let key = self.plan.mapped.iter().find(|attribute| attribute.column == self.plan.key);
        let key = key.map_or("", |attribute| attribute.name.as_str());
        let mut free = |name: &str| names.free(name, &self.plan.name);
        let mut columns = vec![self.column(free(key), self.plan.key, Some)?];
        columns.push(Column::texts(free(&format!("{key}_Alternate")), 12, move |row, texts| {
            texts.push_joined(self.group(row).iter().map(|record| self.records.key(*record)));
        }));
        columns.push(Column::texts(free("Deduplication_GroupId"), 12, move |row, texts| {
            texts.push_option(self.group(row).first().map(|record| self.records.key(*record)));
        }));
        let rules = (0u32..).zip(&self.unification.plan.deduplication);
        let rules = rules.filter(|(_, rule)| rule.on == self.entity && rule.active);
        for (at, (number, rule)) in rules.enumerate() {
            let end = if at == 0 { String::new() } else { format!("_{}", at + 1) };
            columns.push(Column::new(free(&format!("Rule{end}")), DataType::Utf8, move |rows| {
                let names = self.scores(rows, number).map(|score| score.map(|_| rule.name.as_str()));
                Ok(Arc::new(names.collect::<StringArray>()))
            }));
            columns.push(Column::new(free(&format!("Score{end}")), DataType::Float64, move |rows| {
                Ok(Arc::new(self.scores(rows, number).collect::<Float64Array>()))
            }));
        }
        let winner = move |record: u32| {
            let group = self.unification.groups.of(self.entity, record)?;
            self.winners.of.get(group as usize).copied()
        };
        columns.push(self.column(free("Deduplication_WinnerId"), self.plan.key, winner)?);
        for attribute in self.plan.mapped.iter().filter(|it| it.column != self.plan.key) {
            columns.push(self.column(free(&attribute.name), attribute.column, Some)?);
        }
        Ok(columns)
    }

    /// The records of the row's group.
    fn group(self, row: usize) -> &'a [u32] {
        let group = self.unification.groups.of(self.entity, row as u32);
        group.map_or(&[], |group| self.unification.groups.members(self.entity, group))
    }

    /// The best score that a rule gave each record of some rows.
    fn scores(self, rows: Range<usize>, rule: u32) -> impl Iterator<Item = Option<f64>> {
        let hits = self.unification.groups.hits(self.entity, rows.start as u32..rows.end as u32);
        let mut hits = hits.iter().filter(move |hit| hit.rule == rule).peekable();
        rows.map(move |row| Some(hits.next_if(|hit| hit.record as usize == row)?.score))
    }

    /// A column with the values of the row's record, or of another record instead.
    fn column(
        self,
        name: String,
        column: usize,
        instead: impl Fn(u32) -> Option<u32> + Send + Sync + 'a,
    ) -> Result<Column<'a>, UnifyError> {
        let field = self.records.schema.fields().get(column);
        let data_type = field.map_or(DataType::Null, |field| field.data_type().clone());
        let pool = Pool::new(&[(self.records, column)], &data_type)?;
        Ok(Column::new(name, data_type, move |rows| {
            let place = |row: usize| -> Option<RowAt> {
                self.records.rows.get(instead(row as u32)? as usize).copied()
            };
            pool.column(rows.map(|row| pool.pick(0, place(row)?)))
        }))
    }
}
