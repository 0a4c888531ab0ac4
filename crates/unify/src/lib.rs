//! Unification: map, match, merge. One profile per customer.
//!
//! A kernel over Arrow batches that knows no query engine, no clock and no randomness: the same rows in the same
//! order give the same bytes, however they are split into batches and whatever the number of threads.
//!
//! `plan` checks the definition (map), `records` reads the entities, `deduplication` groups the rows of one entity,
//! `matching` links groups to rows above (match), `profiles` puts linked rows together, `merge` makes the tables.

mod custom;
mod deduplication;
pub mod definition;
mod error;
pub mod explain;
mod features;
mod ids;
mod index;
mod input;
mod intern;
mod keys;
mod limits;
mod matching;
mod merge;
mod names;
mod normalize;
mod plan;
pub mod probabilistic;
mod profiles;
mod records;
mod report;
mod rules;
mod run;
pub mod semantic;
mod sets;
mod solve;
mod space;
pub mod suggest;
mod threads;
mod unified;
mod union;
mod values;
mod warm;

pub use error::{Problem, UnifyError};
pub use ids::{
    Assigned, Assignment, CustomerId, Event, EventKind, Identity, Lineage, Pin, Previous, RowName,
    UnmergeError, unmerge,
};
pub use index::{Change, Delta, Index, Member};
pub use input::{Input, Progress, Stage, Table};
pub use limits::{Limits, Options};
pub use report::{Bypassed, EntityReport, IdReport, RuleReport, UnifyReport, Warning};
pub use unified::{Summary, Take, Unified};
pub use warm::{Extent, Reason, Warm};

use tokio_util::sync::CancellationToken;

use self::merge::Winners;
use self::plan::Plan;
use self::probabilistic::{Matching, Question};
use self::profiles::Profiles;
use self::records::Records;
use self::solve::{Found, Solved, solve};
use crate::definition::{
    ALTERNATE_KEY, CONFLATION_MATCH_PAIRS, CUSTOMER, CUSTOMER_LINEAGE, UNIFICATION_LINKS, Unification,
};

/// Finds every problem of a definition against the entities with data, without running it.
pub fn check(unification: &Unification, inputs: &[Input]) -> Vec<Problem> {
    match Plan::new(unification, inputs, &Limits::default()) {
        Err(UnifyError::Invalid(problems)) => problems,
        _ => Vec::new(),
    }
}

/// Unifies the inputs. This computes for as long as it takes: async callers put it on a thread for such work.
///
/// Rows of the profiles are in match order of the entity, then order of the primary keys of the rows that began them.
///
/// # Errors
/// `UnifyError::Invalid` with all problems when the definition does not fit the inputs; otherwise what stopped the
/// run. There is no partial result.
pub fn run(
    unification: &Unification,
    inputs: Vec<Input>,
    progress: &dyn Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Unified, UnifyError> {
    run_with(unification, inputs, &Options::default(), &Identity::default(), progress, cancel)
}

/// `run` with limits, a number of threads, and what is known about who is who.
///
/// # Errors
/// Those of `run`.
pub fn run_with(
    unification: &Unification,
    inputs: Vec<Input>,
    options: &Options,
    identity: &Identity,
    progress: &dyn Fn(Progress),
    cancel: &CancellationToken,
) -> Result<Unified, UnifyError> {
    let settings = Settings { unification, inputs: &inputs, options, identity, progress, cancel };
    Ok(Unified::gather(|take| Ok((settings.run(take)?, ())))?.0)
}

/// `run_with` for those who can take the tables one by one.
///
/// # Errors
/// Those of `run`, and those of `take`. Tables that were taken before an error are worth nothing.
pub fn run_into(
    unification: &Unification,
    inputs: Vec<Input>,
    options: &Options,
    identity: &Identity,
    progress: &dyn Fn(Progress),
    cancel: &CancellationToken,
    take: &mut Take<'_>,
) -> Result<Summary, UnifyError> {
    Settings { unification, inputs: &inputs, options, identity, progress, cancel }.run(take)
}

/// What a run works with.
#[derive(Clone, Copy)]
struct Settings<'a> {
    unification: &'a Unification,
    inputs: &'a [Input],
    options: &'a Options,
    identity: &'a Identity,
    progress: &'a dyn Fn(Progress),
    cancel: &'a CancellationToken,
}

impl Settings<'_> {
    /// Finds the profiles, and makes all tables.
    fn run(self, take: &mut Take<'_>) -> Result<Summary, UnifyError> {
        let plan = Plan::new(self.unification, self.inputs, &self.options.limits)?;
        let records = self.read(&plan)?;
        let mut solved = self.solve(&plan, &records, false)?;
        solved.forget_features();
        self.make(&plan, &records, solved.found(), take)
    }

    /// Reads the entities.
    fn read(self, plan: &Plan) -> Result<Vec<Records>, UnifyError> {
        let mut records = Vec::with_capacity(plan.entities.len());
        for (done, entity) in plan.entities.iter().enumerate() {
            step(Stage::Map, done, plan.entities.len(), self.progress, self.cancel)?;
            if let Some(input) = self.inputs.get(entity.input) {
                records.push(Records::read(input, entity, &self.options.limits)?);
            }
        }
        Ok(records)
    }

    /// Finds the profiles; `keep` asks for what the next run needs to take changes in.
    fn solve(self, plan: &Plan, records: &[Records], keep: bool) -> Result<Solved, UnifyError> {
        let Self { unification, inputs, options, identity, progress, cancel } = self;
        let question = Question { unification, inputs, identity, keep };
        solve(question, (plan, records), options, progress, cancel)
    }

    /// Makes all tables of what was found.
    fn make(
        self,
        plan: &Plan,
        records: &[Records],
        found: Found<'_>,
        take: &mut Take<'_>,
    ) -> Result<Summary, UnifyError> {
        let Self { unification, inputs, options, identity, progress, cancel } = self;
        let Found { groups, links, probabilistic, sets, space, warnings } = found;
        let profiles = Profiles::new(plan, space, records, sets);
        let winners = Winners::of_profiles(plan, records, &profiles)?;
        let custom = merge::custom_ids(plan, records, &winners, profiles.len());
        let clusters = ids::ClustersOf { plan, records, profiles: &profiles };
        let ids = ids::assign(&clusters, identity, &custom.of);
        let mut report = UnifyReport::new(plan, records, groups, links, &profiles, warnings.to_vec());
        report.ids = IdReport::new(&ids);
        report.probabilistic = probabilistic.map(|it| it.report.clone());
        report.model = probabilistic.map(Matching::model);
        report.warnings.extend(custom.warning());
        let made = merge::Unification {
            plan,
            records,
            groups,
            links,
            profiles: &profiles,
            winners: &winners,
            ids: &ids,
            inputs,
            custom: &unification.custom,
            options,
            cancel,
        };
        take(CUSTOMER_LINEAGE, ids::append(&identity.previous, &ids, &identity.job)?)?;
        tables(made, progress, take)?;
        Ok(Summary { learned: probabilistic.map(|it| it.learned.clone()), report })
    }
}

/// Makes the tables, and gives each away when it is made.
fn tables(
    made: merge::Unification<'_>,
    progress: &dyn Fn(Progress),
    take: &mut Take<'_>,
) -> Result<(), UnifyError> {
    let merging = |done: usize| step(Stage::Merge, done, 5, progress, made.cancel);
    merging(0)?;
    let rows = merge::Rows::all(made);
    take(CUSTOMER, merge::customer(made, &rows)?)?;
    merging(1)?;
    take(CONFLATION_MATCH_PAIRS, merge::match_pairs(made, &rows)?)?;
    drop(rows);
    merging(2)?;
    take(ALTERNATE_KEY, merge::alternate_key(made)?)?;
    merging(3)?;
    merge::deduplication(made, take)?;
    merging(4)?;
    take(UNIFICATION_LINKS, merge::links(made)?)
}

fn step(
    stage: Stage,
    done: usize,
    total: usize,
    progress: &dyn Fn(Progress),
    cancel: &CancellationToken,
) -> Result<(), UnifyError> {
    progress(Progress { stage, done, total });
    if cancel.is_cancelled() { Err(UnifyError::Cancelled) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
