//! Rows in the text format of `COPY`: a line a row, tabs between columns, `\N` for null.

use arrow::array::Array;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::format::{failed, in_utc};
use crate::{ExportError, Result};

/// Lines that wait to be sent.
#[derive(Default)]
pub(super) struct CopyText {
    lines: String,
}

impl CopyText {
    /// Adds the rows of a batch.
    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch = &in_utc(batch)?;
        let options = FormatOptions::default().with_display_error(false);
        let formatters =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let formatters = formatters.collect::<std::result::Result<Vec<_>, _>>();
        let formatters = formatters.map_err(|error| failed("PostgreSQL", &error))?;
        let schema = batch.schema();
        for row in 0..batch.num_rows() {
            for (index, (formatter, column)) in formatters.iter().zip(batch.columns()).enumerate() {
                if index > 0 {
                    self.lines.push('\t');
                }
                if column.is_null(row) {
                    self.lines.push_str("\\N");
                    continue;
                }
                let value =
                    formatter.value(row).try_to_string().map_err(|error| failed("PostgreSQL", &error))?;
                if value.contains('\0') {
                    let name = schema.field(index).name();
                    let detail =
                        format!("a text of {name} holds the character NUL, which PostgreSQL cannot keep");
                    return Err(ExportError::Format { format: "PostgreSQL", detail });
                }
                if is_binary(column.data_type()) {
                    self.lines.push_str("\\\\x");
                }
                self.escape(&value);
            }
            self.lines.push('\n');
        }
        Ok(())
    }

    /// The bytes that wait.
    pub(super) fn bytes(&self) -> &[u8] {
        self.lines.as_bytes()
    }

    /// Takes the bytes that wait.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.lines).into_bytes()
    }

    fn escape(&mut self, value: &str) {
        for c in value.chars() {
            match c {
                '\\' => self.lines.push_str("\\\\"),
                '\n' => self.lines.push_str("\\n"),
                '\r' => self.lines.push_str("\\r"),
                '\t' => self.lines.push_str("\\t"),
                c => self.lines.push(c),
            }
        }
    }
}

/// Bytes are shown as hexadecimal digits, which the database wants announced.
fn is_binary(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_binary(values),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            true
        }
        _ => false,
    }
}
