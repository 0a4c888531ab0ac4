//! Workbooks (`.xlsx`, `.xls`, `.ods`): the rows of one sheet as cells of text, dates in ISO form.
//!
//! The cells of a sheet are kept in memory while they are read, within bounds; the parts of the zip archive that a
//! workbook is are measured first, so that one that expands without end is refused before anything is built from it.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader as _, Xls, Xlsx, XlsxError};

use super::cells::{CellKind, Cells};
use super::input::InputFile;
use super::rows::Step;
use crate::definition::FileFormat;
use crate::error::SourceError;
use crate::limits::Limits;

/// The rows of a sheet, from the first that has a value.
pub(crate) struct Sheet {
    text: String,
    values: Vec<Value>,
    next: usize,
    first_column: u32,
    width: usize,
}

/// Where a value is, what it is, and where its text ends.
#[derive(Clone, Copy)]
struct Value {
    row: u32,
    column: u32,
    kind: CellKind,
    end: usize,
}

type Reading<T> = Result<T, String>;

impl Sheet {
    /// Reads the values of a sheet; the first sheet when none is named.
    pub(crate) fn open(
        input: &InputFile,
        format: FileFormat,
        name: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, SourceError> {
        let bad = |reason| SourceError::BadWorkbook { file: input.name.clone(), reason };
        let mut file = File::open(&input.path)
            .map_err(|source| SourceError::Unreadable { path: input.path.clone(), source })?;
        if format != FileFormat::Xls {
            measure(&mut file, limits).map_err(bad)?;
        } else if input.bytes > limits.sheet_bytes {
            return Err(bad(format!("it is larger than {} bytes", limits.sheet_bytes)));
        }
        let mut sheet = Self { text: String::new(), values: Vec::new(), next: 0, first_column: 0, width: 0 };
        // Decoders of third parties may panic on damaged files.
        let read = catch_unwind(AssertUnwindSafe(|| sheet.load(BufReader::new(file), format, name, limits)));
        read.unwrap_or_else(|_| Err("the decoder broke off".to_owned())).map_err(bad)?;
        sheet.first_column = sheet.values.iter().map(|value| value.column).min().unwrap_or(0);
        // Formats may list cells in any order.
        Ok(sheet)
    }

    fn load(
        &mut self,
        file: BufReader<File>,
        format: FileFormat,
        name: Option<&str>,
        limits: &Limits,
    ) -> Reading<()> {
        let words = |error: &dyn std::fmt::Display| error.to_string();
        match format {
            FileFormat::Xlsx => {
                let mut book = Xlsx::new(file).map_err(|error| words(&error))?;
                let name = choose(book.sheet_names(), name)?;
                self.load_xlsx(&mut book, &name, limits)
            }
            FileFormat::Xls => {
                let mut book = Xls::new(file).map_err(|error| words(&error))?;
                let name = choose(book.sheet_names(), name)?;
                self.load_range(&book.worksheet_range(&name).map_err(|error| words(&error))?, limits)
            }
            _ => {
                let mut book = Ods::new(file).map_err(|error| words(&error))?;
                let name = choose(book.sheet_names(), name)?;
                self.load_range(&book.worksheet_range(&name).map_err(|error| words(&error))?, limits)
            }
        }
    }

    fn load_xlsx(&mut self, book: &mut Xlsx<BufReader<File>>, name: &str, limits: &Limits) -> Reading<()> {
        let words = |error: XlsxError| error.to_string();
        let mut cells = book.worksheet_cells_reader(name).map_err(words)?;
        while let Some(cell) = cells.next_cell().map_err(words)? {
            let (row, column) = cell.get_position();
            match cell.get_value() {
                DataRef::SharedString(text) => self.add(row, column, CellKind::String, text, limits)?,
                other => self.add_data(row, column, &Data::from(other.clone()), limits)?,
            }
        }
        Ok(())
    }

    fn load_range(&mut self, range: &calamine::Range<Data>, limits: &Limits) -> Reading<()> {
        let (top, left) = range.start().unwrap_or((0, 0));
        for (row, column, data) in range.used_cells() {
            let place = |at: usize, from: u32| u32::try_from(at).unwrap_or(u32::MAX).saturating_add(from);
            self.add_data(place(row, top), place(column, left), data, limits)?;
        }
        Ok(())
    }

    fn add_data(&mut self, row: u32, column: u32, data: &Data, limits: &Limits) -> Reading<()> {
        let mut add = |kind, text: &str| self.add(row, column, kind, text, limits);
        match data {
            Data::Empty => Ok(()),
            Data::Int(number) => add(CellKind::Number, &number.to_string()),
            Data::Float(number) => add(CellKind::Number, &number.to_string()),
            Data::String(text) => add(CellKind::String, text),
            Data::Bool(value) => add(CellKind::Boolean, if *value { "true" } else { "false" }),
            Data::DateTime(moment) => add(CellKind::Text, &moment_text(moment)),
            Data::DateTimeIso(text) | Data::DurationIso(text) => add(CellKind::Text, text),
            Data::Error(error) => add(CellKind::Text, &error.to_string()),
        }
    }

    fn add(&mut self, row: u32, column: u32, kind: CellKind, text: &str, limits: &Limits) -> Reading<()> {
        if text.is_empty() {
            return Ok(());
        }
        if self.values.len() >= limits.sheet_cells {
            return Err(format!("the sheet has more than {} values; save it as CSV", limits.sheet_cells));
        }
        let text = if text.len() > limits.record_bytes { "" } else { text };
        self.text.push_str(text);
        if self.text.len() > limits.sheet_text {
            return Err(format!(
                "the sheet has more than {} bytes of text; save it as CSV",
                limits.sheet_text
            ));
        }
        if self.values.last().is_some_and(|last| (last.row, last.column) > (row, column)) {
            return Err("its cells are not in the order of rows".to_owned());
        }
        self.values.push(Value { row, column, kind, end: self.text.len() });
        Ok(())
    }

    /// Reads the header into cells; what stands right of its last value is no column.
    pub(crate) fn header(&mut self, cells: &mut Cells, limits: &Limits) -> Result<bool, String> {
        let last = self.values.get(self.next).map(|first| first.row);
        let columns = self.values.iter().skip(self.next).take_while(|value| Some(value.row) == last);
        let Some(last) = columns.last() else { return Ok(false) };
        self.width = (last.column - self.first_column) as usize + 1;
        if self.width > limits.columns {
            return Err(format!("it has more than {} columns", limits.columns));
        }
        Ok(matches!(self.next(cells), Step::Row { .. }))
    }

    /// The next row that has a value.
    pub(crate) fn next(&mut self, cells: &mut Cells) -> Step {
        cells.clear();
        cells.resize(self.width);
        let Some(first) = self.values.get(self.next).copied() else { return Step::End };
        let mut start =
            self.next.checked_sub(1).and_then(|at| self.values.get(at)).map_or(0, |value| value.end);
        while let Some(value) = self.values.get(self.next).filter(|value| value.row == first.row) {
            let text = self.text.get(start..value.end).unwrap_or_default();
            cells.set((value.column - self.first_column) as usize, value.kind, text);
            start = value.end;
            self.next += 1;
        }
        Step::Row { line: u64::from(first.row) + 1 }
    }
}

fn choose(names: Vec<String>, wanted: Option<&str>) -> Reading<String> {
    match wanted {
        None => names.into_iter().next().ok_or_else(|| "it has no sheet".to_owned()),
        Some(wanted) if names.iter().any(|name| name == wanted) => Ok(wanted.to_owned()),
        Some(wanted) => Err(format!("it has no sheet {wanted:?}: its sheets are {}", names.join(", "))),
    }
}

/// A moment in ISO form; without a time when it is midnight. A length of time is a number of days.
fn moment_text(moment: &ExcelDateTime) -> String {
    if moment.is_duration() {
        return moment.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        (_, _, _, 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}

/// Unpacks every part of a zip archive without keeping it, and refuses one that is too large. The parts are found by
/// the archive's directory, as the decoder finds them.
fn measure(file: &mut File, limits: &Limits) -> Reading<()> {
    let words = |error: std::io::Error| error.to_string();
    let size = file.seek(SeekFrom::End(0)).map_err(words)?;
    let mut total = 0_u64;
    for entry in directory(file, size)? {
        file.seek(SeekFrom::Start(entry.start)).map_err(words)?;
        let head = read_exact::<30>(file)?;
        let skip = u64::from(number(&head, 26, 2)) + u64::from(number(&head, 28, 2));
        file.seek(SeekFrom::Start(entry.start + 30 + skip)).map_err(words)?;
        let packed = (&*file).take(entry.packed);
        let room = limits.sheet_bytes.saturating_sub(total).saturating_add(1);
        let mut plain: Box<dyn Read> = match entry.method {
            0 => Box::new(packed.take(room)),
            8 => Box::new(flate2::read::DeflateDecoder::new(packed).take(room)),
            other => return Err(format!("it is packed by an unknown method ({other})")),
        };
        total += std::io::copy(&mut plain, &mut std::io::sink()).map_err(words)?;
        if total > limits.sheet_bytes {
            return Err(format!(
                "it expands to more than {} bytes; save the sheet as CSV, which has no such limit",
                limits.sheet_bytes
            ));
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(words)?;
    Ok(())
}

struct Entry {
    start: u64,
    packed: u64,
    method: u32,
}

/// The directory at the end of a zip archive.
fn directory(file: &mut File, size: u64) -> Reading<Vec<Entry>> {
    let words = |error: std::io::Error| error.to_string();
    // The end record has 22 bytes and a comment of up to 65,535.
    let tail = size.min(22 + 65_535);
    file.seek(SeekFrom::Start(size - tail)).map_err(words)?;
    let mut bytes = Vec::new();
    file.take(tail).read_to_end(&mut bytes).map_err(words)?;
    let at = memchr::memmem::rfind(&bytes, b"PK\x05\x06").ok_or("it is no zip archive")?;
    let end = bytes.get(at..at + 22).ok_or("its directory is cut off")?;
    let (count, start) = (number(end, 10, 2), number(end, 16, 4));
    if count == 0xffff || start == 0xffff_ffff {
        return Err("it is larger than a workbook should be".to_owned());
    }
    file.seek(SeekFrom::Start(u64::from(start))).map_err(words)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let head = read_exact::<46>(file)?;
        if !head.starts_with(b"PK\x01\x02") {
            return Err("its directory is damaged".to_owned());
        }
        let (packed, start) = (number(&head, 20, 4), number(&head, 42, 4));
        if packed == 0xffff_ffff || start == 0xffff_ffff {
            return Err("it is larger than a workbook should be".to_owned());
        }
        entries.push(Entry {
            start: u64::from(start),
            packed: u64::from(packed),
            method: number(&head, 10, 2),
        });
        let skip = number(&head, 28, 2) + number(&head, 30, 2) + number(&head, 32, 2);
        file.seek(SeekFrom::Current(i64::from(skip))).map_err(words)?;
    }
    Ok(entries)
}

fn read_exact<const N: usize>(file: &mut File) -> Reading<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).map_err(|_| "it is cut off".to_owned())?;
    Ok(bytes)
}

/// A number of up to four bytes, lowest first.
fn number(bytes: &[u8], at: usize, length: usize) -> u32 {
    let digits = bytes.get(at..at + length).unwrap_or_default();
    digits.iter().rev().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}
