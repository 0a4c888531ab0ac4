//! The `http` connector: calls any web service. It is what the built-in HTTP action calls.

mod body;
mod manifest;
mod request;

use std::sync::Arc;

use async_trait::async_trait;
use outbound::HttpClient;
use store::Clock;

use crate::connectors::shared::{Parameters, failed, headers, operation, time_left};
use crate::connectors::{
    CallOutcome, CallRequest, Connector, Manifest,
};

pub(super) use body::read_body;
pub(super) use manifest::MANIFEST;

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

#[cfg(test)]
mod tests;
