//! Numbers as pictures of one line: bars and trends.

use cdp::standing::Trend;

const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A bar of `width` characters at most, for a value of 0 up to `most`. What is not nothing shows.
pub(super) fn bar(value: u64, most: u64, width: u64) -> String {
    if value == 0 || most == 0 {
        return String::new();
    }
    let eighths = u128::from(value.min(most)) * u128::from(width) * 8 / u128::from(most);
    let eighths = usize::try_from(eighths.max(1)).unwrap_or(0);
    let rest = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{rest}", "█".repeat(eighths / 8))
}

/// A trend as a line of at most `width` characters: the newest point of each stretch, blank where there is none.
pub(super) fn sparkline(trend: &Trend, width: usize) -> String {
    let values: Vec<Option<f64>> = trend.points.iter().map(|point| point.value).collect();
    let (Some(min), Some(max)) = (trend.min, trend.max) else { return String::new() };
    let stretch = values.len().div_ceil(width.max(1)).max(1);
    // Counted from the end, so that the newest point is always there.
    let chosen = values.rchunks(stretch).rev().map(|stretch| stretch.last().copied().flatten());
    chosen.map(|value| value.map_or(' ', |value| level(value, min, max))).collect()
}

fn level(value: f64, min: f64, max: f64) -> char {
    let share = if max > min { (value - min) / (max - min) } else { 0.5 };
    let at = (share * 7.0).round().clamp(0.0, 7.0) as usize;
    LEVELS.get(at).copied().unwrap_or('█')
}

#[cfg(test)]
mod tests {
    use super::*;
    use cdp::refresh::history::{Series, StoredPoint};

    fn trend(values: &[Option<f64>]) -> Trend {
        let point = |(snapshot, value): (i64, &Option<f64>)| StoredPoint {
            snapshot: store::SnapshotId::new(snapshot),
            at: jiff::Timestamp::UNIX_EPOCH,
            dimension: None,
            value: *value,
        };
        let known = || values.iter().copied().flatten();
        Trend {
            series: Series::Segment { name: "x".into() },
            first: known().next(),
            last: known().last(),
            min: known().min_by(f64::total_cmp),
            max: known().max_by(f64::total_cmp),
            points: (1..).zip(values).map(point).collect(),
        }
    }

    #[test]
    fn a_bar_is_as_long_as_its_share_and_shows_whatever_is_not_nothing() {
        assert_eq!(bar(0, 10, 4), "");
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(5, 10, 3), "█▌");
        assert_eq!(bar(1, 1_000_000, 4), "▏");
        assert_eq!(bar(20, 10, 4), "████");
        assert_eq!(bar(u64::MAX, u64::MAX, 2), "██");
    }

    #[test]
    fn a_line_goes_from_the_smallest_to_the_greatest_and_ends_with_the_newest() {
        assert_eq!(sparkline(&trend(&[Some(0.0), None, Some(7.0)]), 10), "▁ █");
        assert_eq!(sparkline(&trend(&[Some(3.0), Some(3.0)]), 10), "▅▅");
        assert_eq!(sparkline(&trend(&[Some(0.0), Some(9.0), Some(1.0), Some(9.0), Some(7.0)]), 3), "▁▂▆");
        assert_eq!(sparkline(&trend(&[None]), 10), "");
    }
}
