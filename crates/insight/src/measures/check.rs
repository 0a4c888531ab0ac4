//! Measures checked against the entities: every name exists, every type fits, every path is one.

use crate::calculations::check::AggregateScope;
use crate::calculations::{Aggregate, Amount, Formula, Replacement, Term};
use crate::conditions::{
    self, Attribute, Attributes, Catalog, Checked, Kind, Now, Place, Predicate, Problem, Resolved, Scope,
    Unknown,
};
use crate::definition::{MAX_TAGS, Measure, MeasureKind, MeasureState, Replace};
use crate::relationships::{
    CUSTOMER, CUSTOMER_ID, CUSTOMER_MEASURE, Direction, Graph, JoinTree, MAX_VIA, PathError,
};
use lang::diagnose::{Diagnostic, Span, did_you_mean};
use lang::rule::{self, Argument, Arithmetic, Calculation, DatePart, Number};
use std::collections::{BTreeMap, BTreeSet};

/// A measure that can be calculated.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedMeasure {
    /// Its name.
    pub name: String,
    /// What its rows stand for.
    pub kind: MeasureKind,
    /// What the groups come from: the home (the root, whose rows are counted), Customer where the measure is about
    /// customers, and what the filter and the dimensions read. Every step leads forward.
    pub tree: JoinTree,
    /// Which joined rows make groups. Each aggregate's own filter has it, too.
    pub filter: Option<Predicate>,
    /// What the rows are grouped by, beside the customer.
    pub dimensions: Vec<Dimension>,
    /// What is calculated over the rows of each group, each once. Their trees read the dimensions, too.
    pub aggregates: Vec<Aggregate>,
    /// The columns, at least one.
    pub calculations: Vec<CheckedCalculation>,
    /// The measures whose values the formulas, filters and dimensions read, by name, each once.
    pub reads: BTreeSet<String>,
}

impl CheckedMeasure {
    /// The measure with every relative moment as a constant.
    #[must_use]
    pub fn at(&self, now: &Now) -> Self {
        Self {
            filter: self.filter.as_ref().map(|filter| filter.at(now)),
            aggregates: self.aggregates.iter().map(|aggregate| aggregate.at(now)).collect(),
            ..self.clone()
        }
    }
}

/// One column of a measure's result.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedCalculation {
    /// The column's name.
    pub name: String,
    /// How it comes from the measure's aggregates.
    pub formula: Formula,
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
    /// The first day of the period that a date or time is in: year, quarter, month or day. Of instants, in UTC.
    pub bucket: Option<DatePart>,
}

impl Dimension {
    /// The kind of the column.
    pub fn kind(&self) -> Kind {
        if self.bucket.is_some() { Kind::Date } else { self.attribute.kind }
    }
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
/// further. Of an inactive measure, only what concerns its name is checked.
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
        if let Some(number) = reads_back(measure, measures) {
            let message = format!(
                "{number} is calculated from customer attributes, so no customer attribute can read it; use a customerMeasure"
            );
            problems.push(whole("measureReadsBack", message));
        }
        if !problems.is_empty() {
            found.push(MeasureProblems { measure: measure.name.clone(), problems });
        }
    }
    found
}

/// The number of the business that a customer attribute reads and that is itself calculated from customer
/// attributes. All customer attributes are calculated together, so there is no order for that.
fn reads_back<'m>(measure: &'m Measure, measures: &'m [Measure]) -> Option<&'m str> {
    if measure.kind != MeasureKind::CustomerAttribute {
        return None;
    }
    let named = |measure: &'m Measure| {
        let calculated = measure.calculations.iter().flat_map(|it| it.calculate.calculation().paths());
        let filtered = measure.filter.iter().flat_map(|filter| filter.condition().paths());
        let own = |path: &&rule::Path| path.entity.as_ref().is_none_or(|it| it.value == CUSTOMER_MEASURE);
        let names: Vec<&str> =
            calculated.chain(filtered).filter(own).map(|path| path.name.value.as_str()).collect();
        measures.iter().filter(move |other| names.contains(&other.name.as_str()))
    };
    let is_number = |it: &&Measure| it.kind == MeasureKind::Business && it.by.is_empty();
    let mut open: Vec<&Measure> = named(measure).filter(is_number).collect();
    let mut seen = BTreeSet::new();
    while let Some(number) = open.pop() {
        if !seen.insert(number.name.as_str()) {
            continue;
        }
        if named(number).any(|it| it.kind == MeasureKind::CustomerAttribute) {
            return Some(&number.name);
        }
        open.extend(named(number).filter(is_number));
    }
    None
}

/// The catalog with [`CUSTOMER_MEASURE`] as these measures will make it, and with the numbers of the business.
pub fn known_measures(graph: &Graph, catalog: &Catalog, measures: &[Measure]) -> Catalog {
    let mut catalog = catalog.clone();
    let (active, inactive): (Vec<_>, Vec<_>) =
        measures.iter().partition(|measure| measure.state == MeasureState::Active);
    inactive.iter().for_each(|measure| catalog.add_inactive_measure(&measure.name));
    let is_number = |measure: &&&Measure| measure.kind == MeasureKind::Business && measure.by.is_empty();
    let is_attribute = |measure: &&&Measure| measure.kind == MeasureKind::CustomerAttribute;
    let numbers: Vec<&Measure> = active.iter().filter(is_number).copied().collect();
    let attributes: Vec<&Measure> = active.iter().filter(is_attribute).copied().collect();
    numbers.iter().for_each(|measure| catalog.add_number(&measure.name, None));
    let mut kinds: BTreeMap<&str, Kind> = BTreeMap::new();
    loop {
        let names = attributes
            .iter()
            .map(|measure| (measure.name.clone(), kinds.get(measure.name.as_str()).copied()));
        let key = std::iter::once((CUSTOMER_ID.to_owned(), Some(Kind::Text)));
        catalog.add(CUSTOMER_MEASURE, Attributes::Known(key.chain(names).collect()));
        let before = kinds.len();
        let mut newly = Vec::new();
        for measure in attributes.iter().chain(&numbers) {
            if kinds.contains_key(measure.name.as_str()) {
                continue;
            }
            let checked = check_one(graph, &catalog, measure).measure;
            if let Some(calculation) = checked.iter().flat_map(|measure| &measure.calculations).next() {
                newly.push((measure, calculation.kind, calculation.name.clone()));
            }
        }
        for (measure, kind, name) in newly {
            kinds.insert(measure.name.as_str(), kind);
            if measure.kind == MeasureKind::Business {
                let value = Attribute { entity: measure.name.clone(), name, kind };
                catalog.add_number(&measure.name, Some(value));
            }
        }
        if kinds.len() == before {
            return catalog;
        }
    }
}

/// Checks one measure. An inactive one, and one that is a query, have no checked form.
pub fn check_one(graph: &Graph, catalog: &Catalog, measure: &Measure) -> Outcome {
    let mut checker = Checker { graph, catalog, problems: Vec::new(), unknown: Vec::new() };
    checker.shape(measure);
    let is_calculated = measure.state == MeasureState::Active && measure.sql.is_none();
    let checked = if is_calculated { checker.measure(measure) } else { None };
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

/// What all aggregates of a measure share.
struct Ground<'g> {
    home: &'g str,
    filter: Option<&'g Predicate>,
    dimensions: &'g [Dimension],
    replacements: &'g [(Attribute, Replacement)],
}

impl Checker<'_> {
    fn measure(&mut self, measure: &Measure) -> Option<CheckedMeasure> {
        let home = self.home(measure)?;
        let scope = Scope { catalog: self.catalog, home: &home };
        let mut tree = JoinTree::through(&home, &measure.via);
        if measure.kind != MeasureKind::Business {
            self.path(Place::Whole, Span::default(), tree.reach(self.graph, CUSTOMER, Direction::Forward));
            tree.column(CUSTOMER, CUSTOMER_ID);
        }
        let filter = self.filter(measure, scope, &mut tree);
        let replacements = self.replacements(measure, scope);
        let dimensions = self.dimensions(measure, scope, &mut tree);
        let (filter, dimensions, replacements) = (filter?, dimensions?, replacements?);
        let ground = Ground {
            home: &home,
            filter: filter.as_ref(),
            dimensions: &dimensions,
            replacements: &replacements,
        };
        let mut aggregates = Vec::new();
        let calculations = self.calculations(measure, &ground, &mut aggregates)?;
        self.via(measure, &tree, &aggregates);
        let reads = reads(&tree, &aggregates, &calculations);
        let (name, kind) = (measure.name.clone(), measure.kind);
        Some(CheckedMeasure { name, kind, tree, filter, dimensions, aggregates, calculations, reads })
    }

    /// What can be said without knowing any entity.
    fn shape(&mut self, measure: &Measure) {
        let mut wrong = |code, message: String| self.problems.push(whole(code, message));
        if measure.name == CUSTOMER || measure.name == CUSTOMER_MEASURE {
            wrong("measureNameConflict", format!("{} is the name of a system entity", measure.name));
        }
        if measure.calculations.is_empty() && measure.sql.is_none() {
            wrong("measureWithoutCalculation", "a measure calculates something".to_owned());
        }
        let beside = !measure.calculations.is_empty()
            || measure.filter.is_some()
            || !measure.by.is_empty()
            || !measure.replace.is_empty()
            || !measure.via.is_empty();
        if measure.sql.is_some() && beside {
            let message = "a measure is a query or a calculation; with sql, put everything into the query";
            wrong("sqlAndCalculation", message.to_owned());
        }
        if measure.tags.len() > MAX_TAGS {
            wrong("tooManyTags", format!("{} tags; a measure has at most {MAX_TAGS}", measure.tags.len()));
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
    fn home(&mut self, measure: &Measure) -> Option<String> {
        let scope = self.aggregate_scope(measure, None, &[]);
        let mut home: Option<String> = None;
        for (at, calculation) in measure.calculations.iter().enumerate() {
            for aggregate in calculation.calculate.calculation().aggregates() {
                let named = match scope.home_of(aggregate) {
                    Ok(Some(named)) => named,
                    Ok(None) if matches!(aggregate.argument, Argument::Rows(_)) => continue,
                    Ok(None) => CUSTOMER.to_owned(),
                    Err(problem) => {
                        self.problem(Place::Calculation(at), problem);
                        return None;
                    }
                };
                match &home {
                    Some(home) if *home != named => {
                        let message = format!(
                            "all calculations of a measure are over one entity, here {home} and {named}"
                        );
                        let problem = Diagnostic::error("manyEntities", message, aggregate.span);
                        self.problem(Place::Calculation(at), problem);
                        return None;
                    }
                    _ => home = Some(named),
                }
            }
        }
        Some(home.unwrap_or_else(|| CUSTOMER.to_owned()))
    }

    fn aggregate_scope<'s>(
        &self,
        measure: &'s Measure,
        home: Option<&'s str>,
        replacements: &'s [(Attribute, Replacement)],
    ) -> AggregateScope<'s>
    where
        Self: 's,
    {
        AggregateScope {
            catalog: self.catalog,
            graph: self.graph,
            via: &measure.via,
            per_customer: measure.kind != MeasureKind::Business,
            home,
            replacements,
            ignore_case: false,
        }
    }

    fn calculations(
        &mut self,
        measure: &Measure,
        ground: &Ground<'_>,
        aggregates: &mut Vec<Aggregate>,
    ) -> Option<Vec<CheckedCalculation>> {
        let mut checked = Vec::new();
        for (at, named) in measure.calculations.iter().enumerate() {
            let (place, calculation) = (Place::Calculation(at), named.calculate.calculation());
            let Some(formula) = self.formula(place, measure, calculation, ground, aggregates) else {
                continue;
            };
            let Some(kind) = formula.result_kind(aggregates) else {
                let message = "only numbers can be calculated with; texts and dates stand alone";
                let span = Span::new(0, named.calculate.text().len());
                self.problem(place, Diagnostic::error("wrongFunction", message, span));
                continue;
            };
            checked.push(CheckedCalculation { name: named.name.clone(), formula, kind });
        }
        let grouped = measure.kind == MeasureKind::CustomerMeasure || !measure.by.is_empty();
        if grouped && aggregates.is_empty() && checked.len() == measure.calculations.len() {
            let message = "its rows come from the rows of an entity: calculate something over one, such as count(Entity)";
            self.problems.push(whole("measureWithoutAggregate", message));
        }
        (checked.len() == measure.calculations.len()).then_some(checked)
    }

    fn formula(
        &mut self,
        place: Place,
        measure: &Measure,
        calculation: &Calculation,
        ground: &Ground<'_>,
        aggregates: &mut Vec<Aggregate>,
    ) -> Option<Formula> {
        Some(match calculation {
            Arithmetic::Leaf(rule::Term::Aggregate(aggregate)) => {
                let aggregate = self.aggregate(place, measure, aggregate, ground)?;
                let known = aggregates.iter().position(|known| *known == aggregate);
                let at = known.unwrap_or_else(|| {
                    aggregates.push(aggregate);
                    aggregates.len() - 1
                });
                Formula::Leaf(Term::Aggregate(at))
            }
            Arithmetic::Leaf(rule::Term::Measure(path)) => {
                Formula::Leaf(Term::Measure(self.measure_value(place, measure, path)?))
            }
            Arithmetic::Number(number) => Formula::Number(number.value),
            Arithmetic::Negate(inner) => {
                Formula::Negate(Box::new(self.formula(place, measure, inner, ground, aggregates)?))
            }
            Arithmetic::Binary { operation, left, right } => {
                let left = self.formula(place, measure, left, ground, aggregates);
                let right = self.formula(place, measure, right, ground, aggregates);
                Formula::Binary { operation: *operation, left: Box::new(left?), right: Box::new(right?) }
            }
        })
    }

    fn aggregate(
        &mut self,
        place: Place,
        measure: &Measure,
        aggregate: &rule::Aggregate,
        ground: &Ground<'_>,
    ) -> Option<Aggregate> {
        let scope = self.aggregate_scope(measure, Some(ground.home), ground.replacements);
        let Checked { value, problems, unknown } = scope.check(aggregate);
        problems.into_iter().for_each(|problem| self.problem(place, problem));
        self.unknown.extend(unknown);
        let mut aggregate = value?;
        let grouped = ground.dimensions.iter().map(|dimension| &dimension.attribute);
        for attribute in ground.filter.iter().flat_map(|filter| filter.attributes()).chain(grouped) {
            let found = aggregate.tree.read(self.graph, attribute, Direction::Forward);
            self.path(place, Span::default(), found);
        }
        aggregate.filter = match (ground.filter, aggregate.filter.take()) {
            (Some(shared), Some(own)) => Some(Predicate::And(vec![shared.clone(), own])),
            (shared, own) => own.or(shared.cloned()),
        };
        Some(aggregate)
    }

    /// The value of a measure that a formula names.
    fn measure_value(&mut self, place: Place, measure: &Measure, path: &rule::Path) -> Option<Attribute> {
        let (name, span) = (path.name.value.as_str(), path.span());
        if let Some(entity) = path.entity.as_ref().filter(|entity| entity.value != CUSTOMER_MEASURE) {
            let message =
                format!("{}.{name} is an attribute of many rows; say what is calculated of it", entity.value);
            let problem = Diagnostic::error("attributeOutsideAggregate", message, span);
            self.problem(place, problem.suggest(Some(format!("sum({path})"))));
            return None;
        }
        if path.entity.is_none()
            && let Some(number) = self.catalog.number(name)
        {
            if number.is_none() {
                self.unknown.push(Unknown { entity: name.to_owned(), attribute: name.to_owned() });
            }
            return number.clone();
        }
        let scope = Scope { catalog: self.catalog, home: CUSTOMER };
        match scope.resolve(Some(CUSTOMER_MEASURE), name, span) {
            Ok(Resolved::Attribute(_)) if measure.kind == MeasureKind::Business => {
                let message = format!("{name} is a value per customer; say what is calculated of it");
                let problem = Diagnostic::error("attributeOutsideAggregate", message, span);
                self.problem(place, problem.suggest(Some(format!("sum({path})"))));
                None
            }
            Ok(Resolved::Attribute(attribute)) => Some(attribute),
            Ok(Resolved::Unknown(unknown)) => {
                self.unknown.push(unknown);
                None
            }
            Err(problem) if problem.code == "inactiveMeasure" => {
                self.problem(place, problem);
                None
            }
            Err(_) => {
                let is_attribute = scope.resolve(None, name, span).is_ok();
                let problem = if is_attribute {
                    let message =
                        format!("{name} is an attribute of many rows; say what is calculated of it");
                    let problem = Diagnostic::error("attributeOutsideAggregate", message, span);
                    problem.suggest(Some(format!("sum({path})")))
                } else {
                    let message = format!("{name} is no measure with one value");
                    Diagnostic::error("unknownMeasure", message, span)
                };
                self.problem(place, problem);
                None
            }
        }
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
        let mut found = Vec::new();
        for (at, by) in measure.by.iter().enumerate() {
            let (place, span) = (Place::Dimension(at), Span::new(0, by.to_string().len()));
            let (entity, name) = (by.attribute.entity.as_deref(), &by.attribute.attribute);
            let Some(attribute) = self.resolve(place, scope, entity, name, span) else { continue };
            if attribute.kind == Kind::Other {
                let message = format!("{} holds values that cannot be grouped", attribute.column());
                self.problem(place, Diagnostic::error("unsupportedAttribute", message, span));
                continue;
            }
            if let Some(bucket) =
                by.bucket.filter(|_| !matches!(attribute.kind, Kind::Date | Kind::Time { .. }))
            {
                let (column, kind) = (attribute.column(), attribute.kind);
                let message = format!("{column} is a {kind}, which has no {}", bucket.name());
                self.problem(place, Diagnostic::error("wrongDimension", message, span));
                continue;
            }
            self.path(place, span, tree.read(self.graph, &attribute, Direction::Forward));
            found.push((attribute, by.bucket));
        }
        (found.len() == measure.by.len()).then(|| named_dimensions(measure, found))
    }

    fn replacements(&mut self, measure: &Measure, scope: Scope<'_>) -> Option<Vec<(Attribute, Replacement)>> {
        let mut found = Vec::new();
        for (at, replace) in measure.replace.iter().enumerate() {
            let (place, span) = (Place::Replace(at), Span::new(0, replace.attribute.to_string().len()));
            let (entity, name) = (replace.attribute.entity.as_deref(), &replace.attribute.attribute);
            let Some(attribute) = self.resolve(place, scope, entity, name, span) else { continue };
            match replacement(replace, attribute.kind) {
                Ok(replacement) => found.push((attribute, replacement)),
                Err(message) => {
                    let message = format!("{}: {message}", attribute.column());
                    self.problem(place, Diagnostic::error("wrongReplacement", message, span));
                }
            }
        }
        (found.len() == measure.replace.len()).then_some(found)
    }

    fn via(&mut self, measure: &Measure, tree: &JoinTree, aggregates: &[Aggregate]) {
        let trees: Vec<&JoinTree> =
            std::iter::once(tree).chain(aggregates.iter().map(|aggregate| &aggregate.tree)).collect();
        for problem in via_problems(self.graph, &measure.via, &trees) {
            self.problem(Place::Whole, problem);
        }
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
        // A path that is missing is missing for everything that needs it: once is enough.
        let is_path = PathError::CODES.contains(&diagnostic.code);
        let again = |known: &Problem| {
            let same =
                known.diagnostic.code == diagnostic.code && known.diagnostic.message == diagnostic.message;
            same && (is_path || (known.place == place && known.diagnostic.span == diagnostic.span))
        };
        if !self.problems.iter().any(again) {
            self.problems.push(Problem { place, diagnostic });
        }
    }
}

/// The named relationships that are none, or that no path uses.
pub(crate) fn via_problems(graph: &Graph, via: &[String], trees: &[&JoinTree]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if via.len() > MAX_VIA {
        let message = format!("{} relationships; a path is told to use at most {MAX_VIA}", via.len());
        problems.push(Diagnostic::error("tooManyVia", message, Span::default()));
    }
    for name in via {
        let names = || graph.edges().iter().map(|edge| edge.name_in_paths());
        if !names().any(|known| known == *name) {
            let all: Vec<String> = names().collect();
            let nearest = did_you_mean(name, all.iter().map(String::as_str)).map(str::to_owned);
            let message = format!("via: there is no relationship {name}");
            problems
                .push(Diagnostic::error("unknownRelationship", message, Span::default()).suggest(nearest));
        } else if trees.iter().all(|tree| tree.unused_via().any(|unused| unused == name)) {
            let message = format!(
                "via: no path from {} uses the relationship {name}",
                trees.first().map_or("", |tree| tree.root())
            );
            problems.push(Diagnostic::error("relationshipNotOnPath", message, Span::default()));
        }
    }
    problems
}

fn reads(tree: &JoinTree, aggregates: &[Aggregate], calculations: &[CheckedCalculation]) -> BTreeSet<String> {
    let trees = std::iter::once(tree).chain(aggregates.iter().map(|aggregate| &aggregate.tree));
    let columns =
        trees.flat_map(|tree| tree.columns_of(CUSTOMER_MEASURE)).filter(|name| *name != CUSTOMER_ID);
    let mut found: BTreeSet<String> = columns.map(str::to_owned).collect();
    for term in calculations.iter().flat_map(|calculation| calculation.formula.leaves()) {
        if let Term::Measure(attribute) = term {
            let is_attribute = attribute.entity == CUSTOMER_MEASURE;
            found.insert(if is_attribute { attribute.name.clone() } else { attribute.entity.clone() });
        }
    }
    found
}

/// The replacement in the attribute's kind.
fn replacement(replace: &Replace, kind: Kind) -> Result<Replacement, String> {
    if !kind.is_number() {
        return Err(format!("only numbers are replaced, and it is a {kind}"));
    }
    let stored = |number: Number| match Amount::number(number).store(kind) {
        Ok(Some(value)) => Ok(value),
        _ => Err(format!("{number} is no value of a {kind}")),
    };
    let missing = replace.nulls.map(|to| stored(Number::integer(to))).transpose()?;
    let mut values = Vec::new();
    for (from, to) in &replace.values {
        let number = Number::parse(from).ok_or_else(|| format!("'{from}' is not a number"))?;
        values.push((stored(number)?, stored(Number::integer(*to))?));
    }
    if missing.is_none() && values.is_empty() {
        return Err("say what is replaced: nulls, or values".to_owned());
    }
    Ok(Replacement { missing, values })
}

/// A dimension's column has the attribute's name, with the period or the entity before it where that name is taken.
fn named_dimensions(measure: &Measure, found: Vec<(Attribute, Option<DatePart>)>) -> Vec<Dimension> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let calculations = measure.calculations.iter().map(|calculation| calculation.name.as_str());
    let names = found.iter().map(|(attribute, _)| attribute.name.as_str());
    for name in calculations.chain(names).chain([CUSTOMER_ID]) {
        *taken.entry(name.to_lowercase()).or_default() += 1;
    }
    let mut used = BTreeSet::new();
    let named = |(attribute, bucket): (Attribute, Option<DatePart>)| {
        let alone = taken.get(&attribute.name.to_lowercase()).is_none_or(|count| *count == 1);
        let longer = format!("{}_{}", attribute.entity, attribute.name);
        let mut name = if alone { attribute.name.clone() } else { longer };
        if let Some(bucket) = bucket.filter(|_| used.contains(&name.to_lowercase())) {
            name = format!("{name}_{}", bucket.name());
        }
        used.insert(name.to_lowercase());
        Dimension { name, attribute, bucket }
    };
    found.into_iter().map(named).collect()
}
