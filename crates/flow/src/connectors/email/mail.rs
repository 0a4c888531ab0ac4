//! Building the mail from the parameters of an operation.

use outbound::Mail;
use serde_json::Value;

use super::{SEND_OFFICE, plain_text};
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
}

const OWN: Names = Names {
    to: "to",
    cc: "cc",
    bcc: "bcc",
    reply_to: "replyTo",
    from: "from",
    subject: "subject",
    importance: "importance",
};

const OFFICE: Names = Names {
    to: "emailMessage/To",
    cc: "emailMessage/Cc",
    bcc: "emailMessage/Bcc",
    reply_to: "emailMessage/ReplyTo",
    from: "emailMessage/From",
    subject: "emailMessage/Subject",
    importance: "emailMessage/Importance",
};

/// The mail; its key is the request's idempotency key.
pub(super) fn build(operation: &Operation, request: &CallRequest) -> Result<Mail, CallOutcome> {
    let office = operation.id == SEND_OFFICE;
    let (names, parameters) = if office {
        (OFFICE, Parameters::of(request)?)
    } else {
        (OWN, Parameters::checked(request, operation)?)
    };
    let (text, html) = if office { office_content(&parameters)? } else { own_content(&parameters)? };
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
        headers: importance(&parameters, names.importance)?,
        date: None,
    })
}

type Content = (Option<String>, Option<String>);

fn own_content(parameters: &Parameters<'_>) -> Result<Content, CallOutcome> {
    let (text, html) = (parameters.text("text")?, parameters.text("html")?);
    let is_html = match parameters.get("isHtml") {
        None => false,
        Some(Value::Bool(is_html)) => *is_html,
        Some(other) => {
            return Err(bad_request(format!(
                "the parameter 'isHtml' must be true or false, not {}",
                kind(other)
            )));
        }
    };
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

fn office_content(parameters: &Parameters<'_>) -> Result<Content, CallOutcome> {
    let attachments = parameters.get("emailMessage/Attachments").and_then(Value::as_array);
    if attachments.is_some_and(|attachments| !attachments.is_empty()) {
        return Err(CallOutcome::permanent(
            "AttachmentsNotSupported",
            "attachments cannot be sent; send a link",
        ));
    }
    Ok(with_text(parameters.required_text("emailMessage/Body")?))
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
