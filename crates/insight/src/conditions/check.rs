//! From a condition as it was written to a [`Predicate`], with every problem on the way.

use super::attribute::{Attribute, Kind};
use super::catalog::{Resolved, Scope, Unknown};
use super::predicate::{Predicate, Value};
use super::value::{Bound, Moment, NoMoment, day_limits, moment, number_bound};
use lang::diagnose::{Diagnostic, Span};
use lang::rule::{Comparison, Condition, Literal, Number, Operator, Spanned, Test};

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

/// Checks a condition.
pub fn check(condition: &Condition, scope: Scope<'_>) -> Checked<Predicate> {
    let mut checker = Checker { scope, problems: Vec::new(), unknown: Vec::new() };
    let value = checker.condition(condition);
    let value = if checker.problems.is_empty() { value } else { None };
    Checked { value, problems: checker.problems, unknown: checker.unknown }
}

struct Checker<'a> {
    scope: Scope<'a>,
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
        }
    }

    fn all(&mut self, parts: &[Condition]) -> Option<Vec<Predicate>> {
        // Every part is checked, even after one that cannot be.
        let checked: Vec<_> = parts.iter().map(|part| self.condition(part)).collect();
        checked.into_iter().collect()
    }

    fn test(&mut self, test: &Test) -> Option<Predicate> {
        let attribute = self.attribute(test)?;
        let (predicate, negated) = match &test.operator {
            Operator::IsNull { negated } => (Predicate::IsNull(attribute), *negated),
            Operator::Compare { comparison, value } => {
                (self.compare(test, &attribute, *comparison, value)?, false)
            }
            Operator::Between { low, high, negated } => {
                let from = self.compare(test, &attribute, Comparison::GreaterOrEqual, low);
                let to = self.compare(test, &attribute, Comparison::LessOrEqual, high);
                (Predicate::And(vec![from?, to?]), *negated)
            }
            Operator::In { values, negated } => (self.one_of(test, &attribute, values)?, *negated),
            Operator::Match { kind, text, negated } => {
                if attribute.kind != Kind::Text {
                    return self.wrong_operator(test, &attribute);
                }
                let text = if test.ignore_case { text.value.to_lowercase() } else { text.value.clone() };
                let ignore_case = test.ignore_case;
                (Predicate::Match { attribute, kind: *kind, text, ignore_case }, *negated)
            }
        };
        Some(if negated { not(predicate) } else { predicate })
    }

    fn attribute(&mut self, test: &Test) -> Option<Attribute> {
        let entity = test.path.entity.as_ref().map(|entity| entity.value.as_str());
        let attribute = match self.scope.resolve(entity, &test.path.name.value, test.path.span()) {
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
        if attribute.kind == Kind::Other {
            let message = format!("{} holds values that conditions cannot read", attribute.column());
            self.problem("unsupportedAttribute", message, test.path.span(), None);
            return None;
        }
        if test.ignore_case && attribute.kind != Kind::Text {
            let message =
                format!("`ignore case` is for texts, and {} is a {}", attribute.column(), attribute.kind);
            self.problem("wrongOperator", message, test.span, None);
            return None;
        }
        Some(attribute)
    }

    fn compare(
        &mut self,
        test: &Test,
        attribute: &Attribute,
        comparison: Comparison,
        literal: &Spanned<Literal>,
    ) -> Option<Predicate> {
        use Comparison::{Equal, NotEqual};
        let attribute = attribute.clone();
        let plain = |value| Predicate::Compare {
            attribute: attribute.clone(),
            comparison,
            value,
            ignore_case: false,
        };
        match (attribute.kind, &literal.value) {
            (Kind::Text, Literal::Text(text)) => {
                let ignore_case = test.ignore_case;
                let value = Value::Text(if ignore_case { text.to_lowercase() } else { text.clone() });
                Some(Predicate::Compare { attribute, comparison, value, ignore_case })
            }
            (kind, Literal::Number(number)) if kind.is_number() => {
                Some(match number_bound(kind, comparison, *number)? {
                    Bound::Constant(holds) => Predicate::Constant { attribute, holds },
                    Bound::Compare(comparison, value) => {
                        Predicate::Compare { attribute, comparison, value, ignore_case: false }
                    }
                })
            }
            (Kind::Bool, Literal::Bool(value)) => match comparison {
                Equal | NotEqual => Some(plain(Value::Bool(*value))),
                _ => self.wrong_operator(test, &attribute),
            },
            (Kind::Date | Kind::Time { .. }, Literal::Text(text)) => {
                self.compare_moment(&attribute, comparison, text, literal.span)
            }
            _ => self.wrong_type(&attribute, literal),
        }
    }

    fn compare_moment(
        &mut self,
        attribute: &Attribute,
        comparison: Comparison,
        text: &str,
        span: Span,
    ) -> Option<Predicate> {
        let instant = attribute.kind == Kind::Time { instant: true };
        let moment = match moment(text, instant) {
            Ok(moment) => moment,
            Err(wrong) => return self.no_moment(attribute, text, wrong, span),
        };
        Some(match (attribute.kind, moment) {
            (Kind::Date, Moment::Day(day)) => at(attribute, comparison, Value::Date(day)),
            (Kind::Date, Moment::Time(_)) => {
                let message = format!("{} is a date, and '{text}' has a time of day too", attribute.column());
                let day = text.get(..10).map(|day| format!("'{day}'"));
                self.problem("wrongType", message, span, day);
                return None;
            }
            (_, Moment::Day(day)) => whole_day(attribute, comparison, day),
            (_, Moment::Time(time)) => at(attribute, comparison, Value::Time(time)),
        })
    }

    fn one_of(
        &mut self,
        test: &Test,
        attribute: &Attribute,
        values: &[Spanned<Literal>],
    ) -> Option<Predicate> {
        let tests: Vec<_> =
            values.iter().map(|value| self.compare(test, attribute, Comparison::Equal, value)).collect();
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
        let list =
            Predicate::In { attribute: attribute.clone(), values: constants, ignore_case: test.ignore_case };
        if others.is_empty() {
            return Some(list);
        }
        if !matches!(&list, Predicate::In { values, .. } if values.is_empty()) {
            others.push(list);
        }
        Some(Predicate::Or(others))
    }

    fn wrong_operator(&mut self, test: &Test, attribute: &Attribute) -> Option<Predicate> {
        let message = format!(
            "`{}` does not work on {}, a {}",
            test.operator.name(),
            attribute.column(),
            attribute.kind
        );
        self.problem("wrongOperator", message, test.span, None);
        None
    }

    fn wrong_type(&mut self, attribute: &Attribute, literal: &Spanned<Literal>) -> Option<Predicate> {
        let message = format!("{} is a {}, and {} is not", attribute.column(), attribute.kind, literal.value);
        let suggestion = match (attribute.kind, &literal.value) {
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

    fn no_moment(
        &mut self,
        attribute: &Attribute,
        text: &str,
        wrong: NoMoment,
        span: Span,
    ) -> Option<Predicate> {
        let name = attribute.column();
        let message = match wrong {
            NoMoment::Form => {
                format!("{name} is a {}, and '{text}' is none in the form '2018-01-31'", attribute.kind)
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

fn not(inner: Predicate) -> Predicate {
    Predicate::Not(Box::new(inner))
}

fn at(attribute: &Attribute, comparison: Comparison, value: Value) -> Predicate {
    Predicate::Compare { attribute: attribute.clone(), comparison, value, ignore_case: false }
}

/// A time compared with a date: the date is its whole day.
fn whole_day(attribute: &Attribute, comparison: Comparison, day: i32) -> Predicate {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let (start, end) = day_limits(day);
    let on_the_day = || {
        Predicate::And(vec![
            at(attribute, GreaterOrEqual, Value::Time(start)),
            at(attribute, Less, Value::Time(end)),
        ])
    };
    match comparison {
        Less => at(attribute, Less, Value::Time(start)),
        LessOrEqual => at(attribute, Less, Value::Time(end)),
        Greater => at(attribute, GreaterOrEqual, Value::Time(end)),
        GreaterOrEqual => at(attribute, GreaterOrEqual, Value::Time(start)),
        Equal => on_the_day(),
        NotEqual => not(on_the_day()),
    }
}
