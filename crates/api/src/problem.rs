//! What a request gets when it goes wrong: a stable code and what to do, nothing internal (RFC 9457).

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: &'static str,
}

impl Problem {
    /// There is nothing at this address.
    pub fn not_found() -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "notFound", detail: "there is nothing at this address" }
    }

    /// The state cannot be read.
    pub fn not_ready() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "notReady",
            detail: "the state cannot be read; the log says why",
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({"title": self.code, "status": self.status.as_u16(), "detail": self.detail});
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], Json(body)).into_response()
    }
}
