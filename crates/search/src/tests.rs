//! Indexes built and searched, against a naive search over the same rows.

use std::cmp::Reverse;
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::definition::{FacetOrder, FilterOptions, SearchAttribute, SearchDefinition};

/// A customer: name, e-mail, city, points.
type Row = (&'static str, Option<&'static str>, Option<&'static str>, i64);

const ROWS: [Row; 8] = [
    ("Anna Smith", Some("anna.smith@example.com"), Some("Saint-Étienne"), 10),
    ("Anna-Lena Müller", Some("al@beispiel.de"), Some("Köln"), 250),
    ("John Smith", None, Some("London"), 250),
    ("Johnny Ångström", Some("j@a.se"), None, -5),
    ("田中太郎", Some("taro@example.com"), Some("東京都"), 99),
    ("鈴木京子", None, Some("京都"), 100),
    ("Smithson", Some("anna@other.org"), Some("London"), 0),
    ("Ольга Ёлкина", Some("olga@example.com"), Some("Москва"), 7),
];

fn batch(rows: &[(usize, Row)]) -> RecordBatch {
    let of = |f: fn(&Row) -> Option<&'static str>| {
        Arc::new(StringArray::from_iter(rows.iter().map(|(_, row)| f(row)))) as ArrayRef
    };
    let points = rows.iter().map(|(_, row)| row.3);
    let keys =
        Arc::new(StringArray::from_iter_values(rows.iter().map(|(key, _)| format!("c{key:03}")))) as ArrayRef;
    let balance = Decimal128Array::from_iter_values(points.clone().map(i128::from));
    let balance = balance.with_precision_and_scale(9, 2).unwrap();
    let dates = Date32Array::from_iter_values(points.clone().map(|n| i32::try_from(n).unwrap() * 10));
    let moments = TimestampMicrosecondArray::from_iter_values(points.clone().map(|n| n * 3_600_000_000));
    let floats = Float64Array::from_iter_values(points.clone().map(|n| n as f64 / 4.0));
    let active = BooleanArray::from_iter(points.clone().map(|n| (n != 0).then_some(n > 50)));
    RecordBatch::try_from_iter([
        ("CustomerId", keys),
        ("FullName", of(|row| Some(row.0))),
        ("EMail", of(|row| row.1)),
        ("City", of(|row| row.2)),
        ("Points", Arc::new(arrow::array::Int64Array::from_iter_values(points)) as ArrayRef),
        ("Balance", Arc::new(balance)),
        ("Born", Arc::new(dates)),
        ("Seen", Arc::new(moments.with_timezone("UTC"))),
        ("Score", Arc::new(floats)),
        ("Active", Arc::new(active)),
    ])
    .unwrap()
}

fn all_rows() -> Vec<(usize, Row)> {
    ROWS.into_iter().enumerate().collect()
}

fn definition() -> SearchDefinition {
    let searched = ["FullName", "EMail", "City"];
    let filtered = ["City", "Points", "Balance", "Born", "Seen", "Score", "Active"];
    let names = ["FullName", "EMail", "City", "Points", "Balance", "Born", "Seen", "Score", "Active"];
    let attribute = |name: &str| SearchAttribute {
        name: name.to_owned(),
        searchable: searched.contains(&name),
        filter: filtered
            .contains(&name)
            .then_some(FilterOptions { results: Some(4), order: FacetOrder::Count }),
    };
    SearchDefinition { attributes: names.into_iter().map(attribute).collect() }
}

fn build(folder: &Path, definition: &SearchDefinition, batches: &[RecordBatch]) -> SearchIndex {
    let schema = batch(&[]).schema();
    let mut builder = Builder::begin(folder, definition, &schema, "CustomerId").unwrap();
    for batch in batches {
        builder.add(batch).unwrap();
    }
    builder.finish().unwrap()
}

fn index() -> (TempDir, SearchIndex) {
    let folder = TempDir::new().unwrap();
    let index = build(&folder.path().join("index"), &definition(), &[batch(&all_rows())]);
    (folder, index)
}

/// The numbers of the rows that are found, with their count.
fn found(index: &SearchIndex, text: &str, conditions: &[Condition]) -> (u64, Vec<usize>) {
    let found = index.search(&Search { text, conditions, top: 100, ..Search::default() }).unwrap();
    (found.count, found.keys.iter().map(|key| key[1..].parse().unwrap()).collect())
}

#[test]
fn words_find_rows_and_more_words_come_first() {
    let (_folder, index) = index();
    for (text, expected) in [
        ("", vec![0, 1, 2, 3, 4, 5, 6, 7]),
        ("anna", vec![0, 1, 6]),
        ("ANNA", vec![0, 1, 6]),
        ("müller", vec![1]),
        ("muller", vec![1]),
        ("Muelle", vec![]),
        ("etienne", vec![0]),
        ("smith", vec![0, 2, 6]),
        ("smit", vec![0, 2, 6]),
        ("smith anna", vec![0, 2, 1, 6]),
        ("john", vec![2, 3]),
        ("smith j", vec![2, 3, 0]),
        ("anna.smith@example.com", vec![0]),
        ("example.c", vec![0, 4, 7]),
        ("東京", vec![4]),
        ("京都", vec![5, 4]),
        ("京", vec![5, 4]),
        ("елкина", vec![7]),
        ("ångström", vec![3]),
        ("nobody", vec![]),
        ("--", vec![]),
    ] {
        let (count, mut rows) = found(&index, text, &[]);
        let mut expected = expected;
        if text.contains('京') {
            rows.sort_unstable();
            expected.sort_unstable();
        }
        assert_eq!((count, rows), (expected.len() as u64, expected), "{text}");
    }
}

#[test]
fn pages_follow_each_other_and_the_count_is_that_of_all() {
    let (_folder, index) = index();
    let mut keys = Vec::new();
    for skip in (0..8).step_by(3) {
        let page = index.search(&Search { text: "a j s т 京 o", skip, top: 3, ..Search::default() }).unwrap();
        let whole = index.search(&Search { text: "a j s т 京 o", top: 100, ..Search::default() }).unwrap();
        assert_eq!(page.count, whole.count);
        assert_eq!(page.keys, whole.keys.into_iter().skip(skip).take(3).collect::<Vec<_>>());
        keys.extend(page.keys);
    }
    let none = index.search(&Search { text: "anna", top: 0, ..Search::default() }).unwrap();
    assert_eq!((none.count, none.keys.len()), (3, 0));
    let deep = Search { skip: limits::MAX_DEPTH, top: 1, ..Search::default() };
    assert_eq!(index.search(&deep).unwrap_err().code(), "searchTooDeep");
    let many = vec![Condition::Missing { attribute: "City".to_owned() }; limits::MAX_CONDITIONS + 1];
    let many = Search { conditions: &many, ..Search::default() };
    assert_eq!(index.search(&many).unwrap_err().code(), "searchTooManyConditions");
}

#[test]
fn filters_are_read_by_the_type_of_their_attribute() {
    let (_folder, index) = index();
    for (filters, expected) in [
        (&["City = London"][..], vec![2, 6]),
        (&["City=London|Köln"], vec![1, 2, 6]),
        (&["City ="], vec![3]),
        (&["City !="], vec![0, 1, 2, 4, 5, 6, 7]),
        (&["City != London"], vec![0, 1, 4, 5, 7]),
        (&["Points >= 99", "Points < 250"], vec![4, 5]),
        (&["Points > 99.5", "Points <= 1e2"], vec![5]),
        (&["Balance = 0.99"], vec![4]),
        (&["Balance > 0.99", "Balance <= 1"], vec![5]),
        (&["Born = 1970-04-11"], vec![0]),
        (&["Born > 1970-04-11", "Born <= 1972-09-17"], vec![4]),
        (&["Seen = 1970-01-05"], vec![4, 5]),
        (&["Seen <= 1970-01-05", "Seen >= 1970-01-05"], vec![4, 5]),
        (&["Seen > 1970-01-05"], vec![1, 2]),
        (&["Seen >= 1970-01-05T04:00:00Z", "Seen < 1970-01-06T00:00"], vec![5]),
        (&["Score = 24.75"], vec![4]),
        (&["Active = TRUE"], vec![1, 2, 4, 5]),
    ] {
        let typed: Vec<String> = filters.iter().map(|it| (*it).to_owned()).collect();
        let conditions = index.conditions(&typed).unwrap();
        assert_eq!(found(&index, "", &conditions).1, expected, "{filters:?}");
    }
    for (filter, code) in [
        ("City", "searchFilterWrong"),
        ("= London", "searchFilterWrong"),
        ("City ! London", "searchFilterWrong"),
        ("Town = London", "searchNoFilter"),
        ("Points = many", "searchValueWrong"),
        ("Points = NaN", "searchValueWrong"),
        ("Born = 1970-04-31", "searchValueWrong"),
        ("Active = perhaps", "searchValueWrong"),
    ] {
        assert_eq!(index.conditions(&[filter.to_owned()]).unwrap_err().code(), code, "{filter}");
    }
}

#[test]
fn values_are_shown_as_they_are_typed() {
    for (value, shown) in [
        (Value::Text("a b".to_owned()), "a b"),
        (Value::Decimal { digits: -5, scale: 2 }, "-0.05"),
        (Value::Decimal { digits: 1250, scale: 2 }, "12.50"),
        (Value::Decimal { digits: 7, scale: 0 }, "7"),
        (Value::Date(-1), "1969-12-31"),
        (Value::Moment(1_500_000), "1970-01-01T00:00:01.5Z"),
    ] {
        assert_eq!(value.to_string(), shown);
    }
}

fn between(attribute: &str, from: Bound<Value>, to: Bound<Value>) -> Condition {
    Condition::Between { attribute: attribute.to_owned(), from, to }
}

#[test]
fn conditions_keep_the_rows_for_which_they_hold() {
    use Bound::{Excluded, Included, Unbounded};
    use Value::{Boolean, Date, Decimal, Int, Moment, Number, Text};
    let (_folder, index) = index();
    let equals = |name: &str, value: Value| Condition::equals(name, value);
    for (condition, expected) in [
        (equals("City", Text("London".into())), vec![2, 6]),
        (equals("City", Text("london".into())), vec![]),
        (Condition::Missing { attribute: "City".into() }, vec![3]),
        (Condition::Not(Box::new(equals("City", Text("London".into())))), vec![0, 1, 3, 4, 5, 7]),
        (Condition::In { attribute: "Points".into(), values: vec![Int(99), Int(100), Int(5)] }, vec![4, 5]),
        (Condition::In { attribute: "Points".into(), values: vec![] }, vec![]),
        (between("Points", Included(Int(99)), Excluded(Int(250))), vec![4, 5]),
        (between("Points", Excluded(Number(98.5)), Included(Number(99.5))), vec![4]),
        (between("Points", Unbounded, Excluded(Int(0))), vec![3]),
        (between("Points", Unbounded, Unbounded), vec![0, 1, 2, 3, 4, 5, 6, 7]),
        (equals("Balance", Decimal { digits: 99, scale: 2 }), vec![4]),
        (equals("Balance", Decimal { digits: 990, scale: 3 }), vec![4]),
        (equals("Balance", Decimal { digits: 991, scale: 3 }), vec![]),
        (equals("Balance", Number(0.99)), vec![4]),
        (equals("Balance", Int(1)), vec![5]),
        (between("Balance", Included(Decimal { digits: 991, scale: 3 }), Unbounded), vec![1, 2, 5]),
        (between("Balance", Unbounded, Excluded(Decimal { digits: -49, scale: 3 })), vec![3]),
        (equals("Born", Date(990)), vec![4]),
        (between("Born", Included(Moment(989 * 86_400_000_000 + 1)), Excluded(Date(1000))), vec![4]),
        (equals("Seen", Moment(99 * 3_600_000_000)), vec![4]),
        (between("Seen", Included(Date(10)), Unbounded), vec![1, 2]),
        (equals("Score", Number(24.75)), vec![4]),
        (between("Score", Excluded(Int(25)), Unbounded), vec![1, 2]),
        (equals("Active", Boolean(true)), vec![1, 2, 4, 5]),
        (Condition::Missing { attribute: "Active".into() }, vec![6]),
    ] {
        let (count, rows) = found(&index, "", std::slice::from_ref(&condition));
        assert_eq!((count, rows), (expected.len() as u64, expected), "{condition:?}");
    }
    let both = [equals("City", Text("London".into())), equals("Points", Int(250))];
    assert_eq!(found(&index, "smith", &both), (1, vec![2]));
    for (condition, code) in [
        (equals("Points", Text("many".into())), "searchValueWrong"),
        (equals("City", Int(1)), "searchValueWrong"),
        (equals("Score", Number(f64::NAN)), "searchValueWrong"),
        (equals("EMail", Text("x".into())), "searchNoFilter"),
    ] {
        let error = index.search(&Search { conditions: &[condition], ..Search::default() }).unwrap_err();
        assert_eq!(error.code(), code);
    }
}

fn shown(facet: &Facet) -> String {
    let value = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Boolean(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::Decimal { digits, scale } => format!("{digits}e-{scale}"),
        Value::Date(days) => format!("d{days}"),
        Value::Moment(micros) => format!("m{}", micros / 3_600_000_000),
    };
    let count = |it: &FacetCount| {
        let to = it.to.as_ref().map(|to| format!("..{}", value(to))).unwrap_or_default();
        format!("{}{to}: {}", value(&it.from), it.count)
    };
    facet.counts.iter().map(count).collect::<Vec<_>>().join(", ")
}

#[test]
fn facets_count_values_and_round_intervals() {
    let (_folder, index) = index();
    let facets = ["City", "Points", "Balance", "Born", "Seen", "Score", "Active"];
    let found = index.search(&Search { facets: &facets, ..Search::default() }).unwrap();
    let shown_all: Vec<String> = found.facets.iter().map(shown).collect();
    assert_eq!(
        shown_all,
        [
            "London: 2, Köln: 1, Saint-Étienne: 1, Москва: 1",
            "0..100: 4, 200..300: 2, -100..0: 1, 100..200: 1",
            "0e-2..100e-2: 4, 200e-2..300e-2: 2, -100e-2..0e-2: 1, 100e-2..200e-2: 1",
            "d0..d365: 3, d730..d1096: 2, d2191..d2557: 2, d-365..d0: 1",
            "m0..m744: 7, m-744..m0: 1",
            "0..20: 3, 20..40: 2, 60..80: 2, -20..0: 1",
            "true: 4, false: 3",
        ]
    );
    let narrowed =
        index.search(&Search { text: "smith", facets: &["City", "Points"], ..Search::default() }).unwrap();
    let narrowed: Vec<String> = narrowed.facets.iter().map(shown).collect();
    assert_eq!(narrowed, ["London: 2, Saint-Étienne: 1", "0..100: 2, 200..300: 1"]);
    assert!(index.search(&Search { facets: &["EMail"], ..Search::default() }).is_err());
}

#[test]
fn an_index_without_rows_finds_nothing() {
    let folder = TempDir::new().unwrap();
    let index = build(&folder.path().join("index"), &definition(), &[]);
    let found = index.search(&Search { text: "a", facets: &["City"], top: 9, ..Search::default() }).unwrap();
    assert_eq!((found.count, found.facets.len(), index.rows()), (0, 1, 0));
    assert_eq!(found.facets[0].counts, []);
}

#[test]
fn a_definition_that_does_not_fit_the_rows_is_refused() {
    let folder = TempDir::new().unwrap();
    let begin = |name: &str, searchable: bool, key: &str| {
        let filter = (!searchable).then(FilterOptions::default);
        let attributes = vec![SearchAttribute { name: name.to_owned(), searchable, filter }];
        let definition = SearchDefinition { attributes };
        let begun = Builder::begin(&folder.path().join("index"), &definition, &batch(&[]).schema(), key);
        begun.err().map(|error| error.code())
    };
    assert_eq!(begin("Phone", true, "CustomerId"), Some("searchAttributeWrong"));
    assert_eq!(begin("Points", true, "CustomerId"), Some("searchAttributeWrong"));
    assert_eq!(begin("City", true, "Id"), Some("searchAttributeWrong"));
    assert_eq!(begin("City", false, "CustomerId"), None);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "an index that is not finished leaves nothing"
    );
}

#[test]
fn a_new_index_takes_the_place_of_one_that_stays_open() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("index");
    let old = build(&place, &definition(), &[batch(&all_rows())]);
    let new = build(&place, &definition(), &[batch(&all_rows()[..2])]);
    assert_eq!((found(&old, "", &[]).0, found(&new, "", &[]).0), (8, 2));
    assert_eq!(SearchIndex::open(&place).unwrap().rows(), 2);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn damage_is_found_when_an_index_is_opened_and_it_can_be_built_again() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("index");
    assert_eq!(SearchIndex::open(&place).unwrap_err().code(), "searchIndexMissing");
    drop(build(&place, &definition(), &[batch(&all_rows())]));
    let files: Vec<PathBuf> = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()).collect();
    let mut cases = 0;
    for file in files {
        let whole = fs::read(&file).unwrap();
        if whole.is_empty() || file.file_name().is_some_and(|name| name == ".managed.json") {
            continue;
        }
        let flipped = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            bytes
        };
        for damaged in
            [Some(flipped(0)), Some(flipped(whole.len() / 2)), Some(whole[..whole.len() / 2].to_vec()), None]
        {
            match &damaged {
                Some(bytes) => fs::write(&file, bytes).unwrap(),
                None => fs::remove_file(&file).unwrap(),
            }
            if let Ok(index) = SearchIndex::open(&place) {
                // A file that nothing depends on may be damaged; then every answer is still right.
                assert_eq!(found(&index, "smith", &[]), (3, vec![0, 2, 6]), "{}", file.display());
            } else {
                cases += 1;
                let error = SearchIndex::open(&place).unwrap_err();
                assert_eq!(error.code(), "searchIndexCorrupt", "{}: {error}", file.display());
            }
            fs::write(&file, &whole).unwrap();
        }
    }
    assert!(cases >= 12, "{cases}");
    fs::write(place.join("search.json"), "{").unwrap();
    assert_eq!(SearchIndex::open(&place).unwrap_err().code(), "searchIndexCorrupt");
    assert_eq!(build(&place, &definition(), &[batch(&all_rows())]).rows(), 8);
}

/// The rows that a search without an index finds: by the number of words they have.
fn naive(rows: &[(usize, Row)], text: &str) -> Vec<(Reverse<usize>, usize)> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let last = words.pop();
    words.retain(|word| Some(*word) != last);
    words.dedup();
    let mut found = Vec::new();
    for (key, row) in rows {
        let values = [Some(row.0), row.1, row.2];
        let tokens: Vec<String> = values.into_iter().flatten().flat_map(text::tokens).collect();
        let exact = words.iter().filter(|word| tokens.iter().any(|token| token == *word)).count();
        let begins = last.is_some_and(|last| tokens.iter().any(|token| token.starts_with(last)));
        let score = exact + usize::from(begins);
        if score > 0 {
            found.push((Reverse(score), *key));
        }
    }
    found.sort_unstable();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_split_of_rows_gives_the_naive_answer(
        picks in prop::collection::vec(0..ROWS.len(), 0..40),
        cut in 0..40_usize,
        words in prop::collection::btree_set(
            prop::sample::select(vec!["anna", "smith", "john", "london", "example", "com", "o", "京", "sm", "x"]), 1..4),
    ) {
        let mut rows: Vec<(usize, Row)> = picks.iter().map(|pick| ROWS[*pick]).enumerate().collect();
        let text = words.into_iter().collect::<Vec<_>>().join(" ");
        let folder = TempDir::new().unwrap();
        let one = build(&folder.path().join("one"), &definition(), &[batch(&rows)]);
        let expected = naive(&rows, &text);
        let facets = ["City", "Points"];
        let search = Search { text: &text, facets: &facets, top: 100, ..Search::default() };
        let first = one.search(&search).unwrap();
        let mut keys: Vec<String> = expected.iter().map(|(_, key)| format!("c{key:03}")).collect();
        prop_assert_eq!(first.count, keys.len() as u64);
        let mut found = first.keys.clone();
        // Among rows with as many words the rarer words come first, which the naive search does not know.
        let scores: Vec<usize> = first.keys.iter().map(|key| {
            let number: usize = key[1..].parse().unwrap();
            expected.iter().find(|(_, it)| *it == number).unwrap().0.0
        }).collect();
        prop_assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{:?}", scores);
        found.sort_unstable();
        keys.sort_unstable();
        prop_assert_eq!(found, keys);

        rows.reverse();
        let (left, right) = rows.split_at(cut.min(rows.len()));
        let two = build(&folder.path().join("two"), &definition(), &[batch(left), batch(right)]);
        prop_assert_eq!(two.search(&search).unwrap(), first);
    }
}
