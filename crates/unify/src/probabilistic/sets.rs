//! Disjoint sets of numbers.

/// Disjoint sets; the smallest number stands for its set, so that sets do not depend on the order of joining.
#[derive(Debug)]
pub(crate) struct Sets(Vec<u32>);

impl Sets {
    pub(crate) fn new(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    /// The number that stands for the set of a number.
    pub(crate) fn find(&mut self, mut of: u32) -> u32 {
        while let Some(up) = self.0.get(of as usize).copied().filter(|up| *up != of) {
            let above = self.0.get(up as usize).copied().unwrap_or(up);
            if let Some(own) = self.0.get_mut(of as usize) {
                *own = above;
            }
            of = above;
        }
        of
    }

    pub(crate) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(own) = self.0.get_mut(a.max(b) as usize) {
            *own = a.min(b);
        }
    }
}
