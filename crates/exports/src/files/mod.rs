//! Files: the same folders, names and formats wherever they lie.
//!
//! The files of an entity are written under other names, or as uploads that nobody sees, and get their names
//! when all of them are complete.

mod encode;
pub mod folder;
mod manifest;
pub mod objects;
mod path;
pub mod sftp;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use tokio::sync::Mutex;

use self::encode::Encoder;
use self::manifest::Manifest;
use crate::definition::{Compression, FileFormat, Files};
use crate::run::{Destination, Run, Written};
use crate::{ExportError, Result, Rows, limits};

/// A place that files can be put into.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Begins a file. Nobody sees it before it is published.
    ///
    /// # Errors
    /// When the place refuses.
    async fn create(&self, path: &str) -> Result<Box<dyn Pending>>;
}

/// A file that has no name yet.
#[async_trait]
pub trait Pending: Send {
    /// Adds bytes.
    ///
    /// # Errors
    /// When the place refuses.
    async fn write(&mut self, bytes: Vec<u8>) -> Result<()>;

    /// Called when no more bytes come.
    ///
    /// # Errors
    /// When the place refuses.
    async fn complete(&mut self) -> Result<()>;

    /// Gives the file its name, in place of one that has it.
    ///
    /// # Errors
    /// When the place refuses.
    async fn publish(self: Box<Self>) -> Result<()>;

    /// Takes the file away.
    async fn discard(self: Box<Self>);
}

/// Writes an export's files to a place.
pub struct FileDestination {
    export: String,
    files: Files,
    store: Box<dyn FileStore>,
    manifest: Mutex<Manifest>,
}

impl FileDestination {
    /// The files of the export with this name, in `store`.
    ///
    /// # Errors
    /// When the name cannot be part of a path, or a setting does not fit the format.
    pub fn new(export: &str, files: &Files, store: Box<dyn FileStore>) -> Result<Self> {
        path::check(export)?;
        if files.format == FileFormat::Parquet && files.compress != Compression::None {
            let detail = "Parquet compresses itself: leave `compress` out";
            return Err(ExportError::definition("compress: gzip", detail));
        }
        if files.rows_per_file == Some(0) {
            return Err(ExportError::definition("rowsPerFile: 0", "a file has at least one row"));
        }
        let manifest = Mutex::new(Manifest::new(export));
        Ok(Self { export: export.to_owned(), files: files.clone(), store, manifest })
    }

    async fn fill(&self, rows: &mut Rows, run: &Run, pending: &mut Vec<Box<dyn Pending>>) -> Result<Written> {
        let entity = rows.entity().to_owned();
        let mut set = FileSet::begin(self, entity.clone(), rows.schema(), run, pending).await?;
        while let Some(batch) = rows.next().await? {
            run.check()?;
            set.batch(batch).await?;
        }
        set.end_file().await?;
        let (files, rows, bytes) = (set.paths, set.rows, set.bytes);
        let parts = u64::try_from(files.len()).unwrap_or(u64::MAX);
        Ok(Written { entity, rows, bytes, parts, files })
    }
}

#[async_trait]
impl Destination for FileDestination {
    async fn write(&self, mut rows: Rows, run: &Run) -> Result<Written> {
        let mut pending = Vec::new();
        let filled = self.fill(&mut rows, run, &mut pending).await.and_then(|written| {
            run.check()?;
            Ok(written)
        });
        let written = match filled {
            Ok(written) => written,
            Err(error) => {
                for file in pending {
                    file.discard().await;
                }
                return Err(error);
            }
        };
        for file in pending {
            file.publish().await?;
        }
        self.manifest.lock().await.add(&rows.schema(), &written);
        Ok(written)
    }

    async fn finish(&self, run: &Run) -> Result<()> {
        if !self.files.manifest {
            return Ok(());
        }
        let text = self.manifest.lock().await.text(run.started.0);
        let mut file = self.store.create(&format!("{}/model.json", self.export)).await?;
        let written = match file.write(text.into_bytes()).await {
            Ok(()) => file.complete().await,
            Err(error) => Err(error),
        };
        match written {
            Ok(()) => file.publish().await,
            Err(error) => {
                file.discard().await;
                Err(error)
            }
        }
    }
}

/// The files of one entity while they are written.
struct FileSet<'a> {
    of: &'a FileDestination,
    run: &'a Run,
    pending: &'a mut Vec<Box<dyn Pending>>,
    entity: String,
    schema: SchemaRef,
    encoder: Option<Encoder>,
    in_file: u64,
    paths: Vec<String>,
    rows: u64,
    bytes: u64,
}

impl<'a> FileSet<'a> {
    async fn begin(
        of: &'a FileDestination,
        entity: String,
        schema: SchemaRef,
        run: &'a Run,
        pending: &'a mut Vec<Box<dyn Pending>>,
    ) -> Result<Self> {
        path::check(&entity)?;
        let (encoder, paths) = (None, Vec::new());
        let mut set =
            Self { of, run, pending, entity, schema, encoder, in_file: 0, paths, rows: 0, bytes: 0 };
        // An entity without rows is a file without rows: its readers learn that it is empty.
        set.begin_file().await?;
        Ok(set)
    }

    async fn begin_file(&mut self) -> Result<()> {
        if self.paths.len() == limits::MAX_FILES {
            return Err(ExportError::TooManyFiles { entity: self.entity.clone(), limit: limits::MAX_FILES });
        }
        let path =
            path::file(&self.of.export, &self.entity, self.run.started, self.paths.len() + 1, &self.of.files);
        self.encoder = Some(Encoder::begin(&self.schema, &self.of.files)?);
        self.pending.push(self.of.store.create(&path).await?);
        self.paths.push(path);
        self.in_file = 0;
        Ok(())
    }

    async fn batch(&mut self, mut batch: RecordBatch) -> Result<()> {
        while batch.num_rows() > 0 {
            let room = self.of.files.rows_per_file.map_or(u64::MAX, |most| most.saturating_sub(self.in_file));
            if room == 0 {
                self.end_file().await?;
                self.begin_file().await?;
                continue;
            }
            let take = usize::try_from(room).unwrap_or(usize::MAX).min(batch.num_rows());
            let part = batch.slice(0, take);
            batch = batch.slice(take, batch.num_rows() - take);
            let taken = u64::try_from(take).unwrap_or(u64::MAX);
            self.in_file = self.in_file.saturating_add(taken);
            self.rows = self.rows.saturating_add(taken);
            self.run.progress.add(taken, 0);
            let Some(encoder) = &mut self.encoder else { return Ok(()) };
            encoder.batch(&part)?;
            if encoder.ready() >= limits::PART_BYTES {
                let bytes = encoder.take();
                self.send(bytes).await?;
            }
        }
        Ok(())
    }

    async fn end_file(&mut self) -> Result<()> {
        let Some(encoder) = self.encoder.take() else { return Ok(()) };
        let rest = encoder.finish()?;
        self.send(rest).await?;
        match self.pending.last_mut() {
            Some(file) => file.complete().await,
            None => Ok(()),
        }
    }

    async fn send(&mut self, bytes: Vec<u8>) -> Result<()> {
        let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if let (Some(file), true) = (self.pending.last_mut(), count > 0) {
            file.write(bytes).await?;
            self.bytes = self.bytes.saturating_add(count);
            self.run.progress.add(0, count);
        }
        Ok(())
    }
}
