//! Aggregates checked against the entities: the home whose rows count, the paths, the types.

use super::aggregate::{Aggregate, result_kind};
use super::expression::{Expression, Input, Replacement, Scalar};
use super::taken::Taken;
use crate::conditions::{Attribute, Catalog, Checked, Kind, Resolved, Scope, Setting, Unknown, check_in};
use crate::relationships::{CUSTOMER, CUSTOMER_ID, CUSTOMER_MEASURE, Direction, Graph, JoinTree, PathError};
use lang::diagnose::{Diagnostic, Span};
use lang::rule::{self, Argument, Arithmetic, DatePart, Function, Path, Take};

/// What aggregates are checked against.
#[derive(Clone, Copy)]
pub(crate) struct AggregateScope<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) graph: &'a Graph,
    /// The relationships that paths must use.
    pub(crate) via: &'a [String],
    /// Whether each row belongs to a customer.
    pub(crate) per_customer: bool,
    /// The home that was found already, of which all aggregates must be.
    pub(crate) home: Option<&'a str>,
    /// What stands in the place of values of some attributes.
    pub(crate) replacements: &'a [(Attribute, Replacement)],
    /// Tests of texts ignore case.
    pub(crate) ignore_case: bool,
}

impl<'a> AggregateScope<'a> {
    /// For aggregates over one customer's rows.
    pub(crate) fn of_customer(catalog: &'a Catalog, graph: &'a Graph, via: &'a [String]) -> Self {
        Self { catalog, graph, via, per_customer: true, home: None, replacements: &[], ignore_case: false }
    }

    /// Checks one aggregate.
    pub(crate) fn check(self, aggregate: &rule::Aggregate) -> Checked<Aggregate> {
        let mut checker = Checker { scope: self, problems: Vec::new(), unknown: Vec::new() };
        let value = checker.aggregate(aggregate);
        let value = value.filter(|_| checker.problems.is_empty() && checker.unknown.is_empty());
        Checked { value, problems: checker.problems, unknown: checker.unknown }
    }

    /// The entity whose rows an aggregate counts; nothing when it names none.
    ///
    /// # Errors
    /// It names entities of which none leads forward to all others.
    pub(crate) fn home_of(self, aggregate: &rule::Aggregate) -> Result<Option<String>, Diagnostic> {
        let mut named: Vec<&str> = Vec::new();
        let paths = match &aggregate.argument {
            Argument::Rows(_) => aggregate.filter.iter().flat_map(rule::Condition::paths).collect(),
            Argument::Scalar(scalar) => {
                let read = scalar.leaves().into_iter().map(|read| &read.path);
                read.chain(&aggregate.by).collect::<Vec<_>>()
            }
        };
        if let Some(entity) = self.counted_entity(aggregate) {
            return Ok(Some(entity.to_owned()));
        }
        for path in paths {
            let entity = match &path.entity {
                Some(entity) if entity.value == CUSTOMER_MEASURE => CUSTOMER,
                Some(entity) => entity.value.as_str(),
                None => continue,
            };
            if !named.contains(&entity) {
                named.push(entity);
            }
        }
        let leads = |from: &str, to: &str| match self.graph.path(from, to, Direction::Forward) {
            Ok(_) | Err(PathError::Ambiguous { .. } | PathError::TooLong { .. }) => true,
            Err(_) => false,
        };
        let home = named.iter().find(|home| named.iter().all(|other| leads(home, other)));
        match (home, named.as_slice()) {
            (Some(home), _) => Ok(Some((*home).to_owned())),
            (None, []) => Ok(None),
            (None, _) => {
                let message = format!(
                    "no row of one of these entities has one row of all others: {}",
                    named.join(", ")
                );
                Err(Diagnostic::error("manyEntities", message, aggregate.span))
            }
        }
    }

    /// The entity of `count(Entity)`.
    pub(crate) fn counted_entity(self, aggregate: &rule::Aggregate) -> Option<&str> {
        let path = aggregate.argument.path().filter(|path| path.entity.is_none())?;
        let counts = aggregate.function == Function::Count && self.catalog.entity(&path.name.value).is_some();
        counts.then_some(path.name.value.as_str())
    }
}

struct Checker<'a> {
    scope: AggregateScope<'a>,
    problems: Vec<Diagnostic>,
    unknown: Vec<Unknown>,
}

impl Checker<'_> {
    fn aggregate(&mut self, aggregate: &rule::Aggregate) -> Option<Aggregate> {
        let home = self.home(aggregate)?;
        self.shape(aggregate);
        let mut tree = JoinTree::through(&home, self.scope.via);
        if self.scope.per_customer {
            self.path(aggregate.span, tree.reach(self.scope.graph, CUSTOMER, Direction::Forward));
            tree.column(CUSTOMER, CUSTOMER_ID);
        }
        let scalar = match &aggregate.argument {
            Argument::Scalar(scalar) if self.scope.counted_entity(aggregate).is_none() => Some(scalar),
            _ => None,
        };
        let argument = scalar.map(|scalar| self.scalar(scalar, &home, &mut tree));
        let by = aggregate.by.as_ref().map(|by| self.order(by, &home, &mut tree));
        let filter = aggregate.filter.as_ref().map(|filter| {
            let scope = Scope { catalog: self.scope.catalog, home: &home };
            let setting = Setting { scope, customer: None, ignore_case: self.scope.ignore_case };
            let Checked { value, problems, unknown } = check_in(filter, setting);
            self.problems.extend(problems);
            self.unknown.extend(unknown);
            for attribute in value.iter().flat_map(crate::conditions::Predicate::attributes) {
                self.path(aggregate.span, tree.read(self.scope.graph, attribute, Direction::Forward));
            }
            value
        });
        let (argument, by, filter) = (all(argument)?, all(by)?, all(filter)?);
        let kind = self.kind(aggregate, argument.as_ref())?;
        let (function, distinct) = (aggregate.function, aggregate.distinct);
        Some(Aggregate { function, distinct, tree, argument, by, filter, kind })
    }

    fn home(&mut self, aggregate: &rule::Aggregate) -> Option<String> {
        if let Some(home) = self.scope.home {
            return Some(home.to_owned());
        }
        match self.scope.home_of(aggregate) {
            Ok(Some(home)) => Some(home),
            Ok(None) if matches!(aggregate.argument, Argument::Rows(_)) => {
                let message = "say whose rows are counted: count(Entity), or count(Entity where …)";
                self.problem("aggregateWithoutEntity", message.to_owned(), aggregate.span);
                None
            }
            Ok(None) => Some(CUSTOMER.to_owned()),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// What can be said without knowing any attribute.
    fn shape(&mut self, aggregate: &rule::Aggregate) {
        let name = aggregate.function.name();
        if aggregate.distinct && aggregate.function != Function::Count {
            let message = format!("`distinct` works with count, not with {name}");
            self.problem("distinctOutsideCount", message, aggregate.span);
        }
        if aggregate.function.is_ordered() && aggregate.by.is_none() {
            let message = format!("{name} needs an order of the rows: {name}(… by Entity.Date)");
            self.problem("orderMissing", message, aggregate.span);
        }
    }

    fn scalar(&mut self, scalar: &rule::Scalar, home: &str, tree: &mut JoinTree) -> Option<Scalar> {
        Some(match scalar {
            Arithmetic::Leaf(read) => Expression::Leaf(self.input(read, home, tree)?),
            Arithmetic::Number(number) => Expression::Number(number.value),
            Arithmetic::Negate(inner) => Expression::Negate(Box::new(self.scalar(inner, home, tree)?)),
            Arithmetic::Binary { operation, left, right } => {
                let (left, right) = (self.scalar(left, home, tree), self.scalar(right, home, tree));
                Expression::Binary { operation: *operation, left: Box::new(left?), right: Box::new(right?) }
            }
        })
    }

    fn input(&mut self, read: &rule::Read, home: &str, tree: &mut JoinTree) -> Option<Input> {
        let attribute = self.attribute(&read.path, home, tree)?;
        if let Some(function) = read.take.name()
            && !reads_date(read.take, attribute.kind)
        {
            let message = format!("{} is a {}, which has no {function}", attribute.column(), attribute.kind);
            self.problem("wrongFunction", message, read.span);
            return None;
        }
        let found = self.scope.replacements.iter().find(|(replaced, _)| *replaced == attribute);
        let replacement = found.map(|(_, replacement)| replacement.clone());
        Some(Input { attribute, taken: Taken::of_rule(read.take), replacement })
    }

    fn order(&mut self, path: &Path, home: &str, tree: &mut JoinTree) -> Option<Attribute> {
        let attribute = self.attribute(path, home, tree)?;
        if matches!(attribute.kind, Kind::Bool | Kind::Other) {
            let message = format!("{} is a {}, which gives no order", attribute.column(), attribute.kind);
            self.problem("wrongFunction", message, path.span());
            return None;
        }
        Some(attribute)
    }

    fn attribute(&mut self, path: &Path, home: &str, tree: &mut JoinTree) -> Option<Attribute> {
        let entity = path.entity.as_ref().map(|entity| entity.value.as_str());
        let scope = Scope { catalog: self.scope.catalog, home };
        let attribute = match scope.resolve(entity, &path.name.value, path.span()) {
            Ok(Resolved::Attribute(attribute)) => attribute,
            Ok(Resolved::Unknown(unknown)) => {
                self.unknown.push(unknown);
                return None;
            }
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        self.path(path.span(), tree.read(self.scope.graph, &attribute, Direction::Forward));
        Some(attribute)
    }

    fn kind(&mut self, aggregate: &rule::Aggregate, argument: Option<&Scalar>) -> Option<Kind> {
        let Some(scalar) = argument else { return Some(Kind::Integer) };
        let of = Input::kind;
        let name = aggregate.function.name();
        let Some(kind) = scalar.kind(&of) else {
            let texts = scalar.leaves().into_iter().find(|leaf| !leaf.kind().is_number());
            let message = match texts {
                Some(leaf) => {
                    let (column, kind) = (leaf.attribute.column(), leaf.kind());
                    format!("nothing can be calculated with {column}, a {kind}")
                }
                None => "the result would have more than 38 digits behind the point".to_owned(),
            };
            self.problem("wrongFunction", message, aggregate.span);
            return None;
        };
        let result = result_kind(aggregate.function, kind);
        if result.is_none() {
            let what = scalar.leaf().map_or("this".to_owned(), |leaf| leaf.attribute.column());
            let message = format!("{name} of {what}, a {kind}, is not possible");
            self.problem("wrongFunction", message, aggregate.span);
        }
        result
    }

    fn path(&mut self, span: Span, found: Result<(), PathError>) {
        if let Err(error) = found {
            self.problem(error.code(), error.to_string(), span);
        }
    }

    fn problem(&mut self, code: &'static str, message: String, span: Span) {
        if !self.problems.iter().any(|problem| problem.code == code && problem.message == message) {
            self.problems.push(Diagnostic::error(code, message, span));
        }
    }
}

/// Whether values of this kind have what is taken of them.
fn reads_date(take: Take, kind: Kind) -> bool {
    match take {
        Take::Part(DatePart::Hour) => matches!(kind, Kind::Time { .. }),
        _ => matches!(kind, Kind::Date | Kind::Time { .. }),
    }
}

/// Nothing when a part that is there could not be checked.
fn all<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(None) => None,
        Some(Some(part)) => Some(Some(part)),
        None => Some(None),
    }
}
