//! One component: records that hang together by pairs, divided into customers by all of its pairs.
//!
//! Groups are joined while the mean weight of all pairs between them is high enough (average linkage). So a chain of
//! records whose ends contradict each other falls apart, and a record that is a little like all of a group joins it.

use std::collections::HashMap;

use super::model::Judge;
use super::prepared::Prepared;
use super::sets::Sets;

/// Pairs below this weight (binary logarithm of the odds) do not bring records into one component.
pub(crate) const FLOOR: f32 = -1.0;
/// Records of a component that are looked at together; a larger one is first cut at its weakest pairs.
const TOGETHER: usize = 64;
/// By how much pairs must be better in each step of cutting, and where cutting ends: what still hangs together then
/// is as good as equal.
const STEP: f32 = 2.0;
const SURE: f32 = 24.0;
/// One pair may not say more than this, for or against.
const MOST: f64 = 40.0;
const LEAST: f64 = -4.0;
/// A contradiction of facts outweighs all pairs that are looked at together, and what people say outweighs that.
const CONTRADICTION: f64 = -1e5;
const SAID: f64 = 1e9;

/// What a pair says among those of its groups.
pub(crate) fn bounded(weight: f64) -> f64 {
    weight.clamp(LEAST, MOST)
}

/// Two records whose agreement makes them one component.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Link {
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) weight: f32,
}

/// What people said about pairs of records, by their ids: always (true) or never one customer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said(HashMap<(u64, u64), bool>);

impl Said {
    pub(crate) fn new(pairs: impl Iterator<Item = (u64, u64, bool)>) -> Self {
        let mut said = HashMap::new();
        for (a, b, always) in pairs {
            // Never wins, as it does over rules.
            let entry = said.entry((a.min(b), a.max(b))).or_insert(always);
            *entry &= always;
        }
        Self(said)
    }

    fn weight(&self, a: u64, b: u64) -> Option<f64> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&(a.min(b), a.max(b))).map(|always| if *always { SAID } else { -SAID })
    }

    /// The pairs of which another one says something else.
    pub(crate) fn changes<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (u64, u64)> {
        let changed = |(pair, _): &(&(u64, u64), &bool)| self.0.get(*pair) != other.0.get(*pair);
        let new = other.0.iter().filter(|(pair, _)| !self.0.contains_key(*pair));
        self.0.iter().filter(changed).chain(new).map(|(pair, _)| *pair)
    }

    /// The pairs that are always one customer.
    pub(crate) fn always(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().filter(|(_, always)| **always).map(|(pair, _)| *pair)
    }
}

/// What dividing needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Divider<'a> {
    pub(crate) judge: &'a Judge,
    pub(crate) prepared: &'a Prepared,
    pub(crate) said: &'a Said,
    /// The least mean weight that joins two groups.
    pub(crate) least: f64,
}

impl Divider<'_> {
    /// Divides a component. Gives pairs of records that are one customer, enough to join them all.
    pub(crate) fn divide(&self, records: &[u32], links: &[Link], joined: &mut Vec<(u32, u32)>) {
        if let [a, b] = records {
            // The weight of the one pair is known: only one that is high enough is looked at again.
            let known = links.iter().map(|link| f64::from(link.weight)).fold(LEAST, f64::max);
            if known >= self.least && self.weight(*a, *b) >= self.least {
                joined.push((*a, *b));
            }
            return;
        }
        let mut records = records.to_vec();
        // In an order that does not depend on where the records came from.
        records.sort_unstable_by_key(|record| (self.id(*record), *record));
        if records.len() <= TOGETHER {
            return self.together(&records, joined);
        }
        self.cut(records, links.to_vec(), FLOOR, joined);
    }

    fn id(&self, record: u32) -> u64 {
        self.prepared.ids.get(record as usize).copied().unwrap_or_default()
    }

    /// Cuts what is too large at pairs that are too weak, and looks at the rest together.
    fn cut(&self, records: Vec<u32>, links: Vec<Link>, floor: f32, joined: &mut Vec<(u32, u32)>) {
        let mut work = vec![(records, links, floor)];
        while let Some((records, links, floor)) = work.pop() {
            if records.len() <= TOGETHER {
                self.together(&records, joined);
                continue;
            }
            if floor > SURE {
                joined.extend(records.iter().zip(records.iter().skip(1)).map(|(a, b)| (*a, *b)));
                continue;
            }
            let floor = floor + STEP;
            work.extend(
                parts(&records, links, floor).into_iter().map(|(records, links)| (records, links, floor)),
            );
        }
    }

    fn together(&self, records: &[u32], joined: &mut Vec<(u32, u32)>) {
        if let [a, b] = records {
            if self.weight(*a, *b) >= self.least {
                joined.push((*a, *b));
            }
            return;
        }
        let mut table = Table::new(records.len());
        for (at, a) in records.iter().enumerate() {
            for (to, b) in records.iter().enumerate().skip(at + 1) {
                table.set(at, to, self.weight(*a, *b));
            }
        }
        while let Some((a, b)) = table.best(self.least) {
            if let (Some(a), Some(b)) = (records.get(a), records.get(b)) {
                joined.push((*a, *b));
            }
            table.join(a, b);
        }
    }

    fn weight(&self, a: u32, b: u32) -> f64 {
        self.said.weight(self.id(a), self.id(b)).unwrap_or_else(|| {
            let Some(pair) = self.prepared.pair(a, b) else { return LEAST };
            if self.judge.contradiction(&pair).is_some() {
                return CONTRADICTION;
            }
            bounded(self.judge.weight(&pair))
        })
    }
}

/// The parts of a component that hang together by pairs of at least this weight, with the pairs inside each.
fn parts(records: &[u32], links: Vec<Link>, floor: f32) -> Vec<(Vec<u32>, Vec<Link>)> {
    let places: HashMap<u32, u32> = records.iter().copied().zip(0u32..).collect();
    let mut sets = Sets::new(records.len());
    let strong: Vec<Link> = links.into_iter().filter(|link| link.weight >= floor).collect();
    let place = |record: u32| places.get(&record).copied().unwrap_or_default();
    for link in &strong {
        sets.join(place(link.left), place(link.right));
    }
    let mut numbers: HashMap<u32, usize> = HashMap::new();
    let mut parts: Vec<(Vec<u32>, Vec<Link>)> = Vec::new();
    for (at, record) in (0u32..).zip(records) {
        let number = *numbers.entry(sets.find(at)).or_insert_with(|| {
            parts.push((Vec::new(), Vec::new()));
            parts.len() - 1
        });
        if let Some((records, _)) = parts.get_mut(number) {
            records.push(*record);
        }
    }
    for link in strong {
        let number = numbers.get(&sets.find(place(link.left)));
        if let Some((_, links)) = number.and_then(|number| parts.get_mut(*number)) {
            links.push(link);
        }
    }
    parts.retain(|(records, _)| records.len() > 1);
    parts
}

/// The mean weights between groups.
struct Table {
    count: usize,
    weights: Vec<f64>,
    /// Records of each group; 0 for one that has joined another.
    sizes: Vec<f64>,
}

impl Table {
    fn new(count: usize) -> Self {
        Self { count, weights: vec![0.0; count * count], sizes: vec![1.0; count] }
    }

    fn set(&mut self, a: usize, b: usize, weight: f64) {
        for at in [a * self.count + b, b * self.count + a] {
            if let Some(place) = self.weights.get_mut(at) {
                *place = weight;
            }
        }
    }

    fn get(&self, a: usize, b: usize) -> f64 {
        self.weights.get(a * self.count + b).copied().unwrap_or(LEAST)
    }

    fn size(&self, group: usize) -> f64 {
        self.sizes.get(group).copied().unwrap_or_default()
    }

    /// The two groups of the highest mean weight; the first of equally good ones.
    fn best(&self, least: f64) -> Option<(usize, usize)> {
        let mut best = None;
        let mut high = least;
        for a in (0..self.count).filter(|group| self.size(*group) > 0.0) {
            for b in (a + 1..self.count).filter(|group| self.size(*group) > 0.0) {
                let weight = self.get(a, b);
                if weight > high || (best.is_none() && weight >= high) {
                    best = Some((a, b));
                    high = weight;
                }
            }
        }
        best
    }

    /// Puts the second group into the first.
    fn join(&mut self, a: usize, b: usize) {
        let (of_a, of_b) = (self.size(a), self.size(b));
        for other in 0..self.count {
            let sum = self.get(a, other) * of_a + self.get(b, other) * of_b;
            self.set(a, other, sum / (of_a + of_b));
        }
        if let Some(size) = self.sizes.get_mut(a) {
            *size += of_b;
        }
        if let Some(size) = self.sizes.get_mut(b) {
            *size = 0.0;
        }
    }
}
