//! Which of the records above that fulfil a rule becomes the partner.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::Link;
use super::trial::{Best, Candidate, Found};
use crate::deduplication::Groups;
use crate::plan::RulePlan;
use crate::report::RuleReport;
use crate::run::Run;
use crate::sets::Sets;
use crate::space::Space;

/// The choice among what one rule found.
pub(super) struct Choice<'a> {
    /// The rule's place in the plan.
    pub(super) number: u32,
    pub(super) plan: &'a RulePlan,
    pub(super) run: Run<'a>,
    pub(super) groups: &'a Groups,
    pub(super) report: RuleReport,
}

impl Choice<'_> {
    /// Links the groups, and gives the rule's counts.
    pub(super) fn take(mut self, found: Found, links: &mut [Option<Link>], sets: &mut Sets) -> RuleReport {
        let above = Space::of(self.plan.lefts.iter().map(|entity| self.run.count(*entity)));
        for best in found.best {
            // Nothing was decided about such a group, so that nothing can forbid it.
            self.link(best, &above, links, sets);
        }
        let candidates = distinct(found.candidates);
        let mut counts: HashMap<u32, u64> = HashMap::new();
        for candidate in &candidates {
            *counts.entry(candidate.group).or_insert(0) += 1;
        }
        for candidate in candidates {
            if links.get(candidate.group as usize).is_none_or(Option::is_some) {
                continue;
            }
            let candidates = counts.get(&candidate.group).copied().unwrap_or(1);
            if !self.link(Best { candidate, candidates }, &above, links, sets) {
                self.report.refused += 1;
            }
        }
        self.report
    }

    /// Makes a link unless decisions forbid it.
    fn link(&mut self, best: Best, above: &Space, links: &mut [Option<Link>], sets: &mut Sets) -> bool {
        let Best { candidate: Candidate { group, left, right, score }, candidates } = best;
        let (place, record) = above.place(left);
        let entity = self.plan.lefts.get(place as usize).copied().unwrap_or(0) as u32;
        let on = self.plan.on;
        let own = self.groups.members(on, group).first().copied().unwrap_or(right);
        if !sets.union(self.run.space.number(entity, record), self.run.space.number(on as u32, own)) {
            return false;
        }
        if let Some(link) = links.get_mut(group as usize) {
            *link = Some(Link { rule: self.number, left: (entity, record), right, score, candidates });
        }
        self.report.matched += 1;
        self.report.ambiguous += u64::from(candidates > 1);
        true
    }
}

/// Every record above once for each group, by its best score; the best come first, then those that are first in match
/// order and primary key, then the first groups.
fn distinct(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    let best = |a: &Candidate, b: &Candidate| b.score.total_cmp(&a.score);
    let places = |a: &Candidate, b: &Candidate| -> Ordering {
        (a.group, a.left).cmp(&(b.group, b.left)).then(best(a, b)).then(a.right.cmp(&b.right))
    };
    candidates.sort_unstable_by(places);
    candidates.dedup_by_key(|candidate| (candidate.group, candidate.left));
    candidates.sort_by(|a, b| best(a, b).then((a.left, a.group).cmp(&(b.left, b.group))));
    candidates
}
