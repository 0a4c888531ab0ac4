//! Comma-separated values (RFC 4180, lines end with a line feed). Null is an empty field, an empty text is `""`.

use std::io::Write;

use datafusion::arrow::array::Array;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use super::{Sink, Written, add_rows};
use crate::query::explain;
use crate::{LakeError, Result};

/// How comma-separated values are written.
#[derive(Debug, Clone, Copy, Default)]
pub struct CsvOptions {
    /// Puts `'` before texts that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab, carriage return).
    pub formula_safe: bool,
}

pub(super) struct CsvSink<'a> {
    to: &'a mut (dyn Write + Send),
    options: CsvOptions,
    rows: u64,
}

impl<'a> CsvSink<'a> {
    pub(super) fn begin(
        schema: &Schema,
        options: &CsvOptions,
        to: &'a mut (dyn Write + Send),
    ) -> Result<Self> {
        let mut sink = Self { to, options: *options, rows: 0 };
        let mut line = String::new();
        for (index, field) in schema.fields().iter().enumerate() {
            sink.field(&mut line, index, Some(field.name()), true);
        }
        sink.line(line)?;
        Ok(sink)
    }

    fn field(&self, line: &mut String, index: usize, value: Option<&str>, text: bool) {
        if index > 0 {
            line.push(',');
        }
        let Some(value) = value else { return };
        let guard = text && self.options.formula_safe && value.starts_with(['=', '+', '-', '@', '\t', '\r']);
        if !guard && !value.is_empty() && !value.contains([',', '"', '\n', '\r']) {
            line.push_str(value);
            return;
        }
        line.push('"');
        if guard {
            line.push('\'');
        }
        line.push_str(&value.replace('"', "\"\""));
        line.push('"');
    }

    fn line(&mut self, mut line: String) -> Result<()> {
        line.push('\n');
        self.to.write_all(line.as_bytes()).map_err(LakeError::Output)
    }
}

impl Sink for CsvSink<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<bool> {
        let options = FormatOptions::default().with_display_error(false);
        let formatters =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let formatters = formatters.collect::<Result<Vec<_>, _>>().map_err(|error| explain(error.into()))?;
        for row in 0..batch.num_rows() {
            let mut line = String::new();
            for (index, (formatter, column)) in formatters.iter().zip(batch.columns()).enumerate() {
                let value = match column.is_valid(row) {
                    true => {
                        Some(formatter.value(row).try_to_string().map_err(|error| explain(error.into()))?)
                    }
                    false => None,
                };
                self.field(&mut line, index, value.as_deref(), !column.data_type().is_numeric());
            }
            self.line(line)?;
        }
        add_rows(&mut self.rows, batch);
        Ok(true)
    }

    fn end(self: Box<Self>) -> Result<Written> {
        self.to.flush().map_err(LakeError::Output)?;
        Ok(Written { rows: self.rows, more: false })
    }
}
