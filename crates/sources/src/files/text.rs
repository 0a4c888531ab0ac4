//! Files whose rows are text without types (CSV, JSON, JSON lines): opened alike, read alike.

use std::collections::HashMap;
use std::io::Read;
use std::sync::atomic::Ordering;

use super::cells::Cells;
use super::csv::{CsvReader, Layout};
use super::encoding::{self, Decision, Survey};
use super::input::{Compression, InputFile, Meter};
use super::json::{JsonLines, JsonRecords};
use super::pieces::Pieces;
use super::records::Rules;
use super::rows::Step;
use super::sheet::Sheet;
use crate::definition::{FileFormat, SourceEntity};
use crate::error::SourceError;
use crate::limits::Limits;
use crate::names::Names;
use crate::report::Tally;

/// The columns of an entity in the order in which they were first seen.
#[derive(Debug)]
pub(crate) struct Columns {
    /// What each is called in the input, and its name made unique.
    names: Vec<(String, String)>,
    places: HashMap<String, usize>,
    unique: Names,
    limits: Limits,
    /// No column may be added any more.
    closed: bool,
}

impl Columns {
    pub(crate) fn new(limits: &Limits) -> Self {
        let (names, places, unique) = (Vec::new(), HashMap::new(), Names::default());
        Self { names, places, unique, limits: limits.clone(), closed: false }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The unique names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(_, name)| name.as_str())
    }

    /// Columns that had to be named differently: what the input calls them, and their names here.
    pub(crate) fn renamed(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.names.iter().map(|(name, unique)| (said(name), unique.as_str()));
        pairs.filter(|(name, unique)| name != unique)
    }

    /// From here on, a column that is not there yet means that the file changed.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// The column that the input calls `name`.
    pub(crate) fn find_or_add(&mut self, name: &str, file: &str) -> Result<usize, SourceError> {
        if let Some(place) = self.places.get(name) {
            return Ok(*place);
        }
        if self.closed {
            return Err(SourceError::Changed { file: file.to_owned() });
        }
        let place = self.names.len();
        if place >= self.limits.columns {
            return Err(SourceError::TooManyColumns { file: file.to_owned(), limit: self.limits.columns });
        }
        if name.len() > self.limits.name_bytes {
            let reason = format!("a column name is longer than {} bytes", self.limits.name_bytes);
            return Err(SourceError::BadHeader { file: file.to_owned(), reason });
        }
        let said: String = said(name).chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
        let shown = if said.is_empty() { format!("Column{}", place + 1) } else { said };
        self.names.push((name.to_owned(), self.unique.unique(&shown)));
        self.places.insert(name.to_owned(), place);
        Ok(place)
    }
}

/// A column name as the input has it, without what [`TextRows::read_header`] adds to tell equal ones apart.
fn said(name: &str) -> &str {
    name.split('\0').next().unwrap_or_default().trim()
}

/// How a file is to be read: decided once, used in every pass.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    pub(crate) input: InputFile,
    pub(crate) format: FileFormat,
    pub(crate) encoding: Decision,
    pub(crate) layout: Layout,
    pub(crate) compression: Compression,
    /// The encoding is only assumed: the first pass over the file tells whether it is right.
    pub(crate) assumed: bool,
    /// The sheet of a workbook.
    sheet: Option<String>,
}

/// Bytes from which delimiter and line ends are found out.
const SAMPLE: u64 = 64 << 10;

impl TextFile {
    /// Looks at a file and decides how to read it. `assume`: a CSV file whose first bytes do not tell its encoding is
    /// taken for UTF-8.
    pub(crate) fn inspect(
        input: &InputFile,
        format: FileFormat,
        entity: &SourceEntity,
        job: (&Meter, &Limits),
        assume: bool,
    ) -> Result<Self, SourceError> {
        let (meter, limits) = job;
        let declared = match entity.delimiter {
            Some(char) if !char.is_ascii() || matches!(char, '"' | '\n' | '\r' | '\0') => {
                return Err(SourceError::BadDelimiter { delimiter: char.to_string() });
            }
            declared => declared,
        };
        if format.is_sheet() {
            let encoding = Decision { encoding: encoding_rs::UTF_8, why: encoding::Why::Declared };
            let (layout, sheet) = (Layout { delimiter: ',', separator: b'\n' }, entity.sheet.clone());
            let input = input.clone();
            let (compression, assumed) = (Compression::None, false);
            return Ok(Self { input, format, encoding, layout, compression, assumed, sheet });
        }
        let plain = input.open(&silent(meter), limits)?;
        let assumed = assume
            && format == FileFormat::Csv
            && entity.encoding.is_none()
            && encoding::by_head(&plain.head).is_none();
        let encoding = match assumed {
            true => Decision { encoding: encoding_rs::UTF_8, why: encoding::Why::Valid },
            false => decide_encoding(input, entity, meter, limits)?,
        };
        let mut sample = Vec::new();
        let whole = encoding::to_utf8(plain.reader, &plain.head, encoding.encoding)
            .take(SAMPLE)
            .read_to_end(&mut sample)
            .map_err(|error| input.error(error, plain.compression))?;
        let layout = Layout::sniff(&sample, (whole as u64) < SAMPLE, declared);
        Ok(Self {
            input: input.clone(),
            format,
            encoding,
            layout,
            compression: plain.compression,
            assumed,
            sheet: None,
        })
    }

    /// Tells what was decided and not declared.
    pub(crate) fn tell(&self, entity: &SourceEntity, tally: &mut Tally) {
        let name = &self.input.name;
        if entity.encoding.is_none() && self.encoding.encoding != encoding_rs::UTF_8 {
            let (is, why) = (self.encoding.encoding.name(), self.encoding.why.words());
            tally.note("encoding", None, format!("{name} is read as {is}: {why}"));
        }
        if self.encoding.why == encoding::Why::Mostly {
            let message = format!("{name} is read as UTF-8: {}", self.encoding.why.words());
            tally.note("encoding", None, message);
        }
        if entity.delimiter.is_none() && self.format == FileFormat::Csv && self.layout.delimiter != ',' {
            let message = format!("{name} is read with {:?} between its columns", self.layout.delimiter);
            tally.note("delimiter", None, message);
        }
    }

    /// Opens the file for a pass over its rows.
    pub(crate) fn open(
        &self,
        columns: &mut Columns,
        meter: &Meter,
        limits: &Limits,
    ) -> Result<TextRows, SourceError> {
        if self.format.is_sheet() {
            let sheet = Sheet::open(&self.input, self.format, self.sheet.as_deref(), limits)?;
            meter.bytes.fetch_add(self.input.bytes, Ordering::Relaxed);
            return self.rows(Rows::Sheet(sheet), columns, limits);
        }
        let plain = self.input.open(meter, limits)?;
        let reader = encoding::to_utf8(plain.reader, &plain.head, self.encoding.encoding);
        let rows = match self.format {
            FileFormat::Json => Rows::Json(JsonRecords::new(reader, &self.input.name, limits)),
            FileFormat::Jsonl => Rows::JsonLines(JsonLines::new(reader, &self.input.name, limits)),
            _ => Rows::Csv(CsvReader::new(reader, self.layout, limits)),
        };
        self.rows(rows, columns, limits)
    }

    /// Opens the file for its header alone.
    pub(crate) fn open_silently(
        &self,
        columns: &mut Columns,
        meter: &Meter,
        limits: &Limits,
    ) -> Result<TextRows, SourceError> {
        self.open(columns, &silent(meter), limits)
    }

    /// Opens a CSV file for a pass over its pieces; `rows` are those whose header was read.
    pub(crate) fn pieces(
        &self,
        rows: &TextRows,
        meter: &Meter,
        limits: &Limits,
    ) -> Result<Pieces, SourceError> {
        let plain = self.input.open(meter, limits)?;
        let reader = encoding::to_utf8(plain.reader, &plain.head, self.encoding.encoding);
        let rules = Rules { layout: self.layout, width: rows.width(), limits: limits.clone() };
        Ok(Pieces::new(reader, rules))
    }

    fn rows(&self, rows: Rows, columns: &mut Columns, limits: &Limits) -> Result<TextRows, SourceError> {
        let mut rows =
            TextRows { rows, places: Vec::new(), input: self.input.clone(), compression: self.compression };
        rows.read_header(columns, limits)?;
        Ok(rows)
    }
}

/// Bytes read only to find out how to read are not progress.
fn silent(meter: &Meter) -> Meter {
    Meter { bytes: Default::default(), cancel: meter.cancel.clone() }
}

fn decide_encoding(
    input: &InputFile,
    entity: &SourceEntity,
    meter: &Meter,
    limits: &Limits,
) -> Result<Decision, SourceError> {
    if let Some(name) = &entity.encoding {
        return Ok(Decision { encoding: encoding::by_name(name)?, why: encoding::Why::Declared });
    }
    let mut plain = input.open(meter, limits)?;
    if let Some(decision) = encoding::by_head(&plain.head) {
        return Ok(decision);
    }
    let mut survey = Survey::default();
    let mut buffer = vec![0; SAMPLE as usize];
    loop {
        let count = plain.reader.read(&mut buffer).map_err(|error| input.error(error, plain.compression))?;
        match buffer.get(..count) {
            None | Some([]) => return Ok(survey.decide()),
            Some(bytes) => survey.add(bytes),
        }
    }
}

enum Rows {
    Csv(CsvReader),
    Json(JsonRecords),
    JsonLines(JsonLines),
    Sheet(Sheet),
}

/// The rows of one open file.
pub(crate) struct TextRows {
    rows: Rows,
    /// The cell of each column, for CSV.
    places: Vec<usize>,
    input: InputFile,
    compression: Compression,
}

impl TextRows {
    fn read_header(&mut self, columns: &mut Columns, limits: &Limits) -> Result<(), SourceError> {
        let mut cells = Cells::default();
        let header = match &mut self.rows {
            Rows::Csv(reader) => {
                reader.header(&mut cells).map_err(|error| self.input.error(error, self.compression))?
            }
            Rows::Sheet(sheet) => sheet.header(&mut cells, limits),
            Rows::Json(_) | Rows::JsonLines(_) => return Ok(()),
        };
        let file = &self.input.name;
        match header {
            Err(reason) => return Err(SourceError::BadHeader { file: file.clone(), reason }),
            Ok(false) => return Err(SourceError::Empty { file: file.clone() }),
            Ok(true) => {}
        }
        let first = columns.len() == 0;
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut found = Vec::with_capacity(cells.len());
        for place in 0..cells.len() {
            // A second column of one name is told from the first by how many came before.
            let text = cells.get(place).text;
            let before = seen.entry(text.to_owned()).and_modify(|count| *count += 1).or_insert(0);
            found.push(if *before == 0 { text.to_owned() } else { format!("{text}\u{0}{before}") });
        }
        if !first {
            same_columns(columns, &found, file)?;
        }
        self.places = vec![0; if first { found.len() } else { columns.len() }];
        for (place, name) in found.iter().enumerate() {
            let column = columns.find_or_add(name, file)?;
            if let Some(slot) = self.places.get_mut(column) {
                *slot = place;
            }
        }
        Ok(())
    }

    /// How many cells a row of CSV has.
    fn width(&self) -> usize {
        match &self.rows {
            Rows::Csv(reader) => reader.width(),
            _ => 0,
        }
    }

    /// The next row.
    pub(crate) fn next(&mut self, cells: &mut Cells, columns: &mut Columns) -> Result<Step, SourceError> {
        let step = match &mut self.rows {
            Rows::Csv(reader) => reader.next(cells).map(Ok),
            Rows::Json(reader) => reader.next(cells, columns),
            Rows::JsonLines(reader) => reader.next(cells, columns),
            Rows::Sheet(sheet) => Ok(Ok(sheet.next(cells))),
        };
        step.map_err(|error| self.input.error(error, self.compression))?
    }

    /// In which cell each of `count` columns is.
    pub(crate) fn places(&self, count: usize) -> Vec<usize> {
        match &self.rows {
            Rows::Csv(_) | Rows::Sheet(_) => self.places.clone(),
            _ => (0..count).collect(),
        }
    }
}

/// Files of one entity have the same columns, in any order.
fn same_columns(columns: &Columns, found: &[String], file: &str) -> Result<(), SourceError> {
    let shown = |name: &String| name.replace('\u{0}', "_");
    let extra: Vec<String> =
        found.iter().filter(|name| !columns.places.contains_key(*name)).map(shown).collect();
    let wanted = columns.names.iter().map(|(name, _)| name);
    let missing: Vec<String> = wanted.filter(|name| !found.contains(name)).map(shown).collect();
    if extra.is_empty() && missing.is_empty() {
        return Ok(());
    }
    let first = "the files before it".to_owned();
    Err(SourceError::SchemaDiffers { file: file.to_owned(), first, missing, extra })
}
