//! Hashes of what matching looks at, row by row. The hash is a cryptographic one: nobody can make a row whose change is
//! not noticed.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::datatypes::DataType;

use crate::definition::Signal;
use crate::error::UnifyError;
use crate::input::Input;
use crate::plan::Plan;
use crate::records::Records;
use crate::solve::active;
use crate::threads::gather;
use crate::values::TypedArray;

/// For each entity the columns that rules and signals look at.
pub(super) fn compared(plan: &Plan, records: &[Records], signals: &[Signal]) -> Vec<Vec<usize>> {
    let mut columns = vec![BTreeSet::new(); plan.entities.len()];
    for rule in active(plan) {
        for comparison in &rule.comparisons {
            let left = rule.lefts.iter().zip(&comparison.left);
            let left = left.filter_map(|(entity, column)| Some((*entity, (*column)?)));
            for (entity, column) in left.chain([(rule.on, comparison.right)]) {
                if let Some(columns) = columns.get_mut(entity) {
                    columns.insert(column);
                }
            }
        }
    }
    for attribute in signals.iter().flat_map(|signal| &signal.attributes) {
        let entities = plan.entities.iter().zip(records).zip(&mut columns);
        for ((_, records), columns) in entities.filter(|((entity, _), _)| entity.name == attribute.entity) {
            columns.extend(records.schema.index_of(&attribute.attribute));
        }
    }
    columns.into_iter().map(|columns| columns.into_iter().collect()).collect()
}

/// For each entity and record the hash of what rules and signals look at.
pub(super) fn of(
    plan: &Plan,
    records: &[Records],
    signals: &[Signal],
    threads: usize,
) -> Result<Vec<Vec<u128>>, UnifyError> {
    let columns = compared(plan, records, signals);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let entity = next.fetch_add(1, Ordering::Relaxed);
            let Some((columns, records)) = columns.get(entity).zip(records.get(entity)) else {
                return Ok::<_, UnifyError>(done);
            };
            done.push((entity, hashes(columns, records)?));
        }
    };
    let mut done = gather(threads.clamp(1, records.len().max(1)), work)?;
    done.sort_unstable_by_key(|(entity, _)| *entity);
    Ok(done.into_iter().map(|(_, hashes)| hashes).collect())
}

fn hashes(columns: &[usize], records: &Records) -> Result<Vec<u128>, UnifyError> {
    let mut batches = Vec::with_capacity(records.batches.len());
    for batch in &records.batches {
        let arrays = columns.iter().filter_map(|column| batch.columns().get(*column));
        batches.push(arrays.map(plain).collect::<Result<Vec<_>, _>>()?);
    }
    let typed: Vec<Vec<TypedArray<'_>>> =
        batches.iter().map(|arrays| arrays.iter().filter_map(TypedArray::new).collect()).collect();
    let mut hashes = vec![0; records.len()];
    let (mut row, mut value) = (Vec::new(), String::new());
    for record in records.in_source_order() {
        let Some(at) = records.rows.get(record as usize) else { continue };
        row.clear();
        for array in typed.get(at.batch as usize).into_iter().flatten() {
            write(array, at.row as usize, &mut row, &mut value);
        }
        if let Some(place) = hashes.get_mut(record as usize) {
            *place = short(blake3::hash(&row));
        }
    }
    Ok(hashes)
}

/// The array with texts in place of the entries of a dictionary.
pub(super) fn plain(array: &ArrayRef) -> Result<ArrayRef, UnifyError> {
    Ok(match array.data_type() {
        DataType::Dictionary(..) => cast(array, &DataType::Utf8)?,
        _ => array.clone(),
    })
}

/// Writes a value so that no two rows with different values are written alike.
fn write(array: &TypedArray<'_>, row: usize, out: &mut Vec<u8>, value: &mut String) {
    let text = array.text(row).unwrap_or_else(|| {
        array.write_plain(row, value);
        value
    });
    out.extend_from_slice(&(text.len() as u64).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn short(hash: blake3::Hash) -> u128 {
    hash.as_bytes().first_chunk().copied().map_or(0, u128::from_le_bytes)
}

/// The hash of all values of some entities. The order of rows counts: a list that is written anew may be another one.
pub(super) fn of_lists<'a>(inputs: impl Iterator<Item = &'a Input>) -> u128 {
    let mut hasher = blake3::Hasher::new();
    let (mut bytes, mut value) = (Vec::new(), String::new());
    for input in inputs {
        hasher.update(input.entity.as_bytes());
        for batch in &input.batches {
            let arrays: Vec<TypedArray<'_>> = batch.columns().iter().filter_map(TypedArray::new).collect();
            for row in 0..batch.num_rows() {
                bytes.clear();
                arrays.iter().for_each(|array| write(array, row, &mut bytes, &mut value));
                hasher.update(&bytes);
            }
        }
    }
    short(hasher.finalize())
}
