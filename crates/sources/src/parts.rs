//! Files that are read in parts: folders of increments, and file sets that only grow.

use std::cell::RefCell;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::definition::{AttributeType, SourceEntity};
use crate::error::{SinkError, SourceError};
use crate::files::find::find;
use crate::files::input::InputFile;
use crate::increment::{Changes, Merging, Onto, Part, adapt, keep_unchanged, places};
use crate::keys::{Keys, Place, of_batch};
use crate::output::EntitySink;
use crate::quarantine::Quarantined;
use crate::read::{Options, Progress, ReadRequest, fingerprint_of, read_files};
use crate::reader::{Before, PreviousRows};
use crate::report::{ColumnReport, Decided, KnownColumns, Outcome, ReadReport};
use crate::state::{SeenFile, Taken};

/// What a read in parts needs besides its request.
pub(crate) struct Parts<'a> {
    pub(crate) request: ReadRequest<'a>,
    pub(crate) progress: &'a dyn Fn(Progress),
    pub(crate) cancel: &'a CancellationToken,
}

/// The hour of a folder of increments: `2026/11/20/16`.
type Hour = String;

/// Before every hour.
const NEVER: &str = "0000/00/00/00";

impl Parts<'_> {
    /// Reads a folder of increments as of a moment.
    pub(crate) fn folder(
        &self,
        folder: &str,
        before: Before<'_>,
        sink: &mut dyn EntitySink,
        now: Timestamp,
    ) -> Result<ReadReport, SourceError> {
        let entity = self.request.entity;
        let Some(changes) = &entity.changes else {
            let reason =
                "a folder of increments needs the column that says when a row was changed".to_owned();
            return Err(SourceError::BadSetting { what: "changes.column", reason });
        };
        let column = entity.attribute_name(&changes.column);
        let full = format!("{}/FullData/*", glob::Pattern::escape(folder));
        let full = find(self.request.folder, &full, &self.request.limits)?;
        let tag = fingerprint_of(&full, self.cancel)?;
        let hours = self.hours(folder, now, changes.from.as_deref().unwrap_or_default())?;
        let state = before.state.filter(|state| state.tag.as_ref() == Some(&tag));
        let last = state.and_then(|state| state.hour.clone());
        let previous = before.rows.filter(|_| last.is_some());
        let new: Vec<Hour> =
            hours.into_iter().filter(|hour| previous.is_none() || last.as_ref() < Some(hour)).collect();
        let mut folder = Folder { parts: self, folder, column: &column, changes: Changes::default() };
        let mut report = match previous {
            Some(_) if new.is_empty() => nothing(),
            Some(previous) => folder.increments(&new, before.known, previous, sink)?,
            None => folder.full(full, &new, sink)?,
        };
        report.state.tag = Some(tag);
        report.state.hour = new.last().cloned().or(last).or_else(|| Some(NEVER.to_owned()));
        report.state.content =
            state.filter(|_| report.taken == Taken::Nothing).and_then(|it| it.content.clone());
        Ok(report)
    }

    /// The hours that have a folder and are over, in order.
    fn hours(&self, folder: &str, now: Timestamp, from: &str) -> Result<Vec<Hour>, SourceError> {
        let now = now.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y/%m/%d/%H").to_string();
        let from = from.replace('-', "/");
        let root = self.request.folder.join(folder).join("IncrementalData");
        let mut found = vec![String::new()];
        for digits in [4, 2, 2, 2] {
            let mut deeper = Vec::new();
            for parent in &found {
                deeper.extend(
                    subfolders(&root.join(parent), digits)?
                        .into_iter()
                        .map(|name| if parent.is_empty() { name } else { format!("{parent}/{name}") }),
                );
            }
            found = deeper;
        }
        found.retain(|hour| *hour < now && *hour >= from);
        found.sort();
        Ok(found)
    }

    /// Reads a set of files that only grows: the rows of before stay, those of new files are added.
    pub(crate) fn append(
        &self,
        before: Before<'_>,
        sink: &mut dyn EntitySink,
    ) -> Result<ReadReport, SourceError> {
        let entity = self.request.entity;
        let files = find(self.request.folder, &entity.file, &self.request.limits)?;
        let mut seen = Vec::with_capacity(files.len());
        for file in &files {
            let hash = fingerprint_of(std::slice::from_ref(file), self.cancel)?;
            seen.push(SeenFile { name: file.name.clone(), hash });
        }
        let earlier = before.state.map(|state| state.files.as_slice()).unwrap_or_default();
        let previous = before.rows.filter(|_| !earlier.is_empty());
        let mut report = match previous {
            None => read_files(&self.request, files, sink, self.progress, self.cancel, Options::default())?,
            Some(previous) => {
                not_touched(earlier, &seen)?;
                let is_new = |file: &InputFile| earlier.iter().all(|seen| seen.name != file.name);
                let new: Vec<InputFile> = files.into_iter().filter(is_new).collect();
                if new.is_empty() {
                    nothing()
                } else {
                    self.add(new, before.known, previous, sink, Options::default())?
                }
            }
        };
        report.state.files = seen;
        Ok(report)
    }

    /// Lays the rows of new files behind those of before.
    pub(crate) fn add(
        &self,
        new: Vec<InputFile>,
        known: Option<&KnownColumns>,
        previous: &mut dyn PreviousRows,
        sink: &mut dyn EntitySink,
        options: Options<'_>,
    ) -> Result<ReadReport, SourceError> {
        let known = known_of(&previous.schema(), known);
        let request = ReadRequest { known: Some(&known), ..self.request.clone() };
        let keys = RefCell::new(Some(Keys::new(request.limits.keys)));
        let names = request.entity.key_attributes();
        let mut seeding = Seeding { sink, previous, keys: &keys, names: &names, count: 0 };
        let options = Options { keys: Some(&keys), repeated_keys: false, onto: options.onto };
        let mut report = read_files(&request, new, &mut seeding, self.progress, self.cancel, options)?;
        report.rows_kept += seeding.count;
        report.taken = Taken::Changes;
        Ok(report)
    }
}

/// The report of a read that took nothing.
pub(crate) fn nothing() -> ReadReport {
    ReadReport {
        outcome: Outcome::Successful,
        rows_read: 0,
        rows_kept: 0,
        quarantined: 0,
        reasons: Default::default(),
        findings: Vec::new(),
        columns: Vec::new(),
        added_columns: Vec::new(),
        removed_columns: Vec::new(),
        files: Vec::new(),
        content_hash: String::new(),
        bytes: 0,
        profile: Vec::new(),
        taken: Taken::Nothing,
        state: Default::default(),
    }
}

fn not_touched(earlier: &[SeenFile], now: &[SeenFile]) -> Result<(), SourceError> {
    for file in earlier {
        let what = match now.iter().find(|other| other.name == file.name) {
            None => "is gone",
            Some(other) if other.hash != file.hash => "has changed",
            Some(_) => continue,
        };
        return Err(SourceError::NotAppended { file: file.name.clone(), what });
    }
    Ok(())
}

/// Folders with names of so many digits.
fn subfolders(folder: &Path, digits: usize) -> Result<Vec<String>, SourceError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(SourceError::Unreadable { path: folder.to_owned(), source }),
    };
    let names = entries.flatten().filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    Ok(names.filter(|name| name.len() == digits && name.bytes().all(|byte| byte.is_ascii_digit())).collect())
}

/// One read of a folder of increments.
struct Folder<'a, 'r> {
    parts: &'a Parts<'r>,
    folder: &'a str,
    column: &'a str,
    changes: Changes,
}

impl Folder<'_, '_> {
    /// The full data, and all increments laid over it.
    fn full(
        &mut self,
        full: Vec<InputFile>,
        hours: &[Hour],
        sink: &mut dyn EntitySink,
    ) -> Result<ReadReport, SourceError> {
        let request = self.parts.request.clone();
        // Types first: the increments are read by the types of the full data.
        let mut learned = Learning::default();
        let options = || Options::default();
        let (progress, cancel) = (self.parts.progress, self.parts.cancel);
        let seen = read_files(&request, full.clone(), &mut learned, progress, cancel, options())?;
        let onto = learned.onto()?;
        let known = known_of(&onto.rows, Some(&KnownColumns(seen.columns)));
        self.note(hours, &known)?;
        let keys = request.entity.key_attributes();
        let column = Some(self.column);
        let mut base = Merging::new(sink, &mut self.changes, &keys, column, Part::Base, 0, None);
        let mut report = read_files(&request, full, &mut base, progress, cancel, options())?;
        report.rows_kept = base.kept;
        self.lay_over(hours, &known, &onto, &mut report, sink)?;
        Ok(report)
    }

    /// New increments laid over the rows of before.
    fn increments(
        &mut self,
        hours: &[Hour],
        known: Option<&KnownColumns>,
        previous: &mut dyn PreviousRows,
        sink: &mut dyn EntitySink,
    ) -> Result<ReadReport, SourceError> {
        let schema = previous.schema();
        let known = known_of(&schema, known);
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let quarantine = Quarantined::new(names, &self.parts.request.limits).schema();
        sink.schema(&schema, &quarantine).map_err(SourceError::Sink)?;
        self.note(hours, &known)?;
        let keys = self.parts.request.entity.key_attributes();
        let kept = keep_unchanged(previous, &schema, &mut self.changes, &keys, Some(self.column), sink)?;
        let mut report = nothing();
        report.taken = Taken::Changes;
        report.rows_kept = kept;
        report.columns = known.0.clone();
        self.lay_over(hours, &known, &Onto { rows: schema, quarantine }, &mut report, sink)?;
        Ok(report)
    }

    /// Takes note of all changes.
    fn note(&mut self, hours: &[Hour], known: &KnownColumns) -> Result<(), SourceError> {
        let keys = self.parts.request.entity.key_attributes();
        for (number, hour) in hours.iter().enumerate() {
            for (part, deleted) in [("Upserts", false), ("Deletes", true)] {
                let mut nowhere = Learning::default();
                let part_number = number as u64 * 2 + u64::from(deleted) + 1;
                let noting = Part::Noting { deleted };
                let (changes, column) = (&mut self.changes, Some(self.column));
                let mut sink = Merging::new(&mut nowhere, changes, &keys, column, noting, part_number, None);
                self.parts.part(self.folder, hour, part, known, &mut sink)?;
            }
        }
        Ok(())
    }

    /// Gives out the latest rows of changed keys.
    fn lay_over(
        &mut self,
        hours: &[Hour],
        known: &KnownColumns,
        onto: &Onto,
        report: &mut ReadReport,
        sink: &mut dyn EntitySink,
    ) -> Result<(), SourceError> {
        let keys = self.parts.request.entity.key_attributes();
        for (number, hour) in hours.iter().enumerate() {
            let part_number = number as u64 * 2 + 1;
            let (changes, column) = (&mut self.changes, Some(self.column));
            let mut merging =
                Merging::new(sink, changes, &keys, column, Part::Changed, part_number, Some(onto));
            let read = self.parts.part(self.folder, hour, "Upserts", known, &mut merging)?;
            report.rows_kept += merging.kept;
            if let Some(read) = read {
                report.rows_read += read.rows_read;
                report.quarantined += read.quarantined;
                read.reasons.iter().for_each(|(reason, count)| {
                    *report.reasons.entry(reason.clone()).or_default() += count;
                });
                report.outcome = report.outcome.max(read.outcome);
                report.files.extend(read.files);
                report.bytes += read.bytes;
            }
        }
        Ok(())
    }
}

impl Parts<'_> {
    /// Reads one part of an hour, if it is there.
    fn part(
        &self,
        folder: &str,
        hour: &str,
        part: &str,
        known: &KnownColumns,
        sink: &mut dyn EntitySink,
    ) -> Result<Option<ReadReport>, SourceError> {
        let pattern = format!("{}/IncrementalData/{hour}/{part}/*", glob::Pattern::escape(folder));
        let files = match find(self.request.folder, &pattern, &self.request.limits) {
            Err(SourceError::NoMatch { .. } | SourceError::NotFound { .. }) => return Ok(None),
            found => found?,
        };
        let entity = SourceEntity { file: pattern, ..self.request.entity.clone() };
        let request = ReadRequest { entity: &entity, known: Some(known), ..self.request.clone() };
        let options = Options { repeated_keys: true, ..Options::default() };
        match read_files(&request, files, sink, self.progress, self.cancel, options) {
            // An hour in which nothing happened.
            Err(SourceError::NoRows { .. } | SourceError::Empty { .. }) => Ok(None),
            read => read.map(Some),
        }
    }
}

/// Columns of rows that are there, as known: their types stick.
fn known_of(schema: &SchemaRef, known: Option<&KnownColumns>) -> KnownColumns {
    let column = |field: &arrow::datatypes::FieldRef| {
        let found = known.and_then(|known| known.0.iter().find(|column| column.name == *field.name()));
        let mut column = found.cloned().unwrap_or_else(|| ColumnReport {
            name: field.name().clone(),
            attribute_type: attribute_type(field.data_type()),
            decided: Decided::Known,
            date_format: None,
            values: None,
        });
        column.decided = Decided::Known;
        column
    };
    KnownColumns(schema.fields().iter().map(column).collect())
}

fn attribute_type(data_type: &DataType) -> AttributeType {
    use AttributeType as T;
    match data_type {
        DataType::Int64 => T::Int64,
        DataType::Float64 => T::Double,
        DataType::Boolean => T::Boolean,
        DataType::Date32 => T::Date,
        DataType::Timestamp(_, None) => T::DateTime,
        DataType::Timestamp(_, Some(_)) => T::DateTimeOffset,
        DataType::Decimal128(precision, scale) => {
            T::Decimal { precision: *precision, scale: scale.unsigned_abs() }
        }
        _ => T::String,
    }
}

/// A sink that keeps the schemas and drops the rows.
#[derive(Default)]
struct Learning {
    schemas: Option<Onto>,
}

impl Learning {
    fn onto(self) -> Result<Onto, SourceError> {
        self.schemas.ok_or_else(|| SourceError::Sink("the schema did not come".into()))
    }
}

impl EntitySink for Learning {
    fn schema(&mut self, rows: &SchemaRef, quarantine: &SchemaRef) -> Result<(), SinkError> {
        self.schemas = Some(Onto { rows: rows.clone(), quarantine: quarantine.clone() });
        Ok(())
    }

    fn rows(&mut self, _: RecordBatch) -> Result<(), SinkError> {
        Ok(())
    }

    fn quarantine(&mut self, _: RecordBatch) -> Result<(), SinkError> {
        Ok(())
    }
}

/// A sink that passes on the rows of before first, and remembers their keys.
struct Seeding<'a> {
    sink: &'a mut dyn EntitySink,
    previous: &'a mut dyn PreviousRows,
    keys: &'a RefCell<Option<Keys>>,
    names: &'a [String],
    count: u64,
}

/// Where the rows of before are, as far as a message tells.
const BEFORE: Place = Place { file: u16::MAX, line: 0 };

impl EntitySink for Seeding<'_> {
    fn schema(&mut self, rows: &SchemaRef, quarantine: &SchemaRef) -> Result<(), SinkError> {
        self.sink.schema(rows, quarantine)?;
        let places = places(rows, self.names)?;
        while let Some(batch) = self.previous.next() {
            let batch = adapt(&batch?, rows)?;
            if let Some(keys) = self.keys.borrow_mut().as_mut() {
                of_batch(&batch, &places).into_iter().flatten().for_each(|key| keys.take(key, BEFORE));
            }
            self.count += batch.num_rows() as u64;
            self.sink.rows(batch)?;
        }
        Ok(())
    }

    fn rows(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.sink.rows(batch)
    }

    fn quarantine(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.sink.quarantine(batch)
    }
}
