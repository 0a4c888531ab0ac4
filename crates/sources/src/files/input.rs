//! Opening a file as a stream of plain bytes: counted, decompressed when it is compressed, and stopped in time.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use tokio_util::sync::CancellationToken;

use crate::error::SourceError;
use crate::limits::Limits;

/// A file of an entity, as it was when reading began.
#[derive(Clone, Debug)]
pub(crate) struct InputFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What people see: the path inside the data source's folder.
    pub(crate) name: String,
    /// Its size on disk, in bytes.
    pub(crate) bytes: u64,
    /// When it was last written, as far as the file system knows.
    pub(crate) modified: Option<SystemTime>,
    /// Columns that have one value in the whole file and do not stand in it.
    pub(crate) constants: Vec<Constant>,
}

/// A column with one value.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    pub(crate) name: String,
    pub(crate) value: Option<String>,
}

impl InputFile {
    /// A file as it is now.
    pub(crate) fn new(path: PathBuf, name: String, about: &std::fs::Metadata) -> Self {
        Self { path, name, bytes: about.len(), modified: about.modified().ok(), constants: Vec::new() }
    }

    /// Fails when the file is no longer what it was when reading began.
    pub(crate) fn check_unchanged(&self) -> Result<(), SourceError> {
        let now = std::fs::metadata(&self.path).map_err(|source| self.unreadable(source))?;
        if now.len() != self.bytes || now.modified().ok() != self.modified {
            return Err(SourceError::Changed { file: self.name.clone() });
        }
        Ok(())
    }

    fn unreadable(&self, source: io::Error) -> SourceError {
        match source.kind() {
            io::ErrorKind::NotFound => SourceError::NotFound { path: self.path.clone() },
            _ => SourceError::Unreadable { path: self.path.clone(), source },
        }
    }

    /// Turns an error of a stream that [`InputFile::open`] made into ours.
    pub(crate) fn error(&self, error: io::Error, compression: Compression) -> SourceError {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Stop>()) {
            Some(Stop::Cancelled) => return SourceError::Cancelled,
            Some(Stop::Bomb(limit)) => {
                return SourceError::Bomb { file: self.name.clone(), limit: limit.clone() };
            }
            None => {}
        }
        match compression {
            Compression::None => self.unreadable(error),
            _ => SourceError::Damaged {
                file: self.name.clone(),
                compression: compression.name(),
                reason: error.to_string(),
            },
        }
    }
}

/// How a file is compressed, told by its first bytes and never by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// The name that people see.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    fn of(magic: &[u8]) -> Self {
        if magic.starts_with(&[0x1f, 0x8b]) {
            Self::Gzip
        } else if magic.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Self::Zstd
        } else {
            Self::None
        }
    }
}

/// What every open stream of one read shares: the count of bytes and the wish to stop.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    pub(crate) bytes: Arc<AtomicU64>,
    pub(crate) cancel: CancellationToken,
}

/// Why a stream was stopped from our side; travels inside an `io::Error`.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("cancelled")]
    Cancelled,
    #[error("expands to more than {0}")]
    Bomb(String),
}

/// The bytes of a file as they are on disk.
pub(crate) struct Raw {
    file: File,
    meter: Meter,
    read: Arc<AtomicU64>,
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.meter.cancel.is_cancelled() {
            return Err(io::Error::other(Stop::Cancelled));
        }
        let count = self.file.read(buffer)?;
        self.meter.bytes.fetch_add(count as u64, Ordering::Relaxed);
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// The output of a decoder, stopped when it is too much.
struct Guarded<R> {
    inner: R,
    cancel: CancellationToken,
    packed: Arc<AtomicU64>,
    out: u64,
    limits: Limits,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancel.is_cancelled() {
            return Err(io::Error::other(Stop::Cancelled));
        }
        let count = self.inner.read(buffer)?;
        self.out = self.out.saturating_add(count as u64);
        if self.out > self.limits.expanded_bytes {
            let limit = format!("{} bytes", self.limits.expanded_bytes);
            return Err(io::Error::other(Stop::Bomb(limit)));
        }
        let allowed = self.packed.load(Ordering::Relaxed).saturating_mul(self.limits.ratio);
        if self.out > self.limits.ratio_free_bytes && self.out > allowed {
            let limit = format!("{} times its size", self.limits.ratio);
            return Err(io::Error::other(Stop::Bomb(limit)));
        }
        Ok(count)
    }
}

/// A stream of plain bytes, its first bytes already looked at.
pub(crate) struct Plain {
    pub(crate) reader: Box<dyn Read + Send>,
    pub(crate) compression: Compression,
    /// The first bytes (up to [`PEEK`]) of the plain content; `reader` still yields them.
    pub(crate) head: Vec<u8>,
}

/// How many bytes tell what a file is.
pub(crate) const PEEK: usize = 4_096;

impl InputFile {
    /// Opens the file as it is on disk.
    pub(crate) fn open_raw(&self, meter: &Meter) -> Result<Raw, SourceError> {
        let file = File::open(&self.path).map_err(|source| self.unreadable(source))?;
        Ok(Raw { file, meter: meter.clone(), read: Arc::default() })
    }

    /// Opens the file and takes off its compression.
    pub(crate) fn open(&self, meter: &Meter, limits: &Limits) -> Result<Plain, SourceError> {
        let mut raw = self.open_raw(meter)?;
        let packed = raw.read.clone();
        let magic = read_up_to(&mut raw, 4).map_err(|error| self.error(error, Compression::None))?;
        let compression = Compression::of(&magic);
        let rejoined = Cursor::new(magic).chain(raw);
        let guard = |inner: Box<dyn Read + Send>| {
            let cancel = meter.cancel.clone();
            Box::new(Guarded { inner, cancel, packed, out: 0, limits: limits.clone() })
        };
        let mut reader: Box<dyn Read + Send> = match compression {
            Compression::None => Box::new(rejoined),
            Compression::Gzip => guard(Box::new(flate2::read::MultiGzDecoder::new(rejoined))),
            Compression::Zstd => {
                let decoder = zstd::stream::read::Decoder::new(rejoined)
                    .map_err(|error| self.error(error, compression))?;
                guard(Box::new(decoder))
            }
        };
        let head = read_up_to(&mut reader, PEEK).map_err(|error| self.error(error, compression))?;
        self.refuse_archives(&head, compression)?;
        let reader = Box::new(Cursor::new(head.clone()).chain(reader));
        Ok(Plain { reader, compression, head })
    }

    fn refuse_archives(&self, head: &[u8], outer: Compression) -> Result<(), SourceError> {
        let refuse = |what, advice| Err(SourceError::Unsupported { file: self.name.clone(), what, advice });
        if outer != Compression::None && Compression::of(head) != Compression::None {
            return refuse("compressed twice", "unpack it once and refresh again");
        }
        if outer != Compression::None && head.starts_with(b"PAR1") {
            return refuse(
                "a compressed Parquet file",
                "Parquet is read from any place in the file, so unpack it first (it has its own compression)",
            );
        }
        if head.starts_with(b"PK\x03\x04") {
            return refuse(
                "a zip archive or a spreadsheet",
                "unpack it; a workbook is read when its name ends in .xlsx, .xls or .ods",
            );
        }
        Ok(())
    }
}

fn read_up_to(reader: &mut impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.by_ref().take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
