//! From a condition as it was written to a [`Predicate`], with every problem on the way.

use super::attribute::{Attribute, Kind};
use super::catalog::{Resolved, Scope, Unknown};
use super::moment::{RelativeTest, whole_day};
use super::predicate::{Operand, Predicate, Value};
use super::value::{Bound, NoMoment, Written, day_limits, number_bound, written};
use crate::calculations::check::AggregateScope;
use crate::relationships::Graph;
use lang::diagnose::{Diagnostic, Span};
use lang::rule::{
    self, Comparison, Condition, DatePart, Literal, Number, Operator, Path, Period, Quantifier, Spanned,
    Test, Unit,
};

/// What a check found. Without a value and without problems, too little is known of the entities to tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checked<T> {
    /// The checked form, when nothing is wrong and everything is known.
    pub value: Option<T>,
    /// What is wrong, in the order of the text.
    pub problems: Vec<Diagnostic>,
    /// What should be known to check the rest.
    pub unknown: Vec<Unknown>,
}

/// What a condition may ask beside attributes, and how its texts are meant.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// What names mean.
    pub scope: Scope<'a>,
    /// Where the condition is about one customer: what aggregates and `in segment` need. Elsewhere they are refused.
    pub customer: Option<CustomerSetting<'a>>,
    /// Every test of a text ignores case, as if it said so.
    pub ignore_case: bool,
}

/// What aggregates over a customer's rows need.
#[derive(Debug, Clone, Copy)]
pub struct CustomerSetting<'a> {
    /// The paths to the customer.
    pub graph: &'a Graph,
    /// The relationships that the paths must use.
    pub via: &'a [String],
}

/// Checks a condition over the attributes of rows, without aggregates and segments.
pub fn check(condition: &Condition, scope: Scope<'_>) -> Checked<Predicate> {
    check_in(condition, Setting { scope, customer: None, ignore_case: false })
}

/// Checks a condition.
pub fn check_in(condition: &Condition, setting: Setting<'_>) -> Checked<Predicate> {
    let mut checker = Checker { setting, problems: Vec::new(), unknown: Vec::new() };
    let value = checker.condition(condition);
    let value = if checker.problems.is_empty() { value } else { None };
    Checked { value, problems: checker.problems, unknown: checker.unknown }
}

struct Checker<'a> {
    setting: Setting<'a>,
    problems: Vec<Diagnostic>,
    unknown: Vec<Unknown>,
}

impl Checker<'_> {
    fn condition(&mut self, condition: &Condition) -> Option<Predicate> {
        match condition {
            Condition::And(parts) => self.all(parts).map(Predicate::And),
            Condition::Or(parts) => self.all(parts).map(Predicate::Or),
            Condition::Not(inner) => Some(not(self.condition(inner)?)),
            Condition::Test(test) => self.test(test),
            Condition::InSegment { name, span } => self.in_segment(&name.value, *span),
        }
    }

    fn all(&mut self, parts: &[Condition]) -> Option<Vec<Predicate>> {
        // Every part is checked, even after one that cannot be.
        let checked: Vec<_> = parts.iter().map(|part| self.condition(part)).collect();
        checked.into_iter().collect()
    }

    fn in_segment(&mut self, name: &str, span: Span) -> Option<Predicate> {
        if self.setting.customer.is_none() {
            let message = "`in segment` is for segments; a measure may not depend on one";
            self.problem("segmentNotPossible", message.to_owned(), span, None);
            return None;
        }
        match self.setting.scope.catalog.segment(name, span) {
            Ok(()) => Some(Predicate::InSegment(name.to_owned())),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    fn test(&mut self, test: &Test) -> Option<Predicate> {
        let is_null = matches!(test.operator, Operator::IsNull { .. });
        let operand = self.operand(&test.operand)?;
        if test.ignore_case && operand.kind() != Kind::Text {
            let message = format!("`ignore case` is for texts, and {} is a {}", test.operand, operand.kind());
            self.problem("wrongOperator", message, test.span, None);
            return None;
        }
        if is_null && matches!(&operand, Operand::Aggregate(it) if it.function == rule::Function::Count) {
            let message = format!("{} is never missing: without rows it is 0", test.operand);
            self.problem("wrongOperator", message, test.operand.span(), None);
            return None;
        }
        let ignore_case = operand.kind() == Kind::Text && (test.ignore_case || self.setting.ignore_case);
        let read = Read { test, operand, ignore_case };
        let (predicate, negated) = self.operator(&read)?;
        Some(if negated { not(predicate) } else { predicate })
    }

    /// The test, and whether its opposite is meant.
    fn operator(&mut self, read: &Read<'_>) -> Option<(Predicate, bool)> {
        Some(match &read.test.operator {
            Operator::IsNull { negated } => (Predicate::IsNull(read.operand.clone()), *negated),
            Operator::Compare { comparison, value } => (self.compare(read, *comparison, value)?, false),
            Operator::CompareList { comparison, quantifier, values } => {
                let tests = values.iter().map(|value| self.compare(read, *comparison, value)).collect();
                (quantified(*quantifier, tests)?, false)
            }
            Operator::Between { low, high, negated } => {
                let from = self.compare(read, Comparison::GreaterOrEqual, low);
                let to = self.compare(read, Comparison::LessOrEqual, high);
                (Predicate::And(vec![from?, to?]), *negated)
            }
            Operator::In { values, negated } => (self.one_of(read, values)?, *negated),
            Operator::Match { kind, text, negated } => (self.matches(read, *kind, &text.value)?, *negated),
            Operator::MatchList { kind, quantifier, texts, negated } => {
                let tests = texts.iter().map(|text| self.matches(read, *kind, &text.value)).collect();
                (quantified(*quantifier, tests)?, *negated)
            }
            Operator::WithinLast { period, negated } => (self.within_last(read, *period)?, *negated),
            Operator::YearToDate { negated } => {
                self.moment_needed(read)?;
                (self.relative(read, RelativeTest::YearToDate), *negated)
            }
        })
    }

    fn operand(&mut self, operand: &rule::Operand) -> Option<Operand> {
        match operand {
            rule::Operand::Attribute(path) => {
                let attribute = self.attribute(path)?;
                if attribute.kind == Kind::Other {
                    let message = format!("{} holds values that conditions cannot read", attribute.column());
                    self.problem("unsupportedAttribute", message, path.span(), None);
                    return None;
                }
                Some(Operand::Attribute(attribute))
            }
            rule::Operand::Part { part, path, span } => {
                let attribute = self.attribute(path)?;
                let fits = match attribute.kind {
                    Kind::Date => *part != DatePart::Hour,
                    Kind::Time { .. } => true,
                    _ => false,
                };
                if !fits {
                    let (name, column, kind) = (part.name(), attribute.column(), attribute.kind);
                    let message = format!("{column} is a {kind}, which has no {name}");
                    self.problem("wrongOperator", message, *span, None);
                    return None;
                }
                Some(Operand::Part { part: *part, attribute })
            }
            rule::Operand::Aggregate(aggregate) => {
                self.aggregate(aggregate).map(|aggregate| Operand::Aggregate(Box::new(aggregate)))
            }
        }
    }

    fn attribute(&mut self, path: &Path) -> Option<Attribute> {
        let entity = path.entity.as_ref().map(|entity| entity.value.as_str());
        match self.setting.scope.resolve(entity, &path.name.value, path.span()) {
            Ok(Resolved::Attribute(attribute)) => Some(attribute),
            Ok(Resolved::Unknown(unknown)) => {
                self.unknown.push(unknown);
                None
            }
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    fn aggregate(&mut self, aggregate: &rule::Aggregate) -> Option<crate::calculations::Aggregate> {
        let Some(CustomerSetting { graph, via }) = self.setting.customer else {
            let message =
                format!("{} is about a customer's rows, and cannot stand here", aggregate.function.name());
            self.problem("aggregateNotPossible", message, aggregate.span, None);
            return None;
        };
        let (catalog, ignore_case) = (self.setting.scope.catalog, self.setting.ignore_case);
        let scope = AggregateScope { ignore_case, ..AggregateScope::of_customer(catalog, graph, via) };
        let Checked { value, problems, unknown } = scope.check(aggregate);
        self.problems.extend(problems);
        self.unknown.extend(unknown);
        value
    }

    fn matches(&mut self, read: &Read<'_>, kind: rule::TextMatch, text: &str) -> Option<Predicate> {
        if read.operand.kind() != Kind::Text {
            return self.wrong_operator(read);
        }
        let text = if read.ignore_case { text.to_lowercase() } else { text.to_owned() };
        Some(Predicate::Match { operand: read.operand.clone(), kind, text, ignore_case: read.ignore_case })
    }

    fn within_last(&mut self, read: &Read<'_>, period: Period) -> Option<Predicate> {
        self.moment_needed(read)?;
        if read.operand.kind() == Kind::Date && matches!(period.unit, Unit::Hour | Unit::Minute) {
            let message = format!("{} is a date, which has no hours; count days", read.test.operand);
            self.problem("wrongOperator", message, read.test.span, None);
            return None;
        }
        Some(self.relative(read, RelativeTest::WithinLast(period)))
    }

    fn moment_needed(&mut self, read: &Read<'_>) -> Option<()> {
        if matches!(read.operand.kind(), Kind::Date | Kind::Time { .. }) {
            return Some(());
        }
        self.wrong_operator(read).map(|_| ())
    }

    fn relative(&self, read: &Read<'_>, test: RelativeTest) -> Predicate {
        Predicate::Relative { operand: read.operand.clone(), test }
    }

    fn compare(
        &mut self,
        read: &Read<'_>,
        comparison: Comparison,
        literal: &Spanned<Literal>,
    ) -> Option<Predicate> {
        use Comparison::{Equal, NotEqual};
        match (read.operand.kind(), &literal.value) {
            (Kind::Text, Literal::Text(text)) => {
                let ignore_case = read.ignore_case;
                let value = Value::Text(if ignore_case { text.to_lowercase() } else { text.clone() });
                Some(Predicate::Compare { operand: read.operand.clone(), comparison, value, ignore_case })
            }
            (kind, Literal::Number(number)) if kind.is_number() => {
                Some(match number_bound(kind, comparison, *number)? {
                    Bound::Constant(holds) => Predicate::Constant { operand: read.operand.clone(), holds },
                    Bound::Compare(comparison, value) => at(&read.operand, comparison, value),
                })
            }
            (Kind::Bool, Literal::Bool(value)) => match comparison {
                Equal | NotEqual => Some(at(&read.operand, comparison, Value::Bool(*value))),
                _ => self.wrong_operator(read),
            },
            (Kind::Date | Kind::Time { .. }, Literal::Text(text)) => {
                self.compare_moment(read, comparison, text, literal.span)
            }
            (Kind::Date | Kind::Time { .. }, Literal::Moment(moment)) => {
                Some(self.relative(read, RelativeTest::Compare(comparison, *moment)))
            }
            _ => self.wrong_type(read, literal),
        }
    }

    fn compare_moment(
        &mut self,
        read: &Read<'_>,
        comparison: Comparison,
        text: &str,
        span: Span,
    ) -> Option<Predicate> {
        let kind = read.operand.kind();
        let moment = match written(text, kind == Kind::Time { instant: true }) {
            Ok(moment) => moment,
            Err(wrong) => return self.no_moment(read, text, wrong, span),
        };
        Some(match (kind, moment) {
            (Kind::Date, Written::Day(day)) => at(&read.operand, comparison, Value::Date(day)),
            (Kind::Date, Written::Time(_)) => {
                let message =
                    format!("{} is a date, and '{text}' has a time of day too", named(&read.operand));
                let day = text.get(..10).map(|day| format!("'{day}'"));
                self.problem("wrongType", message, span, day);
                return None;
            }
            (_, Written::Day(day)) => whole_day(&read.operand, comparison, day_limits(day)),
            (_, Written::Time(time)) => at(&read.operand, comparison, Value::Time(time)),
        })
    }

    fn one_of(&mut self, read: &Read<'_>, values: &[Spanned<Literal>]) -> Option<Predicate> {
        let tests: Vec<_> = values.iter().map(|value| self.compare(read, Comparison::Equal, value)).collect();
        let tests: Vec<Predicate> = tests.into_iter().collect::<Option<_>>()?;
        let mut constants = Vec::with_capacity(tests.len());
        let mut others = Vec::new();
        for equal in tests {
            match equal {
                Predicate::Compare { comparison: Comparison::Equal, value, .. } => constants.push(value),
                Predicate::Constant { .. } => {} // never equal, as `Whole = 2.5`
                other => others.push(other),
            }
        }
        if others.is_empty() || !constants.is_empty() {
            let (operand, ignore_case) = (read.operand.clone(), read.ignore_case);
            others.push(Predicate::In { operand, values: constants, ignore_case });
        }
        quantified(Quantifier::Any, others.into_iter().map(Some).collect())
    }

    fn wrong_operator(&mut self, read: &Read<'_>) -> Option<Predicate> {
        let (name, kind) = (read.test.operator.name(), read.operand.kind());
        let can = match kind {
            Kind::Text => "=, !=, <, >, in, contains, starts with, ends with",
            Kind::Bool => "= and !=",
            Kind::Date | Kind::Time { .. } => "=, <, >, between, within last, year to date",
            _ => "=, !=, <, <=, >, >=, in, between",
        };
        let message =
            format!("`{name}` does not work on {}, a {kind}; what does: {can}", named(&read.operand));
        self.problem("wrongOperator", message, read.test.span, None);
        None
    }

    fn wrong_type(&mut self, read: &Read<'_>, literal: &Spanned<Literal>) -> Option<Predicate> {
        let kind = read.operand.kind();
        let message = format!("{} is a {kind}, and {} is not", named(&read.operand), literal.value);
        let suggestion = match (kind, &literal.value) {
            (Kind::Text, other) => Some(format!("'{other}'")),
            (kind, Literal::Text(text)) if kind.is_number() => {
                Number::parse(text).map(|number| number.to_string())
            }
            (Kind::Bool, Literal::Text(text)) => match text.to_lowercase().as_str() {
                "true" | "yes" | "1" => Some("true".to_owned()),
                "false" | "no" | "0" => Some("false".to_owned()),
                _ => None,
            },
            _ => None,
        };
        self.problem("wrongType", message, literal.span, suggestion);
        None
    }

    fn no_moment(&mut self, read: &Read<'_>, text: &str, wrong: NoMoment, span: Span) -> Option<Predicate> {
        let (name, kind) = (named(&read.operand), read.operand.kind());
        let message = match wrong {
            NoMoment::Form => {
                format!("{name} is a {kind}, and '{text}' is none in the form '2018-01-31'")
            }
            NoMoment::Offset => format!("the times of {name} have no offset from UTC, and '{text}' has one"),
        };
        self.problem("wrongType", message, span, None);
        None
    }

    fn problem(&mut self, code: &'static str, message: String, span: Span, suggestion: Option<String>) {
        self.problems.push(Diagnostic::error(code, message, span).suggest(suggestion));
    }
}

/// A test whose left side is known.
struct Read<'t> {
    test: &'t Test,
    operand: Operand,
    ignore_case: bool,
}

/// The operand, for messages.
fn named(operand: &Operand) -> String {
    match operand {
        Operand::Attribute(attribute) => attribute.column(),
        Operand::Part { part, attribute } => format!("{}({})", part.name(), attribute.column()),
        Operand::Aggregate(aggregate) => format!("{} of {}", aggregate.function.name(), aggregate.home()),
    }
}

/// The tests as one; a single test is itself.
fn quantified(quantifier: Quantifier, tests: Vec<Option<Predicate>>) -> Option<Predicate> {
    let mut tests: Vec<Predicate> = tests.into_iter().collect::<Option<_>>()?;
    match (tests.len(), quantifier) {
        (1, _) => tests.pop(),
        (_, Quantifier::Any) => Some(Predicate::Or(tests)),
        (_, Quantifier::All) => Some(Predicate::And(tests)),
    }
}

fn not(inner: Predicate) -> Predicate {
    Predicate::Not(Box::new(inner))
}

fn at(operand: &Operand, comparison: Comparison, value: Value) -> Predicate {
    Predicate::Compare { operand: operand.clone(), comparison, value, ignore_case: false }
}
