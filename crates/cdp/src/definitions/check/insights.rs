//! Measures, segments and thresholds: what they refer to.

use std::collections::BTreeMap;

use super::super::gather::{Part, Parts};
use super::super::model::{
    CUSTOMER, Direction, Measure, MeasureKind, Segment, SegmentRule, SetOperator, Threshold,
};
use super::super::node::Node;
use super::Checker;
use super::paths::{path_of, paths_of};

pub(super) fn check(parts: &Parts, checker: &mut Checker<'_>) {
    for part in &parts.measures {
        if let Some(measure) = &part.value {
            self::measure(measure, &part.node, checker);
        }
    }
    measure_cycles(&parts.measures, checker);
    for part in &parts.segments {
        if let Some(segment) = &part.value {
            self::segment(segment, &part.node, checker);
        }
    }
    for part in &parts.thresholds {
        if let Some(threshold) = &part.value {
            self::threshold(threshold, &part.node, &parts.measures, checker);
        }
    }
}

fn measure(measure: &Measure, node: &Node, checker: &mut Checker<'_>) {
    let is_short = node.get("calculate").and_then(Node::text).is_some();
    for calculation in &measure.calculations {
        let path = if is_short { "calculate".to_owned() } else { format!("calculate/{}", calculation.name) };
        let text = &calculation.calculate;
        checker.calculation(text.calculation(), text.text(), node.place_of(&path));
    }
    if let Some(filter) = &measure.filter {
        filter_paths(measure, node, filter, checker);
    }
    for (index, by) in measure.by.iter().enumerate() {
        let at = node.place_of(&format!("by/{index}"));
        match &by.entity {
            Some(entity) if entity != CUSTOMER => checker.attribute(entity, &by.attribute, at),
            _ => checker.attribute_of(CUSTOMER, &by.attribute, at),
        }
    }
    if measure.kind == MeasureKind::CustomerAttribute {
        customer_attribute(measure, node, checker);
    }
    if measure.calculations.is_empty() {
        let at = node.place_of("calculate");
        checker.problems.error(at, "emptyList", "a measure needs at least one calculation");
    }
}

/// In a measure's filter a name without an entity is an attribute of the entity that is calculated over.
fn filter_paths(
    measure: &Measure,
    node: &Node,
    filter: &super::super::model::RuleText,
    checker: &mut Checker<'_>,
) {
    let at = node.place_of("where");
    let first = measure.calculations.first().and_then(|it| path_of(it.calculate.calculation()));
    let entity = first.and_then(|path| path.entity.as_ref()).map(|entity| entity.value.as_str());
    let on_customer = |name: &str, checker: &Checker<'_>| {
        checker.known.attributes.get(CUSTOMER).is_none_or(|all| all.iter().any(|known| known == name))
    };
    for path in paths_of(filter.condition()) {
        match entity {
            Some(entity) if path.entity.is_none() && entity != CUSTOMER => {
                let has =
                    checker.known.attributes.get(entity).is_none_or(|all| all.contains(&path.name.value));
                if !has && !on_customer(&path.name.value, checker) {
                    let at = super::super::shape::check::inside(
                        at,
                        filter.text(),
                        path.name.span,
                        checker.problems,
                    );
                    checker.attribute_of(entity, &path.name.value, at);
                }
            }
            _ => checker.path(path, filter.text(), at),
        }
    }
}

fn customer_attribute(measure: &Measure, node: &Node, checker: &mut Checker<'_>) {
    if let Some(by) = node.entry("by") {
        let message = "a customer attribute has one value per customer, so it has no dimensions";
        let suggestion = Some("use the type `customerMeasure`, or leave `by` out".to_owned());
        checker.problems.suggest(by.key_place, "keysExclude", message, suggestion);
    }
    if measure.calculations.len() > 1 {
        let message = "a customer attribute has one value per customer, so it has one calculation";
        checker.problems.error(node.place_of("calculate"), "tooManyCalculations", message);
    }
}

/// The measures that a measure refers to.
fn measures_of<'m>(measure: &'m Measure, names: &[String]) -> Vec<&'m str> {
    let calculated = measure.calculations.iter().filter_map(|it| path_of(it.calculate.calculation()));
    let filtered = measure.filter.iter().flat_map(|filter| paths_of(filter.condition()));
    let is_measure = |name: &&str| *name != CUSTOMER && names.iter().any(|known| known == name);
    let of_path = |path: &'m lang::rule::Path| match &path.entity {
        Some(entity) if entity.value != CUSTOMER => entity.value.as_str(),
        _ => path.name.value.as_str(),
    };
    calculated.chain(filtered).map(of_path).filter(is_measure).collect()
}

fn measure_cycles(measures: &[Part<Measure>], checker: &mut Checker<'_>) {
    let edges: BTreeMap<&str, Vec<&str>> = measures
        .iter()
        .filter_map(|part| part.value.as_ref())
        .map(|measure| (measure.name.as_str(), measures_of(measure, &checker.names.measures)))
        .collect();
    for part in measures {
        let Some(measure) = &part.value else { continue };
        let mut open = edges.get(measure.name.as_str()).cloned().unwrap_or_default();
        let mut seen = Vec::new();
        while let Some(name) = open.pop() {
            if name == measure.name {
                let message = format!("the measure `{name}` is calculated from itself");
                checker.problems.error(part.node.place_of("name"), "cycle", message);
                break;
            }
            if !seen.contains(&name) {
                seen.push(name);
                open.extend(edges.get(name).into_iter().flatten());
            }
        }
    }
}

fn segment(segment: &Segment, node: &Node, checker: &mut Checker<'_>) {
    for (index, rule) in segment.rules.iter().enumerate() {
        let rule_node = if node.get("where").is_some() { node } else { node.at(&format!("rules/{index}")) };
        set_operator(index, rule, rule_node, checker);
        let entry = rule_node.entry(key_of(rule.set));
        let at = entry.map_or_else(|| rule_node.head(), |entry| entry.node.place);
        for path in paths_of(rule.where_.condition()) {
            checker.path(path, rule.where_.text(), at);
        }
    }
}

fn key_of(set: SetOperator) -> &'static str {
    match set {
        SetOperator::First => "where",
        SetOperator::Union => "union",
        SetOperator::Intersect => "intersect",
        SetOperator::Except => "except",
    }
}

fn set_operator(index: usize, rule: &SegmentRule, node: &Node, checker: &mut Checker<'_>) {
    match (index, rule.set) {
        (0, SetOperator::First) => {}
        (0, _) => {
            let message = "the first rule says which customers to begin with";
            let suggestion = Some("write `where`".to_owned());
            checker.problems.suggest(node.head(), "firstRule", message, suggestion);
        }
        (_, SetOperator::First) => {
            let message = "a later rule says how it changes the customers so far";
            let suggestion = Some("write `union`, `intersect` or `except`".to_owned());
            checker.problems.suggest(node.head(), "laterRule", message, suggestion);
        }
        _ => {}
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
