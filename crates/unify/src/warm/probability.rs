//! Matching by probability between two runs: its index takes the same changes in, and what people and rules have
//! joined since.

use super::Settings;
use super::changes::Changes;
use crate::custom::Decisions;
use crate::error::UnifyError;
use crate::index::Index;
use crate::plan::Plan;
use crate::probabilistic::{
    self, Learned, Matching, Needs, Prepared, RecordId, TooManyRecords, ids, join, layout, options,
    read_some, said,
};
use crate::records::Records;
use crate::sets::Sets;

/// Whether a run has to match by another model than the one that was kept.
pub(super) fn is_outdated(
    matching: Option<&Matching>,
    needs: Option<&Needs>,
    stored: Option<&Learned>,
) -> bool {
    match (matching, needs) {
        (Some(matching), Some(needs)) => needs.train(stored).is_some() || stored != Some(&matching.learned),
        (matching, needs) => matching.is_some() || needs.is_some(),
    }
}

/// Takes the changes in, and joins in `sets` what is one customer now. `sets` holds what rules have joined.
pub(super) fn follow(
    matching: &mut Matching,
    settings: Settings<'_>,
    (plan, records): (&Plan, &[Records]),
    (changes, rules): (&Changes, &Index),
    (decisions, sets): (&Decisions, &mut Sets),
) -> Result<(), UnifyError> {
    let asked = settings.unification.match_.probabilistic.as_ref();
    let Some((asked, index)) = asked.zip(matching.index.as_mut()) else { return Ok(()) };
    let threads = settings.options.threads;
    let layout = layout(plan, records, &matching.learned.signals);
    let mut upserts = Vec::new();
    let mut deletes = Vec::new();
    for (entity, ((of, records), (changed, gone))) in
        plan.entities.iter().zip(records).zip(changes.of_entities()).enumerate()
    {
        let numbers: Vec<u32> = changed.iter().map(|(number, _)| *number).collect();
        upserts.push(read_some((entity, records), &layout, &numbers, threads));
        deletes.extend(gone.iter().map(|record| RecordId::new(&of.name, rules.key(entity, *record))));
    }
    let changes = probabilistic::Changes { upserts: Prepared::from_parts(upserts), deletes };
    let ids = ids(plan, records);
    let now = options(asked, &ids, decisions, sets, threads);
    let entity = || plan.entities.last().map(|entity| entity.name.clone()).unwrap_or_default();
    let too_large = |too_many: TooManyRecords| too_many.of(entity());
    index.follow(&changes, Some(said(&now.always, &now.never))).map_err(too_large)?;
    let clusters =
        (0u32..).zip(&ids).filter_map(|(record, id)| Some((record, index.cluster(RecordId(*id))?)));
    join(sets, clusters);
    matching.trained = None;
    matching.report.records = ids.len() as u64;
    Ok(())
}
