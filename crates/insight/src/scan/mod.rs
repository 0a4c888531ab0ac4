//! One pass over all customers and their rows, for all that is asked at once.
//!
//! A [`plan::Plan`] is a list of vectors. A block is a few thousand customers with their rows; its vectors stay in the
//! caches of one core. Threads take blocks as they come. No result depends on who took which: what is kept of a block
//! has its place, and totals are whole numbers or sums without error.

mod aggregate;
mod block;
mod exact_sum;
mod groups;
pub(crate) mod plan;
mod vector;

#[cfg(test)]
pub(crate) use exact_sum::ExactSum;
pub(crate) use groups::key_space;
pub(crate) use vector::nearest;

use crate::index::Index;
use block::{Block, truth};
use groups::{Groups, Rows};
use plan::{Node, Plan, Space};
use std::sync::atomic::{AtomicUsize, Ordering};
use vector::Vector;

/// Customers of a block: a multiple of 64, so that blocks share no word of bits.
const BLOCK: usize = 4096;

/// Rows without customer of a block.
const OWNERLESS: usize = 32 * 1024;

/// What a scan gave, in the order of its plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scanned {
    pub(crate) bits: Vec<Vec<u64>>,
    pub(crate) counts: Vec<u64>,
    pub(crate) columns: Vec<Numbers>,
    pub(crate) groups: Vec<Grouped>,
}

/// A number for each customer or group.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Numbers {
    /// Whole numbers, or the bits of doubles.
    pub(crate) values: Vec<i64>,
    pub(crate) known: Vec<u8>,
    pub(crate) doubles: bool,
}

/// The groups of a grouping, in no order but that of the customers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grouped {
    /// The codes of each group's keys.
    pub(crate) keys: Vec<Vec<u64>>,
    /// With groups per customer, the customer of each.
    pub(crate) customers: Vec<u32>,
    /// For each column, the value of each group.
    pub(crate) columns: Vec<Numbers>,
}

/// What one block gave.
struct Part {
    place: usize,
    bits: Vec<Vec<u64>>,
    columns: Vec<Numbers>,
    /// Groups per customer.
    groups: Vec<Option<Groups>>,
}

/// What one thread gathered.
struct Gathered {
    parts: Vec<Part>,
    counts: Vec<u64>,
    groups: Vec<Option<Groups>>,
}

/// Computes a plan over an index.
pub(crate) fn run(plan: &Plan, index: &Index, threads: usize) -> Scanned {
    let scan = Scan::new(plan, index);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut gathered = scan.gathered();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= scan.blocks() {
                return gathered;
            }
            scan.block(at, &mut gathered);
        }
    };
    let all: Vec<Gathered> = match threads.clamp(1, scan.blocks().max(1)) {
        1 => vec![work()],
        threads => std::thread::scope(|scope| {
            let handles: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mine = work();
            let others = handles.into_iter().map(|handle| match handle.join() {
                Ok(gathered) => gathered,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            std::iter::once(mine).chain(others).collect()
        }),
    };
    scan.finish(all)
}

/// The places of a node among what is kept.
#[derive(Debug, Clone, Copy)]
enum Kept {
    Bits(usize),
    Count(usize),
    Column(usize),
}

struct Scan<'a> {
    plan: &'a Plan,
    index: &'a Index,
    /// The tables that are read by customer.
    reads: Vec<bool>,
    /// The nodes that customers' blocks need.
    wanted: Vec<bool>,
    /// For each node the last one that is made of it, or itself; nothing when groups are made of it.
    last_use: Vec<Option<plan::Id>>,
    /// What is kept of each node.
    kept: Vec<Vec<Kept>>,
    /// Blocks of rows without customer: the table, the first row, and the nodes that they need.
    ownerless: Vec<(usize, usize, Vec<bool>)>,
}

impl<'a> Scan<'a> {
    fn new(plan: &'a Plan, index: &'a Index) -> Self {
        let outputs = plan.bits.iter().chain(&plan.counts).chain(&plan.columns).copied();
        let wanted = needed(plan, outputs.chain(plan.groupings.iter().flat_map(grouping_inputs)));
        let mut reads = vec![false; index.tables.len()];
        let mut read = |table: usize| reads.get_mut(table).into_iter().for_each(|read| *read = true);
        for node in plan.nodes.iter().zip(&wanted).filter(|(_, wanted)| **wanted).map(|(node, _)| node) {
            match node {
                Node::Column { home, .. } | Node::Linked { home, .. } => read(*home),
                Node::OfCustomer { table, .. } | Node::Aggregate { table, .. } => read(*table),
                Node::Constant { space: Space::Rows(table), .. }
                | Node::All { space: Space::Rows(table), .. }
                | Node::Any { space: Space::Rows(table), .. } => read(*table),
                _ => {}
            }
        }
        for grouping in &plan.groupings {
            if let Space::Rows(table) = grouping.space {
                read(table);
            }
        }
        let mut ownerless = Vec::new();
        for (at, table) in index.tables.iter().enumerate().skip(1) {
            let groupings = ownerless_groupings(plan, at);
            let needed = needed(plan, groupings.flat_map(grouping_inputs));
            if ownerless_groupings(plan, at).next().is_some() {
                let starts = (table.owned()..table.rows).step_by(OWNERLESS);
                ownerless.extend(starts.map(|start| (at, start, needed.clone())));
            }
        }
        let (last_use, kept) = (last_uses(plan), kept(plan));
        Self { plan, index, reads, wanted, last_use, kept, ownerless }
    }

    fn customer_blocks(&self) -> usize {
        self.index.customers().div_ceil(BLOCK)
    }

    fn blocks(&self) -> usize {
        self.customer_blocks() + self.ownerless.len()
    }

    fn gathered(&self) -> Gathered {
        let all = |grouping: &plan::Grouping| (!grouping.per_customer).then(|| Groups::new(grouping));
        Gathered {
            parts: Vec::new(),
            counts: vec![0; self.plan.counts.len()],
            groups: self.plan.groupings.iter().map(all).collect(),
        }
    }

    fn block(&self, at: usize, into: &mut Gathered) {
        if let Some((table, start, wanted)) =
            at.checked_sub(self.customer_blocks()).and_then(|at| self.ownerless.get(at))
        {
            let end = self.index.tables.get(*table).map_or(0, |table| table.rows);
            let block = Block::ownerless(self.index, *table, *start..(start + OWNERLESS).min(end));
            let vectors = block.vectors(self.plan, wanted, &self.last_use, |_, _| ());
            for (grouping, groups) in self.plan.groupings.iter().zip(&mut into.groups) {
                if let (true, Some(groups)) =
                    (grouping.ownerless && grouping.space == Space::Rows(*table), groups)
                {
                    let len = block.len(grouping.space);
                    groups.add(grouping, &Rows { len, first: 0, bounds: &[], vectors: &vectors });
                }
            }
            return;
        }
        let customers = at * BLOCK..((at + 1) * BLOCK).min(self.index.customers());
        let block = Block::of_customers(self.index, customers, &self.reads);
        let mut bits = vec![Vec::new(); self.plan.bits.len()];
        let mut columns = vec![Numbers::default(); self.plan.columns.len()];
        let counts = &mut into.counts;
        let vectors = block.vectors(self.plan, &self.wanted, &self.last_use, |id, vector| {
            for kept in self.kept.get(id).into_iter().flatten() {
                match kept {
                    Kept::Bits(at) => {
                        bits.get_mut(*at).into_iter().for_each(|it| *it = bits_of(truth(vector)))
                    }
                    Kept::Count(at) => {
                        counts.get_mut(*at).into_iter().for_each(|it| *it += count(truth(vector)))
                    }
                    Kept::Column(at) => columns.get_mut(*at).into_iter().for_each(|it| *it = numbers(vector)),
                }
            }
        });
        let mut groups = Vec::new();
        for (grouping, all) in self.plan.groupings.iter().zip(&mut into.groups) {
            let bounds = match grouping.space {
                Space::Rows(table) => block.bounds(table),
                Space::Customers => block.bounds(0),
            };
            let len = block.len(grouping.space);
            let rows = Rows { len, first: block.customers.start, bounds, vectors: &vectors };
            let mut part = grouping.per_customer.then(|| Groups::new(grouping));
            if let Some(groups) = part.as_mut().or(all.as_mut()) {
                groups.add(grouping, &rows);
            }
            groups.push(part);
        }
        into.parts.push(Part { place: at, bits, columns, groups });
    }

    /// What all threads gathered, in the order of the customers.
    fn finish(&self, all: Vec<Gathered>) -> Scanned {
        let (bits, columns) =
            (vec![Vec::new(); self.plan.bits.len()], vec![Numbers::default(); self.plan.columns.len()]);
        let mut scanned =
            Scanned { bits, columns, counts: vec![0; self.plan.counts.len()], groups: Vec::new() };
        let mut groups: Vec<Groups> = self.plan.groupings.iter().map(Groups::new).collect();
        let mut parts = Vec::new();
        for gathered in all {
            scanned.counts.iter_mut().zip(gathered.counts).for_each(|(all, count)| *all += count);
            for (all, one) in groups.iter_mut().zip(gathered.groups) {
                one.into_iter().for_each(|one| all.merge(one));
            }
            parts.extend(gathered.parts);
        }
        parts.sort_unstable_by_key(|part| part.place);
        let customers = self.index.customers();
        scanned.columns.iter_mut().for_each(|column| column.reserve(customers));
        for part in parts {
            scanned.bits.iter_mut().zip(part.bits).for_each(|(all, bits)| all.extend(bits));
            scanned.columns.iter_mut().zip(part.columns).for_each(|(all, numbers)| all.extend(numbers));
            for (all, one) in groups.iter_mut().zip(part.groups) {
                one.into_iter().for_each(|one| all.merge(one));
            }
        }
        scanned.groups =
            self.plan.groupings.iter().zip(&groups).map(|(it, groups)| self.grouped(it, groups)).collect();
        scanned
    }

    fn grouped(&self, grouping: &plan::Grouping, groups: &Groups) -> Grouped {
        let mut keys = Vec::with_capacity(groups.keys.len());
        for key in &groups.keys {
            let mut rest = *key;
            let mut codes: Vec<u64> = Vec::with_capacity(grouping.keys.len());
            for (_, most) in grouping.keys.iter().rev() {
                let factor = most.saturating_add(1);
                codes.push(rest % factor);
                rest /= factor;
            }
            codes.reverse();
            keys.push(codes);
        }
        let totals = groups.finish(grouping);
        let vectors = Block::over_groups(self.index, keys.len(), &grouping.formulas, totals);
        let columns = grouping.columns.iter();
        let columns =
            columns.map(|id| vectors.get(*id).and_then(Option::as_ref).map(numbers).unwrap_or_default());
        Grouped { keys, customers: groups.customers.clone(), columns: columns.collect() }
    }
}

impl Numbers {
    fn reserve(&mut self, more: usize) {
        self.values.reserve_exact(more);
        self.known.reserve_exact(more);
    }

    fn extend(&mut self, other: Self) {
        self.doubles |= other.doubles;
        self.values.extend(other.values);
        self.known.extend(other.known);
    }

    /// The number at a place, or its bits.
    pub(crate) fn get(&self, at: usize) -> Option<i64> {
        self.values.get(at).copied().filter(|_| self.known.get(at) == Some(&1))
    }
}

fn ownerless_groupings(plan: &Plan, table: usize) -> impl Iterator<Item = &plan::Grouping> {
    plan.groupings.iter().filter(move |it| it.ownerless && it.space == Space::Rows(table))
}

fn grouping_inputs(grouping: &plan::Grouping) -> Vec<plan::Id> {
    let totals = grouping.totals.iter().flat_map(|total| [total.of, total.by, total.when]).flatten();
    grouping.when.into_iter().chain(grouping.keys.iter().map(|(id, _)| *id)).chain(totals).collect()
}

/// The nodes that others are made of, these included.
fn needed(plan: &Plan, outputs: impl Iterator<Item = plan::Id>) -> Vec<bool> {
    let mut needed = vec![false; plan.nodes.len()];
    outputs.for_each(|id| needed.get_mut(id).into_iter().for_each(|it| *it = true));
    for (at, node) in plan.nodes.iter().enumerate().rev() {
        if needed.get(at) == Some(&true) {
            node.inputs().into_iter().for_each(|id| needed.get_mut(id).into_iter().for_each(|it| *it = true));
        }
    }
    needed
}

/// For each node the last one that is made of it, or itself; nothing when groups are made of it.
fn last_uses(plan: &Plan) -> Vec<Option<plan::Id>> {
    let mut last: Vec<Option<plan::Id>> = (0..plan.nodes.len()).map(Some).collect();
    for (at, node) in plan.nodes.iter().enumerate() {
        node.inputs().into_iter().for_each(|id| last.get_mut(id).into_iter().for_each(|it| *it = Some(at)));
    }
    for id in plan.groupings.iter().flat_map(grouping_inputs) {
        last.get_mut(id).into_iter().for_each(|it| *it = None);
    }
    last
}

fn kept(plan: &Plan) -> Vec<Vec<Kept>> {
    let mut kept = vec![Vec::new(); plan.nodes.len()];
    let bits = plan.bits.iter().enumerate().map(|(at, id)| (*id, Kept::Bits(at)));
    let counts = plan.counts.iter().enumerate().map(|(at, id)| (*id, Kept::Count(at)));
    let columns = plan.columns.iter().enumerate().map(|(at, id)| (*id, Kept::Column(at)));
    for (id, what) in bits.chain(counts).chain(columns) {
        kept.get_mut(id).into_iter().for_each(|kept| kept.push(what));
    }
    kept
}

/// How many are true.
fn count(truth: &[u8]) -> u64 {
    // 128 of them fit one byte, so that a whole register of bytes is added at once.
    truth
        .chunks(128)
        .map(|chunk| u64::from(chunk.iter().fold(0u8, |sum, it| sum.wrapping_add(it >> 1))))
        .sum()
}

/// A bit for each true one.
fn bits_of(truth: &[u8]) -> Vec<u64> {
    // Of eight bytes, the bits that say true, gathered in the highest byte of a product.
    let eight = |bytes: &[u8; 8]| {
        let ones = (u64::from_le_bytes(*bytes) >> 1) & 0x0101_0101_0101_0101;
        ones.wrapping_mul(0x0102_0408_1020_4080) >> 56
    };
    let word = |chunk: &[u8]| {
        let (bytes, rest) = chunk.as_chunks::<8>();
        let word = bytes.iter().enumerate().fold(0, |word, (at, bytes)| word | eight(bytes) << (8 * at));
        let first = 8 * bytes.len();
        rest.iter().enumerate().fold(word, |word, (at, it)| word | u64::from(it >> 1) << (first + at))
    };
    truth.chunks(64).map(word).collect()
}

fn numbers(vector: &Vector<'_>) -> Numbers {
    if let Vector::Double { values, known } = vector {
        let values: Vec<i64> = values.iter().map(|value| value.to_bits() as i64).collect();
        let known = known.clone().unwrap_or_else(|| vec![1; values.len()]);
        return Numbers { values, known, doubles: true };
    }
    let (values, known) = vector.whole();
    let known = known.map_or_else(|| vec![1; values.len()], std::borrow::Cow::into_owned);
    Numbers { values: values.into_owned(), known, doubles: false }
}
