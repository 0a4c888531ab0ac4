//! The HTTP client: every address checked before it is connected to, every exchange bounded in time and size.
//!
//! reqwest's own resolver hook is never asked for IP literals and knows no port, so the literal is checked
//! here before each hop, and each port has a client whose resolver hands over checked addresses only.
//! Redirects are followed here, not by reqwest, so that each hop passes the same door.

mod redirect;
mod request;
mod response;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, Once, PoisonError};

use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;
use url::{Host, Url};

pub use request::{Body, Method, Request};
pub use response::Response;

use crate::error::{find_cause, is_tls};
use crate::resolve::{Guard, GuardedResolver};
use crate::{AddressPolicy, Lookup, OutboundError, Redacted, Result, SystemLookup, limits, redact};

/// The one HTTP client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct HttpClient {
    inner: Arc<Inner>,
}

struct Inner {
    guard: Guard,
    clients: Mutex<BTreeMap<(bool, u16), reqwest::Client>>,
    targets: Mutex<BTreeMap<String, Arc<Semaphore>>>,
}

impl HttpClient {
    /// A client that looks names up with the machine's resolver.
    pub fn new(policy: AddressPolicy) -> Self {
        Self::with_lookup(policy, Arc::new(SystemLookup))
    }

    /// A client with its own way of looking names up.
    pub fn with_lookup(policy: AddressPolicy, lookup: Arc<dyn Lookup>) -> Self {
        install_crypto();
        let guard = Guard { policy, lookup };
        Self { inner: Arc::new(Inner { guard, clients: Mutex::default(), targets: Mutex::default() }) }
    }

    /// Sends `request` and reads the whole answer. Every status is an answer; errors mean that there was
    /// none.
    pub async fn send(&self, request: Request) -> Result<Response> {
        self.send_to(request, None).await
    }

    /// Like [`HttpClient::send`]; the body of a success goes to a file, which is made or replaced, and
    /// [`Response::body`] stays empty. The body of any other answer stays in memory, where its limit is
    /// [`limits::MAX_RESPONSE_BYTES`].
    pub async fn download(&self, request: Request, file: &Path) -> Result<Response> {
        self.send_to(request, Some(file)).await
    }

    async fn send_to(&self, request: Request, file: Option<&Path>) -> Result<Response> {
        let target = redact::target(&request.url);
        let timeout = request.timeout;
        let started = std::time::Instant::now();
        let method = request.method.as_str();
        let shown = Redacted(&request.url).to_string();
        let answer = tokio::time::timeout(timeout, self.follow(request, file)).await;
        let result = answer.unwrap_or(Err(OutboundError::Timeout { target, after: timeout }));
        let took = started.elapsed();
        match &result {
            Ok(response) => tracing::debug!(method, url = shown, status = response.status, ?took, "called"),
            Err(error) => tracing::debug!(method, url = shown, code = error.code(), ?took, "call failed"),
        }
        result
    }

    async fn follow(&self, mut request: Request, file: Option<&Path>) -> Result<Response> {
        let mut hops = 0;
        loop {
            let response = self.exchange(&request, file).await?;
            let location = response.header("location");
            let (Some(location), true) = (location, redirect::is_redirect(response.status)) else {
                return Ok(response);
            };
            if request.redirects == 0 {
                return Ok(response);
            }
            if hops == request.redirects {
                return Err(OutboundError::Redirect {
                    target: redact::target(&request.url),
                    detail: format!("again after {hops} redirects"),
                });
            }
            hops += 1;
            redirect::follow(&mut request, response.status, location)?;
        }
    }

    async fn exchange(&self, request: &Request, file: Option<&Path>) -> Result<Response> {
        self.check_literal(&request.url)?;
        let target = redact::target(&request.url);
        let turn = self.turn(&target);
        // Never closed, so the only way to fail here is not to wait.
        let _permit = turn
            .acquire()
            .await
            .map_err(|error| OutboundError::Connect { target: target.clone(), detail: error.to_string() })?;
        let client = match &request.identity {
            // Not kept: whoever shows no certificate must not come along on its connections.
            Some(identity) => self.build(&request.url, Some(identity))?,
            None => self.client(&request.url)?,
        };
        let mut call = client.request(request.method.wire(), request.url.clone());
        for (name, value) in &request.headers {
            call = call.header(name, value);
        }
        if let Some(body) = &request.body {
            call = call.body(body.clone());
        }
        let response = call.send().await.map_err(|error| translate(&target, error))?;
        match file {
            Some(file) if response.status().is_success() => {
                save(response, &target, request.max_response, file).await
            }
            Some(_) => read(response, &target, request.max_response.min(limits::MAX_RESPONSE_BYTES)).await,
            None => read(response, &target, request.max_response).await,
        }
    }

    /// The resolver is not asked for literals, so they are judged here. The url crate has already turned
    /// `2130706433`, `0x7f.1` and their like into addresses.
    fn check_literal(&self, url: &Url) -> Result<()> {
        let port = url.port_or_known_default().unwrap_or(0);
        let policy = &self.inner.guard.policy;
        match url.host() {
            Some(Host::Ipv4(address)) => policy.check(&address.to_string(), address.into(), port),
            Some(Host::Ipv6(address)) => policy.check(&address.to_string(), address.into(), port),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }

    fn client(&self, url: &Url) -> Result<reqwest::Client> {
        let secure = url.scheme() == "https";
        let port = url.port_or_known_default().unwrap_or(0);
        let mut clients = self.inner.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&(secure, port)) {
            return Ok(client.clone());
        }
        let client = self.build(url, None)?;
        if clients.len() >= limits::MAX_CLIENTS {
            clients.pop_first();
        }
        clients.insert((secure, port), client.clone());
        Ok(client)
    }

    fn build(&self, url: &Url, identity: Option<&reqwest::Identity>) -> Result<reqwest::Client> {
        let secure = url.scheme() == "https";
        let port = url.port_or_known_default().unwrap_or(0);
        let resolver = GuardedResolver { guard: self.inner.guard.clone(), port };
        let builder = reqwest::Client::builder()
            .dns_resolver(Arc::new(resolver))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(limits::CONNECT_TIMEOUT)
            .user_agent(concat!("weir/", env!("CARGO_PKG_VERSION")));
        // Without this a machine that has no certificates of authorities could not even call http.
        let builder = if secure { builder } else { builder.tls_certs_only([]) };
        let builder = match identity {
            Some(identity) => builder.identity(identity.clone()),
            None => builder,
        };
        builder.build().map_err(|error| OutboundError::Tls {
            target: redact::target(url),
            detail: format!(
                "{}; are certificates of authorities installed (ca-certificates)?",
                chain(&error)
            ),
        })
    }

    fn turn(&self, target: &str) -> Arc<Semaphore> {
        let mut targets = self.inner.targets.lock().unwrap_or_else(PoisonError::into_inner);
        if targets.len() >= limits::MAX_TARGETS {
            targets.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        let fresh = || Arc::new(Semaphore::new(limits::MAX_CONCURRENT_PER_TARGET));
        Arc::clone(targets.entry(target.to_owned()).or_insert_with(fresh))
    }
}

/// rustls is built without a default provider of cryptography; it is chosen once per process.
fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that the process has chosen one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// The status and the headers of an answer, without its body.
fn head(response: &reqwest::Response) -> Response {
    let headers = response.headers().iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Response { status: response.status().as_u16(), headers: headers.collect(), body: Vec::new() }
}

fn too_large(target: &str, limit: usize) -> OutboundError {
    OutboundError::TooLarge { what: "response from the server", target: target.to_owned(), limit }
}

async fn read(mut response: reqwest::Response, target: &str, limit: usize) -> Result<Response> {
    let mut answer = head(&response);
    while let Some(chunk) = response.chunk().await.map_err(|error| translate(target, error))? {
        if answer.body.len().saturating_add(chunk.len()) > limit {
            return Err(too_large(target, limit));
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}

async fn save(mut response: reqwest::Response, target: &str, limit: usize, path: &Path) -> Result<Response> {
    let local = |error: std::io::Error| OutboundError::Store { detail: error.to_string() };
    let answer = head(&response);
    let mut file = tokio::fs::File::create(path).await.map_err(local)?;
    let mut bytes = 0_usize;
    while let Some(chunk) = response.chunk().await.map_err(|error| translate(target, error))? {
        bytes = bytes.saturating_add(chunk.len());
        if bytes > limit {
            return Err(too_large(target, limit));
        }
        file.write_all(&chunk).await.map_err(local)?;
    }
    file.flush().await.map_err(local)?;
    Ok(answer)
}

/// reqwest's error as ours: the guard's refusal is found in the chain of causes, and the URL is left out.
fn translate(target: &str, error: reqwest::Error) -> OutboundError {
    let error = error.without_url();
    if let Some(ours) = find_cause(&error, |cause| cause.downcast_ref::<OutboundError>().cloned()) {
        return ours;
    }
    if is_tls(&error) {
        return OutboundError::Tls { target: target.to_owned(), detail: chain(&error) };
    }
    if error.is_timeout() {
        return OutboundError::Timeout { target: target.to_owned(), after: limits::CONNECT_TIMEOUT };
    }
    OutboundError::Connect { target: target.to_owned(), detail: chain(&error) }
}

/// An error with its causes, each once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests;
