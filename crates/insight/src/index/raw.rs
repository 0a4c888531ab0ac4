//! A column while its rows arrive: values in order of arrival, texts numbered as they come.

use super::codes::filled;
use super::column::{Column, Dictionary, double_key};
use super::error::IndexError;
use crate::conditions::Kind;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Values in order of arrival; the smallest number stands for a missing one.
pub(super) enum Values {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

/// Texts and their numbers in order of arrival.
pub(super) type Texts = HashMap<Box<str>, i32, BuildHasherDefault<Folding>>;

/// A column that grows.
pub(super) struct RawColumn {
    entity: String,
    name: String,
    kind: Kind,
    values: Values,
    texts: Texts,
}

impl RawColumn {
    pub(super) fn new(entity: &str, name: &str, kind: Kind) -> Self {
        let (entity, name) = (entity.to_owned(), name.to_owned());
        Self { entity, name, kind, values: Values::Narrow(Vec::new()), texts: HashMap::default() }
    }

    /// Adds the rows of an array.
    pub(super) fn extend(&mut self, array: &ArrayRef) -> Result<(), IndexError> {
        match self.kind {
            Kind::Text => self.extend_texts(array),
            Kind::Decimal { .. } => {
                let array = cast(array, &self.kind.data_type())?;
                let digits = array.as_primitive::<Decimal128Type>();
                for digits in digits.iter() {
                    let narrow = digits.map(i64::try_from).transpose();
                    let narrow = narrow.map_err(|_| self.unfit("has decimals of more than 64 bits"))?;
                    self.push(narrow)?;
                }
                Ok(())
            }
            _ => self.extend_numbers(array),
        }
    }

    fn extend_numbers(&mut self, array: &ArrayRef) -> Result<(), IndexError> {
        let array = cast(array, &self.kind.data_type())?;
        if let Some(flags) = array.as_any().downcast_ref::<BooleanArray>() {
            return flags.iter().try_for_each(|flag| self.push(flag.map(i64::from)));
        }
        match self.kind {
            Kind::Integer => array.as_primitive::<Int64Type>().iter().try_for_each(|it| self.push(it)),
            Kind::Date => {
                array.as_primitive::<Date32Type>().iter().try_for_each(|it| self.push(it.map(i64::from)))
            }
            Kind::Double => array
                .as_primitive::<Float64Type>()
                .iter()
                .try_for_each(|it| self.push(it.map(|it| double_key(it + 0.0)))),
            Kind::Time { .. } => {
                array.as_primitive::<TimestampMicrosecondType>().iter().try_for_each(|it| self.push(it))
            }
            _ => Err(self.unfit("has values that cannot be indexed")),
        }
    }

    /// Each text of a dictionary is looked up once per array.
    fn extend_texts(&mut self, array: &ArrayRef) -> Result<(), IndexError> {
        if let DataType::Dictionary(_, _) = array.data_type() {
            let keyed = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            let array = cast(array, &keyed)?;
            let array = array.as_dictionary::<Int32Type>();
            let texts = array.values().as_string::<i32>();
            let numbers: Vec<Option<i64>> = texts
                .iter()
                .map(|text| text.map(|text| self.number(text)).transpose())
                .collect::<Result<_, _>>()?;
            for key in array.keys().iter() {
                let key = key.and_then(|key| usize::try_from(key).ok());
                self.push(key.and_then(|key| numbers.get(key).copied().flatten()))?;
            }
            return Ok(());
        }
        let array = cast(array, &DataType::Utf8)?;
        for text in array.as_string::<i32>().iter() {
            let number = text.map(|text| self.number(text)).transpose()?;
            self.push(number)?;
        }
        Ok(())
    }

    /// How many different texts there are.
    pub(super) fn texts(&self) -> usize {
        self.texts.len()
    }

    /// Adds one text.
    pub(super) fn push_text(&mut self, text: &str) -> Result<(), IndexError> {
        let number = self.number(text)?;
        self.push(Some(number))
    }

    fn number(&mut self, text: &str) -> Result<i64, IndexError> {
        if let Some(number) = self.texts.get(text) {
            return Ok(i64::from(*number));
        }
        let number =
            i32::try_from(self.texts.len()).map_err(|_| self.unfit("has too many different texts"))?;
        self.texts.insert(text.into(), number);
        Ok(i64::from(number))
    }

    #[inline]
    fn push(&mut self, value: Option<i64>) -> Result<(), IndexError> {
        if let Values::Narrow(values) = &mut self.values {
            match value.map(i32::try_from) {
                None => {
                    values.push(i32::MIN);
                    return Ok(());
                }
                Some(Ok(value)) if value != i32::MIN => {
                    values.push(value);
                    return Ok(());
                }
                Some(_) => {}
            }
            let widen = |value: &i32| if *value == i32::MIN { i64::MIN } else { i64::from(*value) };
            self.values = Values::Wide(values.iter().map(widen).collect());
        }
        if value == Some(i64::MIN) {
            return Err(self.unfit("has a number that is too small"));
        }
        if let Values::Wide(values) = &mut self.values {
            values.push(value.unwrap_or(i64::MIN));
        }
        Ok(())
    }

    fn unfit(&self, why: &str) -> IndexError {
        IndexError::unfit(&self.entity, format!("{} {why}", self.name))
    }

    /// The values, texts as their places in a dictionary that has them.
    pub(super) fn values_in(self, dictionary: Option<&Dictionary>) -> Result<Vec<Option<i64>>, IndexError> {
        let Some(dictionary) = dictionary else { return Ok(self.values.iter().collect()) };
        let mut places = vec![0i64; self.texts.len()];
        for (text, number) in &self.texts {
            let place = dictionary.find(text).map_err(|_| self.unfit("has a new text"))?;
            usize::try_from(*number)
                .ok()
                .and_then(|at| places.get_mut(at))
                .into_iter()
                .for_each(|it| *it = place as i64);
        }
        let place = |number: i64| usize::try_from(number).ok().and_then(|at| places.get(at)).copied();
        Ok(self.values.iter().map(|number| number.and_then(place)).collect())
    }

    /// What keys are made of.
    pub(super) fn into_parts(self) -> (Kind, Texts, Values) {
        (self.kind, self.texts, self.values)
    }

    /// A copy, for a column that is kept and looked up.
    pub(super) fn duplicate(&self) -> Self {
        let values = match &self.values {
            Values::Narrow(values) => Values::Narrow(values.clone()),
            Values::Wide(values) => Values::Wide(values.clone()),
        };
        let (entity, name, texts) = (self.entity.clone(), self.name.clone(), self.texts.clone());
        Self { entity, name, kind: self.kind, values, texts }
    }

    /// The column with its rows at new places.
    pub(super) fn finish(mut self, places: &[u32]) -> Result<Column, IndexError> {
        let dictionary = (self.kind == Kind::Text).then(|| self.sort_texts());
        let (mut low, mut high, mut gaps) = (i64::MAX, i64::MIN, false);
        for value in self.values.iter() {
            match value {
                Some(value) => (low, high) = (low.min(value), high.max(value)),
                None => gaps = true,
            }
        }
        let empty = low > high;
        let base = if empty { 0 } else { low.wrapping_sub(1) };
        let most = if empty { 0 } else { high.wrapping_sub(base) as u64 };
        if !empty && most == 0 {
            return Err(self.unfit("has numbers that are too far apart"));
        }
        let codes = match &self.values {
            Values::Narrow(values) => {
                let code = |value: &i32| match *value {
                    i32::MIN => 0,
                    value => i64::from(value).wrapping_sub(base) as u64,
                };
                let placed = places.iter().zip(values);
                filled(most, places.len(), placed.map(|(at, value)| (*at as usize, code(value))))
            }
            Values::Wide(values) => {
                let code = |value: &i64| match *value {
                    i64::MIN => 0,
                    value => value.wrapping_sub(base) as u64,
                };
                let placed = places.iter().zip(values);
                filled(most, places.len(), placed.map(|(at, value)| (*at as usize, code(value))))
            }
        };
        Ok(Column { name: self.name, kind: self.kind, base, most, gaps, codes: codes.into(), dictionary })
    }

    /// Numbers the texts in their order.
    fn sort_texts(&mut self) -> Dictionary {
        let mut texts: Vec<(Box<str>, i32)> = std::mem::take(&mut self.texts).into_iter().collect();
        texts.sort_unstable();
        let mut ranks = vec![0i32; texts.len()];
        let (mut offsets, mut bytes) = (vec![0u64], Vec::new());
        for (rank, (text, number)) in texts.iter().enumerate() {
            bytes.extend_from_slice(text.as_bytes());
            offsets.push(bytes.len() as u64);
            if let Some(place) = usize::try_from(*number).ok().and_then(|number| ranks.get_mut(number)) {
                *place = i32::try_from(rank).unwrap_or(0);
            }
        }
        if let Values::Narrow(values) = &mut self.values {
            for value in values.iter_mut().filter(|value| **value != i32::MIN) {
                let rank = usize::try_from(*value).ok().and_then(|number| ranks.get(number));
                *value = rank.copied().unwrap_or(0);
            }
        }
        let most = bytes.len() as u64;
        let offsets = filled(most, offsets.len(), offsets.iter().copied().enumerate());
        Dictionary { offsets: offsets.into(), bytes: super::Codes::U8(bytes.into()).into() }
    }
}

/// A quick hash for tables that are only asked, never walked.
#[derive(Default, Clone, Copy)]
pub(super) struct Folding(u64);

impl Hasher for Folding {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word.iter_mut().zip(chunk).for_each(|(place, byte)| *place = *byte);
            self.write_u64(u64::from_le_bytes(word) ^ ((chunk.len() as u64) << 56));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0 ^ value ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xa076_1d64_78bd_642f);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
