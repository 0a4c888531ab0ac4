//! What changes cost: an index over most of the records takes in new ones, changed ones, and single ones.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take, take_record_batch};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use unify::definition::Unification;
use unify::probabilistic::{self, EntityReader, Layout, MatchOptions, Model, Prepared};
use unify::{Change, Input};

use crate::weir::{self, Table};

/// Records that come one by one.
const SINGLES: usize = 1_000;
/// One in so many of the records changes.
const CHANGED: usize = 100;

/// The rows of one table, divided.
struct Rows {
    table: Table,
    base: RecordBatch,
    new: RecordBatch,
    changed: RecordBatch,
    singles: RecordBatch,
}

/// What one index needed, in seconds: of CPU with one thread, by the clock with more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Times {
    /// Records at the start.
    pub records: usize,
    /// Matching all records, without an index.
    pub full: f64,
    /// Making the index, which matches all records, too.
    pub build: f64,
    /// New records at once, and how many.
    pub new: (f64, usize),
    /// Changed records at once, and how many.
    pub changed: (f64, usize),
    /// The median of single new records.
    pub p50: f64,
    /// All but one in a hundred of them took at most so long.
    pub p99: f64,
}

/// Divides the tables: `new` of their rows come later, as do the single ones; one in a hundred of the others changes.
fn divided(data: &Path, tables: &[Table], new: usize, changing: &Unification) -> Result<Vec<Rows>> {
    let mut whole = Vec::new();
    for table in tables {
        let (schema, batches) = weir::batches(&data.join(table.file), |_| true)?;
        let batches = batches.collect::<Result<Vec<RecordBatch>, _>>()?;
        whole.push((*table, concat_batches(&schema, &batches)?));
    }
    let records: usize = whole.iter().map(|(_, rows)| rows.num_rows()).sum();
    let every = (records / (new + SINGLES)).max(2);
    let single = ((new + SINGLES) / SINGLES).max(2);
    let mut parts = Vec::new();
    for (table, rows) in whole {
        let all = 0..rows.num_rows() as u32;
        let held: Vec<u32> = all.clone().filter(|row| row % every as u32 == 1).collect();
        let is_single = |at: &usize| at % single == 1;
        let pick = |wanted: bool| {
            let held = held.iter().enumerate().filter(|(at, _)| is_single(at) == wanted);
            UInt32Array::from_iter_values(held.map(|(_, row)| *row))
        };
        let base = UInt32Array::from_iter_values(all.filter(|row| row % every as u32 != 1));
        let base = take_record_batch(&rows, &base)?;
        let changed = UInt32Array::from_iter_values((0..base.num_rows() as u32).step_by(CHANGED));
        let changed = take_record_batch(&base, &changed)?;
        parts.push(Rows {
            table,
            changed: with_others_values(&changed, changing, table.entity)?,
            new: take_record_batch(&rows, &pick(false))?,
            singles: take_record_batch(&rows, &pick(true))?,
            base,
        });
    }
    Ok(parts)
}

/// The rows with the telephone numbers of others.
fn with_others_values(rows: &RecordBatch, definition: &Unification, entity: &str) -> Result<RecordBatch> {
    let count = rows.num_rows() as u32;
    let next = UInt32Array::from_iter_values((0..count).map(|row| (row + 1) % count));
    let asked = definition.match_.probabilistic.as_ref().context("signals")?;
    let phones = asked.signals.iter().filter(|it| it.kind == unify::definition::SignalKind::Phone);
    let names = phones.flat_map(|it| &it.attributes).filter(|it| it.entity == entity);
    let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
    for name in names {
        let at = rows.schema().index_of(&name.attribute)?;
        if let Some(column) = columns.get_mut(at) {
            *column = take(column, &next, None)?;
        }
    }
    Ok(RecordBatch::try_new(rows.schema(), columns)?)
}

/// The time of some work, in seconds: of CPU where one thread does it all, else by the clock.
fn timed<T>(threads: usize, work: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    let (start, cpu) = (Instant::now(), own_cpu());
    let done = work()?;
    let wall = start.elapsed().as_secs_f64();
    let cpu = cpu.zip(own_cpu()).map(|(start, end)| end - start);
    Ok((if threads == 1 { cpu.unwrap_or(wall) } else { wall }, done))
}

/// Seconds of CPU that this thread has used, as the scheduler of Linux counts them.
fn own_cpu() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

fn percentiles(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    (at(50), at(99))
}

/// Matching by probability. Only matching is timed; the rows are read before.
///
/// # Errors
/// When the tables cannot be read or matched.
pub fn probability(
    data: &Path,
    tables: &[Table],
    definition: &Unification,
    new: usize,
    threads: usize,
) -> Result<Times> {
    let rows = divided(data, tables, new, definition)?;
    let asked = definition.match_.probabilistic.as_ref().context("matching by probability")?;
    let entities: Vec<(String, String)> =
        tables.iter().map(|table| (table.entity.to_owned(), table.key.to_owned())).collect();
    let layout = Layout::new(&asked.signals, &entities);
    let read = |part: &dyn Fn(&Rows) -> RecordBatch| -> Result<Prepared> {
        let mut parts = Vec::new();
        for (entity, rows) in rows.iter().enumerate() {
            let mut reader = EntityReader::new(&layout, entity).context("an entity")?;
            reader.read(&part(rows));
            parts.push(reader.finish());
        }
        Ok(Prepared::from_parts(parts))
    };
    let options = MatchOptions {
        threshold: asked.threshold,
        always: Vec::new(),
        never: Vec::new(),
        labels: Vec::new(),
        threads,
    };
    let mut base = read(&|rows| rows.base.clone())?;
    let records = base.len();
    let (model, _) = Model::train(&layout, &mut base, &options)?;
    let (full, _) = timed(threads, || Ok(model.apply(&mut base, &options)?))?;
    let (build, mut index) = timed(threads, || Ok(probabilistic::Index::build(model, base, &options)?))?;
    let mut apply = |upserts: Prepared| {
        let count = upserts.len();
        let changes = probabilistic::Changes { upserts, deletes: Vec::new() };
        let (time, _) = timed(threads, || Ok(index.apply(&changes)?))?;
        Ok::<_, anyhow::Error>((time, count))
    };
    let new = apply(read(&|rows| rows.new.clone())?)?;
    let changed = apply(read(&|rows| rows.changed.clone())?)?;
    let singles = read(&|rows| rows.singles.clone())?;
    let mut times = Vec::new();
    for at in 0..singles.len() {
        times.push(apply(singles.select(&[at]))?.0);
    }
    let (p50, p99) = percentiles(times);
    Ok(Times { records, full, build, new, changed, p50, p99 })
}

/// Unification by rules; `full` is a run from rows to all tables but without them written.
///
/// # Errors
/// When the tables cannot be read or matched.
pub fn rules(
    data: &Path,
    tables: &[Table],
    (definition, changing): (&Unification, &Unification),
    new: usize,
    threads: usize,
) -> Result<Times> {
    let rows = divided(data, tables, new, changing)?;
    let inputs: Vec<Input> = rows
        .iter()
        .map(|rows| Input {
            data_source: rows.table.data_source.to_owned(),
            entity: rows.table.entity.to_owned(),
            primary_key: vec![rows.table.key.to_owned()],
            schema: rows.base.schema(),
            batches: vec![rows.base.clone()],
        })
        .collect();
    let records = rows.iter().map(|rows| rows.base.num_rows()).sum();
    let options = unify::Options { threads, ..unify::Options::default() };
    let cancel = CancellationToken::new();
    let (build, mut index) =
        timed(threads, || Ok(unify::Index::new(definition, &inputs, &options, &[], &cancel)?))?;
    let mut apply = |changes: Vec<Change>| {
        let count = changes.iter().flat_map(|it| &it.upserts).map(RecordBatch::num_rows).sum();
        let (time, _) = timed(threads, || Ok(index.apply(&changes)?))?;
        Ok::<_, anyhow::Error>((time, count))
    };
    let change = |table: &Table, batch: RecordBatch| Change {
        entity: table.entity.to_owned(),
        upserts: vec![batch],
        deletes: Vec::new(),
    };
    let new = apply(rows.iter().map(|rows| change(&rows.table, rows.new.clone())).collect())?;
    let changed = apply(rows.iter().map(|rows| change(&rows.table, rows.changed.clone())).collect())?;
    let mut times = Vec::new();
    for rows in &rows {
        for at in 0..rows.singles.num_rows() {
            times.push(apply(vec![change(&rows.table, rows.singles.slice(at, 1))])?.0);
        }
    }
    let (p50, p99) = percentiles(times);
    Ok(Times { records, full: build, build, new, changed, p50, p99 })
}

/// The times as a line for people.
#[must_use]
pub fn line(name: &str, times: &Times) -> String {
    let Times { records, full, build, new, changed, p50, p99 } = *times;
    format!(
        "{name}: {records} records; full {full:.3} s, index {build:.3} s; {} new {:.1} ms; {} changed {:.1} ms \
         ({:.1} % of full); one record p50 {:.3} ms, p99 {:.3} ms\n",
        new.1,
        new.0 * 1e3,
        changed.1,
        changed.0 * 1e3,
        100.0 * changed.0 / full,
        p50 * 1e3,
        p99 * 1e3,
    )
}
