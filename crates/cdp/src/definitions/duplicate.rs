//! A second segment or measure like one that is there, under another name, in the text of its file: comments and the
//! way it is written are copied with it, and everything around it stays as it is.

use std::path::{Path, PathBuf};

use lang::diagnose::{Span, did_you_mean, line_column};
use serde::Serialize;
use serde_json::{Value, json};

use super::DefinitionError;
use super::node::Node;
use super::problem::{Problems, Report};
use super::project::{Project, read_roots};
use super::yaml;

/// What there can be a duplicate of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicated {
    /// A segment.
    Segment,
    /// A measure.
    Measure,
}

impl Duplicated {
    fn section(self) -> &'static str {
        match self {
            Self::Segment => "segments",
            Self::Measure => "measures",
        }
    }
}

/// Where a duplicate is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Duplicate {
    /// The file that it belongs to, relative to the folder of the definitions.
    pub file: PathBuf,
    /// The line of the file that it begins in, from 1.
    pub line: usize,
    /// Its text.
    pub yaml: String,
    /// The file with it.
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    before: String,
}

/// Makes a duplicate in memory; [`Duplicate::write`] puts it into the file.
///
/// # Errors
/// There is nothing of that name, or the file is written in a way that cannot be followed.
pub fn duplicate(
    dir: &Path,
    what: Duplicated,
    name: &str,
    new_name: &str,
) -> Result<Duplicate, DefinitionError> {
    let (roots, problems) = read_roots(dir);
    let section = what.section();
    let items: Vec<&Node> = roots.iter().filter_map(|root| root.get(section)).flat_map(Node::items).collect();
    let name_of = |item: &&Node| item.get("name").and_then(Node::text).map(str::to_owned);
    let Some(item) = items.iter().find(|item| name_of(item).as_deref() == Some(name)) else {
        let names: Vec<String> = items.iter().filter_map(name_of).collect();
        let near = did_you_mean(name, names.iter().map(String::as_str)).map(str::to_owned);
        return Err(DefinitionError::NotThere { section, name: name.to_owned(), near });
    };
    let before = problems.text(item.place.file).to_owned();
    let unclear = || DefinitionError::NotDuplicated { section, name: name.to_owned() };
    let (at, yaml) = copied(&before, item, new_name).ok_or_else(unclear)?;
    let (head, tail) = before.split_at_checked(at).ok_or_else(unclear)?;
    let text = format!("{head}{yaml}{tail}");
    if section_of(&text, section) != with_copy(section_of(&before, section), name, new_name) {
        return Err(unclear());
    }
    let skip = yaml.len() - yaml.trim_start_matches([',', ' ', '\r', '\n']).len();
    let line = line_column(&text, at + skip).line;
    let own = yaml.strip_prefix(", ").unwrap_or(&yaml);
    let yaml = format!("{}\n", own.trim_matches(['\r', '\n']));
    let file = PathBuf::from(problems.name(item.place.file));
    Ok(Duplicate { file, line, yaml, text, before })
}

impl Duplicate {
    /// Puts the duplicate into its file. Where the definitions are not right with it, nothing is changed.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, dir: &Path) -> Result<Result<(), Report>, DefinitionError> {
        let path = dir.join(&self.file);
        let put = |text: &str| {
            let failed = |source| DefinitionError::Write { path: path.clone(), source };
            std::fs::write(&path, text).map_err(failed)
        };
        put(&self.text)?;
        match Project::load(dir) {
            Ok(_) => Ok(Ok(())),
            Err(report) => {
                put(&self.before)?;
                Ok(Err(report))
            }
        }
    }
}

/// Where the copy of an item goes, and its text.
fn copied(text: &str, item: &Node, new_name: &str) -> Option<(usize, String)> {
    let name = item.get("name")?.place.span;
    let before = text.get(..item.place.span.start)?;
    let dash = before.trim_end().len().checked_sub(1)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let is_block = text.get(dash..=dash) == Some("-") && text.get(line_start..dash)?.trim().is_empty();
    if !is_block {
        let yaml = renamed(text, item.place.span, name, new_name)?;
        return Some((item.place.span.end, format!(", {yaml}")));
    }
    let end = block_end(text, line_start, dash - line_start);
    let copy = renamed(text, Span::new(line_start, end), name, new_name)?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let is_open = !text.get(..end)?.ends_with('\n');
    Some((end, if is_open { format!("{newline}{copy}") } else { copy }))
}

/// The text of a range, with another name in it.
fn renamed(text: &str, range: Span, name: Span, new_name: &str) -> Option<String> {
    let head = text.get(range.start..name.start)?;
    let tail = text.get(name.end..range.end)?;
    Some(format!("{head}{new_name}{tail}"))
}

/// The end of an item of a list: of its last line that is indented deeper than its dash and not empty.
fn block_end(text: &str, start: usize, dash: usize) -> usize {
    let mut end = start;
    let mut at = start;
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        at += line.len();
        let words = line.trim();
        let indent = line.len() - line.trim_start().len();
        if words.is_empty() {
            continue;
        }
        if end > start && indent <= dash {
            break;
        }
        end = at;
    }
    end
}

/// A section of a file, without places.
fn section_of(text: &str, section: &str) -> Option<Vec<Value>> {
    let mut problems = Problems::default();
    let file = problems.file(String::new(), text.to_owned());
    let root = yaml::parse(file, &mut problems).filter(|_| problems.errors() == 0)?;
    Some(root.get(section)?.items().iter().map(Node::to_json).collect())
}

/// What the section is to hold afterwards.
fn with_copy(section: Option<Vec<Value>>, name: &str, new_name: &str) -> Option<Vec<Value>> {
    let mut section = section?;
    let at = section.iter().position(|item| item.get("name").and_then(Value::as_str) == Some(name))?;
    let mut copy = section.get(at)?.clone();
    *copy.get_mut("name")? = json!(new_name);
    section.insert(at + 1, copy);
    Some(section)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = "instance: i\nsegments:\n  # The best.\n  - name: Good  # short\n    where: >\n      \
                        CustomerId\n      = 'ä'\n\n    # the end of Good\n\n  # Others.\n  - {name: 'Flat', where: \"CustomerId = '2'\"}\n  \
                        -\n    name: Last\n    where: CustomerId = '3'";

    fn made(text: &str, name: &str, new: &str) -> Result<(String, Duplicate), String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("weir.yaml"), text).unwrap();
        let made = duplicate(dir.path(), Duplicated::Segment, name, new).map_err(|it| it.to_string())?;
        made.write(dir.path()).unwrap().map_err(|report| report.to_string())?;
        Ok((std::fs::read_to_string(dir.path().join("weir.yaml")).unwrap(), made))
    }

    #[test]
    fn a_duplicate_follows_its_original_with_the_comments_that_are_in_it() {
        let (text, made) = made(SHOP, "Good", "Better").unwrap();
        let copy = "  - name: Better  # short\n    where: >\n      CustomerId\n      = 'ä'\n\n    # the end of Good\n";
        assert_eq!(text, SHOP.replace("\n\n  # Others", &format!("\n{copy}\n  # Others")));
        assert_eq!((made.line, made.yaml.as_str()), (10, copy));
    }

    #[test]
    fn items_are_followed_in_every_way_they_are_written() {
        let (text, made_) = made(SHOP, "Flat", "Flatter").unwrap();
        assert!(text.contains("2'\"}\n  - {name: Flatter, where: \"CustomerId = '2'\"}\n  -\n"), "{text}");
        assert_eq!(made_.line, 13);
        let (text, _) = made(&SHOP.replace('\n', "\r\n"), "Flat", "Flatter").unwrap();
        assert!(text.contains("2'\"}\r\n  - {name: Flatter, where"), "{text}");
        let (text, _) =
            made("instance: i\nsegments:\n- name: A\n  where: CustomerId = '1'", "A", "B").unwrap();
        assert!(text.ends_with("\n- name: B\n  where: CustomerId = '1'"), "{text}");
        let flat = "instance: i\nsegments: [{name: A, where: CustomerId = '1'}]\n";
        let (text, made_) = made(flat, "A", "B").unwrap();
        assert!(text.contains("'1'}, {name: B, where: CustomerId = '1'}]\n"), "{text}");
        assert_eq!(made_.yaml, "{name: B, where: CustomerId = '1'}\n");
    }

    #[test]
    fn nothing_is_written_where_the_definitions_would_be_wrong() {
        assert!(made(SHOP, "Goood", "B").unwrap_err().contains("Good"));
        assert!(made(SHOP, "Good", "Flat").unwrap_err().contains("duplicateName"));
        assert!(made(SHOP, "Good", "not a name").unwrap_err().contains("invalidName"));
    }
}
