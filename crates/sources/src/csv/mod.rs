//! The two passes over CSV files, each on several threads: what the values look like, and typed columns.

mod columns;
mod infer;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;

use crate::convert::Convert;
use crate::error::SourceError;
use crate::files::pieces::{Broken, Pass, Pieces, Seen, pass};
use crate::files::records::Records;
use crate::files::rows::Reason;
use crate::files::text::{Columns, TextFile};
use crate::keys::{Keys, Place};
use crate::limits::excerpt;
use crate::output::{Output, batch_error};
use crate::quarantine::Fault;
use crate::read::{Job, Stage};
use crate::report::Tally;
use crate::types::plan::Plan;
use columns::{Fitting, RowFault, Typing};
pub(crate) use infer::infer;

/// Runs a pass over the pieces of a file.
fn run<P: Pass>(
    job: &Job<'_>,
    file: &TextFile,
    pieces: Pieces,
    over: &P,
    take: impl FnMut(Seen<'_, P::Found>) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let limits = job.limits();
    // A file of one piece is done before a thread has begun.
    let one = file.input.bytes <= limits.piece_bytes as u64;
    let threads = if one { 1 } else { limits.threads };
    pass(pieces, threads, over, take).map_err(|broken| match broken {
        Broken::Read(error) => file.input.error(error, file.compression),
        Broken::Taken(error) => error,
    })
}

/// Makes typed columns of the rows of CSV files; what does not fit goes to quarantine.
pub(crate) struct Converter<'a> {
    plans: &'a [Plan],
    keys: &'a [usize],
    schema: SchemaRef,
    seen: Keys,
    output: Output<'a>,
    job: &'a Job<'a>,
}

impl<'a> Converter<'a> {
    /// A converter of files whose columns are as planned; `keys` are the places of the primary key.
    pub(crate) fn new(
        plans: &'a [Plan],
        keys: &'a [usize],
        schema: SchemaRef,
        output: Output<'a>,
        job: &'a Job<'a>,
    ) -> Self {
        Self { plans, keys, schema, seen: job.keys(), output, job }
    }

    fn take(
        &mut self,
        from: &From<'_>,
        seen: Seen<'_, Result<Fitting, SourceError>>,
    ) -> Result<(), SourceError> {
        let Seen { records, found, line, .. } = seen;
        let Fitting { batch, rows, mut faults, keys } = found?;
        let mut fits = vec![true; batch.num_rows()];
        let mut repeated = false;
        for ((fits, row), key) in fits.iter_mut().zip(&rows).zip(keys) {
            let place = Place { file: from.number, line: line + records.line(*row) };
            let Some(earlier) = key.map(|key| self.seen.add(key, place)).transpose()?.flatten() else {
                continue;
            };
            (*fits, repeated) = (false, true);
            faults.push(self.duplicate(records, *row, from.places, earlier));
        }
        self.leave_out(from, records, line, faults)?;
        self.output.tally.read += (records.len() + records.bad.len()) as u64;
        if !repeated {
            return self.keep(records, &rows, batch);
        }
        let rows: Vec<usize> =
            rows.into_iter().zip(&fits).filter(|(_, fits)| **fits).map(|(row, _)| row).collect();
        let batch = filter_record_batch(&batch, &BooleanArray::from(fits)).map_err(batch_error)?;
        self.keep(records, &rows, batch)
    }

    fn duplicate(&self, records: &Records, row: usize, places: &[usize], earlier: Place) -> RowFault {
        let keys = self.keys.iter().filter_map(|column| {
            let text = records.cell(row, *places.get(*column)?).text;
            Some(format!("{} {:?}", self.plans.get(*column)?.source, excerpt(text, 200)))
        });
        let keys = keys.collect::<Vec<_>>().join(", ");
        let detail = format!("{keys} is already in {}", self.job.place(earlier));
        let column = self.keys.first().copied().unwrap_or_default();
        RowFault { row, reason: Reason::DuplicateKey, column, detail }
    }

    /// Quarantines what does not fit, in the order of the lines.
    fn leave_out(
        &mut self,
        from: &From<'_>,
        records: &Records,
        first: u64,
        mut faults: Vec<RowFault>,
    ) -> Result<(), SourceError> {
        faults.sort_by_key(|fault| fault.row);
        let mut bad = records.bad.iter().peekable();
        for RowFault { row, reason, column, detail } in faults {
            let line = records.line(row);
            while let Some(earlier) = bad.next_if(|bad| bad.line < line) {
                self.output.leave_out_record(from.name, earlier.at(first))?;
            }
            let column = self.plans.get(column).map(|plan| plan.source.clone());
            let cells = from.places.iter().map(|place| records.cell(row, *place));
            let fault = Fault { file: from.name, line: first + line, column, reason, detail };
            self.output.leave_out(fault, cells.map(|cell| (cell.kind, cell.text)))?;
        }
        bad.try_for_each(|bad| self.output.leave_out_record(from.name, bad.at(first)))
    }

    /// Hands over rows, not too many at once.
    fn keep(&mut self, records: &Records, rows: &[usize], batch: RecordBatch) -> Result<(), SourceError> {
        let limits = self.job.limits();
        let small = batch.num_rows() <= limits.batch_rows && records.bytes().len() <= limits.batch_bytes;
        if small {
            self.job.tell(Stage::Reading, self.output.tally.read)?;
            return self.output.keep(batch);
        }
        let (mut start, mut bytes) = (0, 0);
        for (place, row) in rows.iter().enumerate() {
            bytes += records.row_bytes(*row);
            let count = place + 1 - start;
            if count >= limits.batch_rows || bytes >= limits.batch_bytes || place + 1 == rows.len() {
                self.job.tell(Stage::Reading, self.output.tally.read)?;
                self.output.keep(batch.slice(start, count))?;
                (start, bytes) = (place + 1, 0);
            }
        }
        Ok(())
    }
}

/// The file that rows are from.
struct From<'a> {
    number: u16,
    name: &'a str,
    /// The cell of each column.
    places: &'a [usize],
}

impl Convert for Converter<'_> {
    fn file(&mut self, number: usize, file: &TextFile, columns: &mut Columns) -> Result<u64, SourceError> {
        let job = self.job;
        let rows = file.open_silently(columns, &job.meter, job.limits())?;
        let pieces = file.pieces(&rows, &job.meter, job.limits())?;
        let places = rows.places(columns.len());
        let before = self.output.tally.read;
        let keys = if job.options.repeated_keys { &[] } else { self.keys };
        let required = self.keys;
        let typing =
            Typing { plans: self.plans, places: &places, required, keys, schema: self.schema.clone() };
        let number = u16::try_from(number).unwrap_or(u16::MAX);
        let from = From { number, name: &file.input.name, places: &places };
        run(job, file, pieces, &typing, |seen| self.take(&from, seen))?;
        Ok(self.output.tally.read - before)
    }

    fn finish(&mut self) -> Result<Tally, SourceError> {
        self.job.tell(Stage::Reading, self.output.tally.read)?;
        self.output.finish()
    }
}
