//! A folder of this machine.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::{FileStore, Pending, path};
use crate::{ExportError, Result};

/// Files in a folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder `path` inside `base`.
    ///
    /// # Errors
    /// When `path` leads out of `base`.
    pub fn inside(base: &Path, path: &str) -> Result<Self> {
        Ok(Self { root: base.join(path::folder(path)?) })
    }
}

#[async_trait]
impl FileStore for Folder {
    async fn create(&self, path: &str) -> Result<Box<dyn Pending>> {
        let path = self.root.join(path);
        let pending = blocking(move || {
            let folder = path.parent().unwrap_or(&path).to_owned();
            let failed = |source| ExportError::Unwritable { path: folder.clone(), source };
            fs::create_dir_all(&folder).map_err(failed)?;
            let (file, temporary) = unused(&path).map_err(failed)?;
            Ok(PendingFile { file: Some(file), temporary, path })
        });
        Ok(Box::new(pending.await?))
    }
}

/// A new file beside `path`, with a name that readers of `*.csv` do not take.
fn unused(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for n in 0..1_000_u32 {
        let temporary = path.with_file_name(format!(".{name}.{}-{n}.part", std::process::id()));
        match File::options().write(true).create_new(true).open(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => return Ok((file, temporary)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

struct PendingFile {
    file: Option<File>,
    temporary: PathBuf,
    path: PathBuf,
}

impl PendingFile {
    /// Runs `work` on the file, off the threads that others wait on.
    async fn with(&mut self, work: impl FnOnce(&mut File) -> io::Result<()> + Send + 'static) -> Result<()> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let path = self.path.clone();
        let file = blocking(move || match work(&mut file) {
            Ok(()) => Ok(file),
            Err(source) => Err(ExportError::Unwritable { path, source }),
        });
        self.file = Some(file.await?);
        Ok(())
    }
}

#[async_trait]
impl Pending for PendingFile {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.with(move |file| file.write_all(&bytes)).await
    }

    async fn complete(&mut self) -> Result<()> {
        // On the disk before it has a name: after a power cut a named file is whole.
        self.with(|file| file.sync_all()).await?;
        self.file = None;
        Ok(())
    }

    async fn publish(self: Box<Self>) -> Result<()> {
        blocking(move || {
            let renamed = fs::rename(&self.temporary, &self.path);
            renamed.map_err(|source| ExportError::Unwritable { path: self.path.clone(), source })
        })
        .await
    }

    async fn discard(self: Box<Self>) {
        // It may be gone already; a file without a name harms nobody.
        let _ = blocking(move || {
            let _ = fs::remove_file(&self.temporary);
            Ok(())
        })
        .await;
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(ExportError::Cancelled))
}

#[cfg(test)]
mod tests;
