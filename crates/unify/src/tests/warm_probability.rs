//! Matching by probability in runs that keep what they can: one model, and the result of a whole run with it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::warm::comparable;
use super::*;
use crate::definition::Retrain;
use crate::probabilistic::{Learned, TrainReason};

const ENTITIES: [&str; 2] = ["A_A", "B_B"];
const FIRST: [&str; 8] = ["Anna", "Bob", "Robert", "Carla", "Karla", "Debby", "Deborah", "Emil"];
const LAST: [&str; 6] = ["Smith", "Smyth", "Oneil", "Garcia", "Gracia", "Li"];

/// For each entity its rows: by key the person, a number that all values are made from.
type State = [BTreeMap<u32, u64>; 2];

/// What happens to a row: entity, key, and the new person; none when it goes.
type Step = (usize, u32, Option<u64>);

/// A row of a person; chance makes people alike, and some values are missing.
fn row(key: u32, person: u64) -> String {
    let digit = |at: u32, end: u64| (person / 10u64.pow(at)) % 10 % end;
    let (first, last) = (FIRST[digit(0, 8) as usize], LAST[digit(1, 6) as usize]);
    let some = |at: u32, text: String| if digit(at, 10) > 1 { text } else { String::new() };
    [
        key.to_string(),
        some(2, first.to_owned()),
        some(3, last.to_owned()),
        some(4, format!("{first}.{last}{}@x.org", digit(5, 5))),
        some(8, format!("19{}0-0{}-11", digit(9, 10), digit(10, 9) + 1)),
        some(6, format!("M{}", digit(7, 10) * 10 + digit(5, 10))),
        format!("note {}", digit(11, 10)),
    ]
    .join(",")
}

fn inputs(state: &State) -> Vec<Input> {
    let input = |(entity, rows): (&&str, &BTreeMap<u32, u64>)| {
        let mut text = "Id:int64,GivenName,Surname,Email,DateOfBirth,Member,Note".to_owned();
        for (key, person) in rows {
            text.push('\n');
            text.push_str(&row(*key, *person));
        }
        text_tables::input(entity, &text)
    };
    ENTITIES.iter().zip(state).map(input).collect()
}

/// What a case varies besides the rows.
#[derive(Debug, Clone)]
struct Case {
    rules: bool,
    always: Vec<(u32, u32)>,
    never: Vec<(u32, u32)>,
    threads: usize,
}

fn case() -> impl Strategy<Value = Case> {
    let pairs = || proptest::collection::vec((0u32..60, 0u32..60), 0..4);
    (any::<bool>(), pairs(), pairs(), 1usize..3).prop_map(|(rules, always, never, threads)| {
        let never = never.into_iter().filter(|pair| !always.contains(pair)).collect();
        Case { rules, always, never, threads }
    })
}

fn unification(case: &Case) -> Unification {
    let pairs = |pairs: &[(u32, u32)]| -> serde_json::Value {
        let pair = |(a, b): &(u32, u32)| {
            serde_json::json!({"entity1": "A_A", "entity1Key": a.to_string(),
                "entity2": "B_B", "entity2Key": b.to_string()})
        };
        pairs.iter().map(pair).collect()
    };
    let rules = serde_json::json!([{"name": "mail", "on": "B_B", "conditions": [
        {"left": "A_A.Email", "right": "Email"}, {"left": "A_A.DateOfBirth", "right": "DateOfBirth"}]}]);
    let own = serde_json::json!([{"entity": "A_A", "rules": [{"name": "own", "conditions": [
        {"attribute": "Member"}, {"attribute": "Surname"}]}]}]);
    let both = |attribute: &str, kind: &str| {
        let attributes: Vec<String> = ENTITIES.iter().map(|entity| format!("{entity}.{attribute}")).collect();
        serde_json::json!({"kind": kind, "attributes": attributes})
    };
    let signals = [
        both("GivenName", "firstName"),
        both("Surname", "lastName"),
        both("Email", "email"),
        both("DateOfBirth", "birthDate"),
        both("Member", "identifier"),
    ];
    let empty = serde_json::json!([]);
    let definition = serde_json::json!({
        "deduplication": if case.rules { own } else { empty.clone() },
        "match": {
            "order": ENTITIES,
            "rules": if case.rules { rules } else { empty },
            "probabilistic": {"threshold": 0.8, "signals": signals},
        },
        "custom": {"alwaysMatch": {"pairs": pairs(&case.always)}, "neverMatch": {"pairs": pairs(&case.never)}},
    });
    serde_json::from_value(definition).unwrap()
}

fn start() -> State {
    let person = |n: u64| (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 8;
    let rows = |from: u64| (0..60u32).map(|key| (key, person(from + u64::from(key)))).collect();
    [rows(0), rows(30)]
}

/// A model as the next process reads it.
fn stored(unified: &Unified) -> Option<Learned> {
    serde_json::from_str(&serde_json::to_string(unified.learned.as_ref()?).unwrap()).unwrap()
}

fn identity(run: usize, last: Option<&Unified>) -> Identity {
    let previous = last.map(|last| {
        let (customer, keys) = (&last.customer.batches, &last.alternate_key.batches);
        Previous::read(customer, keys, &last.customer_lineage.batches).unwrap()
    });
    Identity {
        previous: previous.unwrap_or_default(),
        at: run as i64 * 1_000,
        job: format!("job {run}"),
        learned: last.and_then(stored),
        ..Identity::default()
    }
}

/// Without what only a whole run can count.
fn without_counts(unified: Unified) -> Unified {
    let mut unified = comparable(unified);
    unified.report.probabilistic = None;
    unified
}

/// Runs once from nothing and once with what was kept, which must be the same.
fn both(
    unification: &Unification,
    state: &State,
    threads: usize,
    identity: &Identity,
    warm: Option<Warm>,
) -> (Unified, Warm) {
    let options = Options { threads, ..Options::default() };
    let cancel = CancellationToken::new();
    let cold = run_with(unification, inputs(state), &options, identity, &|_| {}, &cancel).unwrap();
    let ran = Warm::run(warm, unification, &inputs(state), &options, identity, &|_| {}, &cancel);
    let (unified, kept) = ran.unwrap();
    assert_eq!(without_counts(unified.clone()), without_counts(cold));
    (unified, kept.unwrap())
}

fn apply(state: &mut State, steps: &[Step]) {
    for (entity, key, person) in steps {
        match person {
            Some(person) => state[*entity].insert(*key, *person),
            None => state[*entity].remove(key),
        };
    }
}

fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    // Persons from a small range meet again.
    let person =
        prop_oneof![any::<u64>(), (0u64..120).prop_map(|n| (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 8)];
    let step = (0..ENTITIES.len(), 0u32..70, proptest::option::weighted(0.7, person));
    proptest::collection::vec(proptest::collection::vec(step, 0..14), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_run_that_takes_changes_in_makes_what_a_whole_run_with_its_model_makes(
        case in case(), steps in steps(),
    ) {
        let unification = unification(&case);
        let mut state = start();
        let (mut last, warm) = both(&unification, &state, case.threads, &identity(0, None), None);
        prop_assert_eq!(last.report.model.clone().unwrap().trained, Some(TrainReason::FirstModel));
        let mut warm = warm.with_most_changed(10_000);
        for (run, steps) in steps.iter().enumerate() {
            apply(&mut state, steps);
            let identity = identity(run + 1, Some(&last));
            (last, warm) = both(&unification, &state, case.threads, &identity, Some(warm));
            let trained = last.report.model.clone().unwrap().trained;
            match last.report.extent {
                Some(Extent::Incremental { .. }) => prop_assert_eq!(trained, None),
                extent => {
                    prop_assert_eq!(trained, Some(TrainReason::Records));
                    prop_assert_eq!(extent, Some(Extent::Full { reason: Reason::Model }));
                }
            }
        }
    }
}

const PLAIN: Case = Case { rules: false, always: Vec::new(), never: Vec::new(), threads: 1 };

#[test]
fn a_model_is_used_until_the_records_are_far_more_or_fewer() {
    let unification = unification(&PLAIN);
    let mut state = start();
    let (first, mut warm) = both(&unification, &state, 1, &identity(0, None), None);
    let mut last = first.clone();
    for (run, (rows, trained)) in
        [(72, None), (73, Some(TrainReason::Records)), (60, None), (36, Some(TrainReason::Records))]
            .iter()
            .enumerate()
    {
        state = start();
        for entity in &mut state {
            *entity = (0..*rows).map(|key| (key, u64::from(key) * 7_919_317)).collect();
        }
        let (unified, kept) = both(&unification, &state, 1, &identity(run + 1, Some(&last)), Some(warm));
        let model = unified.report.model.clone().unwrap();
        assert_eq!(
            (model.trained, model.training.job == format!("job {}", run + 1)),
            (*trained, trained.is_some())
        );
        assert_eq!(
            unified.learned.as_ref().unwrap().model == last.learned.as_ref().unwrap().model,
            trained.is_none()
        );
        (last, warm) = (unified, kept);
    }
}

#[test]
fn a_model_that_does_not_fit_is_learned_anew_and_the_report_says_why() {
    let state = start();
    let (first, _) = both(&unification(&PLAIN), &state, 1, &identity(0, None), None);
    let report = |change: &dyn Fn(&mut crate::definition::Probabilistic)| {
        let mut unification = unification(&PLAIN);
        change(unification.match_.probabilistic.as_mut().unwrap());
        let (unified, _) = both(&unification, &state, 1, &identity(1, Some(&first)), None);
        unified.report.model.unwrap()
    };
    assert_eq!(report(&|_| {}).trained, None);
    assert_eq!(report(&|it| it.threshold = 0.95).trained, None);
    assert_eq!(report(&|it| it.retrain = Retrain::Always).trained, Some(TrainReason::Asked));
    assert_eq!(report(&|it| it.signals.truncate(4)).trained, Some(TrainReason::Signals));
    let text = serde_json::to_string(&report(&|it| it.signals.truncate(4))).unwrap();
    assert_eq!(text, r#"{"job":"job 1","at":1000,"records":120,"labels":0,"trained":"signals"}"#);
}

#[test]
fn a_kept_index_is_of_no_use_when_another_process_has_learned_a_model() {
    let unification = unification(&PLAIN);
    let state = start();
    let (first, warm) = both(&unification, &state, 1, &identity(0, None), None);
    let mut now = identity(1, Some(&first));
    now.learned.as_mut().unwrap().training.at += 1;
    let (unified, _) = both(&unification, &state, 1, &now, Some(warm));
    assert_eq!(unified.report.extent, Some(Extent::Full { reason: Reason::Model }));
    assert_eq!(unified.report.model.unwrap().trained, None);
}

#[test]
fn a_row_whose_identifier_changes_moves_to_another_customer() {
    let unification = unification(&PLAIN);
    // Persons 11, 35 and 59 have one name.
    let row = |n: usize, member: &str| format!("{n},{},{},,,{member},", FIRST[n % 8], LAST[n % 6]);
    let run = |member: &str, last: Option<&Unified>, warm: Option<Warm>| {
        let table = |last: &str| {
            let rows = (0..59).map(|n| row(n, &format!("M{n}"))).chain([row(59, last)]);
            let rows: Vec<String> = rows.collect();
            format!("Id:int64,GivenName,Surname,Email,DateOfBirth,Member,Note\n{}", rows.join("\n"))
        };
        let inputs =
            vec![text_tables::input("A_A", &table("M59")), text_tables::input("B_B", &table(member))];
        let (options, cancel) = (Options::default(), CancellationToken::new());
        let identity = identity(usize::from(last.is_some()), last);
        let cold = run_with(&unification, inputs.clone(), &options, &identity, &|_| {}, &cancel).unwrap();
        let (unified, kept) =
            Warm::run(warm, &unification, &inputs, &options, &identity, &|_| {}, &cancel).unwrap();
        assert_eq!(without_counts(unified.clone()), without_counts(cold));
        (unified, kept)
    };
    let (first, warm) = run("M59", None, None);
    let (second, _) = run("M11", Some(&first), warm);
    assert!(matches!(second.report.extent, Some(Extent::Incremental { changed: 1, .. })));
    let customers = |unified: &Unified| {
        let rows = rows(&unified.alternate_key, &["EntityName", "AlternateValue", "CustomerId"]);
        let of = |entity: &str, key: &str| {
            rows.iter().find(|row| row[0] == entity && row[1] == key).map(|row| row[2].clone()).unwrap()
        };
        [of("A_A", "11"), of("A_A", "59"), of("B_B", "59")]
    };
    let [eleven, own, below] = customers(&first);
    assert!(own == below && own != eleven);
    let [eleven, own, below] = customers(&second);
    assert!(below == eleven && own != eleven);
}
