//! Match: each deduplicated row of a lower entity finds its partner above.
//!
//! Entities are taken in match order; an entity is compared only with those above it. The rows of a deduplication
//! group look for a partner together, and whatever row they find, they join the profile of that row's group. A rule
//! is tried only for groups for which the earlier rules of their entity found nothing. Of several partners the one
//! with the highest score wins, then the one whose entity stands first in match order, then the one with the smallest
//! primary key.

mod choice;
mod trial;

use self::choice::Choice;
use self::trial::Trial;
use super::deduplication::Groups;
use super::error::UnifyError;
use super::input::Progress;
use super::report::RuleReport;
use super::run::Run;
use super::sets::Sets;

/// The place of no rule: people decided that the rows match.
pub(crate) const ALWAYS: u32 = u32::MAX;

/// What stands in place of a rule's name where people decided that rows match.
pub(crate) const ALWAYS_NAME: &str = "alwaysMatch";

/// Why a group belongs to the profile of a record above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Link {
    /// The rule, by its place in the plan; `ALWAYS` where people decided it.
    pub(crate) rule: u32,
    /// The entity and the record above.
    pub(crate) left: (u32, u32),
    /// The record of the group that matched; of several the first.
    pub(crate) right: u32,
    /// The mean score of the rule's conditions.
    pub(crate) score: f64,
    /// How many records above fulfilled the rule.
    pub(crate) candidates: u64,
}

/// Everything that the match step found.
#[derive(Debug)]
pub(crate) struct Links {
    /// For every entity and deduplication group its link; none for groups that matched nothing.
    pub(crate) of: Vec<Vec<Option<Link>>>,
    /// One for every rule that was tried.
    pub(crate) rules: Vec<RuleReport>,
}

/// Links the groups. `sets` holds the groups, and gets what the rules join.
pub(super) fn run(
    run: Run<'_>,
    groups: &Groups,
    sets: &mut Sets,
    progress: &dyn Fn(Progress),
) -> Result<Links, UnifyError> {
    let of = (0..run.records.len()).map(|entity| decided(&run, groups, sets, entity)).collect();
    let mut links = Links { of, rules: Vec::with_capacity(run.plan.rules.len()) };
    for (number, plan) in (0u32..).zip(&run.plan.rules).filter(|(_, plan)| plan.active) {
        let Some(rule) = run.begin(plan, progress)? else { continue };
        let Some(of) = links.of.get_mut(plan.on) else { continue };
        let trial = Trial::new(rule, run, groups, of, sets);
        let (found, report) = trial.run().map_err(|error| run.named(error, plan))?;
        let choice = Choice { number, plan, run, groups, report };
        links.rules.push(choice.take(found, of, sets));
    }
    Ok(links)
}

/// The links of groups that people decided to match a record above. Entities below this one have no links yet, so
/// that whatever stands above in a set was put there by a decision.
fn decided(run: &Run<'_>, groups: &Groups, sets: &mut Sets, entity: usize) -> Vec<Option<Link>> {
    let start = run.space.number(entity as u32, 0);
    let mut link = |group: u32| {
        let right = groups.members(entity, group).first().copied()?;
        let left = Some(sets.find(start + right)).filter(|left| *left < start)?;
        Some(Link { rule: ALWAYS, left: run.space.place(left), right, score: 1.0, candidates: 1 })
    };
    (0..groups.len(entity) as u32).map(&mut link).collect()
}
