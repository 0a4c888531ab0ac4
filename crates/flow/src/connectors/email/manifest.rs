//! What the `email` connector says about itself.

use crate::connectors::Kind::{Any, Array, Boolean, Html, Integer, Secret};
use crate::connectors::{Choices, Foreign, Manifest, Operation, Parameter};

pub(super) const SEND: &str = "send";
/// Office 365's operation, with `emailMessage/To` and its like.
pub(super) const SEND_OFFICE: &str = "SendEmailV2";
/// The one before it: plain text unless it is said to be HTML.
pub(super) const SEND_OFFICE_OLD: &str = "SendEmail";
/// The operation of Power Automate's own mail service, with `request/to` and its like.
pub(super) const SEND_NOTE: &str = "SendEmailV3";

const IMPORTANCE: Choices = Choices::Of(&["Low", "Normal", "High"]);

const OUTPUTS: &[Parameter] = &[
    Parameter::must("body/messageId", "Message id", "The Message-ID, with angle brackets."),
    Parameter::must("body/recipients", "Recipients", "For how many the server took it.").of(Integer),
    Parameter::must("body/answer", "Answer", "What the server said."),
];

const FILES: &str = "An array of {\"Name\", \"ContentBytes\"}; the content in base64 or as {\"$content\"}.";

const fn office(name: &'static str, title: &'static str, summary: &'static str) -> Parameter {
    Parameter::may(name, title, summary)
}

const TO: Parameter = Parameter::must("emailMessage/To", "To", "Recipients, with semicolons.");
const SUBJECT: Parameter = Parameter::must("emailMessage/Subject", "Subject", "The subject.");
const FROM: Parameter =
    office("emailMessage/From", "From (Send as)", "Another sender than the connection's.");
const CC: Parameter = office("emailMessage/Cc", "CC", "Recipients of a copy.");
const BCC: Parameter = office("emailMessage/Bcc", "BCC", "Recipients that nobody sees.");
const ATTACHMENTS: Parameter = office("emailMessage/Attachments", "Attachments", FILES).of(Array);
const REPLY_TO: Parameter = office("emailMessage/ReplyTo", "Reply To", "Where answers go.");
const OFFICE_IMPORTANCE: Parameter =
    office("emailMessage/Importance", "Importance", "How it is marked.").or("Normal").choices(IMPORTANCE);
const SENSITIVITY: Parameter = Parameter::unused("emailMessage/Sensitivity", "Sensitivity");

pub(in crate::connectors) static MANIFEST: Manifest = Manifest {
    title: "E-mail",
    summary: "Sends mail through an SMTP server.",
    needs_connection: true,
    connection: &[
        Parameter::must("host", "Server", "The mail server."),
        Parameter::may("port", "Port", "Its port; 465 with security tls.").of(Integer).or("587"),
        Parameter::may(
            "security",
            "Encryption",
            "starttls (refused when the server does not offer it), tls, or none; on port 465 tls.",
        )
        .or("starttls")
        .choices(Choices::Of(&["starttls", "tls", "none"])),
        Parameter::may("username", "User", "The user, when the server wants one."),
        Parameter::may("password", "Password", "The password.").of(Secret),
        Parameter::must("from", "Sender", "The sender: Weir <weir@example.com>."),
    ],
    operations: &[OWN, OFFICE, OFFICE_OLD, NOTE],
    ..Manifest::EMPTY
};

const OWN: Operation = Operation::new(
    SEND,
    "Send a mail",
    "Sends a mail.",
    &[
        Parameter::must("to", "To", "Recipients: a text with commas or semicolons, or an array.").of(Any),
        Parameter::may("cc", "CC", "Recipients of a copy.").of(Any),
        Parameter::may("bcc", "BCC", "Recipients that nobody sees.").of(Any),
        Parameter::may("replyTo", "Reply to", "Where answers go."),
        Parameter::may("from", "From", "Another sender than the connection's, if the server lets it pass."),
        Parameter::must("subject", "Subject", "The subject."),
        Parameter::may("text", "Text", "The plain text."),
        Parameter::may("html", "HTML", "The HTML; without `text` the plain text is made from it.").of(Html),
        Parameter::may("body", "Body", "Instead of text or html: the content, HTML if isHtml is true."),
        Parameter::may("isHtml", "Is HTML", "Whether `body` is HTML.").of(Boolean).or("false"),
        Parameter::may("importance", "Importance", "How it is marked.").or("Normal").choices(IMPORTANCE),
        Parameter::may("attachments", "Attachments", FILES).of(Array),
    ],
)
.gives(OUTPUTS);

const OFFICE: Operation = Operation::new(
    SEND_OFFICE,
    "Send an email (V2)",
    "Sends a mail, with the parameters of Office 365's action.",
    &[
        TO,
        SUBJECT,
        Parameter::must("emailMessage/Body", "Body", "The content, in HTML.").of(Html),
        FROM,
        CC,
        BCC,
        ATTACHMENTS,
        SENSITIVITY,
        REPLY_TO,
        OFFICE_IMPORTANCE,
    ],
)
.gives(OUTPUTS)
.also(&[Foreign { api: "shared_office365", ids: &[SEND_OFFICE] }]);

const OFFICE_OLD: Operation = Operation::new(
    SEND_OFFICE_OLD,
    "Send an email",
    "Sends a mail, with the parameters of the older actions of Office 365 and of SMTP.",
    &[
        TO,
        SUBJECT,
        Parameter::must("emailMessage/Body", "Body", "The content, HTML if IsHtml is true."),
        Parameter::may("emailMessage/IsHtml", "Is HTML", "Whether the content is HTML.")
            .of(Boolean)
            .or("false"),
        FROM,
        CC,
        BCC,
        ATTACHMENTS,
        SENSITIVITY,
        REPLY_TO,
        OFFICE_IMPORTANCE,
    ],
)
.gives(OUTPUTS)
.also(&[
    Foreign { api: "shared_office365", ids: &[SEND_OFFICE_OLD] },
    Foreign { api: "shared_smtp", ids: &[SEND_OFFICE_OLD, "SendEmailV2", "SendEmailV3"] },
]);

const NOTE: Operation = Operation::new(
    SEND_NOTE,
    "Send an email notification (V3)",
    "Sends a mail, with the parameters of Power Automate's own mail action.",
    &[
        Parameter::must("request/to", "To", "Recipients, with semicolons."),
        Parameter::must("request/subject", "Subject", "The subject."),
        Parameter::must("request/text", "Body", "The content, in HTML.").of(Html),
        Parameter::may("request/cc", "CC", "Recipients of a copy."),
        Parameter::may("request/bcc", "BCC", "Recipients that nobody sees."),
        Parameter::may("request/from", "From", "Another sender than the connection's."),
        Parameter::may("request/replyTo", "Reply To", "Where answers go."),
        Parameter::may("request/importance", "Importance", "How it is marked.")
            .or("Normal")
            .choices(IMPORTANCE),
        Parameter::may("request/attachments", "Attachments", FILES).of(Array),
        Parameter::unused("request/sensitivity", "Sensitivity"),
    ],
)
.gives(OUTPUTS)
.also(&[Foreign { api: "shared_sendmail", ids: &[SEND_NOTE, "SendEmailV2"] }]);
