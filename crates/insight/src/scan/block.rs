//! The vectors of one block: some customers with all their rows, or some rows without customer.

use super::aggregate::{Input, aggregate};
use super::plan::{FALSE, Id, Node, Plan, Space, TRUE, UNKNOWN};
use super::vector::{
    Vector, answers, arithmetic, as_double, averages, constant, from_keys, in_ranges, known, of_customers,
    ranked, replaced, scaled, translated,
};
use crate::index::{Codes, Index, each_width};
use std::ops::Range;

/// Some customers and their rows.
pub(super) struct Block<'i> {
    pub(super) index: &'i Index,
    pub(super) customers: Range<usize>,
    /// For each table, its rows, and where each customer's rows start, counted from the first one.
    pub(super) rows: Vec<(Range<usize>, Vec<u32>)>,
}

impl<'i> Block<'i> {
    /// These customers with their rows in the tables that are read.
    pub(super) fn of_customers(index: &'i Index, customers: Range<usize>, reads: &[bool]) -> Self {
        let rows = index.tables.iter().zip(reads).enumerate().map(|(at, (table, reads))| {
            if at == 0 {
                return (customers.clone(), (0..=customers.len() as u32).collect());
            }
            if !*reads {
                return (0..0, vec![0; customers.len() + 1]);
            }
            let rows = table.rows_of(customers.clone());
            let offsets = table.offsets.codes();
            let offsets = offsets.slice(customers.start..customers.end + 1);
            let first = rows.start as u64;
            let bounds = each_width!(&offsets, offsets => {
                offsets.iter().map(|it| crate::index::Code::wide(*it).saturating_sub(first) as u32).collect()
            });
            (rows, bounds)
        });
        Self { index, rows: rows.collect(), customers: customers.clone() }
    }

    /// Rows of one table that have no customer.
    pub(super) fn ownerless(index: &'i Index, table: usize, rows: Range<usize>) -> Self {
        let mut all = vec![(0..0, vec![0]); index.tables.len()];
        if let Some(place) = all.get_mut(table) {
            place.0 = rows;
        }
        Self { index, customers: 0..0, rows: all }
    }

    /// The number of elements.
    pub(super) fn len(&self, space: Space) -> usize {
        match space {
            Space::Customers => self.customers.len(),
            Space::Rows(table) => self.rows.get(table).map_or(0, |(rows, _)| rows.len()),
        }
    }

    pub(super) fn bounds(&self, table: usize) -> &[u32] {
        self.rows.get(table).map_or(&[], |(_, bounds)| bounds)
    }

    /// Makes the vectors that are wanted, shows each of them, and drops it after its last use. Returns those that are
    /// kept, which have no last use.
    pub(super) fn vectors(
        &self,
        plan: &Plan,
        wanted: &[bool],
        last_use: &[Option<Id>],
        mut show: impl FnMut(Id, &Vector<'i>),
    ) -> Vec<Option<Vector<'i>>> {
        let mut vectors: Vec<Option<Vector<'i>>> = Vec::with_capacity(plan.nodes.len());
        for (at, (node, wanted)) in plan.nodes.iter().zip(wanted).enumerate() {
            if !*wanted {
                vectors.push(None);
                continue;
            }
            let vector = self.vector(node, &vectors);
            show(at, &vector);
            vectors.push(Some(vector));
            // What a block has in use stays small enough for the caches.
            for done in node.inputs().into_iter().chain([at]) {
                if last_use.get(done).copied().flatten().is_some_and(|last| last <= at) {
                    vectors.get_mut(done).into_iter().for_each(|vector| *vector = None);
                }
            }
        }
        vectors
    }

    /// Arithmetic over totals of groups, which come first.
    pub(super) fn over_groups(
        index: &'i Index,
        groups: usize,
        formulas: &[Node],
        totals: Vec<Vector<'i>>,
    ) -> Vec<Option<Vector<'i>>> {
        let block = Self { index, customers: 0..groups, rows: Vec::new() };
        let mut vectors: Vec<_> = totals.into_iter().map(Some).collect();
        for node in formulas.iter().skip(vectors.len()) {
            let vector = block.vector(node, &vectors);
            vectors.push(Some(vector));
        }
        vectors
    }

    fn vector(&self, node: &Node, done: &[Option<Vector<'i>>]) -> Vector<'i> {
        // Inputs come before; a plan without them would be a mistake of the compiler, and gives nothing.
        let none = Vector::Truth(Vec::new());
        let of = |id: &Id| done.get(*id).and_then(Option::as_ref).unwrap_or(&none);
        match node {
            Node::Column { home, links, column } => self.column(*home, links, *column),
            Node::Linked { home, links } => {
                let places = self.places(*home, links);
                Vector::Truth(places.map(|place| if place == usize::MAX { FALSE } else { TRUE }).collect())
            }
            Node::OfCustomer { table, of: id } => of_customers(of(id), self.bounds(*table)),
            Node::Constant { space, value } => constant(*value, self.len(*space)),
            Node::Translated { of: id, to } => translated(of(id), to),
            Node::Ranked { of: id, cuts } => ranked(of(id), cuts),
            Node::InRanges { of: id, ranges } => Vector::Truth(in_ranges(of(id), ranges)),
            Node::Answer { of: id, by_code } => Vector::Truth(answers(of(id), by_code)),
            Node::FromKeys { of: id } => from_keys(of(id)),
            Node::Replaced { of: id, missing, values } => replaced(of(id), *missing, values),
            Node::Known { of: id } => Vector::Truth(known(of(id))),
            Node::Taken { of: id } => Vector::Truth(truth(of(id)).iter().map(|it| it & TRUE).collect()),
            Node::All { space, of: ids } => Vector::Truth(self.fold(*space, TRUE, ids, done, u8::min)),
            Node::Any { space, of: ids } => Vector::Truth(self.fold(*space, FALSE, ids, done, u8::max)),
            Node::Not { of: id } => Vector::Truth(truth(of(id)).iter().map(|it| TRUE - it).collect()),
            Node::Aggregate { table, function, of: value, by, when } => {
                let input = Input {
                    bounds: self.bounds(*table),
                    of: value.as_ref().map(of),
                    by: by.as_ref().map(of),
                    when: when.as_ref().map(|when| truth(of(when))),
                };
                aggregate(*function, &input)
            }
            Node::Meets { of: id, set } => match of(id) {
                Vector::Sets(sets) => {
                    Vector::Truth(sets.iter().map(|it| if it & set == 0 { FALSE } else { TRUE }).collect())
                }
                other => Vector::Truth(vec![UNKNOWN; other.len()]),
            },
            Node::SizeOf { of: id } => match of(id) {
                Vector::Sets(sets) => {
                    let sizes = sets.iter().map(|set| i64::from((set & !1).count_ones())).collect();
                    Vector::Whole { values: sizes, known: None }
                }
                other => Vector::Truth(vec![UNKNOWN; other.len()]),
            },
            Node::Average { sum, count, scale } => averages(of(sum), of(count), *scale),
            Node::Arithmetic { left, operation, right } => arithmetic(of(left), *operation, of(right)),
            Node::AsDouble { of: id, scale } => as_double(of(id), *scale),
            Node::Scaled { of: id, digits } => scaled(of(id), *digits),
        }
    }

    fn fold(
        &self,
        space: Space,
        start: u8,
        ids: &[Id],
        done: &[Option<Vector<'i>>],
        step: impl Fn(u8, u8) -> u8,
    ) -> Vec<u8> {
        let mut all = vec![start; self.len(space)];
        for id in ids {
            let one = done.get(*id).and_then(Option::as_ref).map_or(&[][..], truth);
            all.iter_mut().zip(one).for_each(|(all, one)| *all = step(*all, *one));
        }
        all
    }

    fn range(&self, table: usize) -> Range<usize> {
        if table == 0 {
            self.customers.clone()
        } else {
            self.rows.get(table).map_or(0..0, |(rows, _)| rows.clone())
        }
    }

    fn column(&self, home: usize, links: &[(usize, usize)], column: usize) -> Vector<'i> {
        let end = match links.last() {
            None => Some(home),
            Some((table, link)) => {
                self.index.tables.get(*table).and_then(|it| it.links.get(*link)).map(|it| it.target)
            }
        };
        let table = end.and_then(|end| self.index.tables.get(end));
        let Some(column) = table.and_then(|table| table.columns.get(column)) else {
            return Vector::Truth(Vec::new());
        };
        let codes = match links.is_empty() {
            true => column.codes.part(self.range(home)),
            false => column.codes.codes().gather(self.places(home, links)),
        };
        Vector::Codes { codes, base: column.base }
    }

    /// The rows that foreign keys lead to; the greatest number where they lead nowhere.
    fn places(&self, home: usize, links: &[(usize, usize)]) -> Box<dyn Iterator<Item = usize> + '_> {
        let mut places: Box<dyn Iterator<Item = usize> + '_> = Box::new(self.range(home));
        for (table, link) in links {
            let Some(link) = self.index.tables.get(*table).and_then(|table| table.links.get(*link)) else {
                return Box::new(std::iter::empty());
            };
            let rows: Codes<'_> = link.rows.codes();
            places = Box::new(places.map(move |at| (rows.get(at) as usize).wrapping_sub(1)));
        }
        places
    }
}

/// The truths of a vector of truths.
pub(super) fn truth<'a>(vector: &'a Vector<'_>) -> &'a [u8] {
    match vector {
        Vector::Truth(truth) => truth,
        _ => &[],
    }
}
