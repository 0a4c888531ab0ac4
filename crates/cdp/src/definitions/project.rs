//! A folder of definitions: `weir.yaml`, the files that it includes, and the flows.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use lang::diagnose::{Severity, Span};
use lang::wdl::Definition;

use super::check::{Known, check};
use super::gather::{Part, Parts, gather};
use super::limits::{MAX_FILE_BYTES, MAX_FILES};
use super::model::{Definitions, FlowFile};
use super::node::Node;
use super::problem::{FileId, Place, Problems, Report};
use super::shape::check::check as check_shape;
use super::shape::table::ROOT;
use super::shape::{Shape, text};
use super::yaml;

/// The file that a folder of definitions begins with.
pub const MAIN_FILE: &str = "weir.yaml";

/// The folder of flows when `flows` is not given.
pub(super) const FLOWS_DIR: &str = "flows";

/// Definitions that were read from a folder and are right.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    definitions: Definitions,
    warnings: Report,
    flows_folder: PathBuf,
}

impl Project {
    /// Reads and checks the definitions in `dir`. Touches nothing but the files of the folder.
    ///
    /// # Errors
    /// Everything that is wrong, with its places.
    pub fn load(dir: &Path) -> Result<Self, Report> {
        Self::load_knowing(dir, &Known::default())
    }

    /// The same, and references to attributes of known entities are checked too.
    ///
    /// # Errors
    /// Everything that is wrong, with its places.
    pub fn load_knowing(dir: &Path, known: &Known) -> Result<Self, Report> {
        let mut loader = Loader { dir, problems: Problems::default(), files: 0 };
        let roots = loader.read_files();
        let flows_folder = flows_folder(&roots);
        let flows = loader.read_flows(&roots);
        let mut problems = loader.problems;
        let is_whole = roots.iter().all(Option::is_some);
        let roots: Vec<Node> = roots.into_iter().flatten().collect();
        roots.iter().for_each(|root| check_shape(&Shape::Object(&ROOT), root, "the file", &mut problems));
        let parts = gather(&roots, &mut problems);
        if let Some(main) = roots.first().filter(|_| is_whole && parts.instance.is_none()) {
            let is_broken = main.get("instance").is_some();
            if !is_broken {
                problems.error(main.head(), "missingKey", "`instance` is missing: the name of the instance");
            }
        }
        // With a file that could not be read, every reference into it would be reported.
        if is_whole {
            check(&parts, known, &mut problems);
        }
        let is_right = problems.errors() == 0;
        let report = problems.into_report();
        if !is_right || report.has_errors() {
            return Err(report);
        }
        Ok(Self { definitions: definitions(parts, flows, dir), warnings: report, flows_folder })
    }

    /// Definitions whose parts read well by themselves, right together or not: for tests of the rooms that must
    /// stand wrong ones.
    #[cfg(test)]
    pub(crate) fn load_unchecked(dir: &Path) -> Self {
        let mut loader = Loader { dir, problems: Problems::default(), files: 0 };
        let roots: Vec<Node> = loader.read_files().into_iter().flatten().collect();
        let parts = gather(&roots, &mut loader.problems);
        assert_eq!(loader.problems.errors(), 0, "the parts of {} read well", dir.display());
        let flows_folder = PathBuf::from(FLOWS_DIR);
        Self { definitions: definitions(parts, Vec::new(), dir), warnings: Report::default(), flows_folder }
    }

    /// The definitions.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// The folder of the flows, from the folder of the definitions.
    pub fn flows_folder(&self) -> &Path {
        &self.flows_folder
    }

    /// The definitions, taken out.
    pub fn into_definitions(self) -> Definitions {
        self.definitions
    }

    /// What may be meant differently; no errors.
    pub fn warnings(&self) -> &Report {
        &self.warnings
    }
}

/// The roots of all files, and the files: for changes of their text.
pub(super) fn read_roots(dir: &Path) -> (Vec<Node>, Problems) {
    let mut loader = Loader { dir, problems: Problems::default(), files: 0 };
    let roots = loader.read_files().into_iter().flatten().collect();
    (roots, loader.problems)
}

fn definitions(parts: Parts, flows: Vec<FlowFile>, dir: &Path) -> Definitions {
    fn values<T>(parts: Vec<Part<T>>) -> Vec<T> {
        parts.into_iter().filter_map(|part| part.value).collect()
    }
    let connections = parts.connections.into_iter();
    let connections = connections.filter_map(|it| it.part.value.map(|value| (it.name, value)));
    Definitions {
        instance: parts.instance.unwrap_or_default(),
        data_sources: values(parts.data_sources),
        relationships: values(parts.relationships),
        unification: parts.unification.and_then(|part| part.value),
        activities: values(parts.activities),
        measures: values(parts.measures),
        segments: values(parts.segments),
        schedule: parts.schedule.and_then(|part| part.value),
        schedules: values(parts.schedules),
        auto_deactivation: parts.auto_deactivation.and_then(|part| part.value),
        failing_flows: parts.failing_flows.and_then(|part| part.value),
        search: parts.search.and_then(|part| part.value),
        exports: values(parts.exports),
        connections: connections.collect::<BTreeMap<_, _>>(),
        thresholds: values(parts.thresholds),
        flows,
        // Kept with what is applied, where the folder of the process means nothing.
        base_dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()),
    }
}

/// The folder of the flows, as it is given.
fn flows_folder(roots: &[Option<Node>]) -> PathBuf {
    let given = roots.iter().flatten().find_map(|root| root.get("flows"));
    PathBuf::from(given.and_then(Node::text).unwrap_or(FLOWS_DIR).trim_end_matches('/'))
}

struct Loader<'d> {
    dir: &'d Path,
    problems: Problems,
    files: usize,
}

impl Loader<'_> {
    /// The roots of the main file and of those that it includes; none for a file that is no YAML.
    fn read_files(&mut self) -> Vec<Option<Node>> {
        let main = self.read_yaml(MAIN_FILE, None);
        let mut includes: Vec<(String, Place)> = Vec::new();
        if let Some(list) = main.as_ref().and_then(|root| root.get("include")) {
            let named =
                list.items().iter().filter_map(|item| item.text().map(|text| (text.to_owned(), item.place)));
            includes.extend(named);
        }
        let mut roots = vec![main];
        for (index, (name, place)) in includes.iter().enumerate() {
            let again = name == MAIN_FILE || includes.iter().take(index).any(|(other, _)| other == name);
            if again {
                self.problems.error(*place, "duplicateName", format!("`{name}` is already read"));
                continue;
            }
            let root = self.read_yaml(name, Some(*place));
            if let Some(entry) = root.as_ref().and_then(|root| root.entry("include")) {
                let message = format!("only `{MAIN_FILE}` may include files");
                self.problems.error(entry.key_place, "nestedInclude", message);
            }
            roots.push(root);
        }
        roots
    }

    fn read_yaml(&mut self, name: &str, wanted_at: Option<Place>) -> Option<Node> {
        let file = self.read(name, wanted_at)?;
        yaml::parse(file, &mut self.problems)
    }

    /// Reads a file of the folder as text. `wanted_at` is where its name stands.
    fn read(&mut self, name: &str, wanted_at: Option<Place>) -> Option<FileId> {
        if !is_inside(name) {
            let at = wanted_at.unwrap_or_default();
            let message = format!("`{name}` is not a file inside the folder of the definitions");
            self.problems.error(at, "outsideFolder", message);
            return None;
        }
        self.files += 1;
        if self.files > MAX_FILES {
            if self.files == MAX_FILES + 1 {
                let message = format!("the folder has more than {MAX_FILES} files of definitions");
                self.problems.error(wanted_at.unwrap_or_default(), "tooManyFiles", message);
            }
            return None;
        }
        match read_bytes(&self.dir.join(name)) {
            Ok(bytes) => self.decode(name, bytes),
            Err(message) => {
                let at = wanted_at.unwrap_or_else(|| {
                    let file = self.problems.file(name.to_owned(), String::new());
                    Place { file, span: Span::default() }
                });
                self.problems.error(at, "fileNotRead", format!("`{name}` cannot be read: {message}"));
                None
            }
        }
    }

    fn decode(&mut self, name: &str, bytes: Vec<u8>) -> Option<FileId> {
        match String::from_utf8(bytes) {
            Ok(text) => {
                // A byte order mark is allowed, and no part of the text.
                let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
                Some(self.problems.file(name.to_owned(), text))
            }
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let bytes = error.into_bytes();
                let is_wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
                let message =
                    if is_wide { "the file is UTF-16" } else { "the text is not UTF-8 from here on" };
                let file = self.problems.file(name.to_owned(), String::from_utf8_lossy(&bytes).into_owned());
                let span = Span::new(good, good);
                let suggestion = Some("save the file as UTF-8".to_owned());
                self.problems.suggest(Place { file, span }, "notUtf8", message, suggestion);
                None
            }
        }
    }

    fn read_flows(&mut self, roots: &[Option<Node>]) -> Vec<FlowFile> {
        let place = roots.iter().flatten().find_map(|root| root.get("flows")).map(|node| node.place);
        let folder = flows_folder(roots).to_string_lossy().into_owned();
        if !is_inside(&folder) {
            let message = format!("`{folder}` is not a folder inside the folder of the definitions");
            self.problems.error(place.unwrap_or_default(), "outsideFolder", message);
            return Vec::new();
        }
        let names = match json_files(&self.dir.join(&folder)) {
            Ok(names) => names,
            Err(_) if place.is_none() => return Vec::new(),
            Err(error) => {
                let message = format!("the folder `{folder}` cannot be read: {error}");
                self.problems.error(place.unwrap_or_default(), "fileNotRead", message);
                return Vec::new();
            }
        };
        names.iter().filter_map(|name| self.read_flow(&folder, name, place)).collect()
    }

    fn read_flow(&mut self, folder: &str, name: &str, wanted_at: Option<Place>) -> Option<FlowFile> {
        let file = self.read(&format!("{folder}/{name}"), wanted_at)?;
        let document = self.problems.text(file).to_owned();
        let stem = name.strip_suffix(".json").unwrap_or(name);
        for fault in (text::LABEL.check)(stem) {
            let at = Place { file, span: Span::default() };
            let message = format!("the file's name is the flow's name: {}", fault.message);
            self.problems.suggest(at, fault.code, message, fault.suggestion);
        }
        self.check_flow(file, &document);
        Some(FlowFile { name: stem.to_owned(), document })
    }

    fn check_flow(&mut self, file: FileId, document: &str) {
        for finding in Definition::parse(document).diagnostics {
            // What is only worth knowing is for `weir flow check`.
            if finding.severity != Severity::Info {
                let place = Place { file, span: finding.span };
                self.problems.add(place, finding.severity, finding.code, finding.message, finding.suggestion);
            }
        }
    }
}

/// Whether a path stays inside the folder it is relative to.
fn is_inside(name: &str) -> bool {
    let path = Path::new(name);
    !name.is_empty() && path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no file".to_owned());
    }
    let length = metadata.len();
    if length > MAX_FILE_BYTES {
        return Err(format!("it has {length} bytes; {MAX_FILE_BYTES} are allowed"));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

/// The names of the JSON files of a folder, sorted.
fn json_files(folder: &PathBuf) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".json") && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
