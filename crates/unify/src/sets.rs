//! Records that are one customer, and the decisions that keep others apart.

use std::collections::HashMap;

use super::custom::Decisions;
use super::union::UnionFind;

/// Sets of records that grow together, but never so that a set holds rows that are decided to be different.
#[derive(Debug, Clone)]
pub(crate) struct Sets {
    joined: UnionFind,
    /// For each record that never matches another one, the others.
    never: HashMap<u32, Vec<u32>>,
    /// The decisions that hold for a set, by the number that stands for it.
    marks: HashMap<u32, Mark>,
}

#[derive(Debug, Clone, Default)]
struct Mark {
    /// The customer that its rows are pinned to.
    pin: Option<u32>,
    /// Its records that never match some other record.
    held: Vec<u32>,
}

impl Sets {
    pub(crate) fn new(records: usize, decisions: &Decisions) -> Self {
        let mut never: HashMap<u32, Vec<u32>> = HashMap::new();
        for (one, other) in &decisions.never {
            never.entry(*one).or_default().push(*other);
            never.entry(*other).or_default().push(*one);
        }
        let mut marks: HashMap<u32, Mark> = HashMap::new();
        for record in never.keys() {
            marks.entry(*record).or_default().held.push(*record);
        }
        for (record, customer) in &decisions.pins {
            marks.entry(*record).or_default().pin = Some(*customer);
        }
        Self { joined: UnionFind::new(records), never, marks }
    }

    /// The smallest record of a record's set.
    pub(crate) fn find(&mut self, record: u32) -> u32 {
        self.joined.find(record)
    }

    /// The sets without the decisions.
    pub(crate) fn loose(&self) -> UnionFind {
        self.joined.clone()
    }

    /// Whether decisions hold for a record's set.
    pub(crate) fn is_marked(&mut self, record: u32) -> bool {
        !self.marks.is_empty() && self.marks.contains_key(&self.joined.find(record))
    }

    /// Whether two sets may be one.
    pub(crate) fn allows(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.find(one), self.find(other));
        if one == other {
            return true;
        }
        let (Some(a), Some(b)) = (self.marks.get(&one), self.marks.get(&other)) else { return true };
        if matches!((a.pin, b.pin), (Some(a), Some(b)) if a != b) {
            return false;
        }
        let (held, against) = if a.held.len() <= b.held.len() { (&a.held, other) } else { (&b.held, one) };
        let partners = held.iter().filter_map(|record| self.never.get(record)).flatten();
        let joined = &mut self.joined;
        !partners.into_iter().any(|partner| joined.find(*partner) == against)
    }

    /// Puts two sets together unless decisions forbid it; false when they do.
    pub(crate) fn union(&mut self, one: u32, other: u32) -> bool {
        if self.marks.is_empty() {
            self.joined.union(one, other);
            return true;
        }
        if !self.allows(one, other) {
            return false;
        }
        let (one, other) = (self.find(one), self.find(other));
        if one != other {
            self.joined.union(one, other);
            if let Some(mark) = self.marks.remove(&one.max(other)) {
                let kept = self.marks.entry(one.min(other)).or_default();
                kept.pin = kept.pin.or(mark.pin);
                kept.held.extend(mark.held);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_that_would_hold_a_forbidden_pair_stay_apart() {
        let decisions = Decisions { never: vec![(0, 3)], pins: vec![(1, 0), (4, 1)], ..Decisions::default() };
        let mut sets = Sets::new(6, &decisions);
        assert!(sets.union(0, 2) && sets.union(5, 3));
        assert!(!sets.union(2, 5));
        assert!(sets.union(1, 2));
        assert!(!sets.union(4, 0), "different pins");
        assert!(!sets.union(1, 3));
        assert!(sets.union(4, 5));
        assert_eq!((sets.find(1), sets.find(4)), (0, 3));
        assert!(sets.is_marked(2) && sets.is_marked(5));
    }
}
