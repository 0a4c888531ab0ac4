//! What deduplication and match work with.

use tokio_util::sync::CancellationToken;

use super::error::UnifyError;
use super::features::Features;
use super::input::{Progress, Stage};
use super::limits::Options;
use super::plan::{Plan, RulePlan};
use super::records::Records;
use super::rules::Rule;
use super::space::Space;

/// Everything that a rule is tried with.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) records: &'a [Records],
    pub(crate) features: &'a Features,
    pub(crate) space: &'a Space,
    pub(crate) options: &'a Options,
    pub(crate) cancel: &'a CancellationToken,
}

impl<'a> Run<'a> {
    /// Says that a rule is about to be tried, and gets it ready.
    pub(crate) fn begin(
        &self,
        plan: &'a RulePlan,
        progress: &dyn Fn(Progress),
    ) -> Result<Option<Rule<'a>>, UnifyError> {
        let stage = Stage::Match { entity: self.name(plan.on).to_owned(), rule: plan.name.clone() };
        let rules = || self.plan.deduplication.iter().chain(&self.plan.rules).filter(|rule| rule.active);
        let done = rules().take_while(|rule| !std::ptr::eq(*rule, plan)).count();
        progress(Progress { stage, done, total: rules().count() });
        if self.cancel.is_cancelled() {
            return Err(UnifyError::Cancelled);
        }
        let sizes = |entity: usize| self.count(entity);
        Ok(Rule::new(plan, self.features, sizes, self.options.limits.fuzzy_chars))
    }

    /// The full name of an entity.
    pub(crate) fn name(&self, entity: usize) -> &'a str {
        self.plan.name(entity)
    }

    /// The attributes of a rule's own entity that its exact conditions compare; all, where it has none.
    pub(crate) fn blocked_on(&self, rule: &RulePlan) -> Vec<String> {
        self.plan.blocked_on(rule)
    }

    /// The number of records of an entity.
    pub(crate) fn count(&self, entity: usize) -> usize {
        self.records.get(entity).map_or(0, Records::len)
    }

    /// Puts the entity's name into an error that lacks it.
    pub(crate) fn named(&self, error: UnifyError, plan: &RulePlan) -> UnifyError {
        match error {
            UnifyError::TooManyComparisons { rule, limit, .. } => {
                UnifyError::TooManyComparisons { entity: self.name(plan.on).to_owned(), rule, limit }
            }
            other => other,
        }
    }
}
