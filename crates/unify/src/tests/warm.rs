//! Runs that keep what they can for the next one make what runs make that start anew.

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
    Identity { previous, pins: case.pins.clone(), at: run as i64 * 1_000, job: format!("job {run}") }
}

/// Without what only a whole run can count.
fn comparable(mut unified: Unified) -> Unified {
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
