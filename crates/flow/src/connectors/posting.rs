//! One POST to the webhook that a connection names: what Teams, Slack and webhooks have in common.

use jiff::Timestamp;
use outbound::{Body, HttpClient, Method, Request};
use serde_json::Value;
use store::Clock;

use super::http::read_body;
use super::shared::{bad_request, failed, headers, time_left};
use super::{CallOutcome, Connection};

/// Where and until when to post.
pub(super) struct Posting<'a> {
    pub(super) client: &'a HttpClient,
    pub(super) clock: &'a dyn Clock,
    pub(super) connection: &'a Connection,
    pub(super) key: &'a str,
    pub(super) deadline: Timestamp,
}

impl Posting<'_> {
    /// Posts JSON to the connection's `url`. A redirect is not followed: the message would go to somebody else.
    pub(super) async fn post(
        &self,
        json: Vec<u8>,
        extra: &[(String, String)],
    ) -> Result<CallOutcome, CallOutcome> {
        let url = self.connection.config.get("url").and_then(Value::as_str).unwrap_or_default();
        if url.is_empty() {
            let name = &self.connection.name;
            return Err(bad_request(format!("the connection '{name}' has no `url` (the webhook)")));
        }
        let mut call = Request::new(Method::Post, url).map_err(|error| failed(&error))?;
        let key = ("Idempotency-Key".to_owned(), self.key.to_owned());
        for (name, value) in [key].iter().chain(extra) {
            call = call.header(name, value).map_err(|error| failed(&error))?;
        }
        let call = call
            .body(Body::bytes(json, Some("application/json".to_owned())))
            .map_err(|error| failed(&error))?
            .redirects(0)
            .timeout(time_left(self.clock, self.deadline)?);
        let response = self.client.send(call).await.map_err(|error| failed(&error))?;
        if (300..400).contains(&response.status) {
            let message = format!(
                "the webhook answered {} (a redirect), which is not followed; copy its URL again from where it \
                 was made",
                response.status
            );
            return Err(CallOutcome::permanent("RedirectRefused", message));
        }
        Ok(CallOutcome::Response {
            status_code: response.status,
            headers: headers(&response),
            body: read_body(&response),
        })
    }
}
