//! The `http` connector: calls any web service. It is what the built-in HTTP action calls.

mod body;
mod request;

use std::sync::Arc;

use async_trait::async_trait;
use outbound::HttpClient;
use store::Clock;

use crate::connectors::shared::{Parameters, failed, headers, operation, time_left};
use crate::connectors::{
    CallOutcome, CallRequest, Connector, HTTP_OPERATION, Manifest, Operation, Parameter,
};

pub(super) use body::read_body;

/// Calls web services.
pub struct Http {
    client: HttpClient,
    clock: Arc<dyn Clock>,
}

impl Http {
    /// A connector that calls through `client`.
    pub fn new(client: HttpClient, clock: Arc<dyn Clock>) -> Self {
        Self { client, clock }
    }

    async fn attempt(&self, request: &CallRequest) -> Result<CallOutcome, CallOutcome> {
        let operation = operation(self, request)?;
        let parameters = Parameters::checked(request, operation)?;
        let call = request::build(&parameters, &request.idempotency_key)?;
        let call = call.timeout(time_left(&*self.clock, request.deadline)?);
        let response = self.client.send(call).await.map_err(|error| failed(&error))?;
        Ok(CallOutcome::Response {
            status_code: response.status,
            headers: headers(&response),
            body: read_body(&response),
        })
    }
}

#[async_trait]
impl Connector for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn manifest(&self) -> &'static Manifest {
        &MANIFEST
    }

    async fn call(&self, request: CallRequest) -> CallOutcome {
        self.attempt(&request).await.unwrap_or_else(|failure| failure)
    }
}

static MANIFEST: Manifest = Manifest {
    title: "HTTP",
    summary: "Calls any web service over HTTP or HTTPS.",
    needs_connection: false,
    connection: &[],
    operations: &[Operation {
        id: HTTP_OPERATION,
        summary: "Sends one request and returns the status code, the headers and the body.",
        parameters: &[
            Parameter {
                name: "method",
                summary: "GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.",
                required: true,
            },
            Parameter { name: "uri", summary: "The address, http or https.", required: true },
            Parameter { name: "headers", summary: "Headers by name.", required: false },
            Parameter { name: "queries", summary: "What is added to the address's query.", required: false },
            Parameter {
                name: "body",
                summary: "JSON, a text, or {\"$content-type\", \"$content\"} with base64.",
                required: false,
            },
            Parameter { name: "cookie", summary: "The Cookie header.", required: false },
            Parameter {
                name: "authentication",
                summary: "{\"type\": \"Basic\", \"username\", \"password\"} or {\"type\": \"Raw\", \
                \"value\"}.",
                required: false,
            },
        ],
    }],
};

#[cfg(test)]
mod tests;
