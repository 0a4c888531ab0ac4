//! Values that repeat, as names and towns do: each is normalised once, as long as it is remembered.

use std::sync::Arc;

use arrow::array::ArrayRef;

use crate::definition::SignalKind;
use crate::normalize::Variants;

use super::column::{Column, Value};
use super::hash;
use super::record::{Record, postal};
use super::seen::{Made, Seen};
use super::slot;
use super::text::{self, Joined, Plain};
use super::words::stands_for;

/// Dictionaries that are remembered: those of a few columns of a few files.
const DICTIONARIES: usize = 32;

/// Makes plain forms of values that repeat.
#[derive(Debug)]
pub(crate) struct Usual {
    maker: Maker,
    firsts: Seen,
    lasts: Seen,
    cities: Seen,
    postals: Seen,
    dictionaries: Vec<Dictionary>,
}

/// The values of a column that has a dictionary, and what became of those that were met.
#[derive(Debug)]
struct Dictionary {
    kind: SignalKind,
    values: ArrayRef,
    made: Vec<Option<Made>>,
}

#[derive(Debug)]
struct Maker {
    plain: Plain,
    joined: Joined,
    names: &'static Variants,
}

/// Whether values of a kind repeat.
pub(crate) const fn is_usual(kind: SignalKind) -> bool {
    use SignalKind::{City, FirstName, LastName, PostalCode};
    matches!(kind, FirstName | LastName | City | PostalCode)
}

impl Usual {
    pub(crate) fn new() -> Self {
        let maker =
            Maker { plain: Plain::new(), joined: Joined::new(), names: crate::normalize::name_variants() };
        let [firsts, lasts, cities, postals] = [(); 4].map(|()| Seen::new());
        Self { maker, firsts, lasts, cities, postals, dictionaries: Vec::new() }
    }

    /// Puts one value where it belongs.
    pub(crate) fn read(&mut self, kind: SignalKind, text: &str, to: &mut Record) {
        let Self { maker, firsts, lasts, cities, postals, .. } = self;
        let seen = match kind {
            SignalKind::FirstName => firsts,
            SignalKind::LastName => lasts,
            SignalKind::City => cities,
            _ => postals,
        };
        put(kind, seen.get(text, || maker.make(kind, text)), to);
    }

    /// Puts values of a dictionary where they belong, given their places in it.
    pub(crate) fn read_keys<'a>(
        &mut self,
        kind: SignalKind,
        values: &ArrayRef,
        rows: impl Iterator<Item = (Option<u32>, &'a mut Record)>,
    ) {
        let at = self.dictionary(kind, values);
        let Self { maker, dictionaries, .. } = self;
        let Some(dictionary) = dictionaries.get_mut(at) else { return };
        let column = Column::new(values);
        for (key, to) in rows {
            let Some(key) = key else { continue };
            let Some(made) = dictionary.made.get_mut(key as usize) else { continue };
            let made = made.get_or_insert_with(|| match column.value(key as usize) {
                Value::Missing => Made::default(),
                Value::Text(text) => maker.make(kind, text),
                Value::Int(number) | Value::Date(number) => maker.make(kind, &number.to_string()),
            });
            put(kind, *made, to);
        }
    }

    fn dictionary(&mut self, kind: SignalKind, values: &ArrayRef) -> usize {
        let is_it = |it: &Dictionary| it.kind == kind && Arc::ptr_eq(&it.values, values);
        if let Some(at) = self.dictionaries.iter().position(is_it) {
            return at;
        }
        if self.dictionaries.len() == DICTIONARIES {
            self.dictionaries.clear();
        }
        let (values, made) = (Arc::clone(values), vec![None; values.len()]);
        self.dictionaries.push(Dictionary { kind, values, made });
        self.dictionaries.len() - 1
    }
}

impl Maker {
    /// The plain form of a value, which depends on kind and text alone.
    fn make(&mut self, kind: SignalKind, text: &str) -> Made {
        let Self { plain, joined, names } = self;
        plain.fold(text);
        match kind {
            SignalKind::FirstName => {
                let first = text::name(plain.words(), joined);
                (slot::slot(joined.get()), first.map_or(0, |first| nick(first, names)))
            }
            SignalKind::LastName => {
                text::name(plain.words(), joined);
                (slot::slot(joined.get()), 0)
            }
            SignalKind::City => (Default::default(), hash::bytes_or_zero(plain.get())),
            _ => (slot::slot(&postal(plain.words())), 0),
        }
    }
}

fn put(kind: SignalKind, (slot, number): Made, to: &mut Record) {
    match kind {
        SignalKind::FirstName => (to.first, to.nick) = (slot, number),
        SignalKind::LastName => to.last = slot,
        SignalKind::City => to.city = number,
        _ => to.postal = *slot.first_chunk().unwrap_or(&[0; 8]),
    }
}

/// A hash of the name that a given name stands for.
pub(crate) fn nick(first: &[u8], names: &'static Variants) -> u32 {
    hash::nonzero(hash::bytes(stands_for(names, first).unwrap_or(first)))
}
