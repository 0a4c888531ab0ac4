//! JSON to XML as Newtonsoft's `XmlNodeConverter` maps it, the opposite of `to_json`.

use super::{encode_name, is_allowed, write::escape};
use crate::expr::limits;
use crate::expr::value::text_of;
use serde_json::{Map, Value};

/// The XML of an object with one property, which becomes the outermost element.
///
/// # Errors
/// A sentence, when the object has another number of properties or something that XML cannot hold.
pub(crate) fn from_json(map: &Map<String, Value>) -> Result<String, String> {
    let mut writer = Writer { text: String::new(), prefixes: vec!["xml".to_owned()] };
    let mut elements = 0;
    for (name, value) in map {
        match name.as_str() {
            "?xml" => writer.declaration(value),
            "#comment" => writer.comment(value)?,
            "#whitespace" | "#significant-whitespace" => {}
            _ if name.starts_with('?') => writer.instruction(name, value),
            _ => {
                elements += 1;
                if value.is_array() {
                    return Err("the outermost property must not be an array".to_owned());
                }
                writer.element(name, value, 1)?;
            }
        }
    }
    match elements {
        1 => Ok(writer.text),
        0 => Err("the object has no property that could become the outermost element".to_owned()),
        _ => Err("JSON root object has multiple properties. The root object must have a single property in \
                  order to create a valid XML document"
            .to_owned()),
    }
}

struct Writer {
    text: String,
    /// The prefixes that are declared here.
    prefixes: Vec<String>,
}

/// A value that stands for text; none for arrays and objects.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(_) | Value::Object(_) => None,
        value => Some(text_of(value)),
    }
}

fn check(text: &str) -> Result<(), String> {
    match text.chars().find(|c| !is_allowed(*c)) {
        Some(c) => Err(format!("the character U+{:04X} is not allowed in XML", u32::from(c))),
        None => Ok(()),
    }
}

impl Writer {
    fn declaration(&mut self, value: &Value) {
        let mut text = "<?xml".to_owned();
        for part in ["version", "encoding", "standalone"] {
            if let Some(value) = value.get(format!("@{part}")).and_then(scalar) {
                text.push_str(&format!(" {part}=\""));
                escape(&value, true, &mut text);
                text.push('"');
            }
        }
        self.text.insert_str(0, &format!("{text}?>"));
    }

    fn instruction(&mut self, name: &str, value: &Value) {
        let target = encode_name(name.trim_start_matches('?'));
        let content = scalar(value).unwrap_or_default().replace("?>", "");
        self.text.push_str(&format!("<?{target} {content}?>"));
    }

    fn comment(&mut self, value: &Value) -> Result<(), String> {
        let comment = scalar(value).unwrap_or_default();
        check(&comment)?;
        if comment.contains("--") || comment.ends_with('-') {
            return Err("a comment of XML cannot hold '--' or end with '-'".to_owned());
        }
        self.text.push_str(&format!("<!--{comment}-->"));
        Ok(())
    }

    /// A name with what XML does not allow escaped; a colon stays when its prefix is declared.
    fn name(&self, name: &str) -> String {
        match name.split_once(':') {
            Some((prefix, local)) if self.prefixes.iter().any(|known| known == prefix) => {
                format!("{prefix}:{}", encode_name(local).replace(':', "_x003A_"))
            }
            _ => encode_name(name).replace(':', "_x003A_"),
        }
    }

    fn element(&mut self, name: &str, value: &Value, depth: usize) -> Result<(), String> {
        if depth > limits::XML_DEPTH {
            return Err(format!("values stand more than {} deep in one another", limits::XML_DEPTH));
        }
        if let Value::Array(items) = value {
            return items.iter().try_for_each(|item| match item {
                // An array in an array is an element with elements of its own name inside.
                Value::Array(_) => self.nested(name, item, depth),
                item => self.element(name, item, depth),
            });
        }
        let outer = self.prefixes.len();
        if let Value::Object(map) = value {
            let declared = map.keys().filter_map(|key| key.strip_prefix("@xmlns:"));
            self.prefixes.extend(declared.take(limits::XML_NAMESPACES + 1).map(str::to_owned));
            if self.prefixes.len() > limits::XML_NAMESPACES {
                return Err(format!(
                    "more than {} namespaces are declared at one place",
                    limits::XML_NAMESPACES
                ));
            }
        }
        let name = self.name(name);
        if name.is_empty() {
            return Err("a property without a name cannot become an element".to_owned());
        }
        self.text.push_str(&format!("<{name}"));
        match value {
            Value::Null => self.text.push_str(" />"),
            Value::Object(map) => self.object(&name, map, depth)?,
            value => {
                let content = scalar(value).unwrap_or_default();
                check(&content)?;
                self.text.push('>');
                escape(&content, false, &mut self.text);
                self.text.push_str(&format!("</{name}>"));
            }
        }
        self.prefixes.truncate(outer);
        Ok(())
    }

    fn nested(&mut self, name: &str, items: &Value, depth: usize) -> Result<(), String> {
        let encoded = self.name(name);
        self.text.push_str(&format!("<{encoded}>"));
        self.element(name, items, depth + 1)?;
        self.text.push_str(&format!("</{encoded}>"));
        Ok(())
    }

    /// Attributes and content; the start tag is open.
    fn object(&mut self, name: &str, map: &Map<String, Value>, depth: usize) -> Result<(), String> {
        let attributes = |key: &str| key.len() > 1 && key.starts_with('@');
        for (key, value) in map.iter().filter(|(key, _)| attributes(key)) {
            let Some(content) = scalar(value) else {
                return Err(format!(
                    "the property '{key}' is an attribute and cannot hold an array or object"
                ));
            };
            check(&content)?;
            let key = key.strip_prefix('@').unwrap_or(key);
            let declares = key == "xmlns" || key.starts_with("xmlns:");
            let key = if declares { key.to_owned() } else { self.name(key) };
            self.text.push_str(&format!(" {key}=\""));
            escape(&content, true, &mut self.text);
            self.text.push('"');
        }
        if map.keys().all(|key| attributes(key)) {
            self.text.push_str(" />");
            return Ok(());
        }
        self.text.push('>');
        for (key, value) in map.iter().filter(|(key, _)| !attributes(key)) {
            self.content(key, value, depth)?;
        }
        self.text.push_str(&format!("</{name}>"));
        Ok(())
    }

    fn content(&mut self, key: &str, value: &Value, depth: usize) -> Result<(), String> {
        let several = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        match key {
            "#text" | "#whitespace" | "#significant-whitespace" => {
                for piece in several(value) {
                    let piece = scalar(&piece).unwrap_or_default();
                    check(&piece)?;
                    escape(&piece, false, &mut self.text);
                }
            }
            "#cdata-section" => {
                for piece in several(value) {
                    let piece = scalar(&piece).unwrap_or_default();
                    check(&piece)?;
                    let piece = piece.replace("]]>", "]]]]><![CDATA[>");
                    self.text.push_str(&format!("<![CDATA[{piece}]]>"));
                }
            }
            "#comment" => several(value).iter().try_for_each(|piece| self.comment(piece))?,
            key if key.starts_with('?') && key.len() > 1 => self.instruction(key, value),
            key => self.element(key, value, depth + 1)?,
        }
        Ok(())
    }
}
