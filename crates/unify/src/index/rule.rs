//! One rule of an index: where to look for what it compares.

use super::at::{At, Map};
use super::columns::Columns;
use super::crowding::{Counted, Crowding};
use super::postings::Postings;
use crate::features::{Features, NONE};
use crate::plan::{Comparison, RulePlan};
use crate::rules::{Counts, Heavy, Rule, Scratch, Shown};

/// What an index keeps about one rule.
#[derive(Debug)]
pub(super) struct RuleIndex {
    /// Its place among the rules of its stage.
    pub(super) number: u32,
    pub(super) on: usize,
    lefts: Vec<usize>,
    /// Whether equal values of the exact conditions are enough.
    plain: bool,
    /// Its conditions that compare for equality.
    exact: Vec<usize>,
    /// For each entity above its columns by condition, then the rule's own.
    left: Vec<Vec<usize>>,
    right: Vec<usize>,
    /// The postings by the exact values: of each entity above, and of the rule's own entity.
    left_postings: Vec<usize>,
    right_postings: usize,
    /// How often the exact values stand above.
    pub(super) block: usize,
    /// Where not all conditions are exact, how often all values together do.
    pub(super) tuple: Option<usize>,
    /// What was compared since the last change.
    pub(super) counts: Counts,
}

/// What rules look into; rules that look for the same share it.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) postings: Vec<Postings>,
    pub(super) crowds: Vec<Crowding>,
    places: Map<(usize, Vec<usize>), usize>,
    /// For each entity the places of its postings.
    pub(super) of: Vec<Vec<usize>>,
}

impl Tables {
    /// The postings of an entity by some columns.
    fn postings(&mut self, entity: usize, columns: Vec<usize>, records: usize, features: &Features) -> usize {
        if let Some(place) = self.places.get(&(entity, columns.clone())) {
            return *place;
        }
        let place = self.postings.len();
        self.places.insert((entity, columns.clone()), place);
        self.postings.push(Postings::new(columns, records, features));
        if self.of.len() <= entity {
            self.of.resize_with(entity + 1, Vec::new);
        }
        if let Some(of) = self.of.get_mut(entity) {
            of.push(place);
        }
        place
    }

    fn crowd(&mut self, counted: Counted, features: &Features) -> usize {
        let known = self.crowds.iter().position(|crowd| crowd.counted == counted);
        known.unwrap_or_else(|| {
            self.crowds.push(Crowding::new(counted, features));
            self.crowds.len() - 1
        })
    }
}

impl RuleIndex {
    pub(super) fn new(
        number: u32,
        plan: &RulePlan,
        features: &Features,
        tables: &mut Tables,
        sizes: &dyn Fn(usize) -> usize,
        sharing: u32,
    ) -> Option<Self> {
        let conditions = || plan.comparisons.iter().take(plan.conditions);
        let exact: Vec<usize> =
            conditions().enumerate().filter(|(_, it)| it.is_exact()).map(|(at, _)| at).collect();
        let right: Option<Vec<usize>> =
            conditions().map(|it| features.place(plan.on, it.right, &it.form)).collect();
        let right = right?;
        let left = plan.lefts.iter().enumerate().map(|(at, entity)| {
            let column = |it: &Comparison| it.left.get(at).copied().flatten();
            conditions().map(|it| features.place(*entity, column(it)?, &it.form)).collect()
        });
        let left = left.collect::<Option<Vec<Vec<usize>>>>()?;
        let pick = |columns: &[usize], part: &[usize]| -> Vec<usize> {
            part.iter().filter_map(|at| columns.get(*at).copied()).collect()
        };
        let right_postings = tables.postings(plan.on, pick(&right, &exact), sizes(plan.on), features);
        let is_exact = exact.len() == plan.conditions;
        let mut counted = |part: &[usize], heavy: Heavy| {
            let tables = plan.lefts.iter().zip(&left).map(|(entity, columns)| {
                tables.postings(*entity, pick(columns, part), sizes(*entity), features)
            });
            Counted {
                lefts: plan.lefts.clone(),
                postings: tables.collect(),
                columns: left.clone(),
                part: part.to_vec(),
                heavy,
                sharing: u64::from(sharing),
            }
        };
        let block = counted(&exact, Heavy::new(sharing, is_exact, !exact.is_empty()));
        let all: Vec<usize> = (0..plan.conditions).collect();
        let tuple = (!is_exact).then(|| counted(&all, Heavy::new(sharing, true, true)));
        let left_postings = block.postings.clone();
        let block = tables.crowd(block, features);
        let tuple = tuple.map(|tuple| tables.crowd(tuple, features));
        let plain = is_exact && plan.exceptions.is_empty();
        let (on, lefts) = (plan.on, plan.lefts.clone());
        Some(Self {
            number,
            on,
            lefts,
            plain,
            exact,
            left,
            right,
            left_postings,
            right_postings,
            block,
            tuple,
            counts: Counts::default(),
        })
    }

    /// Whether a record of the rule's own entity has all values.
    pub(super) fn has_values(&self, record: u32, features: &Features) -> bool {
        self.right.iter().all(|column| features.value(*column, record) != NONE)
    }

    /// Those of a record's values that must be equal.
    pub(super) fn block(&self, values: &[u32]) -> Vec<u32> {
        self.exact.iter().filter_map(|at| values.get(*at).copied()).collect()
    }

    /// Whether a block is refused.
    pub(super) fn refuses(&self, block: &[u32], columns: &Columns) -> bool {
        columns.tables.crowds.get(self.block).is_some_and(|crowd| crowd.refuses(block))
    }

    /// Whether all values of a record above together are refused.
    fn refuses_tuple(&self, left: usize, record: u32, columns: &Columns) -> bool {
        let Some(tuple) = self.tuple.and_then(|tuple| columns.tables.crowds.get(tuple)) else { return false };
        let values = self.left.get(left).and_then(|left| values(left, record, &columns.features));
        !tuple.is_empty() && values.is_none_or(|values| tuple.refuses(&values))
    }

    /// Whether a record of a rule within one entity may be used.
    pub(super) fn is_used(&self, record: u32, columns: &Columns) -> bool {
        let Some(values) = values(&self.right, record, &columns.features) else { return false };
        !self.refuses(&self.block(&values), columns) && !self.refuses_tuple(0, record, columns)
    }

    /// The records of the rule's own entity in a block.
    pub(super) fn asking<'a>(
        &'a self,
        block: &'a [u32],
        columns: &'a Columns,
    ) -> impl Iterator<Item = u32> + 'a {
        let postings = columns.tables.postings.get(self.right_postings);
        postings.into_iter().flat_map(move |it| it.find(block, &columns.features))
    }

    /// The records with some values in all conditions, of a rule within one entity.
    pub(super) fn with_tuple(&self, tuple: &[u32], columns: &Columns) -> Vec<u32> {
        let block = self.block(tuple);
        let has =
            |record: &u32| values(&self.right, *record, &columns.features).is_some_and(|it| it == tuple);
        self.asking(&block, columns).filter(has).collect()
    }

    /// Calls `found` with the records above that fulfil the rule with a record, and the scores.
    pub(super) fn partners(
        &self,
        right: u32,
        rule: &Rule<'_>,
        columns: &Columns,
        scratch: &mut Scratch,
        mut found: impl FnMut(At, f64),
    ) {
        let Some(values) = values(&self.right, right, &columns.features) else { return };
        let block = self.block(&values);
        if self.refuses(&block, columns) {
            return;
        }
        let mut compared = 0;
        for (left, (entity, table)) in self.lefts.iter().zip(&self.left_postings).enumerate() {
            let Some(table) = columns.tables.postings.get(*table) else { continue };
            for record in table.find(&block, &columns.features) {
                compared += 1;
                let shown = Shown::Left(rule.above.number(left as u32, record));
                let score = match self.plain {
                    true => Some(1.0),
                    false => rule.judge(shown, Shown::Right(right), scratch),
                };
                let Some(score) = score else { continue };
                if !self.refuses_tuple(left, record, columns) {
                    found(At::new(*entity, record), score);
                }
            }
        }
        self.counts.note(compared, std::mem::take(&mut scratch.excepted));
    }
}

fn values(columns: &[usize], record: u32, features: &Features) -> Option<Vec<u32>> {
    let value = |column: &usize| Some(features.value(*column, record)).filter(|value| *value != NONE);
    columns.iter().map(value).collect()
}
