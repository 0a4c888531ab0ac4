//! Matches the Parquet files of a folder by probability, end to end, and says how well and how fast.
//!
//! `probabilistic FOLDER [THREADS] [THRESHOLD]`: `truth.parquet` has `id` and `person`; every other file is an entity
//! whose first column is its key.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::indexing_slicing, reason = "a program for people")]

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use unify::definition::{Signal, SignalKind};
use unify::probabilistic::{EntityReader, Layout, Model, Prepared};

const KINDS: [(&str, SignalKind); 27] = [
    ("firstname", SignalKind::FirstName),
    ("first_name", SignalKind::FirstName),
    ("givenname", SignalKind::FirstName),
    ("given_name", SignalKind::FirstName),
    ("lastname", SignalKind::LastName),
    ("last_name", SignalKind::LastName),
    ("surname", SignalKind::LastName),
    ("email", SignalKind::Email),
    ("email_address", SignalKind::Email),
    ("telephone", SignalKind::Phone),
    ("mobile", SignalKind::Phone),
    ("phone_number", SignalKind::Phone),
    ("streetaddress", SignalKind::Street),
    ("street", SignalKind::Street),
    ("street_number", SignalKind::Street),
    ("address_1", SignalKind::Street),
    ("address_2", SignalKind::Street),
    ("city", SignalKind::City),
    ("town", SignalKind::City),
    ("suburb", SignalKind::City),
    ("postcode", SignalKind::PostalCode),
    ("zip", SignalKind::PostalCode),
    ("postal_code", SignalKind::PostalCode),
    ("birth_date", SignalKind::BirthDate),
    ("dateofbirth", SignalKind::BirthDate),
    ("date_of_birth", SignalKind::BirthDate),
    ("soc_sec_id", SignalKind::Identifier),
];

struct Source {
    path: PathBuf,
    entity: String,
    columns: Vec<String>,
    groups: usize,
    rows: usize,
}

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().expect("a folder"));
    let threads = args.next().and_then(|it| it.parse().ok()).unwrap_or(1);
    let threshold = args.next().and_then(|it| it.parse().ok()).unwrap_or(0.9);
    let start = Instant::now();
    let sources = sources(&folder);
    let entities: Vec<(String, String)> =
        sources.iter().map(|it| (it.entity.clone(), it.columns[0].clone())).collect();
    let layout = Layout::new(&signals(&sources), &entities);
    let (mut prepared, keys) = read(&sources, &layout, threads);
    println!("read     {:6.0} ms  {} records", ms(start), prepared.len());
    let (model, clustering) = Model::train_and_cluster(&layout, &mut prepared, threshold, threads);
    println!("matched  {:6.0} ms  {} clusters", ms(start), clustering.count);
    write(&keys, &clustering.clusters);
    println!("written  {:6.0} ms", ms(start));
    if std::env::var_os("DETAIL").is_some() {
        println!("{}", serde_json::to_string(&model.mixture).expect("json"));
    }
    if std::env::var_os("NO_TRUTH").is_none() {
        score(&folder, &keys, &clustering.clusters);
    }
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

fn sources(folder: &Path) -> Vec<Source> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|it| it == "parquet"))
        .filter(|path| path.file_stem().is_some_and(|stem| stem != "truth"))
        .collect();
    paths.sort();
    let source = |path: PathBuf| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).expect("open")).expect("parquet");
        let rows = builder.metadata().file_metadata().num_rows() as usize;
        let columns = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
        let entity = path.file_stem().expect("a name").to_string_lossy().into_owned();
        Source { groups: builder.metadata().num_row_groups(), path, entity, columns, rows }
    };
    paths.into_iter().map(source).collect()
}

fn signals(sources: &[Source]) -> Vec<Signal> {
    let mut signals: Vec<Signal> = Vec::new();
    for source in sources {
        let mut seen: Vec<SignalKind> = Vec::new();
        for column in &source.columns {
            let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == column.to_lowercase()) else { continue };
            let nth = seen.iter().filter(|it| *it == kind).count();
            seen.push(*kind);
            let attribute = format!("{}.[{column}]", source.entity).parse().expect("an attribute");
            match signals.iter_mut().filter(|signal| signal.kind == *kind).nth(nth) {
                Some(signal) => signal.attributes.push(attribute),
                None => signals.push(Signal { kind: *kind, attributes: vec![attribute] }),
            }
        }
    }
    signals
}

type Keys = Vec<StringArray>;

fn read(sources: &[Source], layout: &Layout, threads: usize) -> (Prepared, Keys) {
    let wanted: Vec<(usize, usize)> = sources
        .iter()
        .enumerate()
        .flat_map(|(at, source)| (0..source.groups).map(move |group| (at, group)))
        .collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((source, group)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let part = read_group(&sources[*source], *group, *source, layout);
                    done.lock().expect("a lock").push((*source, *group, part));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("a lock");
    done.sort_by_key(|(source, group, _)| (*source, *group));
    let (mut parts, mut keys) = (Vec::new(), Vec::new());
    for (_, _, (part, own)) in done {
        parts.push(part);
        keys.extend(own);
    }
    (Prepared::from_parts(parts), keys)
}

fn read_group(source: &Source, group: usize, entity: usize, layout: &Layout) -> (Prepared, Keys) {
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(File::open(&source.path).expect("open")).expect("parquet");
    let used = source.columns.iter().enumerate().filter(|(at, name)| {
        *at == 0 || KINDS.iter().any(|(known, _)| *known == name.to_lowercase())
    });
    let mask = ProjectionMask::roots(builder.parquet_schema(), used.map(|(at, _)| at));
    let batches = builder
        .with_batch_size(8192)
        .with_projection(mask)
        .with_row_groups(vec![group])
        .build()
        .expect("a reader");
    let mut reader = EntityReader::with_rows(layout, entity, source.rows / source.groups.max(1)).expect("an entity");
    let mut keys = Vec::new();
    for batch in batches {
        let batch = batch.expect("a batch");
        reader.read(&batch);
        keys.push(text(&batch, 0));
    }
    (reader.finish(), keys)
}

fn text(batch: &RecordBatch, column: usize) -> StringArray {
    let column = batch.column(column);
    match column.as_string_opt::<i32>() {
        Some(text) => text.clone(),
        None => column.as_primitive::<Int64Type>().iter().map(|key| key.map(|key| key.to_string())).collect(),
    }
}

fn write(keys: &Keys, clusters: &[u32]) {
    use arrow::array::{ArrayRef, UInt32Array};
    let mut writer = None;
    let mut at = 0;
    for keys in keys {
        let own = UInt32Array::from(clusters[at..at + keys.len()].to_vec());
        at += keys.len();
        let columns: Vec<(&str, ArrayRef)> =
            vec![("id", std::sync::Arc::new(keys.clone())), ("cluster", std::sync::Arc::new(own))];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let writer = writer.get_or_insert_with(|| {
            let file = File::create(std::env::temp_dir().join("clusters.parquet")).expect("a file");
            let properties = parquet::file::properties::WriterProperties::builder()
                .set_compression(parquet::basic::Compression::SNAPPY)
                .set_dictionary_enabled(false)
                .build();
            parquet::arrow::ArrowWriter::try_new(file, batch.schema(), Some(properties)).expect("a writer")
        });
        writer.write(&batch).expect("to write");
    }
    if let Some(writer) = writer {
        writer.close().expect("to close");
    }
}

fn score(folder: &Path, keys: &Keys, clusters: &[u32]) {
    let file = File::open(folder.join("truth.parquet")).expect("the truth");
    let mut person_of: HashMap<String, i64> = HashMap::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).expect("parquet").build().expect("a reader") {
        let batch = batch.expect("a batch");
        let (ids, people) = (text(&batch, 0), batch.column(1).as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            person_of.insert(ids.value(row).to_owned(), people.value(row));
        }
    }
    let people: Vec<i64> = keys.iter().flatten().map(|key| person_of[key.expect("a key")]).collect();
    let pairs = |groups: &mut dyn Iterator<Item = (i64, u32)>| {
        let mut counts: HashMap<(i64, u32), u64> = HashMap::new();
        groups.for_each(|group| *counts.entry(group).or_default() += 1);
        counts.values().map(|count| count * (count - 1) / 2).sum::<u64>() as f64
    };
    let truth = pairs(&mut people.iter().map(|person| (*person, 0)));
    let found = pairs(&mut clusters.iter().map(|cluster| (0, *cluster)));
    let right = pairs(&mut people.iter().copied().zip(clusters.iter().copied()));
    let (precision, recall) = (right / found.max(1.0), right / truth.max(1.0));
    println!(
        "precision {precision:.4}  recall {recall:.4}  F1 {:.4}",
        2.0 * precision * recall / (precision + recall)
    );
}
