//! A mail and its MIME form: text first, HTML last (RFC 2046 §5.1.4), and nothing that breaks out of a
//! header.

use std::fmt;

use jiff::Timestamp;
use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Attachment as Attached, Mailbox, MessageBuilder, MultiPart, SinglePart};

use crate::{OutboundError, Result, limits};

/// A mail to send. Addresses are written `a@example.com` or `Name <a@example.com>`; each list may hold
/// several, separated by commas or semicolons.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// Recipients.
    pub to: Vec<String>,
    /// Recipients of a copy.
    pub cc: Vec<String>,
    /// Recipients that nobody sees.
    pub bcc: Vec<String>,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<String>,
    /// Another sender than the one of the configuration.
    pub from: Option<String>,
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: Option<String>,
    /// The HTML.
    pub html: Option<String>,
    /// The key from which the Message-ID is made: the same key is the same mail, however often it is sent.
    pub key: String,
    /// Files that come with it.
    pub attachments: Vec<Attachment>,
    /// Further headers, such as `Importance`.
    pub headers: Vec<(String, String)>,
    /// When it was written; the present moment if absent.
    pub date: Option<Timestamp>,
}

/// A file of a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, without folders.
    pub name: String,
    /// Its media type: `application/pdf`.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("key", &self.key)
            .field("recipients", &(self.to.len() + self.cc.len() + self.bcc.len()))
            .finish_non_exhaustive()
    }
}

/// Headers that the mail makes itself.
const OWN_HEADERS: [&str; 14] = [
    "bcc",
    "cc",
    "content-transfer-encoding",
    "content-type",
    "date",
    "dkim-signature",
    "from",
    "message-id",
    "mime-version",
    "received",
    "reply-to",
    "return-path",
    "subject",
    "to",
];

/// The mail as lettre sends it, and its Message-ID with angle brackets.
pub(super) fn build(mail: &Mail, default_from: &str) -> Result<(Message, String)> {
    let from = one_mailbox("from", mail.from.as_deref().unwrap_or(default_from))?;
    let message_id = message_id(&mail.key, from.email.domain())?;
    check_line("subject", &mail.subject)?;
    let mut builder = Message::builder()
        .message_id(Some(message_id.clone()))
        .date(mail.date.unwrap_or_else(Timestamp::now).into())
        .subject(mail.subject.clone())
        .from(from);
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(one_mailbox("reply-to", reply_to)?);
    }
    let (to, cc, bcc) =
        (mailboxes("to", &mail.to)?, mailboxes("cc", &mail.cc)?, mailboxes("bcc", &mail.bcc)?);
    let recipients = to.len() + cc.len() + bcc.len();
    if recipients == 0 {
        return Err(bad("it has no recipient".to_owned()));
    }
    if recipients > limits::MAX_RECIPIENTS {
        return Err(bad(format!("it has {recipients} recipients; {} are allowed", limits::MAX_RECIPIENTS)));
    }
    builder = to.into_iter().fold(builder, MessageBuilder::to);
    builder = cc.into_iter().fold(builder, MessageBuilder::cc);
    builder = bcc.into_iter().fold(builder, MessageBuilder::bcc);
    for (name, value) in &mail.headers {
        builder = builder.raw_header(extra_header(name, value)?);
    }
    let message = with_content(builder, mail)?;
    Ok((message, message_id))
}

fn with_content(builder: MessageBuilder, mail: &Mail) -> Result<Message> {
    let files = mail.attachments.iter().fold(0_usize, |sum, file| sum.saturating_add(file.bytes.len()));
    let words = mail.text.as_ref().map_or(0, String::len) + mail.html.as_ref().map_or(0, String::len);
    let size = words.saturating_add(files);
    if size > limits::MAX_MAIL_BYTES {
        return Err(OutboundError::TooLarge {
            what: "mail",
            target: format!("{size} bytes of text, HTML and attachments"),
            limit: limits::MAX_MAIL_BYTES,
        });
    }
    let part = match (&mail.text, &mail.html) {
        (Some(text), Some(html)) => {
            Content::Both(MultiPart::alternative_plain_html(text.clone(), html.clone()))
        }
        (Some(text), None) => Content::One(SinglePart::plain(text.clone())),
        (None, Some(html)) => Content::One(SinglePart::html(html.clone())),
        (None, None) => return Err(bad("it has neither text nor HTML".to_owned())),
    };
    let built = match part {
        Content::Both(part) if mail.attachments.is_empty() => builder.multipart(part),
        Content::One(part) if mail.attachments.is_empty() => builder.singlepart(part),
        Content::Both(part) => builder.multipart(with_files(MultiPart::mixed().multipart(part), mail)?),
        Content::One(part) => builder.multipart(with_files(MultiPart::mixed().singlepart(part), mail)?),
    };
    built.map_err(|error| bad(error.to_string()))
}

/// What a mail says, before its files.
enum Content {
    One(SinglePart),
    Both(MultiPart),
}

fn with_files(mut parts: MultiPart, mail: &Mail) -> Result<MultiPart> {
    for file in &mail.attachments {
        let name = file.name.trim();
        if name.is_empty() {
            return Err(bad("an attachment has no name".to_owned()));
        }
        check_line("name of an attachment", name)?;
        let content_type = ContentType::parse(&file.content_type).map_err(|_| {
            bad(format!("{:?} is no media type for the attachment {name:?}", file.content_type))
        })?;
        parts = parts.singlepart(Attached::new(name.to_owned()).body(file.bytes.clone(), content_type));
    }
    Ok(parts)
}

fn bad(detail: String) -> OutboundError {
    OutboundError::BadMail { detail }
}

/// A header's value is one line of bounded length: a line break would start a header of the sender's choice.
fn check_line(what: &str, value: &str) -> Result<()> {
    if value.chars().any(|c| c.is_control() && c != '\t') {
        return Err(bad(format!("the {what} contains a line break or another control character")));
    }
    if value.chars().count() > limits::MAX_MAIL_HEADER_CHARS {
        return Err(bad(format!("the {what} is longer than {} characters", limits::MAX_MAIL_HEADER_CHARS)));
    }
    Ok(())
}

fn extra_header(name: &str, value: &str) -> Result<HeaderValue> {
    let well_formed = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !well_formed || OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(bad(format!("{name:?} cannot be given as a header")));
    }
    check_line(&format!("header {name}"), value)?;
    let parsed = HeaderName::new_from_ascii(name.to_owned())
        .map_err(|_| bad(format!("{name:?} cannot be given as a header")))?;
    Ok(HeaderValue::new(parsed, value.to_owned()))
}

fn one_mailbox(field: &str, text: &str) -> Result<Mailbox> {
    if text.chars().any(char::is_control) {
        return Err(bad(format!("the {field} address contains a line break or another control character")));
    }
    text.trim().parse().map_err(|_| bad(format!("the {field} address {text:?} is not a mail address")))
}

fn mailboxes(field: &str, lists: &[String]) -> Result<Vec<Mailbox>> {
    let mut found = Vec::new();
    for part in lists.iter().flat_map(|list| split_list(list)) {
        if found.len() > limits::MAX_RECIPIENTS {
            return Err(bad(format!("it has more than {} recipients", limits::MAX_RECIPIENTS)));
        }
        found.push(one_mailbox(field, part)?);
    }
    Ok(found)
}

/// The entries of a list separated by commas or semicolons, except inside quotes; empty entries are skipped.
fn split_list(list: &str) -> Vec<&str> {
    let mut quoted = false;
    let mut escaped = false;
    list.split(move |c: char| {
        let splits = !quoted && matches!(c, ',' | ';');
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        splits
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
    .collect()
}

/// `<key@domain>`. Characters that may not stand in the left part become `=` and two hex digits per byte, so
/// different keys stay different.
fn message_id(key: &str, domain: &str) -> Result<String> {
    if key.is_empty() || key.chars().count() > limits::MAX_MESSAGE_KEY_CHARS {
        return Err(bad(format!(
            "the key of its Message-ID must have 1 to {} characters",
            limits::MAX_MESSAGE_KEY_CHARS
        )));
    }
    let mut left = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            left.push(char::from(byte));
        } else {
            left.push_str(&format!("={byte:02X}"));
        }
    }
    Ok(format!("<{left}@{domain}>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            to: vec!["Ana <ana@example.com>".to_owned()],
            subject: "Level crossed".to_owned(),
            text: Some("950 → 1,012".to_owned()),
            key: "run_1/Send/0".to_owned(),
            date: Some("2026-11-06T08:00:00Z".parse().expect("a moment")),
            ..Mail::default()
        }
    }

    fn formatted(mail: &Mail) -> String {
        let (message, _) = build(mail, "Weir <weir@shop.example>").expect("a mail");
        String::from_utf8(message.formatted()).expect("ASCII")
    }

    #[test]
    fn text_comes_first_and_html_last() {
        let both = Mail { html: Some("<b>950 → 1,012</b>".to_owned()), ..mail() };
        let shown = formatted(&both);
        let plain = shown.find("text/plain").expect("text");
        let html = shown.find("text/html").expect("HTML");
        assert!(shown.contains("multipart/alternative") && plain < html, "{shown}");
        assert!(shown.is_ascii(), "{shown}");
    }

    #[test]
    fn files_come_after_the_words_and_count_for_the_size() {
        let file = |name: &str, content_type: &str, bytes: usize| Attachment {
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            bytes: vec![b'x'; bytes],
        };
        let with = |file: Attachment| Mail { attachments: vec![file], ..mail() };
        let shown = formatted(&with(file("Grüße.pdf", "application/pdf", 3)));
        let (words, attached) = (shown.find("text/plain").expect("text"), shown.find("application/pdf"));
        assert!(shown.contains("multipart/mixed") && attached.is_some_and(|at| words < at), "{shown}");
        assert!(shown.contains("Content-Disposition: attachment") && shown.contains("xxx"), "{shown}");
        for (wrong, code) in [
            (file("a\r\nBcc: b", "text/plain", 1), "badMail"),
            (file(" ", "text/plain", 1), "badMail"),
            (file("a", "no type", 1), "badMail"),
            (file("a", "text/plain", limits::MAX_MAIL_BYTES), "tooLarge"),
        ] {
            assert_eq!(build(&with(wrong), "weir@shop.example").expect_err("refused").code(), code);
        }
    }

    #[test]
    fn the_message_id_is_made_from_the_key_and_nothing_else() {
        assert!(formatted(&mail()).contains("Message-ID: <run_1=2FSend=2F0@shop.example>\r\n"));
        let id = |key: &str| message_id(key, "d.example").expect("an id");
        assert_eq!(id("run_1"), "<run_1@d.example>");
        assert_ne!(id("a/b"), id("a=2Fb"));
        assert_eq!(id("a>\r\nBcc: x"), "<a=3E=0D=0ABcc=3A=20x@d.example>");
        assert!(message_id("", "d").is_err());
        assert!(message_id(&"k".repeat(limits::MAX_MESSAGE_KEY_CHARS), "d").is_ok());
        assert!(message_id(&"k".repeat(limits::MAX_MESSAGE_KEY_CHARS + 1), "d").is_err());
    }

    #[test]
    fn nothing_breaks_out_of_a_header() {
        let attack = "x\r\nBcc: victim@example.com".to_owned();
        let attacks = [
            Mail { subject: attack.clone(), ..mail() },
            Mail { to: vec![attack.clone()], ..mail() },
            Mail { cc: vec!["a@example.com\nBcc: b@example.com".to_owned()], ..mail() },
            Mail { reply_to: Some(attack.clone()), ..mail() },
            Mail { from: Some(format!("a@example.com{attack}")), ..mail() },
            Mail { headers: vec![("X-Note".to_owned(), attack.clone())], ..mail() },
            Mail { headers: vec![(attack.clone(), "x".to_owned())], ..mail() },
            Mail { headers: vec![("bcc".to_owned(), "victim@example.com".to_owned())], ..mail() },
            Mail { headers: vec![("".to_owned(), "x".to_owned())], ..mail() },
        ];
        for attack in attacks {
            let error = build(&attack, "weir@shop.example").expect_err("refused");
            assert_eq!(error.code(), "badMail", "{error}");
        }
    }

    #[test]
    fn lists_are_split_outside_quotes_and_copies_stay_hidden() {
        let many = Mail {
            to: vec![r#""Doe, Jane; sales" <jane@example.com>; a@example.com, b@example.com;"#.to_owned()],
            bcc: vec!["hidden@example.com".to_owned()],
            ..mail()
        };
        let (message, _) = build(&many, "weir@shop.example").expect("a mail");
        let visible = message.headers().get_raw("To").map_or(0, |to| to.matches("@").count());
        assert_eq!((visible, message.envelope().to().len()), (3, 4));
        assert!(!String::from_utf8_lossy(&message.formatted()).contains("hidden@"));
    }

    #[test]
    fn limits_are_kept_to_the_one() {
        let to = |n: usize| Mail { to: vec!["a@example.com".to_owned(); n], ..mail() };
        assert!(build(&to(limits::MAX_RECIPIENTS), "weir@shop.example").is_ok());
        let text = |n: usize| Mail { text: Some("x".repeat(n)), ..mail() };
        let subject = |n: usize| Mail { subject: "x".repeat(n), ..mail() };
        assert!(build(&subject(limits::MAX_MAIL_HEADER_CHARS), "weir@shop.example").is_ok());
        for (refused, code) in [
            (to(limits::MAX_RECIPIENTS + 1), "badMail"),
            (to(0), "badMail"),
            (text(limits::MAX_MAIL_BYTES + 1), "tooLarge"),
            (subject(limits::MAX_MAIL_HEADER_CHARS + 1), "badMail"),
            (Mail { text: None, ..mail() }, "badMail"),
            (Mail { to: vec!["not an address".to_owned()], ..mail() }, "badMail"),
        ] {
            assert_eq!(build(&refused, "weir@shop.example").expect_err("refused").code(), code);
        }
    }
}
