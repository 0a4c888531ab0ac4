//! `AlternateKey`: which customer a primary key of a source entity belongs to. Relationships are followed through it.

use arrow::datatypes::DataType;

use crate::error::UnifyError;
use crate::input::{Input, Table};
use crate::intern::NONE;
use crate::names::CUSTOMER_ID;

use super::Unification;
use super::gather::{Column, table, texts};

/// One row for every primary key of every entity, winner or not, whose record is in a profile: the data source, the
/// entity's full name, the key as text, the customer.
pub(crate) fn alternate_key(unification: Unification<'_>, inputs: &[Input]) -> Result<Table, UnifyError> {
    let mut keys: Vec<(usize, u32, u32)> = Vec::new();
    for (entity, profiles) in unification.profiles.of.iter().enumerate() {
        let kept = (0u32..).zip(profiles).filter(|(_, profile)| **profile != NONE);
        keys.extend(kept.map(|(record, profile)| (entity, record, *profile)));
    }
    let entity_of =
        |row: &usize| keys.get(*row).and_then(|(entity, ..)| unification.plan.entities.get(*entity));
    let data_source = |row: &usize| Some(inputs.get(entity_of(row)?.input)?.data_source.as_str());
    let entity = |row: &usize| Some(entity_of(row)?.name.as_str());
    let value = |row: &usize| {
        let (entity, record, _) = keys.get(*row)?;
        Some(unification.records.get(*entity)?.key(*record))
    };
    let customer = |row: &usize| Some(unification.ids.id(keys.get(*row)?.2 as usize)?.to_string());
    let columns = vec![
        text("DataSourceName", data_source),
        text("EntityName", entity),
        text("AlternateValue", value),
        text(CUSTOMER_ID, customer),
    ];
    let rows: Vec<usize> = (0..keys.len()).collect();
    table(&rows, columns)
}

fn text<'a, T: AsRef<str>>(name: &str, value: impl Fn(&usize) -> Option<T> + 'a) -> Column<'a> {
    let make = move |rows: &[usize]| -> Result<arrow::array::ArrayRef, UnifyError> {
        texts(rows.iter().map(&value))
    };
    Column::new(name, DataType::Utf8, make).required()
}
