//! What the `http` connector says about itself.

use crate::connectors::Kind::{Any, Integer, Object};
use crate::connectors::{Choices, HTTP_OPERATION, Manifest, Operation, Parameter};

const METHODS: Choices = Choices::Of(&["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

pub(in crate::connectors) static MANIFEST: Manifest = Manifest {
    title: "HTTP",
    summary: "Calls any web service over HTTP or HTTPS.",
    operations: &[Operation::new(
        HTTP_OPERATION,
        "HTTP",
        "Sends one request and returns the status code, the headers and the body.",
        &[
            Parameter::must("method", "Method", "The method.").choices(METHODS),
            Parameter::must("uri", "URI", "The address, http or https."),
            Parameter::may("headers", "Headers", "Headers by name.").of(Object),
            Parameter::may("queries", "Queries", "What is added to the address's query.").of(Object),
            Parameter::may(
                "body",
                "Body",
                "JSON, a text, or {\"$content-type\", \"$content\"} with base64.",
            )
            .of(Any),
            Parameter::may("cookie", "Cookie", "The Cookie header; cookies of answers are not kept."),
            Parameter::may(
                "authentication",
                "Authentication",
                "{\"type\"} and its fields: Basic (username, password), Raw (value), ActiveDirectoryOAuth (tenant, \
                 audience, clientId, secret), ClientCertificate (pem).",
            )
            .of(Object),
        ],
    )
    .gives(ANSWER)],
    ..Manifest::EMPTY
};

/// What every answer over HTTP has.
pub(in crate::connectors) const ANSWER: &[Parameter] = &[
    Parameter::must("statusCode", "Status code", "The HTTP status.").of(Integer),
    Parameter::must("headers", "Headers", "The headers, names in lower case.").of(Object),
    Parameter::may("body", "Body", "JSON as JSON, text as text, anything else with base64.").of(Any),
];
