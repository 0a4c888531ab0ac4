//! Features: the columns that rules compare, in the form in which they compare them, a number for each record.
//!
//! Columns that are compared with each other share a domain of texts; equal numbers of one domain are equal values.

mod directory;
mod hash;
mod lookup;
mod numbering;
pub(crate) mod sort;
mod texts;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{Array, ArrayRef, AsArray};

pub(crate) use directory::Directory;
pub(crate) use hash::hash;
pub(crate) use lookup::Lookup;
pub(crate) use numbering::number_pairs;
pub(crate) use texts::{NONE, Shape, Texts};

use self::numbering::Heap;
use crate::custom::{Forms, Prepared};
use crate::error::UnifyError;
use crate::plan::{Form, RulePlan};
use crate::records::Records;
use crate::union::UnionFind;
use crate::values::TypedArray;

/// A column of an entity in one form.
pub(crate) type Source = (usize, usize, Form);

/// Everything that rules compare.
#[derive(Debug, Default)]
pub(crate) struct Features {
    sources: Vec<Source>,
    places: HashMap<Source, usize>,
    features: Vec<Feature>,
    domains: Vec<Texts>,
}

/// One column: for every record the number of its value, `NONE` where there is none.
#[derive(Debug, Default)]
pub(crate) struct Feature {
    pub(crate) domain: usize,
    pub(crate) values: Vec<u32>,
}

/// Which columns there are, and which of them share a domain.
#[derive(Debug, Default)]
struct Layout {
    sources: Vec<Source>,
    places: HashMap<Source, usize>,
    /// Places of columns that are compared with each other, and whether fuzzily.
    pairs: Vec<(usize, usize, bool)>,
}

impl Layout {
    fn of<'a>(rules: impl Iterator<Item = &'a RulePlan>) -> Self {
        let mut layout = Self::default();
        for rule in rules {
            for comparison in &rule.comparisons {
                let right = layout.place((rule.on, comparison.right, comparison.form.clone()));
                let fuzzy = !comparison.is_exact();
                layout.pairs.push((right, right, fuzzy));
                for (entity, column) in rule.lefts.iter().zip(&comparison.left) {
                    let Some(column) = column else { continue };
                    let left = layout.place((*entity, *column, comparison.form.clone()));
                    layout.pairs.push((left, right, fuzzy));
                }
            }
        }
        layout
    }

    fn place(&mut self, source: Source) -> usize {
        let sources = &mut self.sources;
        *self.places.entry(source).or_insert_with_key(|source| {
            sources.push(source.clone());
            sources.len() - 1
        })
    }

    /// The columns of each domain, and whether it has fuzzy comparisons.
    fn domains(&self) -> Vec<(Vec<usize>, bool)> {
        let mut joined = UnionFind::new(self.sources.len());
        for (left, right, _) in &self.pairs {
            joined.union(*left as u32, *right as u32);
        }
        let mut fuzzy = vec![false; self.sources.len()];
        for (left, ..) in self.pairs.iter().filter(|pair| pair.2) {
            if let Some(it) = fuzzy.get_mut(joined.find(*left as u32) as usize) {
                *it = true;
            }
        }
        let mut domains: Vec<(Vec<usize>, bool)> = fuzzy.iter().map(|fuzzy| (Vec::new(), *fuzzy)).collect();
        for place in 0..self.sources.len() {
            if let Some(domain) = domains.get_mut(joined.find(place as u32) as usize) {
                domain.0.push(place);
            }
        }
        domains.retain(|domain| !domain.0.is_empty());
        domains
    }
}

impl Features {
    /// Reads what the rules compare.
    pub(crate) fn read<'a>(
        rules: impl Iterator<Item = &'a RulePlan>,
        records: &[Records],
        forms: &Forms,
        threads: usize,
    ) -> Result<Self, UnifyError> {
        let layout = Layout::of(rules);
        let domains = layout.domains();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some((places, fuzzy)) = domains.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push((places, domain(&layout, places, *fuzzy, records, forms)?));
            }
            Ok::<_, UnifyError>(done)
        };
        let threads = threads.clamp(1, domains.len().max(1));
        let mut done = crate::threads::gather(threads, work)?;
        done.sort_unstable_by_key(|(places, _)| places.first().copied());
        let mut features =
            Self { sources: layout.sources.clone(), places: layout.places.clone(), ..Self::default() };
        features.features.resize_with(layout.sources.len(), Feature::default);
        for (number, (places, (texts, columns))) in done.into_iter().enumerate() {
            features.domains.push(texts);
            for (place, values) in places.iter().zip(columns) {
                if let Some(feature) = features.features.get_mut(*place) {
                    *feature = Feature { domain: number, values };
                }
            }
        }
        Ok(features)
    }

    /// A column of an entity in one form.
    pub(crate) fn get(&self, entity: usize, column: usize, form: &Form) -> Option<&Feature> {
        self.features.get(*self.places.get(&(entity, column, form.clone()))?)
    }

    /// The columns, each with its place.
    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The place of a column.
    pub(crate) fn place(&self, entity: usize, column: usize, form: &Form) -> Option<usize> {
        self.places.get(&(entity, column, form.clone())).copied()
    }

    /// The column at a place.
    pub(crate) fn at(&self, place: usize) -> Option<&Feature> {
        self.features.get(place)
    }

    /// The value of a record in the column at a place.
    pub(crate) fn value(&self, place: usize, record: u32) -> u32 {
        let values = self.features.get(place).map(|feature| &feature.values);
        values.and_then(|values| values.get(record as usize)).copied().unwrap_or(NONE)
    }

    /// Gives a record, which may be a new one, a value in the column at a place.
    pub(crate) fn set(&mut self, place: usize, record: u32, value: u32) {
        let Some(feature) = self.features.get_mut(place) else { return };
        if feature.values.len() <= record as usize {
            feature.values.resize(record as usize + 1, NONE);
        }
        if let Some(place) = feature.values.get_mut(record as usize) {
            *place = value;
        }
    }

    /// All domains.
    pub(crate) fn domains(&mut self) -> &mut [Texts] {
        &mut self.domains
    }

    /// The texts of a domain.
    pub(crate) fn texts(&self, domain: usize) -> Option<&Texts> {
        self.domains.get(domain)
    }
}

/// The texts of one domain, and its columns.
type Domain = (Texts, Vec<Vec<u32>>);

fn domain(
    layout: &Layout,
    places: &[usize],
    fuzzy: bool,
    records: &[Records],
    forms: &Forms,
) -> Result<Domain, UnifyError> {
    let mut heap = Heap::default();
    let mut columns = Vec::with_capacity(places.len());
    for (entity, column, form) in places.iter().filter_map(|place| layout.sources.get(*place)) {
        let values = match records.get(*entity) {
            Some(records) => read(records, *column, forms.get(form), &mut heap)?,
            None => Vec::new(),
        };
        columns.push(values);
    }
    let (texts, numbers) = heap.number(fuzzy);
    for value in columns.iter_mut().flatten() {
        *value = numbers.get(*value as usize).copied().unwrap_or(NONE);
    }
    Ok((texts, columns))
}

/// Puts one column on the heap, and gives for every record the place of its text.
fn read(
    records: &Records,
    column: usize,
    form: Option<&Prepared>,
    heap: &mut Heap,
) -> Result<Vec<u32>, UnifyError> {
    let mut values = vec![NONE; records.len()];
    let Some(form) = form else { return Ok(values) };
    if (heap.len() as u64) + records.source_rows >= u64::from(NONE) {
        return Err(UnifyError::TooManyValues);
    }
    let (mut out, mut spare) = (String::new(), String::new());
    let arrays = records.raw(column);
    let mut arrays: Vec<Option<Reader<'_>>> = arrays.iter().map(Reader::new).collect();
    for record in records.in_source_order() {
        let Some(at) = records.rows.get(record as usize) else { continue };
        let Some(Some(reader)) = arrays.get_mut(at.batch as usize) else { continue };
        if let Some(value) = values.get_mut(record as usize) {
            *value = reader.place(at.row as usize, form, heap, &mut out, &mut spare);
        }
    }
    Ok(values)
}

/// One array of a column.
enum Reader<'a> {
    Plain(TypedArray<'a>),
    /// The entries of a dictionary, each with its place once it was read, and for every row its entry.
    Dictionary {
        entries: TypedArray<'a>,
        keys: Vec<usize>,
        rows: &'a ArrayRef,
        places: Vec<Option<u32>>,
    },
}

impl<'a> Reader<'a> {
    fn new(array: &'a ArrayRef) -> Option<Self> {
        let Some(dictionary) = array.as_any_dictionary_opt().filter(|it| !it.values().is_empty()) else {
            return TypedArray::new(array).map(Self::Plain);
        };
        let entries = TypedArray::new(dictionary.values())?;
        let places = vec![None; dictionary.values().len()];
        Some(Self::Dictionary { entries, keys: dictionary.normalized_keys(), rows: array, places })
    }

    /// The place of a row's text on the heap; `NONE` when there is nothing to compare.
    fn place(
        &mut self,
        row: usize,
        form: &Prepared,
        heap: &mut Heap,
        out: &mut String,
        spare: &mut String,
    ) -> u32 {
        let mut push = |array: &TypedArray<'_>, row: usize| {
            array.write(row, form, out, spare);
            if out.is_empty() { NONE } else { heap.push(out) }
        };
        match self {
            Self::Plain(array) => push(array, row),
            Self::Dictionary { rows, .. } if rows.is_null(row) => NONE,
            Self::Dictionary { entries, keys, places, .. } => {
                let Some(entry) = keys.get(row) else { return NONE };
                let Some(place) = places.get_mut(*entry) else { return NONE };
                *place.get_or_insert_with(|| push(entries, *entry))
            }
        }
    }
}
