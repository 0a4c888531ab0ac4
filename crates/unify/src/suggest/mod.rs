//! Suggested rules, from the data itself and before anything runs, with pairs of rows that would merge and pairs that
//! would not.
//!
//! A model is trained once (matching by probability); it says of every pair how likely it is one customer. The
//! engine's own conditions are asked of the same pairs, so that every possible rule is a sum over few groups. Rules
//! are chosen one after the other, the one that adds most first, and each is tried by the engine before it counts:
//! the numbers of a suggestion are those of a run.

mod answer;
mod blocking;
mod choose;
mod examples;
mod groups;
mod order;
mod pairs;
mod probe;
mod rehearsal;
mod requirements;
mod search;
mod trained;

use tokio_util::sync::CancellationToken;

pub use answer::{
    Blocking, BlockingKey, Example, ExampleRow, ExampleValue, Note, Refused, RefusedReason, RefusedValue,
    SuggestedRule, Suggestions, WrittenRule,
};
pub use order::draft;

use self::choose::{Chosen, Ground, Scope};
use self::groups::Grouped;
use self::probe::Probe;
use self::rehearsal::Rehearsal;
use self::requirements::Requirements;
use self::trained::Trained;
use crate::definition::{MatchOrder, Unification};
use crate::error::UnifyError;
use crate::explain::RuleStage;
use crate::input::Input;
use crate::limits::Options;
use crate::semantic;
use crate::space::Space;

/// What is wished of the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Wishes {
    /// The least expected share of a rule's pairs that are one customer, 0 to 1.
    pub precision: f64,
    /// Only rules on this entity.
    pub entity: Option<String>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { precision: 0.97, entity: None }
    }
}

/// The parts of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading the values that rules compare.
    Reading,
    /// Training the model.
    Learning,
    /// Asking every condition of every pair.
    Comparing,
    /// Choosing rules.
    Choosing,
    /// Running the chosen rules.
    Trying,
}

impl Step {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Learning => "learning",
            Self::Comparing => "comparing",
            Self::Choosing => "choosing",
            Self::Trying => "trying",
        }
    }
}

/// Suggests rules for the entities of a definition's match order; its own rules play no part. Signals are those of the
/// definition, or come from semantic types. This computes for as long as a unification takes.
///
/// The same rows in the same order give the same answer, whatever the number of threads.
///
/// # Errors
/// `UnifyError::Invalid` when the definition's map and order do not fit the inputs; otherwise what stopped the work.
pub fn suggest(
    unification: &Unification,
    inputs: &[Input],
    wishes: &Wishes,
    options: &Options,
    progress: &dyn Fn(Step),
    cancel: &CancellationToken,
) -> Result<Suggestions, UnifyError> {
    let step = |step: Step| {
        progress(step);
        if cancel.is_cancelled() { Err(UnifyError::Cancelled) } else { Ok(()) }
    };
    step(Step::Reading)?;
    let (used, mut notes) = usable(unification, inputs);
    let meanings = ordered(unification, inputs).map(semantic::suggest).collect();
    if used.is_empty() {
        notes.push(Note::NoPeople);
        return Ok(Suggestions { meanings, notes, ..Suggestions::default() });
    }
    let names: Vec<String> = used.iter().map(|input| input.entity.clone()).collect();
    let bare = probe::bare(unification, &names);
    let signals = match unification.match_.probabilistic.as_ref().filter(|it| !it.signals.is_empty()) {
        Some(probabilistic) => probabilistic.signals.clone(),
        None => semantic::signals(&bare, inputs),
    };
    let requirements = Requirements::new(&signals, &used);
    let probe = Probe::new(&bare, &requirements, inputs, options)?;
    let rows = probe.records.iter().map(crate::records::Records::len).sum();
    crate::probabilistic::check(rows).map_err(|_| UnifyError::TooManyValues)?;
    let space = Space::new(&probe.records);
    step(Step::Learning)?;
    let trained = Trained::new(&signals, &used, &probe.records, options.threads);
    step(Step::Comparing)?;
    let conditions = probe.conditions(&requirements, options.limits.fuzzy_chars);
    let grouped = Grouped::new(&trained, &conditions, &space, options.threads);
    drop(conditions);
    step(Step::Choosing)?;
    let ground = Ground {
        requirements: &requirements,
        probe: &probe,
        trained: &trained,
        groups: &grouped.groups,
        space: &space,
        inputs,
        bare: &bare,
        options,
        cancel,
        floor: wishes.precision.clamp(0.0, 1.0),
    };
    let (chosen, kept) = choose_all(&ground, wishes, &mut notes);
    step(Step::Trying)?;
    let order = kept.iter().filter_map(|at| bare.match_.order.get(*at)).cloned().collect();
    let ready = written(cleared(unification, order, wishes), &bare, &chosen);
    let trial = written(bare.clone(), &bare, &chosen);
    let mut rehearsal = Rehearsal::new(&trial, inputs, &probe, &space, options, cancel)?;
    let rules = answered(&ground, chosen, &grouped, &mut rehearsal);
    let unification = (!rules.is_empty()).then_some(ready);
    Ok(Suggestions { meanings, rules, blocking: blocking::view(&ground), notes, unification })
}

/// The inputs of the match order, in that order.
fn ordered<'a>(unification: &Unification, inputs: &'a [Input]) -> impl Iterator<Item = &'a Input> {
    let order = unification.match_.order.iter();
    order.filter_map(|ordered| inputs.iter().find(|input| input.entity == ordered.entity))
}

/// The inputs that can be unified, and what is the matter with the others.
fn usable<'a>(unification: &Unification, inputs: &'a [Input]) -> (Vec<&'a Input>, Vec<Note>) {
    let (used, left): (Vec<&Input>, Vec<&Input>) =
        ordered(unification, inputs).partition(|input| input.primary_key.len() == 1);
    (used, left.iter().map(|input| Note::KeyMissing { entity: input.entity.clone() }).collect())
}

/// The rules of all entities, and the entities that take part. One that finds nothing in those above it does not.
fn choose_all(ground: &Ground<'_>, wishes: &Wishes, notes: &mut Vec<Note>) -> (Vec<Chosen>, Vec<usize>) {
    let (mut all, mut kept) = (Vec::new(), Vec::new());
    for (on, ordered) in ground.bare.match_.order.iter().enumerate() {
        let entity = &ordered.entity;
        let wished = wishes.entity.as_ref().is_none_or(|it| it == entity);
        let has = |lefts: &[usize]| {
            let mut all = ground.requirements.all.iter();
            all.any(|it| lefts.iter().any(|left| ground.requirements.between(it, *left, on).is_some()))
        };
        if !has(&[on]) {
            notes.push(Note::NoSignals { entity: entity.clone() });
            continue;
        }
        if wished {
            let own = Scope { stage: RuleStage::Deduplication, on, lefts: vec![on] };
            let (chosen, note) = ground.choose(&own);
            all.extend(chosen);
            notes.extend(note);
        }
        if kept.is_empty() || !wished {
            kept.push(on);
            continue;
        }
        if !has(&kept) {
            notes.push(Note::NothingInCommon { entity: entity.clone() });
            continue;
        }
        let (chosen, note) = ground.choose(&Scope { stage: RuleStage::Match, on, lefts: kept.clone() });
        notes.extend(note);
        if !chosen.is_empty() {
            all.extend(chosen);
            kept.push(on);
        }
    }
    (all, kept)
}

/// The definition over the entities that take part, without its rules on those for which rules are wished.
fn cleared(unification: &Unification, order: Vec<MatchOrder>, wishes: &Wishes) -> Unification {
    let mut cleared = unification.clone();
    let given = |entity: &str| unification.match_.order.iter().find(|it| it.entity == entity).cloned();
    let takes_part = |entity: &str| order.iter().any(|it| it.entity == entity);
    let stays =
        |entity: &str| takes_part(entity) && wishes.entity.as_ref().is_some_and(|wished| wished != entity);
    cleared.match_.rules.retain(|rule| stays(&rule.on));
    cleared.deduplication.retain_mut(|own| {
        if !stays(&own.entity) {
            own.rules.clear();
        }
        takes_part(&own.entity)
    });
    cleared.map.retain(|map| takes_part(&map.entity));
    cleared.match_.order = order.iter().map(|it| given(&it.entity).unwrap_or_else(|| it.clone())).collect();
    cleared
}

/// A definition with the chosen rules added.
fn written(mut to: Unification, bare: &Unification, chosen: &[Chosen]) -> Unification {
    for rule in chosen {
        match &rule.rule {
            WrittenRule::Match(rule) => to.match_.rules.push(rule.clone()),
            WrittenRule::Deduplication(own) => {
                let entity = bare.match_.order.get(rule.on).map_or("", |it| it.entity.as_str());
                match to.deduplication.iter_mut().find(|it| it.entity == entity) {
                    Some(it) => it.rules.push(own.clone()),
                    None => to.deduplication.push(probe::deduplication(entity, vec![own.clone()])),
                }
            }
        }
    }
    to
}

/// The chosen rules with their numbers and examples.
fn answered(
    ground: &Ground<'_>,
    chosen: Vec<Chosen>,
    grouped: &Grouped,
    rehearsal: &mut Rehearsal,
) -> Vec<SuggestedRule> {
    let name = |entity: usize| ground.bare.match_.order.get(entity).map_or("", |it| it.entity.as_str());
    let mut rules = Vec::with_capacity(chosen.len());
    for rule in chosen {
        let on = name(rule.on).to_owned();
        let share = |matches: f64| (matches / rule.total.max(f64::MIN_POSITIVE)).min(1.0);
        rules.push(SuggestedRule {
            stage: rule.stage,
            matched: rehearsal.matched(rule.stage, &on, &rule.name),
            on,
            lefts: rule.lefts.iter().map(|left| name(*left).to_owned()).collect(),
            pairs: rule.pairs,
            added_pairs: rule.added.len() as u64,
            excepted: rule.excepted,
            precision: rule.precision,
            recall: share(rule.matches),
            added_recall: share(rule.added_matches),
            merged: examples::merged(ground, &rule),
            not_merged: examples::not_merged(ground, &rule, grouped, &mut rehearsal.sets),
            name: rule.name,
            rule: rule.rule,
        });
    }
    rules
}

#[cfg(test)]
mod tests;
