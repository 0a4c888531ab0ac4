//! Sorting of hashed numbers: spread by the top bits, then small sorts that stay in the cache.

/// Numbers of one part after the spread.
const PART: usize = 256;

/// Sorts numbers whose high bits are evenly spread, such as hashes. `spare` is only a buffer.
pub(crate) fn sort_hashed(numbers: &mut Vec<u64>, spare: &mut Vec<u64>) {
    let bits = (numbers.len() / PART).checked_ilog2().unwrap_or(0).min(12);
    if bits == 0 {
        numbers.sort_unstable();
        return;
    }
    let part = |number: u64| (number >> (64 - bits)) as usize;
    let mut ends = vec![0usize; (1 << bits) + 1];
    for number in numbers.iter() {
        if let Some(count) = ends.get_mut(part(*number) + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += *end;
        *end = sum;
    }
    spare.clear();
    spare.resize(numbers.len(), 0);
    for number in numbers.iter() {
        let Some(next) = ends.get_mut(part(*number)) else { continue };
        if let Some(place) = spare.get_mut(*next) {
            *place = *number;
        }
        *next += 1;
    }
    // `ends` moved on by one part: the first begins at 0 and each ends where the next begins.
    let mut start = 0;
    for end in ends.iter().take(1 << bits) {
        if let Some(part) = spare.get_mut(start..*end) {
            part.sort_unstable();
        }
        start = *end;
    }
    std::mem::swap(numbers, spare);
}

/// Sorts numbers that come in several parts and fall into few groups, which ascend with the numbers: by counting,
/// then group by group. A group past the last is left out.
pub(crate) fn sort_grouped(parts: &[Vec<u64>], groups: usize, group: impl Fn(u64) -> usize) -> Vec<u64> {
    let mut ends = vec![0u32; groups + 1];
    for number in parts.iter().flatten() {
        if let Some(count) = ends.get_mut(group(*number) + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += *end;
        *end = sum;
    }
    let mut sorted = vec![0; sum as usize];
    for number in parts.iter().flatten() {
        let Some(next) = ends.get_mut(group(*number)).filter(|next| **next < sum) else { continue };
        if let Some(place) = sorted.get_mut(*next as usize) {
            *place = *number;
        }
        *next += 1;
    }
    // `ends` moved on by one group, as above.
    let mut start = 0;
    for end in ends.iter().take(groups) {
        if let Some(group) = sorted.get_mut(start as usize..*end as usize) {
            group.sort_unstable();
        }
        start = *end;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_in_order() {
        for count in [0, 1, 300, 5_000, 100_000] {
            let mut numbers: Vec<u64> = (0..count).map(super::super::hash::mix).collect();
            let mut expected = numbers.clone();
            expected.sort_unstable();
            sort_hashed(&mut numbers, &mut Vec::new());
            assert_eq!(numbers, expected);
        }
    }

    #[test]
    fn numbers_of_several_parts_come_out_in_order() {
        let parts: Vec<Vec<u64>> = (0..3)
            .map(|part| (part * 500..part * 700).map(|n| super::super::hash::mix(n) >> 50).collect())
            .collect();
        let mut expected = parts.concat();
        expected.sort_unstable();
        assert_eq!(sort_grouped(&parts, 256, |number| (number >> 6) as usize), expected);
        assert_eq!(sort_grouped(&[], 1, |number| number as usize), [] as [u64; 0]);
    }
}
