//! Sorting by a 64-bit key: first into parts that fit the processor's cache, then each part.

/// A key and what it stands for.
pub(crate) type Keyed = (u64, u32);

/// Below this length parts do not pay.
const SMALL: usize = 1 << 13;

/// Parts by the top bits of the key.
const PART_BITS: u32 = 9;

/// Sorts by key, then by what it stands for. The top bits of keys should be spread evenly.
pub(crate) fn sort(entries: Vec<Keyed>) -> Vec<Keyed> {
    if entries.len() < SMALL {
        return sorted(entries);
    }
    let part = |entry: &Keyed| (entry.0 >> (64 - PART_BITS)) as usize;
    let mut places = vec![0usize; 1 << PART_BITS];
    for entry in &entries {
        if let Some(size) = places.get_mut(part(entry)) {
            *size += 1;
        }
    }
    let mut end = 0;
    for place in &mut places {
        end += *place;
        *place = end - *place;
    }
    let mut parted = vec![(0, 0); entries.len()];
    for entry in &entries {
        let Some(place) = places.get_mut(part(entry)) else { continue };
        if let Some(to) = parted.get_mut(*place) {
            *to = *entry;
        }
        *place += 1;
    }
    let mut rest = parted.as_mut_slice();
    let mut start = 0;
    for end in places {
        let (here, after) = std::mem::take(&mut rest).split_at_mut(end - start);
        here.sort_unstable();
        (rest, start) = (after, end);
    }
    parted
}

fn sorted(mut entries: Vec<Keyed>) -> Vec<Keyed> {
    entries.sort_unstable();
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_change_nothing() {
        let key = |n: u32| super::super::hash::hash(&(n % 9_000).to_le_bytes());
        let entries: Vec<Keyed> = (0..30_000).map(|n| (key(n), n)).collect();
        assert_eq!(sort(entries.clone()), sorted(entries));
    }
}
