//! Object stores through the one HTTP client: what their library would send itself goes through the guard.

use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient as ObjectClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};
use reqwest::StatusCode;
use reqwest::header::{HeaderName, HeaderValue};

use crate::{Body, HttpClient, OutboundError, Request, limits};

/// Hands an [`HttpClient`] to the builders of object stores (`with_http_connector`).
#[derive(Clone)]
pub struct ObjectConnector {
    client: HttpClient,
}

impl ObjectConnector {
    /// A connector whose calls go through `client`.
    pub fn new(client: HttpClient) -> Self {
        Self { client }
    }
}

impl std::fmt::Debug for ObjectConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ObjectConnector")
    }
}

impl HttpConnector for ObjectConnector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<ObjectClient> {
        Ok(ObjectClient::new(self.clone()))
    }
}

#[async_trait::async_trait]
impl HttpService for ObjectConnector {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (head, body) = request.into_parts();
        let request = to_request(&head, collected(body).await?).map_err(failed)?;
        let response = self.client.send(request).await.map_err(failed)?;
        let mut answer = HttpResponse::new(HttpResponseBody::from(bytes::Bytes::from(response.body)));
        *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_GATEWAY);
        for (name, value) in &response.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                answer.headers_mut().append(name, value);
            }
        }
        Ok(answer)
    }
}

async fn collected(body: HttpRequestBody) -> Result<Vec<u8>, HttpError> {
    Ok(body.collect().await?.to_bytes().to_vec())
}

fn to_request(head: &http::request::Parts, body: Vec<u8>) -> crate::Result<Request> {
    let mut request = Request::new(head.method.as_str().parse()?, &head.uri.to_string())?
        .redirects(0)
        .max_response(limits::MAX_OBJECT_RESPONSE_BYTES);
    for (name, value) in &head.headers {
        // The connection sets these itself, to the same values that were signed.
        if matches!(name.as_str(), "host" | "content-length") {
            continue;
        }
        let value = value.to_str().map_err(|_| OutboundError::BadRequest {
            detail: format!("the value of the header {name} has characters that cannot be sent"),
        })?;
        request = request.header(name.as_str(), value)?;
    }
    match body.is_empty() {
        true => Ok(request),
        false => request.body(Body::bytes(body, None)),
    }
}

fn failed(error: OutboundError) -> HttpError {
    let kind = match &error {
        OutboundError::Connect { .. } | OutboundError::Dns { .. } => HttpErrorKind::Connect,
        OutboundError::Timeout { .. } => HttpErrorKind::Timeout,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, error)
}
