//! Whole files, from bytes to documents: the shapes of other systems, and archives that mean harm.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// A definition with what is easily lost: odd spacing, numbers spelled oddly, unknown parts, an unknown type.
pub(super) const DEFINITION: &str = r#"{
  "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
  "contentVersion": "undefined",
  "parameters": { "$connections": {"defaultValue": {}, "type": "Object"}, "$authentication": {"defaultValue": {}, "type": "SecureObject"} },
  "triggers": {"manual": {"type": "Request", "kind": "Button", "inputs": {"schema": {"type": "object", "properties": {}}}, "metadata": {"operationMetadataId": "1"}}},
  "actions": {
    "Zeta": {"type": "Compose", "inputs": [1.50, 1e3, -0.0, 12345678901234567890, "[not a template]", "\u00e9"], "runAfter": {}},
    "Post": {"type": "OpenApiConnection", "runAfter": {"Zeta": ["SUCCEEDED"]}, "inputs": {"host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_teams", "connectionName": "shared_teams", "operationId": "PostMessageToConversation"}, "parameters": {"body/recipient": "x"}, "authentication": "@parameters('$authentication')"}},
    "Alpha": {"type": "SomethingNew", "inputs": {"host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_sharepointonline", "connectionName": "shared_sharepointonline_1", "operationId": "GetItems"}}, "runAfter": {}, "runtimeConfiguration": {"staticResult": {"name": "Alpha0", "staticResultOptions": "Enabled"}}}
  },
  "outputs": {}, "staticResults": {"Alpha0": {"status": "Succeeded"}}, "unknown": [null]
}"#;

pub(super) fn package() -> String {
    format!(
        r#"{{"name":"9f4f6a3e-1b7c-4f61-9f43-0a6d5f6b7c8d","id":"/providers/Microsoft.Flow/flows/9f4f6a3e-1b7c-4f61-9f43-0a6d5f6b7c8d","type":"Microsoft.Flow/flows","properties":{{"apiId":"/providers/Microsoft.PowerApps/apis/shared_logicflows","displayName":"Tell the team: é!","definition":{DEFINITION},"connectionReferences":{{"shared_teams":{{"connectionName":"shared-teams-1","source":"Embedded","id":"/providers/Microsoft.PowerApps/apis/shared_teams","tier":"NotSpecified"}},"shared_sharepointonline_1":{{"connectionName":"sp","source":"Invoker","id":"/providers/Microsoft.PowerApps/apis/shared_sharepointonline","tier":"NotSpecified"}}}},"flowFailureAlertSubscribed":false,"x":1.0}}}}"#
    )
}

pub(super) fn clientdata() -> String {
    format!(
        r#"{{"properties":{{"connectionReferences":{{"shared_teams":{{"runtimeSource":"embedded","connection":{{"connectionReferenceLogicalName":"pre_teams"}},"api":{{"name":"shared_teams"}},"impersonation":{{}}}},"shared_sharepointonline_1":{{"runtimeSource":"invoker","connection":{{"connectionReferenceLogicalName":"pre_sp"}},"api":{{"name":"shared_sharepointonline","logicalName":"q"}}}}}},"definition":{DEFINITION},"templateName":"t"}},"schemaVersion":"1.0.0.0"}}"#
    )
}

pub(super) fn template() -> String {
    let escaped = DEFINITION.replace("\"[not a template]\"", "\"[[not a template]\"");
    format!(
        r#"{{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","parameters":{{"n":{{"type":"string","defaultValue":"tell"}}}},"resources":[{{"type":"Microsoft.Logic/workflows","name":"[parameters('n')]","properties":{{"state":"Enabled","definition":{escaped},"parameters":{{"$connections":{{"value":{{"shared_teams":{{"connectionId":"[resourceId('x','y')]","connectionName":"shared_teams","id":"[concat(subscription().id, '/providers/Microsoft.Web/locations/', 'w', '/managedApis/', 'teams')]"}}}}}}}}}}}}]}}"#
    )
}

pub(super) fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let files: Vec<SourceFile> = files
        .iter()
        .map(|(path, text)| SourceFile { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() })
        .collect();
    pack(&files).unwrap()
}

#[test]
fn a_package_keeps_its_document_byte_for_byte() {
    let document = package();
    let with_mark = format!("\u{feff}{document}");
    let bytes = zipped(&[
        ("manifest.json", r#"{"schema":"1.0","resources":{}}"#),
        ("Microsoft.Flow/flows/manifest.json", "{}"),
        ("Microsoft.Flow/flows/abc/definition.json", &with_mark),
        ("Microsoft.Flow/flows/abc/apisMap.json", "{}"),
    ]);
    let found = read("export.zip", bytes).unwrap();
    let [flow] = found.flows.as_slice() else { panic!("{found:#?}") };
    assert_eq!((flow.title.as_str(), flow.name.as_str()), ("Tell the team: é!", "Tell-the-team"));
    assert_eq!(flow.origin, Origin::Package);
    assert_eq!(flow.document, document);
    assert_eq!(found.notes, []);
}

#[test]
fn a_solution_gives_its_cloud_flows_and_names_the_others() {
    let id = "9F4F6A3E-1B7C-4F61-9F43-0A6D5F6B7C8D";
    let first = format!("Workflows/Tell-{id}.json");
    let second = format!("Workflows/Ask-{id}.json");
    let customizations = format!(
        r#"<ImportExportXml><Workflows><Workflow Name="Tell &lt;all&gt;"><JsonFileName>/{first}</JsonFileName><Category>5</Category></Workflow>
        <Workflow Name="Robot"><JsonFileName>/Workflows/Robot.json</JsonFileName><Category>6</Category></Workflow>
        <Workflow Name="Old"><XamlFileName>/Workflows/Old.xaml</XamlFileName><Category>0</Category></Workflow></Workflows></ImportExportXml>"#
    );
    let document = clientdata();
    let bytes = zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        ("customizations.xml", &customizations),
        (&first, &document),
        (&second, &document),
        ("Workflows/Robot.json", &document),
        ("Workflows/Old.xaml", "<x/>"),
        ("CanvasApps/app.msapp", "PK"),
    ]);
    let found = read("s.zip", bytes).unwrap();
    let names: Vec<_> =
        found.flows.iter().map(|it| (it.title.as_str(), it.name.as_str(), it.origin)).collect();
    assert_eq!(names, [("Ask", "Ask", Origin::Solution), ("Tell <all>", "Tell-all", Origin::Solution)]);
    assert!(found.flows.iter().all(|flow| flow.document == document));
    let codes: Vec<_> = found.notes.iter().map(|note| (note.code, note.about.as_str())).collect();
    assert_eq!(codes, [("classicWorkflow", "Old"), ("desktopFlow", "Robot")]);
}

#[test]
fn a_template_gives_the_workflow_with_its_name_filled_in() {
    let found = read("t.json", template().into_bytes()).unwrap();
    let [flow] = found.flows.as_slice() else { panic!("{found:#?}") };
    assert_eq!((flow.name.as_str(), flow.origin), ("tell", Origin::Template));
    assert!(
        flow.document.contains(DEFINITION),
        "the definition is as it was before it was put into a template"
    );
}

#[test]
fn a_project_gives_its_workflows_with_their_connections_and_parameters() {
    let workflow = r#"{"definition": {"triggers": {"manual": {"type": "Request", "inputs": {}}}, "actions": {"Post": {"type": "ApiConnection", "inputs": {"host": {"connection": {"referenceName": "teams-1"}}, "method": "post", "path": "@parameters('Path')"}}}}, "kind": "Stateless"}"#;
    let files = [
        ("app/host.json", "{}"),
        (
            "app/connections.json",
            r#"{"managedApiConnections": {"teams-1": {"api": {"id": "/subscriptions/s/managedApis/teams"}}}}"#,
        ),
        ("app/parameters.json", r#"{"Path": {"type": "String", "value": "/x"}}"#),
        ("app/Tell/workflow.json", workflow),
        ("app/Ask/workflow.json", workflow),
    ];
    let found = read("p.zip", zipped(&files)).unwrap();
    let names: Vec<_> = found.flows.iter().map(|flow| (flow.name.as_str(), flow.origin)).collect();
    assert_eq!(names, [("Ask", Origin::Standard), ("Tell", Origin::Standard)]);
    for flow in &found.flows {
        let (compiled, findings) = crate::definitions::check(&flow.document);
        assert!(compiled.is_some(), "{findings:#?}");
        assert!(!findings.iter().any(|it| it.code == "unknownParameter"), "{findings:#?}");
        let needs = needs(&flow.document);
        assert_eq!((needs[0].key.as_str(), needs[0].connector.as_deref()), ("teams-1", Some("teams")));
    }
}

#[test]
fn a_row_of_the_table_workflow_gives_its_flow() {
    let document = clientdata();
    let row = format!(r#"{{"value": [{{"name": "x", "clientdata": {}}}]}}"#, edit::quoted(&document));
    let found = read("rows.json", row.into_bytes()).unwrap();
    assert_eq!(found.flows[0].document, document);
}

#[test]
fn what_a_flow_needs_is_told_and_chosen() {
    for (document, connectors) in [
        (package(), [Some("shared_teams"), Some("shared_sharepointonline")]),
        (clientdata(), [Some("shared_teams"), Some("shared_sharepointonline")]),
    ] {
        let found = needs(&document);
        let said: Vec<_> = found.iter().map(|need| need.connector.as_deref()).collect();
        assert_eq!(said, connectors);
        assert!(found[1].uses[0].answered && !found[0].uses[0].answered);
        let chosen = BTreeMap::from([
            ("shared_teams".to_owned(), "team".to_owned()),
            ("nothing".to_owned(), "x".to_owned()),
        ]);
        let (mapped, missing) = map(&document, &chosen);
        assert_eq!(missing, ["nothing"]);
        assert_eq!(needs(&mapped)[0].key, "team");
        let back = BTreeMap::from([("team".to_owned(), "shared_teams".to_owned())]);
        assert_eq!(map(&mapped, &back), (document, Vec::new()), "nothing else was changed");
    }
}

#[test]
fn a_connection_is_missing_until_one_of_its_name_and_kind_is_there() {
    let document = package();
    assert_eq!(missing(&document, &[("shared_teams", "email")]), ["shared_teams"], "the other is answered");
    assert_eq!(missing(&document, &[("shared_teams", "teams")]), Vec::<String>::new());
    for (connector, kind) in [
        ("shared_teams", Some("teams")),
        ("shared_teams_2", Some("teams")),
        ("shared_OFFICE365", Some("email")),
        ("office365-1", Some("email")),
        ("shared_customerinsights", None),
        ("shared_sharepointonline", None),
    ] {
        assert_eq!(kind_of(connector), kind, "{connector}");
    }
}

#[test]
fn two_keys_may_become_one_connection() {
    let chosen = ["shared_teams", "shared_sharepointonline_1"].map(|key| (key.to_owned(), "one".to_owned()));
    let (mapped, _) = map(&package(), &BTreeMap::from(chosen));
    let (root, findings) = json::read(&mapped);
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(
        root.unwrap().get("properties").unwrap().get("connectionReferences").unwrap().members().len(),
        1
    );
}

#[test]
fn a_logic_app_names_its_connections_in_an_expression() {
    let document = r#"{"triggers": {}, "actions": {"Mail": {"type": "ApiConnection", "inputs": {"host": {"connection": {"name": "@parameters('$connections')['office365']['connectionId']"}}, "path": "/v2/Mail"}}}, "parameters": {"$connections": {"type": "Object", "defaultValue": {"office365": {"id": "/x/managedApis/office365"}}}}}"#;
    assert_eq!(needs(document)[0].connector.as_deref(), Some("office365"));
    let (mapped, _) = map(document, &BTreeMap::from([("office365".to_owned(), "mail".to_owned())]));
    assert_eq!(mapped, document.replace("['office365']", "['mail']").replace("\"office365\"", "\"mail\""));
}

// ---- archives that mean harm ----

fn raw(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The archive with another text of the same length in the place of a name.
fn renamed(mut archive: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut at = 0;
    while at + from.len() <= archive.len() {
        if &archive[at..at + from.len()] == from.as_bytes() {
            archive[at..at + from.len()].copy_from_slice(to.as_bytes());
        }
        at += 1;
    }
    archive
}

fn refused(bytes: Vec<u8>) -> &'static str {
    match read("x.zip", bytes) {
        Ok(found) => panic!("{found:#?}"),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            error.code()
        }
    }
}

#[test]
fn a_bomb_is_refused_by_its_ratio_and_by_its_sum() {
    use super::archive::{Limits, unpack_within};
    let limits = Limits { entry_bytes: 100_000, total_bytes: 150_000, ratio_from: 1_000 };
    let code = |bytes: Vec<u8>| unpack_within(&bytes, limits).map_err(|error| error.code());
    let zeros = vec![b' '; 90_000];
    let refused = Err("archiveUnpacksTooLarge");
    assert_eq!(code(raw(&[("a.json", &zeros)], CompressionMethod::Deflated)), refused, "by its ratio");
    let stored = |length: usize| raw(&[("a.json", &vec![b' '; length])], CompressionMethod::Stored);
    assert_eq!(code(stored(100_001)), refused, "by its size");
    assert_eq!(code(stored(100_000)).unwrap().len(), 1);
    let two = [("a.json", zeros.as_slice()), ("b.json", zeros.as_slice())];
    assert_eq!(code(raw(&two, CompressionMethod::Stored)), refused, "by the sum");
    let unread = [("a.png", zeros.as_slice()), ("b.png", zeros.as_slice())];
    assert_eq!(
        code(raw(&unread, CompressionMethod::Deflated)).unwrap()[1].bytes,
        b"",
        "nobody looks into it"
    );
}

#[test]
fn names_that_lead_out_are_refused() {
    let good = || raw(&[("aa/bb/cc.json", b"{}")], CompressionMethod::Deflated);
    for bad in [
        "../../cc.json",
        "/a/bb/cc.json",
        "C:/bb/cc.json",
        "aa/../cc.json",
        "aa//b/cc.json",
        "..\\../cc.json",
        "aa/b\u{7}/cc.json",
    ] {
        assert_eq!(refused(renamed(good(), "aa/bb/cc.json", bad)), "archiveBadName", "{bad:?}");
    }
}

#[test]
fn names_that_stand_twice_are_refused() {
    let two = || raw(&[("a.json", b"{}"), ("b.json", b"{}")], CompressionMethod::Deflated);
    assert_eq!(refused(renamed(two(), "b.json", "a.json")), "archiveDuplicateName");
    assert_eq!(refused(renamed(two(), "b.json", "A.json")), "archiveDuplicateName");
}

#[test]
fn too_many_files_are_refused() {
    let names: Vec<String> = (0..10_000).map(|n| format!("{n}.txt")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    assert_eq!(refused(raw(&files, CompressionMethod::Stored)), "archiveTooManyFiles");
}

#[test]
fn damaged_encrypted_and_nested_archives_are_refused() {
    let good = zipped(&[("definition.json", &package())]);
    for length in [4, 30, good.len() / 2, good.len() - 1] {
        assert_eq!(refused(good[..length].to_vec()), "archiveBroken", "{length} bytes");
    }
    let mut flipped = good.clone();
    flipped[80] ^= 0x55;
    assert_eq!(refused(flipped), "archiveBroken");
    // Bit 0 of the flags, in the local and the central header.
    let mut encrypted = good.clone();
    let central = encrypted.windows(4).position(|it| it == b"PK\x01\x02").unwrap();
    encrypted[6] |= 1;
    encrypted[central + 8] |= 1;
    assert_eq!(refused(encrypted), "archiveEncrypted");
    assert_eq!(refused(raw(&[("inner.zip", &good)], CompressionMethod::Stored)), "archiveNested");
    assert_eq!(refused(b"no archive".to_vec()), "archiveBroken");
    assert_eq!(refused(zipped(&[("a.json", "{}")])), "noFlowInFile");
    assert_eq!(refused(zipped(&[("a.json", "{\"triggers\": {}, \"actions\": {}")])), "noFlowInFile");
}

#[test]
fn titles_become_names() {
    for (title, name) in [
        ("Tell the team", "Tell-the-team"),
        ("  é à 1 ", "flow-1"),
        ("2 days later", "flow-2-days-later"),
        ("../../x", "x"),
        ("客戶", "flow"),
        ("a_b--c", "a_b-c"),
    ] {
        assert_eq!(name_of(title), name);
    }
    assert_eq!(stem("w/Tell-9F4F6A3E-1B7C-4F61-9F43-0A6D5F6B7C8D.json"), "Tell");
    assert_eq!(stem("é-9F4F6A3E-1B7C-4F61-9F43-0A6D5F6B7C8D.json"), "é");
    assert_eq!(stem("é.json"), "é");
}

// ---- there and back ----

const TARGETS: [Target; 4] = [Target::Package, Target::Solution, Target::LogicApp, Target::Standard];

fn exported(document: &str, target: Target) -> Vec<u8> {
    export("tell", document, target, jiff::Timestamp::UNIX_EPOCH).unwrap()
}

fn only(found: Found) -> FoundFlow {
    assert_eq!(found.flows.len(), 1, "{found:#?}");
    found.flows.into_iter().next().unwrap()
}

fn definition_of(document: &str) -> &str {
    let root = json::read(document).0.unwrap();
    let span = lang::wdl::locate(&root).unwrap().span;
    span.of(document)
}

fn every_shape() -> Vec<String> {
    let project = format!(
        "{{\"definition\": {DEFINITION}, \"kind\": \"Stateful\",\"connections\": {{\"managedApiConnections\": {{\"shared_teams\": {{\"api\": {{\"id\": \"/x/managedApis/teams\"}}}}}}}}}}"
    );
    let template = only(read("t.json", template().into_bytes()).unwrap()).document;
    vec![DEFINITION.to_owned(), package(), clientdata(), template, project]
}

#[test]
fn every_shape_comes_back_from_every_export_with_its_definition_as_it_was_written() {
    for document in every_shape() {
        for target in TARGETS {
            let bytes = exported(&document, target);
            let back = only(read(&target.file_name("tell"), bytes.clone()).unwrap());
            assert_eq!(definition_of(&back.document), DEFINITION, "{target:?}");
            let keys = |document: &str| needs(document).into_iter().map(|it| it.key).collect::<Vec<_>>();
            assert_eq!(keys(&back.document), keys(&document), "{target:?}");
            // A second time there is nothing left to change.
            let again = only(read(&target.file_name("tell"), exported(&back.document, target)).unwrap());
            assert_eq!(again.document, back.document, "{target:?}");
        }
    }
}

#[test]
fn an_export_in_its_own_shape_is_the_document_byte_for_byte() {
    for (document, target) in [(package(), Target::Package), (clientdata(), Target::Solution)] {
        let back = only(read("x.zip", exported(&document, target)).unwrap());
        assert_eq!(back.document, document);
    }
    let project = every_shape().pop().unwrap();
    let back = only(read("x.zip", exported(&project, Target::Standard)).unwrap());
    assert_eq!(json::read(&back.document).0.unwrap().to_value(), json::read(&project).0.unwrap().to_value());
}

#[test]
fn connection_references_survive_the_way_through_other_shapes() {
    let references = |document: &str| {
        let root = json::read(document).0.unwrap();
        root.get("properties").unwrap().get("connectionReferences").unwrap().to_value()
    };
    for (document, own) in [(package(), Target::Package), (clientdata(), Target::Solution)] {
        for through in TARGETS {
            let there = only(read(&through.file_name("tell"), exported(&document, through)).unwrap());
            let back = only(read("x.zip", exported(&there.document, own)).unwrap());
            let (before, after) = (references(&document), references(&back.document));
            for (key, before) in before.as_object().unwrap() {
                for (name, value) in before.as_object().unwrap() {
                    assert_eq!(&after[key][name], value, "{own:?} through {through:?}: {key}.{name}");
                }
            }
        }
    }
}

#[test]
fn an_archive_is_the_same_each_time_and_its_parts_fit() {
    let bytes = exported(&package(), Target::Package);
    assert_eq!(bytes, exported(&package(), Target::Package));
    let files = unpack(&bytes).unwrap();
    let value = |ending: &str| -> serde_json::Value {
        let file = files.iter().find(|file| file.path.ends_with(ending)).unwrap();
        serde_json::from_slice(&file.bytes).unwrap()
    };
    let manifest: serde_json::Value =
        serde_json::from_slice(&files.iter().find(|it| it.path == "manifest.json").unwrap().bytes).unwrap();
    let asset = value("flows/manifest.json")["flowAssets"]["assetPaths"][0].as_str().unwrap().to_owned();
    assert!(is_guid(&asset));
    assert!(files.iter().any(|file| file.path == format!("Microsoft.Flow/flows/{asset}/definition.json")));
    let depends = manifest["resources"][&asset]["dependsOn"].as_array().unwrap();
    assert_eq!(depends.len(), 4);
    assert!(depends.iter().all(|id| manifest["resources"][id.as_str().unwrap()].is_object()));
    let api = value("apisMap.json")["shared_teams"].as_str().unwrap().to_owned();
    assert_eq!(manifest["resources"][&api]["name"], "shared_teams");
    let solution = unpack(&exported(&package(), Target::Solution)).unwrap();
    let names: Vec<&str> = solution.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        names,
        [
            "Workflows/tell-9F4F6A3E-1B7C-4F61-9F43-0A6D5F6B7C8D.json",
            "[Content_Types].xml",
            "customizations.xml",
            "solution.xml"
        ]
    );
}
