//! Reading one entity: find its files, decide its columns, convert its rows.

use std::cell::RefCell;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::Ordering;

use arrow::datatypes::SchemaRef;
use tokio_util::sync::CancellationToken;

use super::convert::{Convert, Converter};
use super::csv;
use super::error::SourceError;
use super::files::cells::Cells;
use super::files::find::find;
use super::files::input::{InputFile, Meter};
use super::files::rows::Step;
use super::files::text::{Columns, TextFile};
use super::files::{input, parquet};
use super::keys::{Keys, Place};
use super::limits::Limits;
use super::output::{EntitySink, Output};
use super::quarantine::Quarantined;
use super::report::{ColumnReport, FileReport, KnownColumns, ReadReport, Tally};
use super::types::build::{Batch, schema};
use super::types::infer::Looks;
use super::types::plan::{Plan, Said};
use crate::definition::{FileFormat, Quarantine, SourceEntity};
use crate::names::Names;
use crate::state::{EntityState, Taken};

/// What to read.
#[derive(Clone, Debug)]
pub struct ReadRequest<'a> {
    /// The entity.
    pub entity: &'a SourceEntity,
    /// The data source's folder: no file outside it is read.
    pub folder: &'a Path,
    /// How many rows may be left out.
    pub quarantine: Quarantine,
    /// What the read before this one knew about the columns ([`ReadReport::known`]).
    pub known: Option<&'a KnownColumns>,
    /// What the read may take.
    pub limits: Limits,
}

/// What a read is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Hashing the bytes, and finding out how they are written.
    Inspecting,
    /// Looking at all values to find the types of the columns.
    Inferring,
    /// Converting rows and handing them over.
    Reading,
}

/// How far a read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// Rows seen in this stage.
    pub rows: u64,
    /// Bytes done, over all stages.
    pub bytes: u64,
    /// Bytes to do, over all stages: each file is read several times.
    pub total_bytes: u64,
}

/// Rows between two reports of progress.
const PROGRESS_ROWS: u64 = 8_192;

/// What all stages of one read share.
pub(crate) struct Job<'a> {
    pub(crate) request: &'a ReadRequest<'a>,
    pub(crate) files: Vec<InputFile>,
    pub(crate) meter: Meter,
    pub(crate) options: Options<'a>,
    progress: &'a dyn Fn(Progress),
    total_bytes: u64,
}

impl<'a> Job<'a> {
    /// A read of something that is no file of ours.
    pub(crate) fn without_files(
        request: &'a ReadRequest<'a>,
        progress: &'a dyn Fn(Progress),
        cancel: &CancellationToken,
    ) -> Self {
        let meter = Meter { bytes: Default::default(), cancel: cancel.clone() };
        Self::new(request, Vec::new(), meter, progress, 0)
    }

    fn new(
        request: &'a ReadRequest<'a>,
        files: Vec<InputFile>,
        meter: Meter,
        progress: &'a dyn Fn(Progress),
        total_bytes: u64,
    ) -> Self {
        Self { request, files, meter, options: Options::default(), progress, total_bytes }
    }

    /// The keys to check against; the sink has got the schema by then.
    pub(crate) fn keys(&self) -> Keys {
        let taken = self.options.keys.and_then(|keys| keys.borrow_mut().take());
        taken.unwrap_or_else(|| Keys::new(self.limits().keys))
    }
}

impl Job<'_> {
    pub(crate) fn limits(&self) -> &Limits {
        &self.request.limits
    }

    /// Called once a row: tells the progress and stops when cancelled, now and then.
    pub(crate) fn tick(&self, stage: Stage, rows: u64) -> Result<(), SourceError> {
        if !rows.is_multiple_of(PROGRESS_ROWS) {
            return Ok(());
        }
        self.tell(stage, rows)
    }

    /// Where a row is, in words.
    pub(crate) fn place(&self, place: Place) -> String {
        match self.files.get(usize::from(place.file)) {
            Some(file) => format!("{} line {}", file.name, place.line),
            None if place.line == 0 => "the rows read before".to_owned(),
            None => format!("row {}", place.line),
        }
    }

    pub(crate) fn tell(&self, stage: Stage, rows: u64) -> Result<(), SourceError> {
        if self.meter.cancel.is_cancelled() {
            return Err(SourceError::Cancelled);
        }
        let bytes = self.meter.bytes.load(Ordering::Relaxed).min(self.total_bytes);
        (self.progress)(Progress { stage, rows, bytes, total_bytes: self.total_bytes });
        Ok(())
    }
}

/// Reads an entity: rows and quarantined rows go to `sink`, the rest is in the report. Blocks; run it where
/// blocking is allowed. `cancel` stops it within a batch.
///
/// # Errors
/// When the entity as a whole cannot be read; what the sink got until then must be thrown away.
pub fn read(
    request: &ReadRequest<'_>,
    sink: &mut dyn EntitySink,
    progress: &dyn Fn(Progress),
    cancel: &CancellationToken,
) -> Result<ReadReport, SourceError> {
    let files = find(request.folder, &request.entity.file, &request.limits)?;
    read_files(request, files, sink, progress, cancel, Options::default())
}

/// What is different where files are read in parts.
#[derive(Default)]
pub(crate) struct Options<'a> {
    /// Several rows may have one key: what becomes of them is decided later.
    pub(crate) repeated_keys: bool,
    /// The keys that are taken already, filled in when the sink has got the schema.
    pub(crate) keys: Option<&'a RefCell<Option<Keys>>>,
    /// The columns that files of typed rows are brought into.
    pub(crate) onto: Option<SchemaRef>,
}

/// Reads files, whatever pattern they were found by.
pub(crate) fn read_files(
    request: &ReadRequest<'_>,
    files: Vec<InputFile>,
    sink: &mut dyn EntitySink,
    progress: &dyn Fn(Progress),
    cancel: &CancellationToken,
    options: Options<'_>,
) -> Result<ReadReport, SourceError> {
    let bytes = files.iter().map(|file| file.bytes).sum();
    let meter = Meter { bytes: Default::default(), cancel: cancel.clone() };
    if meter.cancel.is_cancelled() {
        return Err(SourceError::Cancelled);
    }
    let hashed = files.clone();
    std::thread::scope(|scope| {
        // The hash needs the bytes as they are on disk, and has a thread of its own to read them.
        let stop = cancel.child_token();
        let on_disk = Meter { bytes: meter.bytes.clone(), cancel: stop.clone() };
        let _stop = stop.drop_guard();
        let hash = scope.spawn(move || hash(&hashed, &on_disk));
        let mut report = read_found(request, files, (meter, bytes), sink, progress, options)?;
        report.content_hash = hash.join().unwrap_or(Err(SourceError::Cancelled))?;
        Ok(report)
    })
}

/// Reads files that were found, all but their hash. `size`: what counts their bytes, and how many there are.
fn read_found(
    request: &ReadRequest<'_>,
    mut files: Vec<InputFile>,
    (meter, bytes): (Meter, u64),
    sink: &mut dyn EntitySink,
    progress: &dyn Fn(Progress),
    options: Options<'_>,
) -> Result<ReadReport, SourceError> {
    let entity = request.entity;
    let said = Said::new(entity, request.known)?;
    let mut tally = Tally::default();
    leave_out_empty(&mut files, &entity.file, &mut tally)?;
    let format = decide_format(entity, &files, &meter, &request.limits)?;
    let passes = match (format, &entity.encoding) {
        (FileFormat::Parquet, _) => 2,
        (FileFormat::Csv, _) | (_, Some(_)) => 3,
        _ => 4,
    };
    let job = Job { options, ..Job::new(request, files, meter, progress, bytes * passes) };
    let done = match format {
        FileFormat::Parquet => parquet::read(&job, &said, sink, tally)?,
        _ => read_text(&job, &said, format, sink, tally)?,
    };
    for file in &job.files {
        file.check_unchanged()?;
    }
    Ok(done.report(&said, request, bytes))
}

/// What a read came to, before it is put into words.
pub(crate) struct Done {
    pub(crate) tally: Tally,
    pub(crate) columns: Vec<ColumnReport>,
    pub(crate) files: Vec<FileReport>,
}

impl Done {
    pub(crate) fn report(mut self, said: &Said<'_>, request: &ReadRequest<'_>, bytes: u64) -> ReadReport {
        let names: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let (added_columns, removed_columns) = (said.added(&names), said.removed(&names));
        if !added_columns.is_empty() {
            let message = format!("new columns: {}", added_columns.join(", "));
            self.tally.note("extraColumnsInInput", None, message);
        }
        if !removed_columns.is_empty() {
            let message = format!("columns that are gone: {}", removed_columns.join(", "));
            self.tally.warn("missingColumnsInInput", None, message);
        }
        let reasons =
            self.tally.reasons.iter().map(|(reason, count)| (reason.code().to_owned(), *count)).collect();
        ReadReport {
            outcome: self.tally.outcome(&request.quarantine),
            rows_read: self.tally.read,
            rows_kept: self.tally.kept,
            quarantined: self.tally.quarantined,
            reasons,
            findings: self.tally.findings,
            columns: self.columns,
            added_columns,
            removed_columns,
            files: self.files,
            content_hash: String::new(),
            bytes,
            profile: Vec::new(),
            taken: Taken::All,
            state: EntityState::default(),
        }
    }
}

/// The hash of the content that [`read`] would read: BLAKE3 over the length (8 bytes, little endian) and the
/// bytes of every file in order, in hexadecimal. Equal content needs no refresh.
///
/// # Errors
/// When the files cannot be found or read, or on cancel.
pub fn fingerprint(request: &ReadRequest<'_>, cancel: &CancellationToken) -> Result<String, SourceError> {
    let files = find(request.folder, &request.entity.file, &request.limits)?;
    fingerprint_of(&files, cancel)
}

/// The hash of the content of some files.
pub(crate) fn fingerprint_of(files: &[InputFile], cancel: &CancellationToken) -> Result<String, SourceError> {
    let meter = Meter { bytes: Default::default(), cancel: cancel.clone() };
    hash(files, &meter)
}

fn hash(files: &[InputFile], meter: &Meter) -> Result<String, SourceError> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 128 << 10];
    for file in files {
        hasher.update(&file.bytes.to_le_bytes());
        let mut raw = file.open_raw(meter)?;
        loop {
            let count = raw.read(&mut buffer).map_err(|error| file.error(error, input::Compression::None))?;
            match buffer.get(..count) {
                None | Some([]) => break,
                Some(bytes) => hasher.update(bytes),
            };
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn leave_out_empty(files: &mut Vec<InputFile>, pattern: &str, tally: &mut Tally) -> Result<(), SourceError> {
    let (full, empty): (Vec<InputFile>, Vec<InputFile>) = files.drain(..).partition(|file| file.bytes > 0);
    if full.is_empty() {
        return Err(SourceError::Empty { file: pattern.to_owned() });
    }
    for file in empty {
        tally.warn("fileEmpty", None, format!("{} is empty and was passed over", file.name));
    }
    *files = full;
    Ok(())
}

/// The format: declared, or by the first bytes of the first file and its name.
fn decide_format(
    entity: &SourceEntity,
    files: &[InputFile],
    meter: &Meter,
    limits: &Limits,
) -> Result<FileFormat, SourceError> {
    if let Some(format) = entity.format {
        return Ok(format);
    }
    let Some(first) = files.first() else {
        return Err(SourceError::Empty { file: entity.file.clone() });
    };
    let name = first.name.to_lowercase();
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("xlsx" | "xlsm") => return Ok(FileFormat::Xlsx),
        Some("xls") => return Ok(FileFormat::Xls),
        Some("ods") => return Ok(FileFormat::Ods),
        _ => {}
    }
    let silent = Meter { bytes: Default::default(), cancel: meter.cancel.clone() };
    let head = first.open(&silent, limits)?.head;
    if head.starts_with(b"PAR1") {
        return Ok(FileFormat::Parquet);
    }
    let name =
        [".gz", ".gzip", ".zst", ".zstd"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    Ok(match name.rsplit_once('.').map(|(_, end)| end) {
        Some("json") => FileFormat::Json,
        Some("jsonl" | "ndjson") => FileFormat::Jsonl,
        Some("parquet" | "pq") => FileFormat::Parquet,
        Some("csv" | "tsv" | "txt" | "tab") => FileFormat::Csv,
        _ => match head.trim_ascii_start().first() {
            Some(b'{' | b'[') => FileFormat::Json,
            _ => FileFormat::Csv,
        },
    })
}

fn read_text(
    job: &Job<'_>,
    said: &Said<'_>,
    format: FileFormat,
    sink: &mut dyn EntitySink,
    mut tally: Tally,
) -> Result<Done, SourceError> {
    let entity = job.request.entity;
    let (files, Inferred { mut columns, looks }) = inspect_and_infer(job, said, format)?;
    files.iter().for_each(|file| file.tell(entity, &mut tally));
    columns.close();
    tell_renamed(&columns, &mut tally);
    let names: Vec<&str> = columns.names().collect();
    warn_of_unknown(entity, &names, &mut tally);
    let mut plans = Vec::with_capacity(looks.len());
    for (name, looks) in names.iter().zip(&looks) {
        plans.push(said.decide(name, looks, &mut tally)?);
    }
    make_unique(&mut plans, &mut tally);
    let keys = key_columns(entity, &plans)?;
    let quarantined = Quarantined::new(names.iter().copied(), job.limits());
    let schema = schema(&plans);
    let output = Output::start(sink, &schema, quarantined, tally, job.limits())?;
    let (mut converter, mut pieces);
    let target: &mut dyn Convert = match format {
        FileFormat::Csv => {
            pieces = csv::Converter::new(&plans, &keys, schema, output, job);
            &mut pieces
        }
        _ => {
            converter = Converter::new(&plans, &keys, Batch::new(schema), output, job);
            &mut converter
        }
    };
    let mut reports = Vec::with_capacity(files.len());
    for (number, file) in files.iter().enumerate() {
        let rows = target.file(number, file, &mut columns)?;
        reports.push(FileReport { name: file.input.name.clone(), bytes: file.input.bytes, rows });
    }
    let tally = target.finish()?;
    let columns = plans.iter().zip(&looks).map(|(plan, looks)| plan.report(Some(looks.values))).collect();
    Ok(Done { tally, columns, files: reports })
}

/// Decides how to read the files, and looks at all values.
fn inspect_and_infer(
    job: &Job<'_>,
    said: &Said<'_>,
    format: FileFormat,
) -> Result<(Vec<TextFile>, Inferred), SourceError> {
    let mut files = inspect(job, format, true)?;
    let inferred = infer(job, said, &mut files);
    if !files.iter().any(|file| file.assumed) {
        return Ok((files, inferred?));
    }
    // What was assumed of a file is wrong: its encoding must be known before its values are looked at.
    let mut files = inspect(job, format, false)?;
    let inferred = infer(job, said, &mut files)?;
    Ok((files, inferred))
}

fn inspect(job: &Job<'_>, format: FileFormat, assume: bool) -> Result<Vec<TextFile>, SourceError> {
    let inspect = |input| {
        job.tell(Stage::Inspecting, 0)?;
        TextFile::inspect(input, format, job.request.entity, (&job.meter, job.limits()), assume)
    };
    job.files.iter().map(inspect).collect()
}

/// What the first pass found: the columns, and what their values look like.
struct Inferred {
    columns: Columns,
    looks: Vec<Looks>,
}

/// The first pass: the columns, and what their values look like.
fn infer(job: &Job<'_>, said: &Said<'_>, files: &mut [TextFile]) -> Result<Inferred, SourceError> {
    let mut columns = Columns::new(job.limits());
    let mut looks: Vec<Looks> = Vec::new();
    // Rows, and records that are none.
    let mut counts = (0, 0);
    for file in files {
        match file.format {
            FileFormat::Csv => csv::infer(job, said, file, &mut columns, &mut looks, &mut counts)?,
            _ => infer_rows(job, said, file, &mut columns, &mut looks, &mut counts)?,
        }
    }
    let (count, bad) = counts;
    if count + bad == 0 {
        return Err(SourceError::NoRows { file: job.request.entity.file.clone() });
    }
    if columns.len() == 0 {
        let reason = format!("none of its {bad} records is an object");
        return Err(SourceError::NotJson { file: job.request.entity.file.clone(), reason });
    }
    // A file with only a header, or only broken records, has columns too.
    looks.resize_with(columns.len(), Looks::default);
    Ok(Inferred { columns, looks })
}

/// The first pass over a file that is read row by row.
fn infer_rows(
    job: &Job<'_>,
    said: &Said<'_>,
    file: &TextFile,
    columns: &mut Columns,
    looks: &mut Vec<Looks>,
    (count, bad): &mut (u64, u64),
) -> Result<(), SourceError> {
    let mut cells = Cells::default();
    let mut rows = file.open(columns, &job.meter, job.limits())?;
    let (mut places, mut formats) = (Vec::new(), Vec::new());
    loop {
        match rows.next(&mut cells, columns)? {
            Step::End => return Ok(()),
            Step::Bad(_) => *bad += 1,
            Step::Row { line } => {
                if formats.len() < columns.len() {
                    places = rows.places(columns.len());
                    formats = columns.names().map(|name| said.format(name)).collect::<Result<Vec<_>, _>>()?;
                    looks.resize_with(columns.len(), Looks::default);
                }
                for ((looks, format), place) in looks.iter_mut().zip(&formats).zip(&places) {
                    looks.add(cells.get(*place), format.as_ref(), &file.input.name, line);
                }
                *count += 1;
                job.tick(Stage::Inferring, *count)?;
            }
        }
    }
}

fn tell_renamed(columns: &Columns, tally: &mut Tally) {
    for (input, name) in columns.renamed() {
        if input.is_empty() {
            tally.note("columnRenamed", Some(name), format!("a column without a name is called {name} here"));
        } else {
            let message = format!("a column {input:?} is called {name} here: no name is used twice");
            tally.warn("columnRenamed", Some(name), message);
        }
    }
}

/// What is said about an attribute that does not exist is probably misspelt.
pub(crate) fn warn_of_unknown(entity: &SourceEntity, names: &[&str], tally: &mut Tally) {
    for said in &entity.attributes {
        if names.contains(&said.name.as_str()) {
            continue;
        }
        let near = names
            .iter()
            .map(|name| {
                (
                    strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &said.name.to_lowercase()),
                    name,
                )
            })
            .filter(|(score, _)| *score > 0.6)
            .max_by(|(left, _), (right, _)| left.total_cmp(right));
        let hint = near.map(|(_, name)| format!("; did you mean {name}?")).unwrap_or_default();
        let message = format!("the definition speaks of {}, which the input does not have{hint}", said.name);
        tally.warn("unknownAttribute", Some(&said.name), message);
    }
}

/// A `rename` must not make two attributes of one name.
pub(crate) fn make_unique(plans: &mut [Plan], tally: &mut Tally) {
    let mut names = Names::default();
    for plan in plans {
        let name = names.unique(&plan.name);
        if name != plan.name {
            let message = format!(
                "{} is called {name} here: another column is already called {}",
                plan.source, plan.name
            );
            tally.warn("columnRenamed", Some(&name), message);
            plan.name = name;
        }
    }
}

/// The places of the columns of the primary key.
pub(crate) fn key_columns(entity: &SourceEntity, plans: &[Plan]) -> Result<Vec<usize>, SourceError> {
    let find = |key: &String| {
        let by_name = plans.iter().position(|plan| plan.name == *key);
        by_name.or_else(|| plans.iter().position(|plan| plan.source == *key)).ok_or_else(|| {
            let columns = plans.iter().map(|plan| plan.name.clone()).collect();
            SourceError::NoKeyColumn { column: key.clone(), file: entity.input().to_owned(), columns }
        })
    };
    entity.primary_key.iter().map(find).collect()
}
