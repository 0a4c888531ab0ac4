//! Numbers as people of a language write them.

use super::Language;

/// How a language writes numbers.
struct Symbols {
    /// Between whole and fraction.
    decimal: char,
    /// Between groups of three digits.
    group: char,
    /// Before a negative number.
    minus: char,
    /// Digits that must stand before the first separator for there to be one.
    least_before_group: usize,
}

/// From CLDR, `main/<language>/numbers.json`: `decimal`, `group` and `minusSign` of `symbols-numberSystem-latn`, and
/// `minimumGroupingDigits`. The group of kk and bg is a no-break space.
fn symbols(language: Language) -> Symbols {
    let (decimal, group, minus, least_before_group) = match language {
        Language::English | Language::ChineseHongKong => ('.', ',', '-', 1),
        Language::Kazakh => (',', '\u{a0}', '-', 1),
        Language::Bulgarian => (',', '\u{a0}', '-', 2),
        Language::Basque => (',', '.', '−', 1),
        Language::Romanian => (',', '.', '-', 1),
    };
    Symbols { decimal, group, minus, least_before_group }
}

/// A number with at least `least` and at most `most` decimals. What is no finite number stays as Rust writes it.
pub(super) fn number(language: Language, value: f64, least: usize, most: usize) -> String {
    let Symbols { decimal, group, minus, least_before_group } = symbols(language);
    let text = format!("{:.*}", most.max(least), value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let kept = fraction.trim_end_matches('0').len().max(least);
    let fraction: String = fraction.chars().take(kept).collect();
    let grouped = value.is_finite() && whole.len() >= 3 + least_before_group;
    let mut out = String::new();
    for (position, digit) in whole.chars().enumerate() {
        let left = whole.len().saturating_sub(position);
        if grouped && position > 0 && left.is_multiple_of(3) {
            out.push(group);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(decimal);
        out.push_str(&fraction);
    }
    let is_zero = !out.contains(|c: char| c != '0' && c != decimal);
    if value < 0.0 && !is_zero { format!("{minus}{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        let of = |value| Language::ALL.map(|language| number(language, value, 0, 4));
        assert_eq!(
            of(1_234_567.5),
            [
                "1,234,567.5",
                "1\u{a0}234\u{a0}567,5",
                "1\u{a0}234\u{a0}567,5",
                "1.234.567,5",
                "1,234,567.5",
                "1.234.567,5"
            ]
        );
        assert_eq!(of(-1_234.0), ["-1,234", "-1\u{a0}234", "-1234", "−1.234", "-1,234", "-1.234"]);
        assert_eq!(of(999.123_45), ["999.1235", "999,1235", "999,1235", "999,1235", "999.1235", "999,1235"]);
    }

    #[test]
    fn decimals_are_as_many_as_asked_for() {
        let cases = [
            (3.0, 1, 1, "3.0"),
            (3.06, 1, 1, "3.1"),
            (99.99, 1, 1, "100.0"),
            (-0.0, 0, 4, "0"),
            (-0.000_01, 0, 4, "0"),
            (-0.01, 1, 1, "0.0"),
            (f64::INFINITY, 0, 4, "inf"),
            (f64::NEG_INFINITY, 0, 4, "-inf"),
        ];
        for (value, least, most, text) in cases {
            assert_eq!(number(Language::English, value, least, most), text);
        }
        assert_eq!(number(Language::English, f64::NAN, 0, 4), "NaN");
    }

    #[test]
    fn english_numbers_are_those_of_the_crossings() {
        for value in [0.0, 950.0, 1012.0, -1_234_567.5, 112.408_96, 1e12, -0.5] {
            assert_eq!(number(Language::English, value, 0, 4), events::thresholds::number(value));
        }
    }
}
