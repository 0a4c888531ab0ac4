//! Text to a document. DTDs are refused, so that no entity can be declared, let alone expanded.

use super::name::is_name;
use super::{Declaration, Document, Kind, Node, XML_SPACE, is_allowed};
use crate::diagnose::line_column;
use crate::expr::limits;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::BTreeSet;

/// The document in a text. White space between elements is dropped.
///
/// # Errors
/// A sentence that says what is wrong and where.
pub(crate) fn read(text: &str) -> Result<Document, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut building = Building {
        document: Document::new(),
        open: vec![Open { id: 0, keep_space: false, declared: 0 }],
        scope: vec![(String::new(), String::new()), ("xml".to_owned(), XML_SPACE.to_owned())],
        text: String::new(),
    };
    loop {
        let start = reader.buffer_position();
        let event = reader.read_event().map_err(|error| {
            let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
            place(text, at, &error.to_string())
        })?;
        if matches!(event, Event::Eof) {
            building.flush().map_err(|why| place(text, text.len(), &why))?;
            break;
        }
        building.event(event).map_err(|why| place(text, usize::try_from(start).unwrap_or(0), &why))?;
    }
    if building.open.len() > 1 {
        let name = building.open.last().map(|open| building.document.node(open.id).name());
        let why = format!("the element '{}' is not closed", name.unwrap_or_default());
        return Err(place(text, text.len(), &why));
    }
    if building.document.element().is_none() {
        return Err("there is no element in it".to_owned());
    }
    Ok(building.document)
}

fn place(text: &str, at: usize, why: &str) -> String {
    let place = line_column(text, at);
    format!("{why} (line {}, column {})", place.line, place.column)
}

/// An element that is not closed yet.
struct Open {
    id: usize,
    /// `xml:space="preserve"` holds here.
    keep_space: bool,
    /// Namespace declarations in force outside of it.
    declared: usize,
}

struct Building {
    document: Document,
    open: Vec<Open>,
    /// Prefixes and their namespaces in force, the innermost last.
    scope: Vec<(String, String)>,
    /// Text read so far; it comes in pieces, between which entities stand.
    text: String,
}

impl Building {
    fn parent(&self) -> usize {
        self.open.last().map_or(0, |open| open.id)
    }

    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Text(text) => self.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) => self.text.push(entity_char(&entity)?),
            Event::CData(data) => {
                self.flush()?;
                if self.parent() == 0 {
                    return Err("a CDATA section stands outside of the outermost element".to_owned());
                }
                self.leaf(Kind::Cdata, String::new(), data.xml10_content().into_owned())?;
            }
            Event::Comment(comment) => {
                self.flush()?;
                self.leaf(Kind::Comment, String::new(), comment.xml10_content().into_owned())?;
            }
            Event::PI(instruction) => {
                self.flush()?;
                let value = instruction.content().trim_start().to_owned();
                self.leaf(Kind::Instruction, instruction.target().to_owned(), value)?;
            }
            Event::Decl(declaration) => {
                if self.document.len() > 1 || self.document.declaration.is_some() {
                    return Err("the XML declaration must stand at the very start".to_owned());
                }
                self.document.declaration = Some(parts(&declaration)?);
            }
            Event::DocType(_) => {
                return Err("it has a document type declaration (DOCTYPE), which is not allowed".to_owned());
            }
            Event::Start(start) => {
                self.flush()?;
                self.element(&start, false)?;
            }
            Event::Empty(start) => {
                self.flush()?;
                self.element(&start, true)?;
                self.close();
            }
            Event::End(_) => {
                self.flush()?;
                self.close();
            }
            Event::Eof => {}
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            self.scope.truncate(open.declared);
        }
    }

    /// Ends the text read so far.
    fn flush(&mut self) -> Result<(), String> {
        let text = std::mem::take(&mut self.text);
        let keep = self.open.last().is_some_and(|open| open.keep_space);
        let blank = text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
        if text.is_empty() || (blank && !keep) {
            return Ok(());
        }
        if self.parent() == 0 {
            return Err("text stands outside of the outermost element".to_owned());
        }
        self.leaf(Kind::Text, String::new(), text)
    }

    fn leaf(&mut self, kind: Kind, local: String, value: String) -> Result<(), String> {
        if let Some(c) = value.chars().find(|c| !is_allowed(*c)) {
            return Err(format!("the character U+{:04X} is not allowed in XML", u32::from(c)));
        }
        self.add(Node { parent: self.parent(), local, value, ..Node::new(kind) }).map(drop)
    }

    fn add(&mut self, node: Node) -> Result<usize, String> {
        if self.document.len() >= limits::XML_NODES {
            return Err(format!("it has more than {} nodes", limits::XML_NODES));
        }
        Ok(self.document.add(node))
    }

    fn element(&mut self, start: &BytesStart<'_>, closed: bool) -> Result<(), String> {
        let parent = self.parent();
        if parent == 0 && self.document.element().is_some() {
            return Err("there is a second outermost element".to_owned());
        }
        if self.open.len() > limits::XML_DEPTH {
            return Err(format!("elements stand more than {} deep in one another", limits::XML_DEPTH));
        }
        let (prefix, local) = split(start.name().as_ref())?;
        let id = self.add(Node { parent, prefix, local, ..Node::new(Kind::Element { closed }) })?;
        let keep_space = self.open.last().is_some_and(|open| open.keep_space);
        self.open.push(Open { id, keep_space, declared: self.scope.len() });
        let mut seen = BTreeSet::new();
        // Its own check for duplicates compares every attribute with every other.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let name: &str = attribute.key.as_ref();
            if !seen.insert(name.to_owned()) {
                return Err(format!("the attribute '{name}' is duplicated"));
            }
            if seen.len() > limits::XML_ATTRIBUTES {
                return Err(format!("an element has more than {} attributes", limits::XML_ATTRIBUTES));
            }
            let value =
                attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|error| error.to_string())?;
            self.attribute(id, name, value.into_owned())?;
        }
        self.resolve(id)
    }

    fn attribute(&mut self, element: usize, name: &str, value: String) -> Result<(), String> {
        if value.chars().any(|c| !is_allowed(c)) {
            return Err(format!("the attribute '{name}' has a character that is not allowed in XML"));
        }
        let declared = match name.strip_prefix("xmlns") {
            Some("") => Some(""),
            Some(rest) => rest.strip_prefix(':'),
            None => None,
        };
        if let Some(prefix) = declared {
            if value.is_empty() && !prefix.is_empty() {
                return Err(format!("the prefix '{prefix}' is given no namespace"));
            }
            if self.scope.len() > limits::XML_NAMESPACES + 1 {
                return Err(format!("more than {} namespaces are declared here", limits::XML_NAMESPACES));
            }
            self.scope.push((prefix.to_owned(), value.clone()));
            let local = prefix.to_owned();
            let node = Node { parent: element, local, value, ..Node::new(Kind::Namespace) };
            return self.add(node).map(drop);
        }
        if name == "xml:space"
            && let Some(open) = self.open.last_mut()
        {
            open.keep_space = value == "preserve";
        }
        let (prefix, local) = split(name)?;
        let node = Node { parent: element, prefix, local, value, ..Node::new(Kind::Attribute) };
        self.add(node).map(drop)
    }

    /// Gives the element and its attributes their namespaces, once all its declarations are known.
    fn resolve(&mut self, element: usize) -> Result<(), String> {
        let attributes = self.document.node(element).attributes.clone();
        for id in std::iter::once(element).chain(attributes) {
            let node = self.document.node(id);
            let space = match node.kind {
                Kind::Namespace => continue,
                Kind::Attribute if node.prefix.is_empty() => continue,
                _ => self.scope.iter().rev().find(|(prefix, _)| *prefix == node.prefix),
            };
            let space = space.map(|(_, space)| space.clone()).ok_or_else(|| {
                format!("the prefix '{}' of '{}' is not declared", node.prefix, node.name())
            })?;
            if let Some(node) = self.document.nodes.get_mut(id) {
                node.space = space;
            }
        }
        Ok(())
    }
}

/// Prefix and local name.
fn split(name: &str) -> Result<(String, String), String> {
    if !is_name(name) {
        return Err(format!("'{name}' is no valid XML name"));
    }
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    Ok((prefix.to_owned(), local.to_owned()))
}

/// The character of `&lt;`, `&#65;` and the like.
fn entity_char(entity: &quick_xml::events::BytesRef<'_>) -> Result<char, String> {
    if let Some(c) = entity.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(c);
    }
    match entity.as_ref() {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        name => Err(format!("the entity '&{name};' is not known")),
    }
}

fn parts(declaration: &BytesDecl<'_>) -> Result<Declaration, String> {
    let mut parts = Vec::new();
    let version = declaration.version().map_err(|error| error.to_string())?;
    parts.push(("version", version.into_owned()));
    for (name, value) in [("encoding", declaration.encoding()), ("standalone", declaration.standalone())] {
        if let Some(value) = value {
            parts.push((name, value.map_err(|error| error.to_string())?.into_owned()));
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_well_formed_xml_is_refused_with_a_reason() {
        for (text, why) in [
            ("", "no element"),
            ("text", "outside of the outermost element"),
            ("<a>", "not closed"),
            ("<a></b>", "expected `</a>`"),
            ("<a/><b/>", "second outermost"),
            ("<a b='1' b='2'/>", "duplicated"),
            ("<a b=1/>", "enclosed"),
            ("<p:a/>", "prefix 'p'"),
            ("<1a/>", "no valid XML name"),
            ("<a>&x;</a>", "'&x;'"),
            ("<a>&#0;</a>", "not permitted"),
            ("<a>&#1;</a>", "U+0001"),
            ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "DOCTYPE"),
            ("<a/>\n<?xml version='1.0'?>", "very start"),
            ("<a xmlns:p=''/>", "no namespace"),
        ] {
            let found = read(text).map(|_| ()).unwrap_err();
            assert!(found.contains(why), "{text}: {found}");
        }
    }

    #[test]
    fn depth_has_a_limit() {
        let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        assert!(read(&deep(limits::XML_DEPTH)).is_ok());
        assert!(read(&deep(limits::XML_DEPTH + 1)).unwrap_err().contains("deep in one another"));
        assert!(read(&"<a>".repeat(1_000_000)).unwrap_err().contains("deep in one another"));
    }

    #[test]
    fn white_space_between_elements_is_dropped_and_inside_text_kept() {
        let document = read("<a> <b> x </b>\n<c xml:space='preserve'> </c><d><![CDATA[ ]]></d></a>").unwrap();
        assert_eq!(document.text(0), " x   ");
    }
}
