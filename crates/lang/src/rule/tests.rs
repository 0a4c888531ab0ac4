//! Cases from `testdata/rule/`, and properties that hold for every text and every tree.

use super::ast::*;
use super::*;
use crate::diagnose::{Diagnostic, Span};
use proptest::prelude::*;
use std::fmt::Write;

fn data(name: &str) -> String {
    let path = format!("{}/testdata/rule/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn check_pairs(name: &str, print: impl Fn(&str) -> Result<String, Vec<Diagnostic>>) {
    let mut count = 0;
    for line in data(name).lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (text, wanted) = line.split_once("  ->  ").unwrap_or_else(|| panic!("{name}: {line}"));
        assert_eq!(print(text).unwrap_or_else(|problems| format!("{problems:?}")), wanted, "{text}");
        assert_eq!(print(wanted).unwrap(), wanted, "printed text is stable");
        count += 1;
    }
    assert!(count > 5, "{name} has cases");
}

#[test]
fn conditions_parse_as_the_data_says() {
    check_pairs("conditions.txt", |text| parse_condition(text).map(|tree| tree.to_string()));
}

#[test]
fn calculations_parse_as_the_data_says() {
    check_pairs("calculations.txt", |text| parse_calculation(text).map(|tree| tree.to_string()));
}

/// Every problem of every wrong text, as a snapshot: what it says, what it points at, what it suggests.
#[test]
fn mistakes_are_all_reported_where_they_are() {
    let mut report = String::new();
    for line in data("mistakes.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let problems = match line.strip_prefix("calculate: ") {
            Some(text) => parse_calculation(text).err().map(|problems| (text, problems)),
            None => parse_condition(line).err().map(|problems| (line, problems)),
        };
        let (text, problems) = problems.unwrap_or_else(|| panic!("no problem found in {line}"));
        writeln!(report, "{line}").unwrap();
        for problem in problems {
            let before = text.get(..problem.span.start).unwrap().chars().count();
            let width = problem.span.of(text).chars().count().max(1);
            writeln!(report, "  {}{} {}", " ".repeat(before), "^".repeat(width), problem.code).unwrap();
            writeln!(report, "    {}", problem.message).unwrap();
            if let Some(suggestion) = problem.suggestion {
                writeln!(report, "    write `{suggestion}`").unwrap();
            }
        }
    }
    insta::with_settings!({ snapshot_path => "../../testdata/rule", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("mistakes", report);
    });
}

#[test]
fn a_text_one_byte_too_long_is_refused() {
    let condition = |length: usize| format!("a = '{}'", "x".repeat(length - 6));
    assert!(parse_condition(&condition(MAX_LENGTH)).is_ok());
    assert_eq!(parse_condition(&condition(MAX_LENGTH + 1)).unwrap_err()[0].code, "ruleTooLong");
}

#[test]
fn one_level_too_deep_is_refused() {
    let nested = |depth: usize| format!("{}a = 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse_condition(&nested(MAX_DEPTH - 1)).is_ok());
    assert_eq!(parse_condition(&nested(MAX_DEPTH)).unwrap_err()[0].code, "ruleTooDeep");
    let negated = "not ".repeat(MAX_DEPTH) + "a = 1";
    assert_eq!(parse_condition(&negated).unwrap_err()[0].code, "ruleTooDeep");
}

#[test]
fn one_test_or_value_too_many_is_refused() {
    let tests = |count: usize| vec!["a = 1"; count].join(" or ");
    assert!(parse_condition(&tests(MAX_TESTS)).is_ok());
    assert_eq!(parse_condition(&tests(MAX_TESTS + 1)).unwrap_err()[0].code, "ruleTooManyTests");
    let values = |count: usize| format!("a in ({})", vec!["1"; count].join(","));
    assert!(parse_condition(&values(MAX_VALUES)).is_ok());
    assert_eq!(parse_condition(&values(MAX_VALUES + 1)).unwrap_err()[0].code, "ruleTooManyValues");
}

#[test]
fn spans_point_at_the_parts() {
    let text = "Shop_Orders.[Total Price] >= 5 and État = 'x'";
    let Condition::And(parts) = parse_condition(text).unwrap() else { panic!("two tests") };
    let [Condition::Test(first), Condition::Test(second)] = parts.as_slice() else { panic!("two tests") };
    assert_eq!(first.path.entity.as_ref().unwrap().span.of(text), "Shop_Orders");
    assert_eq!(first.path.name.span.of(text), "[Total Price]");
    assert_eq!(first.path.span().of(text), "Shop_Orders.[Total Price]");
    assert_eq!(first.span.of(text), "Shop_Orders.[Total Price] >= 5");
    assert_eq!(second.span.of(text), "État = 'x'");
}

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned { value, span: Span::default() }
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-zé_][A-Za-z0-9ß_]{0,8}",
        "[ -~]{1,8}",
        Just("and".into()),
        Just("Is".into()),
        "\\PC{1,5}"
    ]
}

fn any_path() -> impl Strategy<Value = Path> {
    (proptest::option::of(any_name()), any_name())
        .prop_map(|(entity, name)| Path { entity: entity.map(spanned), name: spanned(name) })
}

fn any_number() -> impl Strategy<Value = Number> {
    (any::<i64>(), 0u8..20).prop_map(|(unscaled, scale)| Number::new(unscaled.into(), scale).unwrap())
}

fn any_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        any_number().prop_map(Literal::Number),
        "\\PC{0,8}".prop_map(Literal::Text),
        any::<bool>().prop_map(Literal::Bool),
    ]
}

fn any_operator() -> impl Strategy<Value = Operator> {
    use Comparison::*;
    let comparison =
        proptest::sample::select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual]);
    let kind =
        proptest::sample::select(vec![TextMatch::Contains, TextMatch::StartsWith, TextMatch::EndsWith]);
    let literal = || any_literal().prop_map(spanned);
    prop_oneof![
        (comparison, literal()).prop_map(|(comparison, value)| Operator::Compare { comparison, value }),
        (proptest::collection::vec(literal(), 1..4), any::<bool>())
            .prop_map(|(values, negated)| Operator::In { values, negated }),
        (kind, "\\PC{0,8}", any::<bool>()).prop_map(|(kind, text, negated)| Operator::Match {
            kind,
            text: spanned(text),
            negated
        }),
        (literal(), literal(), any::<bool>()).prop_map(|(low, high, negated)| Operator::Between {
            low,
            high,
            negated
        }),
        any::<bool>().prop_map(|negated| Operator::IsNull { negated }),
    ]
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let test = (any_path(), any_operator()).prop_map(|(path, operator)| {
        let ignore_case = matches!(operator, Operator::Match { .. });
        Condition::Test(Box::new(Test { path, operator, ignore_case, span: Span::default() }))
    });
    test.prop_recursive(4, 24, 4, |inner| {
        let many = || proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            many().prop_map(Condition::And),
            many().prop_map(Condition::Or),
            inner.clone().prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

fn without_places(condition: Condition) -> Condition {
    let list = |parts: Vec<Condition>| parts.into_iter().map(without_places).collect();
    match condition {
        Condition::And(parts) => Condition::And(list(parts)),
        Condition::Or(parts) => Condition::Or(list(parts)),
        Condition::Not(inner) => Condition::Not(Box::new(without_places(*inner))),
        Condition::Test(test) => {
            let Test { path, operator, ignore_case, .. } = *test;
            let (path, operator) = (path_without_places(path), operator_without_places(operator));
            Condition::Test(Box::new(Test { path, operator, ignore_case, span: Span::default() }))
        }
    }
}

fn path_without_places(path: Path) -> Path {
    Path { entity: path.entity.map(|entity| spanned(entity.value)), name: spanned(path.name.value) }
}

fn operator_without_places(operator: Operator) -> Operator {
    let bare = |value: Spanned<Literal>| spanned(value.value);
    match operator {
        Operator::Compare { comparison, value } => Operator::Compare { comparison, value: bare(value) },
        Operator::In { values, negated } => {
            Operator::In { values: values.into_iter().map(bare).collect(), negated }
        }
        Operator::Match { kind, text, negated } => {
            Operator::Match { kind, text: spanned(text.value), negated }
        }
        Operator::Between { low, high, negated } => {
            Operator::Between { low: bare(low), high: bare(high), negated }
        }
        Operator::IsNull { negated } => Operator::IsNull { negated },
    }
}

proptest! {
    #[test]
    fn a_printed_condition_parses_to_the_same_tree(condition in any_condition()) {
        let text = condition.to_string();
        let again = parse_condition(&text).map_err(|problems| TestCaseError::fail(format!("{text}: {problems:?}")))?;
        prop_assert_eq!(without_places(again), condition, "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_panic_or_point_outside(text in "\\PC{0,60}") {
        check_spans(&text)?;
    }

    #[test]
    fn no_sequence_of_words_makes_the_parser_panic(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "a", "and", "or", "not", "in", "is", "null", "between", "contains", "starts", "with", "ignore", "case",
            "(", ")", ",", ".", "=", "<=", "'x'", "'", "\"", "[b c]", "[", "1", "-2.5", "1e9999999999", "*", "sum",
            "count", "distinct", "‘", "!", "&&", "2018-01-01", "true", "€",
        ]), 0..30),
        gap in prop_oneof![Just(" "), Just("")],
    ) {
        check_spans(&words.join(gap))?;
    }
}

fn check_spans(text: &str) -> Result<(), TestCaseError> {
    let condition = parse_condition(text).map(|tree| tree.to_string());
    let calculation = parse_calculation(text).map(|tree| tree.to_string());
    for problems in [condition, calculation].into_iter().filter_map(Result::err) {
        prop_assert!(!problems.is_empty(), "an error says what is wrong");
        for problem in problems {
            prop_assert!(text.get(problem.span.start..problem.span.end).is_some(), "{text}: {problem:?}");
        }
    }
    Ok(())
}
