//! Flows as other systems keep them: packages and solutions of Power Automate, templates and projects of Logic
//! Apps. Pure: bytes to documents and back.
//!
//! A flow is found by its shape, not by its path, and its document is kept as it was written; every change is an
//! edit at one place of the text ([`edit`]), so key order, number spelling and what nobody here understands stay.

mod archive;
mod arm;
mod edit;
mod error;
mod export;
mod find;
mod needs;
mod parts;
mod secrets;
mod solution;
mod standard;

use std::collections::{BTreeMap, BTreeSet};

use lang::diagnose::Span;
use lang::wdl::json::{self, Node};
use serde::Serialize;

pub use archive::{
    ARCHIVE_BYTES, ENTRIES, ENTRY_BYTES, RATIO, RATIO_FROM, SourceFile, TOTAL_BYTES, is_read, is_zip, pack,
    unpack,
};
pub use error::PackageError;
pub use export::{Target, export};
pub use needs::{Need, Use, kind_of, map, missing, needs};
pub use secrets::{Secret, move_secrets, secrets, strip};

/// Characters of a name that is made from a title.
const NAME_CHARACTERS: usize = 80;

/// Where a document was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// A package of Power Automate, or the answer of its API.
    Package,
    /// A solution, or a row of the table `workflow`.
    Solution,
    /// A resource of a deployment template.
    Template,
    /// A project of Logic Apps Standard, or a template for one.
    Standard,
    /// A definition by itself.
    Definition,
}

/// A flow that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoundFlow {
    /// What people call it.
    pub title: String,
    /// The same as a name for a file: letters, digits, `_` and `-`, a letter first, unique among those found.
    pub name: String,
    /// Where it was.
    pub origin: Origin,
    /// The file in the archive or folder.
    pub path: String,
    /// Its document.
    #[serde(skip)]
    pub document: String,
}

/// Something worth knowing about what was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// Which kind: a stable code.
    pub code: &'static str,
    /// About which file.
    pub path: String,
    /// The name or the text that it is about.
    pub about: String,
}

impl Note {
    fn new(code: &'static str, path: &str, about: impl Into<String>) -> Self {
        Self { code, path: path.to_owned(), about: about.into() }
    }
}

/// What a file or folder holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Found {
    /// Its flows.
    pub flows: Vec<FoundFlow>,
    /// What else there is to say.
    pub notes: Vec<Note>,
}

/// Reads a file: an archive, or a JSON text. `path` is its name.
///
/// # Errors
/// The archive is damaged or hostile, or there is no flow in it.
pub fn read(path: &str, bytes: Vec<u8>) -> Result<Found, PackageError> {
    if is_zip(&bytes) {
        return read_files(&unpack(&bytes)?);
    }
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > ENTRY_BYTES {
        return Err(PackageError::FileTooLarge(length));
    }
    let lower = path.to_ascii_lowercase();
    if lower.ends_with(".zip") {
        return Err(PackageError::Broken("it is no ZIP archive".to_owned()));
    }
    // A file that is named is looked into, whatever it is called.
    let path = if is_read(path) { path.to_owned() } else { format!("{path}.json") };
    read_files(&[SourceFile { path, bytes }])
}

/// Reads the files of an archive or folder.
///
/// # Errors
/// There is no flow in them.
pub fn read_files(files: &[SourceFile]) -> Result<Found, PackageError> {
    let mut reading = Reading::new(files);
    for file in files {
        if file.path.to_ascii_lowercase().ends_with(".json") {
            reading.file(&file.path);
        }
    }
    let mut found = reading.found;
    if found.flows.is_empty() {
        return Err(nothing(files, &found.notes));
    }
    unique(&mut found.flows);
    for flow in &mut found.flows {
        if let Some(named) = standard::named(&flow.document, &flow.name) {
            found.notes.push(Note::new("placeholder", &flow.path, &flow.name));
            flow.document = named;
        }
    }
    found.notes.sort();
    found.notes.dedup();
    Ok(found)
}

fn nothing(files: &[SourceFile], notes: &[Note]) -> PackageError {
    let is_archive = |file: &&SourceFile| file.path.to_ascii_lowercase().ends_with(".zip");
    if let Some(inner) = files.iter().find(is_archive) {
        return PackageError::Nested(inner.path.clone());
    }
    let n_json = files.iter().filter(|file| file.path.to_ascii_lowercase().ends_with(".json")).count();
    let why: Vec<String> = notes.iter().map(|note| format!("{} ({})", note.path, note.about)).collect();
    let why = if why.is_empty() { String::new() } else { format!("; left out: {}", why.join(", ")) };
    PackageError::NoFlow(n_json, why)
}

/// The files as they are read.
struct Reading<'f> {
    texts: BTreeMap<&'f str, &'f str>,
    workflows: BTreeMap<String, solution::Workflow>,
    found: Found,
}

impl<'f> Reading<'f> {
    fn new(files: &'f [SourceFile]) -> Self {
        let mut texts = BTreeMap::new();
        let mut notes = Vec::new();
        for file in files.iter().filter(|file| is_read(&file.path)) {
            match std::str::from_utf8(&file.bytes) {
                Ok(text) => {
                    texts.insert(file.path.as_str(), text.strip_prefix('\u{feff}').unwrap_or(text));
                }
                Err(_) => notes.push(Note::new("notUtf8", &file.path, "")),
            }
        }
        let is_xml = |path: &str| path.to_ascii_lowercase().ends_with(".xml");
        let listed = texts.iter().filter(|(path, _)| is_xml(path));
        let workflows: Vec<_> = listed.flat_map(|(_, text)| solution::workflows(text)).collect();
        for workflow in &workflows {
            if let Some(code) = workflow.other_kind() {
                notes.push(Note::new(code, &workflow.file, &workflow.name));
            }
        }
        let workflows = solution::by_file(workflows);
        Self { texts, workflows, found: Found { flows: Vec::new(), notes } }
    }

    fn file(&mut self, path: &str) {
        let Some(text) = self.texts.get(path).copied() else { return };
        // Most files of an archive hold no flow: they need not be parsed.
        let lower = text.to_ascii_lowercase();
        if !lower.contains("triggers") || !lower.contains("actions") {
            return;
        }
        let (root, diagnostics) = json::read(text);
        let Some(root) = root else {
            let why = diagnostics.last().map(|it| it.message.clone()).unwrap_or_default();
            self.found.notes.push(Note::new("notJson", path, why));
            return;
        };
        let listed = self.workflows.get(&file_name(path).to_lowercase()).cloned();
        if listed.as_ref().is_some_and(|workflow| workflow.other_kind().is_some()) {
            return;
        }
        let title = listed.map(|workflow| workflow.name).filter(|name| !name.is_empty());
        self.text(path, text, &root, title.as_deref());
        for inner in find::embedded(&root) {
            if let Some(root) = json::read(inner).0 {
                self.text(path, inner, &root, None);
            }
        }
    }

    fn text(&mut self, path: &str, text: &str, root: &Node, title: Option<&str>) {
        for piece in find::pieces(text, root) {
            let flow = if piece.in_template {
                self.of_template(path, text, root, piece.document)
            } else {
                self.of_document(path, piece.document.of(text), title)
            };
            self.found.flows.extend(flow);
        }
    }

    fn of_template(&mut self, path: &str, text: &str, root: &Node, span: Span) -> Option<FoundFlow> {
        let filled = arm::fill(text, root, node_at(root, span)?);
        for left in filled.left {
            self.found.notes.push(Note::new("templateExpression", path, left));
        }
        let document = with_references(&filled.document, text, root);
        let title = filled.name.unwrap_or_else(|| stem(path).to_owned());
        Some(FoundFlow {
            name: name_of(&title),
            title,
            origin: Origin::Template,
            path: path.to_owned(),
            document,
        })
    }

    fn of_document(&self, path: &str, document: &str, title: Option<&str>) -> Option<FoundFlow> {
        let root = json::read(document).0?;
        let origin = origin(&root, path);
        let mut document = document.to_owned();
        let mut beside = standard::Beside::default();
        if origin == Origin::Standard || origin == Origin::Definition {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let near = |name: &str| {
                let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
                let in_folder = |folder: &str| {
                    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                    self.texts.get(path.as_str()).copied()
                };
                in_folder(folder).or_else(|| in_folder(above))
            };
            beside.connections = near("connections.json");
            beside.parameters = near("parameters.json");
            beside.manifest = near("manifest.json");
            document = standard::join(&document, beside);
        }
        let title = title.map(str::to_owned).unwrap_or_else(|| title_of(&root, path, beside.manifest));
        Some(FoundFlow { name: name_of(&title), title, origin, path: path.to_owned(), document })
    }
}

/// The node that has this span.
fn node_at(root: &Node, span: Span) -> Option<&Node> {
    let mut pending = vec![root];
    while let Some(node) = pending.pop() {
        if node.span == span {
            return Some(node);
        }
        pending.extend(node.items());
        pending.extend(node.members().iter().map(|member| &member.value));
    }
    None
}

/// The resource with the connection references that our own templates keep in their metadata: a workflow of Logic
/// Apps has no place for them.
fn with_references(document: &str, text: &str, root: &Node) -> String {
    let references = root.get("metadata").and_then(|it| it.get("connectionReferences"));
    let resource = json::read(document).0;
    let properties = resource.as_ref().and_then(|it| it.get("properties"));
    let (Some(references), Some(properties)) = (references, properties) else { return document.to_owned() };
    let mut edits = edit::Edits::default();
    edits.append(document, properties, &[("connectionReferences", references.span.of(text).to_owned())]);
    edits.apply(document)
}

fn origin(root: &Node, path: &str) -> Origin {
    let Some(properties) = root.get("properties") else {
        let is_project = root.get("kind").is_some() || file_name(path).eq_ignore_ascii_case("workflow.json");
        return if is_project { Origin::Standard } else { Origin::Definition };
    };
    let is_resource = root.get("type").and_then(Node::as_text) == Some("Microsoft.Logic/workflows");
    if is_resource {
        Origin::Template
    } else if root.get("schemaVersion").is_some() && properties.get("displayName").is_none() {
        Origin::Solution
    } else {
        Origin::Package
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The file's name without its ending, and without the id that solutions put behind it.
fn stem(path: &str) -> &str {
    let name = file_name(path);
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let cut = name.char_indices().rev().nth(36).map(|(at, _)| at);
    match cut.and_then(|at| Some((name.get(..at)?, name.get(at..)?))) {
        Some((before, id))
            if !before.is_empty() && id.starts_with('-') && is_guid(id.trim_start_matches('-')) =>
        {
            before
        }
        _ => name,
    }
}

/// Whether a text is an id such as `9f4f6a3e-1b7c-4f61-9f43-0a6d5f6b7c8d`.
pub(super) fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn title_of(root: &Node, path: &str, manifest: Option<&str>) -> String {
    let displayed =
        root.get("properties").and_then(|it| it.get("displayName")).or_else(|| root.get("displayName"));
    if let Some(title) = displayed.and_then(Node::as_text).filter(|title| !title.trim().is_empty()) {
        return title.to_owned();
    }
    let manifest = manifest.and_then(|text| json::read(text).0);
    if let Some(title) = manifest.as_ref().and_then(|it| it.get("title")).and_then(Node::as_text) {
        return title.to_owned();
    }
    let stem = stem(path);
    let folder = path.rsplit('/').nth(1).filter(|folder| !folder.is_empty());
    match folder {
        // These files are called the same in every flow: the folder has the name.
        Some(folder) if ["workflow", "definition"].iter().any(|it| stem.eq_ignore_ascii_case(it)) => {
            folder.to_owned()
        }
        _ => stem.to_owned(),
    }
}

/// A title as the name of a flow's file.
pub fn name_of(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    let name: String = name.trim_matches(['-', '_']).chars().take(NAME_CHARACTERS).collect();
    let name = name.trim_end_matches(['-', '_']);
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name.to_owned(),
        Some(_) => format!("flow-{name}"),
        None => "flow".to_owned(),
    }
}

/// Gives flows of the same name a number.
fn unique(flows: &mut [FoundFlow]) {
    let mut taken = BTreeSet::new();
    for flow in flows {
        let base = flow.name.clone();
        let mut number = 2;
        while !taken.insert(flow.name.to_lowercase()) {
            flow.name = format!("{base}-{number}");
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests;
