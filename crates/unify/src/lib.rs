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
pub use report::{Bypassed, EntityReport, RuleReport, UnifyReport, Warning};
pub use warm::{Extent, Reason, Warm};

use tokio_util::sync::CancellationToken;

use self::merge::Winners;
use self::plan::Plan;
use self::probabilistic::{Matching, Question};
use self::profiles::Profiles;
use self::records::Records;
use self::solve::{Found, Solved, solve};
use crate::definition::Unification;

/// What a unification makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Unified {
    /// `Customer`: one row per profile.
    pub customer: Table,
    /// `AlternateKey`: the customer of every primary key of every entity.
    pub alternate_key: Table,
    /// `ConflationMatchPairs`: one row for each profile with more than one record.
    pub conflation_match_pairs: Table,
    /// `UnificationLinks`: which rule put which row where it is.
    pub links: Table,
    /// For each entity that is deduplicated what was found in it, with the name of the table.
    pub deduplication: Vec<(String, Table)>,
    /// `CustomerLineage`: what happened to the ids of customers, in all runs so far.
    pub customer_lineage: Table,
    /// What matching by probability learned, where the definition asks for it.
    pub learned: Option<probabilistic::Learned>,
    /// What was done, in numbers.
    pub report: UnifyReport,
}

impl Unified {
    /// Every entity that was made, with its name.
    pub fn tables(&self) -> Vec<(&str, &Table)> {
        let fixed = [
            (definition::CUSTOMER, &self.customer),
            (definition::ALTERNATE_KEY, &self.alternate_key),
            (definition::CONFLATION_MATCH_PAIRS, &self.conflation_match_pairs),
            (definition::UNIFICATION_LINKS, &self.links),
            (definition::CUSTOMER_LINEAGE, &self.customer_lineage),
        ];
        let deduplication = self.deduplication.iter().map(|(name, table)| (name.as_str(), table));
        fixed.into_iter().chain(deduplication).collect()
    }
}

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
    settings.run(|made, report| settings.tables(made, report))
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
    /// Finds the profiles, and gives them to what makes something of them.
    fn run<T>(
        self,
        make: impl FnOnce(merge::Unification<'_>, UnifyReport) -> Result<T, UnifyError>,
    ) -> Result<T, UnifyError> {
        let plan = Plan::new(self.unification, self.inputs, &self.options.limits)?;
        let records = self.read(&plan)?;
        let mut solved = self.solve(&plan, &records, false)?;
        self.make(&plan, &records, solved.found(), make)
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

    /// Gives the profiles to what makes something of them.
    fn make<T>(
        self,
        plan: &Plan,
        records: &[Records],
        found: Found<'_>,
        make: impl FnOnce(merge::Unification<'_>, UnifyReport) -> Result<T, UnifyError>,
    ) -> Result<T, UnifyError> {
        let Self { unification, inputs, options, identity, cancel, .. } = self;
        let Found { groups, links, probabilistic, sets, space, warnings } = found;
        let profiles = Profiles::new(plan, space, records, sets);
        let winners = Winners::of_profiles(plan, records, &profiles, profiles.len(), |profile| profile)?;
        let custom = merge::custom_ids(plan, records, &winners, profiles.len());
        let clusters = ids::ClustersOf { plan, records, profiles: &profiles };
        let ids = ids::assign(&clusters, identity, &custom.of);
        let mut report = UnifyReport::new(plan, records, groups, links, &profiles, warnings.to_vec());
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
            learned: probabilistic.map(|it| &it.learned),
            inputs,
            custom: &unification.custom,
            options,
            cancel,
        };
        make(made, report)
    }

    /// Makes all tables of what was found.
    fn unified(self, plan: &Plan, records: &[Records], found: Found<'_>) -> Result<Unified, UnifyError> {
        self.make(plan, records, found, |made, report| self.tables(made, report))
    }

    /// Makes everything that a unification makes.
    fn tables(self, made: merge::Unification<'_>, report: UnifyReport) -> Result<Unified, UnifyError> {
        let customer_lineage = ids::append(&self.identity.previous, made.ids, &self.identity.job)?;
        tables(made, customer_lineage, report, self.progress)
    }
}

/// Makes everything that a unification makes.
fn tables(
    made: merge::Unification<'_>,
    customer_lineage: Table,
    report: UnifyReport,
    progress: &dyn Fn(Progress),
) -> Result<Unified, UnifyError> {
    let merging = |done: usize| step(Stage::Merge, done, 5, progress, made.cancel);
    merging(0)?;
    let rows = merge::Rows::all(made);
    let customer = merge::customer(made, &rows)?;
    merging(1)?;
    let alternate_key = merge::alternate_key(made)?;
    merging(2)?;
    let conflation_match_pairs = merge::match_pairs(made, &rows)?;
    merging(3)?;
    let deduplication = merge::deduplication(made)?;
    merging(4)?;
    let links = merge::links(made)?;
    Ok(Unified {
        customer,
        alternate_key,
        conflation_match_pairs,
        links,
        customer_lineage,
        deduplication,
        learned: made.learned.cloned(),
        report,
    })
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
