//! From the value of a key to the row that has it.

use super::raw::{Folding, RawColumn, Texts, Values};
use crate::conditions::Kind;
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use arrow::error::ArrowError;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// The row of a key that leads nowhere.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The rows of an entity by one of its attributes.
pub(super) struct Keys {
    kind: Kind,
    texts: Texts,
    rows: Numbered,
    /// Whether no two rows have the same key.
    pub(super) unique: bool,
}

/// Rows by number: directly where the numbers lie close together.
enum Numbered {
    Dense { low: i64, rows: Vec<u32> },
    Sparse(HashMap<i64, u32, BuildHasherDefault<Folding>>),
}

impl Keys {
    /// The keys of a column, whose rows are at `places`.
    pub(super) fn new(column: RawColumn, places: &[u32]) -> Self {
        let (kind, texts, values) = column.into_parts();
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        let mut count = 0usize;
        values.iter().flatten().for_each(|value| {
            (low, high, count) = (low.min(value), high.max(value), count + 1);
        });
        let span = high.checked_sub(low).and_then(|span| usize::try_from(span).ok());
        let dense = span.filter(|span| *span < count.saturating_mul(8).saturating_add(1024));
        let mut rows = match dense {
            Some(span) => Numbered::Dense { low, rows: vec![NOWHERE; span + 1] },
            None => Numbered::Sparse(HashMap::default()),
        };
        let mut unique = true;
        for (value, place) in values.iter().zip(places) {
            let Some(value) = value else { continue };
            let before = match &mut rows {
                Numbered::Dense { low, rows } => {
                    let at = usize::try_from(value.wrapping_sub(*low)).ok();
                    at.and_then(|at| rows.get_mut(at)).map(|row| std::mem::replace(row, *place))
                }
                Numbered::Sparse(rows) => rows.insert(value, *place),
            };
            unique &= before.is_none_or(|row| row == NOWHERE);
        }
        Self { kind, texts, rows, unique }
    }

    /// Whether a foreign key of this kind can be looked up.
    pub(super) fn takes(&self, kind: Kind) -> bool {
        let plain = |kind| matches!(kind, Kind::Text | Kind::Integer);
        (plain(self.kind) && plain(kind))
            || (self.kind == kind && kind != Kind::Double && kind != Kind::Other)
    }

    /// Adds the row of each foreign key.
    pub(super) fn look_up(&self, keys: &ArrayRef, found: &mut Vec<u32>) -> Result<(), ArrowError> {
        match (self.kind, Kind::of(keys.data_type())) {
            (Kind::Text, _) => {
                let keys = cast(keys, &DataType::Utf8)?;
                found.extend(
                    keys.as_string::<i32>().iter().map(|text| text.map_or(NOWHERE, |it| self.of_text(it))),
                );
            }
            (Kind::Integer, Kind::Text) => {
                let keys = cast(keys, &DataType::Utf8)?;
                // A number is compared with a text as it is printed: `07` is no 7.
                let number =
                    |text: &str| text.parse::<i64>().ok().filter(|number| number.to_string() == text);
                let row = |text: Option<&str>| text.and_then(number).map_or(NOWHERE, |it| self.of_number(it));
                found.extend(keys.as_string::<i32>().iter().map(row));
            }
            _ => {
                let keys = cast(keys, &DataType::Int64)?;
                let keys = keys.as_primitive::<Int64Type>();
                match keys.null_count() {
                    0 => found.extend(keys.values().iter().map(|key| self.of_number(*key))),
                    _ => found.extend(keys.iter().map(|key| key.map_or(NOWHERE, |key| self.of_number(key)))),
                }
            }
        }
        Ok(())
    }

    pub(super) fn of_text(&self, text: &str) -> u32 {
        self.texts.get(text).map_or(NOWHERE, |number| self.of_number(i64::from(*number)))
    }

    #[inline]
    fn of_number(&self, number: i64) -> u32 {
        match &self.rows {
            Numbered::Dense { low, rows } => {
                let at = usize::try_from(number.wrapping_sub(*low)).unwrap_or(usize::MAX);
                rows.get(at).copied().unwrap_or(NOWHERE)
            }
            Numbered::Sparse(rows) => rows.get(&number).copied().unwrap_or(NOWHERE),
        }
    }
}

impl Values {
    /// All values.
    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = Option<i64>> + '_> {
        match self {
            Self::Narrow(values) => {
                Box::new(values.iter().map(|value| (*value != i32::MIN).then(|| i64::from(*value))))
            }
            Self::Wide(values) => Box::new(values.iter().map(|value| (*value != i64::MIN).then_some(*value))),
        }
    }
}
