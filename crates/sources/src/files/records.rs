//! The records of a piece of a CSV file: where each field is, without copying it.
//!
//! The rules are those of [`super::csv`]. A piece starts where a record starts; when it ends within quotes, and the
//! file goes on, the record that is not complete is left to the next piece ([`Records::rest`]).

use std::ops::Range;

use memchr::memchr;

use super::cells::{Cell, CellKind};
use super::csv::{Layout, MISQUOTED, Split, unclosed, wrong_width};
use super::encoding::Survey;
use super::lines::Ending;
use super::rows::{BadRecord, Reason};
use crate::limits::{Limits, excerpt};

/// How the records of a file are read.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) layout: Layout,
    /// How many fields a record has.
    pub(crate) width: usize,
    pub(crate) limits: Limits,
}

/// What a piece is in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The header was not read yet: the first record is passed over.
    pub(crate) header: bool,
    /// Nothing follows.
    pub(crate) last: bool,
}

/// Text, as far as it is text.
#[derive(Debug)]
enum Content {
    Text(String),
    Broken(Vec<u8>),
}

impl Content {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Broken(bytes) => bytes,
        }
    }
}

/// Where a field is: in the piece, or behind it in what was taken out of doubled quotes.
#[derive(Clone, Copy, Debug)]
struct Slot {
    start: u32,
    end: u32,
}

/// The records of a piece. Lines are counted from 0, which is the first line of the piece.
#[derive(Debug)]
pub(crate) struct Records {
    content: Content,
    part: Part,
    /// Fields without their doubled quotes.
    unquoted: String,
    slots: Vec<Slot>,
    /// The line of each row.
    rows: Vec<u32>,
    width: usize,
    /// Records that are no rows.
    pub(crate) bad: Vec<BadRecord>,
    /// Physical lines before `rest`.
    pub(crate) lines: u64,
    /// Where the record starts that is not complete.
    rest: usize,
    /// The header is still to come.
    pub(crate) header: bool,
}

impl Records {
    /// Takes a piece apart.
    pub(crate) fn parse(bytes: Vec<u8>, part: Part, rules: &Rules) -> Self {
        let (length, width) = (bytes.len(), rules.width);
        let content = match String::from_utf8(bytes) {
            Ok(text) => Content::Text(text),
            Err(error) => Content::Broken(error.into_bytes()),
        };
        let parser = Parser {
            bytes: content.bytes(),
            broken: matches!(content, Content::Broken(_)),
            rules,
            part,
            header: part.header,
            unquoted: Vec::new(),
            slots: Vec::with_capacity(length / 8),
            rows: Vec::with_capacity(length / 8 / width.max(1)),
            bad: Vec::new(),
            lines: 0,
        };
        let (parser, rest) = parser.run();
        let Parser { header, unquoted, slots, rows, bad, lines, .. } = parser;
        // Quotes are taken out of text between characters: it stays text, unless the line was no text at all.
        let unquoted = String::from_utf8(unquoted).unwrap_or_default();
        Self { content, part, unquoted, slots, rows, width, bad, lines, rest, header }
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The rows in blocks whose fields fit into the processor's cache, for work that goes column by column.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Range<usize>> {
        const ROWS: usize = 256;
        let rows = self.len();
        (0..rows).step_by(ROWS).map(move |start| start..rows.min(start + ROWS))
    }

    /// What the piece was taken for.
    pub(crate) fn part(&self) -> Part {
        self.part
    }

    /// The bytes of the piece.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.content.bytes()
    }

    /// The bytes of the record that is not complete.
    pub(crate) fn rest(&self) -> &[u8] {
        self.bytes().get(self.rest..).unwrap_or_default()
    }

    /// What the bytes before `rest` are, for telling encodings apart.
    pub(crate) fn survey(&self) -> Survey {
        let text = matches!(self.content, Content::Text(_));
        Survey::of_lines(self.bytes().get(..self.rest).unwrap_or_default(), text)
    }

    /// The line of a row.
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.rows.get(row).copied().map_or(0, u64::from)
    }

    /// A field of a row.
    pub(crate) fn cell(&self, row: usize, place: usize) -> Cell<'_> {
        match self.slots.get(row * self.width + place) {
            Some(slot) if slot.start < slot.end => Cell { kind: CellKind::Text, text: self.text(*slot) },
            _ => Cell::NULL,
        }
    }

    /// The bytes of text in a row.
    pub(crate) fn row_bytes(&self, row: usize) -> usize {
        let slots = self.slots.get(row * self.width..(row + 1) * self.width).unwrap_or_default();
        slots.iter().map(|slot| (slot.end - slot.start) as usize).sum()
    }

    fn text(&self, slot: Slot) -> &str {
        let (start, end) = (slot.start as usize, slot.end as usize);
        let length = self.bytes().len();
        if start >= length {
            return self.unquoted.get(start - length..end - length).unwrap_or_default();
        }
        match &self.content {
            Content::Text(text) => text.get(start..end).unwrap_or_default(),
            Content::Broken(bytes) => {
                std::str::from_utf8(bytes.get(start..end).unwrap_or_default()).unwrap_or_default()
            }
        }
    }
}

/// A physical line of a piece.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    /// Where its text ends.
    end: usize,
    /// Where the next line starts.
    next: usize,
    ending: Ending,
    too_long: bool,
}

/// What became of a record.
enum Outcome {
    Row(Line),
    Bad(Reason, String),
    /// It goes on behind the end of the piece.
    Incomplete,
}

struct Parser<'a> {
    bytes: &'a [u8],
    broken: bool,
    rules: &'a Rules,
    part: Part,
    header: bool,
    unquoted: Vec<u8>,
    slots: Vec<Slot>,
    rows: Vec<u32>,
    bad: Vec<BadRecord>,
    lines: u64,
}

impl Parser<'_> {
    /// Reads records up to the end, or up to the record that is not complete.
    fn run(mut self) -> (Self, usize) {
        let mut at = 0;
        while let Some(first) = self.line(at) {
            if self.is_blank(&first) {
                at = first.next;
                self.lines += 1;
                continue;
            }
            let (slots, unquoted, line) = (self.slots.len(), self.unquoted.len(), self.lines);
            match self.record(first, slots) {
                Outcome::Incomplete => {
                    self.slots.truncate(slots);
                    self.unquoted.truncate(unquoted);
                    self.lines = line;
                    return (self, at);
                }
                Outcome::Row(last) => {
                    at = last.next;
                    self.lines += 1;
                    if std::mem::take(&mut self.header) {
                        self.slots.truncate(slots);
                    } else {
                        self.rows.push(line as u32);
                    }
                }
                Outcome::Bad(reason, detail) => {
                    self.slots.truncate(slots);
                    self.unquoted.truncate(unquoted);
                    self.leave_out(&first, line, reason, detail);
                    self.lines = line + 1;
                    at = first.next;
                }
            }
        }
        (self, at)
    }

    fn leave_out(&mut self, first: &Line, line: u64, reason: Reason, detail: String) {
        let limits = &self.rules.limits;
        let end = if first.too_long { first.start + limits.record_bytes } else { first.end };
        let text = self.bytes.get(first.start..end).unwrap_or_default();
        let raw = excerpt(&String::from_utf8_lossy(text), limits.excerpt_bytes);
        self.bad.push(BadRecord { line, reason, detail, raw });
    }

    /// The line that starts at a place, or none at the end.
    fn line(&self, start: usize) -> Option<Line> {
        let ready = self.bytes.get(start..).filter(|ready| !ready.is_empty())?;
        let separator = self.rules.layout.separator;
        let (length, ending) = match memchr(separator, ready) {
            Some(at) => (at, if separator == b'\n' { Ending::Lf } else { Ending::Cr }),
            None => (ready.len(), Ending::None),
        };
        let too_long = length > self.rules.limits.record_bytes;
        let next = start + length + usize::from(ending != Ending::None);
        let mut line = Line { start, end: start + length, next, ending, too_long };
        if ending == Ending::Lf && !too_long && ready.get(..length).is_some_and(|text| text.ends_with(b"\r"))
        {
            line.end -= 1;
            line.ending = Ending::CrLf;
        }
        Some(line)
    }

    fn text(&self, line: &Line) -> &[u8] {
        self.bytes.get(line.start..line.end).unwrap_or_default()
    }

    /// A line of white space is no record, unless it could be the value of the only column.
    fn is_blank(&self, line: &Line) -> bool {
        let text = self.text(line);
        let spaces = !self.rules.layout.delimiter.is_ascii_whitespace()
            && (self.header || self.rules.width != 1)
            && text.iter().all(u8::is_ascii_whitespace);
        !line.too_long && (text.is_empty() || spaces)
    }

    /// Takes lines until the record is complete or cannot be. `slots` is where its fields start.
    fn record(&mut self, first: Line, slots: usize) -> Outcome {
        let limits = &self.rules.limits;
        let (mut line, mut held, mut bytes) = (first, 0, 0);
        let mut open = None;
        loop {
            if line.too_long {
                let limit = limits.record_bytes;
                return Outcome::Bad(Reason::LineTooLong, format!("the line is longer than {limit} bytes"));
            }
            bytes += line.end - line.start + 2;
            held += 1;
            if self.broken && std::str::from_utf8(self.text(&line)).is_err() {
                let detail = "bytes that are not text in the file's encoding".into();
                return Outcome::Bad(Reason::InvalidBytes, detail);
            }
            match self.split(&line, &mut open) {
                Split::Done => {
                    let wrong = wrong_width(self.slots.len() - slots, self.rules.width, line.ending);
                    return wrong.map_or(Outcome::Row(line), |(reason, why)| Outcome::Bad(reason, why));
                }
                Split::Misquoted => return Outcome::Bad(Reason::BadQuote, MISQUOTED.into()),
                Split::Open => {}
            }
            if held > limits.quoted_lines || bytes > limits.record_bytes {
                return Outcome::Bad(Reason::BadQuote, unclosed(limits));
            }
            self.lines += 1;
            line = match self.line(line.next) {
                Some(line) => line,
                None if !self.part.last => return Outcome::Incomplete,
                None => return Outcome::Bad(Reason::BadQuote, "no closing quote before the end".into()),
            };
        }
    }

    /// Adds the fields of a line. `open` is the quoted field that goes on from line to line.
    fn split(&mut self, line: &Line, open: &mut Option<Quoted>) -> Split {
        let bytes = self.bytes.get(..line.end).unwrap_or_default();
        let delimiter = self.rules.layout.delimiter as u8;
        let mut at = line.start;
        loop {
            if open.is_none() {
                if bytes.get(at) == Some(&b'"') {
                    at += 1;
                    *open = Some(Quoted { start: at, doubled: false });
                } else {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let Some(length) = find(delimiter, rest) else {
                        self.push(at, line.end);
                        return Split::Done;
                    };
                    self.push(at, at + length);
                    at += length + 1;
                    continue;
                }
            }
            let Some(quote) = memchr(b'"', bytes.get(at..).unwrap_or_default()) else {
                return Split::Open;
            };
            at += quote + 1;
            match bytes.get(at) {
                Some(b'"') => {
                    at += 1;
                    *open = open.map(|field| Quoted { doubled: true, ..field });
                }
                None => {
                    self.close(open, at - 1);
                    return Split::Done;
                }
                Some(next) if *next == delimiter => {
                    self.close(open, at - 1);
                    at += 1;
                }
                Some(_) => return Split::Misquoted,
            }
        }
    }

    fn push(&mut self, start: usize, end: usize) {
        self.slots.push(Slot { start: start as u32, end: end as u32 });
    }

    /// Ends a quoted field; doubled quotes become one.
    fn close(&mut self, open: &mut Option<Quoted>, end: usize) {
        let Some(Quoted { start, doubled }) = open.take() else { return };
        if !doubled {
            return self.push(start, end);
        }
        let behind = self.bytes.len() + self.unquoted.len();
        let mut rest = self.bytes.get(start..end).unwrap_or_default();
        while let Some(quote) = memchr(b'"', rest) {
            self.unquoted.extend_from_slice(rest.get(..=quote).unwrap_or_default());
            rest = rest.get(quote + 2..).unwrap_or_default();
        }
        self.unquoted.extend_from_slice(rest);
        self.push(behind, self.bytes.len() + self.unquoted.len());
    }
}

/// Fields shorter than this are searched word by word, which is faster than to call a search for long texts.
const SHORT: usize = 32;

/// Where a byte is.
fn find(wanted: u8, bytes: &[u8]) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let pattern = LOW * u64::from(wanted);
    let mut at = 0;
    while at < SHORT
        && let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk)
    {
        let other = u64::from_le_bytes(*word) ^ pattern;
        // The lowest bit that is left is that of the first byte that is zero: the wanted one.
        let found = other.wrapping_sub(LOW) & !other & (LOW << 7);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr(wanted, bytes.get(at..)?).map(|found| at + found)
}

/// A quoted field that is being read.
#[derive(Clone, Copy)]
struct Quoted {
    /// Where its text starts.
    start: usize,
    /// Whether it has doubled quotes.
    doubled: bool,
}

/// Where a stream that is read up to here is best cut: behind the last line that looks like a whole record, or else
/// behind the last line. None when there is no whole line. `from`: where to look from.
pub(crate) fn best_cut(bytes: &[u8], rules: &Rules) -> Option<usize> {
    /// Lines that are looked at.
    const TRIES: usize = 32;
    let separator = rules.layout.separator;
    let last = memchr::memrchr(separator, bytes)? + 1;
    let mut end = last;
    for _ in 0..TRIES {
        let before = bytes.get(..end - 1).unwrap_or_default();
        let start = memchr::memrchr(separator, before).map_or(0, |at| at + 1);
        if looks_whole(bytes.get(start..end).unwrap_or_default(), rules) {
            return Some(end);
        }
        if start == 0 {
            break;
        }
        end = start;
    }
    Some(last)
}

/// Whether a line, taken alone, is a record.
fn looks_whole(line: &[u8], rules: &Rules) -> bool {
    let part = Part { header: false, last: true };
    let records = Records::parse(line.to_vec(), part, rules);
    records.len() == 1 && records.bad.is_empty() && memchr(b'"', line).is_none()
}
