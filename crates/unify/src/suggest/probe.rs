//! The engine's own conditions, one rule for each, so that what a pair meets here is what it meets in a run.

use crate::custom::Forms;
use crate::definition::{
    Deduplication, DeduplicationRule, Match, MatchOrder, MatchRule, Merge, Preference, Probabilistic,
    Retrain, Unification,
};
use crate::error::UnifyError;
use crate::features::{Features, NONE};
use crate::input::Input;
use crate::limits::Options;
use crate::plan::Plan;
use crate::records::Records;
use crate::rules::{Rule, Scratch, Shown};

use super::requirements::{Mask, Requirements};

/// The records, and every value in the forms in which requirements compare it.
#[derive(Debug)]
pub(crate) struct Probe {
    plan: Plan,
    pub(crate) records: Vec<Records>,
    pub(crate) features: Features,
    /// For every rule of the plan, deduplication first: entity above, entity, requirement.
    places: Vec<(usize, usize, usize)>,
}

/// The rules of a probe by entity above, entity and requirement.
pub(crate) struct Conditions<'a> {
    entities: usize,
    /// For each pair of entities its requirements, those of one signal together.
    rules: Vec<Vec<Vec<(usize, Rule<'a>)>>>,
}

/// A definition of rules over some entities, with nothing else in it.
pub(crate) fn bare(base: &Unification, entities: &[String]) -> Unification {
    let order = entities.iter().map(|entity| MatchOrder { entity: entity.clone(), include_all: true });
    // Entities for which nothing is found need no rules.
    let probabilistic =
        Probabilistic { threshold: 0.5, signals: Vec::new(), labels: None, retrain: Retrain::Always };
    Unification {
        map: base.map.clone(),
        deduplication: Vec::new(),
        match_: Match { order: order.collect(), rules: Vec::new(), probabilistic: Some(probabilistic) },
        custom: crate::definition::Custom::default(),
        merge: Merge::default(),
    }
}

/// The deduplication of an entity by some rules.
pub(crate) fn deduplication(entity: &str, rules: Vec<DeduplicationRule>) -> Deduplication {
    Deduplication { entity: entity.to_owned(), rules, winner: Preference::default(), attributes: Vec::new() }
}

impl Probe {
    /// Reads the records and every value that requirements compare.
    pub(crate) fn new(
        bare: &Unification,
        requirements: &Requirements,
        inputs: &[Input],
        options: &Options,
    ) -> Result<Self, UnifyError> {
        let (unification, places) = single(bare, requirements);
        let plan = Plan::new(&unification, inputs, &options.limits)?;
        let mut records = Vec::with_capacity(plan.entities.len());
        for entity in &plan.entities {
            if let Some(input) = inputs.get(entity.input) {
                records.push(Records::read(input, entity, &options.limits)?);
            }
        }
        let rules = || plan.deduplication.iter().chain(&plan.rules);
        let forms = Forms::new(rules(), &unification.custom, inputs);
        let features = Features::read(rules(), &records, &forms, options.threads)?;
        Ok(Self { plan, records, features, places })
    }

    /// The number of records of an entity.
    pub(crate) fn count(&self, entity: usize) -> usize {
        self.records.get(entity).map_or(0, Records::len)
    }

    pub(crate) fn conditions(&self, requirements: &Requirements, fuzzy_chars: u32) -> Conditions<'_> {
        let entities = self.records.len();
        let mut rules: Vec<Vec<Vec<(usize, Rule<'_>)>>> = Vec::new();
        rules.resize_with(entities * entities, || requirements.signals.iter().map(|_| Vec::new()).collect());
        let plans = self.plan.deduplication.iter().chain(&self.plan.rules);
        for (plan, (left, right, at)) in plans.zip(&self.places) {
            let Some(rule) = Rule::new(plan, &self.features, |at| self.count(at), fuzzy_chars) else {
                continue;
            };
            let signal = requirements.all.get(*at).map_or(usize::MAX, |it| it.signal);
            let own = rules.get_mut(left * entities + right).and_then(|own| own.get_mut(signal));
            if let Some(own) = own {
                own.push((*at, rule));
            }
        }
        Conditions { entities, rules }
    }
}

impl Probe {
    /// A value of a signal as rules compare it; none for what is no text.
    pub(crate) fn compared(
        &self,
        requirements: &Requirements,
        entity: usize,
        signal: usize,
        record: u32,
    ) -> Option<&str> {
        let requirement = requirements.all.iter().position(|it| it.signal == signal)?;
        let rule = self.places.iter().position(|place| *place == (entity, entity, requirement))?;
        let comparison = self.plan.deduplication.get(rule)?.comparisons.first()?;
        let is_text = requirements.column(signal, entity).is_some_and(|column| column.is_text());
        let feature = self.features.get(entity, comparison.right, &comparison.form).filter(|_| is_text)?;
        let value = feature.values.get(record as usize).filter(|value| **value != NONE)?;
        Some(self.features.texts(feature.domain)?.get(*value))
    }
}

impl Conditions<'_> {
    /// Buffers for `met`: texts of one rule are not those of another.
    pub(crate) fn scratch(&self) -> Vec<Vec<Scratch>> {
        self.rules.iter().map(|own| own.iter().map(|_| Scratch::default()).collect()).collect()
    }

    /// What two records meet, each an entity and a record; the first stands above.
    pub(crate) fn met(&self, left: (u32, u32), right: (u32, u32), scratch: &mut [Vec<Scratch>]) -> Mask {
        let mut mask = 0;
        let pair = left.0 as usize * self.entities + right.0 as usize;
        let (Some(own), Some(scratch)) = (self.rules.get(pair), scratch.get_mut(pair)) else { return 0 };
        for (signal, scratch) in own.iter().zip(scratch) {
            let mut met = false;
            for (at, rule) in signal {
                // What meets the strict one meets the others.
                met |= rule.judge(Shown::Left(left.1), Shown::Right(right.1), scratch).is_some();
                mask |= Mask::from(met) << at;
            }
        }
        mask
    }
}

/// A definition with one rule for each requirement and pair of entities, and what each is for.
fn single(bare: &Unification, requirements: &Requirements) -> (Unification, Vec<(usize, usize, usize)>) {
    let mut unification = bare.clone();
    let names: Vec<String> = bare.match_.order.iter().map(|ordered| ordered.entity.clone()).collect();
    let (mut own_places, mut places) = (Vec::new(), Vec::new());
    for (right, on) in names.iter().enumerate() {
        let mut rules = Vec::new();
        for (at, requirement) in requirements.all.iter().enumerate() {
            if let Some(condition) = requirements.own_condition(requirement, right) {
                own_places.push((right, right, at));
                let (name, conditions) = (at.to_string(), vec![condition]);
                rules.push(DeduplicationRule { name, conditions, exceptions: Vec::new(), active: true });
            }
            for (left, above) in names.iter().enumerate().take(right) {
                let condition = requirements.condition(requirement, (left, above, true), right);
                let Some(condition) = condition else { continue };
                places.push((left, right, at));
                let (on, name) = (on.clone(), format!("{left} {at}"));
                let conditions = vec![condition];
                let rule = MatchRule { on, name, conditions, exceptions: Vec::new(), active: true };
                unification.match_.rules.push(rule);
            }
        }
        unification.deduplication.push(deduplication(on, rules));
    }
    own_places.extend(places);
    (unification, own_places)
}
