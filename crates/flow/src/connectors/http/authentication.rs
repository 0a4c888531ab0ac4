//! How a request signs in: what the `authentication` of an HTTP action says. Messages never repeat what was given.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use outbound::{Body, HttpClient, Method, Request};
use serde_json::Value;
use store::Clock;

use crate::connectors::CallOutcome;
use crate::connectors::shared::{bad_request, failed, time_left};

/// Where tokens of Microsoft Entra come from, unless `authority` says otherwise.
const AUTHORITY: &str = "https://login.microsoftonline.com";
/// Tokens that are kept.
const MAX_TOKENS: usize = 256;
/// So long before its end a token is not used any more.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// The longest that a token is kept, whatever its issuer says.
const MAX_LIFE: u64 = 24 * 3600;
/// Bytes of an issuer's answer.
const MAX_ANSWER: usize = 256 * 1024;

/// What a request shows.
pub(super) enum SignIn {
    /// This Authorization header.
    Header(String),
    /// This certificate with its key, as PEM.
    Certificate(String),
}

/// Tokens by a hash of what they were asked with.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<blake3::Hash, (String, Timestamp)>>);

/// What asking an issuer needs.
pub(super) struct Asking<'a> {
    pub(super) client: &'a HttpClient,
    pub(super) clock: &'a dyn Clock,
    pub(super) tokens: &'a Tokens,
    pub(super) deadline: Timestamp,
}

impl Asking<'_> {
    /// What a request shows that signs in like this.
    pub(super) async fn sign_in(&self, authentication: &Value) -> Result<SignIn, CallOutcome> {
        let given = Given(authentication);
        match given.field("type") {
            Some("Basic") => {
                let username = given.needed("username")?;
                if username.contains(':') {
                    return Err(bad_request("'authentication/username' may not contain a colon (RFC 7617)"));
                }
                let both = format!("{username}:{}", given.needed("password")?);
                Ok(SignIn::Header(format!("Basic {}", STANDARD.encode(both))))
            }
            Some("Raw") => Ok(SignIn::Header(given.needed("value")?.to_owned())),
            Some("ActiveDirectoryOAuth") => {
                Ok(SignIn::Header(format!("Bearer {}", self.token(given).await?)))
            }
            Some("ClientCertificate") => match given.field("pem") {
                Some(pem) => Ok(SignIn::Certificate(pem.to_owned())),
                None => Err(unsupported(
                    "a ClientCertificate is given here as 'authentication/pem', a text with the certificate and its \
                     key; `openssl pkcs12 -in FILE.pfx -nodes` makes one of a pfx",
                )),
            },
            Some("ManagedServiceIdentity") => Err(unsupported(
                "ManagedServiceIdentity exists only inside Azure; use ActiveDirectoryOAuth with a client secret",
            )),
            other => Err(unsupported(&format!(
                "the authentication type {} is not supported; there are Basic, Raw, ActiveDirectoryOAuth and \
                 ClientCertificate",
                other.unwrap_or("(missing)")
            ))),
        }
    }

    /// A token for the program itself (client credentials).
    async fn token(&self, given: Given<'_>) -> Result<String, CallOutcome> {
        let (tenant, audience) = (given.needed("tenant")?, given.needed("audience")?);
        let (client, secret) = (given.needed("clientId")?, given.field("secret"));
        let secret = secret.ok_or_else(|| {
            unsupported(
                "ActiveDirectoryOAuth signs in with 'authentication/secret' here, not with a certificate",
            )
        })?;
        if tenant.is_empty() || tenant.contains(['/', '?', '#', '\\']) {
            return Err(bad_request("'authentication/tenant' must be the id or a domain of a tenant"));
        }
        let authority = given.field("authority").filter(|text| !text.is_empty()).unwrap_or(AUTHORITY);
        let url = format!("{}/{tenant}/oauth2/token", authority.trim_end_matches('/'));
        let asked = [url.as_str(), audience, client, secret].join("\0");
        let key = blake3::hash(asked.as_bytes());
        let now = self.clock.now();
        if let Some(token) = self.tokens.get(&key, now) {
            return Ok(token);
        }
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", client)
            .append_pair("client_secret", secret)
            .append_pair("resource", audience)
            .finish();
        let (token, seconds) = self.ask(&url, form).await?;
        let life = i64::try_from(seconds.min(MAX_LIFE)).unwrap_or(0);
        let until = now.checked_add(SignedDuration::from_secs(life)).unwrap_or(now);
        self.tokens.keep(key, token.clone(), until, now);
        Ok(token)
    }

    async fn ask(&self, url: &str, form: String) -> Result<(String, u64), CallOutcome> {
        let kind = Some("application/x-www-form-urlencoded".to_owned());
        let request = Request::new(Method::Post, url)
            .and_then(|request| request.body(Body::bytes(form.into_bytes(), kind)))
            .map_err(|error| failed(&error))?
            .redirects(0)
            .max_response(MAX_ANSWER)
            .timeout(time_left(self.clock, self.deadline)?);
        let response = self.client.send(request).await.map_err(|error| failed(&error))?;
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let said = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        match said("access_token").filter(|_| response.is_success()) {
            Some(token) => {
                // Some issuers write the number as a text.
                let seconds = answer.get("expires_in");
                let seconds =
                    seconds.and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
                Ok((token, seconds.unwrap_or(0)))
            }
            None => {
                let why = said("error").unwrap_or_else(|| "no token".to_owned());
                let message = format!("the sign-in was answered with {} ({why})", response.status);
                Err(match response.status {
                    429 | 500..=599 => CallOutcome::Retryable {
                        code: "BadGateway".to_owned(),
                        message,
                        retry_after: response.retry_after(self.clock.now()),
                    },
                    _ => CallOutcome::permanent("Unauthorized", message),
                })
            }
        }
    }
}

impl Tokens {
    fn get(&self, key: &blake3::Hash, now: Timestamp) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, until) = kept.get(key)?;
        (until.duration_since(now) > MARGIN).then(|| token.clone())
    }

    fn keep(&self, key: blake3::Hash, token: String, until: Timestamp, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (_, until)| *until > now);
        if kept.len() < MAX_TOKENS {
            kept.insert(key, (token, until));
        }
    }
}

/// The fields of `authentication`.
#[derive(Clone, Copy)]
struct Given<'a>(&'a Value);

impl<'a> Given<'a> {
    fn field(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn needed(self, name: &str) -> Result<&'a str, CallOutcome> {
        self.field(name).ok_or_else(|| bad_request(format!("'authentication/{name}' is missing or no text")))
    }
}

fn unsupported(message: &str) -> CallOutcome {
    CallOutcome::permanent("AuthenticationNotSupported", message)
}
