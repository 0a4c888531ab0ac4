//! The files of the repository, read once for all checks.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::modules;
use super::rust::Source;

/// Something that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// The file, from the repository's root.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong and what would be right.
    pub(crate) message: String,
}

impl Finding {
    /// A finding at a line of a file.
    pub(crate) fn new(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, message: message.into() }
    }
}

/// One text file.
#[derive(Debug)]
pub(crate) struct File {
    /// Its text.
    pub(crate) text: String,
    /// Its parts, when it is Rust.
    pub(crate) rust: Option<Source>,
    /// True for files that only tests are made of.
    pub(crate) test: bool,
}

/// Every text file of the repository that Git keeps or would keep, by its path from the root.
#[derive(Debug, Default)]
pub(crate) struct House {
    /// The files.
    pub(crate) files: BTreeMap<String, File>,
}

impl House {
    /// The house of some files.
    pub(crate) fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut house = Self::default();
        for (path, text) in files {
            let rust = path.ends_with(".rs").then(|| Source::new(&text));
            house.files.insert(path, File { text, rust, test: false });
        }
        for path in modules::test_files(&house) {
            if let Some(file) = house.files.get_mut(&path) {
                file.test = true;
            }
        }
        house
    }

    /// Reads the repository. Files that are not UTF-8 are no text and left out.
    ///
    /// # Errors
    /// When a folder or a file cannot be read.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let paths = if root.join(".git").exists() { from_git(root)? } else { from_disk(root)? };
        let mut files = Vec::new();
        for path in paths {
            // Git also lists what was deleted but not yet committed.
            let Ok(bytes) = std::fs::read(root.join(&path)) else { continue };
            if let Ok(text) = String::from_utf8(bytes) {
                files.push((path, text));
            }
        }
        Ok(Self::new(files))
    }

    /// The Rust files with their parts.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &File, &Source)> {
        self.files
            .iter()
            .filter_map(|(path, file)| file.rust.as_ref().map(|source| (path.as_str(), file, source)))
    }

    /// The Rust files that the program is made of: no tests.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = (&str, &File, &Source)> {
        self.rust().filter(|(path, file, _)| !file.test && path.starts_with("crates/"))
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|file| file.text.as_str())
    }

    /// Whether a path names a file or a folder.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.contains_key(path)
            || self.files.range(folder.clone()..).next().is_some_and(|(found, _)| found.starts_with(&folder))
    }
}

/// The crate of a path `crates/<name>/…`, and the rest.
pub(crate) fn crate_of(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("crates/")?.split_once('/')
}

/// Where the manifest of a package of the workspace is.
pub(crate) fn manifest(package: &str) -> String {
    match package.strip_prefix("bench-") {
        Some(bench) => format!("bench/{bench}/Cargo.toml"),
        None if package == "xtask" => "xtask/Cargo.toml".to_owned(),
        None => format!("crates/{package}/Cargo.toml"),
    }
}

/// The module that a file under `crates/<name>/src` is: `cdp::sources::read`.
pub(crate) fn module_of(path: &str) -> Option<String> {
    let (krate, rest) = crate_of(path)?;
    let rest = rest.strip_prefix("src/")?.strip_suffix(".rs")?;
    let mut parts = vec![krate];
    parts.extend(rest.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main")));
    Some(parts.join("::"))
}

/// Runs git in a folder and returns what it prints.
///
/// # Errors
/// When git is missing or fails.
pub(crate) fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    let output =
        Command::new("git").current_dir(root).args(arguments).output().context("git cannot be started")?;
    if !output.status.success() {
        bail!("git {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn from_git(root: &Path) -> Result<Vec<String>> {
    let listed = git(root, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    Ok(listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

fn from_disk(root: &Path) -> Result<Vec<String>> {
    const NOT_OURS: [&str; 4] = [".git", ".weir", "node_modules", "target"];
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && !NOT_OURS.iter().any(|name| entry.file_name() == *name) {
                folders.push(entry.path());
            } else if kind.is_file()
                && let Ok(path) = entry.path().strip_prefix(root)
            {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
pub(crate) fn sample(files: &[(&str, &str)]) -> House {
    House::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_its_module() {
        for (path, module) in [
            ("crates/cdp/src/sources/read.rs", Some("cdp::sources::read")),
            ("crates/cdp/src/sources/mod.rs", Some("cdp::sources")),
            ("crates/cdp/src/lib.rs", Some("cdp")),
            ("crates/cdp/tests/a.rs", None),
            ("xtask/src/main.rs", None),
        ] {
            assert_eq!(module_of(path).as_deref(), module);
        }
    }

    #[test]
    fn a_folder_is_there_when_a_file_in_it_is() {
        let house = sample(&[("docs/errors/cdp.md", "")]);
        assert!(house.has("docs/errors") && house.has("docs/") && house.has("docs/errors/cdp.md"));
        assert!(!house.has("docs/err") && !house.has("docs/errors/cdp"));
    }

    #[test]
    fn the_folder_is_read_when_git_is_not_there() {
        let root = std::env::temp_dir().join(format!("xtask-house-{}", std::process::id()));
        std::fs::create_dir_all(root.join("target")).unwrap();
        std::fs::create_dir_all(root.join("crates/a/src")).unwrap();
        std::fs::write(root.join("target/x.rs"), "").unwrap();
        std::fs::write(root.join("crates/a/src/lib.rs"), "//! A.").unwrap();
        std::fs::write(root.join("picture.png"), [0xff, 0xfe, 0x00, 0xd8]).unwrap();
        let house = House::read(&root).unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(house.files.keys().collect::<Vec<_>>(), ["crates/a/src/lib.rs"]);
    }
}
