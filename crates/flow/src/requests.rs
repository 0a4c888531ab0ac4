//! Flows that are called over HTTP: what a request to a Request trigger means, and what its caller is answered.
//!
//! The address of a trigger carries a signature, as those of Logic Apps do: whoever has the address may call, and
//! nobody can make one up. Nothing here listens; `api` does.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use lang::wdl::TriggerKind;
use serde_json::{Map, Value, json};
use store::{RunId, Store};

use crate::definitions::{self, Present};
use crate::journal::{Accepted, Journal};
use crate::machine::{Answers, Caller};
use crate::runs::TriggerFired;
use crate::triggers::body_mismatch;
use crate::{FlowError, Result, history, runs};

/// How long a caller waits for a Response (documented for Logic Apps: 120 seconds).
const LONGEST_WAIT: Duration = Duration::from_secs(120);
/// How long a flow's version is believed without a look. What a run follows is read in the transaction that starts it.
const BELIEVED: Duration = Duration::from_secs(1);
/// How often the history is asked for the Response of a run that another process holds.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// Signs and checks the addresses of triggers.
#[derive(Clone)]
pub struct Signer([u8; 32]);

impl Signer {
    /// A signer with a key that only this instance knows.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The signature of a trigger's address.
    pub fn sign(&self, flow: &str, trigger: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.hash(flow, trigger).as_bytes())
    }

    /// Whether the signature is that of this trigger's address; takes the same time for each wrong one.
    pub fn is_of(&self, signature: &str, flow: &str, trigger: &str) -> bool {
        let bytes = URL_SAFE_NO_PAD.decode(signature).ok();
        let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.is_some_and(|bytes| blake3::Hash::from_bytes(bytes) == self.hash(flow, trigger))
    }

    fn hash(&self, flow: &str, trigger: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in [flow, trigger] {
            hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize()
    }
}

/// The path and query of a trigger's address, below the address of the instance.
pub fn invoke_path(signer: &Signer, instance: &str, flow: &str, trigger: &str) -> String {
    let part = |text: &str| {
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
    };
    format!(
        "/v1/instances/{}/flows/{}/triggers/{}/invoke?sv=1.0&sig={}",
        part(instance),
        part(flow),
        part(trigger),
        signer.sign(flow, trigger)
    )
}

/// A request to a trigger.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// The flow.
    pub flow: String,
    /// The trigger's name.
    pub trigger: String,
    /// The method, in capitals.
    pub method: String,
    /// What follows the trigger's address, without its first slash; decoded.
    pub path: String,
    /// The query, without what the address itself carries.
    pub queries: BTreeMap<String, String>,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as it came.
    pub body: Vec<u8>,
}

/// What the caller is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The run was started; it answers nothing, or later.
    Accepted(RunId),
    /// The request started nothing: the trigger's conditions were not met, or a single instance was busy.
    Skipped(RunId),
    /// What the run answered: `{statusCode, headers, body}`.
    Answered(RunId, Value),
    /// The run ended without an answer.
    NoAnswer(RunId),
    /// The run did not answer in time.
    TooLate(RunId),
    /// There is no such flow, or its trigger is not called over HTTP, or the path is not one of its.
    NotThere,
    /// The flow is turned off.
    Off,
    /// The trigger wants this method.
    Method(String),
    /// The body is not what its content type says.
    BadBody(String),
}

/// Where requests to flows come in. Cheap to clone.
#[derive(Clone)]
pub struct Requests {
    store: Store,
    journal: Journal,
    known: Arc<Mutex<Known>>,
}

/// Flows' versions, and when they were read.
type Known = HashMap<String, (Instant, Arc<Present>)>;

impl Requests {
    /// Requests whose runs are started through `journal`.
    pub fn new(store: Store, journal: Journal) -> Self {
        Self { store, journal, known: Arc::default() }
    }

    /// Starts the run that a request asks for, and waits for its Response if there will be one. The caller has
    /// checked the signature.
    ///
    /// # Errors
    /// When the run cannot be written.
    pub async fn call(&self, request: Incoming) -> Result<Outcome> {
        let Some(present) = self.present(&request.flow).await? else { return Ok(Outcome::NotThere) };
        let (method, relative) = match present.compiled.definition.triggers.first() {
            Some(trigger) if trigger.name == request.trigger => match &trigger.kind {
                TriggerKind::Request { method, relative_path, .. } => (method.clone(), relative_path.clone()),
                _ => return Ok(Outcome::NotThere),
            },
            _ => return Ok(Outcome::NotThere),
        };
        let method = method.map_or_else(|| "POST".to_owned(), |method| method.to_uppercase());
        if request.method != method {
            return Ok(Outcome::Method(method));
        }
        let Some(parameters) = path_parameters(relative.as_deref().unwrap_or_default(), &request.path) else {
            return Ok(Outcome::NotThere);
        };
        let body = match body_of(&request) {
            Ok(body) => body,
            Err(why) => return Ok(Outcome::BadBody(why)),
        };
        let declared = present.compiled.definition.triggers.first();
        let given = body.as_ref().unwrap_or(&Value::Null);
        if let Some(why) = declared.and_then(|trigger| body_mismatch(trigger, given)) {
            return Ok(Outcome::BadBody(why));
        }
        self.start(&present, request, parameters, body).await
    }

    async fn start(
        &self,
        present: &Present,
        request: Incoming,
        parameters: Map<String, Value>,
        body: Option<Value>,
    ) -> Result<Outcome> {
        let waits = present.compiled.plan.answers() == Answers::Waiting;
        let tracking_id = request.headers.get("x-ms-client-tracking-id").cloned();
        let caller = Caller { waits, tracking_id, ..Caller::default() };
        let mut outputs = Map::new();
        outputs.insert("headers".to_owned(), json!(request.headers));
        if !request.queries.is_empty() {
            outputs.insert("queries".to_owned(), json!(request.queries));
        }
        if !parameters.is_empty() {
            outputs.insert("relativePathParameters".to_owned(), Value::Object(parameters));
        }
        if let Some(body) = body {
            outputs.insert("body".to_owned(), body);
        }
        let fired = TriggerFired {
            name: request.trigger,
            outputs: Value::Object(outputs),
            // A caller who asks again after a lost answer may say that it is the same request.
            key: request
                .headers
                .get("idempotency-key")
                .map(|key| format!("request {key}"))
                .unwrap_or_default(),
            origin: "request".to_owned(),
        };
        if !waits {
            let accepted = self.journal.start(&request.flow, fired, caller).await;
            return Ok(match accepted {
                Err(FlowError::UnknownFlow(_)) => Outcome::NotThere,
                accepted => without_answer(accepted?),
            });
        }
        let (accepted, heard) = self.journal.start_heard(&request.flow, fired, caller).await?;
        let (Accepted::Started(run) | Accepted::Known(run)) = accepted else {
            return Ok(without_answer(accepted));
        };
        let answer = async {
            match heard.await {
                Ok(answer) => Ok(answer),
                Err(_) => self.look_for_answer(&run).await,
            }
        };
        Ok(match tokio::time::timeout(LONGEST_WAIT, answer).await {
            Ok(Ok(Some(answer))) => Outcome::Answered(run, answer),
            Ok(Ok(None)) => Outcome::NoAnswer(run),
            Ok(Err(error)) => return Err(error),
            Err(_) => Outcome::TooLate(run),
        })
    }

    /// The answer of a run that this process does not hold.
    async fn look_for_answer(&self, run: &RunId) -> Result<Option<Value>> {
        loop {
            let ended = history::has_ended(&self.store, run).await?;
            let answer = runs::response(&self.store, run).await?;
            if ended || answer.is_some() {
                return Ok(answer);
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    async fn present(&self, flow: &str) -> Result<Option<Arc<Present>>> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(flow).cloned();
        if let Some((_, present)) = known.filter(|(at, _)| at.elapsed() < BELIEVED) {
            return Ok(Some(present));
        }
        let mut tx = self.store.read().await?;
        let Some(present) = definitions::present(&mut tx, flow).await? else { return Ok(None) };
        let present = Arc::new(present);
        let mut known = lock();
        known.retain(|_, (at, _)| at.elapsed() < BELIEVED);
        known.insert(flow.to_owned(), (Instant::now(), Arc::clone(&present)));
        Ok(Some(present))
    }
}

fn without_answer(accepted: Accepted) -> Outcome {
    match accepted {
        Accepted::Started(run) | Accepted::Known(run) => Outcome::Accepted(run),
        Accepted::Skipped(run) => Outcome::Skipped(run),
        Accepted::Off => Outcome::Off,
    }
}

/// The values of the names in `template` (`/customers/{id}`); nothing when the path is another.
fn path_parameters(template: &str, path: &str) -> Option<Map<String, Value>> {
    let parts = |text: &'_ str| -> Vec<String> {
        text.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (template, path) = (parts(template), parts(path));
    if template.len() != path.len() {
        return None;
    }
    let mut found = Map::new();
    for (wanted, given) in template.into_iter().zip(path) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => {
                found.insert(name.to_owned(), Value::String(given));
            }
            None if wanted.eq_ignore_ascii_case(&given) => {}
            None => return None,
        }
    }
    Some(found)
}

/// The body as expressions see it: JSON, a text, or `{$content-type, $content}`.
fn body_of(request: &Incoming) -> std::result::Result<Option<Value>, String> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let written = request.headers.get("content-type").map_or("", String::as_str);
    let kind = written.split(';').next().unwrap_or_default().trim().to_lowercase();
    if kind == "application/json" || kind.ends_with("+json") {
        let json = serde_json::from_slice(&request.body);
        return json
            .map(Some)
            .map_err(|error| format!("the body is not the JSON that it claims to be: {error}"));
    }
    match std::str::from_utf8(&request.body) {
        Ok(text) if kind.starts_with("text/") || kind == "application/xml" => Ok(Some(text.into())),
        _ => {
            let content = STANDARD.encode(&request.body);
            let kind = if written.is_empty() { "application/octet-stream" } else { written };
            Ok(Some(json!({"$content-type": kind, "$content": content})))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_one_trigger_of_one_flow_under_one_key() {
        let signer = Signer::new([7; 32]);
        let signature = signer.sign("orders", "manual");
        assert!(signer.is_of(&signature, "orders", "manual"));
        assert!(!signer.is_of(&signature, "ordersm", "anual"));
        assert!(!signer.is_of(&signature, "orders", "other"));
        assert!(!Signer::new([8; 32]).is_of(&signature, "orders", "manual"));
        for wrong in ["", "x", "%", &signature[1..], &format!("{signature}A")] {
            assert!(!signer.is_of(wrong, "orders", "manual"), "{wrong}");
        }
        let path = invoke_path(&signer, "shop", "all orders/new", "manual");
        assert!(
            path.starts_with("/v1/instances/shop/flows/all%20orders%2Fnew/triggers/manual/invoke?"),
            "{path}"
        );
    }

    #[test]
    fn a_path_gives_the_names_of_its_template_their_values() {
        let found = |template, path| path_parameters(template, path).map(Value::Object);
        assert_eq!(found("", ""), Some(json!({})));
        assert_eq!(found("/customers/{id}", "Customers/4711"), Some(json!({"id": "4711"})));
        assert_eq!(found("{a}/{b}", "1/2"), Some(json!({"a": "1", "b": "2"})));
        assert_eq!(found("/customers/{id}", "customers"), None);
        assert_eq!(found("/customers/{id}", "orders/1"), None);
        assert_eq!(found("", "more"), None);
    }

    #[test]
    fn a_body_is_read_as_its_content_type_says() {
        let read = |kind: &str, body: &[u8]| {
            let headers = BTreeMap::from([("content-type".to_owned(), kind.to_owned())]);
            body_of(&Incoming { headers, body: body.to_vec(), ..Incoming::default() })
        };
        assert_eq!(read("application/json", b""), Ok(None));
        assert_eq!(read("application/json; charset=utf-8", b"{\"a\":1}"), Ok(Some(json!({"a": 1}))));
        assert_eq!(read("application/cloudevents+json", b"[1]"), Ok(Some(json!([1]))));
        assert!(read("application/json", b"{").unwrap_err().contains("not the JSON"));
        assert_eq!(read("text/plain", b"hello"), Ok(Some(json!("hello"))));
        let bytes = json!({"$content-type": "image/png", "$content": "AQI="});
        assert_eq!(read("image/png", &[1, 2]), Ok(Some(bytes)));
    }
}
