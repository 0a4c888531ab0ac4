//! What a program gave: members, columns of the customers, and tables.

use super::{Column, Program, Table};
use crate::conditions::Kind;
use crate::definition::SetOperator;
use crate::index::{Index, key_double, value_of};
use crate::relationships::CUSTOMER_ID;
use crate::scan::{Grouped, Numbers, Scanned};
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use roaring::RoaringBitmap;
use std::sync::Arc;

/// What a program gave.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// The segments, in the order of the definitions.
    pub segments: Vec<SegmentMembers>,
    /// The columns of `Customer_Measure`, one value for each customer.
    pub attributes: Vec<MeasureColumn>,
    /// The business and customer measures.
    pub tables: Vec<MeasureTable>,
}

/// The members of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentMembers {
    /// The segment.
    pub name: String,
    /// Who is in it.
    pub members: Members,
    /// For each rule, what it took.
    pub rules: Vec<RuleCount>,
}

/// What one rule took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleCount {
    /// What it does to the customers before it.
    pub set: SetOperator,
    /// The customers that fulfil its condition.
    pub own: u64,
    /// The customers of the segment after it.
    pub total: u64,
}

/// A set of customers, by their places in the index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    bits: Vec<u64>,
}

impl Members {
    pub(crate) fn new(bits: Vec<u64>) -> Self {
        Self { bits }
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.bits.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether the customer in a place is one.
    pub fn contains(&self, place: usize) -> bool {
        self.bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// The places, in order.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        self.bits.iter().enumerate().flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit)
        })
    }

    /// How many are in here and not in the other set.
    pub fn count_without(&self, other: &Self) -> u64 {
        let others = other.bits.iter().copied().chain(std::iter::repeat(0));
        self.bits.iter().zip(others).map(|(own, other)| u64::from((own & !other).count_ones())).sum()
    }

    /// The set in the form in which it is kept.
    pub fn bitmap(&self) -> RoaringBitmap {
        let bytes: Vec<u8> = self.bits.iter().flat_map(|word| word.to_le_bytes()).collect();
        RoaringBitmap::from_lsb0_bytes(0, &bytes)
    }

    /// Decides anew about some customers, given in order: of these, `before` are members now, and `after` are to be.
    pub(crate) fn change(&mut self, customers: &[u32], before: &[u64], after: &Self) {
        // Few of them come or go.
        for (at, (old, new)) in before.iter().zip(&after.bits).enumerate() {
            let mut changed = old ^ new;
            while changed != 0 {
                let place = customers.get(at * 64 + changed.trailing_zeros() as usize);
                changed &= changed - 1;
                let Some(place) = place.map(|place| *place as usize) else { continue };
                self.bits.get_mut(place / 64).into_iter().for_each(|word| *word ^= 1 << (place % 64));
            }
        }
    }
}

/// One value for each customer, or each row of a measure.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureColumn {
    /// The column's name.
    pub name: String,
    /// What the values are.
    pub kind: Kind,
    pub(crate) numbers: Numbers,
    /// Where the texts are.
    column: Option<(usize, usize)>,
}

impl MeasureColumn {
    /// The number of values.
    pub fn len(&self) -> usize {
        self.numbers.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.numbers.values.is_empty()
    }

    /// The value at a place as a whole number: digits of a decimal, days, microseconds. Nothing for a missing one.
    pub fn number(&self, at: usize) -> Option<i64> {
        self.numbers.get(at)
    }

    /// The value at a place as a floating-point number.
    pub fn double(&self, at: usize) -> Option<f64> {
        let number = self.numbers.get(at)?;
        Some(match (self.kind, self.numbers.doubles) {
            (Kind::Double, true) => f64::from_bits(number as u64),
            (Kind::Double, false) => key_double(number),
            (Kind::Decimal { scale, .. }, _) => crate::scan::nearest(i128::from(number), scale),
            _ => number as f64,
        })
    }

    /// For each share of the known values, the smallest value that at least this share does not exceed.
    pub fn quantiles(&self, shares: &[f64]) -> Vec<Option<i64>> {
        self.quantiles_above(i64::MIN, shares)
    }

    /// The same of the values above a number.
    pub fn quantiles_above(&self, least: i64, shares: &[f64]) -> Vec<Option<i64>> {
        let known = self.numbers.values.iter().zip(&self.numbers.known);
        let mut values: Vec<i64> =
            known.filter(|(value, known)| **known == 1 && **value > least).map(|(value, _)| *value).collect();
        let len = values.len();
        // Each selection leaves the smaller values in front: the next one looks behind them.
        let mut order: Vec<(usize, f64)> = shares.iter().copied().enumerate().collect();
        order.sort_by(|one, other| one.1.total_cmp(&other.1));
        let (mut done, mut found) = (0, vec![None; shares.len()]);
        for (place, share) in order {
            // Shares such as 0.2 are a little off as floating-point numbers.
            let rank = ((share * len as f64 - 1e-6).ceil().max(1.0) as usize).min(len);
            let Some(at) = rank.checked_sub(1) else { continue };
            let from = done.min(at);
            let Some(rest) = values.get_mut(from..) else { continue };
            let (_, value, _) = rest.select_nth_unstable(at - from);
            found.get_mut(place).into_iter().for_each(|found| *found = Some(*value));
            done = at;
        }
        found
    }

    /// The values as a column of the kind's type.
    pub fn array(&self, index: &Index) -> ArrayRef {
        let numbers = (0..self.len()).map(|at| self.numbers.get(at));
        match self.kind {
            Kind::Integer => Arc::new(numbers.collect::<Int64Array>()),
            Kind::Decimal { .. } => {
                let digits: Decimal128Array = numbers.map(|it| it.map(i128::from)).collect();
                Arc::new(digits.with_data_type(self.kind.data_type()))
            }
            Kind::Double => Arc::new((0..self.len()).map(|at| self.double(at)).collect::<Float64Array>()),
            Kind::Bool => Arc::new(numbers.map(|it| it.map(|it| it != 0)).collect::<BooleanArray>()),
            Kind::Date => {
                Arc::new(numbers.map(|it| it.and_then(|it| i32::try_from(it).ok())).collect::<Date32Array>())
            }
            Kind::Time { .. } => {
                let times: TimestampMicrosecondArray = numbers.collect();
                Arc::new(times.with_data_type(self.kind.data_type()))
            }
            Kind::Text | Kind::Other => Arc::new(self.texts(index)),
        }
    }

    fn texts(&self, index: &Index) -> StringArray {
        let column = self.column.and_then(|(table, column)| index.tables.get(table)?.columns.get(column));
        let dictionary = column.and_then(|column| column.dictionary.as_ref());
        let text = |at: i64| usize::try_from(at).ok().zip(dictionary).map(|(at, texts)| texts.text(at));
        (0..self.len()).map(|at| self.numbers.get(at).and_then(text)).collect()
    }
}

/// A measure with rows of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureTable {
    /// The measure.
    pub name: String,
    /// For each row its customer's place, when rows are per customer.
    pub customers: Option<Vec<u32>>,
    /// The dimensions and then the calculations; rows in the order of customers and dimensions, missing values last.
    pub columns: Vec<MeasureColumn>,
}

impl MeasureTable {
    /// The rows as they are published: the customer's id where there is one, dimensions, calculations.
    ///
    /// # Errors
    /// Never, unless columns have different lengths.
    pub fn rows(&self, index: &Index) -> Result<RecordBatch, ArrowError> {
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        if let Some(customers) = &self.customers {
            let ids = customers.iter().map(|place| index.customer_id(*place as usize));
            let ids: ArrayRef = Arc::new(ids.collect::<StringArray>());
            fields.push(Field::new(CUSTOMER_ID, ids.data_type().clone(), false));
            arrays.push(ids);
        }
        for column in &self.columns {
            let array = column.array(index);
            fields.push(Field::new(&column.name, array.data_type().clone(), true));
            arrays.push(array);
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
    }
}

/// The results of a scan in the words of the definitions.
pub(super) fn results(program: &Program, scanned: Scanned) -> Results {
    let mut counts = scanned.counts.into_iter();
    let segments = program.segments.iter().zip(scanned.bits).map(|(plan, bits)| {
        let mut count = |(set, _, _): &(SetOperator, usize, usize)| {
            let (own, total) = (counts.next().unwrap_or(0), counts.next().unwrap_or(0));
            RuleCount { set: *set, own, total }
        };
        let rules = plan.rules.iter().map(&mut count).collect();
        SegmentMembers { name: plan.name.clone(), members: Members::new(bits), rules }
    });
    let segments = segments.collect();
    let attributes =
        program.columns.iter().zip(scanned.columns).map(|(column, numbers)| named(column, numbers));
    let attributes = attributes.collect();
    let tables = program.tables.iter().zip(scanned.groups).map(|(plan, groups)| table(plan, groups));
    Results { segments, attributes, tables: tables.collect() }
}

pub(super) fn named(column: &Column, numbers: Numbers) -> MeasureColumn {
    MeasureColumn { name: column.name.clone(), kind: column.kind, numbers, column: column.column }
}

fn table(plan: &Table, groups: Grouped) -> MeasureTable {
    let mut order: Vec<usize> = (0..groups.keys.len()).collect();
    let last = |code: &u64| code.wrapping_sub(1);
    if !plan.per_customer {
        order.sort_by_cached_key(|at| {
            groups.keys.get(*at).map(|key| key.iter().map(last).collect::<Vec<_>>()).unwrap_or_default()
        });
    } else {
        order.sort_by_cached_key(|at| {
            let key: Vec<u64> =
                groups.keys.get(*at).map(|key| key.iter().map(last).collect()).unwrap_or_default();
            (groups.customers.get(*at).copied(), key)
        });
    }
    let mut columns = Vec::new();
    for (place, (name, kind, base, column)) in plan.dimensions.iter().enumerate() {
        let code = |at: &usize| groups.keys.get(*at).and_then(|key| key.get(place)).copied().unwrap_or(0);
        let numbers = order.iter().map(|at| value_of(*base, code(at)));
        columns.push(MeasureColumn {
            name: name.clone(),
            kind: *kind,
            numbers: numbers_of(numbers),
            column: *column,
        });
    }
    for (column, numbers) in plan.columns.iter().zip(&groups.columns) {
        let values = order.iter().map(|at| numbers.get(*at));
        let numbers = Numbers { doubles: numbers.doubles, ..numbers_of(values) };
        columns.push(named(column, numbers));
    }
    let customers = order.iter().filter_map(|at| groups.customers.get(*at).copied()).collect();
    MeasureTable { name: plan.name.clone(), customers: plan.per_customer.then_some(customers), columns }
}

fn numbers_of(values: impl Iterator<Item = Option<i64>>) -> Numbers {
    let (values, known) = values.map(|it| (it.unwrap_or(0), u8::from(it.is_some()))).unzip();
    Numbers { values, known, doubles: false }
}
