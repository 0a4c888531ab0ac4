//! Which entities are about people, and in which order they should be matched, where nobody has said it yet.

use crate::definition::{Custom, EntityMap, MapAttribute, Match, MatchOrder, Merge, SignalKind, Unification};
use crate::input::Input;
use crate::semantic;

/// Suggestions that are less sure are left out, as for signals.
const SURE: f64 = 0.8;
/// The least number of signals about a person that make an entity one of people.
const SIGNALS: usize = 2;

/// A definition without rules over the entities that are about people: those that know most come first, of equally
/// good ones the larger. The map says what their attributes seem to mean.
pub fn draft(inputs: &[Input]) -> Unification {
    let mut people: Vec<(usize, usize, &Input, EntityMap)> = Vec::new();
    for input in inputs.iter().filter(|input| input.primary_key.len() == 1) {
        let map = map(input);
        let (known, telling) = signals(&map);
        if known >= SIGNALS && telling {
            let rows = input.batches.iter().map(|batch| batch.num_rows()).sum();
            people.push((known, rows, input, map));
        }
    }
    people.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.entity.cmp(&b.2.entity)));
    let order =
        people.iter().map(|(.., input, _)| MatchOrder { entity: input.entity.clone(), include_all: true });
    let order = order.collect();
    Unification {
        map: people.into_iter().map(|(.., map)| map).collect(),
        deduplication: Vec::new(),
        match_: Match { order, rules: Vec::new(), probabilistic: None },
        custom: Custom::default(),
        merge: Merge::default(),
    }
}

fn map(input: &Input) -> EntityMap {
    let sure = semantic::suggest(input).attributes.into_iter().filter(|it| it.confidence >= SURE);
    let attribute =
        |it: semantic::Suggestion| MapAttribute { name: it.attribute, semantic_type: Some(it.semantic_type) };
    EntityMap { entity: input.entity.clone(), attributes: sure.map(attribute).collect(), only: false }
}

/// How many signals an entity has, and whether one of them is about a person and not about a place.
fn signals(map: &EntityMap) -> (usize, bool) {
    let meaning = |it: &MapAttribute| {
        let attribute =
            lang::attribute::QualifiedAttribute { entity: map.entity.clone(), attribute: it.name.clone() };
        Some(semantic::Meaning { attribute, semantic_type: it.semantic_type.clone()? })
    };
    let meanings: Vec<_> = map.attributes.iter().filter_map(meaning).collect();
    let kinds: Vec<SignalKind> = semantic::signals_of(&meanings).iter().map(|signal| signal.kind).collect();
    let of_people = |kind: &SignalKind| {
        use SignalKind::{BirthDate, Email, FirstName, FullName, LastName, Phone};
        matches!(kind, BirthDate | Email | FirstName | FullName | LastName | Phone)
    };
    (kinds.len(), kinds.iter().any(of_people))
}
