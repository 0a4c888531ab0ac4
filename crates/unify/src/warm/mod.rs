//! Warm runs: between two refreshes the index of a unification is kept, and the second one takes in only what changed.
//!
//! The tables are those of a whole run over the rows as they are now, byte for byte. Rows that changed are found by
//! comparing a hash of what rules look at with the hash that the row had; everything that is made from the profiles is
//! made anew, because every row of a profile counts there.

mod basis;
mod changes;
mod contents;
mod probability;

pub use basis::Reason;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use self::basis::Basis;
use self::changes::Changes;
use super::custom::Listed;
use super::definition::Unification;
use super::error::UnifyError;
use super::ids::Identity;
use super::index::Index;
use super::input::{Input, Progress, Stage};
use super::limits::Options;
use super::plan::Plan;
use super::probabilistic::{Matching, Needs};
use super::records::Records;
use super::solve::Found;
use super::{Settings, Summary, Take, Unified, step};

/// How much of the rows may have changed since the last whole run, in percent. Beyond it a whole run costs less, and
/// frees what rows have left behind.
const MOST_CHANGED: u64 = 20;

/// What is kept of a run for the next one.
#[derive(Debug)]
pub struct Warm {
    basis: Basis,
    index: Index,
    /// What matching by probability found, with its own index.
    matching: Option<Matching>,
    /// For each entity and record of the index the hash of what matching looks at.
    hashes: Vec<Vec<u128>>,
    /// The rows of the last whole run.
    rows: u64,
    /// Rows that came, changed or went since then.
    changed: u64,
    most_changed: u64,
}

/// How much a run had to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Extent {
    /// The changes since the run before. Pairs compared and exceptions are those of the changed rows; all other
    /// counts are those of all rows.
    Incremental {
        /// Rows that came, went, or changed in what rules look at.
        changed: u64,
        /// Customers' rows of one source that looked for a partner again.
        relinked: u64,
    },
    /// All rows.
    Full {
        /// Why.
        reason: Reason,
    },
}

impl Warm {
    /// `run_into` with all tables together.
    ///
    /// # Errors
    /// Those of `run_into`.
    pub fn run(
        before: Option<Self>,
        unification: &Unification,
        inputs: &[Input],
        options: &Options,
        identity: &Identity,
        progress: &dyn Fn(Progress),
        cancel: &CancellationToken,
    ) -> Result<(Unified, Option<Self>), UnifyError> {
        let settings = (options, identity);
        Unified::gather(|take| Self::run_into(before, unification, inputs, settings, progress, cancel, take))
    }

    /// Unifies the inputs as `unify::run_into` does, with the help of what was kept of the run before, and keeps the same
    /// for the next one. After an error nothing is kept.
    ///
    /// # Errors
    /// Those of `unify::run_into`. A rule that would compare too many pairs is not noticed where only changes are looked at.
    pub fn run_into(
        before: Option<Self>,
        unification: &Unification,
        inputs: &[Input],
        (options, identity): (&Options, &Identity),
        progress: &dyn Fn(Progress),
        cancel: &CancellationToken,
        take: &mut Take<'_>,
    ) -> Result<(Summary, Option<Self>), UnifyError> {
        let settings = Settings { unification, inputs, options, identity, progress, cancel };
        let plan = Plan::new(unification, inputs, &options.limits)?;
        let records = settings.read(&plan)?;
        let basis = Basis::new(settings);
        let needs = Needs::new(unification, inputs, &records);
        let signals = needs.as_ref().map_or(&[][..], |needs| &needs.signals);
        let contents = contents::of(&plan, &records, signals, options.threads)?;
        let (reason, most_changed) = match before {
            None => (Reason::FirstRun, MOST_CHANGED),
            Some(warm) => {
                let most_changed = warm.most_changed;
                let changes = Changes::of(&warm.index, &warm.hashes, &records, &contents);
                let kept = warm.matching.as_ref();
                let is_outdated = probability::is_outdated(kept, needs.as_ref(), identity.learned.as_ref());
                match warm.unfit(&basis, is_outdated, changes.count()) {
                    Some(reason) => (reason, most_changed),
                    None => return warm.follow(settings, (&plan, &records), &contents, &changes, take),
                }
            }
        };
        full(settings, (plan, records), basis, contents, (reason, most_changed), take)
    }

    /// The number of rows that it follows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Why so many changes cannot be followed.
    fn unfit(&self, basis: &Basis, is_outdated: bool, changes: u64) -> Option<Reason> {
        let most = self.rows.saturating_mul(self.most_changed) / 100;
        self.basis
            .differs(basis)
            .or_else(|| is_outdated.then_some(Reason::Model))
            .or_else(|| (self.changed.saturating_add(changes) > most).then_some(Reason::ManyChanges))
    }

    /// Takes the changes in.
    fn follow(
        mut self,
        settings: Settings<'_>,
        (plan, records): (&Plan, &[Records]),
        contents: &[Vec<u128>],
        changes: &Changes,
        take: &mut Take<'_>,
    ) -> Result<(Summary, Option<Self>), UnifyError> {
        step(Stage::Changes, 0, 1, settings.progress, settings.cancel)?;
        let delta = self.index.apply(&changes.rows(plan, records, &self.index)?)?;
        for (entity, record, number) in changes.upserts() {
            let key = records.get(entity).map_or("", |records| records.key(number));
            let hash = contents.get(entity).and_then(|hashes| hashes.get(number as usize));
            let record = record.or_else(|| self.index.record(entity, key));
            let (Some(hashes), Some(hash), Some(record)) = (self.hashes.get_mut(entity), hash, record) else {
                continue;
            };
            if hashes.len() <= record as usize {
                hashes.resize(record as usize + 1, 0);
            }
            if let Some(place) = hashes.get_mut(record as usize) {
                *place = *hash;
            }
        }
        self.changed += changes.count();
        let mut whole = self.index.whole(records);
        if let Some(matching) = &mut self.matching {
            let changes = (changes, &self.index);
            probability::follow(matching, settings, (plan, records), changes, whole.decided())?;
        }
        let found = Found { probabilistic: self.matching.as_ref(), ..whole.found() };
        let mut summary = settings.make(plan, records, found, take)?;
        summary.report.extent =
            Some(Extent::Incremental { changed: changes.count(), relinked: delta.relinked });
        Ok((summary, Some(self)))
    }
}

/// A whole run that keeps its index.
fn full(
    settings: Settings<'_>,
    (plan, records): (Plan, Vec<Records>),
    basis: Basis,
    hashes: Vec<Vec<u128>>,
    (reason, most_changed): (Reason, u64),
    take: &mut Take<'_>,
) -> Result<(Summary, Option<Warm>), UnifyError> {
    let mut solved = settings.solve(&plan, &records, true)?;
    let mut summary = settings.make(&plan, &records, solved.found(), take)?;
    summary.report.extent = Some(Extent::Full { reason });
    let matching = solved.probabilistic.take();
    let rows = records.iter().map(|records| records.len() as u64).sum();
    let listed = Listed::new(settings.unification, &plan, settings.inputs, &settings.identity.pins);
    let index = Index::of(plan, settings.options.clone(), records, solved, listed);
    Ok((summary, Some(Warm { basis, index, matching, hashes, rows, changed: 0, most_changed })))
}

#[cfg(test)]
impl Warm {
    /// The same with another share of rows that may change.
    pub(crate) fn with_most_changed(self, percent: u64) -> Self {
        Self { most_changed: percent, ..self }
    }
}
