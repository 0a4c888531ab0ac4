//! A crossing in words: the same words on every screen, message and payload.

use jiff::Timestamp;
use store::SnapshotId;

use super::{Crossing, Threshold, Way};

pub(super) fn crossing(
    threshold: &Threshold,
    dimension: Option<&str>,
    way: Way,
    previous_value: Option<f64>,
    value: f64,
    snapshot: SnapshotId,
    at: Timestamp,
) -> Crossing {
    let name = threshold.watched_name();
    let of = dimension.map(|dimension| format!(" ({dimension})")).unwrap_or_default();
    let verb = match (way, threshold.inclusive) {
        (Way::Above, false) => "rose above",
        (Way::Above, true) => "rose to or above",
        (Way::Below, false) => "fell below",
        (Way::Below, true) => "fell to or below",
    };
    let change = match previous_value {
        Some(previous) => format!("{} → {}", number(previous), number(value)),
        None => format!("first value {}", number(value)),
    };
    Crossing {
        threshold: threshold.name.clone(),
        name: name.to_owned(),
        dimension: dimension.map(str::to_owned),
        direction: way,
        level: threshold.level,
        previous_value,
        value,
        snapshot,
        at,
        sentence: format!("{name}{of} {verb} {} ({change})", number(threshold.level)),
    }
}

/// A number for people: thousands apart, at most four decimals, no needless zeros.
pub fn number(value: f64) -> String {
    let text = format!("{:.4}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut out = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) && whole.bytes().all(|b| b.is_ascii_digit()) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    if value < 0.0 && out != "0" { format!("-{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (950.0, "950"),
            (1012.0, "1,012"),
            (-1234567.5, "-1,234,567.5"),
            (112.408_96, "112.409"),
            (f64::INFINITY, "inf"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }
}
