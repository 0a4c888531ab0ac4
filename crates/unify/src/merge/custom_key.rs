//! The ids of customers from attributes that the definition names.

use std::collections::HashSet;

use super::winner::Winners;
use crate::ids::CustomerId;
use crate::intern::NONE;
use crate::plan::{Plan, SourceAttribute};
use crate::records::Records;
use crate::report::Warning;
use crate::values::TypedArray;

/// The ids that attributes make.
#[derive(Debug, Default)]
pub(crate) struct CustomIds {
    /// For every profile its id; none where none of the attributes is filled, or a profile before it has the id.
    /// Empty where the definition names no attributes.
    pub(crate) of: Vec<Option<CustomerId>>,
    /// Profiles that do not get the id that their attributes make, because a profile before them has it.
    repeated: u64,
}

impl CustomIds {
    /// What a person should look at.
    pub(crate) fn warning(&self) -> Option<Warning> {
        (self.repeated > 0).then_some(Warning::CustomerIdsTaken { profiles: self.repeated })
    }
}

/// A source of an attribute, ready to be read.
struct Source<'a> {
    entity: &'a str,
    records: &'a Records,
    arrays: Vec<Option<TypedArray<'a>>>,
    winners: &'a [u32],
}

/// The id of a profile is made, for each attribute, from the name of the entity and the value of the first filled
/// source; attributes without any value are left out.
pub(crate) fn custom_ids(plan: &Plan, records: &[Records], winners: &Winners, profiles: usize) -> CustomIds {
    let mut ids = CustomIds::default();
    if plan.customer_id.is_empty() {
        return ids;
    }
    let sources = |attribute: &Vec<SourceAttribute>| -> Vec<Source<'_>> {
        attribute.iter().filter_map(|it| source(it, plan, records, winners)).collect()
    };
    let attributes: Vec<Vec<Source<'_>>> = plan.customer_id.iter().map(sources).collect();
    let mut value = String::new();
    let mut taken = HashSet::new();
    for profile in 0..profiles {
        let mut text = String::new();
        for (number, attribute) in attributes.iter().enumerate() {
            let found = attribute.iter().find_map(|source| {
                source.write(profile, &mut value);
                (!value.is_empty()).then_some(source.entity)
            });
            if let Some(entity) = found {
                // The length ends the value, so no two lists of values give the same text.
                text.push_str(&format!("{number}\0{entity}\0{}\0{value}", value.len()));
            }
        }
        let id = (!text.is_empty()).then(|| CustomerId::of_attributes(&text));
        let is_new = id.is_none_or(|id| taken.insert(id));
        ids.repeated += u64::from(!is_new);
        ids.of.push(id.filter(|_| is_new));
    }
    ids
}

fn source<'a>(
    attribute: &SourceAttribute,
    plan: &'a Plan,
    records: &'a [Records],
    winners: &'a Winners,
) -> Option<Source<'a>> {
    let winners = winners.entity(attribute.entity)?;
    let own = winners.attributes.iter().find(|(column, _)| *column == attribute.column);
    let records = records.get(attribute.entity)?;
    Some(Source {
        entity: &plan.entities.get(attribute.entity)?.name,
        records,
        arrays: records.typed(attribute.column),
        winners: own.map_or(&winners.of, |(_, of)| of),
    })
}

impl Source<'_> {
    /// Writes the value of a profile; nothing where it has none.
    fn write(&self, profile: usize, out: &mut String) {
        out.clear();
        let record = self.winners.get(profile).copied().filter(|record| *record != NONE);
        let at = record.and_then(|record| self.records.rows.get(record as usize));
        let found = at.and_then(|at| Some((self.arrays.get(at.batch as usize)?.as_ref()?, at.row as usize)));
        if let Some((array, row)) = found {
            array.write_plain(row, out);
        }
    }
}
