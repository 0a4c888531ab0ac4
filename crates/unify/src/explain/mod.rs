//! Why two rows are one customer or are not: the answer of every rule to one pair, condition by condition.
//!
//! It is given the definition and only the rows in question, and says what the rules say of them when they run on all
//! rows. What it cannot see there: that another row was better, that an earlier rule had matched already, or that a
//! value is too frequent. Of matching by probability it says why it left two rows apart, whatever the reason.

mod apart;
mod sharing;
mod side;
mod verdict;

pub use apart::{Apart, RowKey, RowName};
pub use verdict::{
    ConditionVerdict, Decided, ExceptionVerdict, Judgement, Outcome, RuleStage, RuleVerdict, Shown, Without,
};

use std::ops::Range;

use rapidfuzz::distance::levenshtein;

use self::side::Side;
use crate::custom::{Decisions, Forms};
use crate::definition::Unification;
use crate::error::UnifyError;
use crate::ids::Pin;
use crate::input::Input;
use crate::limits::Limits;
use crate::plan::{EntityPlan, Plan, RulePlan};
use crate::probabilistic::{Explanation, Learned, RowOf};
use crate::records::Records;
use crate::rules::{max_edits, score};
use crate::space::Space;

/// Judges pairs of rows under all rules of a definition.
#[derive(Debug)]
pub struct Judge {
    plan: Plan,
    records: Vec<Records>,
    forms: Forms,
    decisions: Decisions,
    space: Space,
    limits: Limits,
    /// For each rule that has exceptions with names: those, by stage, entity and rule.
    exceptions: Vec<Vec<Option<String>>>,
}

/// The place of a row: entity and record.
type Place = (usize, u32);

impl Judge {
    /// A judge over the rows in `inputs`; every entity that the definition reads must be there, with all rows of
    /// those that hold lists and with the rows in question of the others. `pins` are those of the run.
    ///
    /// # Errors
    /// `UnifyError::Invalid` when the definition does not fit the inputs.
    pub fn new(unification: &Unification, inputs: &[Input], pins: &[Pin]) -> Result<Self, UnifyError> {
        let limits = Limits::default();
        let plan = Plan::new(unification, inputs, &limits)?;
        let mut records = Vec::with_capacity(plan.entities.len());
        for entity in &plan.entities {
            if let Some(input) = inputs.get(entity.input) {
                records.push(Records::read(input, entity, &limits)?);
            }
        }
        let rules = plan.deduplication.iter().chain(&plan.rules);
        let forms = Forms::new(rules, &unification.custom, inputs);
        let decisions = Decisions::new(unification, &plan, &records, inputs, pins);
        let space = Space::new(&records);
        let exceptions = exceptions(unification, &plan);
        Ok(Self { plan, records, forms, decisions, space, limits, exceptions })
    }

    /// What the rules say of two rows, each an entity and a primary key. None when one of them is not there, or both
    /// are the same.
    pub fn judge(&self, one: (&str, &str), other: (&str, &str)) -> Option<Judgement> {
        let (one, other) = (self.find(one)?, self.find(other)?);
        let (above, below) = (one.min(other), one.max(other));
        if above == below {
            return None;
        }
        let own = (0..).zip(&self.plan.deduplication).map(|it| (RuleStage::Deduplication, it));
        let offset = self.plan.deduplication.len();
        let matching = (offset..).zip(&self.plan.rules).map(|it| (RuleStage::Match, it));
        let rules = own.chain(matching).filter(|(_, (_, rule))| rule.on == below.0);
        let rules = rules.filter_map(|(stage, (number, rule))| {
            let at = rule.lefts.iter().position(|entity| *entity == above.0)?;
            Some(self.rule(stage, number, rule, (at, above), below))
        });
        Some(Judgement { decided: self.decided(above, below), rules: rules.collect() })
    }

    /// What a model says of two rows. None when one of them is not there, or both are the same.
    pub fn probability(
        &self,
        learned: &Learned,
        one: (&str, &str),
        other: (&str, &str),
    ) -> Option<Explanation> {
        let places = [self.find(one)?, self.find(other)?];
        if places[0] == places[1] {
            return None;
        }
        learned.explain(&self.entities(), [self.row(places[0])?, self.row(places[1])?])
    }

    /// The full names and primary keys of the entities, in match order.
    fn entities(&self) -> Vec<(String, String)> {
        let name = |(entity, records): (&EntityPlan, &Records)| {
            (entity.name.clone(), records.schema.field(entity.key).name().clone())
        };
        self.plan.entities.iter().zip(&self.records).map(name).collect()
    }

    fn row(&self, (entity, record): Place) -> Option<RowOf<'_>> {
        let records = self.records.get(entity)?;
        let at = records.rows.get(record as usize)?;
        Some((entity, records.batches.get(at.batch as usize)?, at.row as usize))
    }

    fn find(&self, (entity, key): (&str, &str)) -> Option<Place> {
        let at = self.plan.entities.iter().position(|plan| plan.name == entity)?;
        Some((at, self.records.get(at)?.find(key.as_bytes())?))
    }

    fn decided(&self, above: Place, below: Place) -> Option<Decided> {
        let number = |(entity, record): Place| self.space.number(entity as u32, record);
        let is_it = |pair: &(u32, u32)| *pair == (number(above), number(below));
        let pinned = |record: u32| self.decisions.pins.iter().find(|pin| pin.0 == record).map(|pin| pin.1);
        if let (Some(one), Some(other)) = (pinned(number(above)), pinned(number(below))) {
            return Some(if one == other { Decided::AlwaysMatch } else { Decided::NeverMatch });
        }
        if self.decisions.never.iter().any(is_it) {
            return Some(Decided::NeverMatch);
        }
        self.decisions.always.iter().any(is_it).then_some(Decided::AlwaysMatch)
    }

    fn rule(
        &self,
        stage: RuleStage,
        number: usize,
        rule: &RulePlan,
        (at, above): (usize, Place),
        below: Place,
    ) -> RuleVerdict {
        let compare = |range: Range<usize>| -> Vec<ConditionVerdict> {
            range.filter_map(|comparison| self.condition(rule, comparison, (at, above), below)).collect()
        };
        let conditions = compare(0..rule.conditions);
        let names = self.exceptions.get(number).map_or(&[][..], Vec::as_slice);
        let exceptions: Vec<ExceptionVerdict> = (0..)
            .zip(&rule.exceptions)
            .map(|(place, range): (usize, _)| {
                let conditions = compare(range.clone());
                let applies = conditions.iter().all(|condition| condition.holds);
                ExceptionVerdict { name: names.get(place).cloned().flatten(), applies, conditions }
            })
            .collect();
        let scores: Option<Vec<f64>> = conditions.iter().map(|condition| condition.score).collect();
        let outcome = if !conditions.iter().all(|condition| condition.holds) {
            Outcome::Failed
        } else if exceptions.iter().any(|exception| exception.applies) {
            Outcome::Excepted
        } else {
            Outcome::Fulfilled
        };
        RuleVerdict {
            stage,
            on: self.plan.entities.get(rule.on).map(|entity| entity.name.clone()).unwrap_or_default(),
            rule: rule.name.clone(),
            active: rule.active,
            outcome,
            score: scores.map(|scores| scores.iter().sum::<f64>() / rule.conditions.max(1) as f64),
            conditions,
            exceptions,
        }
    }

    fn condition(
        &self,
        rule: &RulePlan,
        at: usize,
        (place, above): (usize, Place),
        below: Place,
    ) -> Option<ConditionVerdict> {
        let comparison = rule.comparisons.get(at)?;
        let form = self.forms.get(&comparison.form)?;
        let column = comparison.left.get(place).copied().flatten();
        let left =
            Side::read(self.plan.entities.get(above.0)?, self.records.get(above.0)?, column, above.1, form);
        let right = Some(comparison.right);
        let right =
            Side::read(self.plan.entities.get(below.0)?, self.records.get(below.0)?, right, below.1, form);
        let within = rule.lefts.as_slice() == [rule.on];
        // Numbers and dates are equal or not: how alike their digits are says nothing.
        let is_text = left.is_text && right.is_text;
        let scored = left.compared.as_deref().zip(right.compared.as_deref());
        let scored = scored.map(|(one, other)| match one == other {
            true => (1.0, true),
            false if is_text => self.score(one, other, within, comparison.threshold),
            false => (0.0, false),
        });
        Some(ConditionVerdict {
            left: left.shown,
            right: right.shown,
            needed: comparison.threshold,
            score: scored.map(|(score, _)| score),
            holds: scored.is_some_and(|(_, holds)| holds),
        })
    }

    /// The score of two different texts, and whether it is high enough.
    fn score(&self, left: &str, right: &str, within: bool, threshold: f64) -> (f64, bool) {
        let chars = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        // Within one entity neither row comes first, so that the longer value is the base.
        let base = if within { chars(left).max(chars(right)) } else { chars(left) };
        let distance = levenshtein::distance(left.chars(), right.chars());
        let distance = u32::try_from(distance).unwrap_or(u32::MAX);
        let edits = if base > self.limits.fuzzy_chars { 0 } else { max_edits(base, threshold) };
        (score(base, distance), threshold < 1.0 && distance <= edits)
    }
}

/// The names of the exceptions of every rule of a plan.
fn exceptions(unification: &Unification, plan: &Plan) -> Vec<Vec<Option<String>>> {
    let entity = |rule: &RulePlan| plan.entities.get(rule.on).map_or("", |entity| entity.name.as_str());
    let own = plan.deduplication.iter().map(|rule| {
        let written = unification.deduplication.iter().filter(|it| it.entity == entity(rule));
        let written = written.flat_map(|it| &it.rules).find(|it| it.name == rule.name);
        written.map(|it| it.exceptions.iter().map(|it| it.name.clone()).collect()).unwrap_or_default()
    });
    let matching = plan.rules.iter().map(|rule| {
        let mut written = unification.match_.rules.iter();
        let written = written.find(|it| it.on == entity(rule) && it.name == rule.name);
        written.map(|it| it.exceptions.iter().map(|it| it.name.clone()).collect()).unwrap_or_default()
    });
    own.chain(matching).collect()
}
