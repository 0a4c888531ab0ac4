//! What a request gets when it goes wrong: a stable code and what to do, nothing internal (RFC 9457).

use std::borrow::Cow;

use auth::Role;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, detail: detail.into() }
    }

    /// There is nothing at this address.
    pub fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "notFound",
            detail: "there is nothing at this address".into(),
        }
    }

    /// The address is right, the method is not.
    pub fn method() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            code: "methodNotAllowed",
            detail: "this address does not know this method; the header Allow names those that it knows"
                .into(),
        }
    }

    /// The address of a flow is not signed, or not by this instance.
    pub fn bad_signature() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: "badSignature",
            detail: "the address is not one that this instance gave out; `weir flow url` prints it".into(),
        }
    }

    /// The flow is turned off.
    pub fn flow_off() -> Self {
        Self {
            status: StatusCode::CONFLICT,
            code: "flowOff",
            detail: "the flow is turned off, so nothing was started".into(),
        }
    }

    /// As many runs of the flow wait as may.
    pub fn throttled() -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: "flowBusy",
            detail: "as many runs of this flow wait as may; nothing was started, call again later".into(),
        }
    }

    /// The run ended and answered nothing.
    pub fn no_response() -> Self {
        Self {
            status: StatusCode::BAD_GATEWAY,
            code: "noResponse",
            detail: "the flow ended without an answer; its run, named in x-ms-workflow-run-id, tells why"
                .into(),
        }
    }

    /// The run did not answer in time.
    pub fn too_late() -> Self {
        Self {
            status: StatusCode::GATEWAY_TIMEOUT,
            code: "responseTooLate",
            detail: "the flow has not answered within 120 seconds; it goes on without a caller".into(),
        }
    }

    /// There is no such instance here.
    pub fn unknown_instance() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "unknownInstance",
            detail: "there is no instance of this name here".into(),
        }
    }

    /// The request shows no token that is good.
    pub fn no_token() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: "tokenNeeded",
            detail:
                "send a token: `Authorization: Bearer <token>`, or `Ocp-Apim-Subscription-Key: <token>`; \
                     `weir token create` makes one"
                    .into(),
        }
    }

    /// The token may not do this.
    pub fn role_needed(has: Role, least: Role) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "roleNeeded",
            detail: format!("the token has the role {has}; this needs {least}").into(),
        }
    }

    /// A parameter is missing or wrong.
    pub fn parameter(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "badParameter", detail: detail.into() }
    }

    /// What was asked for does not exist; the code is that of the room that looked.
    pub fn missing(code: &'static str, detail: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// It went wrong inside; the log says why.
    pub fn internal() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "internalError",
            detail: "this went wrong inside; the log of the server says why".into(),
        }
    }

    /// The state cannot be read.
    pub fn not_ready() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "notReady",
            detail: "the state cannot be read; the log says why".into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({"title": self.code, "status": self.status.as_u16(), "detail": self.detail});
        let json = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, json, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
