//! Where a file lies: `<export>/<entity>/<yyyy>/<MM>/<dd>/<HHmm>/<entity>_<n>.csv`.

use crate::definition::{Compression, FileFormat, Files};
use crate::run::Moment;
use crate::{ExportError, Result};

/// The path of the n-th file of an entity.
pub(super) fn file(export: &str, entity: &str, started: Moment, n: usize, files: &Files) -> String {
    let format = match files.format {
        FileFormat::Csv => "csv",
        FileFormat::Jsonl => "jsonl",
        FileFormat::Parquet => "parquet",
    };
    let compressed = match files.compress {
        Compression::None => "",
        Compression::Gzip => ".gz",
    };
    format!("{export}/{entity}/{}/{entity}_{n}.{format}{compressed}", started.path())
}

/// Refuses a name that would lead elsewhere, or that some file system does not take.
pub(super) fn check(name: &str) -> Result<()> {
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.');
    let ends = |at: Option<char>| at.is_none_or(|c| matches!(c, '.' | ' '));
    if !name.chars().all(fine) || ends(name.chars().next()) || ends(name.chars().last()) || name.len() > 200 {
        let detail =
            "as part of a path a name has letters, digits, `_`, `-`, `.` and spaces, at most 200 bytes";
        return Err(ExportError::definition(format!("the name {name:?}"), detail));
    }
    Ok(())
}

/// A folder below a place, without `..` and without a slash at its ends; empty for the place itself.
pub(super) fn folder(path: &str) -> Result<String> {
    let refuse = |detail| Err(ExportError::definition(format!("path {path:?}"), detail));
    if path.starts_with(['/', '\\']) || path.contains([':', '\\', '\0']) {
        return refuse("it is relative, and its parts are separated by `/`");
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return refuse("`..` would lead out of the folder");
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lies_under_its_export_entity_and_minute() {
        let started = Moment("2026-11-20T06:05:00Z".parse().unwrap());
        let files = Files { compress: Compression::Gzip, ..Files::default() };
        let expected = "Nightly/BigSpenders/2026/11/20/0605/BigSpenders_2.csv.gz";
        assert_eq!(file("Nightly", "BigSpenders", started, 2, &files), expected);
    }

    #[test]
    fn names_and_folders_that_lead_elsewhere_are_refused() {
        for name in ["", "..", ".hidden", "a/b", "a\\b", "a:b", "end.", "end ", "a\0", &"x".repeat(201)] {
            assert_eq!(check(name).unwrap_err().code(), "exportSettingWrong", "{name:?}");
        }
        for name in ["BigSpenders", "Big spenders 2", "Größe", "a-b_c.d"] {
            check(name).unwrap();
        }
        for path in ["/etc", "../x", "a/../../b", "C:\\x", "\\\\host"] {
            assert_eq!(folder(path).unwrap_err().code(), "exportSettingWrong", "{path:?}");
        }
        for (path, plain) in [("out/", "out"), ("./a//b", "a/b"), ("", ""), (".", "")] {
            assert_eq!(folder(path).unwrap(), plain);
        }
    }
}
