//! A table for people: aligned by what a terminal shows, with control characters made visible, and honest about
//! what it leaves out.

use std::fmt::Write as _;
use std::io::Write;

use datafusion::arrow::array::Array;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Sink, Written};
use crate::limits::{TABLE_CELL_CHARS, TABLE_ROWS};
use crate::query::explain;
use crate::{LakeError, Result};

/// What a table leaves out.
#[derive(Debug, Clone, Copy)]
pub struct TableOptions {
    /// Most rows; the rest is not even computed.
    pub max_rows: usize,
    /// Most characters of a cell, as wide as a terminal shows them; the rest becomes `…`.
    pub max_cell_chars: usize,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self { max_rows: TABLE_ROWS, max_cell_chars: TABLE_CELL_CHARS }
    }
}

pub(super) struct TableSink<'a> {
    to: &'a mut (dyn Write + Send),
    options: TableOptions,
    right: Vec<bool>,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    more: bool,
    cut: bool,
}

impl<'a> TableSink<'a> {
    pub(super) fn new(schema: &Schema, options: &TableOptions, to: &'a mut (dyn Write + Send)) -> Self {
        let right = schema.fields().iter().map(|field| field.data_type().is_numeric()).collect();
        let header = schema.fields().iter().map(|field| plain(field.name())).collect();
        Self { to, options: *options, right, header, rows: Vec::new(), more: false, cut: false }
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.header.iter().map(|name| name.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        widths
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (index, ((cell, width), right)) in cells.iter().zip(widths).zip(&self.right).enumerate() {
            if index > 0 {
                line.push_str(" | ");
            }
            let space = " ".repeat(width.saturating_sub(cell.width()));
            let (before, after) = if *right { (space.as_str(), "") } else { ("", space.as_str()) };
            let _ = write!(line, "{before}{cell}{after}");
        }
        format!("{}\n", line.trim_end())
    }

    fn footer(&self) -> String {
        let count = self.rows.len();
        let rows = if count == 1 { "1 row" } else { &format!("{count} rows") };
        let mut footer = match self.more {
            true => format!("({rows} shown, there are more: add LIMIT, or choose another format)"),
            false => format!("({rows})"),
        };
        if self.cut {
            let _ = write!(footer, "\n(… marks texts cut to {} characters)", self.options.max_cell_chars);
        }
        footer.push('\n');
        footer
    }
}

impl Sink for TableSink<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<bool> {
        let options = FormatOptions::default().with_display_error(false);
        let formatters =
            batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let formatters = formatters.collect::<Result<Vec<_>, _>>().map_err(|error| explain(error.into()))?;
        for row in 0..batch.num_rows() {
            if self.rows.len() >= self.options.max_rows {
                self.more = true;
                return Ok(false);
            }
            let mut cells = Vec::with_capacity(formatters.len());
            for (formatter, column) in formatters.iter().zip(batch.columns()) {
                let text = match column.is_valid(row) {
                    true => formatter.value(row).try_to_string().map_err(|error| explain(error.into()))?,
                    false => "NULL".to_owned(),
                };
                let (cell, cut) = shorten(&plain(&text), self.options.max_cell_chars);
                self.cut |= cut;
                cells.push(cell);
            }
            self.rows.push(cells);
        }
        Ok(true)
    }

    fn end(self: Box<Self>) -> Result<Written> {
        let widths = self.widths();
        let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        let mut text = self.line(&self.header, &widths);
        let _ = writeln!(text, "{}", rule.join("-+-"));
        for row in &self.rows {
            text.push_str(&self.line(row, &widths));
        }
        text.push_str(&self.footer());
        self.to.write_all(text.as_bytes()).and_then(|()| self.to.flush()).map_err(LakeError::Output)?;
        Ok(Written { rows: u64::try_from(self.rows.len()).unwrap_or(u64::MAX), more: self.more })
    }
}

/// Data must not move the cursor, or colour the terminal: control characters, and those that turn the direction
/// of writing, are shown as escapes.
fn plain(text: &str) -> String {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns(c) {
            plain.extend(c.escape_default());
        } else {
            plain.push(c);
        }
    }
    plain
}

fn shorten(text: &str, most: usize) -> (String, bool) {
    if text.width() <= most {
        return (text.to_owned(), false);
    }
    let (mut short, mut width) = (String::new(), 1); // 1 for the mark
    for c in text.chars() {
        width += c.width().unwrap_or(0);
        if width > most {
            break;
        }
        short.push(c);
    }
    short.push('…');
    (short, true)
}
