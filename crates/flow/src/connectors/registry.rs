//! Which connector serves an action: the built-in HTTP action, our own api ids, and those of Power Automate.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::connectors::Connector;

/// The operation id under which the built-in HTTP action calls the `http` connector.
pub const HTTP_OPERATION: &str = "Http";

/// Where a call goes.
#[derive(Clone)]
pub struct Route {
    /// The connector.
    pub connector: Arc<dyn Connector>,
    /// The operation's id, in the connector's own spelling.
    pub operation_id: String,
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.connector.name(), self.operation_id)
    }
}

/// The connectors of this instance, by name.
#[derive(Clone, Default)]
pub struct Connectors {
    by_name: BTreeMap<&'static str, Arc<dyn Connector>>,
}

/// Power Automate's connectors that one of ours serves: the last part of `host.apiId`, and our connector.
const KNOWN_APIS: &[(&str, &str)] = &[
    ("shared_teams", "teams"),
    ("shared_office365", "email"),
    ("shared_sendmail", "email"),
    ("shared_smtp", "email"),
    ("shared_customerinsights", "customerInsights"),
];

impl Connectors {
    /// No connectors: every call fails, saying which connector is missing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a connector; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, connector: Arc<dyn Connector>) -> Self {
        self.by_name.insert(connector.name(), connector);
        self
    }

    /// Every connector, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Connector>> {
        self.by_name.values()
    }

    /// The connector called `name`.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Connector>> {
        self.by_name.get(name)
    }

    /// Where an action with this `host.apiId` and `host.operationId` goes, or what is missing, in words.
    /// An api id may be a path (`/providers/Microsoft.PowerApps/apis/shared_teams`), its last part, or the
    /// name of one of our connectors.
    pub fn route(&self, api_id: &str, operation_id: &str) -> Result<Route, String> {
        let last = api_id.rsplit('/').next().unwrap_or(api_id);
        let name = KNOWN_APIS
            .iter()
            .find(|(api, _)| api.eq_ignore_ascii_case(last))
            .map_or(last, |(_, connector)| *connector);
        let connector = self.by_name.get(name).ok_or_else(|| self.no_connector(last))?;
        let operations = connector.manifest().operations;
        let known = operations.iter().find(|operation| operation.id.eq_ignore_ascii_case(operation_id));
        let operation = known.ok_or_else(|| {
            let ids: Vec<&str> = operations.iter().map(|operation| operation.id).collect();
            format!(
                "the connector '{name}' has no operation '{operation_id}'; it has {}. \
                 A static result makes the flow run without it",
                ids.join(", ")
            )
        })?;
        Ok(Route { connector: Arc::clone(connector), operation_id: operation.id.to_owned() })
    }

    fn no_connector(&self, last: &str) -> String {
        let names: Vec<&str> = self.by_name.keys().copied().collect();
        format!(
            "there is no connector for '{last}'; this instance has {}. \
             A static result makes the flow run without it",
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        )
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use serde_json::json;

    use super::*;
    use crate::connectors::{CallOutcome, CallRequest, Manifest, Operation};

    struct Teams;

    #[async_trait]
    impl Connector for Teams {
        fn name(&self) -> &'static str {
            "teams"
        }
        fn manifest(&self) -> &'static Manifest {
            const OPERATIONS: &[Operation] =
                &[Operation { id: "PostCardToConversation", summary: "", parameters: &[] }];
            &Manifest {
                title: "Microsoft Teams",
                summary: "",
                needs_connection: true,
                connection: &[],
                operations: OPERATIONS,
            }
        }
        async fn call(&self, _: CallRequest) -> CallOutcome {
            CallOutcome::ok(json!(null))
        }
    }

    #[test]
    fn power_automate_ids_and_our_own_names_reach_the_same_connector() {
        let connectors = Connectors::new().with(Arc::new(Teams));
        for api in ["/providers/Microsoft.PowerApps/apis/shared_teams", "shared_TEAMS", "teams"] {
            let route = connectors.route(api, "postCardToConversation").unwrap();
            assert_eq!(format!("{route:?}"), "teams/PostCardToConversation");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let connectors = Connectors::new().with(Arc::new(Teams));
        let error = connectors.route("/providers/x/shared_sharepointonline", "GetItems").unwrap_err();
        assert!(
            error.starts_with("there is no connector for 'shared_sharepointonline'; this instance has teams")
        );
        let error = connectors.route("shared_teams", "Fly").unwrap_err();
        assert!(
            error.starts_with("the connector 'teams' has no operation 'Fly'; it has PostCardToConversation")
        );
    }
}
