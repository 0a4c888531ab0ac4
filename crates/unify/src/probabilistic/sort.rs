//! Sorting of hashed numbers: spread by the top bits, twice, then the few that are left together.

/// Numbers of one part after the first spread, which stay in the nearest cache, and after the second.
const PART: usize = 256;
const FEW: usize = 8;
/// The most bits of one spread.
const MOST_BITS: u32 = 12;

/// Sorts numbers whose high bits are evenly spread, such as hashes. `spare` is only a buffer.
pub(crate) fn sort_hashed(numbers: &mut [u64], spare: &mut Vec<u64>) {
    let bits = (numbers.len() / PART).checked_ilog2().unwrap_or(0).min(MOST_BITS);
    if bits == 0 {
        numbers.sort_unstable();
        return;
    }
    spare.clear();
    spare.resize(numbers.len(), 0);
    let (mut ends, mut small_ends) = (Vec::new(), Vec::new());
    spread(numbers, spare, 64 - bits, bits, &mut ends);
    let mut start = 0;
    for end in ends {
        if let (Some(from), Some(to)) = (spare.get(start..end), numbers.get_mut(start..end)) {
            sort_part(from, to, 64 - bits, &mut small_ends);
        }
        start = end;
    }
}

/// Sorts the numbers of one part, which are equal from the bit `shift` on.
fn sort_part(from: &[u64], to: &mut [u64], shift: u32, ends: &mut Vec<usize>) {
    let bits = (from.len() / FEW).checked_ilog2().unwrap_or(0).min(MOST_BITS).min(shift);
    if bits == 0 {
        to.copy_from_slice(from);
        to.sort_unstable();
        return;
    }
    spread(from, to, shift - bits, bits, ends);
    let mut start = 0;
    for end in ends {
        if let Some(few) = to.get_mut(start..*end) {
            few.sort_unstable();
        }
        start = *end;
    }
}

/// Writes numbers in the order of some of their bits, equal ones in the order in which they were. Tells where the
/// numbers of each value of those bits end.
fn spread(from: &[u64], to: &mut [u64], shift: u32, bits: u32, ends: &mut Vec<usize>) {
    let part = |number: u64| (number >> shift) as usize & ((1 << bits) - 1);
    ends.clear();
    ends.resize(1 << bits, 0);
    for number in from {
        if let Some(count) = ends.get_mut(part(*number)) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for end in ends.iter_mut() {
        sum += std::mem::replace(end, sum);
    }
    // Each begins where the one before ends; once all numbers are in their places, it has moved on to its end.
    for number in from {
        let Some(next) = ends.get_mut(part(*number)) else { continue };
        if let Some(place) = to.get_mut(*next) {
            *place = *number;
        }
        *next += 1;
    }
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
    // `ends` moved on by one group: the first begins at 0 and each ends where the next begins.
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
        for (count, differ) in [(0, 1), (1, 1), (300, 300), (5_000, 4_000), (100_000, 100_000), (100_000, 10)]
        {
            let number = |n: u64| super::super::hash::mix(n % differ) & !0xfff | n & 0xf;
            let mut numbers: Vec<u64> = (0..count).map(number).collect();
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
