//! Staging: new content of an entity becomes Parquet files that no catalog knows yet.

mod encoding;
mod file;
pub(crate) mod live;
pub(crate) mod stats;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::{arrow, parquet};

use self::file::FileWriter;
use self::live::{LiveFiles, LiveGuard};
use self::stats::ColumnStats;
use crate::catalog::SCHEMA;
use crate::catalog::columns::Assignment;
use crate::{LakeError, Result, limits, types};

/// Sizes at which a stager begins a new row group or file.
#[derive(Debug, Clone, Copy)]
pub struct StagingLimits {
    /// Rows per row group.
    pub row_group_rows: usize,
    /// Encoded bytes per row group.
    pub row_group_bytes: usize,
    /// Bytes per file.
    pub file_bytes: usize,
}

impl Default for StagingLimits {
    fn default() -> Self {
        Self {
            row_group_rows: limits::ROW_GROUP_ROWS,
            row_group_bytes: limits::ROW_GROUP_BYTES,
            file_bytes: limits::FILE_BYTES,
        }
    }
}

/// A data file that is written and durable, but in no catalog.
#[derive(Debug)]
pub(crate) struct StagedFile {
    pub(crate) path: PathBuf,
    /// Below the table's folder.
    pub(crate) name: String,
    pub(crate) rows: i64,
    pub(crate) bytes: i64,
    /// The Parquet footer, without the 8 bytes after it.
    pub(crate) footer_bytes: i64,
    pub(crate) columns: Vec<ColumnStats>,
}

/// Writes the new content of one entity, batch by batch; memory does not grow with it. Dropped before
/// [`Stager::finish`], it removes what it wrote.
pub struct Stager {
    entity: String,
    schema: SchemaRef,
    /// `None` while a write is under way, and after one that failed.
    work: Option<Work>,
}

/// The content of one entity in files that are durable, but not published: nobody sees it except a
/// [`crate::View`] that was given it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct StagedTable(Arc<Staged>);

#[derive(Debug)]
struct Staged {
    entity: String,
    schema: SchemaRef,
    assignment: Assignment,
    files: Vec<StagedFile>,
    _guard: LiveGuard,
}

impl Stager {
    pub(crate) fn new(
        entity: &str,
        schema: SchemaRef,
        assignment: Assignment,
        place: Place,
        limits: StagingLimits,
    ) -> Result<Self> {
        let folder = place.data_path.join(SCHEMA).join(&assignment.folder);
        make_durable_folder(&place.data_path, &folder)?;
        let file_schema = file::with_field_ids(&schema, &assignment);
        let guard = LiveGuard::new(&place.live);
        let work = Work {
            place: Place { data_path: folder, ..place },
            schema: Arc::clone(&schema),
            file_schema,
            assignment,
            limits,
            current: None,
            done: Vec::new(),
            guard: Some(guard),
        };
        Ok(Self { entity: entity.to_owned(), schema, work: Some(work) })
    }

    /// The entity.
    pub fn entity(&self) -> &str {
        &self.entity
    }

    /// The schema under which the rows are kept (see [`crate::entity_schema`]).
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Writes rows. Their columns must have the announced names in the announced order; types are converted,
    /// and a value that does not fit is an error.
    pub async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch = batch.clone();
        let entity = self.entity.clone();
        let mut work = self.take()?;
        let work = tokio::task::spawn_blocking(move || work.write(&entity, &batch).map(|()| work)).await??;
        self.work = Some(work);
        Ok(())
    }

    /// [`Stager::write`] for a thread that may block.
    pub fn write_blocking(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut work = self.take()?;
        work.write(&self.entity, batch)?;
        self.work = Some(work);
        Ok(())
    }

    /// Ends the files. When this returns, their content and their names are on disk.
    pub async fn finish(mut self) -> Result<StagedTable> {
        let work = self.take()?;
        let entity = self.entity;
        tokio::task::spawn_blocking(move || work.finish(entity)).await?
    }

    /// [`Stager::finish`] for a thread that may block.
    pub fn finish_blocking(mut self) -> Result<StagedTable> {
        self.take()?.finish(self.entity)
    }

    fn take(&mut self) -> Result<Work> {
        self.work.take().ok_or_else(|| LakeError::StagerFailed { entity: self.entity.clone() })
    }
}

/// Where a stager writes, and who knows of it.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) data_path: PathBuf,
    pub(crate) live: LiveFiles,
    pub(crate) clock: Arc<dyn store::Clock>,
}

/// The part of a stager that touches files; moved to a blocking thread and back.
struct Work {
    /// `data_path` is the table's folder here.
    place: Place,
    schema: SchemaRef,
    file_schema: SchemaRef,
    assignment: Assignment,
    limits: StagingLimits,
    current: Option<FileWriter>,
    done: Vec<StagedFile>,
    /// `None` only after `finish`.
    guard: Option<LiveGuard>,
}

impl Work {
    fn write(&mut self, entity: &str, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let batch = types::conform(entity, batch, &self.schema)?;
        let batch = RecordBatch::try_new(Arc::clone(&self.file_schema), batch.columns().to_vec())
            .map_err(|source| LakeError::Rows { entity: entity.to_owned(), detail: source.to_string() })?;
        // In pieces, so that a huge batch cannot make a file much greater than the limit.
        let mut offset = 0;
        while offset < batch.num_rows() {
            let rows = limits::BATCH_ROWS.min(batch.num_rows() - offset);
            self.write_piece(&batch.slice(offset, rows))?;
            offset += rows;
        }
        Ok(())
    }

    fn write_piece(&mut self, piece: &RecordBatch) -> Result<()> {
        let mut writer = match self.current.take() {
            Some(writer) => writer,
            None => self.begin_file()?,
        };
        writer.write(piece)?;
        if writer.bytes() >= self.limits.file_bytes {
            self.done.push(writer.finish(&self.schema, &self.assignment)?);
        } else {
            self.current = Some(writer);
        }
        Ok(())
    }

    fn begin_file(&mut self) -> Result<FileWriter> {
        let name = file_name(self.place.clock.now());
        let path = self.place.data_path.join(&name);
        if let Some(guard) = &mut self.guard {
            guard.add(path.clone());
        }
        FileWriter::create(path, name, &self.file_schema, &self.limits)
    }

    fn finish(mut self, entity: String) -> Result<StagedTable> {
        if let Some(writer) = self.current.take() {
            let file = writer.finish(&self.schema, &self.assignment)?;
            self.done.push(file);
        }
        sync_folder(&self.place.data_path)?;
        let guard = self.guard.take().ok_or_else(|| LakeError::StagerFailed { entity: entity.clone() })?;
        Ok(StagedTable(Arc::new(Staged {
            entity,
            schema: Arc::clone(&self.schema),
            assignment: self.assignment.clone(),
            files: std::mem::take(&mut self.done),
            _guard: guard,
        })))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.current = None;
        for path in self.guard.iter().flat_map(LiveGuard::paths) {
            // What cannot be removed now, the sweep removes.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// `weir-<uuidv7>.parquet`: the name carries the time by the store's clock, which the sweep goes by.
fn file_name(now: jiff::Timestamp) -> String {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
    let stamp = uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos);
    format!("weir-{}.parquet", uuid::Uuid::new_v7(stamp))
}

/// Makes `folder` below `root`, and makes the names of all that was made durable.
fn make_durable_folder(root: &Path, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(LakeError::io(folder))?;
    let mut made = folder;
    while let Some(parent) = made.parent() {
        sync_folder(parent)?;
        if made == root {
            break;
        }
        made = parent;
    }
    Ok(())
}

fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(LakeError::io(folder))
}

impl StagedTable {
    /// The entity that this is the content of.
    pub fn entity(&self) -> &str {
        &self.0.entity
    }

    /// The schema of the rows.
    pub fn schema(&self) -> &SchemaRef {
        &self.0.schema
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.0.files.iter().map(|file| u64::try_from(file.rows).unwrap_or(0)).sum()
    }

    /// The Parquet files, in the order of the rows.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.files.iter().map(|file| file.path.as_path())
    }

    pub(crate) fn staged_files(&self) -> &[StagedFile] {
        &self.0.files
    }

    pub(crate) fn assignment(&self) -> &Assignment {
        &self.0.assignment
    }
}
