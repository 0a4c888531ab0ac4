//! What can be wrong with a file that flows are imported from.

use super::archive::{ARCHIVE_BYTES, ENTRIES, ENTRY_BYTES, RATIO, TOTAL_BYTES};

/// Why a file gives no flows. [`PackageError::code`] is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// It is no ZIP archive, or a part of it is missing or damaged.
    #[error("the archive cannot be read: {0}; export it again, or copy it again")]
    Broken(String),
    /// It is larger than [`ARCHIVE_BYTES`].
    #[error("the file has {0} bytes; {ARCHIVE_BYTES} are allowed")]
    FileTooLarge(u64),
    /// It holds more than [`ENTRIES`] files.
    #[error("the archive holds {0} files; {ENTRIES} are allowed")]
    TooManyEntries(usize),
    /// A file in it, or all of them together, unpack to more than is allowed.
    #[error(
        "'{0}' unpacks to more than is allowed: {ENTRY_BYTES} bytes a file, {TOTAL_BYTES} bytes in all, \
         {RATIO} times what it has packed"
    )]
    TooLargeUnpacked(String),
    /// A name that leaves the archive, or cannot be a name.
    #[error("the archive holds a file with the name '{0}', which leads out of it or is no name")]
    BadName(String),
    /// Two files of the same name.
    #[error("the archive holds two files with the same name{0}: it is not clear which one counts")]
    DuplicateName(String),
    /// It needs a password.
    #[error("'{0}' is encrypted; save the archive without a password")]
    Encrypted(String),
    /// It is packed in a way that is not known here.
    #[error("'{0}' is packed in a way that cannot be read here; pack it with Deflate")]
    UnknownCompression(String),
    /// It holds only another archive.
    #[error("there is no flow in it, but another archive: '{0}'; unpack that one and import it")]
    Nested(String),
    /// There is no flow in it.
    #[error(
        "there is no flow in it: none of {0} JSON files has an object with \"triggers\" and \"actions\"{1}"
    )]
    NoFlow(usize, String),
}

impl PackageError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Broken(_) => "archiveBroken",
            Self::FileTooLarge(_) => "archiveTooLarge",
            Self::TooManyEntries(_) => "archiveTooManyFiles",
            Self::TooLargeUnpacked(_) => "archiveUnpacksTooLarge",
            Self::BadName(_) => "archiveBadName",
            Self::DuplicateName(_) => "archiveDuplicateName",
            Self::Encrypted(_) => "archiveEncrypted",
            Self::UnknownCompression(_) => "archiveCompressionUnknown",
            Self::Nested(_) => "archiveNested",
            Self::NoFlow(..) => "noFlowInFile",
        }
    }
}
