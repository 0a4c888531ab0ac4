//! `AlternateKey`: which customer a primary key of a source entity belongs to. Relationships are followed through it.

use super::Unification;
use super::table::{Column, table};
use crate::error::UnifyError;
use crate::input::Table;
use crate::intern::NONE;
use crate::names::CUSTOMER_ID;

/// One row for every primary key of every entity, winner or not, whose record is in a profile: the data source, the
/// entity's full name, the key as text, the customer. Rows stand in the order of data source, entity, key.
pub(crate) fn alternate_key(unification: Unification<'_>) -> Result<Table, UnifyError> {
    let inputs = unification.inputs;
    let name = |entity: usize| {
        let plan = unification.plan.entities.get(entity);
        let input = plan.and_then(|plan| inputs.get(plan.input));
        (input.map_or("", |it| it.data_source.as_str()), plan.map_or("", |it| it.name.as_str()))
    };
    let mut entities: Vec<usize> = (0..unification.records.len()).collect();
    entities.sort_by_key(|entity| name(*entity));
    let mut keys: Vec<(u32, u32)> = Vec::new();
    for entity in entities {
        let Some(profiles) = unification.profiles.of.get(entity) else { continue };
        let kept = (0u32..).zip(profiles).filter(|(_, profile)| **profile != NONE);
        keys.extend(kept.map(|(record, _)| (entity as u32, record)));
    }
    let keys = &keys;
    let at = move |row: usize| keys.get(row).map_or((usize::MAX, NONE), |key| (key.0 as usize, key.1));
    let profile = move |row: usize| {
        let (entity, record) = at(row);
        let profile = unification.profiles.of.get(entity).and_then(|of| of.get(record as usize));
        profile.map_or(usize::MAX, |profile| *profile as usize)
    };
    let columns = vec![
        Column::texts("DataSourceName", 12, move |row, texts| texts.push(name(at(row).0).0)).required(),
        Column::texts("EntityName", 24, move |row, texts| texts.push(name(at(row).0).1)).required(),
        Column::texts("AlternateValue", 12, move |row, texts| {
            let (entity, record) = at(row);
            texts.push(unification.records.get(entity).map_or("", |records| records.key(record)));
        })
        .required(),
        Column::texts(CUSTOMER_ID, 36, move |row, texts| {
            let id = unification.ids.id(profile(row)).map(|id| id.text());
            texts.push_option(id.as_ref().map(AsRef::as_ref));
        })
        .required(),
    ];
    table(unification, keys.len(), columns)
}
