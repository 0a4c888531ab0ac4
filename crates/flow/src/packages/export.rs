//! Flows as files for other systems. The definition is always the text of the document; what is around it is taken
//! over where the document has it, and made where it has not. The same document gives the same bytes.

use jiff::Timestamp;
use lang::wdl::json;
use serde_json::{Map, Value, json};

use super::archive::{SourceFile, pack};
use super::edit::{Edits, quoted};
use super::parts::{Connection, Parts, Wrapper, guid, logical};
use super::{PackageError, arm, name_of};

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A package of Power Automate: a ZIP archive.
    Package,
    /// A solution of Power Automate: a ZIP archive.
    Solution,
    /// A deployment template of Logic Apps (Consumption): a JSON text.
    LogicApp,
    /// A project of Logic Apps Standard: a ZIP archive.
    Standard,
}

impl Target {
    /// The name of the file for a flow of this name.
    pub fn file_name(self, flow: &str) -> String {
        match self {
            Self::Package => format!("{flow}.zip"),
            Self::Solution => format!("{flow}_1_0_0_0.zip"),
            Self::LogicApp => format!("{flow}.template.json"),
            Self::Standard => format!("{flow}-standard.zip"),
        }
    }
}

/// The flow `name` as a file. `now` is what a package says about when it was made.
///
/// # Errors
/// [`PackageError::NoFlow`] when the document has no definition.
pub fn export(name: &str, document: &str, target: Target, now: Timestamp) -> Result<Vec<u8>, PackageError> {
    let parts = Parts::of(name, document).ok_or_else(|| PackageError::NoFlow(1, String::new()))?;
    match target {
        Target::Package => pack(&package(name, &parts, now)),
        Target::Solution => pack(&solution(name, &parts)),
        Target::LogicApp => Ok(template(name, &parts).into_bytes()),
        Target::Standard => pack(&project(name, &parts)),
    }
}

fn file(path: impl Into<String>, text: impl Into<String>) -> SourceFile {
    SourceFile { path: path.into(), bytes: text.into().into_bytes() }
}

fn api_path(connector: &str) -> String {
    format!("/providers/Microsoft.PowerApps/apis/{connector}")
}

/// An entry of a Power Automate package's `connectionReferences`.
fn package_reference(connection: &Connection) -> String {
    connection.with(&[
        ("connectionName", quoted(&connection.key)),
        ("source", quoted("Embedded")),
        ("id", quoted(&api_path(&connection.connector))),
        ("tier", quoted("NotSpecified")),
    ])
}

fn package(name: &str, parts: &Parts<'_>, now: Timestamp) -> Vec<SourceFile> {
    let id = &parts.id;
    let document = parts.as_wrapped(Wrapper::Package, || {
        format!(
            r#"{{"name":"{id}","id":"/providers/Microsoft.Flow/flows/{id}","type":"Microsoft.Flow/flows","properties":{{"apiId":"{}","displayName":{},"definition":{},"connectionReferences":{}{}}}}}"#,
            api_path("shared_logicflows"),
            quoted(&parts.title),
            parts.definition_text(),
            parts.connections(package_reference),
            parts.others(),
        )
    });
    let asset = guid(&["asset", name]);
    let (mut apis, mut connections, mut resources) = (Map::new(), Map::new(), Map::new());
    let mut depends = Vec::new();
    for connection in &parts.connections {
        let key = connection.key.as_str();
        let (api, own) = (guid(&["api", name, key]), guid(&["connection", name, key]));
        apis.insert(key.to_owned(), json!(api));
        connections.insert(key.to_owned(), json!(own));
        depends.extend([api.clone(), own.clone()]);
        let (of_api, of_own) = resources_of(connection, &api);
        resources.insert(api, of_api);
        resources.insert(own, of_own);
    }
    let flow = json!({"type": "Microsoft.Flow/flows", "suggestedCreationType": "New",
        "creationType": "Existing, New, Update", "details": {"displayName": parts.title},
        "configurableBy": "User", "hierarchy": "Root", "dependsOn": depends});
    let mut all = Map::from_iter([(asset.clone(), flow)]);
    all.extend(resources);
    let manifest = json!({"schema": "1.0", "details": {"displayName": parts.title,
        "description": parts.description(), "createdTime": now.strftime("%Y-%m-%dT%H:%M:%S.0000000Z").to_string(),
        "packageTelemetryId": guid(&["telemetry", name]), "creator": "N/A", "sourceEnvironment": ""},
        "resources": all});
    let assets = json!({"packageSchemaVersion": "1.0", "flowAssets": {"assetPaths": [asset]}});
    let folder = "Microsoft.Flow/flows";
    vec![
        file("manifest.json", manifest.to_string()),
        file(format!("{folder}/manifest.json"), assets.to_string()),
        file(format!("{folder}/{asset}/definition.json"), document),
        file(format!("{folder}/{asset}/apisMap.json"), Value::Object(apis).to_string()),
        file(format!("{folder}/{asset}/connectionsMap.json"), Value::Object(connections).to_string()),
    ]
}

/// The entries of a package's manifest for a connector and for a connection of it.
fn resources_of(connection: &Connection, api: &str) -> (Value, Value) {
    let connector = &connection.connector;
    let of_api = json!({"id": api_path(connector), "name": connector, "type": "Microsoft.PowerApps/apis",
        "suggestedCreationType": "Existing", "details": {"displayName": connection.bare_connector()},
        "configurableBy": "System", "hierarchy": "Child", "dependsOn": []});
    let of_own = json!({"type": "Microsoft.PowerApps/apis/connections", "suggestedCreationType": "Existing",
        "creationType": "Existing", "details": {"displayName": connection.key},
        "configurableBy": "User", "hierarchy": "Child", "dependsOn": [api]});
    (of_api, of_own)
}

/// The name of a connection reference in a solution.
fn logical_name(connection: &Connection) -> String {
    connection
        .text(&["connection", "connectionReferenceLogicalName"])
        .unwrap_or_else(|| logical(&connection.key))
}

fn solution(name: &str, parts: &Parts<'_>) -> Vec<SourceFile> {
    let clientdata = parts.as_wrapped(Wrapper::Solution, || {
        let reference = |connection: &Connection| {
            let logical_name = quoted(&logical_name(connection));
            connection.with(&[
                ("runtimeSource", quoted("embedded")),
                ("connection", format!("{{\"connectionReferenceLogicalName\":{logical_name}}}")),
                ("api", format!("{{\"name\":{}}}", quoted(&connection.connector))),
            ])
        };
        format!(
            r#"{{"properties":{{"connectionReferences":{},"definition":{}{}}},"schemaVersion":"1.0.0.0"}}"#,
            parts.connections(reference),
            parts.definition_text(),
            parts.others(),
        )
    });
    let id = parts.id.to_lowercase();
    let path = format!("Workflows/{}-{}.json", name_of(name), id.to_uppercase());
    vec![
        file("[Content_Types].xml", CONTENT_TYPES),
        file("solution.xml", solution_xml(name, parts, &id)),
        file("customizations.xml", customizations_xml(parts, &id, &path)),
        file(path, clientdata),
    ]
}

const CONTENT_TYPES: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
    <Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"xml\" ContentType=\"application/octet-stream\" />\
    <Default Extension=\"json\" ContentType=\"application/octet-stream\" /></Types>";

const XML_HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

fn xml(text: &str) -> String {
    quick_xml::escape::escape(text).replace(|c: char| c.is_control() && !c.is_whitespace(), "")
}

fn solution_xml(name: &str, parts: &Parts<'_>, id: &str) -> String {
    let unique = name_of(name).replace('-', "_");
    let title = xml(&parts.title);
    let description = xml(&parts.description());
    format!(
        "{XML_HEAD}<ImportExportXml version=\"9.2.0.0\" SolutionPackageVersion=\"9.2\" languagecode=\"1033\" \
         generatedBy=\"Weir\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  <SolutionManifest>\n    \
         <UniqueName>{unique}</UniqueName>\n    \
         <LocalizedNames><LocalizedName description=\"{title}\" languagecode=\"1033\" /></LocalizedNames>\n    \
         <Descriptions><Description description=\"{description}\" languagecode=\"1033\" /></Descriptions>\n    \
         <Version>1.0.0.0</Version>\n    <Managed>0</Managed>\n    <Publisher>\n      \
         <UniqueName>weir</UniqueName>\n      \
         <LocalizedNames><LocalizedName description=\"Weir\" languagecode=\"1033\" /></LocalizedNames>\n      \
         <Descriptions />\n      <EMailAddress xsi:nil=\"true\"></EMailAddress>\n      \
         <SupportingWebsiteUrl xsi:nil=\"true\"></SupportingWebsiteUrl>\n      \
         <CustomizationPrefix>weir</CustomizationPrefix>\n      \
         <CustomizationOptionValuePrefix>10000</CustomizationOptionValuePrefix>\n      <Addresses />\n    \
         </Publisher>\n    <RootComponents>\n      <RootComponent type=\"29\" id=\"{{{id}}}\" behavior=\"0\" />\n    \
         </RootComponents>\n    <MissingDependencies />\n  </SolutionManifest>\n</ImportExportXml>\n"
    )
}

fn customizations_xml(parts: &Parts<'_>, id: &str, path: &str) -> String {
    let title = xml(&parts.title);
    let references: String = parts
        .connections
        .iter()
        .map(|connection| {
            let (logical_name, key) = (xml(&logical_name(connection)), xml(&connection.key));
            let api = xml(&api_path(&connection.connector));
            format!(
                "\n    <connectionreference connectionreferencelogicalname=\"{logical_name}\">\n      \
                 <connectionreferencedisplayname>{key}</connectionreferencedisplayname>\n      \
                 <connectorid>{api}</connectorid>\n      <iscustomizable>1</iscustomizable>\n      \
                 <statecode>0</statecode>\n      <statuscode>1</statuscode>\n    </connectionreference>"
            )
        })
        .collect();
    format!(
        "{XML_HEAD}<ImportExportXml xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  <Entities />\n  \
         <Roles />\n  <Workflows>\n    <Workflow WorkflowId=\"{{{id}}}\" Name=\"{title}\">\n      \
         <JsonFileName>/{path}</JsonFileName>\n      <Type>1</Type>\n      <Subprocess>0</Subprocess>\n      \
         <Category>5</Category>\n      <Mode>0</Mode>\n      <Scope>4</Scope>\n      <OnDemand>0</OnDemand>\n      \
         <TriggerOnCreate>0</TriggerOnCreate>\n      <TriggerOnDelete>0</TriggerOnDelete>\n      \
         <AsyncAutodelete>0</AsyncAutodelete>\n      <SyncWorkflowLogOnFailure>0</SyncWorkflowLogOnFailure>\n      \
         <StateCode>0</StateCode>\n      <StatusCode>1</StatusCode>\n      <RunAs>1</RunAs>\n      \
         <IsTransacted>1</IsTransacted>\n      <IntroducedVersion>1.0.0.0</IntroducedVersion>\n      \
         <IsCustomizable>1</IsCustomizable>\n      <PrimaryEntity>none</PrimaryEntity>\n      \
         <LocalizedNames><LocalizedName languagecode=\"1033\" description=\"{title}\" /></LocalizedNames>\n    \
         </Workflow>\n  </Workflows>\n  <FieldSecurityProfiles />\n  <Templates />\n  <EntityMaps />\n  \
         <EntityRelationships />\n  <OrganizationSettings />\n  <optionsets />\n  <CustomControls />\n  \
         <EntityDataProviders />\n  <connectionreferences>{references}\n  </connectionreferences>\n  \
         <Languages>\n    <Language>1033</Language>\n  </Languages>\n</ImportExportXml>\n"
    )
}

fn template(name: &str, parts: &Parts<'_>) -> String {
    let definition = arm::escape(parts.document, parts.definition());
    let resource = if parts.wrapper() == Wrapper::Resource {
        let mut edits = Edits::default();
        edits.replace(parts.definition().span, definition);
        // It comes back from the template's metadata; the resource has no place for it.
        if let Some(properties) = parts.root.get("properties") {
            edits.remove(properties, |member| member.key == "connectionReferences");
        }
        edits.apply(parts.document.trim())
    } else {
        let connection = |it: &Connection| {
            let api = it.bare_connector();
            let id = format!(
                "[concat(subscription().id, '/providers/Microsoft.Web/locations/', resourceGroup().location, '/managedApis/', '{api}')]"
            );
            let own = format!("[resourceId('Microsoft.Web/connections', '{}')]", it.key.replace('\'', "''"));
            json!({"connectionId": own, "connectionName": it.key, "id": id}).to_string()
        };
        format!(
            r#"{{"type":"Microsoft.Logic/workflows","apiVersion":"2019-05-01","name":{},"location":"[resourceGroup().location]","properties":{{"state":"Enabled","definition":{definition},"parameters":{{"$connections":{{"value":{}}}}}}}}}"#,
            quoted(name),
            parts.connections(connection),
        )
    };
    let references = parts.root.get("properties").and_then(|it| it.get("connectionReferences"));
    let metadata = references.map_or_else(String::new, |references| {
        format!(r#""metadata":{{"connectionReferences":{}}},"#, references.span.of(parts.document))
    });
    format!(
        r#"{{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",{metadata}"parameters":{{}},"variables":{{}},"resources":[{resource}],"outputs":{{}}}}"#
    )
}

fn project(name: &str, parts: &Parts<'_>) -> Vec<SourceFile> {
    let place = "/subscriptions/@{appsetting('WORKFLOWS_SUBSCRIPTION_ID')}";
    let connection = |it: &Connection| {
        let api = format!(
            "{place}/providers/Microsoft.Web/locations/@{{appsetting('WORKFLOWS_LOCATION_NAME')}}/managedApis/{}",
            it.bare_connector()
        );
        let own = format!(
            "{place}/resourceGroups/@{{appsetting('WORKFLOWS_RESOURCE_GROUP_NAME')}}/providers/Microsoft.Web/connections/{}",
            it.key
        );
        it.with(&[
            ("api", json!({"id": api}).to_string()),
            ("connection", json!({"id": own}).to_string()),
            ("authentication", json!({"type": "ManagedServiceIdentity"}).to_string()),
        ])
    };
    let kept = parts.root.get("connections").filter(|_| parts.wrapper() == Wrapper::Project);
    let connections = match kept {
        Some(kept) => kept.span.of(parts.document).to_owned(),
        None => format!("{{\"managedApiConnections\":{}}}", parts.connections(connection)),
    };
    let workflow = if parts.wrapper() == Wrapper::Project {
        let mut edits = Edits::default();
        edits.remove(&parts.root, |member| member.key.eq_ignore_ascii_case("connections"));
        edits.apply(parts.document.trim())
    } else {
        format!(r#"{{"definition":{},"kind":"Stateful"}}"#, parts.definition_text())
    };
    debug_assert!(json::read(&workflow).0.is_some());
    let host = json!({"version": "2.0", "extensionBundle": {
        "id": "Microsoft.Azure.Functions.ExtensionBundle.Workflows", "version": "[1.*, 2.0.0)"}});
    vec![
        file("host.json", host.to_string()),
        file("connections.json", connections),
        file("parameters.json", "{}"),
        file(format!("{name}/workflow.json"), workflow),
    ]
}
