//! When a failed call is tried again.
//!
//! Gaps are those that Logic Apps documents: for an interval `i`, the n-th gap of an exponential policy is
//! uniform in [max(2^(n-2)·i, min), min(2^(n-1)·i, max)], the first in [min, i]. A flow that names no policy
//! gets Logic Apps' default: exponential, 4 retries, interval 7.5 s, gaps within 5–45 s.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limits::{MAX_RETRY_GAP, MIN_RETRY_GAP};

/// How often and when a failed call is tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum RetryPolicy {
    /// Never.
    None,
    /// After equal gaps.
    Fixed {
        /// How often.
        count: u32,
        /// The gap.
        interval: Duration,
    },
    /// After growing gaps, spread at random.
    Exponential {
        /// How often.
        count: u32,
        /// The scale.
        interval: Duration,
        /// No gap is shorter.
        min: Duration,
        /// No gap is longer.
        max: Duration,
    },
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::Exponential {
            count: 4,
            interval: Duration::from_millis(7_500),
            min: Duration::from_secs(5),
            max: Duration::from_secs(45),
        }
    }
}

impl RetryPolicy {
    /// How often a call is tried again.
    pub fn count(&self) -> u32 {
        match self {
            Self::None => 0,
            Self::Fixed { count, .. } | Self::Exponential { count, .. } => *count,
        }
    }

    /// The gap after the `failed`-th attempt failed (1 for the first), or nothing when it was the last.
    /// `asked` is what the other side asked for and wins; `chance` (0 ≤ chance < 1) places the gap.
    pub fn gap(&self, failed: u32, asked: Option<Duration>, chance: f64) -> Option<Duration> {
        if failed > self.count() {
            return None;
        }
        if let Some(asked) = asked {
            return Some(asked.min(MAX_RETRY_GAP));
        }
        let gap = match self {
            Self::None => return None,
            Self::Fixed { interval, .. } => *interval,
            Self::Exponential { interval, min, max, .. } => {
                let scale = |power: u32| interval.saturating_mul(1u32.checked_shl(power).unwrap_or(u32::MAX));
                let low = if failed < 2 { *min } else { scale(failed.saturating_sub(2)).max(*min) };
                let high = scale(failed.saturating_sub(1)).min(*max);
                let low = low.min(*max);
                let spread = high.saturating_sub(low);
                low.saturating_add(spread.mul_f64(chance.clamp(0.0, 1.0)))
            }
        };
        Some(gap.clamp(MIN_RETRY_GAP, MAX_RETRY_GAP))
    }
}

/// Whether a call that was answered with this HTTP status may succeed another time.
pub(super) fn is_transient(status_code: u16) -> bool {
    matches!(status_code, 408 | 429 | 500..=599)
}

/// What a `Retry-After` header asks for, as seconds or as an HTTP date.
pub fn retry_after(header: &str, now: jiff::Timestamp) -> Option<Duration> {
    if let Ok(seconds) = header.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header.trim()).ok()?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn the_default_gaps_are_those_of_logic_apps() {
        let policy = RetryPolicy::default();
        let gaps = |chance: f64| -> Vec<Option<u128>> {
            (1..=5).map(|n| policy.gap(n, None, chance).map(|gap| gap.as_millis())).collect()
        };
        assert_eq!(gaps(0.0), [Some(5_000), Some(7_500), Some(15_000), Some(30_000), None]);
        assert_eq!(gaps(1.0), [Some(7_500), Some(15_000), Some(30_000), Some(45_000), None]);
    }

    #[test]
    fn what_the_other_side_asks_for_wins_but_not_beyond_a_day() {
        let policy = RetryPolicy::Fixed { count: 1, interval: S(60) };
        assert_eq!(policy.gap(1, Some(S(1)), 0.5), Some(S(1)));
        assert_eq!(policy.gap(1, Some(S(1_000_000)), 0.5), Some(S(86_400)));
        assert_eq!(policy.gap(2, Some(S(1)), 0.5), None);
    }

    #[test]
    fn a_huge_count_does_not_overflow() {
        let policy = RetryPolicy::Exponential { count: 90, interval: S(3_600), min: S(5), max: S(7_200) };
        assert_eq!(policy.gap(90, None, 0.5), Some(S(7_200)));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: jiff::Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after(" 7 ", now), Some(S(7)));
        assert_eq!(retry_after("Mon, 05 Jan 2026 10:01:00 GMT", now), Some(S(60)));
        assert_eq!(retry_after("Mon, 05 Jan 2026 09:00:00 GMT", now), Some(S(0)));
        assert_eq!(retry_after("soon", now), None);
    }
}
