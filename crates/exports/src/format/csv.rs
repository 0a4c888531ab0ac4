//! Comma-separated values (RFC 4180, lines end with a line feed). Null is an empty field, an empty text is `""`.

use std::io::Write;

use arrow::array::Array;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::{failed, in_utc};
use crate::definition::Files;
use crate::{ExportError, Result};

/// How comma-separated values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvOptions {
    /// Puts `'` before texts that a spreadsheet would take for a formula: those that begin with `=`, `+`, `-`,
    /// `@`, tab or carriage return. Numbers and dates stay what they are.
    pub formula_safe: bool,
    /// The character between columns.
    pub delimiter: char,
    /// Whether the first line names the columns.
    pub header: bool,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { formula_safe: false, delimiter: ',', header: true }
    }
}

impl CsvOptions {
    pub(super) fn of(files: &Files) -> Self {
        Self { formula_safe: files.formula_safe, delimiter: files.delimiter, header: files.header }
    }
}

pub(super) struct CsvWriter<W> {
    to: W,
    options: CsvOptions,
    /// Which columns are texts.
    texts: Vec<bool>,
    lines: String,
}

impl<W: Write> CsvWriter<W> {
    pub(super) fn begin(schema: &SchemaRef, options: CsvOptions, to: W) -> Result<Self> {
        let delimiter = options.delimiter;
        if matches!(delimiter, '"' | '\n' | '\r' | '\'') || delimiter.is_alphanumeric() {
            let detail = "a delimiter is one character such as `,`, `;`, `|` or a tab";
            return Err(ExportError::definition(format!("delimiter {delimiter:?}"), detail));
        }
        let texts = schema.fields().iter().map(|field| is_text(field.data_type())).collect();
        let mut writer = Self { to, options, texts, lines: String::new() };
        if options.header {
            for (index, field) in schema.fields().iter().enumerate() {
                writer.field(index, Some(field.name()), true);
            }
            writer.lines.push('\n');
            writer.flush()?;
        }
        Ok(writer)
    }

    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch = &in_utc(batch)?;
        let options = FormatOptions::default().with_display_error(false);
        let formatters =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let formatters = formatters.collect::<std::result::Result<Vec<_>, _>>();
        let formatters = formatters.map_err(|error| failed("CSV", &error))?;
        let texts = std::mem::take(&mut self.texts);
        for row in 0..batch.num_rows() {
            for (index, ((formatter, column), text)) in
                formatters.iter().zip(batch.columns()).zip(&texts).enumerate()
            {
                let value = match column.is_valid(row) {
                    true => {
                        Some(formatter.value(row).try_to_string().map_err(|error| failed("CSV", &error))?)
                    }
                    false => None,
                };
                self.field(index, value.as_deref(), *text);
            }
            self.lines.push('\n');
        }
        self.texts = texts;
        self.flush()
    }

    pub(super) fn output(&mut self) -> &mut W {
        &mut self.to
    }

    pub(super) fn finish(self) -> W {
        self.to
    }

    fn field(&mut self, index: usize, value: Option<&str>, text: bool) {
        let delimiter = self.options.delimiter;
        if index > 0 {
            self.lines.push(delimiter);
        }
        let Some(value) = value else { return };
        let guard = text && self.options.formula_safe && value.starts_with(['=', '+', '-', '@', '\t', '\r']);
        if !guard && !value.is_empty() && !value.contains(['"', '\n', '\r', delimiter]) {
            self.lines.push_str(value);
            return;
        }
        self.lines.push('"');
        if guard {
            self.lines.push('\'');
        }
        self.lines.push_str(&value.replace('"', "\"\""));
        self.lines.push('"');
    }

    fn flush(&mut self) -> Result<()> {
        let written = self.to.write_all(self.lines.as_bytes());
        self.lines.clear();
        written.map_err(|error| ExportError::Format { format: "CSV", detail: error.to_string() })
    }
}

/// Whether values of this type are whatever somebody typed. Nested values may hold texts.
fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        other => {
            matches!(other, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) || other.is_nested()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use arrow::datatypes::{Field, Schema};

    use super::*;

    fn written(options: CsvOptions) -> String {
        let schema = Arc::new(Schema::new(vec![
            Field::new("=Name", DataType::Utf8, true),
            Field::new("n", DataType::Int64, true),
        ]));
        let texts =
            [Some("=1+1"), Some(""), None, Some("a;b,c"), Some("say \"hi\"\n"), Some("+44 20"), Some("'q")];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(texts.to_vec())),
            Arc::new(Int64Array::from_iter((0..7).map(|n| (n != 2).then_some(-n)))),
        ];
        let mut writer = CsvWriter::begin(&schema, options, Vec::new()).unwrap();
        writer.batch(&RecordBatch::try_new(schema, columns).unwrap()).unwrap();
        String::from_utf8(writer.finish()).unwrap()
    }

    #[test]
    fn texts_are_quoted_and_null_is_not_the_empty_text() {
        let plain = written(CsvOptions::default());
        let expected =
            "=Name,n\n=1+1,0\n\"\",-1\n,\n\"a;b,c\",-3\n\"say \"\"hi\"\"\n\",-4\n+44 20,-5\n'q,-6\n";
        assert_eq!(plain, expected);
        let german = written(CsvOptions { delimiter: ';', header: false, ..CsvOptions::default() });
        assert!(german.starts_with("=1+1;0\n") && german.contains("\"a;b,c\";-3\n"), "{german}");
    }

    #[test]
    fn no_text_is_a_formula_and_numbers_stay_numbers() {
        let safe = written(CsvOptions { formula_safe: true, ..CsvOptions::default() });
        assert!(safe.starts_with("\"'=Name\",n\n\"'=1+1\",0\n\"\",-1\n"), "{safe}");
        assert!(safe.contains("\"'+44 20\",-5\n"), "{safe}");
    }

    #[test]
    fn a_delimiter_that_cannot_delimit_is_refused() {
        let schema = Arc::new(Schema::empty());
        for delimiter in ['"', '\n', 'a', '7'] {
            let options = CsvOptions { delimiter, ..CsvOptions::default() };
            let error = CsvWriter::begin(&schema, options, Vec::new()).err().unwrap();
            assert_eq!(error.code(), "exportSettingWrong");
        }
    }
}
