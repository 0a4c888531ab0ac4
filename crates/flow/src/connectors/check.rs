//! What there is to say about the operations that a definition calls, before it runs.
//!
//! An operation of a connector that is not ours is no mistake here: a static result may stand for it.

use lang::diagnose::{Severity, Span, did_you_mean, line_column};
use lang::expr::Tree;
use lang::wdl::{Action, Block, Definition, Finding, Work};
use serde_json::Value;

use super::registry::{Found, api_name, find};
use super::{HTTP_OPERATION, Operation, Parameter, manifests};

/// What is wrong with the calls of a definition: unknown operations and parameters are warnings, a required
/// parameter that is missing is an error.
pub(crate) fn check(definition: &Definition, document: &str) -> Vec<Finding> {
    let mut checker = Checker { document, root: root(document), findings: Vec::new() };
    checker.block(&definition.actions, "/actions");
    checker.findings
}

/// Where the definition is in its document, as a JSON pointer.
fn root(document: &str) -> String {
    let places = ["/definition", "/properties/definition", "/properties/definition/definition"];
    let Ok(json) = serde_json::from_str::<Value>(document.trim_start_matches('\u{feff}')) else {
        return String::new();
    };
    if json.get("actions").is_some() {
        return String::new();
    }
    let found = places.iter().find(|place| json.pointer(&format!("{place}/actions")).is_some());
    found.map_or_else(String::new, |place| (*place).to_owned())
}

struct Checker<'d> {
    document: &'d str,
    root: String,
    findings: Vec<Finding>,
}

impl Checker<'_> {
    fn block(&mut self, block: &Block, pointer: &str) {
        for action in &block.actions {
            let here = format!("{pointer}/{}", action.name.replace('~', "~0").replace('/', "~1"));
            self.action(action, &here);
            match &action.work {
                Work::If { actions, otherwise, .. } => {
                    self.block(actions, &format!("{here}/actions"));
                    self.block(otherwise, &format!("{here}/else/actions"));
                }
                Work::Switch { cases, default, .. } => {
                    for case in cases {
                        self.block(&case.actions, &format!("{here}/cases/{}/actions", case.name));
                    }
                    self.block(default, &format!("{here}/default/actions"));
                }
                Work::Foreach { actions, .. } | Work::Until { actions, .. } | Work::Scope { actions } => {
                    self.block(actions, &format!("{here}/actions"));
                }
                _ => {}
            }
        }
    }

    fn action(&mut self, action: &Action, pointer: &str) {
        if action.static_result.is_some() {
            return;
        }
        let manifests = || manifests().into_iter();
        let (found, given, below) = match &action.work {
            Work::Http { inputs } => (find(manifests(), "http", HTTP_OPERATION), inputs.clone(), "inputs"),
            Work::Connector { operation } => {
                let (Some(connector), Some(id)) = (&operation.connector, &operation.operation_id) else {
                    return;
                };
                let found = find(manifests(), api_name(connector), id);
                if let Found::Connector(name, manifest) = &found {
                    let ids = manifest.ids(api_name(connector));
                    self.unknown_operation(action, pointer, name, &ids, id);
                }
                (found, operation.parameters(), "inputs/parameters")
            }
            _ => return,
        };
        if let Found::Operation(_, operation) = found {
            self.parameters(action, &format!("{pointer}/{below}"), operation, &given);
        }
    }

    fn unknown_operation(&mut self, action: &Action, pointer: &str, name: &str, ids: &[&str], id: &str) {
        let suggestion = did_you_mean(id, ids.iter().copied()).map(|id| format!("did you mean '{id}'?"));
        let suggestion = suggestion.unwrap_or_else(|| format!("it has {}", ids.join(", ")));
        let message = format!("the connector '{name}' has no operation '{id}'");
        let pointer = format!("{pointer}/inputs/host/operationId");
        self.say(Severity::Warning, "unknownOperation", message, action, id, pointer, Some(suggestion));
    }

    fn parameters(&mut self, action: &Action, pointer: &str, operation: &Operation, given: &Tree) {
        let Some(names) = names(given) else { return };
        for name in &names {
            if operation.takes(name) {
                continue;
            }
            let known = operation.parameters.iter().map(|parameter| parameter.name);
            let suggestion = did_you_mean(name, known).map(|name| format!("did you mean '{name}'?"));
            let message = format!("'{}' has no parameter '{name}'", operation.id);
            let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            self.say(Severity::Warning, "unknownParameter", message, action, name, below, suggestion);
        }
        for missing in operation.parameters.iter().filter(|it| it.required && !is_given(given, &names, it)) {
            let message = format!("'{}' needs the parameter '{}'", operation.id, missing.name);
            let help = Some(missing.summary.to_owned());
            self.say(Severity::Error, "missingParameter", message, action, "", pointer.to_owned(), help);
        }
    }

    /// Notes a finding at the first place after the action's name where `word` stands in quotes.
    #[expect(clippy::too_many_arguments, reason = "a finding has these parts")]
    fn say(
        &mut self,
        severity: Severity,
        code: &'static str,
        message: String,
        action: &Action,
        word: &str,
        pointer: String,
        suggestion: Option<String>,
    ) {
        let quoted = Value::from(word).to_string();
        let after = self.document.get(action.span.end..).unwrap_or_default();
        let span = match after.find(&quoted).filter(|_| !word.is_empty()) {
            Some(at) => Span::new(action.span.end + at, action.span.end + at + quoted.len()),
            None => action.span,
        };
        let place = line_column(self.document, span.start);
        self.findings.push(Finding {
            severity,
            code,
            message,
            pointer: format!("{}{pointer}", self.root),
            span,
            line: place.line,
            column: place.column,
            text: span.of(self.document).chars().take(120).collect(),
            suggestion,
        });
    }
}

/// The names of the parameters, when they can be told before the run.
fn names(given: &Tree) -> Option<Vec<String>> {
    match given {
        Tree::Value(Value::Object(fields)) => Some(fields.keys().cloned().collect()),
        Tree::Value(Value::Null) => Some(Vec::new()),
        Tree::Object(members) => {
            members.iter().map(|(name, _)| name.as_literal().map(str::to_owned)).collect()
        }
        _ => None,
    }
}

/// Whether a parameter is there: by its whole name, or inside an object that holds its first part.
fn is_given(given: &Tree, names: &[String], parameter: &Parameter) -> bool {
    if names.iter().any(|name| name.eq_ignore_ascii_case(parameter.name)) {
        return true;
    }
    let mut at = given.clone();
    for part in parameter.name.split('/') {
        let Some(found) = at.get(part) else { return false };
        // What an expression gives is known when it runs.
        if matches!(found, Tree::Template(_)) {
            return true;
        }
        at = found;
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::definitions;

    fn checked(action: Value) -> Vec<(String, String, Option<String>)> {
        let document = json!({"definition": {
            "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {}}},
            "actions": {"Scope": {"type": "Scope", "runAfter": {}, "actions": {"Send": action}}},
        }});
        let text = serde_json::to_string_pretty(&document).expect("JSON");
        let (_, findings) = definitions::check(&text);
        let ours = ["unknownOperation", "unknownParameter", "missingParameter"];
        let ours = findings.into_iter().filter(|finding| ours.contains(&finding.code));
        ours.map(|found| {
            assert!(found.pointer.starts_with("/definition/actions/Scope/actions/Send/inputs"), "{found:?}");
            assert!(found.line > 1, "{found:?}");
            (format!("{} {}", found.severity, found.code), found.text, found.suggestion)
        })
        .collect()
    }

    fn office(operation: &str, parameters: Value) -> Value {
        json!({"type": "OpenApiConnection", "runAfter": {}, "inputs": {
            "host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_office365",
                     "connectionName": "mail", "operationId": operation},
            "parameters": parameters,
        }})
    }

    #[test]
    fn a_call_that_is_right_is_not_spoken_of() {
        let right = json!({"emailMessage/To": "a@b.example", "emailMessage/Subject": "S", "emailMessage/Body": "B",
                           "emailMessage/Sensitivity": "Private"});
        assert_eq!(checked(office("SendEmailV2", right)), []);
        let nested = json!({"emailMessage": {"To": "a@b.example", "Subject": "@{1}", "Body": "B"}});
        assert_eq!(checked(office("SendEmailV2", nested)), []);
        assert_eq!(checked(office("SendEmailV2", json!("@triggerBody()"))), []);
        let later = json!({"emailMessage": "@triggerBody()"});
        assert_eq!(checked(office("SendEmailV2", later)), []);
    }

    #[test]
    fn mistakes_are_told_with_what_would_be_right() {
        let found = checked(office("SendEmailV3", json!({})));
        let did = Some("did you mean 'SendEmailV2'?".to_owned());
        assert_eq!(found, [("warning unknownOperation".to_owned(), "\"SendEmailV3\"".to_owned(), did)]);
        let found = checked(office(
            "SendEmailV2",
            json!({"emailMessage/To": "a@b.example", "emailMessage/Subjekt": "S", "emailMessage/Body": "B"}),
        ));
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].2.as_deref(), Some("did you mean 'emailMessage/Subject'?"));
        assert_eq!(
            (found[0].1.as_str(), found[1].0.as_str()),
            ("\"emailMessage/Subjekt\"", "error missingParameter")
        );
    }

    #[test]
    fn what_is_not_ours_and_what_has_a_static_result_is_left_alone() {
        let mut foreign = office("GetItems", json!({}));
        foreign["inputs"]["host"]["apiId"] = json!("shared_sharepointonline");
        assert_eq!(checked(foreign), []);
        let mut still = office("SendEmailV2", json!({}));
        still["runtimeConfiguration"] =
            json!({"staticResult": {"name": "Send0", "staticResultOptions": "Enabled"}});
        assert!(checked(still).is_empty());
    }
}
