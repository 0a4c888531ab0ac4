//! A run of the chosen rules without making anything: what the report will say, and who comes together.

use tokio_util::sync::CancellationToken;

use crate::custom::Decisions;
use crate::definition::Unification;
use crate::error::UnifyError;
use crate::explain::RuleStage;
use crate::limits::Options;
use crate::plan::Plan;
use crate::report::RuleReport;
use crate::run::Run;
use crate::sets::Sets;
use crate::space::Space;
use crate::{deduplication, matching};

use super::probe::Probe;

/// What came of a run.
pub(crate) struct Rehearsal {
    deduplication: Vec<RuleReport>,
    matching: Vec<RuleReport>,
    /// Who is one customer.
    pub(crate) sets: Sets,
}

impl Rehearsal {
    /// Runs the rules of a definition on the records of a probe, which hold every value that the rules compare.
    pub(crate) fn new(
        unification: &Unification,
        inputs: &[crate::input::Input],
        probe: &Probe,
        space: &Space,
        options: &Options,
        cancel: &CancellationToken,
    ) -> Result<Self, UnifyError> {
        let plan = Plan::new(unification, inputs, &options.limits)?;
        let decisions = Decisions::default();
        let mut sets = Sets::new(space.len(), &decisions);
        let (records, features) = (&probe.records, &probe.features);
        let run = Run { plan: &plan, records, features, space, options, cancel };
        let groups = deduplication::run(run, &decisions, &mut sets, &|_| {})?;
        let links = matching::run(run, &groups, &mut sets, &|_| {})?;
        Ok(Self { deduplication: groups.rules.clone(), matching: links.rules, sets })
    }

    /// What the report says of a rule.
    pub(crate) fn matched(&self, stage: RuleStage, on: &str, name: &str) -> u64 {
        let reports = match stage {
            RuleStage::Deduplication => &self.deduplication,
            RuleStage::Match => &self.matching,
        };
        reports.iter().find(|it| it.on == on && it.rule == name).map_or(0, |it| it.matched)
    }
}
