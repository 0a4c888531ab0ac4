//! Where the rows of an entity go: kept rows and quarantined rows, in batches, counted.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::error::{SinkError, SourceError};
use super::files::cells::CellKind;
use super::files::rows::BadRecord;
use super::limits::Limits;
use super::quarantine::{Fault, Quarantined};
use super::report::Tally;

/// Takes what is read from one entity. `schema` comes first and once; batches of both kinds follow in any order.
pub trait EntitySink {
    /// The columns of the rows, and of the quarantined rows.
    fn schema(&mut self, rows: &SchemaRef, quarantine: &SchemaRef) -> Result<(), SinkError>;
    /// Rows of the entity.
    fn rows(&mut self, batch: RecordBatch) -> Result<(), SinkError>;
    /// Rows of `<Source>_<Entity>_corrupt`.
    fn quarantine(&mut self, batch: RecordBatch) -> Result<(), SinkError>;
}

/// The sink with its counts.
pub(crate) struct Output<'a> {
    sink: &'a mut dyn EntitySink,
    quarantined: Quarantined,
    pub(crate) tally: Tally,
    limits: Limits,
}

/// A batch that can not be made out of its columns is a mistake of ours; it must not end the process.
pub(crate) fn batch_error(error: ArrowError) -> SourceError {
    SourceError::Sink(Box::new(error))
}

impl<'a> Output<'a> {
    /// Announces the schemas to the sink.
    pub(crate) fn start(
        sink: &'a mut dyn EntitySink,
        schema: &SchemaRef,
        quarantined: Quarantined,
        tally: Tally,
        limits: &Limits,
    ) -> Result<Self, SourceError> {
        sink.schema(schema, &quarantined.schema()).map_err(SourceError::Sink)?;
        Ok(Self { sink, quarantined, tally, limits: limits.clone() })
    }

    /// Hands over rows.
    pub(crate) fn keep(&mut self, batch: RecordBatch) -> Result<(), SourceError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.tally.kept += batch.num_rows() as u64;
        self.sink.rows(batch).map_err(SourceError::Sink)
    }

    /// Leaves out a record that could not be taken apart.
    pub(crate) fn leave_out_record(&mut self, file: &str, bad: BadRecord) -> Result<(), SourceError> {
        self.tally.leave_out(bad.reason);
        self.quarantined.record(file, bad);
        self.hand_over(false)
    }

    /// Leaves out a row; `cells` gives the text of each column of the input.
    pub(crate) fn leave_out<'b>(
        &mut self,
        fault: Fault<'_>,
        cells: impl Iterator<Item = (CellKind, &'b str)>,
    ) -> Result<(), SourceError> {
        self.tally.leave_out(fault.reason);
        self.quarantined.row(fault, cells);
        self.hand_over(false)
    }

    fn hand_over(&mut self, all: bool) -> Result<(), SourceError> {
        let (rows, bytes) = (self.quarantined.rows(), self.quarantined.bytes());
        let full = rows >= self.limits.batch_rows || bytes >= self.limits.batch_bytes;
        if rows > 0 && (all || full) {
            let batch = self.quarantined.take().map_err(batch_error)?;
            self.sink.quarantine(batch).map_err(SourceError::Sink)?;
        }
        Ok(())
    }

    /// Hands over what is left.
    pub(crate) fn finish(&mut self) -> Result<Tally, SourceError> {
        self.hand_over(true)?;
        Ok(std::mem::take(&mut self.tally))
    }
}
