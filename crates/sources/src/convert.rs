//! The second pass over rows that are text: typed batches, and what does not fit to quarantine.

use super::error::SourceError;
use super::files::cells::Cells;
use super::files::rows::{Reason, Step};
use super::files::text::{Columns, TextFile};
use super::keys::{Keys, Place};
use super::limits::excerpt;
use super::output::{Output, batch_error};
use super::quarantine::Fault;
use super::read::{Job, Stage};
use super::report::Tally;
use super::types::build::Batch;
use super::types::convert::{Value, convert};
use super::types::plan::Plan;

/// The second pass over files.
pub(crate) trait Convert {
    /// Reads a file; returns how many rows and records it has.
    fn file(&mut self, number: usize, file: &TextFile, columns: &mut Columns) -> Result<u64, SourceError>;

    /// Hands over what is left.
    fn finish(&mut self) -> Result<Tally, SourceError>;
}

/// Converts row by row.
pub(crate) struct Converter<'a> {
    plans: &'a [Plan],
    keys: &'a [usize],
    seen: Keys,
    batch: Batch,
    values: Vec<Value>,
    faults: Vec<(usize, String)>,
    output: Output<'a>,
    job: &'a Job<'a>,
}

impl<'a> Converter<'a> {
    /// A converter of files whose columns are as planned; `keys` are the places of the primary key.
    pub(crate) fn new(
        plans: &'a [Plan],
        keys: &'a [usize],
        batch: Batch,
        output: Output<'a>,
        job: &'a Job<'a>,
    ) -> Self {
        let (values, faults) = (Vec::with_capacity(plans.len()), Vec::new());
        Self { plans, keys, seen: job.keys(), batch, values, faults, output, job }
    }

    pub(crate) fn row(
        &mut self,
        number: usize,
        file: &str,
        line: u64,
        cells: &Cells,
        places: &[usize],
    ) -> Result<(), SourceError> {
        self.values.clear();
        self.faults.clear();
        for (column, (plan, place)) in self.plans.iter().zip(places).enumerate() {
            match convert(cells.get(*place), plan) {
                Ok(value) => self.values.push(value),
                Err(why) => {
                    self.values.push(Value::Null);
                    self.faults.push((column, why));
                }
            }
        }
        let fault = match self.find_fault(cells, places) {
            Some(fault) => Some(fault),
            None => self.find_duplicate(number, line, cells, places)?,
        };
        let Some((reason, column, detail)) = fault else {
            self.batch.push(&self.values, cells, places);
            let limits = self.job.limits();
            if self.batch.rows() >= limits.batch_rows || self.batch.bytes() >= limits.batch_bytes {
                self.hand_over()?;
            }
            return Ok(());
        };
        let column = self.plans.get(column).map(|plan| plan.source.clone());
        let texts = places.iter().map(|place| cells.get(*place)).map(|cell| (cell.kind, cell.text));
        self.output.leave_out(Fault { file, line, column, reason, detail }, texts)
    }

    /// All values that do not fit, and missing parts of the key.
    fn find_fault(&self, cells: &Cells, places: &[usize]) -> Option<(Reason, usize, String)> {
        let mut details = Vec::new();
        for (column, why) in &self.faults {
            if let (Some(plan), Some(place)) = (self.plans.get(*column), places.get(*column)) {
                let text = excerpt(cells.get(*place).text, 200);
                details.push(format!("{}: {text:?} {why}", plan.source));
            }
        }
        let failed = |column: &usize| self.faults.iter().any(|(other, _)| other == column);
        let is_null = |column: &usize| matches!(self.values.get(*column), Some(Value::Null) | None);
        let missing = self.keys.iter().copied().find(|column| is_null(column) && !failed(column));
        if let Some(plan) = missing.and_then(|column| self.plans.get(column)) {
            details.push(format!("{}: the primary key has no value", plan.source));
        }
        match (self.faults.first(), missing) {
            (Some((column, _)), _) => Some((Reason::TypeMismatch, *column, details.join("; "))),
            (None, Some(column)) => Some((Reason::MissingKey, column, details.join("; "))),
            (None, None) => None,
        }
    }

    fn find_duplicate(
        &mut self,
        number: usize,
        line: u64,
        cells: &Cells,
        places: &[usize],
    ) -> Result<Option<(Reason, usize, String)>, SourceError> {
        let Some(first) = self.keys.first().filter(|_| !self.job.options.repeated_keys) else {
            return Ok(None);
        };
        for column in self.keys {
            let text = places.get(*column).map(|place| cells.get(*place).text).unwrap_or_default();
            match self.values.get(*column) {
                Some(Value::Int(value)) | Some(Value::Micros(value)) => self.seen.part(&value.to_le_bytes()),
                Some(Value::Date(value)) => self.seen.part(&value.to_le_bytes()),
                Some(Value::Decimal(value)) => self.seen.part(&value.to_le_bytes()),
                Some(Value::Float(value)) => self.seen.part(&value.to_le_bytes()),
                Some(Value::Bool(value)) => self.seen.part(&[u8::from(*value)]),
                Some(Value::Text) | Some(Value::Null) | None => self.seen.part(text.as_bytes()),
            }
        }
        let file = u16::try_from(number).unwrap_or(u16::MAX);
        let Some(earlier) = self.seen.end(Place { file, line })? else {
            return Ok(None);
        };
        let keys = self.keys.iter().filter_map(|column| {
            let text = cells.get(*places.get(*column)?).text;
            Some(format!("{} {:?}", self.plans.get(*column)?.source, excerpt(text, 200)))
        });
        let keys = keys.collect::<Vec<_>>().join(", ");
        let detail = format!("{keys} is already in {}", self.job.place(earlier));
        Ok(Some((Reason::DuplicateKey, *first, detail)))
    }

    /// Converts a row of an input that is no file; rows are numbered from 1.
    pub(crate) fn next_row(
        &mut self,
        name: &str,
        cells: &Cells,
        places: &[usize],
    ) -> Result<(), SourceError> {
        let line = self.output.tally.read + 1;
        self.row(usize::MAX, name, line, cells, places)?;
        self.output.tally.read += 1;
        self.job.tick(Stage::Reading, self.output.tally.read)
    }

    fn hand_over(&mut self) -> Result<(), SourceError> {
        let batch = self.batch.take().map_err(batch_error)?;
        self.output.keep(batch)
    }
}

impl Convert for Converter<'_> {
    fn file(&mut self, number: usize, file: &TextFile, columns: &mut Columns) -> Result<u64, SourceError> {
        let mut rows = file.open(columns, &self.job.meter, self.job.limits())?;
        let places = rows.places(columns.len());
        let mut cells = Cells::default();
        let before = self.output.tally.read;
        loop {
            let step = rows.next(&mut cells, columns)?;
            match step {
                Step::End => return Ok(self.output.tally.read - before),
                Step::Bad(bad) => self.output.leave_out_record(&file.input.name, bad)?,
                Step::Row { line } => self.row(number, &file.input.name, line, &cells, &places)?,
            }
            self.output.tally.read += 1;
            self.job.tick(Stage::Reading, self.output.tally.read)?;
        }
    }

    fn finish(&mut self) -> Result<Tally, SourceError> {
        self.hand_over()?;
        self.job.tell(Stage::Reading, self.output.tally.read)?;
        self.output.finish()
    }
}
