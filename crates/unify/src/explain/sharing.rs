//! How many rows share the values that a rule compares for equality: what too many share tells nobody apart.

use super::verdict::{RuleStage, RuleVerdict};
use super::{Judge, Place};
use crate::custom::Prepared;
use crate::plan::RulePlan;

impl Judge {
    /// How many rows above (within one entity: of it) have the values that `row` shows to the exact conditions of a
    /// rule, or to all its conditions where none is exact. The judge must have been given all rows; `row` is itself
    /// one of those above, and counts. 0 when there is no such rule or row, or the row lacks a value.
    pub fn sharing(&self, verdict: &RuleVerdict, row: (&str, &str)) -> u64 {
        let rules = match verdict.stage {
            RuleStage::Deduplication => &self.plan.deduplication,
            RuleStage::Match => &self.plan.rules,
        };
        let on = |rule: &RulePlan| self.plan.entities.get(rule.on).is_some_and(|it| it.name == verdict.on);
        let rule = rules.iter().find(|rule| rule.name == verdict.rule && on(rule));
        let Some((rule, place)) = rule.zip(self.find(row)) else { return 0 };
        let conditions = 0..rule.conditions;
        let exact = |at: &usize| rule.comparisons.get(*at).is_some_and(|comparison| comparison.is_exact());
        let mut used: Vec<usize> = conditions.clone().filter(exact).collect();
        if used.is_empty() {
            used = conditions.collect();
        }
        let Some(wanted) = self.values(rule, &used, place) else { return 0 };
        (0..rule.lefts.len()).map(|at| self.count(rule, at, &used, &wanted)).sum()
    }

    /// The values that a row above shows to some comparisons; none when it lacks one.
    fn values(&self, rule: &RulePlan, used: &[usize], place: Place) -> Option<Vec<String>> {
        let at = rule.lefts.iter().position(|entity| *entity == place.0)?;
        let records = self.records.get(place.0)?;
        let row = records.rows.get(place.1 as usize)?;
        let (mut out, mut spare) = (String::new(), String::new());
        let mut value = |comparison: &usize| {
            let (column, form) = self.column(rule, *comparison, at)?;
            let arrays = records.typed(column);
            let array = arrays.get(row.batch as usize)?.as_ref()?;
            array.write(row.row as usize, form, &mut out, &mut spare);
            (!out.is_empty()).then(|| out.clone())
        };
        used.iter().map(&mut value).collect()
    }

    /// The column that a comparison reads in one of the entities above, and its form there.
    fn column(&self, rule: &RulePlan, comparison: usize, at: usize) -> Option<(usize, &Prepared)> {
        let comparison = rule.comparisons.get(comparison)?;
        Some((comparison.left.get(at).copied().flatten()?, self.forms.get(&comparison.form)?))
    }

    /// The records of one entity above that show these values.
    fn count(&self, rule: &RulePlan, at: usize, used: &[usize], wanted: &[String]) -> u64 {
        let records = rule.lefts.get(at).and_then(|entity| self.records.get(*entity));
        let columns: Option<Vec<_>> =
            used.iter().map(|comparison| self.column(rule, *comparison, at)).collect();
        let Some((records, columns)) = records.zip(columns) else { return 0 };
        let columns: Vec<_> =
            columns.into_iter().map(|(column, form)| (records.typed(column), form)).collect();
        let (mut out, mut spare) = (String::new(), String::new());
        let mut shows = |row: &&crate::records::RowAt| {
            columns.iter().zip(wanted).all(|((arrays, form), wanted)| {
                let Some(Some(array)) = arrays.get(row.batch as usize) else { return false };
                array.write(row.row as usize, form, &mut out, &mut spare);
                out == *wanted
            })
        };
        records.rows.iter().filter(&mut shows).count() as u64
    }
}
