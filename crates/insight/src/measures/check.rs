//! Measures checked against the entities: every name exists, every type fits, every path is one.

use crate::conditions::{
    self, Attribute, Attributes, Catalog, Kind, Place, Predicate, Problem, Resolved, Scope, Unknown,
};
use crate::definition::{Measure, MeasureKind};
use crate::relationships::{CUSTOMER, CUSTOMER_ID, CUSTOMER_MEASURE, Direction, Graph, JoinTree, PathError};
use lang::diagnose::{Diagnostic, Span};
use lang::rule::{Argument, Calculation, Function};
use std::collections::{BTreeMap, BTreeSet};

/// A measure that can be calculated.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedMeasure {
    /// Its name.
    pub name: String,
    /// What its rows stand for.
    pub kind: MeasureKind,
    /// The entities that it reads; the root's rows are what is counted.
    pub tree: JoinTree,
    /// What is calculated, at least one.
    pub calculations: Vec<CheckedCalculation>,
    /// Which rows count.
    pub filter: Option<Predicate>,
    /// What the rows are grouped by, beside the customer.
    pub dimensions: Vec<Dimension>,
}

/// One column of a measure's result.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedCalculation {
    /// The column's name.
    pub name: String,
    /// What is calculated.
    pub function: Function,
    /// Each value counts once. Only with `count`.
    pub distinct: bool,
    /// Of what; rows when nothing. Only with `count`.
    pub attribute: Option<Attribute>,
    /// What the result is.
    pub kind: Kind,
}

/// One dimension of a measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// The column's name.
    pub name: String,
    /// Whose values they are.
    pub attribute: Attribute,
}

/// The problems of one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureProblems {
    /// The measure.
    pub measure: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

/// What checking one measure gave.
pub struct Outcome {
    /// The checked form, when nothing is wrong and everything is known.
    pub measure: Option<CheckedMeasure>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What could not be checked, because too little is known.
    pub unknown: Vec<Unknown>,
}

/// Checks all measures, and says which attributes [`CUSTOMER_MEASURE`] will have.
///
/// What is not in the catalog is an error; an entity that the catalog has without attributes is not checked
/// further.
pub fn check(graph: &Graph, catalog: &Catalog, measures: &[Measure]) -> Vec<MeasureProblems> {
    let catalog = known_measures(graph, catalog, measures);
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for measure in measures {
        let mut problems = check_one(graph, &catalog, measure).problems;
        if !seen.insert(measure.name.to_lowercase()) {
            let message = format!("another measure is called {} too", measure.name);
            problems.push(whole("measureNameConflict", message));
        }
        if !problems.is_empty() {
            found.push(MeasureProblems { measure: measure.name.clone(), problems });
        }
    }
    found
}

/// The catalog with [`CUSTOMER_MEASURE`] as these measures will make it.
pub fn known_measures(graph: &Graph, catalog: &Catalog, measures: &[Measure]) -> Catalog {
    let mut catalog = catalog.clone();
    let attributes: Vec<_> =
        measures.iter().filter(|measure| measure.kind == MeasureKind::CustomerAttribute).collect();
    let mut kinds: BTreeMap<&str, Kind> = BTreeMap::new();
    loop {
        let names = attributes
            .iter()
            .map(|measure| (measure.name.clone(), kinds.get(measure.name.as_str()).copied()));
        let key = std::iter::once((CUSTOMER_ID.to_owned(), Some(Kind::Text)));
        catalog.add(CUSTOMER_MEASURE, Attributes::Known(key.chain(names).collect()));
        let before = kinds.len();
        let mut newly = Vec::new();
        for measure in attributes.iter().filter(|measure| !kinds.contains_key(measure.name.as_str())) {
            let checked = check_one(graph, &catalog, measure).measure;
            if let Some(calculation) = checked.iter().flat_map(|measure| &measure.calculations).next() {
                newly.push((measure.name.as_str(), calculation.kind));
            }
        }
        kinds.extend(newly);
        if kinds.len() == before {
            return catalog;
        }
    }
}

/// Checks one measure.
pub fn check_one(graph: &Graph, catalog: &Catalog, measure: &Measure) -> Outcome {
    let mut checker = Checker { graph, catalog, problems: Vec::new(), unknown: Vec::new() };
    let checked = checker.measure(measure);
    let measure = if checker.problems.is_empty() && checker.unknown.is_empty() { checked } else { None };
    Outcome { measure, problems: checker.problems, unknown: checker.unknown }
}

fn whole(code: &'static str, message: impl Into<String>) -> Problem {
    Problem { place: Place::Whole, diagnostic: Diagnostic::error(code, message, Span::default()) }
}

struct Checker<'a> {
    graph: &'a Graph,
    catalog: &'a Catalog,
    problems: Vec<Problem>,
    unknown: Vec<Unknown>,
}

impl Checker<'_> {
    fn measure(&mut self, measure: &Measure) -> Option<CheckedMeasure> {
        self.shape(measure);
        let parsed = measure.calculations.iter().map(|calculation| calculation.calculate.calculation());
        let calculations: Vec<&Calculation> = parsed.collect();
        let home = self.home(&calculations)?;
        let scope = Scope { catalog: self.catalog, home: &home };
        let mut tree = JoinTree::new(&home);
        if measure.kind != MeasureKind::Business {
            self.path(Place::Whole, Span::default(), tree.reach(self.graph, CUSTOMER, Direction::Forward));
            tree.column(CUSTOMER, CUSTOMER_ID);
        }
        let filter = self.filter(measure, scope, &mut tree);
        let columns = self.calculations(measure, &calculations, scope, &mut tree);
        let dimensions = self.dimensions(measure, scope, &mut tree);
        Some(CheckedMeasure {
            name: measure.name.clone(),
            kind: measure.kind,
            tree,
            calculations: columns?,
            filter: filter?,
            dimensions: dimensions?,
        })
    }

    /// What can be said without knowing any entity.
    fn shape(&mut self, measure: &Measure) {
        let mut wrong = |code, message: String| self.problems.push(whole(code, message));
        if measure.name == CUSTOMER || measure.name == CUSTOMER_MEASURE {
            wrong("measureNameConflict", format!("{} is the name of a system entity", measure.name));
        }
        if measure.calculations.is_empty() {
            wrong("measureWithoutCalculation", "a measure calculates something".to_owned());
        }
        if measure.kind == MeasureKind::CustomerAttribute {
            if measure.calculations.len() > 1 {
                let message =
                    "a customer attribute is one value; use type customerMeasure for several calculations";
                wrong("customerAttributeManyCalculations", message.to_owned());
            }
            if !measure.by.is_empty() {
                let message =
                    "a customer attribute is one value per customer; use type customerMeasure for dimensions";
                wrong("customerAttributeWithDimensions", message.to_owned());
            }
        }
    }

    /// The entity whose rows are counted: the one that the calculations name, else Customer.
    fn home(&mut self, calculations: &[&Calculation]) -> Option<String> {
        let mut home: Option<String> = None;
        for (at, calculation) in calculations.iter().enumerate() {
            let Argument::Path(path) = &calculation.argument else { continue };
            let named = match &path.entity {
                Some(entity) if entity.value == CUSTOMER_MEASURE => CUSTOMER,
                Some(entity) => entity.value.as_str(),
                None if self.counts_rows(calculation).is_some() => path.name.value.as_str(),
                None => CUSTOMER,
            };
            match &home {
                Some(home) if home != named => {
                    let message =
                        format!("all calculations of a measure are over one entity, here {home} and {named}");
                    self.problem(
                        Place::Calculation(at),
                        Diagnostic::error("manyEntities", message, path.span()),
                    );
                    return None;
                }
                _ => home = Some(named.to_owned()),
            }
        }
        Some(home.unwrap_or_else(|| CUSTOMER.to_owned()))
    }

    /// The entity of `count(Entity)`.
    fn counts_rows<'c>(&self, calculation: &'c Calculation) -> Option<&'c str> {
        match &calculation.argument {
            Argument::Path(path) if calculation.function == Function::Count && path.entity.is_none() => {
                self.catalog.entity(&path.name.value).map(|_| path.name.value.as_str())
            }
            _ => None,
        }
    }

    fn calculations(
        &mut self,
        measure: &Measure,
        parsed: &[&Calculation],
        scope: Scope<'_>,
        tree: &mut JoinTree,
    ) -> Option<Vec<CheckedCalculation>> {
        let mut checked = Vec::new();
        for (at, (calculation, named)) in parsed.iter().zip(&measure.calculations).enumerate() {
            checked.extend(self.calculation(Place::Calculation(at), &named.name, calculation, scope, tree));
        }
        (checked.len() == parsed.len()).then_some(checked)
    }

    fn calculation(
        &mut self,
        place: Place,
        name: &str,
        calculation: &Calculation,
        scope: Scope<'_>,
        tree: &mut JoinTree,
    ) -> Option<CheckedCalculation> {
        let (function, distinct) = (calculation.function, calculation.distinct);
        let column = |attribute, kind| CheckedCalculation {
            name: name.to_owned(),
            function,
            distinct,
            attribute,
            kind,
        };
        let path = match &calculation.argument {
            Argument::Path(path) if self.counts_rows(calculation).is_none() => path,
            _ => return Some(column(None, Kind::Integer)),
        };
        if distinct && function != Function::Count {
            let message = format!("`distinct` works with count, not with {}", function.name());
            self.problem(place, Diagnostic::error("distinctOutsideCount", message, calculation.span));
            return None;
        }
        let entity = path.entity.as_ref().map(|entity| entity.value.as_str());
        let attribute = self.resolve(place, scope, entity, &path.name.value, path.span())?;
        let Some(kind) = result_kind(function, attribute.kind) else {
            let message = format!(
                "{} of {}, a {}, is not possible",
                function.name(),
                attribute.column(),
                attribute.kind
            );
            self.problem(place, Diagnostic::error("wrongFunction", message, calculation.span));
            return None;
        };
        self.path(place, path.span(), tree.read(self.graph, &attribute, Direction::Forward));
        Some(column(Some(attribute), kind))
    }

    /// Nothing when it cannot be checked; `Some(None)` without a filter.
    fn filter(
        &mut self,
        measure: &Measure,
        scope: Scope<'_>,
        tree: &mut JoinTree,
    ) -> Option<Option<Predicate>> {
        let Some(text) = &measure.filter else { return Some(None) };
        let checked = conditions::check(text.condition(), scope);
        checked.problems.into_iter().for_each(|problem| self.problem(Place::Filter, problem));
        self.unknown.extend(checked.unknown);
        let predicate = checked.value?;
        let whole = Span::new(0, text.text().len());
        for attribute in predicate.attributes() {
            self.path(Place::Filter, whole, tree.read(self.graph, attribute, Direction::Forward));
        }
        Some(Some(predicate))
    }

    fn dimensions(
        &mut self,
        measure: &Measure,
        scope: Scope<'_>,
        tree: &mut JoinTree,
    ) -> Option<Vec<Dimension>> {
        let mut attributes = Vec::new();
        for (at, by) in measure.by.iter().enumerate() {
            let (place, span) = (Place::Dimension(at), Span::new(0, by.to_string().len()));
            let Some(attribute) = self.resolve(place, scope, by.entity.as_deref(), &by.attribute, span)
            else {
                continue;
            };
            if attribute.kind == Kind::Other {
                let message = format!("{} holds values that cannot be grouped", attribute.column());
                self.problem(place, Diagnostic::error("unsupportedAttribute", message, span));
                continue;
            }
            self.path(place, span, tree.read(self.graph, &attribute, Direction::Forward));
            attributes.push(attribute);
        }
        (attributes.len() == measure.by.len()).then(|| named_dimensions(measure, attributes))
    }

    fn resolve(
        &mut self,
        place: Place,
        scope: Scope<'_>,
        entity: Option<&str>,
        name: &str,
        span: Span,
    ) -> Option<Attribute> {
        match scope.resolve(entity, name, span) {
            Ok(Resolved::Attribute(attribute)) => Some(attribute),
            Ok(Resolved::Unknown(unknown)) => {
                self.unknown.push(unknown);
                None
            }
            Err(problem) => {
                self.problem(place, problem);
                None
            }
        }
    }

    fn path(&mut self, place: Place, span: Span, found: Result<(), PathError>) {
        if let Err(error) = found {
            self.problem(place, Diagnostic::error(error.code(), error.to_string(), span));
        }
    }

    fn problem(&mut self, place: Place, diagnostic: Diagnostic) {
        self.problems.push(Problem { place, diagnostic });
    }
}

/// What a function gives for values of this kind; nothing when it cannot be calculated.
fn result_kind(function: Function, kind: Kind) -> Option<Kind> {
    match (function, kind) {
        (Function::Count, _) => Some(Kind::Integer),
        (Function::Sum, Kind::Decimal { precision, scale }) => {
            Some(Kind::Decimal { precision: precision.saturating_add(10).min(38), scale })
        }
        (Function::Sum, Kind::Integer | Kind::Double) => Some(kind),
        (Function::Avg, kind) if kind.is_number() => Some(Kind::Double),
        (Function::Min | Function::Max, Kind::Bool | Kind::Other) => None,
        (Function::Min | Function::Max, kind) => Some(kind),
        _ => None,
    }
}

/// A dimension's column has the attribute's name, with the entity before it where that name is taken.
fn named_dimensions(measure: &Measure, attributes: Vec<Attribute>) -> Vec<Dimension> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let calculations = measure.calculations.iter().map(|calculation| calculation.name.as_str());
    let names = attributes.iter().map(|attribute| attribute.name.as_str());
    for name in calculations.chain(names).chain([CUSTOMER_ID]) {
        *taken.entry(name.to_lowercase()).or_default() += 1;
    }
    let named = |attribute: Attribute| {
        let alone = taken.get(&attribute.name.to_lowercase()).is_none_or(|count| *count == 1);
        let name =
            if alone { attribute.name.clone() } else { format!("{}_{}", attribute.entity, attribute.name) };
        Dimension { name, attribute }
    };
    attributes.into_iter().map(named).collect()
}
