//! The counts of rules, from what an index keeps. How many pairs a whole run compares nobody knows without comparing.

use super::at::At;
use super::crowding::Crowding;
use super::regroup::refused_pairs;
use super::rule::RuleIndex;
use super::whole::Numbering;
use super::{Index, compiled};
use crate::deduplication::Groups;
use crate::matching::{ALWAYS, Link, Links};
use crate::plan::RulePlan;
use crate::report::{Bypassed, RuleReport};

impl Index {
    /// The counts of the rules of deduplication.
    pub(super) fn own_reports(&self, groups: &Groups, numbering: &Numbering) -> Vec<RuleReport> {
        let rules = compiled(&self.own, &self.plan.deduplication, &self.columns, &self.options);
        let mut reports = Vec::with_capacity(self.own.len());
        for rule in &self.own {
            let Some(plan) = self.plan.deduplication.get(rule.number as usize) else { continue };
            let own = numbering.own.get(rule.on).map_or(&[][..], Vec::as_slice);
            let has_values = |record: &&u32| rule.has_values(**record, &self.columns.features);
            reports.push(RuleReport {
                tried: own.len() as u64,
                with_values: own.iter().filter(has_values).count() as u64,
                matched: groups.joined_by(rule.on, rule.number),
                ..self.report(rule, plan, |_| true)
            });
        }
        for (report, refused) in reports.iter_mut().zip(refused_pairs(&rules, &self.columns, &self.state)) {
            report.refused = refused;
        }
        reports
    }

    /// The counts of the match rules.
    pub(super) fn match_reports(
        &self,
        groups: &Groups,
        links: &Links,
        numbering: &Numbering,
    ) -> Vec<RuleReport> {
        let mut reports = Vec::with_capacity(self.matching.len());
        for rule in &self.matching {
            let Some(plan) = self.plan.rules.get(rule.number as usize) else { continue };
            let links = links.of.get(rule.on).map_or(&[][..], Vec::as_slice);
            let open = |group: u32| links.get(group as usize).is_some_and(|link| is_open(link, rule.number));
            let has_values = |group: &u32| {
                let mut members = groups.members(rule.on, *group).iter();
                let own = |number: &u32| numbering.at(rule.on, *number).record;
                members.any(|number| rule.has_values(own(number), &self.columns.features))
            };
            let own = || links.iter().flatten().filter(|link| link.rule == rule.number);
            let asks = |record: u32| {
                let number = numbering.number(At::new(rule.on, record));
                number.and_then(|number| groups.of(rule.on, number)).is_some_and(open)
            };
            let tried = || (0..links.len() as u32).filter(|group| open(*group));
            reports.push(RuleReport {
                tried: tried().count() as u64,
                with_values: tried().filter(has_values).count() as u64,
                matched: own().count() as u64,
                ambiguous: own().filter(|link| link.candidates > 1).count() as u64,
                refused: self.refused.get(&rule.number).copied().unwrap_or(0),
                ..self.report(rule, plan, asks)
            });
        }
        reports
    }

    /// What can be told of any rule. `asks` says which records of the rule's own entity look for a partner: what is
    /// too frequent is noticed where one of them looks.
    fn report(&self, rule: &RuleIndex, plan: &RulePlan, asks: impl Fn(u32) -> bool) -> RuleReport {
        let crowds = &self.columns.tables.crowds;
        let (blocks, largest_block, mut bypassed) =
            crowds.get(rule.block).map(Crowding::sizes).unwrap_or_default();
        let mut of_tuples = Bypassed::default();
        let features = &self.columns.features;
        let tuples = rule.tuple.and_then(|tuple| crowds.get(tuple));
        for (tuple, size) in tuples.into_iter().flat_map(Crowding::refused) {
            let block = rule.block(tuple);
            let mut asking = rule.asking(&block, &self.columns);
            let looks = |record: u32| rule.has_values(record, features) && asks(record);
            if !rule.refuses(&block, &self.columns) && asking.any(looks) {
                of_tuples.add(size);
            }
        }
        bypassed.join(of_tuples);
        let (compared, excepted) = rule.counts.so_far();
        RuleReport {
            compared,
            excepted,
            on: self.plan.name(rule.on).to_owned(),
            rule: plan.name.clone(),
            blocks,
            largest_block,
            bypassed,
            blocked_on: self.plan.blocked_on(plan),
            ..RuleReport::default()
        }
    }
}

/// Whether a group looks for a partner by a rule: no decision and no earlier rule has found one.
fn is_open(link: &Option<Link>, rule: u32) -> bool {
    link.is_none_or(|link| link.rule != ALWAYS && link.rule >= rule)
}
