//! What is exported, which columns, to where, and when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::limits;

/// One export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// The export's name; the first folder of the files it writes.
    pub name: String,
    /// What it is for, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Segments whose members are exported, each with its own files or rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// Entities that are exported whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<String>,
    /// The columns, in this order; all when not given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Where the rows go.
    pub to: Target,
    /// When it runs by itself.
    #[serde(default)]
    pub schedule: Schedule,
}

/// A column and the name that readers know it by. Written as `EMail`, or as `{EMail: email}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenAttribute", into = "WrittenAttribute")]
pub struct Attribute {
    /// The attribute's name.
    pub name: String,
    /// The column's name in the export, when it is another one.
    pub rename: Option<String>,
}

impl Attribute {
    /// The column's name in the export.
    pub fn exported(&self) -> &str {
        self.rename.as_deref().unwrap_or(&self.name)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenAttribute {
    Same(String),
    Renamed(BTreeMap<String, String>),
}

impl TryFrom<WrittenAttribute> for Attribute {
    type Error = String;

    fn try_from(written: WrittenAttribute) -> Result<Self, String> {
        match written {
            WrittenAttribute::Same(name) => Ok(Self { name, rename: None }),
            WrittenAttribute::Renamed(names) => {
                let mut names = names.into_iter();
                match (names.next(), names.next()) {
                    (Some((name, rename)), None) => Ok(Self { name, rename: Some(rename) }),
                    _ => {
                        Err("an attribute is a name, or one name and its new name: `{EMail: email}`"
                            .to_owned())
                    }
                }
            }
        }
    }
}

impl From<Attribute> for WrittenAttribute {
    fn from(it: Attribute) -> Self {
        match it.rename {
            None => Self::Same(it.name),
            Some(rename) => Self::Renamed(BTreeMap::from([(it.name, rename)])),
        }
    }
}

/// Where rows go, by kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Target {
    /// Files in a folder of this machine.
    Folder {
        /// The folder; relative to the folder of the definitions, and inside it.
        path: String,
        /// How the files are written.
        #[serde(flatten)]
        files: Files,
    },
    /// Files in an object store.
    ObjectStore {
        /// The bucket and prefix: `s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix`.
        url: String,
        /// The connection with the credentials; none for stores that anybody may write to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<String>,
        /// How the files are written.
        #[serde(flatten)]
        files: Files,
    },
    /// Files on an SFTP server.
    Sftp {
        /// The connection: host, port, user, password or key, and the fingerprint of the host's key.
        connection: String,
        /// The folder on the server.
        path: String,
        /// How the files are written.
        #[serde(flatten)]
        files: Files,
    },
    /// A table of a PostgreSQL database.
    Postgres {
        /// The connection: host, port, database, user, password.
        connection: String,
        /// The table, `table` or `schema.table`; `{entity}` in it stands for the segment's or entity's name.
        table: String,
        /// What happens to the rows that are there.
        #[serde(default)]
        mode: Mode,
        /// The exported columns that identify a row, for `upsert`; `CustomerId` when not given.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        key: Vec<String>,
    },
    /// A web service.
    Http {
        /// The connection with the address and the headers; none when the service asks for none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<String>,
        /// The address, or the path below the connection's address.
        url: String,
        /// Rows per call.
        #[serde(default = "default_batch")]
        batch: usize,
        /// The method.
        #[serde(default)]
        method: HttpMethod,
        /// How rows are written.
        #[serde(default)]
        format: HttpFormat,
    },
}

impl Target {
    /// The connection that is named.
    pub fn connection(&self) -> Option<&str> {
        match self {
            Self::Folder { .. } => None,
            Self::ObjectStore { connection, .. } | Self::Http { connection, .. } => connection.as_deref(),
            Self::Sftp { connection, .. } | Self::Postgres { connection, .. } => Some(connection),
        }
    }
}

/// How files are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Files {
    /// The format.
    pub format: FileFormat,
    /// How CSV and JSON lines are compressed; Parquet compresses itself.
    pub compress: Compression,
    /// The character between the columns of a CSV file.
    pub delimiter: char,
    /// Whether a CSV file begins with the names of the columns.
    pub header: bool,
    /// Whether texts that a spreadsheet would take for a formula get a `'` before them (CSV).
    pub formula_safe: bool,
    /// Rows of one file; all when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_per_file: Option<u64>,
    /// Whether a `model.json` beside the entities says which files and columns there are.
    pub manifest: bool,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            format: FileFormat::default(),
            compress: Compression::default(),
            delimiter: ',',
            header: true,
            formula_safe: true,
            rows_per_file: None,
            manifest: false,
        }
    }
}

/// The format of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FileFormat {
    /// Comma-separated values.
    #[default]
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// How a file is compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// With gzip.
    Gzip,
}

/// What happens to the rows that a table has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// They go; the table holds what this run exports.
    #[default]
    Replace,
    /// Those with the key of an exported row are overwritten; the others stay.
    Upsert,
    /// They stay, and the exported rows are added.
    Append,
}

/// How a web service is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// POST.
    #[default]
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
}

/// How a web service gets its rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HttpFormat {
    /// An array of objects.
    #[default]
    Json,
    /// One object a line.
    Jsonl,
}

/// When an export runs by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Schedule {
    /// After each refresh.
    #[default]
    AfterRefresh,
    /// Never.
    Off,
    /// At these times.
    #[serde(untagged, rename_all = "camelCase")]
    Cron {
        /// The times, as cron expressions.
        #[serde(with = "one_or_many")]
        cron: Vec<String>,
        /// The time zone of the times; UTC when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_zone: Option<String>,
    },
}

fn default_batch() -> usize {
    limits::HTTP_BATCH
}

/// Reads one text or a list of texts; writes one text when there is one.
mod one_or_many {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Many(Vec<String>),
    }

    pub(super) fn serialize<S: Serializer>(texts: &[String], to: S) -> Result<S::Ok, S::Error> {
        match texts {
            [one] => one.serialize(to),
            many => many.serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
        Ok(match Either::deserialize(from)? {
            Either::One(text) => vec![text],
            Either::Many(texts) => texts,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_export_is_read_with_its_defaults_and_written_as_it_was() {
        let written = json!({
            "name": "NightlyBigSpenders",
            "segments": ["BigSpenders"],
            "attributes": ["CustomerId", {"EMail": "email"}],
            "to": {"kind": "folder", "path": "out/", "format": "csv", "compress": "gzip", "delimiter": ";"},
            "schedule": {"cron": "0 3 * * *", "timeZone": "Europe/Paris"},
        });
        let export: Export = serde_json::from_value(written).unwrap();
        let Target::Folder { path, files } = &export.to else { panic!("{:?}", export.to) };
        assert_eq!(path, "out/");
        assert_eq!((files.compress, files.delimiter), (Compression::Gzip, ';'));
        assert!(files.header && files.formula_safe && !files.manifest);
        let names: Vec<_> = export.attributes.iter().map(|it| (it.name.as_str(), it.exported())).collect();
        assert_eq!(names, [("CustomerId", "CustomerId"), ("EMail", "email")]);
        let again = serde_json::to_value(&export).unwrap();
        assert_eq!(again["attributes"], json!(["CustomerId", {"EMail": "email"}]));
        assert_eq!(again["schedule"], json!({"cron": "0 3 * * *", "timeZone": "Europe/Paris"}));
        assert_eq!(serde_json::from_value::<Export>(again).unwrap(), export);
    }

    #[test]
    fn each_kind_of_target_and_schedule_is_read() {
        for (to, connection) in [
            (
                json!({"kind": "objectStore", "url": "s3://b/p", "connection": "lake", "format": "parquet"}),
                Some("lake"),
            ),
            (json!({"kind": "sftp", "connection": "partner", "path": "in"}), Some("partner")),
            (
                json!({"kind": "postgres", "connection": "dwh", "table": "crm.big", "mode": "upsert"}),
                Some("dwh"),
            ),
            (json!({"kind": "http", "url": "https://a.test/x", "method": "PUT", "format": "jsonl"}), None),
        ] {
            let target: Target =
                serde_json::from_value(to.clone()).unwrap_or_else(|error| panic!("{to}: {error}"));
            assert_eq!(target.connection(), connection);
        }
        for (text, schedule) in [("\"afterRefresh\"", Schedule::AfterRefresh), ("\"off\"", Schedule::Off)] {
            assert_eq!(serde_json::from_str::<Schedule>(text).unwrap(), schedule);
            assert_eq!(serde_json::to_string(&schedule).unwrap(), text);
        }
        assert!(serde_json::from_value::<Target>(json!({"kind": "fax"})).is_err());
        assert!(serde_json::from_value::<Attribute>(json!({"A": "a", "B": "b"})).is_err());
    }
}
