//! `Customer`: one row per profile, its ids, its keys and the attributes that the definition makes.

use arrow::array::ArrayRef;

use super::choice::{Chosen, Unit};
use super::rows::Rows;
use super::table::{BATCH_ROWS, Column, batch_rows, parallel, table};
use super::{Unification, clusters};
use crate::error::UnifyError;
use crate::input::Table;
use crate::names::{CREATED_ON, CUSTOMER_ID, MODIFIED_ON, Names, PREVIOUS_CUSTOMER_ID};
use crate::plan::AttributePlan;

/// The most former ids that `PreviousCustomerId` has; `CustomerLineage` has them all.
const FORMER_IDS: usize = 10;

/// The columns are `CustomerId`, `PreviousCustomerId` (the latest former ids joined by `;`), `CustomerId_CreatedOn`,
/// `CustomerId_ModifiedOn`; for each entity in match order `<Entity>_<Key>` (the winner's primary key) and
/// `<Entity>_<Key>_Alternate` (the primary keys of all its rows in their order, joined by `;`); then the attributes;
/// then the ids of clusters. The rows stand in the order of `CustomerId`.
pub(crate) fn customer(unification: Unification<'_>, rows: &Rows) -> Result<Table, UnifyError> {
    clusters::add(unification, without_clusters(unification, rows)?)
}

fn without_clusters(unification: Unification<'_>, rows: &Rows) -> Result<Table, UnifyError> {
    let groups = groups(unification, rows)?;
    let mut columns = vec![unification.id_column(rows, CUSTOMER_ID)];
    columns.push(Column::texts(PREVIOUS_CUSTOMER_ID, 0, move |row, texts| {
        let former = unification.ids.former(rows.profile(row));
        texts.push_joined(former.iter().skip(former.len().saturating_sub(FORMER_IDS)).map(|id| id.text()));
    }));
    let assigned = move |profile: usize| unification.ids.get(profile);
    columns.push(unification.moments(rows, CREATED_ON, move |it| Some(assigned(it)?.created_on)));
    columns.push(unification.moments(rows, MODIFIED_ON, move |it| Some(assigned(it)?.modified_on)));
    let mut names = Names::default();
    for entity in 0..unification.records.len() {
        unification.key_columns(rows, entity, &mut names, &mut columns)?;
    }
    for attribute in &unification.plan.attributes {
        columns.push(match attribute.group {
            None => single(unification, rows, attribute)?,
            Some(number) => of_group(&groups, number, attribute),
        });
    }
    table(unification, rows.len(), columns)
}

/// An attribute that is chosen by itself.
fn single<'a>(
    unification: Unification<'a>,
    rows: &'a Rows,
    attribute: &'a AttributePlan,
) -> Result<Column<'a>, UnifyError> {
    let unit = Unit::new(unification, rows, &[attribute])?;
    Ok(Column::new(&attribute.name, attribute.data_type.clone(), move |rows| {
        let value = |row: usize| match unit.first(row) {
            None => unit.value(0, row, unit.choose(row)?),
            first => first,
        };
        unit.column(0, rows.len(), rows.map(value))
    }))
}

/// A group of attributes, chosen for every row.
struct Group<'a> {
    number: usize,
    names: Vec<&'a str>,
    unit: Unit<'a>,
    chosen: Vec<Option<Chosen>>,
}

fn groups<'a>(unification: Unification<'a>, rows: &'a Rows) -> Result<Vec<Group<'a>>, UnifyError> {
    let all = &unification.plan.attributes;
    let mut numbers: Vec<usize> = all.iter().filter_map(|attribute| attribute.group).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut groups = Vec::with_capacity(numbers.len());
    for number in numbers {
        let attributes: Vec<_> = all.iter().filter(|it| it.group == Some(number)).collect();
        let unit = Unit::new(unification, rows, &attributes)?;
        let batch = |batch: usize| {
            let rows = batch_rows(batch, rows.len());
            Ok(rows.map(|row| unit.choose(row)).collect::<Vec<_>>())
        };
        let chosen = parallel(unification, rows.len().div_ceil(BATCH_ROWS), batch)?;
        let names = attributes.iter().map(|attribute| attribute.name.as_str()).collect();
        groups.push(Group { number, names, chosen: chosen.into_iter().flatten().collect(), unit });
    }
    Ok(groups)
}

fn of_group<'a>(groups: &'a [Group<'a>], number: usize, attribute: &'a AttributePlan) -> Column<'a> {
    let group = groups.iter().find(|group| group.number == number);
    let at = group.and_then(|group| group.names.iter().position(|name| *name == attribute.name));
    let found = group.zip(at);
    Column::new(&attribute.name, attribute.data_type.clone(), move |rows| -> Result<ArrayRef, UnifyError> {
        let Some((group, at)) = found else {
            return Ok(arrow::array::new_null_array(&attribute.data_type, rows.len()));
        };
        let value = |row: usize| group.unit.value(at, row, (*group.chosen.get(row)?)?);
        group.unit.column(at, rows.len(), rows.map(value))
    })
}
