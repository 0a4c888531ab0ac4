//! The demo's definitions: `weir.yaml` and three flows, written into a folder like anybody's own.

use std::io;
use std::path::Path;

/// The name in the vault under which the demo keeps its webhook's URL: no secret stands in a file.
pub const TEAMS_SECRET: &str = "demo-teams-url";

/// The folder of [`super::data`]'s files, beside the definitions.
pub const DATA_FOLDER: &str = "data";

const MAIN: (&str, &str) = ("weir.yaml", include_str!("weir.yaml"));
const FLOWS: [(&str, &str); 3] = [
    ("flows/refresh-failed-to-teams.json", include_str!("flows/refresh-failed-to-teams.json")),
    ("flows/segment-crossed-to-mail.json", include_str!("flows/segment-crossed-to-mail.json")),
    ("flows/segment-crossed-to-teams.json", include_str!("flows/segment-crossed-to-teams.json")),
];

/// Writes the definitions into `dir`, beside its `data` folder: mail goes to `smtp_port` of this machine,
/// cards to the URL that the vault has under [`TEAMS_SECRET`], and the big spenders are watched at `level`.
pub fn write(dir: &Path, smtp_port: u16, level: usize) -> io::Result<()> {
    let rearm = level.saturating_sub(level / 20);
    let main = MAIN
        .1
        .replace("{{TEAMS_SECRET}}", TEAMS_SECRET)
        .replace("{{SMTP_PORT}}", &smtp_port.to_string())
        .replace("{{LEVEL}}", &level.to_string())
        .replace("{{REARM}}", &rearm.to_string());
    put(dir, MAIN.0, &main)?;
    FLOWS.iter().try_for_each(|(file, text)| put(dir, file, text))
}

fn put(dir: &Path, file: &str, text: &str) -> io::Result<()> {
    let path = dir.join(file);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use cdp::definitions::Project;
    use tempfile::TempDir;

    use super::*;

    fn written() -> (TempDir, Project) {
        let folder = TempDir::new().expect("a folder");
        crate::demo::data::generate(&folder.path().join(DATA_FOLDER), 1, 50).expect("data");
        write(folder.path(), 2525, 1_000).expect("written");
        let project = Project::load(folder.path()).unwrap_or_else(|report| panic!("{report}"));
        (folder, project)
    }

    #[test]
    fn the_definitions_are_right_and_without_warnings() {
        let (_folder, project) = written();
        assert!(project.warnings().problems.is_empty(), "{}", project.warnings());
        let definitions = project.definitions();
        let levels: Vec<_> = definitions.thresholds.iter().map(|it| (it.level, it.rearm_below)).collect();
        assert_eq!(levels, [(1_000.0, Some(950.0))]);
        let channel = definitions.connections.get("marketing-channel").expect("a connection");
        assert_eq!(channel.text("url"), Some("${secret:demo-teams-url}"));
        assert_eq!(definitions.flows.len(), FLOWS.len());
    }

    #[test]
    fn every_file_that_is_defined_is_generated_and_its_key_is_a_column() {
        let (folder, project) = written();
        for source in &project.definitions().data_sources {
            let cdp::definitions::SourceKind::Files { path, entities } = &source.kind else { continue };
            for entity in entities {
                let text =
                    std::fs::read_to_string(folder.path().join(path).join(&entity.file)).expect("a file");
                let columns = entity.primary_key.iter().chain(entity.attributes.iter().map(|it| &it.name));
                for column in columns {
                    assert!(text.contains(column.as_str()), "{}/{}: {column}", source.name, entity.name);
                }
            }
        }
    }

    #[test]
    fn the_flows_name_connections_and_operations_that_exist() {
        let (_folder, project) = written();
        for flow in &project.definitions().flows {
            let document: serde_json::Value = serde_json::from_str(&flow.document).expect("JSON");
            let actions = document["actions"].as_object().expect("actions");
            for (name, action) in actions {
                let host = &action["inputs"]["host"];
                let connection = host["connectionName"].as_str().expect("a connection");
                let kind = &project.definitions().connections.get(connection).expect(connection).kind;
                let kind = serde_json::to_value(kind).expect("a kind");
                let route = connectors().route(
                    host["apiId"].as_str().expect("an api"),
                    host["operationId"].as_str().expect("an operation"),
                );
                let route = route.unwrap_or_else(|error| panic!("{}/{name}: {error}", flow.name));
                assert_eq!(kind, route.connector.name(), "{}/{name}", flow.name);
                let taken: Vec<_> = route
                    .connector
                    .manifest()
                    .operations
                    .iter()
                    .filter(|operation| operation.id == route.operation_id)
                    .flat_map(|operation| operation.parameters.iter().map(|parameter| parameter.name))
                    .collect();
                for parameter in action["inputs"]["parameters"].as_object().expect("parameters").keys() {
                    assert!(taken.contains(&parameter.as_str()), "{}/{name}: {parameter}", flow.name);
                }
            }
        }
    }

    fn connectors() -> flow::connectors::Connectors {
        use std::sync::Arc;

        use flow::connectors::{Connectors, Email, Teams};
        let clock = Arc::new(store::SystemClock);
        let policy = outbound::AddressPolicy::public_only();
        let client = outbound::HttpClient::new(policy.clone());
        Connectors::new()
            .with(Arc::new(Teams::new(client, clock.clone())))
            .with(Arc::new(Email::new(outbound::Mailer::new(policy), clock)))
    }
}
