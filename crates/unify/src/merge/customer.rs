//! `Customer`: one row per profile, its keys and the attributes that the definition makes.

use crate::error::UnifyError;
use crate::input::Table;
use crate::names::{CUSTOMER_ID, Names};
use crate::plan::{AttributePlan, Policy};
use crate::values::TypedArray;

use super::Unification;
use super::gather::{Column, Pick, Pool, table};

/// The columns are `CustomerId`; for each entity in match order `<Entity>_<Key>` (the winner's primary key) and
/// `<Entity>_<Key>_Alternate` (the primary keys of all its rows in source order, joined by `;`); then the attributes.
pub(crate) fn customer(unification: Unification<'_>) -> Result<Table, UnifyError> {
    let mut columns = vec![unification.id_column(CUSTOMER_ID)];
    let mut names = Names::default();
    for entity in 0..unification.records.len() {
        unification.key_columns(entity, &mut names, &mut columns)?;
    }
    for attribute in &unification.plan.attributes {
        columns.push(attribute_column(unification, attribute)?);
    }
    let rows: Vec<usize> = (0..unification.profiles.len()).collect();
    table(&rows, columns)
}

fn attribute_column<'a>(
    unification: Unification<'a>,
    attribute: &'a AttributePlan,
) -> Result<Column<'a>, UnifyError> {
    let mut sources = Vec::with_capacity(attribute.sources.len());
    let mut recency = Vec::with_capacity(attribute.sources.len());
    for source in &attribute.sources {
        let Some(records) = unification.records.get(source.entity) else { continue };
        sources.push((records, source.column));
        recency.push(source.recency.map_or_else(Vec::new, |column| records.typed(column)));
    }
    let pool = Pool::new(&sources, &attribute.data_type)?;
    let data_type = attribute.data_type.clone();
    Ok(Column::new(&attribute.name, data_type, move |rows| {
        let choose = |profile: &usize| choose(unification, attribute, &pool, &recency, *profile);
        pool.column(rows.iter().map(choose))
    }))
}

/// The value of one profile: of the sources that are filled the first, or the one whose row is most or least recent.
/// Rows of unknown age come last; of equally recent ones the first source wins.
fn choose(
    unification: Unification<'_>,
    attribute: &AttributePlan,
    pool: &Pool,
    recency: &[Vec<Option<TypedArray<'_>>>],
    profile: usize,
) -> Option<Pick> {
    let mut best: Option<(Option<f64>, Pick)> = None;
    for (at, source) in attribute.sources.iter().enumerate() {
        let Some(row) = unification.winner_row(profile, source.entity) else { continue };
        let Some(pick) = pool.pick(at, row) else { continue };
        if attribute.policy == Policy::Importance {
            return Some(pick);
        }
        let array = recency.get(at).and_then(|arrays| arrays.get(row.batch as usize)?.as_ref());
        let age = array.and_then(|array| array.recency(row.row as usize));
        let better = match (best, age) {
            (None, _) => true,
            (Some((None, _)), age) => age.is_some(),
            (Some(_), None) => false,
            (Some((Some(best), _)), Some(age)) if attribute.policy == Policy::MostRecent => age > best,
            (Some((Some(best), _)), Some(age)) => age < best,
        };
        if better {
            best = Some((age, pick));
        }
    }
    best.map(|(_, pick)| pick)
}
