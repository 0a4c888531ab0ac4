//! An index that follows changes has what a whole run over the same rows has.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::oracle::generate::{Case, case, row};
use super::oracle::{ENTITIES, Rows};
use super::*;

/// The rows of every entity by key.
pub(super) type State = Vec<BTreeMap<usize, Vec<Option<String>>>>;

/// What happens to a row: entity, key, and its new values; none when it goes.
pub(super) type Step = (usize, usize, Option<Vec<Option<String>>>);

pub(super) fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let step = (0..ENTITIES.len(), 0usize..45, proptest::option::weighted(0.7, row()));
    proptest::collection::vec(proptest::collection::vec(step, 0..6), 1..6)
}

fn text(rows: impl Iterator<Item = (usize, Vec<Option<String>>)>) -> String {
    let mut text = "Id:int64,X,Y".to_owned();
    for (key, row) in rows {
        let cells: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or("")).collect();
        text.push_str(&format!("\n{key},{}", cells.join(",")));
    }
    text
}

fn inputs(state: &State) -> Vec<Input> {
    let input = |(name, rows): (&&str, &BTreeMap<usize, Vec<Option<String>>>)| {
        text_tables::input(name, &text(rows.iter().map(|(key, row)| (*key, row.clone()))))
    };
    ENTITIES.iter().zip(state).map(input).collect()
}

pub(super) fn start(entities: &[Rows]) -> State {
    entities.iter().map(|rows| rows.iter().cloned().enumerate().collect()).collect()
}

fn index(case: &Case, state: &State) -> Index {
    let mut options = Options { threads: 1, ..Options::default() };
    options.limits.sharing = case.sharing;
    Index::new(&case.unification, &inputs(state), &options, &case.pins, &CancellationToken::new()).unwrap()
}

/// Takes the steps, of several with one key the last, and says them as changes.
pub(super) fn changes(steps: &[Step], state: &mut State) -> Vec<Change> {
    let mut last: BTreeMap<(usize, usize), &Step> = BTreeMap::new();
    for step in steps {
        last.insert((step.0, step.1), step);
    }
    let mut changes = Vec::new();
    for (entity, key, row) in last.into_values() {
        let mut change = Change { entity: ENTITIES[*entity].to_owned(), ..Change::default() };
        match row {
            Some(row) => {
                state[*entity].insert(*key, row.clone());
                let rows = std::iter::once((*key, row.clone()));
                change.upserts = text_tables::input(ENTITIES[*entity], &text(rows)).batches;
            }
            None => {
                state[*entity].remove(key);
                change.deletes.push(key.to_string());
            }
        }
        changes.push(change);
    }
    changes
}

fn check(case: &Case, steps: &[Vec<Step>]) {
    let mut state = start(&case.entities);
    let mut followed = index(case, &state);
    let mut mirror: BTreeSet<Vec<Member>> = followed.profiles().into_iter().collect();
    for steps in steps {
        let delta = followed.apply(&changes(steps, &mut state)).unwrap();
        let whole = index(case, &state);
        assert_eq!(followed.profiles(), whole.profiles());
        assert_eq!(followed.links(), whole.links());
        for profile in &delta.before {
            assert!(mirror.remove(profile), "{profile:?} was no profile; {delta:?}");
        }
        for profile in delta.after {
            assert!(mirror.insert(profile.clone()), "{profile:?} was there before");
        }
        assert_eq!(mirror.iter().cloned().collect::<Vec<_>>(), whole.profiles());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn following_changes_gives_what_a_whole_run_gives(case in case(), steps in steps()) {
        check(&case, &steps);
    }
}
