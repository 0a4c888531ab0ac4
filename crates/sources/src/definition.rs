//! Data sources and their entities.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A named place that data comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataSource {
    /// The data source's name.
    pub name: String,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What kind of place, with its settings.
    #[serde(flatten)]
    pub kind: SourceKind,
    /// How many rows that do not fit are tolerated.
    #[serde(default)]
    pub quarantine: Quarantine,
}

/// The kinds of data sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum SourceKind {
    /// Files in a folder.
    Files {
        /// The folder; relative to the folder of the definitions.
        path: String,
        /// The entities read from it.
        entities: Vec<SourceEntity>,
    },
    /// A PostgreSQL database.
    Postgres {
        /// The connection with its address and credentials.
        connection: String,
        /// The entities read from it.
        entities: Vec<SourceEntity>,
    },
    /// A MySQL or MariaDB database.
    Mysql {
        /// The connection with its address and credentials.
        connection: String,
        /// The entities read from it.
        entities: Vec<SourceEntity>,
    },
    /// An SQLite database: a file.
    Sqlite {
        /// The file; relative to the folder of the definitions.
        path: String,
        /// The entities read from it.
        entities: Vec<SourceEntity>,
    },
    /// Files at web addresses.
    Http {
        /// The connection with headers and credentials, if they are needed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<String>,
        /// The entities read from it.
        entities: Vec<SourceEntity>,
    },
    /// Files in an object store.
    ObjectStore {
        /// The place: `s3://bucket/prefix`, `az://container/prefix` or `gs://bucket/prefix`.
        url: String,
        /// The connection with credentials, if they are needed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<String>,
        /// The entities read from it.
        entities: Vec<SourceEntity>,
    },
    /// Delta tables in a folder or an object store.
    Delta {
        /// The folder that the tables are in, relative to the folder of the definitions; or a place in an object
        /// store, written as for [`SourceKind::ObjectStore`].
        path: String,
        /// The connection with credentials, if they are needed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<String>,
        /// The entities read from it.
        entities: Vec<SourceEntity>,
    },
}

impl SourceKind {
    /// The entities read.
    pub fn entities(&self) -> &[SourceEntity] {
        match self {
            Self::Files { entities, .. }
            | Self::Postgres { entities, .. }
            | Self::Mysql { entities, .. }
            | Self::Sqlite { entities, .. }
            | Self::Http { entities, .. }
            | Self::ObjectStore { entities, .. }
            | Self::Delta { entities, .. } => entities,
        }
    }

    /// The folder or file on this machine that is read.
    pub fn local_path(&self) -> Option<&str> {
        match self {
            Self::Files { path, .. } | Self::Sqlite { path, .. } => Some(path),
            Self::Delta { path, .. } if !path.contains("://") => Some(path),
            _ => None,
        }
    }

    /// The name of the connection that is used.
    pub fn connection(&self) -> Option<&str> {
        match self {
            Self::Postgres { connection, .. } | Self::Mysql { connection, .. } => Some(connection),
            Self::Http { connection, .. }
            | Self::ObjectStore { connection, .. }
            | Self::Delta { connection, .. } => connection.as_deref(),
            Self::Files { .. } | Self::Sqlite { .. } => None,
        }
    }
}

/// One entity of a data source. Where its rows are is said by one of `file`, `folder`, `url`, `table` and `query`,
/// by the kind of the data source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceEntity {
    /// The entity's name inside its data source.
    pub name: String,
    /// A file or a glob pattern, relative to the data source's path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// A folder of increments: `FullData/` and `IncrementalData/yyyy/mm/dd/hh/{Upserts,Deletes}/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// The web address of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A table or a view of a database, with its schema where it needs one; or the folder of a Delta table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// One SELECT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The attributes that identify a row.
    #[serde(with = "one_or_many")]
    pub primary_key: Vec<String>,
    /// The file format; by the file's name when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<FileFormat>,
    /// The sheet of a workbook; the first one when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The character between columns (CSV); found out when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The character encoding by its WHATWG label (`windows-1252`); found out when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// How dates are written, e.g. `M/D/YYYY`, for all attributes that do not say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_format: Option<String>,
    /// What a refresh does with rows that it has read before.
    #[serde(default, skip_serializing_if = "ReadMode::is_replace")]
    pub mode: ReadMode,
    /// How to tell which rows have changed, so that only those are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// The version of a Delta table; the latest when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The moment as of which a Delta table is read (RFC 3339); now when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// What differs from what the rows show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeOverride>,
}

/// What a refresh does with rows that it has read before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReadMode {
    /// All files are read, and what they hold replaces what was there.
    #[default]
    Replace,
    /// Files that were read before stay as they were; only new files are read, and their rows are added.
    Append,
}

impl ReadMode {
    fn is_replace(&self) -> bool {
        *self == Self::Replace
    }
}

/// How to tell which rows have changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// The column that says when a row was last changed.
    pub column: String,
    /// Increments before this day are passed over (folders of increments); changing it makes one full refresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// What is said about one attribute of a source entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeOverride {
    /// The attribute's name in the file.
    pub name: String,
    /// Its type; inferred when not given.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub attribute_type: Option<AttributeType>,
    /// How its dates are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_format: Option<String>,
    /// Its name in the entity, when it shall differ from the name in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rename: Option<String>,
}

/// The formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// Separated values with a header line.
    Csv,
    /// One JSON array of objects.
    Json,
    /// One JSON object per line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// An Excel workbook (`.xlsx`, `.xlsm`).
    Xlsx,
    /// An old Excel workbook (`.xls`).
    Xls,
    /// An OpenDocument spreadsheet.
    Ods,
}

impl FileFormat {
    /// Whether it is a workbook with sheets.
    pub(crate) fn is_sheet(self) -> bool {
        matches!(self, Self::Xlsx | Self::Xls | Self::Ods)
    }
}

/// How many rows that do not fit are tolerated before a data source is *completed with errors*. Any quarantined
/// row makes it *completed with warnings*.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Quarantine {
    /// The most rows per entity; no limit when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u64>,
    /// The largest share of an entity's rows, 0 to 1.
    pub max_share: f64,
}

impl Default for Quarantine {
    fn default() -> Self {
        Self { max_rows: None, max_share: 0.05 }
    }
}

/// The types of attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AttributeType {
    /// Text.
    String,
    /// A whole number of 64 bits.
    Int64,
    /// A floating-point number of 64 bits.
    Double,
    /// An exact number: `decimal(precision,scale)`.
    Decimal {
        /// Digits in all, 1 to 38.
        precision: u8,
        /// Digits after the point, 0 to `precision`.
        scale: u8,
    },
    /// True or false.
    Boolean,
    /// A calendar day.
    Date,
    /// A day and a time, without a time zone.
    DateTime,
    /// A moment.
    DateTimeOffset,
}

impl FromStr for AttributeType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let decimal = |inner: &str| {
            let (precision, scale) = inner.split_once(',').unwrap_or((inner, "0"));
            let precision = precision.trim().parse().ok().filter(|p| (1..=38).contains(p))?;
            let scale = scale.trim().parse().ok().filter(|s| *s <= precision)?;
            Some(Self::Decimal { precision, scale })
        };
        let found = match text {
            "string" => Some(Self::String),
            "int64" => Some(Self::Int64),
            "double" => Some(Self::Double),
            "boolean" => Some(Self::Boolean),
            "date" => Some(Self::Date),
            "dateTime" => Some(Self::DateTime),
            "dateTimeOffset" => Some(Self::DateTimeOffset),
            _ => text.strip_prefix("decimal(").and_then(|t| t.strip_suffix(')')).and_then(decimal),
        };
        found.ok_or_else(|| {
            format!(
                "`{text}` is no type: use string, int64, double, decimal(precision,scale) with a precision of \
                 1 to 38, boolean, date, dateTime or dateTimeOffset"
            )
        })
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("string"),
            Self::Int64 => f.write_str("int64"),
            Self::Double => f.write_str("double"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
            Self::DateTime => f.write_str("dateTime"),
            Self::DateTimeOffset => f.write_str("dateTimeOffset"),
        }
    }
}

impl TryFrom<String> for AttributeType {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<AttributeType> for String {
    fn from(it: AttributeType) -> Self {
        it.to_string()
    }
}

impl DataSource {
    /// The entities of this source.
    pub fn entities(&self) -> &[SourceEntity] {
        self.kind.entities()
    }

    /// The entity's name everywhere else: `<DataSource>_<Entity>`.
    pub fn full_name(&self, entity: &SourceEntity) -> String {
        format!("{}_{}", self.name, entity.name)
    }
}

impl SourceEntity {
    /// What its rows are read from, for messages.
    pub fn input(&self) -> &str {
        let places = [&self.folder, &self.url, &self.table];
        let named = places.into_iter().find_map(|place| place.as_deref());
        named.unwrap_or(if self.query.is_some() { "the query" } else { &self.file })
    }

    /// The attributes of the key, by their names in the entity.
    pub(crate) fn key_attributes(&self) -> Vec<String> {
        self.primary_key.iter().map(|key| self.attribute_name(key)).collect()
    }

    /// The name in the entity of what the definition calls `name`, which may be its name in the input.
    pub(crate) fn attribute_name(&self, name: &str) -> String {
        let is_taken = self.attributes.iter().any(|it| it.rename.as_deref() == Some(name));
        let renamed = self.attribute(name).and_then(|it| it.rename.clone()).filter(|_| !is_taken);
        renamed.unwrap_or_else(|| name.to_owned())
    }

    /// What is said about the attribute that the file calls `name`.
    pub fn attribute(&self, name: &str) -> Option<&AttributeOverride> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

/// Reads one name or a list of names; writes one name when there is one.
mod one_or_many {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Many(Vec<String>),
    }

    pub(super) fn serialize<S: Serializer>(names: &[String], to: S) -> Result<S::Ok, S::Error> {
        match names {
            [one] => one.serialize(to),
            many => many.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
        Ok(match Either::deserialize(from)? {
            Either::One(name) => vec![name],
            Either::Many(names) => names,
        })
    }
}
