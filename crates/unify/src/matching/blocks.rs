//! Blocking: which tuples above can match at all, because their exact values are equal.

use crate::intern::Interner;

use super::tuples::Left;

/// The tuples above by the values of the exact conditions. A rule without exact conditions has one block.
pub(super) struct Blocks {
    exact: Vec<usize>,
    keys: Interner<u32>,
    /// The tuples of all blocks, block after block, in ascending order within one.
    members: Vec<u32>,
    /// Where each block starts in `members`, and at last where all end.
    starts: Vec<u32>,
}

impl Blocks {
    /// Groups the tuples that at most `sharing` records share; `exact` says which values must be equal.
    pub(super) fn new(left: &Left, exact: Vec<usize>, sharing: u32) -> Self {
        let mut keys = Interner::new();
        let mut key = Vec::with_capacity(exact.len());
        let mut placed = Vec::new();
        for tuple in 0..left.tuples.len() as u32 {
            if left.count(tuple) <= sharing {
                pick(left.tuples.get(tuple), &exact, &mut key);
                placed.push((keys.intern(&key).0, tuple));
            }
        }
        placed.sort_unstable();
        let mut starts = vec![0; keys.len() + 1];
        for (block, _) in &placed {
            if let Some(size) = starts.get_mut(*block as usize + 1) {
                *size += 1;
            }
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        Self { exact, keys, members: placed.into_iter().map(|(_, tuple)| tuple).collect(), starts }
    }

    /// How many blocks there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The block in which a tuple of the entity below looks for partners; `key` is only a buffer.
    pub(super) fn find(&self, tuple: &[u32], key: &mut Vec<u32>) -> Option<u32> {
        pick(tuple, &self.exact, key);
        self.keys.find(key)
    }

    /// The tuples of a block, ascending.
    pub(super) fn members(&self, block: u32) -> &[u32] {
        let at = block as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => self.members.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The size of the largest block.
    pub(super) fn largest(&self) -> usize {
        (0..self.len() as u32).map(|block| self.members(block).len()).max().unwrap_or(0)
    }
}

fn pick(tuple: &[u32], places: &[usize], key: &mut Vec<u32>) {
    key.clear();
    key.extend(places.iter().filter_map(|place| tuple.get(*place)));
}
