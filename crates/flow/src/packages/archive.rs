//! ZIP archives: what one holds, within limits, and how one is written. Nothing is ever written to a disk here,
//! so a hostile archive can only cost memory, and the limits bound that.

use std::collections::HashSet;
use std::io::{Cursor, Read, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::PackageError;

/// Bytes of a file that is imported. Ours.
pub const ARCHIVE_BYTES: u64 = 64 * 1024 * 1024;
/// Files in an archive. Ours.
pub const ENTRIES: usize = 5_000;
/// Bytes of one file in an archive, unpacked. Ours.
pub const ENTRY_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes of all files that are read from an archive. Ours.
pub const TOTAL_BYTES: u64 = 128 * 1024 * 1024;
/// How many times its packed size a file may have, where it is larger than [`RATIO_FROM`]. Deflate ends at 1032.
pub const RATIO: u64 = 250;
/// Bytes from which [`RATIO`] counts: small files of one repeated sign are harmless.
pub const RATIO_FROM: u64 = 1024 * 1024;

/// How much a file may unpack to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) entry_bytes: u64,
    pub(super) total_bytes: u64,
    pub(super) ratio_from: u64,
}

const LIMITS: Limits = Limits { entry_bytes: ENTRY_BYTES, total_bytes: TOTAL_BYTES, ratio_from: RATIO_FROM };

/// A file, as an archive or a folder holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path with `/`, from the top of the archive or folder.
    pub path: String,
    /// Its content; empty for files that no import looks into.
    pub bytes: Vec<u8>,
}

/// Whether an import looks into files with this name.
pub fn is_read(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.ends_with(".json") || lower.ends_with(".xml")
}

/// Whether these bytes begin like a ZIP archive (also an empty one, or one that a program was put before).
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// The files of an archive, by path. Only those that [`is_read`] says are unpacked.
///
/// # Errors
/// The archive is damaged, encrypted, larger than the limits, or holds names that are not clear.
pub fn unpack(bytes: &[u8]) -> Result<Vec<SourceFile>, PackageError> {
    unpack_within(bytes, LIMITS)
}

pub(super) fn unpack_within(bytes: &[u8], limits: Limits) -> Result<Vec<SourceFile>, PackageError> {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > ARCHIVE_BYTES {
        return Err(PackageError::FileTooLarge(length));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken("", &error))?;
    if archive.len() > ENTRIES {
        return Err(PackageError::TooManyEntries(archive.len()));
    }
    if archive.has_duplicate_names() {
        return Err(PackageError::DuplicateName(String::new()));
    }
    if archive.has_overlapping_entries().map_err(|error| broken("", &error))? {
        return Err(PackageError::Broken("its files lie over each other".to_owned()));
    }
    let mut files = Vec::new();
    let mut names = HashSet::new();
    let mut total = 0;
    for index in 0..archive.len() {
        let path = entry_path(&archive, index)?;
        if path.ends_with('/') {
            continue;
        }
        if !names.insert(path.to_lowercase()) {
            return Err(PackageError::DuplicateName(format!(", '{path}'")));
        }
        let bytes = if is_read(&path) { entry(&mut archive, index, &path, limits)? } else { Vec::new() };
        total += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if total > limits.total_bytes {
            return Err(PackageError::TooLargeUnpacked(path));
        }
        files.push(SourceFile { path, bytes });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The path of a file in the archive. Some programs for Windows write `\`.
fn entry_path(archive: &ZipArchive<Cursor<&[u8]>>, index: usize) -> Result<String, PackageError> {
    let name = match archive.name_for_index(index) {
        Some(Ok(name)) => name.replace('\\', "/"),
        Some(Err(error)) => return Err(broken("", &error)),
        None => return Err(PackageError::Broken("its list of files is damaged".to_owned())),
    };
    let inside = name.strip_suffix('/').unwrap_or(&name);
    let bad = inside.is_empty()
        || inside.starts_with('/')
        || inside.contains(':')
        || inside.chars().any(char::is_control)
        || inside.split('/').any(|part| matches!(part, "" | "." | ".."));
    if bad { Err(PackageError::BadName(name)) } else { Ok(name) }
}

fn entry(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    path: &str,
    limits: Limits,
) -> Result<Vec<u8>, PackageError> {
    let file = archive.by_index(index).map_err(|error| broken(path, &error))?;
    if file.encrypted() {
        return Err(PackageError::Encrypted(path.to_owned()));
    }
    // What the archive says of the size is not believed: the reader stops where the limit is.
    let most = file.compressed_size().saturating_mul(RATIO).max(limits.ratio_from).min(limits.entry_bytes);
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| PackageError::Broken(format!("'{path}' is damaged ({error})")))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(PackageError::TooLargeUnpacked(path.to_owned()));
    }
    Ok(bytes)
}

fn broken(path: &str, error: &ZipError) -> PackageError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            PackageError::Encrypted(path.to_owned())
        }
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) if !path.is_empty() => {
            PackageError::UnknownCompression(path.to_owned())
        }
        other => PackageError::Broken(other.to_string()),
    }
}

/// An archive of these files, in this order. The same files give the same bytes.
///
/// # Errors
/// [`PackageError::Broken`] when a name cannot stand in an archive.
pub fn pack(files: &[SourceFile]) -> Result<Vec<u8>, PackageError> {
    let write = || -> Result<Vec<u8>, ZipError> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for file in files {
            writer.start_file(file.path.as_str(), options)?;
            writer.write_all(&file.bytes)?;
        }
        Ok(writer.finish()?.into_inner())
    };
    write().map_err(|error| PackageError::Broken(error.to_string()))
}
