//! The `http` connector: calls any web service. It is what the built-in HTTP action calls.

mod authentication;
mod body;
mod manifest;
mod request;

use std::sync::Arc;

use async_trait::async_trait;
use outbound::{HttpClient, Request};
use serde_json::Value;
use store::Clock;

use authentication::{Asking, SignIn, Tokens};

use crate::connectors::shared::{Parameters, failed, headers, operation, time_left};
use crate::connectors::{CallOutcome, CallRequest, Connector, Manifest};

pub(super) use body::read_body;
pub(super) use manifest::MANIFEST;

/// Calls web services.
pub struct Http {
    client: HttpClient,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
}

impl Http {
    /// A connector that calls through `client`.
    pub fn new(client: HttpClient, clock: Arc<dyn Clock>) -> Self {
        Self { client, clock, tokens: Tokens::default() }
    }

    async fn attempt(&self, request: &CallRequest) -> Result<CallOutcome, CallOutcome> {
        let operation = operation(self, request)?;
        let parameters = Parameters::checked(request, operation)?;
        let call = match parameters.get("authentication") {
            None => request::build(&parameters, &request.idempotency_key, None)?,
            Some(authentication) => self.signed_in(&parameters, authentication, request).await?,
        };
        let call = call.timeout(time_left(&*self.clock, request.deadline)?);
        let response = self.client.send(call).await.map_err(|error| failed(&error))?;
        Ok(CallOutcome::Response {
            status_code: response.status,
            headers: headers(&response),
            body: read_body(&response),
        })
    }

    async fn signed_in(
        &self,
        parameters: &Parameters<'_>,
        authentication: &Value,
        request: &CallRequest,
    ) -> Result<Request, CallOutcome> {
        let (client, clock, tokens) = (&self.client, &*self.clock, &self.tokens);
        let asking = Asking { client, clock, tokens, deadline: request.deadline };
        let key = &request.idempotency_key;
        match asking.sign_in(authentication).await? {
            SignIn::Header(value) => request::build(parameters, key, Some(&value)),
            SignIn::Certificate(pem) => {
                let call = request::build(parameters, key, None)?;
                call.certificate(&pem).map_err(|error| failed(&error))
            }
        }
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
