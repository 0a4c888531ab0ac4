//! Expressions tried out one line at a time: JSON in, JSON out.

use super::context::JsonContext;
use super::error::EvalError;
use super::template::Template;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Request {
    expression: String,
    #[serde(default)]
    context: Value,
}

/// Evaluates one JSON line `{"expression": "@…", "context": {…}}` (the context as in [`JsonContext`]) and
/// gives `{"value": …}` or `{"error": {"code", "message"}}`. The expression is a template, as it stands in a
/// definition. `now` is the time that counts when the context has none.
#[must_use]
pub fn eval_line(line: &str, now: Timestamp) -> String {
    match evaluate(line, now) {
        Ok(value) => json!({ "value": value }).to_string(),
        Err((code, message)) => json!({"error": {"code": code, "message": message}}).to_string(),
    }
}

fn evaluate(line: &str, now: Timestamp) -> Result<Value, (&'static str, String)> {
    let bad_line = |message: String| ("InvalidLine", message);
    let request: Request = serde_json::from_str(line).map_err(|error| {
        bad_line(format!(
            "expected a JSON object such as {{\"expression\": \"@add(1, 2)\", \"context\": {{}}}}: {error}"
        ))
    })?;
    let context = JsonContext::new(request.context, now).map_err(bad_line)?;
    let compiled = Template::compile(&request.expression);
    let Some(template) = compiled.template else {
        let found: Vec<String> = compiled
            .diagnostics
            .iter()
            .map(|found| {
                let place = crate::diagnose::line_column(&request.expression, found.span.start);
                let hint = found.suggestion.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
                format!("column {}: {}{hint}", place.column, found.message)
            })
            .collect();
        let message = format!("The template '{}' cannot be read: {}.", request.expression, found.join("; "));
        return Err((EvalError::CODE, message));
    };
    template.evaluate(&context).map_err(|error| (EvalError::CODE, error.message))
}
