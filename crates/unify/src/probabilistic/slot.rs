//! Texts in slots of fixed size, and how alike two of them are.

/// A text in `N` bytes, zeros at its end. Of a longer text the last four bytes are a hash of the whole.
pub(crate) fn slot<const N: usize>(text: &[u8]) -> [u8; N] {
    let mut slot = [0; N];
    if text.len() <= N {
        if let Some(room) = slot.get_mut(..text.len()) {
            room.copy_from_slice(text);
        }
        return slot;
    }
    slot.copy_from_slice(text.get(..N).unwrap_or(&[0; N]));
    // The high bits keep the hash apart from the end of a shorter text.
    let hash = (super::hash::bytes(text) as u32 | 0x8080_8080).to_le_bytes();
    if let Some(end) = slot.last_chunk_mut::<4>() {
        *end = hash;
    }
    slot
}

/// The length of the text in a slot.
pub(crate) fn len<const N: usize>(slot: &[u8; N]) -> usize {
    let (words, _) = slot.as_chunks::<8>();
    let mut len = 0;
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        if word != 0 {
            len = at * 8 + 8 - word.leading_zeros() as usize / 8;
        }
    }
    len
}

/// Whether a slot holds nothing.
pub(crate) fn is_empty<const N: usize>(slot: &[u8; N]) -> bool {
    slot[0] == 0
}

const LOW: u64 = 0x0101_0101_0101_0101;
const SEVEN: u64 = 0x7f7f_7f7f_7f7f_7f7f;

/// A bit for each of eight bytes that equals `byte`.
fn equal8(word: u64, byte: u8) -> u32 {
    let differs = word ^ (LOW * u64::from(byte));
    let zero = !(((differs & SEVEN) + SEVEN) | differs | SEVEN) >> 7;
    (zero.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}

/// A bit for each byte of a slot that equals `byte`.
fn equal<const N: usize>(slot: &[u8; N], byte: u8) -> u32 {
    let (words, _) = slot.as_chunks::<8>();
    let mut mask = 0;
    for (at, word) in words.iter().enumerate() {
        mask |= equal8(u64::from_le_bytes(*word), byte) << (at * 8);
    }
    mask
}

/// Jaro–Winkler similarity, 0 to 1, of texts in slots of at most 32 bytes (Winkler 1990: prefix of at most four
/// bytes, weight 0.1, added where Jaro's similarity is above 0.7). Gives 0 where it cannot reach `least`.
pub(crate) fn jaro_winkler<const N: usize>(a: &[u8; N], b: &[u8; N], least: f64) -> f64 {
    // The measure is not symmetric: the order of the texts decides, not that of the records.
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    let (len_a, len_b) = (len(a), len(b));
    if len_a == 0 || len_b == 0 {
        return 0.0;
    }
    let prefix = a.iter().zip(b).take(4.min(len_a.min(len_b))).take_while(|(a, b)| a == b).count() as f64;
    let lift = |jaro: f64| if jaro > 0.7 { jaro + 0.1 * prefix * (1.0 - jaro) } else { jaro };
    let fewest = fewest(len_a, len_b, (least - 0.1 * prefix) / (1.0 - 0.1 * prefix));
    if fewest > len_a.min(len_b) {
        return 0.0;
    }
    let (matches, halves) = matching(a, len_a, b, len_b, fewest);
    if matches == 0 {
        return 0.0;
    }
    let m = f64::from(matches);
    lift((m / len_a as f64 + m / len_b as f64 + (m - f64::from(halves / 2)) / m) / 3.0)
}

/// The bytes that must match for a similarity after Jaro of at least `least`, were all of them in order.
fn fewest(len_a: usize, len_b: usize, least: f64) -> usize {
    let (len_a, len_b) = (len_a as f64, len_b as f64);
    ((3.0 * least - 1.0) * len_a * len_b / (len_a + len_b) - 1e-6).ceil() as usize
}

/// How many bytes of two texts match near their places, and how many of those stand in another order. Ends with
/// zeros as soon as fewer than `fewest` can match.
fn matching<const N: usize>(
    a: &[u8; N],
    len_a: usize,
    b: &[u8; N],
    len_b: usize,
    fewest: usize,
) -> (u32, u32) {
    let window = (len_a.max(len_b) / 2).saturating_sub(1);
    let all = ((1u64 << len_b) - 1) as u32;
    let (mut used, mut matched) = (0u32, [0u8; N]);
    let mut count = 0;
    for (at, byte) in a.iter().take(len_a).enumerate() {
        if count + len_a - at < fewest {
            return (0, 0);
        }
        let up_to = (1u64 << (at + window + 1).min(32)) - 1;
        let from = (1u64 << at.saturating_sub(window)) - 1;
        let near = (up_to & !from) as u32 & all;
        let free = equal(b, *byte) & near & !used;
        if free != 0 {
            used |= free & free.wrapping_neg();
            if let Some(place) = matched.get_mut(count) {
                *place = *byte;
            }
            count += 1;
        }
    }
    if count < fewest {
        return (0, 0);
    }
    let mut halves = 0;
    let mut rest = used;
    for byte in matched.iter().take(count) {
        let at = rest.trailing_zeros() as usize;
        rest &= rest.wrapping_sub(1);
        halves += u32::from(b.get(at) != Some(byte));
    }
    (count as u32, halves)
}

/// Whether one text becomes the other by one edit: a byte changed, put in, left out, or two neighbours exchanged
/// (restricted Damerau–Levenshtein distance 1). Equal texts do not.
pub(crate) fn one_edit<const N: usize>(a: &[u8; N], b: &[u8; N]) -> bool {
    let (len_a, len_b) = (len(a), len(b));
    if len_a.abs_diff(len_b) > 1 {
        return false;
    }
    let shorter = len_a.min(len_b);
    let start = a.iter().zip(b).take(shorter).take_while(|(a, b)| a == b).count();
    let left_a = a.get(start..len_a).unwrap_or(&[]);
    let left_b = b.get(start..len_b).unwrap_or(&[]);
    match (left_a, left_b) {
        ([], []) => false,
        ([_, rest_a @ ..], [_, rest_b @ ..]) if rest_a == rest_b => true,
        ([_, rest @ ..], whole) | (whole, [_, rest @ ..]) if rest == whole => true,
        ([a1, a2, rest_a @ ..], [b1, b2, rest_b @ ..]) => a1 == b2 && a2 == b1 && rest_a == rest_b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive_one_edit(a: &[u8], b: &[u8]) -> bool {
        let a = std::str::from_utf8(a).unwrap();
        let b = std::str::from_utf8(b).unwrap();
        strsim::osa_distance(a, b) == 1
    }

    proptest! {
        #[test]
        fn similarity_is_that_of_the_reference(a in "[a-d]{1,32}", b in "[a-d]{1,32}") {
            let (low, high) = if a <= b { (&a, &b) } else { (&b, &a) };
            let expected = strsim::jaro_winkler(low, high);
            let found = jaro_winkler::<32>(&slot(a.as_bytes()), &slot(b.as_bytes()), 0.0);
            prop_assert!((expected - found).abs() < 1e-5, "{a} {b} {expected} {found}");
            let cut = jaro_winkler::<32>(&slot(a.as_bytes()), &slot(b.as_bytes()), 0.88);
            prop_assert!((cut - found).abs() < 1e-5 || found < 0.88);
        }

        #[test]
        fn one_edit_is_that_of_the_reference(a in "[ab]{0,8}", b in "[ab]{0,8}") {
            let found = one_edit::<16>(&slot(a.as_bytes()), &slot(b.as_bytes()));
            prop_assert_eq!(found, naive_one_edit(a.as_bytes(), b.as_bytes()), "{} {}", a, b);
        }
    }

    #[test]
    fn long_texts_are_equal_only_when_they_are() {
        let one = slot::<16>(b"wolfeschlegelsteinhausen");
        assert_eq!(one, slot::<16>(b"wolfeschlegelsteinhausen"));
        assert_ne!(one, slot::<16>(b"wolfeschlegelsteinhausem"));
        assert_eq!(len(&one), 16);
        assert_eq!(len(&slot::<16>(b"abc")), 3);
    }
}
