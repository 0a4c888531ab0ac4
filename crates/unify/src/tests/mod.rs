//! Tests of unification as a whole.

mod apart;
mod cases;
mod determinism;
mod errors;
mod explain;
mod guards;
mod index;
mod merging;
mod oracle;
mod probabilistic;
pub(crate) mod text_tables;
mod warm;
mod warm_probability;

use super::*;

fn run_quietly(unification: &Unification, inputs: Vec<Input>) -> Result<Unified, UnifyError> {
    run(unification, inputs, &|_| {}, &CancellationToken::new())
}

/// The values of some columns of a table, row by row.
fn rows(table: &Table, columns: &[&str]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for batch in &table.batches {
        let columns: Vec<_> = columns.iter().map(|name| batch.column_by_name(name).expect(name)).collect();
        for row in 0..batch.num_rows() {
            rows.push(columns.iter().map(|column| text_tables::cell(column, row)).collect());
        }
    }
    rows
}
