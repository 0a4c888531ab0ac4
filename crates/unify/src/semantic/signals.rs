//! Which attributes tell customers apart when they are matched by probability.

use lang::attribute::QualifiedAttribute;

use super::suggest;
use crate::definition::{Signal, SignalKind, Unification};
use crate::input::Input;

/// One attribute and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The attribute.
    pub attribute: QualifiedAttribute,
    /// Its semantic type.
    pub semantic_type: String,
}

/// Suggestions that are less sure are not used for signals.
const SURE: f64 = 0.8;

/// The signals of a unification that names none: the semantic types of its map first, suggestions for the attributes
/// that have none there.
pub fn signals(unification: &Unification, inputs: &[Input]) -> Vec<Signal> {
    let mut meanings = Vec::new();
    for ordered in &unification.match_.order {
        let Some(input) = inputs.iter().find(|input| input.entity == ordered.entity) else { continue };
        let map = unification.map.iter().find(|map| map.entity == input.entity);
        let listed = map.map_or(&[][..], |map| &map.attributes);
        let meaning = |attribute: &str, semantic_type: &str| {
            let (entity, attribute) = (input.entity.clone(), attribute.to_owned());
            Meaning {
                attribute: QualifiedAttribute { entity, attribute },
                semantic_type: semantic_type.to_owned(),
            }
        };
        let given = listed.iter().filter_map(|it| Some(meaning(&it.name, it.semantic_type.as_ref()?)));
        meanings.extend(given);
        for suggestion in suggest(input).attributes.iter().filter(|it| it.confidence >= SURE) {
            let said = listed.iter().find(|it| it.name == suggestion.attribute);
            let left_out = map.is_some_and(|map| map.only) && said.is_none();
            if !left_out && said.is_none_or(|it| it.semantic_type.is_none()) {
                meanings.push(meaning(&suggestion.attribute, &suggestion.semantic_type));
            }
        }
    }
    signals_of(&meanings)
}

/// The signals of attributes with known meanings: one for each meaning that says something about a person, with the
/// first attribute of each entity. Where every entity has first and last names, whole names would only say the same
/// again and are left out; where every entity has whole names and not every one has their parts, the parts are.
pub fn signals_of(meanings: &[Meaning]) -> Vec<Signal> {
    let mut signals: Vec<(SignalKind, &str, Signal)> = Vec::new();
    for meaning in meanings {
        let Some(kind) = kind(&meaning.semantic_type) else { continue };
        // Different identities and categories are different signals, several telephones of one entity are not.
        let by = if matches!(kind, SignalKind::Identifier | SignalKind::Category | SignalKind::Text) {
            meaning.semantic_type.as_str()
        } else {
            ""
        };
        let attribute = meaning.attribute.clone();
        match signals.iter_mut().find(|(k, b, _)| *k == kind && *b == by) {
            None => signals.push((kind, by, Signal { kind, attributes: vec![attribute] })),
            Some((.., signal)) if signal.attributes.iter().all(|it| it.entity != attribute.entity) => {
                signal.attributes.push(attribute);
            }
            Some(_) => {}
        }
    }
    signals.sort_by_key(|(kind, by, _)| (*kind, *by));
    let mut signals: Vec<Signal> = signals.into_iter().map(|(.., signal)| signal).collect();
    drop_repeated_names(meanings, &mut signals);
    signals
}

fn drop_repeated_names(meanings: &[Meaning], signals: &mut Vec<Signal>) {
    let mut entities: Vec<&str> = meanings.iter().map(|it| it.attribute.entity.as_str()).collect();
    entities.dedup();
    let has = |entity: &str, kind: SignalKind| {
        let of_kind = signals.iter().find(|signal| signal.kind == kind);
        of_kind.is_some_and(|signal| signal.attributes.iter().any(|it| it.entity == entity))
    };
    let parts = |entity: &str| has(entity, SignalKind::FirstName) && has(entity, SignalKind::LastName);
    let whole = |entity: &str| has(entity, SignalKind::FullName);
    let named = || entities.iter().filter(|entity| parts(entity) || whole(entity));
    let (all_parts, all_whole) = (named().all(|entity| parts(entity)), named().all(|entity| whole(entity)));
    signals.retain(|signal| match signal.kind {
        SignalKind::FullName => !all_parts,
        SignalKind::FirstName | SignalKind::LastName => all_parts || !all_whole,
        _ => true,
    });
}

fn kind(semantic_type: &str) -> Option<SignalKind> {
    Some(match semantic_type {
        "Person.FirstName" => SignalKind::FirstName,
        "Person.LastName" => SignalKind::LastName,
        "Person.FullName" => SignalKind::FullName,
        "Person.BirthDate" => SignalKind::BirthDate,
        "Person.Gender" | "Location.Country" | "Location.StateOrProvince" | "Location.State" => {
            SignalKind::Category
        }
        "Identity.Service.Email" => SignalKind::Email,
        "Identity.Service.Phone" => SignalKind::Phone,
        "Location.Address" | "Location.Address.Street" | "Location.StreetAddress" => SignalKind::Street,
        "Location.City" => SignalKind::City,
        "Location.PostalCode" => SignalKind::PostalCode,
        "Organization.Name" => SignalKind::Text,
        other if other.starts_with("Identity.") => SignalKind::Identifier,
        _ => return None,
    })
}
