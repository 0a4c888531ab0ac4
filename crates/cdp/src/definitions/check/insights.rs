//! Measures and segments: every name and path in their conditions and calculations, by the same checks that run
//! before they are computed.

use std::collections::{BTreeMap, BTreeSet};

use insight::definition::{ACTIVITY_COLUMNS, Template};
use lang::diagnose::{Span, did_you_mean};
use lang::rule::Function;

use super::super::gather::{Part, Parts};
use super::super::model::{
    Activity, CUSTOMER, Definitions, Measure, MeasureKind, Segment, SetOperator, UNIFIED_ACTIVITY,
};
use super::super::node::Node;
use super::super::problem::Place;
use super::super::shape::check::inside;
use super::Checker;
use super::paths::{calculated_paths, paths_of};
use crate::conditions::{self, Attributes, Catalog};
use crate::{measures, segments};

/// The code of [`crate::relationships::PathError`] for entities that nothing connects.
const NO_PATH: &str = "entityUnreachable";

pub(super) fn check(parts: &Parts, checker: &mut Checker<'_>) {
    measure_cycles(&parts.measures, checker);
    let (definitions, is_whole) = definitions(parts);
    let graph = crate::relationships::graph(&definitions);
    let measures_missing = definitions.measures.len() < parts.measures.len();
    let catalog = catalog(checker, &definitions.activities, measures_missing);
    for found in measures::check(&graph, &catalog, &definitions.measures) {
        let part =
            parts.measures.iter().find(|part| named(part.value.as_ref(), |it| &it.name, &found.measure));
        if let Some((node, Some(measure))) = part.map(|part| (&part.node, &part.value)) {
            found
                .problems
                .iter()
                .for_each(|problem| note(problem, node, &texts(measure, node), is_whole, checker));
        }
    }
    for found in segments::check(&graph, &catalog, &definitions.measures, &definitions.segments) {
        let part =
            parts.segments.iter().find(|part| named(part.value.as_ref(), |it| &it.name, &found.segment));
        if let Some((node, Some(segment))) = part.map(|part| (&part.node, &part.value)) {
            found
                .problems
                .iter()
                .for_each(|problem| note(problem, node, &rules(segment, node), is_whole, checker));
        }
    }
    probably_entities(&definitions.measures, parts, checker);
}

fn named<'v, T>(value: Option<&'v T>, name: impl Fn(&'v T) -> &'v String, wanted: &str) -> bool {
    value.is_some_and(|value| name(value) == wanted)
}

/// The definitions that measures and segments build on, and whether none of those has a mistake.
fn definitions(parts: &Parts) -> (Definitions, bool) {
    fn values<T: Clone>(parts: &[Part<T>]) -> Vec<T> {
        parts.iter().filter_map(|part| part.value.clone()).collect()
    }
    let definitions = Definitions {
        data_sources: values(&parts.data_sources),
        relationships: values(&parts.relationships),
        unification: parts.unification.as_ref().and_then(|part| part.value.clone()),
        activities: values(&parts.activities),
        measures: values(&parts.measures),
        segments: values(&parts.segments),
        ..Definitions::default()
    };
    let is_whole = definitions.data_sources.len() == parts.data_sources.len()
        && definitions.relationships.len() == parts.relationships.len()
        && definitions.unification.is_some() == parts.unification.is_some();
    (definitions, is_whole)
}

/// What is known of the entities. With a measure that has a mistake, an attribute that is missing may be that one.
fn catalog(checker: &Checker<'_>, activities: &[Activity], measures_missing: bool) -> Catalog {
    let attributes = |entity: &str| match checker.known.attributes.get(entity) {
        Some(names) if entity != CUSTOMER || !measures_missing => {
            Attributes::Known(names.iter().map(|name| (name.clone(), None)).collect())
        }
        _ => Attributes::Unknown,
    };
    let mut catalog = Catalog::new();
    for entity in checker.names.entities.iter().chain(&checker.names.unified) {
        catalog.add(entity, attributes(entity));
    }
    if !activities.is_empty() {
        let fields = activities.iter().flat_map(|activity| activity.fields.keys()).map(String::as_str);
        let fields: BTreeSet<&str> = fields.collect();
        let columns = ACTIVITY_COLUMNS.into_iter().chain(fields).map(|name| (name.to_owned(), None));
        catalog.add(UNIFIED_ACTIVITY, Attributes::Known(columns.collect()));
    }
    catalog
}

/// A text of a definition, and where it stands.
struct Text<'t> {
    of: conditions::Place,
    text: String,
    /// Where it begins in what was checked; nowhere for what was made from a template.
    skip: usize,
    node: &'t Node,
}

impl Text<'_> {
    /// Whether a problem is in it; every problem with what was made from a template is.
    fn holds(&self, problem: &conditions::Problem) -> bool {
        let end = self.skip.saturating_add(self.text.len());
        self.of == problem.place && problem.diagnostic.span.end <= end
    }

    /// The place in the file.
    fn place(&self, span: Span, checker: &Checker<'_>) -> Place {
        if span.start >= span.end || self.skip == usize::MAX {
            return self.node.place;
        }
        let back = |at: usize| at.saturating_sub(self.skip);
        inside(self.node.place, &self.text, Span::new(back(span.start), back(span.end)), checker.problems)
    }
}

fn texts<'t>(measure: &Measure, node: &'t Node) -> Vec<Text<'t>> {
    if let Some(template) = &measure.template {
        return template_texts(measure, template, node);
    }
    let is_short = node.get("calculate").and_then(Node::text).is_some();
    let calculations = measure.calculations.iter().enumerate().map(|(index, calculation)| {
        let path = if is_short { "calculate".to_owned() } else { format!("calculate/{}", calculation.name) };
        let text = calculation.calculate.text().to_owned();
        Text { of: conditions::Place::Calculation(index), text, skip: 0, node: node.at(&path) }
    });
    let filter = measure.filter.iter().map(|filter| Text {
        of: conditions::Place::Filter,
        text: filter.text().to_owned(),
        skip: 0,
        node: node.at("where"),
    });
    calculations.chain(filter).chain(around(measure, node)).collect()
}

/// The texts of a measure beside what it calculates.
fn around<'t>(measure: &Measure, node: &'t Node) -> Vec<Text<'t>> {
    let dimensions = measure.by.iter().enumerate().map(|(index, by)| {
        let node = node.at(&format!("by/{index}"));
        Text { of: conditions::Place::Dimension(index), text: by.to_string(), skip: 0, node }
    });
    let replaced = measure.replace.iter().enumerate().map(|(index, replace)| {
        let node = node.at(&format!("replace/{index}/attribute"));
        Text { of: conditions::Place::Replace(index), text: replace.attribute.to_string(), skip: 0, node }
    });
    dimensions.chain(replaced).collect()
}

/// What a template stands for is at the template, but for the measure's own filter: it comes first, in parentheses.
fn template_texts<'t>(measure: &Measure, template: &Template, node: &'t Node) -> Vec<Text<'t>> {
    let own = template.also().map(|filter| Text {
        of: conditions::Place::Filter,
        text: filter.text().to_owned(),
        skip: 1,
        node: node.at("where"),
    });
    let of = [conditions::Place::Filter, conditions::Place::Calculation(0)];
    let made = of.map(|of| Text { of, text: String::new(), skip: usize::MAX, node: node.at("template") });
    own.into_iter().chain(made).chain(around(measure, node)).collect()
}

fn rules<'t>(segment: &Segment, node: &'t Node) -> Vec<Text<'t>> {
    let texts = segment.rules.iter().enumerate().map(|(index, rule)| {
        let node = if node.get("where").is_some() { node } else { node.at(&format!("rules/{index}")) };
        let key = match rule.set {
            SetOperator::First => "where",
            SetOperator::Union => "union",
            SetOperator::Intersect => "intersect",
            SetOperator::Except => "except",
        };
        Text {
            of: conditions::Place::Rule(index),
            text: rule.where_.text().to_owned(),
            skip: 0,
            node: node.at(key),
        }
    });
    let projected = segment.project.iter().enumerate().map(|(index, attribute)| {
        let node = node.at(&format!("project/{index}"));
        Text { of: conditions::Place::Project(index), text: attribute.to_string(), skip: 0, node }
    });
    texts.chain(projected).collect()
}

/// Notes a problem at its place in the file. Names that are used twice were noted for all kinds together, and a
/// path that is missing may be missing because of another mistake.
fn note(
    problem: &conditions::Problem,
    node: &Node,
    texts: &[Text<'_>],
    is_whole: bool,
    checker: &mut Checker<'_>,
) {
    let said = &problem.diagnostic;
    if said.code.ends_with("NameConflict") || (said.code == NO_PATH && !is_whole) {
        return;
    }
    let text = texts.iter().find(|text| text.holds(problem));
    let at = text.map_or_else(|| node.head(), |text| text.place(said.span, checker));
    let suggestion = said.suggestion.as_ref().filter(|text| !text.is_empty());
    let suggestion = match text {
        Some(text) if text.skip == usize::MAX && said.code.starts_with("unknown") => {
            Some("templates read what activities say: name an attribute under their `fields`".to_owned())
        }
        _ => suggestion.map(|text| format!("did you mean `{text}`?")),
    };
    checker.problems.add(at, said.severity, said.code, said.message.clone(), suggestion);
}

/// The measures that a measure refers to.
fn measures_of<'m>(measure: &'m Measure, names: &[String]) -> Vec<&'m str> {
    let calculated = measure.calculations.iter().flat_map(|it| calculated_paths(it.calculate.calculation()));
    let filtered = measure.filter.iter().flat_map(|filter| paths_of(filter.condition()));
    let is_measure = |name: &&str| *name != CUSTOMER && names.iter().any(|known| known == name);
    let of_path = |path: &'m lang::rule::Path| match &path.entity {
        Some(entity) if entity.value != CUSTOMER => entity.value.as_str(),
        _ => path.name.value.as_str(),
    };
    calculated.chain(filtered).map(of_path).filter(is_measure).collect()
}

/// Only customer attributes can be read by other measures: any other measure of the same name is not meant.
fn measure_cycles(measures: &[Part<Measure>], checker: &mut Checker<'_>) {
    let attributes = || {
        let measures = measures.iter().filter_map(|part| part.value.as_ref());
        measures.filter(|measure| measure.kind == MeasureKind::CustomerAttribute)
    };
    let names: Vec<String> = attributes().map(|measure| measure.name.clone()).collect();
    let edges: BTreeMap<&str, Vec<&str>> =
        attributes().map(|measure| (measure.name.as_str(), measures_of(measure, &names))).collect();
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

/// `count(Name)` with a name that is nearly an entity's counts an attribute, which is probably not meant.
fn probably_entities(measures: &[Measure], parts: &Parts, checker: &mut Checker<'_>) {
    for measure in measures {
        let part = parts.measures.iter().find(|part| part.value.as_ref() == Some(measure));
        let Some(node) = part.map(|part| &part.node).filter(|_| measure.template.is_none()) else { continue };
        for (calculation, text) in measure.calculations.iter().zip(texts(measure, node)) {
            let counted = calculation.calculate.calculation().aggregates().into_iter();
            let counted = counted.filter(|aggregate| aggregate.function == Function::Count);
            let paths = counted.filter_map(|aggregate| aggregate.argument.path());
            for path in paths.filter(|path| path.entity.is_none()) {
                let name = path.name.value.as_str();
                let mut entities = checker.names.entities.iter().chain(&checker.names.unified);
                if entities.any(|entity| entity == name) {
                    continue;
                }
                let near = did_you_mean(name, checker.names.entities.iter().map(String::as_str));
                let Some(near) = near else { continue };
                let message = format!("`{name}` is read as an attribute of customers");
                let suggestion = Some(format!("did you mean the rows of `{near}`?"));
                let at = inside(text.node.place, &text.text, path.name.span, checker.problems);
                checker.problems.warning(at, "probablyEntity", message, suggestion);
            }
        }
    }
}
