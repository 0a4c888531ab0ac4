//! The three tables and the truth as Parquet files, written batch by batch.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::builder::{Date32Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::record::{Fields, Source};

/// Rows of a batch.
const BATCH: usize = 65_536;

/// One column of a source: its name and what it takes from a record.
type Column = (&'static str, Take);

#[derive(Debug, Clone, Copy)]
enum Take {
    Text(fn(&mut Fields) -> Option<String>),
    Birth,
}

impl Source {
    /// Name of the file without its ending.
    #[must_use]
    pub fn table(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Loyalty => "loyalty",
            Self::Crm => "crm",
        }
    }

    /// Names of the primary key and of the time of creation.
    fn ends(self) -> (&'static str, &'static str) {
        match self {
            Self::Shop => ("ContactId", "CreatedOn"),
            Self::Loyalty => ("LoyaltyId", "JoinedOn"),
            Self::Crm => ("contact_guid", "created_at"),
        }
    }

    /// The columns between the two.
    fn columns(self) -> Vec<Column> {
        use Take::{Birth, Text};
        match self {
            Self::Shop => vec![
                ("FirstName", Text(|f| f.first.take())),
                ("LastName", Text(|f| f.last.take())),
                ("EMail", Text(|f| f.email.take())),
                ("Telephone", Text(|f| f.phone.take())),
                ("StreetAddress", Text(|f| f.street.take())),
                ("City", Text(|f| f.city.take())),
                ("PostCode", Text(|f| f.postcode.take())),
            ],
            Self::Loyalty => vec![
                ("GivenName", Text(|f| f.first.take())),
                ("Surname", Text(|f| f.last.take())),
                ("Email", Text(|f| f.email.take())),
                ("Mobile", Text(|f| f.phone.take())),
                ("Town", Text(|f| f.city.take())),
                ("Zip", Text(|f| f.postcode.take())),
                ("DateOfBirth", Birth),
            ],
            Self::Crm => vec![
                ("first_name", Text(|f| f.first.take())),
                ("last_name", Text(|f| f.last.take())),
                ("email_address", Text(|f| f.email.take())),
                ("phone_number", Text(|f| f.phone.take())),
                ("street", Text(|f| f.street.take())),
                ("city", Text(|f| f.city.take())),
                ("postal_code", Text(|f| f.postcode.take())),
                ("birth_date", Birth),
            ],
        }
    }

    /// The primary key of a record: a number of the table, but a GUID in the CRM. No two tables share a key.
    #[must_use]
    pub fn key(self, number: u64, random: u128) -> String {
        match self {
            Self::Shop => format!("CNTID_{number}"),
            Self::Loyalty => format!("{:010}", 7_000_000_000 + number * 7),
            Self::Crm => {
                let hex = format!("{random:032x}");
                let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
                format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
            }
        }
    }
}

/// Opens a Parquet file as most tools write it: Snappy, dictionaries.
fn open(path: &Path, schema: SchemaRef) -> Result<ArrowWriter<File>> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    Ok(ArrowWriter::try_new(file, schema, Some(properties))?)
}

/// One source's file.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    schema: SchemaRef,
    keys: StringBuilder,
    texts: Vec<StringBuilder>,
    births: Date32Builder,
    created: TimestampMillisecondBuilder,
    rows: usize,
    writer: ArrowWriter<File>,
}

impl Table {
    /// Opens the file of a source in a folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(source: Source, folder: &Path) -> Result<Self> {
        let columns = source.columns();
        let (key, created) = source.ends();
        let mut fields = vec![Field::new(key, DataType::Utf8, false)];
        fields.extend(columns.iter().map(|(name, take)| match take {
            Take::Text(_) => Field::new(*name, DataType::Utf8, true),
            Take::Birth => Field::new(*name, DataType::Date32, true),
        }));
        fields.push(Field::new(created, DataType::Timestamp(TimeUnit::Millisecond, None), false));
        let schema = Arc::new(Schema::new(fields));
        let path = folder.join(format!("{}.parquet", source.table()));
        Ok(Self {
            texts: columns.iter().map(|_| StringBuilder::new()).collect(),
            columns,
            writer: open(&path, Arc::clone(&schema))?,
            schema,
            keys: StringBuilder::new(),
            births: Date32Builder::new(),
            created: TimestampMillisecondBuilder::new(),
            rows: 0,
        })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn push(&mut self, key: &str, mut record: Fields, created: i64) -> Result<()> {
        self.keys.append_value(key);
        for ((_, take), texts) in self.columns.iter().zip(&mut self.texts) {
            match take {
                Take::Text(take) => texts.append_option(take(&mut record)),
                Take::Birth => self.births.append_option(record.birth),
            }
        }
        self.created.append_value(created * 1000);
        self.rows += 1;
        if self.rows == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(self.keys.finish())];
        for ((_, take), texts) in self.columns.iter().zip(&mut self.texts) {
            arrays.push(match take {
                Take::Text(_) => Arc::new(texts.finish()),
                Take::Birth => Arc::new(self.births.finish()),
            });
        }
        arrays.push(Arc::new(self.created.finish()));
        self.rows = 0;
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)?;
        Ok(())
    }

    /// Writes what is left and closes the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn close(mut self) -> Result<()> {
        self.flush()?;
        self.writer.close()?;
        Ok(())
    }
}

/// The truth: `id` of every record with the number of its `person`.
#[derive(Debug)]
pub struct Truth {
    schema: SchemaRef,
    ids: StringBuilder,
    people: Int64Builder,
    rows: usize,
    writer: ArrowWriter<File>,
}

impl Truth {
    /// Opens the file in a folder.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(folder: &Path) -> Result<Self> {
        let schema = Arc::new(Schema::new(vec![
            Field::new("id", DataType::Utf8, false),
            Field::new("person", DataType::Int64, false),
        ]));
        let writer = open(&folder.join("truth.parquet"), Arc::clone(&schema))?;
        Ok(Self { schema, ids: StringBuilder::new(), people: Int64Builder::new(), rows: 0, writer })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn push(&mut self, id: &str, person: u64) -> Result<()> {
        self.ids.append_value(id);
        self.people.append_value(i64::try_from(person)?);
        self.rows += 1;
        if self.rows == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let arrays: Vec<ArrayRef> = vec![Arc::new(self.ids.finish()), Arc::new(self.people.finish())];
        self.rows = 0;
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)?;
        Ok(())
    }

    /// Writes what is left and closes the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn close(mut self) -> Result<()> {
        self.flush()?;
        self.writer.close()?;
        Ok(())
    }
}
