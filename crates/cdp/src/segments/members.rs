//! Sets of customers as bits, one per customer in the order of the ids.

use datafusion::arrow::array::{Array, BooleanArray, StringArray};
use datafusion::arrow::buffer::BooleanBuffer;
use std::sync::Arc;

/// A set of customers.
#[derive(Debug, Clone, PartialEq)]
pub struct Members {
    customers: Arc<StringArray>,
    bits: BooleanBuffer,
}

impl Members {
    /// Nobody, of these customers. The ids are in order, without repetition.
    pub(super) fn nobody(customers: Arc<StringArray>) -> Self {
        let bits = BooleanBuffer::new_unset(customers.len());
        Self { customers, bits }
    }

    /// Those with a bit, of these customers. The ids are in order, without repetition.
    pub(super) fn of(customers: Arc<StringArray>, bits: BooleanBuffer) -> Self {
        Self { customers, bits }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.bits.count_set_bits()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the customer is one of them.
    pub fn contains(&self, id: &str) -> bool {
        place_of(&self.customers, id).is_some_and(|place| self.bits.value(place))
    }

    /// Their ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.bits.set_indices().map(|place| self.customers.value(place))
    }

    /// Those of either set. Both are sets of the same customers.
    pub(super) fn union(&self, other: &Self) -> Self {
        self.with(&self.bits | &other.bits)
    }

    /// Those of both sets.
    pub(super) fn intersect(&self, other: &Self) -> Self {
        self.with(&self.bits & &other.bits)
    }

    /// These without the others.
    pub(super) fn except(&self, other: &Self) -> Self {
        self.with(&self.bits & &(!&other.bits))
    }

    fn with(&self, bits: BooleanBuffer) -> Self {
        Self { customers: Arc::clone(&self.customers), bits }
    }

    /// For so many customers from a place on, whether each is a member. Places beyond the last have no members.
    pub(super) fn mask_from(&self, from: usize, count: usize) -> BooleanArray {
        let bits = BooleanBuffer::collect_bool(count, |at| {
            let place = from + at;
            place < self.bits.len() && self.bits.value(place)
        });
        BooleanArray::new(bits, None)
    }

    /// For rows with these customers, whether each is a member.
    pub(super) fn mask(&self, ids: &StringArray) -> BooleanArray {
        ids.iter().map(|id| Some(id.is_some_and(|id| self.contains(id)))).collect()
    }
}

/// Gathers members as their ids come.
pub(super) struct Gathering {
    customers: Arc<StringArray>,
    chosen: Vec<bool>,
}

impl Gathering {
    /// Nobody yet, of these customers. The ids are in order, without repetition.
    pub(super) fn new(customers: Arc<StringArray>) -> Self {
        let chosen = vec![false; customers.len()];
        Self { customers, chosen }
    }

    /// Takes those of the ids that are customers.
    pub(super) fn add<'i>(&mut self, ids: impl IntoIterator<Item = &'i str>) {
        for id in ids {
            if let Some(place) = place_of(&self.customers, id).and_then(|place| self.chosen.get_mut(place)) {
                *place = true;
            }
        }
    }

    /// The set.
    pub(super) fn finish(self) -> Members {
        Members { customers: self.customers, bits: BooleanBuffer::from(self.chosen) }
    }
}

fn place_of(customers: &StringArray, id: &str) -> Option<usize> {
    let (mut low, mut high) = (0, customers.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match customers.value(middle).cmp(id) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(middle),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn sets_of_bits_behave_like_sets(
            all in proptest::collection::btree_set("[a-e]{1,3}", 0..20),
            left in proptest::collection::btree_set("[a-e]{1,3}", 0..20),
            right in proptest::collection::btree_set("[a-e]{1,3}", 0..20),
        ) {
            let customers = Arc::new(StringArray::from_iter_values(&all));
            let known = |ids: &BTreeSet<String>| ids.intersection(&all).cloned().collect::<BTreeSet<_>>();
            let members = |ids: &BTreeSet<String>| {
                let mut gathering = Gathering::new(Arc::clone(&customers));
                gathering.add(ids.iter().map(String::as_str));
                gathering.finish()
            };
            let ids = |members: &Members| members.ids().map(str::to_owned).collect::<BTreeSet<_>>();
            let (one, other) = (members(&left), members(&right));
            let (left, right) = (known(&left), known(&right));
            prop_assert_eq!(ids(&one), left.clone());
            prop_assert_eq!(one.len(), left.len());
            prop_assert_eq!(ids(&one.union(&other)), &left | &right);
            prop_assert_eq!(ids(&one.intersect(&other)), &left & &right);
            prop_assert_eq!(ids(&one.except(&other)), &left - &right);
            for id in &all {
                prop_assert_eq!(one.contains(id), left.contains(id));
            }
        }
    }
}
