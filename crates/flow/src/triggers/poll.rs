//! Triggers that ask an address again and again: what an answer means, and when to ask next.

use jiff::{SignedDuration, Timestamp};
use lang::expr::Node;
use lang::wdl::Trigger;
use serde_json::{Value, json};
use url::Url;

use crate::connectors::CallOutcome;
use crate::machine::{ActionError, retry_after};

/// What an answer means.
#[derive(Debug, Clone, PartialEq)]
pub enum Polled {
    /// The flow fires with these outputs.
    Fires(Value),
    /// There is nothing yet.
    Nothing,
    /// Asking failed; it is asked again at the next tick.
    Fails(ActionError),
}

/// When to ask next, as far as the other side said so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NextPoll {
    /// When; none for the next tick.
    pub at: Option<Timestamp>,
    /// Where; none for the trigger's own address.
    pub uri: Option<String>,
}

/// What an answer to a poll of `trigger`, which was sent to `uri`, means.
pub fn polled(trigger: &Trigger, uri: &str, outcome: CallOutcome, now: Timestamp) -> (Polled, NextPoll) {
    let (status_code, headers, body) = match outcome {
        CallOutcome::Response { status_code, headers, body } => (status_code, headers, body),
        CallOutcome::Retryable { code, message, .. } | CallOutcome::Permanent { code, message } => {
            return (Polled::Fails(ActionError::new(&code, message)), NextPoll::default());
        }
        CallOutcome::Later { after } => {
            let at = SignedDuration::try_from(after).ok().and_then(|after| now.checked_add(after).ok());
            return (Polled::Nothing, NextPoll { at, uri: None });
        }
    };
    let gap = headers.get("retry-after").and_then(|header| retry_after(header, now));
    let gap = gap.and_then(|gap| SignedDuration::try_from(gap).ok());
    let next = NextPoll {
        at: gap.and_then(|gap| now.checked_add(gap).ok()),
        uri: headers
            .get("location")
            .and_then(|location| Some(Url::parse(uri).ok()?.join(location).ok()?.into())),
    };
    // A trigger that looks at the status itself decides by its conditions.
    let fires = status_code == 200 || looks_at_status(trigger);
    let polled = if fires {
        Polled::Fires(json!({"statusCode": status_code, "headers": headers, "body": body}))
    } else if status_code < 400 {
        Polled::Nothing
    } else {
        let message = format!("The poll was answered with the status {status_code}.");
        Polled::Fails(ActionError::new("PollFailed", message))
    };
    (polled, next)
}

/// Whether a condition of the trigger names the status code.
fn looks_at_status(trigger: &Trigger) -> bool {
    let mut found = false;
    for expr in trigger.conditions.iter().flat_map(lang::expr::Template::exprs) {
        expr.walk(&mut |expr| match &expr.node {
            Node::Path { steps, .. } => {
                found |=
                    steps.iter().any(|step| format!("{:?}", step.key).to_lowercase().contains("statuscode"));
            }
            Node::Text(text) => found |= text.eq_ignore_ascii_case("statusCode"),
            _ => {}
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lang::wdl::Definition;

    use super::*;

    fn poll(conditions: Value, status_code: u16, headers: &[(&str, &str)]) -> (Polled, NextPoll) {
        let trigger = json!({"type": "Http", "inputs": {"method": "GET", "uri": "https://a.example/q"},
            "recurrence": {"frequency": "Minute", "interval": 5}, "conditions": conditions});
        let document = json!({"triggers": {"Ask": trigger}, "actions": {}}).to_string();
        let trigger = Definition::parse(&document).definition.unwrap().triggers.remove(0);
        let headers: BTreeMap<String, String> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let now = "2026-01-05T10:00:00Z".parse().unwrap();
        let outcome = CallOutcome::Response { status_code, headers, body: json!(1) };
        polled(&trigger, "https://a.example/q", outcome, now)
    }

    #[test]
    fn two_hundred_fires_other_good_answers_do_not_and_bad_ones_fail() {
        assert!(matches!(poll(json!([]), 200, &[]).0, Polled::Fires(_)));
        assert_eq!(poll(json!([]), 202, &[]).0, Polled::Nothing);
        assert_eq!(poll(json!([]), 204, &[]).0, Polled::Nothing);
        assert!(matches!(poll(json!([]), 500, &[]).0, Polled::Fails(_)));
    }

    #[test]
    fn conditions_that_name_the_status_decide_alone() {
        for condition in
            ["@equals(triggerOutputs()['statusCode'], 404)", "@equals(triggerOutputs()?.StatusCode, 404)"]
        {
            assert!(
                matches!(poll(json!([{"expression": condition}]), 404, &[]).0, Polled::Fires(_)),
                "{condition}"
            );
        }
        let other = json!([{"expression": "@equals(triggerBody(), 404)"}]);
        assert!(matches!(poll(other, 404, &[]).0, Polled::Fails(_)));
    }

    #[test]
    fn the_other_side_says_when_and_where_to_ask_next() {
        let (_, next) = poll(json!([]), 202, &[("retry-after", "90"), ("location", "/q?after=7")]);
        assert_eq!(next.at.unwrap().to_string(), "2026-01-05T10:01:30Z");
        assert_eq!(next.uri.as_deref(), Some("https://a.example/q?after=7"));
        assert_eq!(poll(json!([]), 200, &[]).1, NextPoll::default());
    }
}
