//! When a number crosses a level: the pure step from one state and one value to the next.
//!
//! A detector per way. It is *armed* while the number is on the near side, counts how many values in a row
//! are past the level, fires at `confirm`, and is then disarmed until the number is back (past the re-arm
//! level where there is one).

use jiff::{SignedDuration, Timestamp};

use super::{Direction, Threshold, Way};

/// What is remembered of a watched number between refreshes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct State {
    /// The last value.
    pub value: f64,
    /// Detector of crossings above.
    pub up: Detector,
    /// Detector of crossings below.
    pub down: Detector,
    /// When it last crossed, either way.
    pub crossed_at: Option<Timestamp>,
}

/// One detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detector {
    /// It may fire.
    pub armed: bool,
    /// How many values in a row were past the level.
    pub streak: u32,
}

/// The state after `value`, and the way the number crossed, if it did.
pub(crate) fn step(
    threshold: &Threshold,
    before: Option<&State>,
    value: f64,
    at: Timestamp,
) -> (State, Option<Way>) {
    let Some(before) = before else {
        let first = first(threshold, value);
        return if threshold.fire_on_first {
            advance(threshold, &first, value, at)
        } else {
            (settle(threshold, value), None)
        };
    };
    advance(threshold, before, value, at)
}

/// The state that a value leaves when it only sets the level.
pub(crate) fn settle(threshold: &Threshold, value: f64) -> State {
    State {
        value,
        up: Detector { armed: !is_past(threshold, Way::Above, value), streak: 0 },
        down: Detector { armed: !is_past(threshold, Way::Below, value), streak: 0 },
        crossed_at: None,
    }
}

fn first(threshold: &Threshold, value: f64) -> State {
    let armed = Detector { armed: true, streak: 0 };
    State { up: armed, down: armed, ..settle(threshold, value) }
}

fn advance(threshold: &Threshold, before: &State, value: f64, at: Timestamp) -> (State, Option<Way>) {
    let cooling = match (threshold.cooldown, before.crossed_at) {
        (Some(cooldown), Some(crossed)) => at.duration_since(crossed) < cooldown.max(SignedDuration::ZERO),
        _ => false,
    };
    let (up, rose) = detect(threshold, Way::Above, before.up, value, cooling);
    let (down, fell) = detect(threshold, Way::Below, before.down, value, cooling);
    let way = match (rose, fell) {
        (true, _) => Some(Way::Above),
        (false, true) => Some(Way::Below),
        (false, false) => None,
    };
    let crossed_at = if way.is_some() { Some(at) } else { before.crossed_at };
    (State { value, up, down, crossed_at }, way)
}

fn detect(threshold: &Threshold, way: Way, before: Detector, value: f64, cooling: bool) -> (Detector, bool) {
    if !is_past(threshold, way, value) {
        return (Detector { armed: before.armed || is_rearmed(threshold, way, value), streak: 0 }, false);
    }
    if !before.armed {
        return (before, false);
    }
    let streak = before.streak.saturating_add(1);
    let fires = streak >= threshold.confirm.max(1) && !cooling && wants(threshold, way);
    (Detector { armed: !fires, streak: if fires { 0 } else { streak } }, fires)
}

fn wants(threshold: &Threshold, way: Way) -> bool {
    matches!(
        (threshold.direction, way),
        (Direction::Either, _) | (Direction::Above, Way::Above) | (Direction::Below, Way::Below)
    )
}

fn is_past(threshold: &Threshold, way: Way, value: f64) -> bool {
    match (way, threshold.inclusive) {
        (Way::Above, false) => value > threshold.level,
        (Way::Above, true) => value >= threshold.level,
        (Way::Below, false) => value < threshold.level,
        (Way::Below, true) => value <= threshold.level,
    }
}

/// Whether a value that is not past the level arms a fired detector again.
fn is_rearmed(threshold: &Threshold, way: Way, value: f64) -> bool {
    match way {
        Way::Above => threshold.rearm_below.is_none_or(|band| value < band),
        Way::Below => threshold.rearm_above.is_none_or(|band| value > band),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn threshold(level: f64) -> Threshold {
        Threshold {
            name: "t".into(),
            segment: Some("S".into()),
            measure: None,
            calculation: None,
            level,
            direction: Direction::Above,
            inclusive: false,
            fire_on_first: false,
            rearm_below: None,
            rearm_above: None,
            confirm: 1,
            cooldown: None,
        }
    }

    /// The values, one an hour, and the index of each that crossed.
    fn crossings(threshold: &Threshold, values: &[f64]) -> Vec<(usize, Way)> {
        let mut state = None;
        let mut found = Vec::new();
        for (n, value) in values.iter().enumerate() {
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(n as i64);
            let (next, way) = step(threshold, state.as_ref(), *value, at);
            found.extend(way.map(|way| (n, way)));
            state = Some(next);
        }
        found
    }

    use Way::{Above, Below};

    #[test]
    fn a_number_crosses_above_when_it_was_at_most_the_level_and_is_now_more() {
        assert_eq!(
            crossings(&threshold(10.0), &[10.0, 10.0, 11.0, 12.0, 10.0, 11.0]),
            [(2, Above), (5, Above)]
        );
    }

    #[test]
    fn reaching_the_level_counts_only_when_inclusive() {
        let inclusive = Threshold { inclusive: true, ..threshold(10.0) };
        assert_eq!(crossings(&threshold(10.0), &[9.0, 10.0]), []);
        assert_eq!(crossings(&inclusive, &[9.0, 10.0]), [(1, Above)]);
    }

    #[test]
    fn the_first_value_only_sets_the_level_unless_it_may_fire() {
        let first = Threshold { fire_on_first: true, ..threshold(10.0) };
        assert_eq!(crossings(&threshold(10.0), &[11.0, 12.0]), []);
        assert_eq!(crossings(&first, &[11.0, 12.0]), [(0, Above)]);
        assert_eq!(crossings(&first, &[9.0, 12.0]), [(1, Above)]);
    }

    #[test]
    fn a_band_keeps_a_number_that_hovers_from_crossing_again() {
        let band = Threshold { rearm_below: Some(8.0), ..threshold(10.0) };
        assert_eq!(crossings(&band, &[9.0, 11.0, 9.0, 11.0, 8.0, 11.0, 7.9, 11.0]), [(1, Above), (7, Above)]);
    }

    #[test]
    fn confirm_wants_the_number_past_the_level_that_many_times_in_a_row() {
        let confirm = Threshold { confirm: 3, ..threshold(10.0) };
        assert_eq!(crossings(&confirm, &[9.0, 11.0, 11.0, 9.0, 11.0, 11.0, 11.0, 11.0]), [(6, Above)]);
    }

    #[test]
    fn a_crossing_inside_the_cooldown_waits_and_is_reported_after_it() {
        let cooldown = Threshold { cooldown: Some(SignedDuration::from_hours(4)), ..threshold(10.0) };
        assert_eq!(crossings(&cooldown, &[9.0, 11.0, 9.0, 11.0, 11.0, 11.0]), [(1, Above), (5, Above)]);
        assert_eq!(crossings(&cooldown, &[9.0, 11.0, 9.0, 11.0, 9.0, 9.0]), [(1, Above)]);
    }

    #[test]
    fn below_and_either_mirror_above() {
        let below = Threshold { direction: Direction::Below, rearm_above: Some(12.0), ..threshold(10.0) };
        assert_eq!(crossings(&below, &[10.0, 9.0, 11.0, 9.0, 13.0, 9.0]), [(1, Below), (5, Below)]);
        let either = Threshold { direction: Direction::Either, ..threshold(10.0) };
        assert_eq!(crossings(&either, &[9.0, 11.0, 9.0, 11.0]), [(1, Above), (2, Below), (3, Above)]);
    }

    proptest! {
        #[test]
        fn without_options_it_equals_the_definition(values in prop::collection::vec(-3i32..4, 0..40)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let naive: Vec<_> = (1..values.len())
                .filter(|n| values[n - 1] <= 0.0 && values[*n] > 0.0)
                .map(|n| (n, Above))
                .collect();
            prop_assert_eq!(crossings(&threshold(0.0), &values), naive);
        }

        #[test]
        fn above_and_below_alternate_and_either_is_their_union(values in prop::collection::vec(-3i32..4, 0..40)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let either = crossings(&Threshold { direction: Direction::Either, ..threshold(0.0) }, &values);
            let mut both = crossings(&threshold(0.0), &values);
            both.extend(crossings(&Threshold { direction: Direction::Below, ..threshold(0.0) }, &values));
            both.sort_by_key(|(n, _)| *n);
            prop_assert_eq!(either, both);
        }
    }
}
