//! The files of a mail, as flows give them: `[{"Name", "ContentBytes"}]`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use outbound::Attachment;
use serde_json::Value;

use crate::connectors::CallOutcome;
use crate::connectors::shared::{Parameters, bad_request, kind};

/// Files of one mail.
const MAX_FILES: usize = 100;
/// Media types by the end of a name: those that flows send most.
const TYPES: [(&str, &str); 12] = [
    ("csv", "text/csv"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("gif", "image/gif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ics", "text/calendar"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];

/// The files under this name; absent means none.
pub(super) fn attachments(parameters: &Parameters<'_>, name: &str) -> Result<Vec<Attachment>, CallOutcome> {
    let wrong = |what: &str| bad_request(format!("the parameter '{name}' {what}"));
    let files = match parameters.get(name) {
        None => return Ok(Vec::new()),
        Some(Value::Array(files)) => files,
        Some(Value::String(text)) if text.is_empty() => return Ok(Vec::new()),
        Some(other) => return Err(wrong(&format!("must be an array, not {}", kind(other)))),
    };
    if files.len() > MAX_FILES {
        return Err(wrong(&format!("has {} files; {MAX_FILES} are allowed", files.len())));
    }
    files.iter().map(|file| attachment(file, &wrong)).collect()
}

fn attachment(file: &Value, wrong: &dyn Fn(&str) -> CallOutcome) -> Result<Attachment, CallOutcome> {
    let field = |name: &str| {
        let fields = file.as_object()?;
        fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let name = field("Name").and_then(Value::as_str).unwrap_or_default();
    // A folder in a name says nothing to the reader and much to a careless mail program.
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if name.is_empty() {
        return Err(wrong("needs a 'Name' in each of its files"));
    }
    let content = field("ContentBytes").ok_or_else(|| wrong("needs 'ContentBytes' in each of its files"))?;
    let packed = content.as_str().or_else(|| content.get("$content")?.as_str());
    let packed = packed.ok_or_else(|| wrong("needs base64 or {\"$content\"} as 'ContentBytes'"))?;
    let bytes = STANDARD
        .decode(packed.trim())
        .map_err(|_| wrong(&format!("has a file, {name:?}, whose 'ContentBytes' is not base64")))?;
    let said = content.get("$content-type").and_then(Value::as_str);
    Ok(Attachment { name: name.to_owned(), content_type: said.unwrap_or(by_name(name)).to_owned(), bytes })
}

fn by_name(name: &str) -> &'static str {
    let end = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    TYPES.iter().find(|(known, _)| *known == end).map_or("application/octet-stream", |(_, kind)| kind)
}
