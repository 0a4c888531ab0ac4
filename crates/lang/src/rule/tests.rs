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
    let Operand::Attribute(path) = &first.operand else { panic!("an attribute") };
    assert_eq!(path.entity.as_ref().unwrap().span.of(text), "Shop_Orders");
    assert_eq!(path.name.span.of(text), "[Total Price]");
    assert_eq!(path.span().of(text), "Shop_Orders.[Total Price]");
    assert_eq!(first.span.of(text), "Shop_Orders.[Total Price] >= 5");
    assert_eq!(second.span.of(text), "État = 'x'");
}

#[test]
fn one_operation_too_many_is_refused() {
    let sum = |count: usize| format!("sum(a{})", " + 1".repeat(count));
    assert!(parse_calculation(&sum(MAX_OPERATIONS)).is_ok());
    assert_eq!(parse_calculation(&sum(MAX_OPERATIONS + 1)).unwrap_err()[0].code, "ruleTooManyOperations");
    let negated = format!("{}1", "-".repeat(MAX_DEPTH));
    assert_eq!(parse_calculation(&negated).unwrap_err()[0].code, "ruleTooDeep");
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
        any_moment().prop_map(Literal::Moment),
    ]
}

fn any_period() -> impl Strategy<Value = Period> {
    (1..=MAX_PERIOD, proptest::sample::select(&Unit::ALL[..]))
        .prop_map(|(amount, unit)| Period { amount, unit })
}

fn any_moment() -> impl Strategy<Value = Moment> {
    let base = proptest::sample::select(vec![Base::Today, Base::Now]);
    let offset = proptest::option::of((any::<bool>(), any_period()));
    let days_only = |base, offset: Option<(bool, Period)>| {
        let offset = offset.map(|(back, period)| Offset { back, period });
        let is_short = |it: &Offset| matches!(it.period.unit, Unit::Hour | Unit::Minute);
        Moment { base, offset: offset.filter(|it| base == Base::Now || !is_short(it)) }
    };
    (base, offset).prop_map(move |(base, offset)| days_only(base, offset))
}

fn any_operator() -> impl Strategy<Value = Operator> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let comparison =
        || proptest::sample::select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual]);
    let kind =
        || proptest::sample::select(vec![TextMatch::Contains, TextMatch::StartsWith, TextMatch::EndsWith]);
    let quantifier = || proptest::sample::select(vec![Quantifier::Any, Quantifier::All]);
    let literal = || any_literal().prop_map(spanned);
    let literals = move || proptest::collection::vec(literal(), 1..4);
    let texts = proptest::collection::vec("\\PC{0,8}".prop_map(spanned), 1..4);
    let negated = any::<bool>;
    prop_oneof![
        (comparison(), literal()).prop_map(|(comparison, value)| Operator::Compare { comparison, value }),
        (comparison(), quantifier(), literals()).prop_map(|(comparison, quantifier, values)| {
            Operator::CompareList { comparison, quantifier, values }
        }),
        (literals(), negated()).prop_map(|(values, negated)| Operator::In { values, negated }),
        (kind(), "\\PC{0,8}".prop_map(spanned), negated())
            .prop_map(|(kind, text, negated)| Operator::Match { kind, text, negated }),
        (kind(), quantifier(), texts, negated()).prop_map(|(kind, quantifier, texts, negated)| {
            Operator::MatchList { kind, quantifier, texts, negated }
        }),
        (literal(), literal(), negated()).prop_map(|(low, high, negated)| Operator::Between {
            low,
            high,
            negated
        }),
        negated().prop_map(|negated| Operator::IsNull { negated }),
        (any_period(), negated()).prop_map(|(period, negated)| Operator::WithinLast { period, negated }),
        negated().prop_map(|negated| Operator::YearToDate { negated }),
    ]
}

fn any_arithmetic<L: Clone + std::fmt::Debug + 'static>(
    leaf: impl Strategy<Value = L> + 'static,
) -> impl Strategy<Value = Arithmetic<L>> {
    let number = (0i64.., 0u8..20).prop_map(|(unscaled, scale)| Number::new(unscaled.into(), scale).unwrap());
    let leaf = prop_oneof![
        3 => leaf.prop_map(Arithmetic::Leaf),
        1 => number.prop_map(|number| Arithmetic::Number(spanned(number))),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        use Operation::{Add, Divide, Multiply, Power, Remainder, Subtract};
        let operation = proptest::sample::select(vec![Add, Subtract, Multiply, Divide, Remainder, Power]);
        prop_oneof![
            inner.clone().prop_map(|inner| Arithmetic::Negate(Box::new(inner))),
            (operation, inner.clone(), inner).prop_map(|(operation, left, right)| Arithmetic::Binary {
                operation,
                left: Box::new(left),
                right: Box::new(right)
            }),
        ]
    })
}

fn any_read() -> impl Strategy<Value = Read> {
    let part = proptest::sample::select(&DatePart::ALL[..]).prop_map(Take::Part);
    let take = prop_oneof![3 => Just(Take::Value), 1 => part, 1 => Just(Take::DaysSince)];
    (take, any_path()).prop_map(|(take, path)| Read { take, path, span: Span::default() })
}

fn any_aggregate(filter: impl Strategy<Value = Condition> + 'static) -> impl Strategy<Value = Aggregate> {
    use Function::{ArgMax, ArgMin, Avg, Count, First, Last, Max, Median, Min, Sum};
    let function =
        proptest::sample::select(vec![Sum, Avg, Min, Max, Count, Median, First, Last, ArgMin, ArgMax]);
    let parts = (function, any::<bool>(), any_arithmetic(any_read()), any_path(), any::<bool>());
    (parts, proptest::option::of(filter)).prop_map(
        |((function, distinct, scalar, by, rows_or_by), filter)| {
            let rows = function == Count && rows_or_by;
            let argument = if rows { Argument::Rows(Span::default()) } else { Argument::Scalar(scalar) };
            let needs_by = matches!(function, ArgMin | ArgMax) || (function.is_ordered() && rows_or_by);
            let by = needs_by.then_some(by);
            Aggregate { function, distinct: distinct && !rows, argument, by, filter, span: Span::default() }
        },
    )
}

fn any_test(operand: impl Strategy<Value = Operand> + 'static) -> impl Strategy<Value = Condition> {
    (operand, any_operator()).prop_map(|(operand, operator)| {
        let ignore_case = matches!(operator, Operator::Match { .. } | Operator::MatchList { .. });
        Condition::Test(Box::new(Test { operand, operator, ignore_case, span: Span::default() }))
    })
}

fn any_nesting(leaf: BoxedStrategy<Condition>) -> BoxedStrategy<Condition> {
    let nested = leaf.prop_recursive(4, 24, 4, |inner| {
        let many = || proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            many().prop_map(Condition::And),
            many().prop_map(Condition::Or),
            inner.clone().prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    });
    nested.boxed()
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let part = (proptest::sample::select(&DatePart::ALL[..]), any_path())
        .prop_map(|(part, path)| Operand::Part { part, path, span: Span::default() });
    let simple = prop_oneof![3 => any_path().prop_map(Operand::Attribute), 1 => part].boxed();
    let segment =
        any_name().prop_map(|name| Condition::InSegment { name: spanned(name), span: Span::default() });
    let inner = prop_oneof![5 => any_test(simple.clone()), 1 => segment].boxed();
    let aggregate = any_aggregate(any_nesting(inner.clone()));
    let aggregate = aggregate.prop_map(|aggregate| Operand::Aggregate(Box::new(aggregate)));
    any_nesting(prop_oneof![4 => inner, 1 => any_test(aggregate)].boxed())
}

fn any_calculation() -> impl Strategy<Value = Calculation> {
    let simple = any_test(any_path().prop_map(Operand::Attribute)).boxed();
    let aggregate = any_aggregate(any_nesting(simple));
    any_arithmetic(prop_oneof![
        aggregate.prop_map(|aggregate| Term::Aggregate(Box::new(aggregate))),
        any_path().prop_map(Term::Measure),
    ])
}

/// What a tree prints in its debug form without any place.
fn without_places(tree: &impl std::fmt::Debug) -> String {
    let text = format!("{tree:?}");
    let mut parts = text.split("Span {");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str(part.split_once('}').unwrap().1);
    }
    bare
}

proptest! {
    #[test]
    fn a_printed_condition_parses_to_the_same_tree(condition in any_condition()) {
        let text = condition.to_string();
        let again = parse_condition(&text).map_err(|problems| TestCaseError::fail(format!("{text}: {problems:?}")))?;
        prop_assert_eq!(without_places(&again), without_places(&condition), "{}", text);
    }

    #[test]
    fn a_printed_calculation_parses_to_the_same_tree(calculation in any_calculation()) {
        let text = calculation.to_string();
        let again =
            parse_calculation(&text).map_err(|problems| TestCaseError::fail(format!("{text}: {problems:?}")))?;
        prop_assert_eq!(without_places(&again), without_places(&calculation), "{}", text);
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
            "count", "distinct", "by", "where", "segment", "today", "within", "last", "days", "any", "year", "(", "+",
            "-", "/", "^", "‘", "!", "&&", "2018-01-01", "true", "€",
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
