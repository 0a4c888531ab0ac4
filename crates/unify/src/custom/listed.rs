//! Entities that hold lists: some of their attributes, row by row, as text.

use crate::definition::{AliasPairs, BypassValues};
use crate::input::Input;
use crate::values::TypedArray;

/// The values of some columns of an entity, row by row; empty texts for nulls.
pub(super) fn rows(input: &Input, columns: &[usize], mut row: impl FnMut(&[String])) {
    for batch in &input.batches {
        let arrays: Vec<_> = columns.iter().filter_map(|column| batch.columns().get(*column)).collect();
        let arrays: Vec<_> = arrays.into_iter().filter_map(TypedArray::new).collect();
        if arrays.len() < columns.len() {
            continue;
        }
        let mut texts = vec![String::new(); columns.len()];
        for at in 0..batch.num_rows() {
            for (array, text) in arrays.iter().zip(&mut texts) {
                array.write_plain(at, text);
            }
            row(&texts);
        }
    }
}

/// The columns that are no primary key.
fn columns(input: &Input) -> impl Iterator<Item = usize> {
    let fields = input.schema.fields().iter().enumerate();
    fields.filter(|(_, field)| !input.primary_key.contains(field.name())).map(|(column, _)| column)
}

fn find<'a>(inputs: &'a [Input], entity: &str) -> Option<&'a Input> {
    inputs.iter().find(|input| input.entity == entity)
}

/// The pairs of a list of aliases: a value, and what it is treated as.
pub(super) fn aliases(pairs: &AliasPairs, inputs: &[Input]) -> Vec<(String, String)> {
    match pairs {
        AliasPairs::Values(pairs) => pairs.clone(),
        AliasPairs::Entity(entity) => {
            let Some(input) = find(inputs, entity) else { return Vec::new() };
            let columns: Vec<usize> = columns(input).take(2).collect();
            let mut pairs = Vec::new();
            rows(input, &columns, |row| {
                if let [value, alias] = row {
                    pairs.push((value.clone(), alias.clone()));
                }
            });
            pairs
        }
    }
}

/// The values of a list of values that are never used.
pub(super) fn bypassed(values: &BypassValues, inputs: &[Input]) -> Vec<String> {
    match values {
        BypassValues::Values(values) => values.clone(),
        BypassValues::Entity(entity) => {
            let Some(input) = find(inputs, entity) else { return Vec::new() };
            let column = columns(input).next().unwrap_or(0);
            let mut values = Vec::new();
            rows(input, &[column], |row| values.extend_from_slice(row));
            values
        }
    }
}
