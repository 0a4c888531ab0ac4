//! Building the mail from the parameters of an operation.

use outbound::Mail;
use serde_json::Value;

use super::attachments::attachments;
use super::manifest::{SEND, SEND_NOTE, SEND_OFFICE_OLD};
use super::plain_text;
use crate::connectors::shared::{Parameters, bad_request, kind};
use crate::connectors::{CallOutcome, CallRequest, Operation};

/// Where an operation keeps what a mail is made of.
struct Names {
    to: &'static str,
    cc: &'static str,
    bcc: &'static str,
    reply_to: &'static str,
    from: &'static str,
    subject: &'static str,
    importance: &'static str,
    attachments: &'static str,
    /// The content; `None` when it is told in another way.
    body: Option<&'static str>,
}

const OWN: Names = Names {
    to: "to",
    cc: "cc",
    bcc: "bcc",
    reply_to: "replyTo",
    from: "from",
    subject: "subject",
    importance: "importance",
    attachments: "attachments",
    body: None,
};

const OFFICE: Names = Names {
    to: "emailMessage/To",
    cc: "emailMessage/Cc",
    bcc: "emailMessage/Bcc",
    reply_to: "emailMessage/ReplyTo",
    from: "emailMessage/From",
    subject: "emailMessage/Subject",
    importance: "emailMessage/Importance",
    attachments: "emailMessage/Attachments",
    body: Some("emailMessage/Body"),
};

const NOTE: Names = Names {
    to: "request/to",
    cc: "request/cc",
    bcc: "request/bcc",
    reply_to: "request/replyTo",
    from: "request/from",
    subject: "request/subject",
    importance: "request/importance",
    attachments: "request/attachments",
    body: Some("request/text"),
};

/// The mail; its key is the request's idempotency key.
pub(super) fn build(operation: &Operation, request: &CallRequest) -> Result<Mail, CallOutcome> {
    let (names, parameters) = match operation.id {
        SEND => (OWN, Parameters::checked(request, operation)?),
        SEND_NOTE => (NOTE, Parameters::of(request)?),
        _ => (OFFICE, Parameters::of(request)?),
    };
    let (text, html) = match names.body {
        None => own_content(&parameters)?,
        Some(body) => {
            let body = parameters.required_text(body)?;
            let plain = operation.id == SEND_OFFICE_OLD && !flag(&parameters, "emailMessage/IsHtml")?;
            if plain { (Some(body), None) } else { with_text(body) }
        }
    };
    let to = parameters.texts(names.to)?;
    if to.iter().all(|list| list.trim().is_empty()) {
        return Err(bad_request(format!("the parameter '{}' is missing or empty", names.to)));
    }
    let one =
        |name: &str| Ok::<_, CallOutcome>(parameters.text(name)?.filter(|text| !text.trim().is_empty()));
    Ok(Mail {
        to,
        cc: parameters.texts(names.cc)?,
        bcc: parameters.texts(names.bcc)?,
        reply_to: one(names.reply_to)?,
        from: one(names.from)?,
        subject: parameters.required_text(names.subject)?,
        text,
        html,
        key: request.idempotency_key.clone(),
        attachments: attachments(&parameters, names.attachments)?,
        headers: importance(&parameters, names.importance)?,
        date: None,
    })
}

type Content = (Option<String>, Option<String>);

fn own_content(parameters: &Parameters<'_>) -> Result<Content, CallOutcome> {
    let (text, html) = (parameters.text("text")?, parameters.text("html")?);
    let is_html = flag(parameters, "isHtml")?;
    match (text, html, parameters.text("body")?) {
        (None, None, Some(body)) if is_html => Ok(with_text(body)),
        (None, None, Some(body)) => Ok((Some(body), None)),
        (None, Some(html), None) => Ok(with_text(html)),
        (Some(text), html, None) => Ok((Some(text), html)),
        (None, None, None) => {
            Err(bad_request("one of the parameters 'text', 'html' and 'body' must be given"))
        }
        (_, _, Some(_)) => {
            Err(bad_request("the parameter 'body' cannot be given together with 'text' or 'html'"))
        }
    }
}

/// True or false; false when it is not given.
fn flag(parameters: &Parameters<'_>, name: &str) -> Result<bool, CallOutcome> {
    match parameters.get(name) {
        None => Ok(false),
        Some(Value::Bool(is_set)) => Ok(*is_set),
        Some(other) => {
            Err(bad_request(format!("the parameter '{name}' must be true or false, not {}", kind(other))))
        }
    }
}

/// HTML with the text that readers without HTML see.
fn with_text(html: String) -> Content {
    (Some(plain_text(&html)), Some(html))
}

/// The headers that mail programs know importance by (RFC 2156, and the older X-Priority).
fn importance(parameters: &Parameters<'_>, name: &str) -> Result<Vec<(String, String)>, CallOutcome> {
    let Some(importance) = parameters.text(name)? else { return Ok(Vec::new()) };
    let (word, priority) = match importance.to_ascii_lowercase().as_str() {
        "low" => ("low", "5"),
        "high" => ("high", "1"),
        "normal" | "" => return Ok(Vec::new()),
        _ => return Err(bad_request(format!("the parameter '{name}' must be Low, Normal or High"))),
    };
    Ok(vec![("Importance".to_owned(), word.to_owned()), ("X-Priority".to_owned(), priority.to_owned())])
}
