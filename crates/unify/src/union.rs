//! Sets that grow together (union–find).

/// Sets of the numbers below a limit, at first each alone. The smallest number of a set stands for it.
#[derive(Debug, Clone)]
pub(crate) struct UnionFind {
    parents: Vec<u32>,
}

impl UnionFind {
    pub(crate) fn new(numbers: usize) -> Self {
        Self { parents: (0..numbers as u32).collect() }
    }

    /// The number that stands for the set of `number`.
    pub(crate) fn find(&mut self, number: u32) -> u32 {
        let mut at = number;
        while let Some(parent) = self.parents.get(at as usize).copied().filter(|parent| *parent != at) {
            // Path halving: every second step is shortened.
            let above = self.parents.get(parent as usize).copied().unwrap_or(parent);
            if let Some(place) = self.parents.get_mut(at as usize) {
                *place = above;
            }
            at = above;
        }
        at
    }

    /// Puts two sets together; false when they were one.
    pub(crate) fn union(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.find(one), self.find(other));
        if let Some(place) = self.parents.get_mut(one.max(other) as usize) {
            *place = one.min(other);
        }
        one != other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_number_stands_for_its_set() {
        let mut sets = UnionFind::new(6);
        assert!(sets.union(5, 3));
        assert!(sets.union(3, 4));
        assert!(!sets.union(4, 5));
        assert!(sets.union(4, 1));
        let found: Vec<u32> = (0..6).map(|number| sets.find(number)).collect();
        assert_eq!(found, [0, 1, 2, 1, 1, 1]);
    }
}
