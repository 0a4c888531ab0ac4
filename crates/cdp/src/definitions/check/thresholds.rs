//! Thresholds: what they watch, and levels that contradict each other.

use super::super::gather::{Part, Parts};
use super::super::model::{Direction, Measure, MeasureKind, Threshold};
use super::super::node::Node;
use super::Checker;

pub(super) fn check(parts: &Parts, checker: &mut Checker<'_>) {
    for part in &parts.thresholds {
        if let Some(threshold) = &part.value {
            self::threshold(threshold, &part.node, &parts.measures, checker);
        }
    }
}

fn threshold(threshold: &Threshold, node: &Node, measures: &[Part<Measure>], checker: &mut Checker<'_>) {
    if let Some(name) = &threshold.segment
        && !checker.names.segments.contains(name)
    {
        let suggestion = super::near(name, &checker.names.segments);
        let message = format!("there is no segment `{name}`");
        checker.problems.suggest(node.place_of("segment"), "unknownSegment", message, suggestion);
    }
    if let Some(name) = &threshold.measure {
        watched_measure(threshold, name, node, measures, checker);
    } else if let Some(entry) = node.entry("calculation") {
        let message = "`calculation` belongs to a measure; a segment has only its size";
        checker.problems.error(entry.key_place, "keysExclude", message);
    }
    rearm(threshold, node, checker);
}

fn watched_measure(
    threshold: &Threshold,
    name: &str,
    node: &Node,
    measures: &[Part<Measure>],
    checker: &mut Checker<'_>,
) {
    if !checker.names.measures.iter().any(|known| known == name) {
        let suggestion = super::near(name, &checker.names.measures);
        let message = format!("there is no measure `{name}`");
        return checker.problems.suggest(node.place_of("measure"), "unknownMeasure", message, suggestion);
    }
    let Some(measure) = measures.iter().filter_map(|part| part.value.as_ref()).find(|it| it.name == name)
    else {
        return;
    };
    if measure.kind != MeasureKind::Business {
        let message = format!("only business measures can be watched; `{name}` has a value per customer");
        checker.problems.error(node.place_of("measure"), "notBusinessMeasure", message);
    }
    let names: Vec<String> = measure.calculations.iter().map(|it| it.name.clone()).collect();
    match &threshold.calculation {
        Some(calculation) if !names.contains(calculation) => {
            let message = format!("the measure `{name}` has no calculation `{calculation}`");
            let suggestion = super::near(calculation, &names);
            checker.problems.suggest(node.place_of("calculation"), "unknownCalculation", message, suggestion);
        }
        None if names.len() > 1 => {
            let message = format!("the measure `{name}` has several calculations: say which one is watched");
            let suggestion = Some(format!("`calculation` is one of {}", names.join(", ")));
            checker.problems.suggest(node.place_of("measure"), "missingKey", message, suggestion);
        }
        _ => {}
    }
}

/// The band must be on the other side of the level.
fn rearm(threshold: &Threshold, node: &Node, checker: &mut Checker<'_>) {
    let level = threshold.level;
    let mut check = |key: &str, value: Option<f64>, useless: Direction, wrong: bool, side: &str| {
        let Some(value) = value else { return };
        if threshold.direction == useless {
            let message = format!("`{key}` has no effect with this direction");
            checker.problems.error(node.place_of(key), "keysExclude", message);
        } else if wrong {
            let message = format!("`{key}` is {value}; it cannot be {side} the level, {level}");
            checker.problems.error(node.place_of(key), "outOfRange", message);
        }
    };
    let above_level = threshold.rearm_below.is_some_and(|value| value > level);
    let below_level = threshold.rearm_above.is_some_and(|value| value < level);
    check("rearmBelow", threshold.rearm_below, Direction::Below, above_level, "above");
    check("rearmAbove", threshold.rearm_above, Direction::Above, below_level, "below");
}
