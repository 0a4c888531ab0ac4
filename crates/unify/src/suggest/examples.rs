//! Pairs to look at: some of every kind that a rule merges, and some that it does not though little is missing.

use std::collections::BTreeMap;

use arrow::util::display::array_value_to_string;

use crate::probabilistic::{mix, without_rarity};
use crate::sets::Sets;

use super::answer::{Example, ExampleRow, ExampleValue};
use super::choose::{Chosen, Ground, Scope};
use super::groups::Grouped;
use super::requirements::Mask;

/// Pairs that would merge.
const MERGED: usize = 12;
/// Pairs that would not, and how many of them are probable matches.
const NOT_MERGED: usize = 5;
const PROBABLE: usize = 3;
/// Characters of a value that are shown.
const CHARS: usize = 120;

/// A pair of records by their numbers.
type Pair = (u32, u32);

/// Pairs that agree and differ in the same way.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// One of them, chosen by chance from the ids of its records.
    pair: Pair,
    draw: u64,
    pairs: u64,
    probability: f64,
}

/// Pairs that a rule adds: one of each kind, the commonest kinds first, then a second one of each, and so on.
pub(crate) fn merged(ground: &Ground<'_>, chosen: &Chosen) -> Vec<Example> {
    let mut kinds: BTreeMap<u64, Vec<(u64, Pair, u64)>> = BTreeMap::new();
    for (left, right, code) in &chosen.added {
        let pair = (*left, *right);
        kinds.entry(without_rarity(*code)).or_default().push((draw(ground, pair), pair, *code));
    }
    let mut kinds: Vec<Vec<(u64, Pair, u64)>> = kinds.into_values().collect();
    // The sort is stable, so that of equally common kinds the first pattern comes first.
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.len()));
    for kind in &mut kinds {
        kind.sort_unstable();
    }
    let used = chosen.mask;
    let rounds =
        (0..MERGED).flat_map(|round| kinds.iter().filter_map(move |kind| Some((kind, kind.get(round)?))));
    let example = |(kind, (_, pair, _)): (&Vec<_>, &(u64, Pair, u64))| {
        example(ground, *pair, used, kind.len() as u64, None)
    };
    rounds.take(MERGED).map(example).collect()
}

/// Pairs of a rule's entities that no suggested rule brings together, directly or by others, and for which one
/// condition fails or an exception applies: the most probable matches first, then what the rule rightly leaves.
pub(crate) fn not_merged(
    ground: &Ground<'_>,
    chosen: &Chosen,
    grouped: &Grouped,
    sets: &mut Sets,
) -> Vec<Example> {
    let kinds = kinds(ground, chosen, grouped, sets);
    let mut kinds: Vec<((Mask, u64), Kind)> = kinds.into_iter().collect();
    kinds.sort_by(|(_, a), (_, b)| b.probability.total_cmp(&a.probability).then(a.draw.cmp(&b.draw)));
    let probable = kinds.iter().filter(|(_, kind)| kind.probability >= 0.5).count().min(PROBABLE);
    let mut unlikely = kinds.split_off(probable);
    unlikely.retain(|(_, kind)| kind.probability < 0.5);
    unlikely.sort_by(|(_, a), (_, b)| b.pairs.cmp(&a.pairs).then(a.draw.cmp(&b.draw)));
    let chosen_kinds = kinds.into_iter().chain(unlikely).take(NOT_MERGED);
    let example = |((missing, _), kind): ((Mask, u64), Kind)| {
        let fails = ground.requirements.of(missing).next();
        let fails = fails.and_then(|(_, it)| ground.requirements.column(it.signal, chosen.on));
        let fails = fails.map(|column| column.name.clone());
        example(ground, kind.pair, chosen.mask, kind.pairs, fails)
    };
    chosen_kinds.map(example).collect()
}

/// The near misses of a rule by the requirement that is missing (none for exceptions) and by pattern.
fn kinds(
    ground: &Ground<'_>,
    chosen: &Chosen,
    grouped: &Grouped,
    sets: &mut Sets,
) -> BTreeMap<(Mask, u64), Kind> {
    let scope = Scope { stage: chosen.stage, on: chosen.on, lefts: chosen.lefts.clone() };
    let mut kinds: BTreeMap<(Mask, u64), Kind> = BTreeMap::new();
    for (part, masks) in ground.trained.candidates.parts.iter().zip(&grouped.masks) {
        for (candidate, mask) in part.iter().zip(masks) {
            let missing = chosen.mask & !mask;
            if missing.count_ones() > 1 {
                continue;
            }
            let pair = (candidate.left, candidate.right);
            let (left, right) = (ground.space.place(pair.0), ground.space.place(pair.1));
            if !scope.holds(left.0, right.0) || sets.find(pair.0) == sets.find(pair.1) {
                continue;
            }
            let code = ground.trained.candidates.codes.get(candidate.pattern as usize).copied();
            let key = (missing, without_rarity(code.unwrap_or_default()));
            let probability = ground.trained.probability(candidate.pattern);
            let own = Kind { pair, draw: draw(ground, pair), pairs: 1, probability };
            let kind = kinds.entry(key).and_modify(|kind| kind.pairs += 1).or_insert(own);
            if own.draw < kind.draw {
                *kind = Kind { pairs: kind.pairs, ..own };
            }
        }
    }
    kinds
}

/// A number drawn from the ids of two records: the same for the same rows, wherever they stand.
fn draw(ground: &Ground<'_>, (left, right): Pair) -> u64 {
    let id = |record: u32| ground.trained.prepared.ids.get(record as usize).copied().unwrap_or_default();
    mix(id(left) ^ id(right).rotate_left(32))
}

fn example(ground: &Ground<'_>, pair: Pair, used: Mask, alike: u64, fails: Option<String>) -> Example {
    let (_, probability) = ground.trained.judge(pair.0, pair.1);
    let rows = [pair.0, pair.1].map(|record| row(ground, record, used));
    Example { probability, alike, fails, rows }
}

/// A row with its values of all signals.
fn row(ground: &Ground<'_>, number: u32, used: Mask) -> ExampleRow {
    let (entity, record) = ground.space.place(number);
    let at = entity as usize;
    let mut values = Vec::new();
    for (place, signal) in ground.requirements.signals.iter().enumerate() {
        let Some(column) = ground.requirements.column(place, at) else { continue };
        let used = ground.requirements.of(used).any(|(_, it)| it.signal == place);
        let value = value(ground, at, record, &column.name);
        let compared = ground.probe.compared(ground.requirements, at, place, record);
        let compared = compared.map(shortened).filter(|it| used && value.as_ref() != Some(it));
        let (signal, attribute) = (signal.kind, column.name.clone());
        values.push(ExampleValue { signal, attribute, used, value, compared });
    }
    let records = ground.probe.records.get(at);
    ExampleRow {
        entity: ground.name(at).to_owned(),
        key: records.map_or("", |records| records.key(record)).to_owned(),
        values,
    }
}

/// A value as it is, as text.
pub(crate) fn value(ground: &Ground<'_>, entity: usize, record: u32, attribute: &str) -> Option<String> {
    let records = ground.probe.records.get(entity)?;
    let at = records.rows.get(record as usize)?;
    let array = records.batches.get(at.batch as usize)?.column_by_name(attribute)?;
    let row = at.row as usize;
    if array.is_null(row) {
        return None;
    }
    array_value_to_string(array, row).ok().filter(|text| !text.is_empty()).map(|text| shortened(&text))
}

fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(CHARS).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}
