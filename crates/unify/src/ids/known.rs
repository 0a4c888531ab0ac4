//! Ids as small numbers.

use super::CustomerId;

/// Different ids, numbered from 0 in the order of first sight. Numbers only name ids: no result depends on them.
///
/// A table with open addressing, at most three quarters full: every refresh looks up an id for every row of every source, and a
/// slot of 8 bytes is most of what such a look-up costs.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    ids: Vec<CustomerId>,
    /// For each slot the upper half of the hash, and the number + 1; 0 for a free slot. The length is a power of two.
    slots: Vec<u64>,
}

impl Known {
    /// Makes room for so many ids in all.
    pub(super) fn reserve(&mut self, count: usize) {
        self.ids.reserve(count.saturating_sub(self.ids.len()));
        let wanted = (count + count / 3 + 1).next_power_of_two().max(16);
        if wanted > self.slots.len() {
            self.slots = vec![0; wanted];
            for (number, id) in (0u32..).zip(&self.ids) {
                let hash = hash(*id);
                let mut at = self.first(hash);
                while self.slots.get(at).is_some_and(|slot| *slot != 0) {
                    at = self.next(at);
                }
                if let Some(slot) = self.slots.get_mut(at) {
                    *slot = entry(hash, number);
                }
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The number of an id; a new one where it was not known.
    pub(super) fn number(&mut self, id: CustomerId) -> u32 {
        if self.ids.len() * 4 >= self.slots.len() * 3 {
            self.reserve(self.ids.len().max(8) * 2);
        }
        let hash = hash(id);
        let (at, found) = self.slot(id, hash);
        found.unwrap_or_else(|| {
            let number = self.ids.len() as u32;
            self.ids.push(id);
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = entry(hash, number);
            }
            number
        })
    }

    /// The number of an id that is likely to have a given number.
    pub(super) fn number_near(&mut self, id: CustomerId, likely: u32) -> u32 {
        if self.ids.get(likely as usize) == Some(&id) { likely } else { self.number(id) }
    }

    /// The number of an id that is known.
    pub(super) fn find(&self, id: CustomerId) -> Option<u32> {
        self.slot(id, hash(id)).1
    }

    pub(super) fn id(&self, number: u32) -> Option<CustomerId> {
        self.ids.get(number as usize).copied()
    }

    /// The slot where an id is or would be, and its number if it is known.
    fn slot(&self, id: CustomerId, hash: u64) -> (usize, Option<u32>) {
        let mut at = self.first(hash);
        loop {
            let slot = self.slots.get(at).copied().unwrap_or(0);
            let number = (slot as u32).wrapping_sub(1);
            if slot == 0 {
                return (at, None);
            }
            if slot >> 32 == hash >> 32 && self.id(number) == Some(id) {
                return (at, Some(number));
            }
            at = self.next(at);
        }
    }

    fn first(&self, hash: u64) -> usize {
        hash as usize & self.slots.len().wrapping_sub(1)
    }

    fn next(&self, at: usize) -> usize {
        (at + 1) & self.slots.len().wrapping_sub(1)
    }
}

fn entry(hash: u64, number: u32) -> u64 {
    hash >> 32 << 32 | u64::from(number + 1)
}

/// Most ids are hashes already; nobody who delivers rows can choose them freely.
fn hash(id: CustomerId) -> u64 {
    let (high, low) = id.halves();
    let wide = u128::from(high ^ 0x243f_6a88_85a3_08d3) * u128::from(low ^ 0x9e37_79b9_7f4a_7c15);
    (wide as u64) ^ (wide >> 64) as u64
}

/// The numbers of a run: those of the ids known before it, and more for the ids that it brings.
#[derive(Debug)]
pub(super) struct Numbers<'a> {
    before: &'a Known,
    more: Known,
}

impl<'a> Numbers<'a> {
    pub(super) fn new(before: &'a Known) -> Self {
        Self { before, more: Known::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.before.len() + self.more.len()
    }

    pub(super) fn number(&mut self, id: CustomerId) -> u32 {
        self.before.find(id).unwrap_or_else(|| self.before.len() as u32 + self.more.number(id))
    }

    pub(super) fn find(&self, id: CustomerId) -> Option<u32> {
        let more = || Some(self.before.len() as u32 + self.more.find(id)?);
        self.before.find(id).or_else(more)
    }

    pub(super) fn id(&self, number: u32) -> Option<CustomerId> {
        self.before.id(number).or_else(|| self.more.id(number.checked_sub(self.before.len() as u32)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ids_share_a_number_and_others_do_not() {
        let id = |n: u32| CustomerId::of_record("A_a", &n.to_string(), 0);
        let mut known = Known::default();
        assert_eq!(known.find(id(0)), None);
        known.reserve(50);
        for n in 0..1000 {
            assert_eq!(known.number(id(n % 400)), n % 400);
        }
        assert_eq!(known.len(), 400);
        assert_eq!(known.number_near(id(7), 7), 7);
        assert_eq!(known.number_near(id(7), 8), 7);
        assert_eq!((known.find(id(399)), known.find(id(400))), (Some(399), None));
        assert_eq!((known.id(3), known.id(400)), (Some(id(3)), None));
        let mut numbers = Numbers::new(&known);
        assert_eq!((numbers.number(id(5)), numbers.number(id(500)), numbers.len()), (5, 400, 401));
        assert_eq!((numbers.find(id(500)), numbers.id(400)), (Some(400), Some(id(500))));
    }
}
