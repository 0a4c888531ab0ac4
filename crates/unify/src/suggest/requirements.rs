//! What a rule can require of a pair of rows: that they agree on a signal, with normalizations for its kind.

use lang::attribute::AttributeRef;

use crate::definition::{Condition, Normalization, OwnCondition, Precision, Signal, SignalKind};
use crate::input::Input;
use crate::plan::is_text;
use crate::probabilistic::{Atom, signal_extras};
use crate::values::kind;

/// The most requirements: a set of them is a number of 32 bits.
const MOST: usize = 32;

/// A set of requirements: a bit for each, by its place.
pub(crate) type Mask = u32;

/// Agreement on one signal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Requirement {
    /// The place of the signal.
    pub(crate) signal: usize,
    pub(crate) precision: Precision,
    /// What pairs that meet it agree on in the words of blocking.
    atoms: Vec<Atom>,
}

/// Everything that rules over some entities can require. Of one signal the strictest comes first.
#[derive(Debug)]
pub(crate) struct Requirements {
    pub(crate) signals: Vec<Signal>,
    pub(crate) all: Vec<Requirement>,
    /// For each signal and entity the attribute and whether it is a text; none where the entity lacks it.
    columns: Vec<Vec<Option<Column>>>,
    /// For each signal its number among the extra values of the model.
    extras: Vec<Option<usize>>,
}

/// An attribute of an entity that holds a signal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: String,
    text: bool,
    kind: crate::values::Kind,
}

impl Column {
    pub(crate) fn is_text(&self) -> bool {
        self.text
    }
}

impl Requirements {
    /// What can be required of rows of some entities, in match order.
    pub(crate) fn new(signals: &[Signal], inputs: &[&Input]) -> Self {
        let column = |signal: &Signal, input: &Input| {
            let attribute = signal.attributes.iter().find(|it| it.entity == input.entity)?;
            let field = input.schema.field_with_name(&attribute.attribute).ok()?;
            let kind = kind(field.data_type())?;
            Some(Column { name: attribute.attribute.clone(), text: is_text(field.data_type()), kind })
        };
        let columns =
            signals.iter().map(|signal| inputs.iter().map(|input| column(signal, input)).collect()).collect();
        let extras = signal_extras(signals);
        let mut all = Vec::new();
        for ((place, signal), extra) in signals.iter().enumerate().zip(&extras) {
            for precision in precisions(signal.kind) {
                let exact = *precision == Precision::Exact;
                let atoms = if exact { atoms(signal.kind, *extra) } else { Vec::new() };
                all.push(Requirement { signal: place, precision: *precision, atoms });
            }
        }
        all.truncate(MOST);
        Self { signals: signals.to_vec(), all, columns, extras }
    }

    pub(crate) fn column(&self, signal: usize, entity: usize) -> Option<&Column> {
        self.columns.get(signal)?.get(entity)?.as_ref()
    }

    /// The number of a signal among the extra values of the model.
    pub(crate) fn extra(&self, signal: usize) -> Option<usize> {
        self.extras.get(signal).copied().flatten()
    }

    /// The requirements of a set, each with its place.
    pub(crate) fn of(&self, mask: Mask) -> impl Iterator<Item = (usize, &Requirement)> {
        self.all.iter().enumerate().filter(move |(at, _)| mask >> at & 1 == 1)
    }

    /// What a requirement means between two entities: both attributes; none where it means nothing.
    pub(crate) fn between(
        &self,
        requirement: &Requirement,
        left: usize,
        right: usize,
    ) -> Option<[&Column; 2]> {
        let pair = [self.column(requirement.signal, left)?, self.column(requirement.signal, right)?];
        let [one, other] = pair;
        let exact = requirement.precision == Precision::Exact;
        (one.kind == other.kind && (exact || (one.text && other.text))).then_some(pair)
    }

    /// A requirement as a condition between two entities; `named` when it names the entity above.
    pub(crate) fn condition(
        &self,
        requirement: &Requirement,
        (left, left_name, named): (usize, &str, bool),
        right: usize,
    ) -> Option<Condition> {
        let [above, own] = self.between(requirement, left, right)?;
        let entity = named.then(|| left_name.to_owned());
        Some(Condition {
            left: AttributeRef { entity, attribute: above.name.clone() },
            right: own.name.clone(),
            normalize: self.normalize(requirement, own),
            alias: None,
            bypass: None,
            precision: requirement.precision,
        })
    }

    /// A requirement as a condition within an entity.
    pub(crate) fn own_condition(&self, requirement: &Requirement, entity: usize) -> Option<OwnCondition> {
        let [column, _] = self.between(requirement, entity, entity)?;
        Some(OwnCondition {
            attribute: column.name.clone(),
            normalize: self.normalize(requirement, column),
            alias: None,
            bypass: None,
            precision: requirement.precision,
        })
    }

    fn normalize(&self, requirement: &Requirement, column: &Column) -> Vec<Normalization> {
        let kind = self.signals.get(requirement.signal).map(|signal| signal.kind).filter(|_| column.text);
        kind.map_or(Vec::new(), normalize)
    }

    /// What pairs that meet all of a set agree on in the words of blocking.
    pub(crate) fn atoms(&self, mask: Mask) -> Vec<Atom> {
        let mut atoms: Vec<Atom> = self.of(mask).flat_map(|(_, it)| it.atoms.iter().copied()).collect();
        if atoms.contains(&Atom::First) && atoms.contains(&Atom::Last) {
            atoms.push(Atom::Names);
        }
        atoms
    }
}

/// How strictly values of a kind can be compared, the strictest first. A name that is only a little alike still tells
/// the members of a family apart.
fn precisions(kind: SignalKind) -> &'static [Precision] {
    match kind {
        SignalKind::FirstName | SignalKind::FullName => {
            &[Precision::Exact, Precision::High, Precision::Medium]
        }
        SignalKind::LastName | SignalKind::Email | SignalKind::Street | SignalKind::Text => {
            &[Precision::Exact, Precision::High]
        }
        _ => &[Precision::Exact],
    }
}

/// What is done to the values of a kind before they are compared.
fn normalize(kind: SignalKind) -> Vec<Normalization> {
    use Normalization::{
        LowerCase, Symbols, TypeAddress, TypeName, TypeOrganization, TypePhone, UnicodeToAscii, Whitespace,
    };
    match kind {
        SignalKind::FirstName | SignalKind::FullName => {
            vec![LowerCase, UnicodeToAscii, TypeName, Symbols, Whitespace]
        }
        SignalKind::Email => vec![LowerCase, Whitespace],
        SignalKind::Phone => vec![TypePhone],
        SignalKind::Street => vec![LowerCase, UnicodeToAscii, TypeAddress, Symbols, Whitespace],
        SignalKind::Text => vec![LowerCase, UnicodeToAscii, TypeOrganization, Symbols, Whitespace],
        SignalKind::BirthDate => vec![Whitespace],
        SignalKind::PostalCode | SignalKind::Identifier => vec![LowerCase, Symbols, Whitespace],
        SignalKind::LastName | SignalKind::City | SignalKind::Category => {
            vec![LowerCase, UnicodeToAscii, Symbols, Whitespace]
        }
    }
}

fn atoms(kind: SignalKind, extra: Option<usize>) -> Vec<Atom> {
    if let Some(extra) = extra {
        return vec![Atom::Extra(extra)];
    }
    let first = [Atom::First, Atom::Initial, Atom::FirstSound];
    let last = [Atom::Last, Atom::LastSound];
    match kind {
        SignalKind::FirstName => first.to_vec(),
        SignalKind::LastName => last.to_vec(),
        SignalKind::FullName => [&first[..], &last[..]].concat(),
        SignalKind::Email => vec![Atom::Email, Atom::User],
        SignalKind::Phone => vec![Atom::Phone],
        SignalKind::Street => vec![Atom::Street],
        SignalKind::City => vec![Atom::City],
        SignalKind::PostalCode => vec![Atom::Postal],
        SignalKind::BirthDate => vec![Atom::Birth, Atom::BirthYear],
        SignalKind::Identifier | SignalKind::Text | SignalKind::Category => Vec::new(),
    }
}
