//! The score of a fuzzy comparison.
//!
//! score = (base length − Levenshtein distance) / base length, and not below 0, where the *base* is the value of the
//! entity above (the left side of a condition) and both values are taken after normalization. Lengths and edits are
//! counted in Unicode scalar values; inserting, deleting and replacing one cost 1 each. A condition holds when the
//! score is at least its precision. The specification leaves the choice of the base open; the left side is the one
//! that exists before the row that is looked for, and the choice makes the score independent of how many rows match.

/// The score at a distance from a base of `chars` > 0.
pub(crate) fn score(chars: u32, distance: u32) -> f64 {
    f64::from(chars.saturating_sub(distance)) / f64::from(chars.max(1))
}

/// The most edits with which a base of `chars` still reaches `threshold`, found with the very division that `score`
/// does, so that both agree to the last bit.
pub(crate) fn max_edits(chars: u32, threshold: f64) -> u32 {
    let mut edits = ((1.0 - threshold) * f64::from(chars)).max(0.0) as u32;
    while edits > 0 && score(chars, edits) < threshold {
        edits -= 1;
    }
    while edits < chars && score(chars, edits + 1) >= threshold {
        edits += 1;
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_edits_are_those_whose_score_reaches_the_threshold() {
        for percent in 1..=100 {
            let threshold = f64::from(percent) / 100.0;
            for chars in 1..=60 {
                let naive = (0..=chars).filter(|edits| score(chars, *edits) >= threshold).max();
                assert_eq!(Some(max_edits(chars, threshold)), naive, "{chars} at {threshold}");
            }
        }
        assert_eq!(max_edits(10, 0.8), 2);
        assert_eq!(max_edits(22, 0.8), 4);
    }
}
