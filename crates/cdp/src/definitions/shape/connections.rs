//! The shape of connections.

use super::table::{ANY_TEXT, COUNT, PORT, may, must, object, word};
use super::text::{ANY, HEADER_NAME, SECRET, URL};
use super::{Case, Field, NumberRule, Object, Shape, Word};

pub(super) static CONNECTION: Shape = Shape::Kinds {
    tag: "kind",
    doc: "The address and credentials of one system; secrets are references.",
    cases: &[
        Case { word: "teams", object: &TEAMS },
        Case { word: "email", object: &EMAIL },
        Case { word: "http", object: &HTTP },
        Case { word: "postgres", object: &POSTGRES },
        Case { word: "mysql", object: &MYSQL },
        Case { word: "objectStore", object: &OBJECT_STORE },
        Case { word: "sftp", object: &SFTP },
        Case { word: "slack", object: &SLACK },
        Case { word: "webhook", object: &WEBHOOK },
        Case { word: "files", object: &FILES },
        Case { word: "approvals", object: &APPROVALS },
    ],
};

static TEAMS: Object = object(
    "TeamsConnection",
    "A Teams channel, by the address of its workflow.",
    &[must("url", Shape::Text(&SECRET), "The address: a secret, because whoever knows it may post."), RATE],
);

/// How often flows may call.
const RATE: Field = may(
    "rate",
    Shape::Object(&CALLS),
    "How many calls flows make in which time, all together; more of them wait for their turn.",
);
static CALLS: Object = object(
    "ConnectionRate",
    "So many calls in so many seconds.",
    &[
        must("calls", Shape::Number(&COUNT), "The calls."),
        may("seconds", Shape::Number(&COUNT), "The seconds; 1 when not given."),
    ],
);

static SLACK: Object = object(
    "SlackConnection",
    "A Slack channel, by the address of its incoming webhook.",
    &[must("url", Shape::Text(&SECRET), "The address: a secret, because whoever knows it may post."), RATE],
);

static APPROVALS: Object = object(
    "ApprovalsConnection",
    "People who are asked for decisions by mail.",
    &[
        must("mail", Shape::Text(&ANY), "The `email` connection that the mails go through."),
        may(
            "remindAfterHours",
            Shape::Number(&HOURS),
            "After how many hours those who have not answered are asked again; never, when not given.",
        ),
    ],
);

static HOURS: NumberRule = NumberRule {
    what: "a number of hours from 1 to 8760",
    whole: true,
    least: Some(1.0),
    above_least: false,
    most: Some(8760.0),
};

static WEBHOOK: Object = object(
    "WebhookConnection",
    "An endpoint that takes events, signed as Standard Webhooks says.",
    &[
        must("url", Shape::Text(&ANY), "The address; a reference if it holds a secret."),
        may("secret", Shape::Text(&SECRET), "What messages are signed with: `whsec_` and base64."),
        may(
            "headers",
            Shape::Named { rule: &HEADER_NAME, of: &ANY_TEXT },
            "Headers of every message; values that are secrets are references.",
        ),
        RATE,
    ],
);

static FILES: Object = object(
    "FilesConnection",
    "A folder of this machine that flows may read, and write if it says so.",
    &[
        must(
            "path",
            Shape::Text(&ANY),
            "The folder; from the folder of the definitions on, or a whole path.",
        ),
        may("write", Shape::Bool, "Whether flows may write and delete in it; `false` when not given."),
    ],
);

static EMAIL: Object = object(
    "EmailConnection",
    "An SMTP server.",
    &[
        must("host", Shape::Text(&ANY), "The server's name."),
        may("port", Shape::Number(&PORT), "The port; 587, or 465 with `tls`, when not given."),
        may(
            "security",
            Shape::Word(&[
                word("starttls", "Plain at first, then encrypted; never sent without."),
                word("tls", "Encrypted from the start."),
                word("none", "Not encrypted: only for a server on the same machine."),
            ]),
            "How the connection is encrypted; `starttls` when not given.",
        ),
        may("username", Shape::Text(&ANY), "Who signs in."),
        may("password", Shape::Text(&SECRET), "The password."),
        must("from", Shape::Text(&ANY), "The sender, e.g. `Weir <weir@example.com>`."),
        RATE,
    ],
);

static HTTP: Object = object(
    "HttpConnection",
    "A web service.",
    &[
        must("url", Shape::Text(&URL), "The address that requests start from."),
        may(
            "headers",
            Shape::Named { rule: &HEADER_NAME, of: &ANY_TEXT },
            "Headers of every request; values that are secrets are references.",
        ),
        may("username", Shape::Text(&ANY), "Who signs in (Basic)."),
        may("password", Shape::Text(&SECRET), "The password (Basic)."),
        may("token", Shape::Text(&SECRET), "A bearer token."),
        RATE,
    ],
);

const HOST: Field = must("host", Shape::Text(&ANY), "The server's name.");
const DATABASE: Field = may("database", Shape::Text(&ANY), "The database; the user's own when not given.");
const USERNAME: Field = may("username", Shape::Text(&ANY), "Who signs in.");
const PASSWORD: Field = may("password", Shape::Text(&SECRET), "The password.");
static ENCRYPTION: [Word; 3] = [
    word("verify", "Encrypted, and the server's certificate is checked."),
    word("unverified", "Encrypted; whoever answers is believed."),
    word("none", "Not encrypted: only for a network that is trusted."),
];
const TLS: Field =
    may("tls", Shape::Word(&ENCRYPTION), "How the connection is encrypted; `verify` when not given.");

static POSTGRES: Object = object(
    "PostgresConnection",
    "A PostgreSQL server.",
    &[
        HOST,
        may("port", Shape::Number(&PORT), "The port; 5432 when not given."),
        DATABASE,
        USERNAME,
        PASSWORD,
        TLS,
    ],
);

static MYSQL: Object = object(
    "MysqlConnection",
    "A MySQL or MariaDB server.",
    &[
        HOST,
        may("port", Shape::Number(&PORT), "The port; 3306 when not given."),
        DATABASE,
        USERNAME,
        PASSWORD,
        TLS,
    ],
);

static OBJECT_STORE: Object = object(
    "ObjectStoreConnection",
    "The credentials for an object store; which of them are needed depends on the store.",
    &[
        may("region", Shape::Text(&ANY), "The region (S3)."),
        may("endpoint", Shape::Text(&URL), "The address of a store that is not the provider's own."),
        may("accessKeyId", Shape::Text(&SECRET), "The access key's id (S3)."),
        may("secretAccessKey", Shape::Text(&SECRET), "The access key (S3)."),
        may("sessionToken", Shape::Text(&SECRET), "The session's token (S3)."),
        may("accountName", Shape::Text(&ANY), "The storage account (Azure)."),
        may("accountKey", Shape::Text(&SECRET), "The account's key (Azure)."),
        may("sasToken", Shape::Text(&SECRET), "A shared access signature (Azure)."),
        may("serviceAccountKey", Shape::Text(&SECRET), "The service account's key, as JSON (Google)."),
    ],
);

static SFTP: Object = object(
    "SftpConnection",
    "An SFTP server.",
    &[
        HOST,
        may("port", Shape::Number(&PORT), "The port; 22 when not given."),
        must("username", Shape::Text(&ANY), "Who signs in."),
        PASSWORD,
        may("key", Shape::Text(&SECRET), "The private key, in place of a password."),
        may("passphrase", Shape::Text(&SECRET), "The passphrase of the key."),
        may("fingerprint", Shape::Text(&ANY), "The fingerprint of the server's key: `SHA256:…`."),
    ],
);
