//! The view of automatic blocking: which keys, how many pairs, what they may miss, and what is too common.

use std::collections::BTreeMap;

use crate::definition::SignalKind;
use crate::normalize::is_default;
use crate::probabilistic::{Atom, BlockingRule, Blocks, MatchReport, RuleCounts};

use super::answer::{Blocking, BlockingKey, Refused, RefusedReason, RefusedValue};
use super::choose::Ground;
use super::examples::value;

/// Too common values that are shown of each key.
const SHOWN: usize = 3;

/// How the pairs were found that everything was learned from.
pub(crate) fn view(ground: &Ground<'_>) -> Blocking {
    let trained = ground.trained;
    let scorer = trained.model.mixture.scorer();
    let weights: Vec<f64> = trained.candidates.codes.iter().map(|code| scorer.weight(*code)).collect();
    let report = MatchReport::new(ground.space.len(), &trained.model.rules, &trained.candidates, &weights);
    // Numbers of pairs first, so that the sums never differ.
    let mut found: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for candidate in trained.candidates.parts.iter().flatten() {
        *found.entry((candidate.rules.count_ones(), candidate.pattern)).or_default() += 1;
    }
    let expected = |keys: u32| -> f64 {
        let of = found.iter().filter(|((brought, _), _)| *brought == keys);
        of.map(|((_, pattern), pairs)| *pairs as f64 * trained.probability(*pattern)).sum()
    };
    let records = ground.space.len() as f64;
    Blocking {
        possible: records * (records - 1.0).max(0.0) / 2.0,
        pairs: report.pairs,
        matches: report.matches,
        missed: missed(expected(1), expected(2)),
        keys: report.rules.iter().map(|it| key(ground, &it.rule, &it.counts)).collect(),
    }
}

/// How many were found by no key, at least, from those that one and two keys found: the bias-corrected form of Chao's
/// estimator (Chao 1984, "Nonparametric estimation of the number of classes in a population").
fn missed(by_one: f64, by_two: f64) -> f64 {
    (by_one * (by_one - 1.0)).max(0.0) / (2.0 * (by_two + 1.0))
}

fn key(ground: &Ground<'_>, rule: &BlockingRule, counts: &RuleCounts) -> BlockingKey {
    let commonest = if counts.heavy > 0 { commonest(ground, rule) } else { Vec::new() };
    BlockingKey {
        parts: rule.atoms.clone(),
        records: counts.records,
        blocks: counts.blocks,
        most: rule.most,
        pairs: counts.pairs,
        matches: counts.matches,
        only_matches: counts.only_matches,
        refused: Refused {
            values: counts.heavy,
            records: counts.heavy_records,
            pairs: counts.heavy_pairs,
            commonest,
        },
    }
}

/// The values that most rows share.
fn commonest(ground: &Ground<'_>, rule: &BlockingRule) -> Vec<RefusedValue> {
    let blocks = Blocks::new(rule, &ground.trained.prepared);
    let heavy = blocks.runs().filter(|run| run.len() > rule.most as usize);
    let mut heavy: Vec<(usize, u32)> =
        heavy.filter_map(|run| Some((run.len(), Blocks::record(*run.first()?)))).collect();
    heavy.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let refused = |(records, record): (usize, u32)| {
        let values = values(ground, rule, record);
        let default = values.iter().any(|value| is_default(value));
        let reason = if default { RefusedReason::Default } else { RefusedReason::Common };
        RefusedValue { values, records: records as u64, reason }
    };
    heavy.into_iter().take(SHOWN).map(refused).collect()
}

/// The values of one record that a key is made of.
fn values(ground: &Ground<'_>, rule: &BlockingRule, record: u32) -> Vec<String> {
    let (entity, record) = ground.space.place(record);
    let mut values = Vec::new();
    for (place, signal) in ground.requirements.signals.iter().enumerate() {
        let extra = ground.requirements.extra(place);
        if !rule.atoms.iter().any(|atom| is_of(*atom, signal.kind, extra)) {
            continue;
        }
        let column = ground.requirements.column(place, entity as usize);
        values.extend(column.and_then(|column| value(ground, entity as usize, record, &column.name)));
    }
    values
}

/// Whether a part of a key is made from a signal.
fn is_of(atom: Atom, kind: SignalKind, extra: Option<usize>) -> bool {
    use SignalKind::{BirthDate, City, Email, FirstName, FullName, LastName, Phone, PostalCode, Street};
    match atom {
        Atom::Extra(number) => extra == Some(number),
        _ if extra.is_some() => false,
        Atom::First | Atom::FirstSound | Atom::Initial => matches!(kind, FirstName | FullName),
        Atom::Last | Atom::LastSound => matches!(kind, LastName | FullName),
        Atom::Names => matches!(kind, FirstName | LastName | FullName),
        Atom::Email | Atom::User => kind == Email,
        Atom::Phone => kind == Phone,
        Atom::Birth | Atom::BirthYear => kind == BirthDate,
        Atom::Postal => kind == PostalCode,
        Atom::City => kind == City,
        Atom::Street => kind == Street,
    }
}
