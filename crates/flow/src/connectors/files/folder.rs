//! A folder that nothing leads out of: no `..`, no absolute path, no link.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use crate::connectors::CallOutcome;

/// Bytes of a file that is read.
const MAX_READ: u64 = 16 * 1024 * 1024;
/// Bytes that a file may grow to by appending.
const MAX_FILE: u64 = 256 * 1024 * 1024;
/// Entries of one folder that are listed.
const MAX_ENTRIES: usize = 10_000;

/// A folder and what may be done in it.
pub(super) struct Folder {
    root: PathBuf,
    write: bool,
}

/// Why something could not be done.
pub(super) enum Trouble {
    /// The path is refused.
    Path(String),
    /// The connection only reads.
    ReadOnly,
    /// There is no such file.
    Missing(String),
    /// The file is there already.
    Exists(String),
    /// It is more than allowed.
    TooLarge(String),
    /// The system refuses.
    Io(String, io::Error),
}

impl Trouble {
    /// As the outcome of a call.
    pub(super) fn outcome(self) -> CallOutcome {
        match self {
            Self::Path(message) => CallOutcome::permanent("PathRefused", message),
            Self::ReadOnly => CallOutcome::permanent(
                "PathRefused",
                "the connection only reads; `write: true` in its definition lets flows write",
            ),
            Self::Missing(path) => {
                CallOutcome::permanent("NotFound", format!("there is no '{path}' in the folder"))
            }
            Self::Exists(path) => CallOutcome::permanent(
                "Conflict",
                format!("there is a file '{path}' and 'overwrite' is false"),
            ),
            Self::TooLarge(message) => CallOutcome::permanent("TooLarge", message),
            Self::Io(path, error) => {
                CallOutcome::permanent("FileFailed", format!("'{path}' cannot be used: {}", error.kind()))
            }
        }
    }
}

impl Folder {
    pub(super) fn new(root: PathBuf, write: bool) -> Self {
        Self { root, write }
    }

    /// What is in a folder, by name.
    pub(super) fn list(&self, path: &str) -> Result<Vec<Value>, Trouble> {
        let place = if path.is_empty() { self.real_root()? } else { self.place(path)? };
        let failed = |error| wrong(path, error);
        let mut entries = Vec::new();
        for entry in fs::read_dir(&place).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let about = entry.metadata().map_err(failed)?;
            if about.is_symlink() {
                continue;
            }
            if entries.len() == MAX_ENTRIES {
                return Err(Trouble::TooLarge(format!("the folder has more than {MAX_ENTRIES} entries")));
            }
            entries.push((entry.file_name().to_string_lossy().into_owned(), about));
        }
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        Ok(entries.into_iter().map(|(name, about)| described(path, name, &about)).collect())
    }

    /// A whole file.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, Trouble> {
        let place = self.place(path)?;
        let file = open(path, &place, OpenOptions::new().read(true))?;
        let mut bytes = Vec::new();
        let limit = MAX_READ.saturating_add(1);
        file.take(limit).read_to_end(&mut bytes).map_err(|error| wrong(path, error))?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_READ {
            return Err(Trouble::TooLarge(format!("'{path}' is larger than {MAX_READ} bytes")));
        }
        Ok(bytes)
    }

    /// Writes a whole file beside the old one and puts it in its place.
    pub(super) fn write(&self, path: &str, bytes: &[u8], overwrite: bool) -> Result<u64, Trouble> {
        let place = self.place_to_write(path)?;
        let failed = |error| wrong(path, error);
        if place.is_dir() {
            return Err(Trouble::Path(format!("'{path}' is a folder")));
        }
        if !overwrite {
            let mut file = match OpenOptions::new().write(true).create_new(true).open(&place) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    return Err(Trouble::Exists(path.to_owned()));
                }
                other => other.map_err(failed)?,
            };
            file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
            return Ok(size_of(bytes));
        }
        let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let random = getrandom::u64().map_err(|error| failed(io::Error::other(error.to_string())))?;
        let beside = place.with_file_name(format!(".{name}.{random:016x}"));
        let written = File::create_new(&beside)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&beside, &place));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written.map_err(failed)?;
        Ok(size_of(bytes))
    }

    /// Adds to the end of a file; its size then.
    pub(super) fn append(&self, path: &str, bytes: &[u8]) -> Result<u64, Trouble> {
        let place = self.place_to_write(path)?;
        let mut file = open(path, &place, OpenOptions::new().append(true).create(true))?;
        let before = file.metadata().map_err(|error| wrong(path, error))?.len();
        let after = before.saturating_add(size_of(bytes));
        if after > MAX_FILE {
            return Err(Trouble::TooLarge(format!("'{path}' would be larger than {MAX_FILE} bytes")));
        }
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| wrong(path, error))?;
        Ok(after)
    }

    /// Deletes a file; says whether there was one.
    pub(super) fn delete(&self, path: &str) -> Result<bool, Trouble> {
        if !self.write {
            return Err(Trouble::ReadOnly);
        }
        let place = match self.place(path) {
            Err(Trouble::Missing(_)) => return Ok(false),
            other => other?,
        };
        match fs::remove_file(place) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(wrong(path, error)),
        }
    }

    fn place_to_write(&self, path: &str) -> Result<PathBuf, Trouble> {
        if self.write { self.place(path) } else { Err(Trouble::ReadOnly) }
    }

    fn real_root(&self) -> Result<PathBuf, Trouble> {
        let shown = "the connection's folder";
        self.root.canonicalize().map_err(|error| match error.kind() {
            ErrorKind::NotFound => Trouble::Path(format!("{shown} is not there")),
            _ => wrong(shown, error),
        })
    }

    /// Where a path leads: below the root, through real folders only. The last part may be missing.
    fn place(&self, path: &str) -> Result<PathBuf, Trouble> {
        let refused = |why: &str| Trouble::Path(format!("the path '{path}' {why}"));
        if path.contains(['\0', '\\']) || path.chars().any(char::is_control) {
            return Err(refused("has a character that no path may have; folders are separated by '/'"));
        }
        let mut place = self.real_root()?;
        let mut parts = Path::new(path).components().peekable();
        if parts.peek().is_none() {
            return Err(refused("is empty"));
        }
        while let Some(part) = parts.next() {
            let Component::Normal(name) = part else {
                return Err(refused("must lead from the connection's folder on, without '..'"));
            };
            place.push(name);
            let last = parts.peek().is_none();
            match fs::symlink_metadata(&place) {
                Ok(about) if about.is_symlink() => return Err(refused("leads through a link")),
                Ok(about) if !last && !about.is_dir() => return Err(refused("leads through a file")),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound && last => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    return Err(Trouble::Missing(path.to_owned()));
                }
                Err(error) => return Err(wrong(path, error)),
            }
        }
        Ok(place)
    }
}

/// Opens a regular file, and makes sure that it is the one that was looked at: not a link put there meanwhile.
fn open(path: &str, place: &Path, how: &OpenOptions) -> Result<File, Trouble> {
    let failed = |error| wrong(path, error);
    if fs::symlink_metadata(place).is_ok_and(|about| !about.is_file()) {
        return Err(Trouble::Path(format!("'{path}' is no regular file")));
    }
    let file = how.open(place).map_err(failed)?;
    let opened = file.metadata().map_err(failed)?;
    let there = fs::symlink_metadata(place).map_err(failed)?;
    if there.is_symlink() || !same(&opened, &there) {
        return Err(Trouble::Path(format!("'{path}' was changed while it was opened")));
    }
    Ok(file)
}

#[cfg(unix)]
fn same(left: &Metadata, right: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (left.dev(), left.ino()) == (right.dev(), right.ino())
}

#[cfg(not(unix))]
fn same(left: &Metadata, right: &Metadata) -> bool {
    left.len() == right.len()
}

fn wrong(path: &str, error: io::Error) -> Trouble {
    match error.kind() {
        ErrorKind::NotFound => Trouble::Missing(path.to_owned()),
        _ => Trouble::Io(path.to_owned(), error),
    }
}

fn size_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn described(folder: &str, name: String, about: &Metadata) -> Value {
    let path =
        if folder.is_empty() { name.clone() } else { format!("{}/{name}", folder.trim_end_matches('/')) };
    let changed = about.modified().ok().and_then(|at| jiff::Timestamp::try_from(at).ok());
    let size = about.is_file().then_some(about.len());
    json!({"name": name, "path": path, "isFolder": about.is_dir(), "size": size, "changed": changed})
}
