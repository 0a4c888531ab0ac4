//! The kernel against a naive program that compares every pair of rows, on small random inputs.

pub(super) mod generate;
pub(super) mod naive;

use proptest::prelude::*;

use self::generate::{Case, case};
use super::*;
use crate::definition::Unification;

/// Rows of an entity: text columns, none for null. The key is the row's place.
pub(super) type Rows = Vec<Vec<Option<String>>>;

pub(super) const ENTITIES: [&str; 3] = ["A_a", "B_b", "C_c"];
pub(super) const COLUMNS: [&str; 2] = ["X", "Y"];

/// The profiles: of each the keys of its rows by entity. In no order.
pub(super) type Profiles = Vec<Vec<Vec<usize>>>;

/// What rules found: stage, rule, entity, key, partner's entity, partner's key, score, candidates.
pub(super) type Found = Vec<Vec<String>>;

/// The entities with their rows in some order.
pub(super) fn inputs(entities: &[Rows], shuffle: usize) -> Vec<Input> {
    let text = |rows: &Rows| {
        let mut lines: Vec<String> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let cells: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or("")).collect();
            lines.push(format!("{at},{}", cells.join(",")));
        }
        lines.sort_by_key(|line| {
            (line.len() * shuffle + line.bytes().map(usize::from).sum::<usize>() * shuffle) % 7
        });
        lines.insert(0, "Id:int64,X,Y".to_owned());
        lines.join("\n")
    };
    ENTITIES.iter().zip(entities).map(|(name, rows)| text_tables::input(name, &text(rows))).collect()
}

/// The profiles of the kernel in the form of the naive program.
fn profiles(unified: &Unified) -> Profiles {
    let keys =
        |cell: &String| cell.split(';').filter(|it| !it.is_empty()).map(|it| it.parse().unwrap()).collect();
    let mut profiles: Profiles =
        rows(&unified.customer, &["A_a_Id_Alternate", "B_b_Id_Alternate", "C_c_Id_Alternate"])
            .iter()
            .map(|row| row.iter().map(keys).collect::<Vec<Vec<usize>>>())
            .collect();
    profiles.iter_mut().flatten().for_each(|keys| keys.sort_unstable());
    profiles.sort();
    profiles
}

fn found(unified: &Unified) -> Found {
    let columns = [
        "Stage",
        "Rule",
        "EntityName",
        "AlternateValue",
        "PartnerEntityName",
        "PartnerAlternateValue",
        "Score",
        "Candidates",
    ];
    let mut found = rows(&unified.links, &columns);
    found.retain(|row| row[1] != "alwaysMatch");
    found.sort();
    found
}

pub(super) fn solve(case: &Case) -> Unified {
    let mut options = Options { threads: 1 + case.shuffle % 2, ..Options::default() };
    options.limits.sharing = case.sharing;
    let identity = Identity { pins: case.pins.clone(), ..Identity::default() };
    let inputs = inputs(&case.entities, case.shuffle);
    run_with(&case.unification, inputs, &options, &identity, &|_| {}, &CancellationToken::new()).unwrap()
}

fn check_report(unified: &Unified, unification: &Unification) {
    let report = &unified.report;
    for entity in &report.entities {
        let parts = entity.matched + entity.unmatched_kept + entity.unmatched_dropped;
        assert_eq!(parts, entity.unique_records);
    }
    let active = unification.match_.rules.iter().filter(|rule| rule.active).count();
    assert_eq!(report.rules.len(), active);
    for rule in report.rules.iter().chain(&report.deduplication) {
        assert!(rule.matched <= rule.with_values && rule.with_values <= rule.tried, "{rule:?}");
    }
    let mut ids = rows(&unified.customer, &["CustomerId"]);
    assert_eq!(ids.len() as u64, report.profiles);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len() as u64, report.profiles);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_kernel_finds_what_comparing_every_pair_finds(case in case()) {
        let unified = solve(&case);
        let naive = naive::solve(&case);
        prop_assert_eq!(profiles(&unified), naive.profiles);
        prop_assert_eq!(found(&unified), naive.found);
        check_report(&unified, &case.unification);
    }
}
