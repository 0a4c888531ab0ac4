//! One unification by Weir, from Parquet files to a file of clusters: what the benchmark measures.

use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::{Context, Result, anyhow};
use arrow::array::{Array, ArrayRef, RecordBatch};
use bench_unify::programs::{Kind, Mode};
use bench_unify::weir::{self, Table};
use clap::Parser;
use tokio_util::sync::CancellationToken;
use unify::Input;
use unify::definition::{ALTERNATE_KEY, Probabilistic, Unification};
use unify::probabilistic::{Layout, MatchOptions, Model, Prepared, Source, SourceError};

/// Unifies the tables of a folder.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder with the tables
    data: PathBuf,
    /// Folder for clusters.parquet and report.json
    out: PathBuf,
    /// What the tables are
    #[arg(long)]
    model: Kind,
    /// What is done
    #[arg(long)]
    mode: Mode,
    /// Lowest probability of a match, in place of the one of the definition
    #[arg(long)]
    threshold: Option<f64>,
    /// Threads; all cores when nothing is said
    #[arg(long)]
    threads: Option<usize>,
    /// Has no effect: clusters are divided by more than a threshold, so scored pairs would not tell what comes out
    #[arg(long)]
    pairs: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.out).context("cannot make the folder for the results")?;
    let tables = weir::tables(arguments.model, &arguments.data);
    let mut definition = weir::definition(text(arguments.model, arguments.mode), &tables)?;
    if let (Some(threshold), Some(it)) = (arguments.threshold, &mut definition.match_.probabilistic) {
        it.threshold = threshold;
    }
    let pairs = match (arguments.mode, &definition.match_.probabilistic) {
        (Mode::Match, Some(it)) => matched(&arguments, it, &tables)?,
        _ => unified(&arguments, &definition, &tables)?,
    };
    let report = serde_json::json!({ "pairs": pairs });
    std::fs::write(arguments.out.join("report.json"), report.to_string()).context("cannot write the report")
}

fn text(kind: Kind, mode: Mode) -> &'static str {
    match (kind, mode) {
        (Kind::People, Mode::Rules) => include_str!("../../definitions/people-rules.json"),
        (Kind::People, _) => include_str!("../../definitions/people-probability.json"),
        (Kind::Febrl, Mode::Rules) => include_str!("../../definitions/febrl-rules.json"),
        (Kind::Febrl, _) => include_str!("../../definitions/febrl-probability.json"),
    }
}

impl Arguments {
    fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.unwrap_or_else(cores)
    }
}

/// Matching by probability alone: no profiles are made. Returns the number of pairs that were compared.
fn matched(arguments: &Arguments, it: &Probabilistic, tables: &[Table]) -> Result<Option<u64>> {
    let entities: Vec<(String, String)> =
        tables.iter().map(|table| (table.entity.to_owned(), table.key.to_owned())).collect();
    let layout = Layout::new(&it.signals, &entities);
    let keys: Vec<Mutex<Vec<ArrayRef>>> = tables.iter().map(|_| Mutex::default()).collect();
    let mut sources = Vec::new();
    for ((entity, table), keys) in tables.iter().enumerate().zip(&keys) {
        let used = |name: &str| name == table.key || uses(it, table.entity, name);
        let (rows, batches) = weir::quick_batches(&arguments.data.join(table.file), used)?;
        let batches = batches.map(move |batch| {
            let batch = batch?;
            let own = weir::keys(&batch, table.key)?;
            keys.lock().map_err(|_| anyhow!("a thread failed"))?.push(own);
            anyhow::Ok(batch)
        });
        sources.push(Source { entity, rows, batches });
    }
    let read = Prepared::read(&layout, sources, arguments.threads());
    let mut prepared = read.map_err(|error| match error {
        SourceError::Batch(error) => error,
        SourceError::Rows(entity) => anyhow!("table {entity} has another number of rows than its file says"),
    })?;
    let options = MatchOptions {
        threshold: it.threshold,
        always: Vec::new(),
        never: Vec::new(),
        labels: Vec::new(),
        threads: arguments.threads(),
    };
    let (_, matched) = Model::train(&layout, &mut prepared, &options)?;
    let mut left = matched.clustering.clusters.as_slice();
    let keys = keys.into_iter().flat_map(|keys| keys.into_inner().unwrap_or_default());
    let parts = keys.map(|keys| {
        let (clusters, rest) = left.split_at_checked(keys.len()).context("a cluster of every record")?;
        left = rest;
        Ok((keys, weir::numbers(clusters)))
    });
    weir::write_clusters(&arguments.out.join("clusters.parquet"), parts)?;
    Ok(Some(matched.report.pairs))
}

fn uses(it: &Probabilistic, entity: &str, attribute: &str) -> bool {
    let mut all = it.signals.iter().flat_map(|signal| &signal.attributes);
    all.any(|used| used.entity == entity && used.attribute == attribute)
}

/// A whole unification: profiles and all other tables are made, and of these the clusters are written.
fn unified(arguments: &Arguments, definition: &Unification, tables: &[Table]) -> Result<Option<u64>> {
    let mut inputs = Vec::new();
    for table in tables {
        let (schema, batches) = weir::batches(&arguments.data.join(table.file), |_| true)?;
        inputs.push(Input {
            data_source: table.data_source.to_owned(),
            entity: table.entity.to_owned(),
            primary_key: vec![table.key.to_owned()],
            schema,
            batches: batches.collect::<Result<Vec<RecordBatch>, _>>()?,
        });
    }
    let options = unify::Options { threads: arguments.threads(), ..unify::Options::default() };
    let identity = unify::Identity::default();
    let cancel = CancellationToken::new();
    let mut batches = Vec::new();
    let mut take = |name: &str, table: unify::Table| {
        if name == ALTERNATE_KEY {
            batches = table.batches;
        }
        Ok(())
    };
    let made = unify::run_into(definition, inputs, &options, &identity, &|_| {}, &cancel, &mut take)?;
    let parts = batches.iter().map(|batch| {
        let column = |name: &str| batch.column_by_name(name).cloned().with_context(|| format!("no {name}"));
        Ok((column("AlternateValue")?, column("CustomerId")?))
    });
    weir::write_clusters(&arguments.out.join("clusters.parquet"), parts)?;
    Ok(made.report.probabilistic.map(|it| it.pairs))
}
