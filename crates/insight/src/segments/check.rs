//! Segments checked against the entities and the measures.

use super::order::circles;
use crate::conditions::{
    Attribute, Catalog, Checked, CustomerSetting, Kind, Now, Place, Predicate, Problem, Resolved, Scope,
    Setting, Unknown, check_in,
};
use crate::definition::{MAX_TAGS, Measure, Segment, SegmentRule, SegmentState, SetOperator};
use crate::measures::{known_measures, via_problems};
use crate::relationships::{CUSTOMER, CUSTOMER_ID, CUSTOMER_MEASURE, Direction, Graph, JoinTree};
use lang::attribute::AttributeRef;
use lang::diagnose::{Diagnostic, Span};
use std::collections::BTreeSet;

/// A segment that can be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedSegment {
    /// Its name.
    pub name: String,
    /// Its rules in order, at least one.
    pub rules: Vec<CheckedRule>,
    /// The attributes of related entities that are columns of its entity, in order.
    pub project: Vec<Projection>,
}

impl CheckedSegment {
    /// The segment with every relative moment as a constant.
    #[must_use]
    pub fn at(&self, now: &Now) -> Self {
        let rules = self.rules.iter().map(|rule| rule.at(now)).collect();
        Self { rules, ..self.clone() }
    }

    /// The segments that it asks for, each once.
    pub fn reads(&self) -> BTreeSet<&str> {
        self.rules.iter().flat_map(|rule| rule.condition.segments()).collect()
    }
}

/// One projected attribute: for each member, one row per distinct combination of the values of all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// The column's name: the attribute's, with the entity before it where Customer or another one has that name.
    pub column: String,
    /// Whose values they are.
    pub attribute: Attribute,
    /// The way from Customer to them; the root is Customer.
    pub tree: JoinTree,
}

/// A rule that can be evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedRule {
    /// What it does to the customers before it.
    pub set: SetOperator,
    /// The entities that it reads; the root is Customer.
    pub tree: JoinTree,
    /// What one joined row must fulfil. Its aggregates have trees of their own, over the customer's rows.
    pub condition: Predicate,
}

impl CheckedRule {
    /// The rule with every relative moment as a constant.
    #[must_use]
    pub fn at(&self, now: &Now) -> Self {
        Self { condition: self.condition.at(now), ..self.clone() }
    }
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
    let known = known_segments(&known_measures(graph, catalog, measures), segments);
    let circles = circles(segments);
    let mut found = Vec::new();
    let mut seen: BTreeSet<String> = measures.iter().map(|measure| measure.name.to_lowercase()).collect();
    for segment in segments {
        let mut problems = check_one(graph, &known, segment).problems;
        if !seen.insert(segment.name.to_lowercase()) || catalog_has(catalog, &segment.name) {
            let message = format!("another segment, measure or entity is called {} too", segment.name);
            problems.push(whole("segmentNameConflict", message));
        }
        if let Some(circle) = circles.iter().find(|circle| circle.contains(&segment.name)) {
            problems.push(whole("segmentCircle", circle_message(circle)));
        }
        if !problems.is_empty() {
            found.push(SegmentProblems { segment: segment.name.clone(), problems });
        }
    }
    found
}

/// What is said about segments that ask for each other.
pub fn circle_message(circle: &[String]) -> String {
    let first = circle.first().map_or("", String::as_str);
    format!("segments ask for each other in a circle: {} → {first}", circle.join(" → "))
}

/// The catalog with these segments, so that their members can be asked for.
pub fn known_segments(catalog: &Catalog, segments: &[Segment]) -> Catalog {
    let mut catalog = catalog.clone();
    segments.iter().for_each(|segment| catalog.add_segment(&segment.name, segment.state));
    catalog
}

/// Whether the name is a system entity's. A published catalog also has the segments of the run before.
fn catalog_has(catalog: &Catalog, name: &str) -> bool {
    (name == CUSTOMER || name == CUSTOMER_MEASURE) && catalog.entity(name).is_some()
}

/// Checks one segment. A draft, and one that is a query, have no checked form.
pub fn check_one(graph: &Graph, catalog: &Catalog, segment: &Segment) -> Outcome {
    let mut outcome = Outcome { segment: None, problems: Vec::new(), unknown: Vec::new() };
    if segment.state == SegmentState::Draft {
        return outcome;
    }
    shape(segment, &mut outcome.problems);
    let mut rules = Vec::new();
    for (at, rule) in segment.rules.iter().enumerate() {
        let checked = check_condition(graph, catalog, rule, segment.ignore_case);
        let problems = checked.problems.into_iter();
        outcome.problems.extend(problems.map(|diagnostic| Problem { place: Place::Rule(at), diagnostic }));
        outcome.unknown.extend(checked.unknown);
        rules.extend(checked.value);
    }
    let project = projections(graph, catalog, segment, &mut outcome);
    let complete = rules.len() == segment.rules.len()
        && segment.sql.is_none()
        && outcome.problems.is_empty()
        && outcome.unknown.is_empty();
    outcome.segment = complete.then(|| CheckedSegment { name: segment.name.clone(), rules, project });
    outcome
}

/// What can be said without knowing any entity.
fn shape(segment: &Segment, problems: &mut Vec<Problem>) {
    if segment.rules.is_empty() && segment.sql.is_none() {
        problems.push(whole("segmentWithoutRules", "a segment has a rule: `where: …`"));
    }
    if segment.sql.is_some() && !segment.rules.is_empty() {
        let message = "a segment is a query or rules; with sql, put everything into the query";
        problems.push(whole("sqlAndRules", message));
    }
    if segment.tags.len() > MAX_TAGS {
        let message = format!("{} tags; a segment has at most {MAX_TAGS}", segment.tags.len());
        problems.push(whole("tooManyTags", message));
    }
    for (at, rule) in segment.rules.iter().enumerate() {
        if (at == 0) != (rule.set == SetOperator::First) {
            let message = "the first rule is `where`, the others are `union`, `intersect` or `except`";
            let diagnostic = Diagnostic::error("segmentRuleOrder", message, Span::default());
            problems.push(Problem { place: Place::Rule(at), diagnostic });
        }
    }
}

/// Checks the condition of one rule. The catalog has the measures and segments already ([`known_measures`],
/// [`known_segments`]).
pub fn check_condition(
    graph: &Graph,
    catalog: &Catalog,
    rule: &SegmentRule,
    ignore_case: bool,
) -> Checked<CheckedRule> {
    let (text, set) = (&rule.where_, rule.set);
    let scope = Scope { catalog, home: CUSTOMER };
    let customer = Some(CustomerSetting { graph, via: &rule.via });
    let Checked { value, mut problems, unknown } =
        check_in(text.condition(), Setting { scope, customer, ignore_case });
    let Some(condition) = value else { return Checked { value: None, problems, unknown } };
    let mut tree = JoinTree::through(CUSTOMER, &rule.via);
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
    let aggregates = condition.aggregates();
    let trees: Vec<&JoinTree> =
        std::iter::once(&tree).chain(aggregates.iter().map(|aggregate| &aggregate.tree)).collect();
    problems.extend(via_problems(graph, &rule.via, &trees));
    let value = problems.is_empty().then_some(CheckedRule { set, tree, condition });
    Checked { value, problems, unknown }
}

/// The projected attributes, of entities with many rows per customer.
fn projections(
    graph: &Graph,
    catalog: &Catalog,
    segment: &Segment,
    outcome: &mut Outcome,
) -> Vec<Projection> {
    let mut found: Vec<Projection> = Vec::new();
    for (at, reference) in segment.project.iter().enumerate() {
        let place = Place::Project(at);
        match projection(graph, catalog, reference, &segment.via()) {
            Ok(Ok((attribute, tree))) => {
                let taken = |name: &str| {
                    let of_customer =
                        Scope { catalog, home: CUSTOMER }.resolve(Some(CUSTOMER), name, Span::default());
                    of_customer.is_ok() || found.iter().any(|other| other.column.eq_ignore_ascii_case(name))
                };
                let short = attribute.name.clone();
                let column = if taken(&short) { format!("{}_{short}", attribute.entity) } else { short };
                found.push(Projection { column, attribute, tree });
            }
            Ok(Err(unknown)) => outcome.unknown.push(unknown),
            Err(diagnostic) => outcome.problems.push(Problem { place, diagnostic }),
        }
    }
    let mut entities = found.iter().map(|projection| projection.attribute.entity.as_str());
    let first = entities.next();
    if let Some(other) = entities.find(|entity| Some(*entity) != first) {
        let message =
            format!("all projected attributes are of one entity, here {} and {other}", first.unwrap_or(""));
        outcome.problems.push(whole("projectManyEntities", message));
    }
    found
}

type Projected = Result<(Attribute, JoinTree), Unknown>;

fn projection(
    graph: &Graph,
    catalog: &Catalog,
    reference: &AttributeRef,
    via: &[String],
) -> Result<Projected, Diagnostic> {
    let span = Span::new(0, reference.to_string().len());
    let scope = Scope { catalog, home: CUSTOMER };
    let attribute = match scope.resolve(reference.entity.as_deref(), &reference.attribute, span)? {
        Resolved::Attribute(attribute) => attribute,
        Resolved::Unknown(unknown) => return Ok(Err(unknown)),
    };
    let column = attribute.column();
    if attribute.entity == CUSTOMER || attribute.entity == CUSTOMER_MEASURE {
        let message = format!(
            "{column} is one value per customer; projected are attributes of entities with many rows"
        );
        return Err(Diagnostic::error("projectNotMany", message, span));
    }
    if attribute.kind == Kind::Other {
        let message = format!("{column} holds values that cannot be projected");
        return Err(Diagnostic::error("unsupportedAttribute", message, span));
    }
    let mut tree = JoinTree::through(CUSTOMER, via);
    tree.column(CUSTOMER, CUSTOMER_ID);
    let read = tree.read(graph, &attribute, Direction::Any);
    read.map_err(|error| Diagnostic::error(error.code(), error.to_string(), span))?;
    if tree.steps().iter().all(|step| step.forward) {
        let message = format!(
            "{column} is one value per customer; projected are attributes of entities with many rows"
        );
        return Err(Diagnostic::error("projectNotMany", message, span));
    }
    Ok(Ok((attribute, tree)))
}

fn whole(code: &'static str, message: impl Into<String>) -> Problem {
    Problem { place: Place::Whole, diagnostic: Diagnostic::error(code, message, Span::default()) }
}
