//! A request as the other rooms build it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use url::Url;

use crate::{OutboundError, Redacted, Result, limits};

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// OPTIONS
    Options,
}

impl Method {
    /// Every method, for manifests and messages.
    pub const ALL: [Self; 7] =
        [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Options];

    /// The method as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    pub(super) fn wire(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Head => reqwest::Method::HEAD,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
            Self::Options => reqwest::Method::OPTIONS,
        }
    }
}

impl FromStr for Method {
    type Err = OutboundError;

    /// Reads a method in any case.
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|method| method.as_str()).collect();
            OutboundError::BadRequest {
                detail: format!("{text:?} is not a method; there are {}", known.join(", ")),
            }
        })
    }
}

/// A body and its content type.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The `Content-Type`, unless a header says otherwise.
    pub content_type: Option<String>,
}

impl Body {
    /// A JSON body.
    pub fn json(value: &serde_json::Value) -> Self {
        Self { bytes: value.to_string().into_bytes(), content_type: Some("application/json".to_owned()) }
    }

    /// A text body (`text/plain; charset=utf-8`).
    pub fn text(text: impl Into<String>) -> Self {
        Self { bytes: text.into().into_bytes(), content_type: Some("text/plain; charset=utf-8".to_owned()) }
    }

    /// Any bytes.
    pub fn bytes(bytes: Vec<u8>, content_type: Option<String>) -> Self {
        Self { bytes, content_type }
    }
}

/// An outgoing request. Its debug form shows no path, query, header value or body.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(reqwest::header::HeaderName, reqwest::header::HeaderValue)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) timeout: Duration,
    pub(super) redirects: u8,
    pub(super) max_response: usize,
    pub(super) identity: Option<reqwest::Identity>,
}

impl Request {
    /// A request to `url`, which must be `http` or `https`, with the limits of [`limits`].
    pub fn new(method: Method, url: &str) -> Result<Self> {
        if url.len() > limits::MAX_URL_CHARS {
            return Err(bad_url(&format!("it is longer than {} characters", limits::MAX_URL_CHARS)));
        }
        // A parse error's own text may quote the URL, so only its kind is passed on.
        let url = Url::parse(url.trim()).map_err(|error| bad_url(&error.to_string()))?;
        check_url(&url)?;
        Ok(Self {
            method,
            url,
            headers: Vec::new(),
            body: None,
            timeout: limits::HTTP_TIMEOUT,
            redirects: limits::MAX_REDIRECTS,
            max_response: limits::MAX_RESPONSE_BYTES,
            identity: None,
        })
    }

    /// Adds a name and value to the URL's query.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Adds a header. Headers that belong to the connection itself are refused, and so are line breaks.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        let bad = |detail: String| OutboundError::BadRequest { detail };
        let parsed: reqwest::header::HeaderName =
            name.parse().map_err(|_| bad(format!("{name:?} is not a header name")))?;
        if HOP_HEADERS.contains(&parsed.as_str()) {
            return Err(bad(format!("the header {name} is set by the connection and cannot be given")));
        }
        // The value may be a secret: it is not repeated in the message.
        let mut value = reqwest::header::HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| bad(format!("the value of the header {name} has characters that cannot be sent")))?;
        value.set_sensitive(true);
        self.headers.push((parsed, value));
        Ok(self)
    }

    /// Sets the body, and the content type unless a header gives one.
    pub fn body(mut self, body: Body) -> Result<Self> {
        if body.bytes.len() > limits::MAX_REQUEST_BYTES {
            return Err(OutboundError::TooLarge {
                what: "request body",
                target: crate::redact::target(&self.url),
                limit: limits::MAX_REQUEST_BYTES,
            });
        }
        self.body = Some(body.bytes);
        let given = self.headers.iter().any(|(name, _)| *name == reqwest::header::CONTENT_TYPE);
        match body.content_type {
            Some(content_type) if !given => self.header("content-type", &content_type),
            _ => Ok(self),
        }
    }

    /// Shows a certificate to the server: PEM with the certificate, those that signed it, and its private key. It is
    /// not shown to another origin that the server redirects to.
    ///
    /// # Errors
    /// When the text is no such PEM; it is not repeated.
    pub fn certificate(mut self, pem: &str) -> Result<Self> {
        super::install_crypto();
        let identity =
            reqwest::Identity::from_pem(pem.as_bytes()).map_err(|_| OutboundError::BadRequest {
                detail: "the certificate must be PEM with a certificate and its private key".to_owned(),
            })?;
        self.identity = Some(identity);
        Ok(self)
    }

    /// How long the whole exchange may take, redirects and body included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many redirects are followed, up to [`limits::MAX_REDIRECTS`]. With 0 a redirect is the response.
    pub fn redirects(mut self, most: u8) -> Self {
        self.redirects = most.min(limits::MAX_REDIRECTS);
        self
    }

    /// How large the response's body may be, in bytes.
    pub fn max_response(mut self, bytes: usize) -> Self {
        self.max_response = bytes;
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Request")
            .field("method", &self.method.as_str())
            .field("url", &Redacted(&self.url))
            .field("headers", &names)
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// Headers of one connection (RFC 9110 §7.6.1), and those that frame the message: never the caller's.
const HOP_HEADERS: [&str; 9] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn bad_url(detail: &str) -> OutboundError {
    OutboundError::BadUrl { target: "(unreadable)".to_owned(), detail: detail.to_owned() }
}

/// The rules for every hop: http or https, and a host.
pub(super) fn check_url(url: &Url) -> Result<()> {
    let detail = if !matches!(url.scheme(), "http" | "https") {
        format!("only http and https are called, not {}", url.scheme())
    } else if url.host().is_none() || url.port_or_known_default().is_none_or(|port| port == 0) {
        "it names no host and port".to_owned()
    } else {
        return Ok(());
    };
    Err(OutboundError::BadUrl { target: Redacted(url).to_string(), detail })
}
