//! Segments checked against the entities and the measures.

use crate::conditions::{self, Catalog, Place, Predicate, Problem, Scope, Unknown};
use crate::definition::{Measure, RuleText, Segment, SegmentState, SetOperator};
use crate::measures::known_measures;
use crate::relationships::{CUSTOMER, CUSTOMER_ID, CUSTOMER_MEASURE, Direction, Graph, JoinTree};
use lang::diagnose::{Diagnostic, Span};
use std::collections::BTreeSet;

/// A segment that can be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedSegment {
    /// Its name.
    pub name: String,
    /// Its rules in order, at least one.
    pub rules: Vec<CheckedRule>,
}

/// A rule that can be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedRule {
    /// What it does to the customers before it.
    pub set: SetOperator,
    /// The entities that it reads; the root is Customer.
    pub tree: JoinTree,
    /// What one joined row must fulfil.
    pub condition: Predicate,
}

/// The problems of one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentProblems {
    /// The segment.
    pub segment: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

/// What checking one segment gave.
pub struct Outcome {
    /// The checked form, when nothing is wrong and everything is known.
    pub segment: Option<CheckedSegment>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What could not be checked, because too little is known.
    pub unknown: Vec<Unknown>,
}

/// Checks all segments. What is not in the catalog is an error; an entity that the catalog has without attributes
/// is not checked further. A draft has been checked for its form already, and is not checked here.
pub fn check(
    graph: &Graph,
    catalog: &Catalog,
    measures: &[Measure],
    segments: &[Segment],
) -> Vec<SegmentProblems> {
    let known = known_measures(graph, catalog, measures);
    let mut found = Vec::new();
    let mut seen: BTreeSet<String> = measures.iter().map(|measure| measure.name.to_lowercase()).collect();
    for segment in segments {
        let mut problems = check_one(graph, &known, segment).problems;
        if !seen.insert(segment.name.to_lowercase()) || catalog_has(catalog, &segment.name) {
            let message = format!("another segment, measure or entity is called {} too", segment.name);
            problems.push(whole("segmentNameConflict", message));
        }
        if !problems.is_empty() {
            found.push(SegmentProblems { segment: segment.name.clone(), problems });
        }
    }
    found
}

/// Whether the name is a system entity's. A published catalog also has the segments of the run before.
fn catalog_has(catalog: &Catalog, name: &str) -> bool {
    (name == CUSTOMER || name == CUSTOMER_MEASURE) && catalog.entity(name).is_some()
}

/// Checks one segment.
pub fn check_one(graph: &Graph, catalog: &Catalog, segment: &Segment) -> Outcome {
    let mut outcome = Outcome { segment: None, problems: Vec::new(), unknown: Vec::new() };
    if segment.state == SegmentState::Draft {
        return outcome;
    }
    if segment.rules.is_empty() {
        outcome.problems.push(whole("segmentWithoutRules", "a segment has a rule: `where: …`".to_owned()));
    }
    let mut rules = Vec::new();
    for (at, rule) in segment.rules.iter().enumerate() {
        if (at == 0) != (rule.set == SetOperator::First) {
            let message = "the first rule is `where`, the others are `union`, `intersect` or `except`";
            let diagnostic = Diagnostic::error("segmentRuleOrder", message, Span::default());
            outcome.problems.push(Problem { place: Place::Rule(at), diagnostic });
        }
        let checked = check_condition(graph, catalog, rule.set, &rule.where_);
        let problems = checked.problems.into_iter();
        outcome.problems.extend(problems.map(|diagnostic| Problem { place: Place::Rule(at), diagnostic }));
        outcome.unknown.extend(checked.unknown);
        rules.extend(checked.value);
    }
    let complete =
        rules.len() == segment.rules.len() && outcome.problems.is_empty() && outcome.unknown.is_empty();
    outcome.segment = complete.then(|| CheckedSegment { name: segment.name.clone(), rules });
    outcome
}

/// Checks the condition of one rule. The catalog has the measures already ([`known_measures`]).
pub fn check_condition(
    graph: &Graph,
    catalog: &Catalog,
    set: SetOperator,
    text: &RuleText,
) -> conditions::Checked<CheckedRule> {
    let conditions::Checked { value, mut problems, unknown } =
        conditions::check(text.condition(), Scope { catalog, home: CUSTOMER });
    let Some(condition) = value else { return conditions::Checked { value: None, problems, unknown } };
    let mut tree = JoinTree::new(CUSTOMER);
    tree.column(CUSTOMER, CUSTOMER_ID);
    let whole = Span::new(0, text.text().len());
    let mut said = BTreeSet::new();
    for attribute in condition.attributes() {
        let found = tree.read(graph, attribute, Direction::Any);
        if let Some(error) = found.err().filter(|_| said.insert(attribute.entity.as_str())) {
            problems.push(Diagnostic::error(error.code(), error.to_string(), whole));
        }
    }
    if let Err(error) = tree.one_path() {
        problems.push(Diagnostic::error(error.code(), error.to_string(), whole));
    }
    let value = problems.is_empty().then_some(CheckedRule { set, tree, condition });
    conditions::Checked { value, problems, unknown }
}

fn whole(code: &'static str, message: impl Into<String>) -> Problem {
    Problem { place: Place::Whole, diagnostic: Diagnostic::error(code, message, Span::default()) }
}
