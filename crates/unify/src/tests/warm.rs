//! Runs that keep what they can for the next one make what runs make that start anew.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use proptest::prelude::*;

use super::index::{State, Step, changes, start, steps};
use super::oracle::ENTITIES;
use super::oracle::generate::{Case, case};
use super::*;

/// The entities; rows stand in an order that says nothing, and some keys stand twice.
fn inputs(state: &State, shuffle: usize) -> Vec<Input> {
    let input = |(name, rows): (&&str, &std::collections::BTreeMap<usize, Vec<Option<String>>>)| {
        let mut lines: Vec<String> = Vec::new();
        for (key, row) in rows {
            let cells: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or("")).collect();
            lines.push(format!("{key},{}", cells.join(",")));
        }
        lines.sort_by_key(|line| (line.len() * shuffle, line.bytes().map(usize::from).sum::<usize>() % 7));
        lines.extend(rows.keys().filter(|key| *key % 9 == 8).map(|key| format!("{key},again,again")));
        lines.push(",no,key".to_owned());
        text_tables::input(name, &format!("Id:int64,X,Y\n{}", lines.join("\n")))
    };
    ENTITIES.iter().zip(state).map(input).collect()
}

fn options(case: &Case) -> Options {
    let mut options = Options { threads: 1 + case.shuffle % 2, ..Options::default() };
    options.limits.sharing = case.sharing;
    options
}

fn carried(case: &Case, last: Option<&Unified>, run: usize) -> Identity {
    let previous = last.map(|last| {
        let (customer, keys) = (&last.customer.batches, &last.alternate_key.batches);
        Previous::read(customer, keys, &last.customer_lineage.batches).unwrap()
    });
    let previous = previous.unwrap_or_default();
    Identity {
        previous,
        pins: case.pins.clone(),
        at: run as i64 * 1_000,
        job: format!("job {run}"),
        learned: None,
    }
}

/// Without what only a whole run can count.
pub(super) fn comparable(mut unified: Unified) -> Unified {
    let report = &mut unified.report;
    for rule in report.rules.iter_mut().chain(&mut report.deduplication) {
        (rule.compared, rule.excepted, rule.indexed) = (0, 0, false);
    }
    report.extent = None;
    unified
}

fn check(case: &Case, steps: &[Vec<Step>]) {
    let (options, cancel) = (options(case), CancellationToken::new());
    let mut state = start(&case.entities);
    let (mut last, mut warm): (Option<Unified>, Option<Warm>) = (None, None);
    for run in 0..=steps.len() {
        if let Some(steps) = run.checked_sub(1).map(|at| &steps[at]) {
            changes(steps, &mut state);
        }
        let identity = carried(case, last.as_ref(), run);
        let (unification, shuffle) = (&case.unification, case.shuffle + run);
        let cold =
            run_with(unification, inputs(&state, shuffle), &options, &identity, &|_| {}, &cancel).unwrap();
        let inputs = inputs(&state, case.shuffle);
        let ran = Warm::run(warm.take(), unification, &inputs, &options, &identity, &|_| {}, &cancel);
        let (unified, kept) = ran.unwrap();
        let percent = if case.shuffle.is_multiple_of(4) { 20 } else { 10_000 };
        if run > 0 && percent > 20 && !start(&case.entities).iter().all(|it| it.is_empty()) {
            assert!(matches!(unified.report.extent, Some(Extent::Incremental { .. })));
        }
        assert_eq!(comparable(unified.clone()), comparable(cold));
        warm = kept.map(|warm| warm.with_most_changed(percent));
        last = Some(unified);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_run_that_takes_changes_in_makes_what_a_whole_run_makes(case in case(), steps in steps()) {
        check(&case, &steps);
    }
}

/// Contacts with text keys; all texts in some type of Arrow.
fn contacts(text: &str, data_type: &DataType) -> Input {
    let mut input = text_tables::input("A_a", text);
    let columns = input.batches[0].columns().iter().map(|column| cast(column, data_type).unwrap()).collect();
    let names = input.schema.fields().iter().map(|field| Field::new(field.name(), data_type.clone(), true));
    input.schema = Arc::new(Schema::new(names.collect::<Vec<_>>()));
    input.batches = vec![RecordBatch::try_new(input.schema.clone(), columns).unwrap()];
    input
}

const CONTACTS: &str =
    "Id,Mail,Note\na,x@y.z,1\nb,x@y.z,2\nc,c@y.z,3\nd,d@y.z,4\ne,e@y.z,5\nf,f@y.z,6\ng,g@y.z,7";

fn definition(more: &str) -> Unification {
    let text = format!(
        r#"{{"deduplication": [{{"entity": "A_a", "rules": [{{"name": "own", "conditions": [
            {{"attribute": "Mail"}}]}}]}}], "match": {{"order": ["A_a"], "rules": []}}{more}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn extent(
    before: Option<Warm>,
    definition: &Unification,
    inputs: &[Input],
    pins: &[Pin],
) -> (Extent, Option<Warm>) {
    let identity = Identity { pins: pins.to_vec(), ..Identity::default() };
    let (options, cancel) = (Options::default(), CancellationToken::new());
    let (unified, warm) =
        Warm::run(before, definition, inputs, &options, &identity, &|_| {}, &cancel).unwrap();
    let cold = run_with(definition, inputs.to_vec(), &options, &identity, &|_| {}, &cancel).unwrap();
    let extent = unified.report.extent.unwrap();
    assert_eq!(comparable(unified), comparable(cold));
    (extent, warm)
}

#[test]
fn texts_of_every_type_of_arrow_are_followed() {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    for data_type in [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View, dictionary] {
        let input = |text: &str| [contacts(text, &data_type)];
        let (_, warm) = extent(None, &definition(""), &input(CONTACTS), &[]);
        let (found, warm) = extent(warm, &definition(""), &input(&CONTACTS.replace("c@", "d@")), &[]);
        assert!(matches!(found, Extent::Incremental { changed: 1, .. }), "{data_type}: {found:?}");
        let (found, _) = extent(warm, &definition(""), &input(&CONTACTS.replace(",1", ",9")), &[]);
        assert!(matches!(found, Extent::Full { reason: Reason::ManyChanges }), "2 of 7: {found:?}");
    }
}

#[test]
fn a_run_that_cannot_follow_says_why() {
    let texts = |text: &str| [contacts(text, &DataType::Utf8)];
    let full = |reason| Extent::Full { reason };
    let (found, _) = extent(None, &definition(""), &texts(CONTACTS), &[]);
    assert_eq!(found, full(Reason::FirstRun));
    let never = r#", "custom": {"neverMatch": {"pairs": [
        {"entity1": "A_a", "entity1Key": "a", "entity2": "A_a", "entity2Key": "b"}]}}"#;
    let pin =
        Pin { entity: "A_a".to_owned(), key: "a".to_owned(), customer: CustomerId::from(uuid::Uuid::nil()) };
    let more = CONTACTS.replace("Note", "Text");
    for (definition_now, inputs, pins, reason) in [
        (never, CONTACTS, vec![], Reason::Definition),
        ("", CONTACTS, vec![pin], Reason::Pins),
        ("", more.as_str(), vec![], Reason::Attributes),
    ] {
        let (_, warm) = extent(None, &definition(""), &texts(CONTACTS), &[]);
        let (found, warm) = extent(warm, &definition(definition_now), &texts(inputs), &pins);
        assert_eq!(found, full(reason));
        let (found, _) = extent(warm, &definition(definition_now), &texts(inputs), &pins);
        assert!(matches!(found, Extent::Incremental { changed: 0, .. }), "{reason:?}: {found:?}");
    }
}

#[test]
fn the_report_says_how_much_was_looked_at() {
    let text = |extent| serde_json::to_value(extent).unwrap().to_string();
    assert_eq!(text(Extent::Full { reason: Reason::FirstRun }), r#"{"full":{"reason":"firstRun"}}"#);
    let (_, warm) = extent(None, &definition(""), &[contacts(CONTACTS, &DataType::Utf8)], &[]);
    let (options, identity, cancel) = (Options::default(), Identity::default(), CancellationToken::new());
    let inputs = [contacts(CONTACTS, &DataType::Utf8)];
    let (unified, _) =
        Warm::run(warm, &definition(""), &inputs, &options, &identity, &|_| {}, &cancel).unwrap();
    let report = serde_json::to_value(&unified.report).unwrap();
    assert_eq!(report["incremental"], serde_json::json!({"changed": 0, "relinked": 0}));
    assert_eq!(serde_json::from_value::<UnifyReport>(report).unwrap(), unified.report);
}
