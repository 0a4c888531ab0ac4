//! Parquet: rows with types of their own, read in batches.
//!
//! The file's types are kept (narrow numbers widened, times brought to microseconds and UTC, lists and structs
//! as text) unless the definition or an earlier refresh says otherwise; then values go by way of their text.
//! Decoders of third parties may panic on damaged files: a panic is caught and counts as a damaged file.

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::{CastOptions, cast, cast_with_options, filter_record_batch};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use arrow::json::writer::{EncoderOptions, make_encoder};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::cells::{CellKind, Cells};
use super::input::InputFile;
use super::rows::Reason;
use crate::definition::AttributeType;
use crate::error::SourceError;
use crate::keys::{Hash, Keys, Place, of_batch};
use crate::limits::{Limits, excerpt};
use crate::output::{EntitySink, Output, batch_error};
use crate::quarantine::{Fault, Quarantined};
use crate::read::{Done, Job, Stage, key_columns, make_unique, warn_of_unknown};
use crate::report::{FileReport, Tally};
use crate::types::build::{Batch, arrow_type, schema};
use crate::types::convert::convert;
use crate::types::plan::{Plan, Said};

/// Reads all files of an entity.
pub(crate) fn read(
    job: &Job<'_>,
    said: &Said<'_>,
    sink: &mut dyn EntitySink,
    mut tally: Tally,
) -> Result<Done, SourceError> {
    let entity = job.request.entity;
    let mut fields = None;
    for file in &job.files {
        let found = guard(file, || open(file, job.limits()))?.schema().clone();
        if let Some(onto) = &job.options.onto {
            fields = Some(onto.clone());
            continue;
        }
        same_fields(file, &found, fields.get_or_insert(found.clone()))?;
    }
    let Some(fields) = fields else {
        return Err(SourceError::Empty { file: entity.file.clone() });
    };
    let names: Vec<&str> = fields.fields().iter().map(|field| field.name().as_str()).collect();
    if names.len() > job.limits().columns {
        return Err(SourceError::TooManyColumns { file: entity.file.clone(), limit: job.limits().columns });
    }
    warn_of_unknown(entity, &names, &mut tally);
    let mut plans = Vec::with_capacity(names.len());
    for field in fields.fields() {
        plans.push(said.settle_typed(field.name(), natural(field.data_type()))?);
    }
    make_unique(&mut plans, &mut tally);
    let keys = key_columns(entity, &plans)?;
    let schema = schema(&plans);
    let quarantined = Quarantined::new(names.iter().copied(), job.limits());
    let output = Output::start(sink, &schema, quarantined, tally, job.limits())?;
    let seen = job.keys();
    let mut converter = Converter { plans: &plans, keys: &keys, schema, seen, output, job };
    let mut reports = Vec::with_capacity(job.files.len());
    for (number, file) in job.files.iter().enumerate() {
        let rows = converter.file(number, file)?;
        reports.push(FileReport { name: file.name.clone(), bytes: file.bytes, rows });
    }
    let tally = converter.output.finish()?;
    if tally.read == 0 {
        return Err(SourceError::NoRows { file: entity.file.clone() });
    }
    let columns = plans.iter().map(|plan| plan.report(None)).collect();
    Ok(Done { tally, columns, files: reports })
}

/// Runs a decoder; what it refuses, and what it panics at, is a damaged file.
fn guard<T>(file: &InputFile, run: impl FnOnce() -> Result<T, String>) -> Result<T, SourceError> {
    let result = catch_unwind(AssertUnwindSafe(run));
    let result = result.unwrap_or_else(|_| Err("the decoder broke off".to_owned()));
    result.map_err(|reason| SourceError::BadParquet { file: file.name.clone(), reason })
}

fn open(file: &InputFile, limits: &Limits) -> Result<ParquetRecordBatchReaderBuilder<File>, String> {
    let opened = File::open(&file.path).map_err(|error| error.to_string())?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(opened).map_err(|error| error.to_string())?;
    for group in builder.metadata().row_groups() {
        let bytes = u64::try_from(group.total_byte_size()).map_err(|_| "a row group of negative size")?;
        if bytes > limits.row_group_bytes {
            return Err(format!("a row group is larger than {} bytes", limits.row_group_bytes));
        }
    }
    Ok(builder)
}

fn same_fields(file: &InputFile, found: &Schema, first: &Schema) -> Result<(), SourceError> {
    let shown = |schema: &Schema| -> Vec<String> {
        schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type())).collect()
    };
    let (found, wanted) = (shown(found), shown(first));
    if found == wanted {
        return Ok(());
    }
    let missing = wanted.iter().filter(|name| !found.contains(name)).cloned().collect();
    let extra = found.iter().filter(|name| !wanted.contains(name)).cloned().collect();
    let first = "the files before it".to_owned();
    Err(SourceError::SchemaDiffers { file: file.name.clone(), first, missing, extra })
}

/// The type of ours that keeps a column's values.
fn natural(data_type: &DataType) -> AttributeType {
    use AttributeType as T;
    match data_type {
        DataType::Boolean => T::Boolean,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => T::Int64,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => T::Int64,
        DataType::UInt64 => T::Decimal { precision: 20, scale: 0 },
        DataType::Float16 | DataType::Float32 | DataType::Float64 => T::Double,
        DataType::Date32 | DataType::Date64 => T::Date,
        DataType::Timestamp(_, None) => T::DateTime,
        DataType::Timestamp(_, Some(_)) => T::DateTimeOffset,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
            if *scale >= 0 =>
        {
            T::Decimal { precision: *precision, scale: scale.unsigned_abs() }
        }
        DataType::Dictionary(_, values) => natural(values),
        _ => T::String,
    }
}

/// What does not fit: by row, the column and why.
type Faults = BTreeMap<usize, Vec<(usize, String)>>;

struct Converter<'a> {
    plans: &'a [Plan],
    keys: &'a [usize],
    schema: SchemaRef,
    seen: Keys,
    output: Output<'a>,
    job: &'a Job<'a>,
}

impl Converter<'_> {
    fn file(&mut self, number: usize, file: &InputFile) -> Result<u64, SourceError> {
        let rows = self.job.limits().batch_rows;
        let mut reader: ParquetRecordBatchReader = guard(file, || {
            open(file, self.job.limits())?.with_batch_size(rows).build().map_err(|error| error.to_string())
        })?;
        let before = self.output.tally.read;
        let total = self.job.files.iter().map(|file| file.bytes).sum::<u64>();
        loop {
            let next = guard(file, || reader.next().transpose().map_err(|error| error.to_string()))?;
            let Some(batch) = next else {
                // Where the decoder is in the file is not known: progress in bytes goes file by file.
                self.job.meter.bytes.fetch_add(file.bytes.min(total), Ordering::Relaxed);
                return Ok(self.output.tally.read - before);
            };
            let batch = match &self.job.options.onto {
                Some(onto) => guard(file, || laid_onto(&batch, file, onto))?,
                None => batch,
            };
            self.batch(number, file, &batch, self.output.tally.read - before)?;
            self.output.tally.read += batch.num_rows() as u64;
            self.job.tell(Stage::Reading, self.output.tally.read)?;
        }
    }

    fn batch(
        &mut self,
        number: usize,
        file: &InputFile,
        batch: &RecordBatch,
        before: u64,
    ) -> Result<(), SourceError> {
        let mut faults = Faults::new();
        let mut columns = Vec::with_capacity(self.plans.len());
        for (column, (plan, array)) in self.plans.iter().zip(batch.columns()).enumerate() {
            let (converted, bad) = guard(file, || convert_column(array, plan))?;
            for (row, why) in bad {
                faults.entry(row).or_default().push((column, why));
            }
            columns.push(converted);
        }
        let converted = RecordBatch::try_new(self.schema.clone(), columns).map_err(batch_error)?;
        let kept = self.check_rows(number, file, batch, &converted, &faults, before)?;
        if kept.true_count() == kept.len() {
            return self.output.keep(converted);
        }
        let kept = filter_record_batch(&converted, &kept).map_err(batch_error)?;
        self.output.keep(kept)
    }

    /// Which rows stay; the others are left out.
    fn check_rows(
        &mut self,
        number: usize,
        file: &InputFile,
        batch: &RecordBatch,
        converted: &RecordBatch,
        faults: &Faults,
        before: u64,
    ) -> Result<BooleanArray, SourceError> {
        let options = FormatOptions::default();
        let keys = self.keys.iter().filter_map(|column| {
            let array = converted.columns().get(*column)?;
            Some((*column, array, ArrayFormatter::try_new(array.as_ref(), &options).ok()?))
        });
        let keys: Vec<(usize, &ArrayRef, ArrayFormatter<'_>)> = keys.collect();
        let hashes = of_batch(converted, self.keys);
        let mut kept = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let line = before + row as u64 + 1;
            let fault = match self.find_fault(row, &keys, faults.get(&row)) {
                None => {
                    let hash = hashes.get(row).copied().flatten();
                    self.find_duplicate(number, line, row, &keys, hash)?
                }
                fault => fault,
            };
            kept.push(fault.is_none());
            if let Some((reason, column, detail)) = fault {
                let column = self.plans.get(column).map(|plan| plan.source.clone());
                let texts = row_texts(batch, row);
                let cells = texts.iter().map(|text| match text {
                    Some(text) => (CellKind::Text, text.as_str()),
                    None => (CellKind::Null, ""),
                });
                self.output.leave_out(Fault { file: &file.name, line, column, reason, detail }, cells)?;
            }
        }
        Ok(BooleanArray::from(kept))
    }

    fn find_fault(
        &self,
        row: usize,
        keys: &[(usize, &ArrayRef, ArrayFormatter<'_>)],
        faults: Option<&Vec<(usize, String)>>,
    ) -> Option<(Reason, usize, String)> {
        let name =
            |column: usize| self.plans.get(column).map(|plan| plan.source.as_str()).unwrap_or_default();
        if let Some(faults) = faults
            && let Some((first, _)) = faults.first()
        {
            let details: Vec<String> =
                faults.iter().map(|(column, why)| format!("{}: {why}", name(*column))).collect();
            return Some((Reason::TypeMismatch, *first, details.join("; ")));
        }
        let (missing, ..) = keys.iter().find(|(_, array, _)| array.is_null(row))?;
        Some((Reason::MissingKey, *missing, format!("{}: the primary key has no value", name(*missing))))
    }

    fn find_duplicate(
        &mut self,
        number: usize,
        line: u64,
        row: usize,
        keys: &[(usize, &ArrayRef, ArrayFormatter<'_>)],
        hash: Option<Hash>,
    ) -> Result<Option<(Reason, usize, String)>, SourceError> {
        let Some((first, ..)) = keys.first().filter(|_| !self.job.options.repeated_keys) else {
            return Ok(None);
        };
        let place = Place { file: u16::try_from(number).unwrap_or(u16::MAX), line };
        let earlier = hash.map(|hash| self.seen.add(hash, place)).transpose()?.flatten();
        let Some(earlier) = earlier else {
            return Ok(None);
        };
        let shown = keys.iter().filter_map(|(column, _, formatter)| {
            let text = formatter.value(row).to_string();
            Some(format!("{} {:?}", self.plans.get(*column)?.source, excerpt(&text, 200)))
        });
        let shown: Vec<String> = shown.collect();
        let earlier = match self.job.files.get(usize::from(earlier.file)) {
            Some(file) => format!("{} row {}", file.name, earlier.line),
            None => "the rows read before".to_owned(),
        };
        let detail = format!("{} is already in {earlier}", shown.join(", "));
        Ok(Some((Reason::DuplicateKey, *first, detail)))
    }
}

/// Rows in the columns of a table: what the file does not have is constant or has no value.
fn laid_onto(batch: &RecordBatch, file: &InputFile, onto: &SchemaRef) -> Result<RecordBatch, String> {
    let rows = batch.num_rows();
    let column = |field: &FieldRef| -> Result<ArrayRef, String> {
        let constant = file.constants.iter().find(|constant| constant.name == *field.name());
        let found: ArrayRef = match (constant, batch.column_by_name(field.name())) {
            (Some(constant), _) => {
                let value = constant.value.as_deref();
                Arc::new(StringArray::from_iter(std::iter::repeat_n(value, rows)))
            }
            (None, Some(found)) if found.data_type().is_nested() => {
                Arc::new(StringArray::from_iter(texts(found)?))
            }
            (None, Some(found)) => found.clone(),
            (None, None) => return Ok(new_null_array(field.data_type(), rows)),
        };
        cast(&found, field.data_type()).map_err(|error| error.to_string())
    };
    let columns = onto.fields().iter().map(column).collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(onto.clone(), columns).map_err(|error| error.to_string())
}

fn row_texts(batch: &RecordBatch, row: usize) -> Vec<Option<String>> {
    let options = FormatOptions::default();
    let text = |array: &ArrayRef| {
        let formatter = ArrayFormatter::try_new(array.as_ref(), &options).ok()?;
        (!array.is_null(row)).then(|| formatter.value(row).to_string())
    };
    batch.columns().iter().map(text).collect()
}

/// A column as its plan wants it, and the rows whose values do not fit.
fn convert_column(array: &ArrayRef, plan: &Plan) -> Result<(ArrayRef, Vec<(usize, String)>), String> {
    let target = arrow_type(plan.attribute_type);
    let source = array.data_type();
    let text = matches!(source, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    if natural(source) != plan.attribute_type || (plan.attribute_type == AttributeType::String && !text) {
        return by_text(array, plan, &target);
    }
    let options = CastOptions { safe: true, ..CastOptions::default() };
    // A zone is only a way to show a moment; going by UTC keeps the moment.
    let array = match source {
        DataType::Timestamp(unit, Some(_)) if *unit != TimeUnit::Microsecond => {
            let utc = DataType::Timestamp(*unit, Some("UTC".into()));
            cast_with_options(array, &utc, &options).map_err(|error| error.to_string())?
        }
        _ => array.clone(),
    };
    let converted = cast_with_options(&array, &target, &options).map_err(|error| error.to_string())?;
    let mut bad = Vec::new();
    if converted.null_count() > array.null_count() {
        let lost = (0..array.len()).filter(|row| converted.is_null(*row) && !array.is_null(*row));
        bad.extend(lost.map(|row| (row, format!("is not of type {}", plan.attribute_type))));
    }
    Ok((converted, bad))
}

/// Every value as text; lists, structs and maps as JSON.
fn texts(array: &ArrayRef) -> Result<Vec<Option<String>>, String> {
    let mut texts = Vec::with_capacity(array.len());
    if array.data_type().is_nested() {
        let field = Arc::new(Field::new("c", array.data_type().clone(), true));
        let options = EncoderOptions::default().with_explicit_nulls(true);
        let mut encoder =
            make_encoder(&field, array.as_ref(), &options).map_err(|error| error.to_string())?;
        for row in 0..array.len() {
            let mut text = Vec::new();
            if !array.is_null(row) {
                encoder.encode(row, &mut text);
            }
            texts.push((!text.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned()));
        }
        return Ok(texts);
    }
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options).map_err(|error| error.to_string())?;
    texts.extend((0..array.len()).map(|row| (!array.is_null(row)).then(|| formatter.value(row).to_string())));
    Ok(texts)
}

fn by_text(
    array: &ArrayRef,
    plan: &Plan,
    target: &DataType,
) -> Result<(ArrayRef, Vec<(usize, String)>), String> {
    let texts = texts(array)?;
    let schema = Arc::new(Schema::new(vec![Field::new("c", target.clone(), true)]));
    let mut batch = Batch::new(schema);
    let mut cells = Cells::default();
    let mut bad = Vec::new();
    for (row, text) in texts.into_iter().enumerate() {
        cells.clear();
        cells.push(text.as_deref().unwrap_or_default());
        cells.end(CellKind::Text);
        let cell = cells.get(0);
        let value = convert(cell, plan).unwrap_or_else(|why| {
            bad.push((row, format!("{:?} {why}", excerpt(cell.text, 200))));
            crate::types::convert::Value::Null
        });
        batch.push(&[value], &cells, &[0]);
    }
    let column = batch.take().map_err(|error| error.to_string())?.columns().first().cloned();
    column.map(|column| (column, bad)).ok_or_else(|| "a column was lost".to_owned())
}
