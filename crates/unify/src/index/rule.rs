//! One rule of an index: where to look for what it compares.

use super::at::{At, Map};
use super::crowding::{Crowding, Flips};
use super::postings::Postings;
use crate::features::{Features, NONE};
use crate::plan::RulePlan;
use crate::rules::{Heavy, Rule, Scratch, Shown};

/// What an index keeps about one rule.
#[derive(Debug)]
pub(super) struct RuleIndex {
    /// Its place among the rules of its stage.
    pub(super) number: u32,
    pub(super) on: usize,
    pub(super) lefts: Vec<usize>,
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
    block: Crowding,
    /// Where not all conditions are exact, how often all values together stand above.
    tuple: Option<Crowding>,
}

/// The postings of all rules; rules that look for the same share them.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) postings: Vec<Postings>,
    places: Map<(usize, Vec<usize>), usize>,
    /// For each entity the places of its postings.
    pub(super) of: Vec<Vec<usize>>,
}

impl Tables {
    fn place(&mut self, entity: usize, columns: Vec<usize>, records: usize, features: &Features) -> usize {
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
}

/// How many records came to values (or left them), by the values: of the exact conditions, and of all.
#[derive(Debug, Default)]
pub(super) struct Shifts {
    block: Map<Vec<u32>, i64>,
    tuple: Map<Vec<u32>, i64>,
}

/// Values that are refused now and were not, or the other way round.
#[derive(Debug, Default)]
pub(super) struct Flipped {
    pub(super) blocks: Flips,
    pub(super) tuples: Flips,
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
            let column = |it: &crate::plan::Comparison| it.left.get(at).copied().flatten();
            conditions().map(|it| features.place(*entity, column(it)?, &it.form)).collect()
        });
        let left = left.collect::<Option<Vec<Vec<usize>>>>()?;
        let pick = |columns: &[usize]| -> Vec<usize> {
            exact.iter().filter_map(|at| columns.get(*at).copied()).collect()
        };
        let mut postings =
            |entity: usize, columns: Vec<usize>| tables.place(entity, columns, sizes(entity), features);
        let right_postings = postings(plan.on, pick(&right));
        let left_postings: Vec<usize> =
            plan.lefts.iter().zip(&left).map(|(entity, columns)| postings(*entity, pick(columns))).collect();
        let columns: Vec<Vec<&[u32]>> = left
            .iter()
            .map(|places| places.iter().filter_map(|it| Some(features.at(*it)?.values.as_slice())).collect())
            .collect();
        let is_exact = exact.len() == plan.conditions;
        let heavy = Heavy::new(sharing, is_exact, !exact.is_empty());
        let block = Crowding::new(left_postings.clone(), &columns, &exact, heavy, sharing);
        let tuple = (!is_exact).then(|| {
            let all: Vec<usize> = (0..plan.conditions).collect();
            let tables: Vec<usize> = plan
                .lefts
                .iter()
                .zip(&left)
                .map(|(entity, columns)| postings(*entity, columns.clone()))
                .collect();
            Crowding::new(tables, &columns, &all, Heavy::new(sharing, true, true), sharing)
        });
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
        })
    }

    /// The values of a record above, if it has all.
    pub(super) fn left(&self, left: usize, record: u32, features: &Features) -> Option<Vec<u32>> {
        values(self.left.get(left)?, record, features)
    }

    /// The values of a record of the rule's own entity, if it has all.
    pub(super) fn right(&self, record: u32, features: &Features) -> Option<Vec<u32>> {
        values(&self.right, record, features)
    }

    /// Those of a record's values that must be equal.
    pub(super) fn block(&self, values: &[u32]) -> Vec<u32> {
        self.exact.iter().filter_map(|at| values.get(*at).copied()).collect()
    }

    /// Whether a block is refused.
    pub(super) fn refuses(&self, block: &[u32]) -> bool {
        self.block.refuses(block)
    }

    /// Whether all values of a record above together are refused.
    fn refuses_tuple(&self, left: usize, record: u32, features: &Features) -> bool {
        let Some(tuple) = &self.tuple else { return false };
        self.left(left, record, features).is_none_or(|values| tuple.refuses(&values))
    }

    /// Whether a record may be used above.
    pub(super) fn is_used(&self, record: u32, features: &Features) -> bool {
        let Some(values) = self.left(0, record, features) else { return false };
        !self.refuses(&self.block(&values)) && !self.refuses_tuple(0, record, features)
    }

    /// The records of the rule's own entity in a block.
    pub(super) fn asking<'a>(
        &'a self,
        block: &'a [u32],
        postings: &'a [Postings],
        features: &'a Features,
    ) -> impl Iterator<Item = u32> + 'a {
        postings.get(self.right_postings).into_iter().flat_map(move |it| it.find(block, features))
    }

    /// The records with some values in all conditions, in the only entity of the rule.
    pub(super) fn with_tuple<'a>(
        &'a self,
        tuple: &'a [u32],
        postings: &'a [Postings],
        features: &'a Features,
    ) -> Vec<u32> {
        let block = self.block(tuple);
        let all = self.asking(&block, postings, features);
        all.filter(|record| self.right(*record, features).is_some_and(|values| values == tuple)).collect()
    }

    /// Calls `found` with the records above that fulfil the rule with a record, and the scores.
    pub(super) fn partners(
        &self,
        right: u32,
        rule: &Rule<'_>,
        postings: &[Postings],
        features: &Features,
        scratch: &mut Scratch,
        mut found: impl FnMut(At, f64),
    ) {
        let Some(values) = self.right(right, features) else { return };
        let block = self.block(&values);
        if self.refuses(&block) {
            return;
        }
        let tuples = self.tuple.as_ref().filter(|tuple| !tuple.is_empty());
        for (left, (entity, table)) in self.lefts.iter().zip(&self.left_postings).enumerate() {
            let Some(table) = postings.get(*table) else { continue };
            for record in table.find(&block, features) {
                let shown = Shown::Left(rule.above.number(left as u32, record));
                let score = match self.plain {
                    true => Some(1.0),
                    false => rule.judge(shown, Shown::Right(right), scratch),
                };
                let Some(score) = score else { continue };
                if tuples.is_none() || !self.refuses_tuple(left, record, features) {
                    found(At::new(*entity, record), score);
                }
            }
        }
    }

    /// Notes that the values of a record above lose it (`-1`) or gain it (`1`), and which blocks are touched, with
    /// whether they are refused so far.
    pub(super) fn shift(
        &self,
        at: At,
        by: i64,
        features: &Features,
        shifts: &mut Shifts,
        touched: &mut Map<Vec<u32>, bool>,
    ) {
        for left in (0..self.lefts.len()).filter(|left| self.lefts.get(*left) == Some(&(at.entity as usize)))
        {
            let Some(values) = self.left(left, at.record, features) else { continue };
            let block = self.block(&values);
            touched.entry(block.clone()).or_insert_with(|| self.refuses(&block));
            *shifts.block.entry(block).or_insert(0) += by;
            if self.tuple.is_some() {
                *shifts.tuple.entry(values).or_insert(0) += by;
            }
        }
    }

    /// Takes notice of the shifts, after postings and columns have.
    pub(super) fn update(&mut self, shifts: &Shifts, postings: &[Postings], features: &Features) -> Flipped {
        let left = &self.left;
        let has_all = |at: usize, record: u32| {
            left.get(at).is_some_and(|columns| values(columns, record, features).is_some())
        };
        let blocks = self.block.update(&shifts.block, postings, features, has_all);
        let tuple = self.tuple.as_mut();
        let tuples = tuple.map(|tuple| tuple.update(&shifts.tuple, postings, features, has_all));
        Flipped { blocks, tuples: tuples.unwrap_or_default() }
    }
}

fn values(columns: &[usize], record: u32, features: &Features) -> Option<Vec<u32>> {
    let value = |column: &usize| Some(features.value(*column, record)).filter(|value| *value != NONE);
    columns.iter().map(value).collect()
}
