//! YAML text to a tree of [`Node`]s: places kept, duplicate keys refused, depth and size bounded.

use std::collections::BTreeMap;

use lang::diagnose::{Span, line_column};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::Number;

use super::limits::{MAX_DEPTH, MAX_VALUES};
use super::node::{Entry, Node, NodeValue};
use super::problem::{FileId, Place, Problems};

/// Reads the one document of a file. An empty document is an empty mapping; nothing comes back when the text is
/// no YAML, and the reason is among the problems.
pub(super) fn parse(file: FileId, problems: &mut Problems) -> Option<Node> {
    let text = problems.text(file).to_owned();
    let mut builder = Builder {
        file,
        offsets: Offsets::of(&text),
        problems,
        open: Vec::new(),
        root: None,
        anchors: BTreeMap::new(),
        values: 0,
        documents: 0,
    };
    let mut parser = Parser::new_from_str(&text);
    while let Some(event) = parser.next_event() {
        let step = match event {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => {
                let at = builder.offsets.byte(*error.marker());
                builder.syntax_error(at, &text, error.info());
                Err(Stop)
            }
        };
        if step.is_err() {
            return None;
        }
    }
    let empty = Node { value: NodeValue::Map(Vec::new()), place: Place { file, span: Span::at(0) } };
    Some(builder.root.unwrap_or(empty))
}

/// Reading cannot go on; the reason is among the problems.
struct Stop;

/// Byte offsets of characters: the parser counts characters.
struct Offsets(Option<Vec<usize>>);

impl Offsets {
    fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self(None);
        }
        Self(Some(text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect()))
    }

    fn byte(&self, marker: Marker) -> usize {
        match &self.0 {
            None => marker.index(),
            Some(offsets) => offsets.get(marker.index()).or(offsets.last()).copied().unwrap_or_default(),
        }
    }
}

/// A list or mapping that is not closed yet.
struct Open {
    start: usize,
    anchor: usize,
    what: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, Place)> },
}

struct Builder<'p> {
    file: FileId,
    offsets: Offsets,
    problems: &'p mut Problems,
    open: Vec<Open>,
    root: Option<Node>,
    /// What an anchor stands for, with its values and levels.
    anchors: BTreeMap<usize, (Node, Size)>,
    values: usize,
    documents: usize,
}

impl Builder<'_> {
    fn place(&self, span: saphyr_parser::Span) -> Place {
        let span = Span::new(self.offsets.byte(span.start), self.offsets.byte(span.end));
        Place { file: self.file, span }
    }

    fn syntax_error(&mut self, at: usize, text: &str, info: &str) {
        // An error at the very end is shown on the last character, where people can see it.
        let at = if at >= text.len() { text.trim_end().len().saturating_sub(1) } else { at };
        let place = Place { file: self.file, span: Span::new(at, at.saturating_add(1).min(text.len())) };
        let open = unclosed(text.get(..at).unwrap_or_default());
        let suggestion = open.map(|(bracket, offset)| {
            format!("the `{bracket}` in line {} is not closed before", line_column(text, offset).line)
        });
        self.problems.suggest(place, "yamlSyntax", format!("this is no YAML: {info}"), suggestion);
    }

    fn take(&mut self, event: Event<'_>, span: saphyr_parser::Span) -> Result<(), Stop> {
        let place = self.place(span);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.problems.error(place, "severalDocuments", "only one YAML document per file is read");
                    return Err(Stop);
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), place);
                self.value(Node { value, place }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), place);
                self.start(place, anchor, OpenKind::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), place);
                self.start(place, anchor, OpenKind::Map { entries: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(place),
            Event::Alias(anchor) => self.alias(anchor, place),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn start(&mut self, place: Place, anchor: usize, what: OpenKind) -> Result<(), Stop> {
        self.check_depth(self.open.len() + 1, place)?;
        self.open.push(Open { start: place.span.start, anchor, what });
        Ok(())
    }

    fn check_depth(&mut self, levels: usize, place: Place) -> Result<(), Stop> {
        if levels <= MAX_DEPTH {
            return Ok(());
        }
        let message = format!("lists and mappings are nested deeper than {MAX_DEPTH} levels");
        self.problems.error(place, "tooDeep", message);
        Err(Stop)
    }

    fn end(&mut self, place: Place) -> Result<(), Stop> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = match open.what {
            OpenKind::List(items) => NodeValue::List(items),
            OpenKind::Map { entries, .. } => NodeValue::Map(entries),
        };
        let place = Place { file: self.file, span: Span::new(open.start, place.span.end) };
        self.value(Node { value, place }, open.anchor)
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Stop> {
        let Some(size) = self.anchors.get(&anchor).map(|(_, size)| *size) else {
            self.problems.error(place, "yamlSyntax", "an alias may not stand inside what it stands for");
            return Err(Stop);
        };
        // Counted in full before it is copied: aliases of aliases grow without bound otherwise.
        self.check_depth(self.open.len().saturating_add(size.levels), place)?;
        self.count(size.values, place)?;
        let value = self.anchors.get(&anchor).map_or(NodeValue::Null, |(node, _)| node.value.clone());
        self.value(Node { value, place }, 0)
    }

    fn count(&mut self, values: usize, place: Place) -> Result<(), Stop> {
        self.values = self.values.saturating_add(values);
        if self.values <= MAX_VALUES {
            return Ok(());
        }
        self.problems.error(place, "tooManyValues", format!("the file has more than {MAX_VALUES} values"));
        Err(Stop)
    }

    /// Puts a complete value where it belongs: into the open list or mapping, or at the root.
    fn value(&mut self, node: Node, anchor: usize) -> Result<(), Stop> {
        self.count(1, node.place)?;
        if anchor > 0 {
            let size = size(&node);
            self.count(size.values, node.place)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let problems = &mut *self.problems;
        match self.open.last_mut().map(|open| &mut open.what) {
            None => self.root = Some(node),
            Some(OpenKind::List(items)) => items.push(node),
            Some(OpenKind::Map { entries, key }) => match key.take() {
                Some((name, key_place)) => match entries.iter().find(|entry| entry.key == name) {
                    None => entries.push(Entry { key: name, key_place, node }),
                    Some(_) => {
                        let message = format!("the key `{name}` stands here twice; only one value can hold");
                        problems.error(key_place, "duplicateKey", message);
                    }
                },
                None => *key = Some(key_of(node, problems)?),
            },
        }
        Ok(())
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, place: Place) {
        if let Some(tag) = tag {
            let message = format!("the YAML tag `{tag}` has no meaning here");
            self.problems.suggest(place, "tagNotAllowed", message, Some("leave it out".to_owned()));
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, place: Place) -> NodeValue {
        let text_tag = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
        if !text_tag {
            self.refuse_tag(tag, place);
        }
        if style == ScalarStyle::Plain && !text_tag { plain(text) } else { NodeValue::Text(text.to_owned()) }
    }
}

fn key_of(node: Node, problems: &mut Problems) -> Result<(String, Place), Stop> {
    let text = match node.value {
        NodeValue::Text(text) => text,
        NodeValue::Number(number) => number.to_string(),
        NodeValue::Bool(it) => it.to_string(),
        _ => {
            problems.error(node.place, "keyNotText", "a key must be a text");
            return Err(Stop);
        }
    };
    Ok((text, node.place))
}

/// An unquoted scalar by the YAML 1.2 core schema, without `.inf`, `.nan`, octal and hexadecimal numbers: those
/// stay texts.
fn plain(text: &str) -> NodeValue {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return NodeValue::Null,
        "true" | "True" | "TRUE" => return NodeValue::Bool(true),
        "false" | "False" | "FALSE" => return NodeValue::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return NodeValue::Text(text.to_owned());
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let number = unsigned.parse::<i64>().ok().map(Number::from).or_else(|| {
        let decimal = unsigned.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b));
        unsigned.parse::<f64>().ok().filter(|_| decimal).and_then(Number::from_f64)
    });
    number.map_or_else(|| NodeValue::Text(text.to_owned()), NodeValue::Number)
}

/// The last bracket of `text` that has no closing one; quoted texts and comments are passed over.
fn unclosed(text: &str) -> Option<(char, usize)> {
    let mut open = Vec::new();
    let mut quote = None;
    let mut comment = false;
    let mut before = '\n';
    for (offset, c) in text.char_indices() {
        match (quote, c) {
            _ if comment => comment = c != '\n',
            (Some(q), _) if c == q && before != '\\' => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
            (None, '#') if before.is_whitespace() => comment = true,
            (None, '{' | '[') => open.push((c, offset)),
            (None, '}' | ']') => drop(open.pop()),
            _ => {}
        }
        before = c;
    }
    open.pop()
}

/// How large a value is.
#[derive(Clone, Copy, Default)]
struct Size {
    values: usize,
    levels: usize,
}

/// Depth of the recursion: no node is deeper than [`MAX_DEPTH`].
fn size(node: &Node) -> Size {
    let children = node.items().iter().chain(node.entries().iter().map(|entry| &entry.node));
    let mut all = Size { values: 1, levels: 0 };
    let is_scalar = !matches!(node.value, NodeValue::List(_) | NodeValue::Map(_));
    for child in children.map(size) {
        all.values = all.values.saturating_add(child.values);
        all.levels = all.levels.max(child.levels);
    }
    if !is_scalar {
        all.levels += 1;
    }
    all
}
