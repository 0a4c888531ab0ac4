//! JSON: an array of objects, objects one after the other, or one object a line.
//!
//! An array is never held as a whole: the text of one record at a time is cut out by following its brackets
//! and strings, then parsed. When that fails, or the record ends nowhere within the limit, the physical line
//! where it started is given up and reading resumes at the next line that begins with `{`.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::cells::{CellKind, Cells};
use super::lines::{Line, Lines};
use super::rows::{BadRecord, Reason, Step};
use super::text::Columns;
use crate::error::SourceError;
use crate::limits::{Limits, excerpt};

/// The members of an object, each value as the text that it is written with: numbers keep all digits.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Collect<'a> {
            type Value = Members<'a>;
            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'a>, A::Error> {
                let mut members = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect(std::marker::PhantomData))
    }
}

/// A string, borrowed when it holds no escape.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Text<'a> {
            type Value = Name<'a>;
            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'a>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Name<'a>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text(std::marker::PhantomData))
    }
}

/// Puts the members of an object into the cells of their columns.
fn fill(
    text: &str,
    file: &str,
    columns: &mut Columns,
    cells: &mut Cells,
) -> Result<Result<(), String>, SourceError> {
    let members: Members<'_> = match serde_json::from_str(text) {
        Ok(members) => members,
        Err(error) => return Ok(Err(error.to_string())),
    };
    cells.resize(columns.len());
    for (name, value) in members.0 {
        let column = columns.find_or_add(&name, file)?;
        if column >= cells.len() {
            cells.resize(column + 1);
        }
        let value = value.get();
        match value.as_bytes().first() {
            Some(b'"') => match serde_json::from_str::<Name<'_>>(value) {
                Ok(Name(text)) => cells.set(column, CellKind::String, &text),
                Err(error) => return Ok(Err(format!("{name}: {error}"))),
            },
            Some(b'n') | None => cells.set(column, CellKind::Null, ""),
            Some(b't' | b'f') => cells.set(column, CellKind::Boolean, value),
            Some(b'{' | b'[') => cells.set(column, CellKind::Nested, value),
            Some(_) => cells.set(column, CellKind::Number, value),
        }
    }
    Ok(Ok(()))
}

/// One object a line.
pub(crate) struct JsonLines {
    lines: Lines,
    file: String,
    limits: Limits,
}

impl JsonLines {
    pub(crate) fn new(reader: Box<dyn Read>, file: &str, limits: &Limits) -> Self {
        let lines = Lines::new(reader, b'\n', limits.record_bytes);
        Self { lines, file: file.to_owned(), limits: limits.clone() }
    }

    /// The next object; blank lines are passed over.
    pub(crate) fn next(
        &mut self,
        cells: &mut Cells,
        columns: &mut Columns,
    ) -> io::Result<Result<Step, SourceError>> {
        loop {
            cells.clear();
            let Some(line) = self.lines.next()? else {
                return Ok(Ok(Step::End));
            };
            if !line.too_long && line.bytes.trim_ascii().is_empty() {
                self.lines.recycle(line);
                continue;
            }
            let number = line.number;
            let step = match self.read(&line, cells, columns) {
                Err(error) => return Ok(Err(error)),
                Ok(None) => Step::Row { line: number },
                Ok(Some((reason, detail))) => {
                    let raw = excerpt(&String::from_utf8_lossy(&line.bytes), self.limits.excerpt_bytes);
                    Step::Bad(BadRecord { line: number, reason, detail, raw })
                }
            };
            self.lines.recycle(line);
            return Ok(Ok(step));
        }
    }

    fn read(
        &self,
        line: &Line,
        cells: &mut Cells,
        columns: &mut Columns,
    ) -> Result<Option<(Reason, String)>, SourceError> {
        if line.too_long {
            let detail = format!("the line is longer than {} bytes", self.limits.record_bytes);
            return Ok(Some((Reason::LineTooLong, detail)));
        }
        let Ok(text) = std::str::from_utf8(&line.bytes) else {
            let detail = "bytes that are not text in the file's encoding".to_owned();
            return Ok(Some((Reason::InvalidBytes, detail)));
        };
        let filled = fill(text.trim_ascii(), &self.file, columns, cells)?;
        Ok(filled.err().map(|error| (Reason::BadJson, error)))
    }
}

/// Where the cutting of a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// After `{` or after `,` in an object: a name must come (or the end, after `{`).
    Expecting,
    Plain,
    Text,
    Escape,
}

/// Objects in an array, or one after the other.
pub(crate) struct JsonRecords {
    reader: Box<dyn Read>,
    /// Bytes read and not yet used: from `start`.
    buffer: Vec<u8>,
    start: usize,
    at_end: bool,
    line: u64,
    /// Bytes since the line began, and whether they are all white space.
    column: usize,
    blank: bool,
    begun: bool,
    in_array: bool,
    record: Vec<u8>,
    file: String,
    limits: Limits,
}

const CHUNK: usize = 64 << 10;

impl JsonRecords {
    pub(crate) fn new(reader: Box<dyn Read>, file: &str, limits: &Limits) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            start: 0,
            at_end: false,
            line: 1,
            column: 0,
            blank: true,
            begun: false,
            in_array: false,
            record: Vec::new(),
            file: file.to_owned(),
            limits: limits.clone(),
        }
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        if let Some(byte) = self.buffer.get(self.start) {
            return Ok(Some(*byte));
        }
        if self.at_end {
            return Ok(None);
        }
        self.start = 0;
        self.buffer.clear();
        self.at_end = self.reader.by_ref().take(CHUNK as u64).read_to_end(&mut self.buffer)? == 0;
        Ok(self.buffer.first().copied())
    }

    fn skip(&mut self, byte: u8) {
        self.start += 1;
        if byte == b'\n' {
            self.line += 1;
            self.column = 0;
            self.blank = true;
        } else {
            self.column += 1;
            self.blank &= byte.is_ascii_whitespace();
        }
    }

    /// The first byte that is neither white space nor a comma between records.
    fn next_byte(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            let between = byte.is_ascii_whitespace() || (byte == b',' && self.in_array);
            if !between {
                return Ok(Some(byte));
            }
            self.skip(byte);
        }
        Ok(None)
    }

    /// The next object.
    pub(crate) fn next(
        &mut self,
        cells: &mut Cells,
        columns: &mut Columns,
    ) -> io::Result<Result<Step, SourceError>> {
        cells.clear();
        if !self.begun {
            self.begun = true;
            match self.next_byte()? {
                Some(byte @ b'[') => {
                    self.in_array = true;
                    self.skip(byte);
                }
                Some(b'{') | None => {}
                Some(_) => return Ok(Err(self.not_json("it starts neither with [ nor with {".to_owned()))),
            }
        }
        if self.next_byte()? == Some(b']') && self.in_array {
            self.skip(b']');
            self.in_array = false;
        }
        if self.next_byte()?.is_none() {
            // A list that does not end was cut off; what was read of it counts.
            if !std::mem::take(&mut self.in_array) {
                return Ok(Ok(Step::End));
            }
            self.record.clear();
            let detail = "the file ends before the list does".to_owned();
            return Ok(Ok(self.bad(self.line, Reason::TruncatedLine, detail)));
        }
        let (line, indent) = (self.line, self.blank.then_some(self.column));
        if let Some((reason, detail)) = self.cut()? {
            let step = self.bad(line, reason, detail);
            // What is cut off is told once, not for the list again.
            self.in_array &= reason != Reason::TruncatedLine;
            let lost = self.resume(indent)?;
            if lost && reason != Reason::TruncatedLine {
                let reason = format!("the record in line {line} is broken and no later line begins a record");
                return Ok(Err(self.not_json(reason)));
            }
            return Ok(Ok(step));
        }
        Ok(self.parse(line, cells, columns))
    }

    fn not_json(&self, reason: String) -> SourceError {
        SourceError::NotJson { file: self.file.clone(), reason }
    }

    fn parse(&self, line: u64, cells: &mut Cells, columns: &mut Columns) -> Result<Step, SourceError> {
        let Ok(text) = std::str::from_utf8(&self.record) else {
            let detail = "bytes that are not text in the file's encoding".to_owned();
            return Ok(self.bad(line, Reason::InvalidBytes, detail));
        };
        Ok(match fill(text, &self.file, columns, cells)? {
            Ok(()) => Step::Row { line },
            Err(error) => self.bad(line, Reason::BadJson, error),
        })
    }

    fn bad(&self, line: u64, reason: Reason, detail: String) -> Step {
        let raw = excerpt(&String::from_utf8_lossy(&self.record), self.limits.excerpt_bytes);
        Step::Bad(BadRecord { line, reason, detail, raw })
    }

    /// Cuts the next record out into `record`, or says why it has no end. Uses at least one byte.
    fn cut(&mut self) -> io::Result<Option<(Reason, String)>> {
        self.record.clear();
        let mut open: Vec<u8> = Vec::new();
        let mut inside = Inside::Plain;
        while let Some(byte) = self.peek()? {
            let outside = open.is_empty() && inside == Inside::Plain && !self.record.is_empty();
            if outside && matches!(byte, b',' | b']' | b'\n') {
                return Ok(None);
            }
            if self.record.len() >= self.limits.record_bytes {
                let detail = format!("the record is longer than {} bytes", self.limits.record_bytes);
                return Ok(Some((Reason::LineTooLong, detail)));
            }
            self.skip(byte);
            self.record.push(byte);
            match step(inside, byte, &mut open, self.limits.json_depth) {
                Ok(next) => inside = next,
                Err(detail) => return Ok(Some((Reason::BadJson, detail.to_owned()))),
            }
            if open.is_empty() && matches!(byte, b'}' | b']') && inside == Inside::Plain {
                return Ok(None);
            }
        }
        let whole = open.is_empty() && inside == Inside::Plain;
        Ok((!whole).then(|| (Reason::TruncatedLine, "the file ends within this record".to_owned())))
    }

    /// Goes on at the next line that begins with `{`, indented as the failed record was if that began a line.
    /// Says whether something that may be a record was passed over to the end of the file.
    fn resume(&mut self, indent: Option<usize>) -> io::Result<bool> {
        let record = std::mem::take(&mut self.record);
        let again = record.get(1..).unwrap_or_default();
        self.line -= again.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.blank = false;
        let back = self.start.checked_sub(again.len());
        match back.filter(|back| self.buffer.get(*back..self.start) == Some(again)) {
            // Mostly the record is still in the buffer: then nothing is copied, however many records fail.
            Some(back) => self.start = back,
            None => {
                let mut bytes = again.to_vec();
                bytes.extend_from_slice(self.buffer.get(self.start..).unwrap_or_default());
                self.buffer = bytes;
                self.start = 0;
            }
        }
        let mut lost = false;
        while let Some(byte) = self.peek()? {
            if byte == b'{' {
                if self.blank && indent.is_none_or(|indent| indent == self.column) {
                    return Ok(false);
                }
                lost = true;
            }
            self.skip(byte);
        }
        Ok(lost)
    }
}

/// Follows one byte of a record; says what cannot be.
fn step(inside: Inside, byte: u8, open: &mut Vec<u8>, depth: usize) -> Result<Inside, &'static str> {
    match (inside, byte) {
        (Inside::Text, b'"') => Ok(Inside::Plain),
        (Inside::Text, b'\\') => Ok(Inside::Escape),
        (Inside::Text, b'\n') => Err("a line break inside a string: a quote is missing"),
        (Inside::Text, _) | (Inside::Escape, _) => Ok(Inside::Text),
        (Inside::Expecting, b'"') | (Inside::Plain, b'"') => Ok(Inside::Text),
        (Inside::Expecting, byte) if byte.is_ascii_whitespace() => Ok(Inside::Expecting),
        (Inside::Expecting | Inside::Plain, b'}' | b']') => {
            let opener = if byte == b'}' { b'{' } else { b'[' };
            if open.pop() == Some(opener) {
                Ok(Inside::Plain)
            } else {
                Err("a bracket closes that is not open")
            }
        }
        (Inside::Expecting, _) => Err("a name is expected: a closing bracket or a quote is missing"),
        (Inside::Plain, b'{' | b'[') => {
            if open.len() >= depth {
                return Err("nested too deeply");
            }
            open.push(byte);
            Ok(if byte == b'{' { Inside::Expecting } else { Inside::Plain })
        }
        (Inside::Plain, b',') if open.last() == Some(&b'{') => Ok(Inside::Expecting),
        (Inside::Plain, _) => Ok(Inside::Plain),
    }
}
