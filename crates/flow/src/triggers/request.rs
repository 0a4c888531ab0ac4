//! Request triggers: whether a call fits, and what the run sees of it.

use lang::wdl::{Trigger, TriggerKind};
use serde_json::{Map, Value, json};

use crate::machine::mismatches;

/// A call of a flow.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// What follows the flow's address, percent-encoded; empty when nothing does.
    pub path: &'a str,
    /// The headers, one text each.
    pub headers: Map<String, Value>,
    /// The query's parameters, decoded.
    pub queries: Map<String, Value>,
    /// JSON as JSON, text as text, anything else as `{"$content-type", "$content"}`.
    pub body: Value,
}

/// Why a call does not start the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Refusal {
    fn new(status: u16, code: &'static str, message: String) -> Self {
        Self { status, code, message }
    }
}

/// The outputs of the trigger: `{headers, queries, relativePathParameters, body}`.
///
/// # Errors
/// A [`Refusal`] when the trigger is no Request, the method or the path is another, or the body does not fit the
/// schema and the trigger wants that to be looked at (`EnableSchemaValidation`).
pub fn requested(trigger: &Trigger, asked: Asked<'_>) -> Result<Value, Refusal> {
    let TriggerKind::Request { schema, method, relative_path, .. } = &trigger.kind else {
        let message =
            format!("The trigger '{}' cannot be called: it is not of the type Request.", trigger.name);
        return Err(Refusal::new(404, "TriggerNotCallable", message));
    };
    let wanted = method.as_deref().unwrap_or("POST");
    if !wanted.eq_ignore_ascii_case(asked.method) {
        let message =
            format!("The trigger '{}' takes {}, not {}.", trigger.name, wanted.to_uppercase(), asked.method);
        return Err(Refusal::new(405, "MethodNotAllowed", message));
    }
    let parameters =
        path_parameters(relative_path.as_deref().unwrap_or_default(), asked.path).ok_or_else(|| {
            let message = match relative_path {
                Some(path) => format!("The trigger '{}' takes the path '{path}'.", trigger.name),
                None => format!("The trigger '{}' takes no path after its address.", trigger.name),
            };
            Refusal::new(404, "RelativePathMismatch", message)
        })?;
    if let Some(schema) = schema
        && trigger.has_option("EnableSchemaValidation")
        && let Some(first) = mismatches(&asked.body, schema).first()
    {
        let message = format!(
            "The input body for trigger '{}' of type 'Request' did not match its schema definition. \
             Error details: '{first}'.",
            trigger.name
        );
        return Err(Refusal::new(400, "TriggerInputSchemaMismatch", message));
    }
    let mut outputs = json!({"headers": asked.headers, "queries": asked.queries, "body": asked.body});
    if relative_path.is_some()
        && let Some(fields) = outputs.as_object_mut()
    {
        fields.insert("relativePathParameters".to_owned(), Value::Object(parameters));
    }
    Ok(outputs)
}

/// The names in braces of `pattern`, with what stands there in `path`; nothing when the path does not fit.
fn path_parameters(pattern: &str, path: &str) -> Option<Map<String, Value>> {
    let parts = |text: &str| -> Vec<String> {
        text.trim_matches('/').split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (pattern, path) = (parts(pattern), parts(path));
    if pattern.len() != path.len() {
        return None;
    }
    let mut found = Map::new();
    for (wanted, part) in pattern.iter().zip(&path) {
        let part = decoded(part)?;
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => {
                found.insert(name.to_owned(), part.into());
            }
            None if wanted.eq_ignore_ascii_case(&part) => {}
            None => return None,
        }
    }
    Some(found)
}

/// A percent-encoded part of a path as text.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use lang::wdl::Definition;

    use super::*;

    fn ask(trigger: Value, method: &str, path: &str, body: Value) -> Result<Value, (u16, String)> {
        let document = json!({"triggers": {"manual": trigger}, "actions": {}}).to_string();
        let trigger = Definition::parse(&document).definition.unwrap().triggers.remove(0);
        let asked = Asked { method, path, body, ..Asked::default() };
        requested(&trigger, asked).map_err(|refusal| (refusal.status, refusal.message))
    }

    #[test]
    fn names_in_the_path_become_parameters() {
        let trigger = json!({"type": "Request", "kind": "Http",
            "inputs": {"method": "get", "relativePath": "/customers/{id}/Orders/{order}"}});
        let outputs = ask(trigger.clone(), "GET", "customers/a%2Fb%20%C3%A4/orders/7/", json!(null)).unwrap();
        assert_eq!(outputs["relativePathParameters"], json!({"id": "a/b ä", "order": "7"}));
        for path in
            ["customers/1/orders", "customers/1/orders/2/3", "clients/1/orders/2", "customers/%zz/orders/1"]
        {
            assert_eq!(ask(trigger.clone(), "GET", path, json!(null)).unwrap_err().0, 404, "{path}");
        }
        let (status, message) = ask(trigger, "POST", "customers/1/orders/2", json!(null)).unwrap_err();
        assert_eq!((status, message.as_str()), (405, "The trigger 'manual' takes GET, not POST."));
    }

    #[test]
    fn the_body_is_looked_at_only_when_the_trigger_says_so() {
        let open = json!({"type": "Request", "inputs": {"schema": {"type": "object", "required": ["n"]}}});
        assert_eq!(ask(open.clone(), "POST", "", json!({})).unwrap()["body"], json!({}));
        let mut strict = open;
        strict["operationOptions"] = json!("EnableSchemaValidation");
        assert_eq!(
            ask(strict, "POST", "", json!({})).unwrap_err(),
            (
                400,
                "The input body for trigger 'manual' of type 'Request' did not match its schema definition. \
                   Error details: 'Required properties are missing from object: n.'."
                    .to_owned()
            )
        );
    }

    #[test]
    fn only_a_request_can_be_called() {
        let clock = json!({"type": "Recurrence", "recurrence": {"frequency": "Day"}});
        assert_eq!(ask(clock, "POST", "", json!(null)).unwrap_err().0, 404);
        let request = json!({"type": "Request", "kind": "Button", "inputs": {"schema": {}}});
        assert_eq!(ask(request, "POST", "more", json!(null)).unwrap_err().0, 404);
    }
}
