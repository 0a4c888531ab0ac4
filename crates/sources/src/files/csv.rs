//! CSV: records from physical lines, with recovery.
//!
//! A quoted field may hold delimiters, doubled quotes and line breaks. When its closing quote does not come
//! (end of file, too many lines or bytes, or text right after a quote that should have closed it), only the
//! physical line where the record started is given up; reading resumes at the next physical line. So one
//! missing quote costs one line, not the rest of the file.

use std::io;

use super::cells::{CellKind, Cells};
use super::lines::{Ending, Line, Lines};
use super::rows::{BadRecord, Reason, Step};
use crate::limits::{Limits, excerpt};

/// How far a line was taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// All fields are complete.
    Done,
    /// The line ends inside quotes.
    Open,
    /// A closing quote is followed by something else than a delimiter or the end.
    Misquoted,
}

/// Adds the fields of a line to `cells`. `inside`: the line begins inside quotes.
pub(super) fn split(line: &str, delimiter: char, mut inside: bool, cells: &mut Cells) -> Split {
    let mut rest = line;
    loop {
        if !inside {
            if let Some(quoted) = rest.strip_prefix('"') {
                rest = quoted;
            } else if let Some((field, after)) = rest.split_once(delimiter) {
                cells.push(field);
                cells.end(CellKind::Text);
                rest = after;
                continue;
            } else {
                cells.push(rest);
                cells.end(CellKind::Text);
                return Split::Done;
            }
        }
        let Some((text, after)) = rest.split_once('"') else {
            cells.push(rest);
            return Split::Open;
        };
        cells.push(text);
        if let Some(doubled) = after.strip_prefix('"') {
            cells.push("\"");
            rest = doubled;
            inside = true;
        } else if after.is_empty() {
            cells.end(CellKind::Text);
            return Split::Done;
        } else if let Some(next) = after.strip_prefix(delimiter) {
            cells.end(CellKind::Text);
            rest = next;
            inside = false;
        } else {
            return Split::Misquoted;
        }
    }
}

/// Records of a CSV file.
pub(crate) struct CsvReader {
    lines: Lines,
    delimiter: char,
    limits: Limits,
    /// How many fields a record has; unknown until the header was read.
    width: Option<usize>,
    /// The lines of the record being read.
    held: Vec<Line>,
}

enum Attempt {
    Record,
    Bad(Reason, String),
}

impl CsvReader {
    /// A reader at the beginning of a file.
    pub(crate) fn new(reader: Box<dyn io::Read>, layout: Layout, limits: &Limits) -> Self {
        Self {
            lines: Lines::new(reader, layout.separator, limits.record_bytes),
            delimiter: layout.delimiter,
            limits: limits.clone(),
            width: None,
            held: Vec::new(),
        }
    }

    /// The fields of the first record that is not blank.
    pub(crate) fn header(&mut self, cells: &mut Cells) -> io::Result<Result<bool, String>> {
        match self.next(cells)? {
            Step::End => Ok(Ok(false)),
            Step::Row { .. } => {
                self.width = Some(cells.len());
                Ok(Ok(true))
            }
            Step::Bad(bad) => Ok(Err(format!("line {}: {}", bad.line, bad.detail))),
        }
    }

    /// How many fields the header has.
    pub(crate) fn width(&self) -> usize {
        self.width.unwrap_or_default()
    }

    /// The next record; blank lines are passed over.
    pub(crate) fn next(&mut self, cells: &mut Cells) -> io::Result<Step> {
        loop {
            cells.clear();
            let Some(first) = self.lines.next()? else {
                return Ok(Step::End);
            };
            if self.is_blank(&first) {
                self.lines.recycle(first);
                continue;
            }
            let number = first.number;
            let attempt = self.attempt(first, cells)?;
            let mut held = std::mem::take(&mut self.held).into_iter();
            let step = match attempt {
                Attempt::Record => {
                    held.by_ref().for_each(|line| self.lines.recycle(line));
                    Step::Row { line: number }
                }
                Attempt::Bad(reason, detail) => {
                    let first = held.next().unwrap_or_default();
                    let raw = excerpt(&String::from_utf8_lossy(&first.bytes), self.limits.excerpt_bytes);
                    self.lines.recycle(first);
                    self.lines.give_back(held);
                    Step::Bad(BadRecord { line: number, reason, detail, raw })
                }
            };
            return Ok(step);
        }
    }

    /// A line of white space is no record, unless it could be the value of the only column.
    fn is_blank(&self, line: &Line) -> bool {
        let delimiter = self.delimiter.is_ascii_whitespace();
        let spaces = !delimiter && self.width != Some(1) && line.bytes.iter().all(u8::is_ascii_whitespace);
        !line.too_long && (line.bytes.is_empty() || spaces)
    }

    /// Takes lines until the record is complete or cannot be; `held` keeps them.
    fn attempt(&mut self, first: Line, cells: &mut Cells) -> io::Result<Attempt> {
        let mut line = first;
        let mut bytes = 0;
        let mut inside = false;
        loop {
            if line.too_long {
                self.held.push(line);
                let limit = self.limits.record_bytes;
                return Ok(bad(Reason::LineTooLong, format!("the line is longer than {limit} bytes")));
            }
            bytes += line.bytes.len() + 2;
            let split =
                std::str::from_utf8(&line.bytes).map(|text| split(text, self.delimiter, inside, cells));
            let ending = line.ending;
            self.held.push(line);
            let Ok(split) = split else {
                return Ok(bad(
                    Reason::InvalidBytes,
                    "bytes that are not text in the file's encoding".into(),
                ));
            };
            match split {
                Split::Done => return Ok(self.check_width(cells, ending)),
                Split::Misquoted => return Ok(bad(Reason::BadQuote, MISQUOTED.into())),
                Split::Open => {}
            }
            if self.held.len() > self.limits.quoted_lines || bytes > self.limits.record_bytes {
                return Ok(bad(Reason::BadQuote, unclosed(&self.limits)));
            }
            cells.push(ending.text());
            inside = true;
            line = match self.lines.next()? {
                Some(line) => line,
                None => return Ok(bad(Reason::BadQuote, "no closing quote before the end".into())),
            };
        }
    }

    fn check_width(&self, cells: &Cells, ending: Ending) -> Attempt {
        let expected = self.width.unwrap_or(cells.len());
        wrong_width(cells.len(), expected, ending)
            .map_or(Attempt::Record, |(reason, detail)| bad(reason, detail))
    }
}

/// Why a record with so many fields is no row.
pub(super) fn wrong_width(found: usize, expected: usize, ending: Ending) -> Option<(Reason, String)> {
    if found == expected {
        return None;
    }
    if ending == Ending::None && found < expected {
        let detail = format!("the file ends within this line: {found} of {expected} fields");
        return Some((Reason::TruncatedLine, detail));
    }
    Some((Reason::FieldCount, format!("{found} fields where the header has {expected}")))
}

/// What is said of a quote that is not closed for too long.
pub(super) fn unclosed(limits: &Limits) -> String {
    format!("no closing quote within {} lines and {} bytes", limits.quoted_lines, limits.record_bytes)
}

pub(super) const MISQUOTED: &str = "text after a closing quote: a quote is missing or not doubled";

fn bad(reason: Reason, detail: String) -> Attempt {
    Attempt::Bad(reason, detail)
}

/// How a CSV file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// What stands between fields.
    pub(crate) delimiter: char,
    /// What ends a line: see [`Lines`].
    pub(crate) separator: u8,
}

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

impl Layout {
    /// Finds the layout from the beginning of a file (decoded; may end anywhere), unless it is declared.
    pub(crate) fn sniff(sample: &[u8], whole: bool, declared: Option<char>) -> Self {
        let separator = match sample.contains(&b'\n') || !sample.contains(&b'\r') {
            true => b'\n',
            false => b'\r',
        };
        let text = String::from_utf8_lossy(sample);
        let mut lines: Vec<&str> = text.split(char::from(separator)).collect();
        if !whole && lines.len() > 1 {
            lines.pop();
        }
        let delimiter = declared.unwrap_or_else(|| best_delimiter(&lines));
        Self { delimiter, separator }
    }
}

/// The delimiter by which most lines have as many fields as the first, and more than one.
fn best_delimiter(lines: &[&str]) -> char {
    let mut best = (',', 0, 1);
    for delimiter in DELIMITERS {
        let mut cells = Cells::default();
        let mut widths = lines.iter().filter(|line| !line.trim().is_empty()).take(100).filter_map(|line| {
            cells.clear();
            (split(line.trim_end_matches('\r'), delimiter, false, &mut cells) == Split::Done)
                .then(|| cells.len())
        });
        let width = widths.next().unwrap_or(1);
        let agreeing = 1 + widths.filter(|other| *other == width).count();
        if width > 1 && (agreeing, width) > (best.1, best.2) {
            best = (delimiter, agreeing, width);
        }
    }
    best.0
}
