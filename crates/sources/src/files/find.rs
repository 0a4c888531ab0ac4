//! Which files an entity has: one path or a pattern inside the data source's folder, sorted.

use std::path::{Component, Path, PathBuf};

use super::input::InputFile;
use crate::error::SourceError;
use crate::limits::Limits;

/// The files of an entity in the order they are read (by name). At least one, all inside `folder`.
pub(crate) fn find(folder: &Path, file: &str, limits: &Limits) -> Result<Vec<InputFile>, SourceError> {
    let outside = || SourceError::Outside { file: file.to_owned(), folder: folder.to_owned() };
    let inside = Path::new(file);
    if !inside.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(outside());
    }
    let real_folder = std::fs::canonicalize(folder).map_err(|error| unreadable(folder, error))?;
    let literal = folder.join(inside);
    // A file that is really called `a[1].csv` is meant as such.
    let paths = if is_pattern(file) && !literal.exists() {
        matches(&real_folder, file, limits)?
    } else {
        vec![real_folder.join(inside)]
    };
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        // Links are followed first, so that a link can not lead outside either.
        let real = std::fs::canonicalize(&path).map_err(|error| unreadable(&path, error))?;
        if !real.starts_with(&real_folder) {
            return Err(outside());
        }
        let about = std::fs::metadata(&real).map_err(|error| unreadable(&path, error))?;
        if !about.is_file() {
            let advice = "name a file, or a pattern such as \"folder/*.csv\"";
            return Err(SourceError::Unsupported { file: file.to_owned(), what: "not a file", advice });
        }
        let name = path.strip_prefix(&real_folder).unwrap_or(&path).to_string_lossy().into_owned();
        files.push(InputFile::new(real, name, &about));
    }
    Ok(files)
}

fn is_pattern(file: &str) -> bool {
    file.contains(['*', '?', '['])
}

fn matches(folder: &Path, file: &str, limits: &Limits) -> Result<Vec<PathBuf>, SourceError> {
    let bad = |reason: String| SourceError::BadPattern { pattern: file.to_owned(), reason };
    let escaped = glob::Pattern::escape(&folder.to_string_lossy());
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..Default::default() };
    let found = glob::glob_with(&format!("{escaped}/{file}"), options).map_err(|e| bad(e.msg.to_owned()))?;
    let mut paths = Vec::new();
    for path in found {
        let path = path.map_err(|error| {
            let at = error.path().to_owned();
            SourceError::Unreadable { path: at, source: error.into() }
        })?;
        if path.is_dir() {
            continue;
        }
        if paths.len() == limits.files {
            return Err(SourceError::TooManyFiles { pattern: file.to_owned(), limit: limits.files });
        }
        paths.push(path);
    }
    if paths.is_empty() {
        return Err(SourceError::NoMatch { pattern: file.to_owned(), folder: folder.to_owned() });
    }
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, source: std::io::Error) -> SourceError {
    match source.kind() {
        std::io::ErrorKind::NotFound => SourceError::NotFound { path: path.to_owned() },
        _ => SourceError::Unreadable { path: path.to_owned(), source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path, file: &str) -> Result<Vec<String>, &'static str> {
        find(folder, file, &Limits::default())
            .map(|files| files.into_iter().map(|file| file.name).collect())
            .map_err(|error| error.code())
    }

    #[test]
    fn files_of_a_pattern_come_sorted_and_only_from_inside_the_folder() {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("da[t]a");
        std::fs::create_dir_all(data.join("sub")).unwrap();
        for name in ["b.csv", "a.csv", "sub/c.csv", ".hidden.csv", "x[1].csv"] {
            std::fs::write(data.join(name), "x").unwrap();
        }
        std::fs::write(root.path().join("secret.csv"), "x").unwrap();
        assert_eq!(names(&data, "*.csv"), Ok(vec!["a.csv".into(), "b.csv".into(), "x[1].csv".into()]));
        assert_eq!(names(&data, "**/c.csv"), Ok(vec!["sub/c.csv".into()]));
        assert_eq!(names(&data, "x[1].csv"), Ok(vec!["x[1].csv".into()]));
        assert_eq!(names(&data, "*.json"), Err("noFileMatches"));
        assert_eq!(names(&data, "none.csv"), Err("fileNotFound"));
        assert_eq!(names(&data, "sub"), Err("formatNotSupported"));
        assert_eq!(names(&data, "../secret.csv"), Err("fileOutsideSource"));
        assert_eq!(names(&data, "sub/../../*.csv"), Err("fileOutsideSource"));
        assert_eq!(names(&data, "/etc/passwd"), Err("fileOutsideSource"));
        assert_eq!(names(&data, "***"), Err("badFilePattern"));
        assert_eq!(names(&root.path().join("no"), "a.csv"), Err("fileNotFound"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_outside_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("data");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(root.path().join("secret.csv"), "x").unwrap();
        std::os::unix::fs::symlink(root.path().join("secret.csv"), data.join("a.csv")).unwrap();
        assert_eq!(names(&data, "a.csv"), Err("fileOutsideSource"));
        assert_eq!(names(&data, "*.csv"), Err("fileOutsideSource"));
    }

    #[test]
    fn one_file_too_many_is_refused() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a.csv", "b.csv", "c.csv"] {
            std::fs::write(root.path().join(name), "x").unwrap();
        }
        let limits = Limits { files: 2, ..Limits::default() };
        assert_eq!(find(root.path(), "*.csv", &limits).unwrap_err().code(), "tooManyFiles");
        let limits = Limits { files: 3, ..Limits::default() };
        assert_eq!(find(root.path(), "*.csv", &limits).unwrap().len(), 3);
    }
}
