//! Which connector serves an action: the built-in HTTP action, our own api ids, and those of Power Automate.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::connectors::{Connector, Manifest, Operation};

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
        let api = api_name(api_id);
        let manifests = self.by_name.iter().map(|(name, connector)| (*name, connector.manifest()));
        match find(manifests, api, operation_id) {
            Found::Operation(name, operation) => {
                let connector = self.by_name.get(name).ok_or_else(|| self.no_connector(api))?;
                Ok(Route { connector: Arc::clone(connector), operation_id: operation.id.to_owned() })
            }
            Found::Connector(name, manifest) => {
                let ids = manifest.ids(api);
                Err(format!(
                    "the connector '{name}' has no operation '{operation_id}'; it has {}. \
                     A static result makes the flow run without it",
                    ids.join(", ")
                ))
            }
            Found::Nothing => Err(self.no_connector(api)),
        }
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

/// The name of an API: the last part of its id, without the number that a second connection gets.
pub(super) fn api_name(api_id: &str) -> &str {
    let last = api_id.rsplit('/').next().unwrap_or(api_id);
    let base = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = base.len() < last.len();
    match base.strip_suffix(['_', '-']) {
        Some(base) if numbered && base.starts_with("shared_") => base,
        _ => last,
    }
}

/// What stands behind an API and an operation.
pub(super) enum Found {
    /// This operation of this connector.
    Operation(&'static str, &'static Operation),
    /// This connector; it has no such operation.
    Connector(&'static str, &'static Manifest),
    /// No connector of ours.
    Nothing,
}

/// Looks an operation up: by our own name of the connector, else by the APIs that its operations answer for.
pub(super) fn find(
    manifests: impl Iterator<Item = (&'static str, &'static Manifest)>,
    api: &str,
    operation_id: &str,
) -> Found {
    let mut near = Found::Nothing;
    for (name, manifest) in manifests {
        let own = name == api;
        if !own && !manifest.knows_api(api) {
            continue;
        }
        match manifest.operation(api, operation_id) {
            Some(operation) => return Found::Operation(name, operation),
            None => near = Found::Connector(name, manifest),
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use serde_json::json;

    use super::*;
    use crate::connectors::{CallOutcome, CallRequest, Foreign};

    struct Teams;

    #[async_trait]
    impl Connector for Teams {
        fn name(&self) -> &'static str {
            "teams"
        }
        fn manifest(&self) -> &'static Manifest {
            const FOREIGN: &[Foreign] = &[Foreign {
                api: "shared_teams",
                ids: &["PostCardToConversation", "PostChannelAdaptiveCard"],
            }];
            const OPERATIONS: &[Operation] =
                &[Operation::new("PostCardToConversation", "", "", &[]).also(FOREIGN)];
            &Manifest { title: "Microsoft Teams", operations: OPERATIONS, ..Manifest::EMPTY }
        }
        async fn call(&self, _: CallRequest) -> CallOutcome {
            CallOutcome::ok(json!(null))
        }
    }

    #[test]
    fn power_automate_ids_and_our_own_names_reach_the_same_connector() {
        let connectors = Connectors::new().with(Arc::new(Teams));
        for api in
            ["/providers/Microsoft.PowerApps/apis/shared_teams", "shared_TEAMS", "shared_teams_2", "teams"]
        {
            let route = connectors.route(api, "postCardToConversation").unwrap();
            assert_eq!(format!("{route:?}"), "teams/PostCardToConversation");
        }
        let route = connectors.route("shared_teams", "PostChannelAdaptiveCard").unwrap();
        assert_eq!(route.operation_id, "PostCardToConversation");
        assert!(
            connectors.route("teams", "PostChannelAdaptiveCard").is_err(),
            "an id of others without its API"
        );
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
