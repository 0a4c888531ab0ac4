//! Building an index: beside its place, and moved there when it is whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, AsArray};
use arrow::datatypes::Schema as RowSchema;
use arrow::record_batch::RecordBatch;
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, IndexWriter, TantivyDocument};

use crate::collect::KEY;
use crate::definition::{SearchDefinition, is_text};
use crate::fields::{FilterColumn, FilterField, Kind, texts};
use crate::index::{META, Meta, SearchIndex};
use crate::text::Words;
use crate::{Result, SearchError, limits};

/// The field that is searched.
pub(crate) const TEXT: &str = "text";
/// The name of the tokenizer.
pub(crate) const WORDS: &str = "words";

/// Builds an index from batches.
pub struct Builder {
    folder: PathBuf,
    building: PathBuf,
    writer: Option<IndexWriter>,
    key: (String, Field),
    text: Field,
    searchable: Vec<String>,
    filters: Vec<(FilterField, Field)>,
    rows: u64,
}

impl Builder {
    /// Begins an index that will stand in `folder`, of rows with `rows` as their schema and `key` as the column
    /// that identifies them.
    ///
    /// # Errors
    /// When the definition does not fit the rows, or the folder beside cannot be written.
    pub fn begin(folder: &Path, definition: &SearchDefinition, rows: &RowSchema, key: &str) -> Result<Self> {
        let mut builder = Schema::builder();
        let key_field = builder.add_text_field(KEY, TextOptions::default().set_fast("raw"));
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(WORDS)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        let text = builder.add_text_field(TEXT, TextOptions::default().set_indexing_options(indexing));
        column_type(rows, key)?;
        let (searchable, filters) = check(definition, rows)?;
        let with_field = |filter: FilterField| {
            let field = filter.kind.add_to(&mut builder, &filter.field);
            (filter, field)
        };
        let filters: Vec<_> = filters.into_iter().map(with_field).collect();
        let building = beside(folder, "building");
        let mut it = Self {
            folder: folder.to_owned(),
            building,
            writer: None,
            key: (key.to_owned(), key_field),
            text,
            searchable,
            filters,
            rows: 0,
        };
        it.writer = Some(it.open(builder.build())?);
        Ok(it)
    }

    fn open(&self, schema: Schema) -> Result<IndexWriter> {
        fs::create_dir_all(&self.building).map_err(|error| self.unwritable(&error))?;
        let index = Index::create_in_dir(&self.building, schema).map_err(|error| self.unwritable(&error))?;
        index.tokenizers().register(WORDS, Words);
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(limits::BUILD_THREADS);
        let writer = index.writer_with_num_threads(threads, threads * limits::BUILD_BYTES);
        let writer: IndexWriter = writer.map_err(|error| self.unwritable(&error))?;
        // All is merged once, at the end.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(writer)
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When a row has no key, or the folder cannot be written.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let column = |name: &str| {
            batch
                .column_by_name(name)
                .ok_or_else(|| SearchError::Rows(format!("a batch has no column {name}")))
        };
        let keys = texts(column(&self.key.0)?)?;
        let searched = self.searchable.iter().map(|name| texts(column(name)?)).collect::<Result<Vec<_>>>()?;
        let filters = self.filters.iter();
        let filters = filters.map(|(it, field)| FilterColumn::new(*field, it.kind, column(&it.attribute)?));
        let filters = filters.collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            if keys.is_null(row) {
                return Err(SearchError::Rows(format!("a row has no {}", self.key.0)));
            }
            let mut document = TantivyDocument::default();
            document.add_text(self.key.1, keys.as_string::<i32>().value(row));
            for texts in searched.iter().filter(|texts| texts.is_valid(row)) {
                document.add_text(self.text, texts.as_string::<i32>().value(row));
            }
            for filter in &filters {
                filter.add_to(&mut document, row);
            }
            if let Some(writer) = &self.writer {
                writer.add_document(document).map_err(|error| self.unwritable(&error))?;
            }
            self.rows += 1;
        }
        Ok(())
    }

    /// Ends the index, puts it in its place, and opens it. An index that was there goes; who has it open keeps
    /// it.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn finish(mut self) -> Result<SearchIndex> {
        if let Some(writer) = self.writer.take() {
            into_one_segment(writer).map_err(|error| self.unwritable(&error))?;
        }
        let filters = self.filters.iter().map(|(filter, _)| filter.clone()).collect();
        let meta = Meta::new(self.rows, self.searchable.clone(), filters);
        let text = serde_json::to_vec_pretty(&meta).map_err(|error| self.unwritable(&error))?;
        let unwritable = |error: std::io::Error| self.unwritable(&error);
        fs::write(self.building.join(META), text).map_err(unwritable)?;
        let old = beside(&self.folder, "old");
        let replaced = fs::rename(&self.folder, &old).is_ok();
        fs::rename(&self.building, &self.folder).map_err(unwritable)?;
        if replaced {
            // What is left of it only takes room.
            let _ = fs::remove_dir_all(old);
        }
        SearchIndex::open(&self.folder)
    }

    fn unwritable(&self, error: &dyn std::fmt::Display) -> SearchError {
        SearchError::Unwritable { folder: self.folder.clone(), detail: error.to_string() }
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        self.writer = None;
        // Moved away when the index was finished.
        let _ = fs::remove_dir_all(&self.building);
    }
}

/// Merges all segments: keys and counts are compared by their places in one dictionary.
fn into_one_segment(mut writer: IndexWriter) -> tantivy::Result<()> {
    writer.commit()?;
    let segments = writer.index().searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
        writer.garbage_collect_files().wait()?;
    }
    writer.wait_merging_threads()
}

/// A new name beside a folder.
fn beside(folder: &Path, what: &str) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    folder.with_file_name(format!(".{name}.{what}-{}-{n}", std::process::id()))
}

fn column_type<'a>(rows: &'a RowSchema, name: &str) -> Result<&'a arrow::datatypes::DataType> {
    rows.field_with_name(name).map(arrow::datatypes::Field::data_type).map_err(|_| {
        let known: Vec<&str> = rows.fields().iter().map(|field| field.name().as_str()).collect();
        wrong(name, format!("there is no such attribute; there are [{}]", known.join(", ")))
    })
}

fn wrong(attribute: &str, detail: impl Into<String>) -> SearchError {
    SearchError::Definition { attribute: attribute.to_owned(), detail: detail.into() }
}

/// The searched attributes and those with filters, as they fit the rows.
fn check(definition: &SearchDefinition, rows: &RowSchema) -> Result<(Vec<String>, Vec<FilterField>)> {
    if let Some(first) = definition.attributes.get(limits::MAX_ATTRIBUTES) {
        return Err(wrong(
            &first.name,
            format!("an index has at most {} attributes", limits::MAX_ATTRIBUTES),
        ));
    }
    let (mut searchable, mut filters) = (Vec::new(), Vec::new());
    for (n, attribute) in definition.attributes.iter().enumerate() {
        let name = &attribute.name;
        let data_type = column_type(rows, name)?;
        if attribute.searchable {
            if !is_text(data_type) {
                return Err(wrong(
                    name,
                    format!("only texts are searched, and it is of the type {data_type}"),
                ));
            }
            searchable.push(name.clone());
        }
        if let Some(options) = &attribute.filter {
            let kind = Kind::of(data_type)
                .ok_or_else(|| wrong(name, format!("values of the type {data_type} have no filter")))?;
            let (field, options) = (format!("f{n}"), options.clone());
            filters.push(FilterField { attribute: name.clone(), field, kind, options });
        }
    }
    Ok((searchable, filters))
}
