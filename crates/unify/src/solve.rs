//! Who is one customer: deduplication and match, from rows to groups and links.

use tokio_util::sync::CancellationToken;

use super::custom::{Decisions, Forms};
use super::deduplication::{self, Groups};
use super::error::UnifyError;
use super::features::Features;
use super::input::Progress;
use super::limits::Options;
use super::matching::{self, Links};
use super::plan::{Plan, RulePlan};
use super::probabilistic::{self, Matching, Question};
use super::records::Records;
use super::report::Warning;
use super::run::Run;
use super::sets::Sets;
use super::space::Space;

/// What deduplication and match found, and what they worked with.
#[derive(Debug)]
pub(crate) struct Solved {
    pub(crate) forms: Forms,
    pub(crate) features: Features,
    pub(crate) decisions: Decisions,
    pub(crate) space: Space,
    pub(crate) groups: Groups,
    /// The sets of records that decisions and deduplication have made.
    pub(crate) units: Sets,
    pub(crate) links: Links,
    /// What matching by probability learned and did, where the definition asks for it.
    pub(crate) probabilistic: Option<Matching>,
    /// The profiles.
    pub(crate) sets: Sets,
}

/// What the tables are made from.
pub(crate) struct Found<'a> {
    pub(crate) groups: &'a Groups,
    pub(crate) links: &'a Links,
    /// What matching by probability learned and did.
    pub(crate) probabilistic: Option<&'a Matching>,
    /// The profiles.
    pub(crate) sets: &'a mut Sets,
    pub(crate) space: &'a Space,
    /// What decisions of people could not be followed.
    pub(crate) warnings: &'a [Warning],
}

impl Solved {
    /// Lets go of what only rules work with: the tables need its room.
    pub(crate) fn forget_features(&mut self) {
        self.features = Features::default();
    }

    pub(crate) fn found(&mut self) -> Found<'_> {
        let Self { groups, links, probabilistic, sets, space, decisions, .. } = self;
        let probabilistic = probabilistic.as_ref();
        Found { groups, links, probabilistic, sets, space, warnings: &decisions.warnings }
    }
}

/// The rules that are used.
pub(crate) fn active(plan: &Plan) -> impl Iterator<Item = &RulePlan> {
    plan.deduplication.iter().chain(&plan.rules).filter(|rule| rule.active)
}

/// Runs deduplication and match.
pub(crate) fn solve(
    question: Question<'_>,
    (plan, records): (&Plan, &[Records]),
    options: &Options,
    progress: &dyn Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Solved, UnifyError> {
    let Question { unification, inputs, identity, .. } = question;
    let forms = Forms::new(active(plan), &unification.custom, inputs);
    let features = Features::read(active(plan), records, &forms, options.threads)?;
    let mut decisions = Decisions::new(unification, plan, records, inputs, &identity.pins);
    let space = Space::new(records);
    let mut sets = Sets::new(space.len(), &decisions);
    decisions.join(plan, records, &space, &mut sets);
    let run = Run { plan, records, features: &features, space: &space, options, cancel };
    let groups = deduplication::run(run, &decisions, &mut sets, progress)?;
    let units = sets.clone();
    let links = matching::run(run, &groups, &mut sets, progress)?;
    let probabilistic = probabilistic::run(run, question, &decisions, &mut sets, progress)?;
    Ok(Solved { forms, features, decisions, space, groups, units, links, probabilistic, sets })
}
