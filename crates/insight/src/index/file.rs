//! The file of an index: aligned sections, and a footer that says where each one is.
//!
//! ```text
//! magic, sections (each at a multiple of 64 bytes), footer (JSON), its length and checksum, magic
//! ```
//! A file is written under another name and renamed when it is complete. What is read is checked: a file that is cut
//! short or changed is an error, never a wrong place in memory.

use super::codes::{Codes, Store};
use super::column::{Column, Dictionary};
use super::error::IndexError;
use super::sum::checksum;
use super::{Index, Link, Table, map};
use crate::conditions::Kind;
use memmap2::Mmap;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the file in its folder.
const NAME: &str = "insight.index";

/// First and last bytes; the digits are the version of the format.
const MAGIC: &[u8; 8] = b"WEIRIX02";

const ALIGNMENT: u64 = 64;

#[derive(Serialize, Deserialize)]
struct Footer {
    tables: Vec<TableEntry>,
}

/// A table in the footer.
#[derive(Serialize, Deserialize)]
pub(super) struct TableEntry {
    pub(super) entity: String,
    pub(super) rows: u64,
    pub(super) offsets: Section,
    pub(super) columns: Vec<ColumnEntry>,
    pub(super) links: Vec<LinkEntry>,
    pub(super) owner: Vec<String>,
}

/// A column in the footer.
#[derive(Serialize, Deserialize)]
pub(super) struct ColumnEntry {
    name: String,
    kind: (u8, u8, u8),
    base: i64,
    most: u64,
    gaps: bool,
    codes: Section,
    dictionary: Option<(Section, Section)>,
}

/// A followed foreign key in the footer.
#[derive(Serialize, Deserialize)]
pub(super) struct LinkEntry {
    pub(super) edge: String,
    pub(super) target: usize,
    pub(super) rows: Section,
}

/// A part of the file: its first byte, its bytes, the bytes of one number, and its checksum.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Section(u64, u64, u8, u64);

/// A file that is being written.
pub(super) struct Writer {
    file: BufWriter<File>,
    at: u64,
    unfinished: PathBuf,
    path: PathBuf,
}

impl Writer {
    pub(super) fn create(folder: &Path) -> Result<Self, IndexError> {
        fs::create_dir_all(folder)?;
        let path = folder.join(NAME);
        let unfinished = folder.join(format!("{NAME}.unfinished"));
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&unfinished)?);
        file.write_all(MAGIC)?;
        Ok(Self { file, at: MAGIC.len() as u64, unfinished, path })
    }

    pub(super) fn codes(&mut self, codes: &Codes<'_>) -> Result<Section, IndexError> {
        let padding = (ALIGNMENT - self.at % ALIGNMENT) % ALIGNMENT;
        self.file.write_all(&[0; ALIGNMENT as usize][..padding as usize])?;
        let (at, bytes) = (self.at + padding, codes.bytes());
        self.file.write_all(bytes)?;
        self.at = at + bytes.len() as u64;
        Ok(Section(at, bytes.len() as u64, codes.width(), checksum(bytes)))
    }

    pub(super) fn column(&mut self, column: &Column) -> Result<ColumnEntry, IndexError> {
        let dictionary = match &column.dictionary {
            None => None,
            Some(it) => Some((self.codes(&it.offsets.codes())?, self.codes(&it.bytes.codes())?)),
        };
        Ok(ColumnEntry {
            name: column.name.clone(),
            kind: kind_entry(column.kind),
            base: column.base,
            most: column.most,
            gaps: column.gaps,
            codes: self.codes(&column.codes.codes())?,
            dictionary,
        })
    }

    /// Completes the file and opens it.
    pub(super) fn finish(mut self, tables: Vec<TableEntry>) -> Result<Index, IndexError> {
        let footer =
            serde_json::to_vec(&Footer { tables }).map_err(|error| IndexError::damaged(error.to_string()))?;
        self.file.write_all(&footer)?;
        self.file.write_all(&(footer.len() as u64).to_le_bytes())?;
        self.file.write_all(&checksum(&footer).to_le_bytes())?;
        self.file.write_all(MAGIC)?;
        self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&self.unfinished, &self.path)?;
        open(&self.path)
    }
}

impl Index {
    /// Maps the index in a folder into memory.
    ///
    /// # Errors
    /// There is none, or it is damaged; then it is to be built again.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        open(&folder.join(NAME))
    }

    /// Reads everything once and compares it with its checksums. Programs do so for what they read.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn verify(&self) -> Result<(), IndexError> {
        let whole = |table: &Table| {
            let links = table.links.iter().all(|link| link.rows.is_whole());
            table.offsets.is_whole() && links && table.columns.iter().all(Column::is_whole)
        };
        match self.tables.iter().find(|table| !whole(table)) {
            Some(table) => Err(IndexError::damaged(format!("the checksum of {} is wrong", table.entity))),
            None => Ok(()),
        }
    }
}

fn open(path: &Path) -> Result<Index, IndexError> {
    let map = Arc::new(map::map(path)?);
    let footer = footer(&map)?;
    let mut tables = Vec::with_capacity(footer.tables.len());
    for entry in footer.tables {
        tables.push(table(&map, entry)?);
    }
    let index = Index { tables };
    check(&index)?;
    Ok(index)
}

fn footer(map: &Mmap) -> Result<Footer, IndexError> {
    let bytes: &[u8] = map;
    let cut = || IndexError::damaged("the file is cut short");
    let (rest, end) = bytes.split_last_chunk::<8>().ok_or_else(cut)?;
    let (rest, sum) = rest.split_last_chunk::<8>().ok_or_else(cut)?;
    let (rest, length) = rest.split_last_chunk::<8>().ok_or_else(cut)?;
    if end != MAGIC || !rest.starts_with(MAGIC) {
        return Err(IndexError::damaged("it is cut short or of another version"));
    }
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
    let start = rest.len().checked_sub(length).ok_or_else(cut)?;
    let footer = rest.get(start..).ok_or_else(cut)?;
    if checksum(footer) != u64::from_le_bytes(*sum) {
        return Err(IndexError::damaged("the checksum of the footer is wrong"));
    }
    serde_json::from_slice(footer).map_err(|error| IndexError::damaged(error.to_string()))
}

fn table(map: &Arc<Mmap>, entry: TableEntry) -> Result<Table, IndexError> {
    let section = |Section(at, len, width, sum): Section| Store::mapped(map, at, len, width, sum);
    let rows = usize::try_from(entry.rows).map_err(|_| IndexError::damaged("too many rows"))?;
    let mut columns = Vec::with_capacity(entry.columns.len());
    for column in entry.columns {
        let dictionary = match column.dictionary {
            None => None,
            Some((offsets, bytes)) => Some(Dictionary { offsets: section(offsets)?, bytes: section(bytes)? }),
        };
        columns.push(Column {
            name: column.name,
            kind: kind_of(column.kind).ok_or_else(|| IndexError::damaged("an unknown kind of column"))?,
            base: column.base,
            most: column.most,
            gaps: column.gaps,
            codes: section(column.codes)?,
            dictionary,
        });
    }
    let mut links = Vec::with_capacity(entry.links.len());
    for link in entry.links {
        links.push(Link { edge: link.edge, target: link.target, rows: section(link.rows)? });
    }
    let offsets = section(entry.offsets)?;
    Ok(Table { entity: entry.entity, rows, offsets, columns, links, owner: entry.owner })
}

/// Lengths agree, and offsets rise to the number of rows.
fn check(index: &Index) -> Result<(), IndexError> {
    for (at, table) in index.tables.iter().enumerate() {
        let wrong = |what: &str| Err(IndexError::damaged(format!("{what} of {} are wrong", table.entity)));
        let offsets = table.offsets.codes();
        if at > 0 && offsets.len() != index.customers() + 1 {
            return wrong("the customers");
        }
        if !rises(&offsets, table.rows as u64) {
            return wrong("the offsets");
        }
        for column in &table.columns {
            let texts = column.dictionary.as_ref();
            let bytes = |it: &Dictionary| rises(&it.offsets.codes(), it.bytes.codes().len() as u64);
            if column.codes.codes().len() != table.rows || !texts.is_none_or(bytes) {
                return wrong("the columns");
            }
        }
        let linked = |link: &Link| link.rows.codes().len() == table.rows && link.target < index.tables.len();
        if !table.links.iter().all(linked) {
            return wrong("the foreign keys");
        }
    }
    Ok(())
}

fn rises(offsets: &Codes<'_>, most: u64) -> bool {
    super::each_width!(offsets, offsets => {
        offsets.is_sorted() && offsets.last().is_none_or(|last| super::Code::wide(*last) <= most)
    })
}

fn kind_entry(kind: Kind) -> (u8, u8, u8) {
    match kind {
        Kind::Text => (0, 0, 0),
        Kind::Integer => (1, 0, 0),
        Kind::Decimal { precision, scale } => (2, precision, scale),
        Kind::Double => (3, 0, 0),
        Kind::Bool => (4, 0, 0),
        Kind::Date => (5, 0, 0),
        Kind::Time { instant } => (6, u8::from(instant), 0),
        Kind::Other => (7, 0, 0),
    }
}

fn kind_of(entry: (u8, u8, u8)) -> Option<Kind> {
    Some(match entry {
        (0, ..) => Kind::Text,
        (1, ..) => Kind::Integer,
        (2, precision, scale) => Kind::Decimal { precision, scale },
        (3, ..) => Kind::Double,
        (4, ..) => Kind::Bool,
        (5, ..) => Kind::Date,
        (6, instant, _) => Kind::Time { instant: instant == 1 },
        _ => return None,
    })
}
