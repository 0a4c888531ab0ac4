//! Numbers by the hashes of what they stand for.

/// Finds the numbers of a hash, and few others. It does not change; what comes later is kept elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// Where the numbers of each part begin in `entries`, and at last where all end. Parts are told by the top bits of
    /// the hash.
    starts: Vec<u32>,
    /// Low bits of the hash, and the number; ascending by number within a part.
    entries: Vec<(u32, u32)>,
    bits: u32,
}

impl Directory {
    /// The numbers below `count` that have a hash.
    pub(crate) fn new(count: usize, hash: impl Fn(u32) -> Option<u64>) -> Self {
        let bits = (count.max(2) as u64).ilog2();
        let part = |hash: u64| (hash >> (64 - bits)) as usize;
        let hashes: Vec<Option<u64>> = (0..count as u32).map(hash).collect();
        let mut starts = vec![0u32; (1 << bits) + 1];
        for hash in hashes.iter().flatten() {
            if let Some(size) = starts.get_mut(part(*hash) + 1) {
                *size += 1;
            }
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0); end as usize];
        for (number, hash) in (0u32..).zip(hashes) {
            let Some((hash, at)) = hash.and_then(|hash| Some((hash, next.get_mut(part(hash))?))) else {
                continue;
            };
            if let Some(entry) = entries.get_mut(*at as usize) {
                *entry = (hash as u32, number);
            }
            *at += 1;
        }
        Self { starts, entries, bits }
    }

    /// Whether a number is among those of a hash.
    pub(crate) fn has(&self, hash: u64, number: u32) -> bool {
        let part = self.part(hash);
        let place = part.binary_search_by_key(&number, |entry| entry.1).ok().and_then(|at| part.get(at));
        // The number may stand here for another hash of this part.
        place.is_some_and(|entry| entry.0 == hash as u32)
    }

    fn part(&self, hash: u64) -> &[(u32, u32)] {
        let part = (hash >> (64 - self.bits.max(1))) as usize;
        match (self.starts.get(part), self.starts.get(part + 1)) {
            (Some(start), Some(end)) => self.entries.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The numbers of a hash, ascending, perhaps with a few of other hashes.
    pub(crate) fn find(&self, hash: u64) -> impl Iterator<Item = u32> + Clone + '_ {
        self.part(hash).iter().filter(move |entry| entry.0 == hash as u32).map(|entry| entry.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_found_by_its_hash() {
        let hash = |number: u32| (number % 7 != 3).then(|| super::super::hash(&(number % 500).to_le_bytes()));
        let directory = Directory::new(2_000, hash);
        for number in 0..2_000 {
            let found = hash(number).is_some_and(|hash| directory.find(hash).any(|it| it == number));
            assert_eq!(found, number % 7 != 3);
            assert_eq!(hash(number).is_some_and(|hash| directory.has(hash, number)), number % 7 != 3);
            assert!(!directory.has(hash(number).unwrap_or(0) ^ 1, number));
        }
        assert_eq!(directory.find(super::super::hash(b"other")).count(), 0);
        assert_eq!(Directory::default().find(7).count(), 0);
    }
}
