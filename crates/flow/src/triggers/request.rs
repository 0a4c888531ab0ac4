//! The schema of a Request trigger.

use lang::wdl::{Trigger, TriggerKind};
use serde_json::Value;

use crate::machine::mismatches;

/// Why a body does not fit the schema of a Request trigger, if the trigger wants that to be looked at
/// (`"operationOptions": "EnableSchemaValidation"`). The caller gets it with the status 400.
pub fn body_mismatch(trigger: &Trigger, body: &Value) -> Option<String> {
    let TriggerKind::Request { schema: Some(schema), .. } = &trigger.kind else { return None };
    if !trigger.has_option("EnableSchemaValidation") {
        return None;
    }
    let first = mismatches(body, schema).into_iter().next()?;
    Some(format!(
        "The input body for trigger '{}' of type 'Request' did not match its schema definition. \
         Error details: '{first}'.",
        trigger.name
    ))
}

#[cfg(test)]
mod tests {
    use lang::wdl::Definition;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_body_is_looked_at_only_when_the_trigger_says_so() {
        let problem = |options: &str| {
            let trigger = json!({"type": "Request", "operationOptions": options,
                "inputs": {"schema": {"type": "object", "required": ["n"]}}});
            let document = json!({"triggers": {"manual": trigger}, "actions": {}}).to_string();
            let trigger = Definition::parse(&document).definition.unwrap().triggers.remove(0);
            body_mismatch(&trigger, &json!({}))
        };
        assert_eq!(problem("SuppressWorkflowHeaders"), None);
        let expected = "The input body for trigger 'manual' of type 'Request' did not match its schema definition. \
                        Error details: 'Required properties are missing from object: n.'.";
        assert_eq!(problem("enableSchemaValidation").as_deref(), Some(expected));
    }
}
