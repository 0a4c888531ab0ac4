//! What connections a definition asks for: an import maps each of them to one of ours before the flow is on.

use lang::wdl::{Definition, Work};
use serde::Serialize;

use super::manifests;
use super::registry::{Found, api_name, find};

/// A connection that a definition asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Need {
    /// The key that its actions name: in `connectionReferences`, in `$connections`.
    pub reference: String,
    /// The API, as `shared_teams`.
    pub api: String,
    /// The connector that we would use.
    pub connector: Option<&'static str>,
    /// The kinds of connections that it takes; none when it needs no connection, or there is no connector.
    pub kinds: Vec<&'static str>,
    /// What is called, in the order of the definition.
    pub operations: Vec<Asked>,
}

/// An operation that a definition calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Its id there.
    pub id: String,
    /// Our operation that answers it; without one, only a static result lets the flow run.
    pub ours: Option<&'static str>,
}

impl Need {
    /// Whether everything that is called can be done here.
    pub fn is_known(&self) -> bool {
        self.operations.iter().all(|asked| asked.ours.is_some())
    }
}

/// The connections that a definition asks for, in the order in which they come first.
pub fn needs(definition: &Definition) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    definition.actions.walk(&mut |action| {
        let (Work::Connector { operation } | Work::ConnectorWebhook { operation }) = &action.work else {
            return;
        };
        let api = api_name(operation.connector.as_deref().unwrap_or_default()).to_owned();
        let reference = operation.connection.clone().unwrap_or_else(|| api.clone());
        let id = operation.operation_id.clone().unwrap_or_default();
        let (connector, ours) = match find(manifests().into_iter(), &api, &id) {
            Found::Operation(name, operation) => (Some(name), Some(operation.id)),
            Found::Connector(name, _) => (Some(name), None),
            Found::Nothing => (None, None),
        };
        let place = needs.iter().position(|need| need.reference == reference && need.api == api);
        let need = match place.and_then(|place| needs.get_mut(place)) {
            Some(need) => need,
            None => {
                let operations = Vec::new();
                needs.push(Need { reference, api, connector, kinds: kinds(connector), operations });
                let Some(need) = needs.last_mut() else { return };
                need
            }
        };
        if !need.operations.iter().any(|asked| asked.id == id) {
            need.operations.push(Asked { id, ours });
        }
    });
    needs
}

fn kinds(connector: Option<&str>) -> Vec<&'static str> {
    let found = manifests().into_iter().find(|(name, _)| Some(*name) == connector);
    match found {
        Some((name, manifest)) if manifest.needs_connection && manifest.kinds.is_empty() => vec![name],
        Some((_, manifest)) if manifest.needs_connection => manifest.kinds.to_vec(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn call(api: &str, connection: &str, operation: &str) -> Value {
        json!({"type": "OpenApiConnection", "runAfter": {}, "inputs": {
            "host": {"apiId": format!("/providers/Microsoft.PowerApps/apis/{api}"), "connectionName": connection,
                     "operationId": operation},
            "parameters": {},
        }})
    }

    #[test]
    fn each_connection_is_asked_for_once_with_all_that_is_called_over_it() {
        let document = json!({
            "triggers": {"manual": {"type": "Request", "inputs": {}}},
            "actions": {
                "A": call("shared_teams", "team", "PostCardToConversation"),
                "S": {"type": "Scope", "runAfter": {}, "actions": {
                    "B": call("shared_teams", "team", "PostCardToConversation"),
                    "C": call("shared_teams", "team", "GetMessage"),
                    "D": call("shared_sharepointonline", "sites", "GetItems"),
                }},
            },
        });
        let definition = Definition::parse(&document.to_string()).definition.expect("it is right");
        let needs = needs(&definition);
        let asked = |id: &str, ours| Asked { id: id.to_owned(), ours };
        assert_eq!(needs.len(), 2);
        assert_eq!((needs[0].connector, needs[0].kinds.as_slice()), (Some("teams"), &["teams"][..]));
        let (posted, unknown) =
            (asked("PostCardToConversation", Some("PostCardToConversation")), asked("GetMessage", None));
        assert_eq!(needs[0].operations, [posted, unknown]);
        assert_eq!((needs[1].connector, needs[1].is_known()), (None, false));
        assert!(needs[1].kinds.is_empty() && !needs[0].is_known());
    }
}
