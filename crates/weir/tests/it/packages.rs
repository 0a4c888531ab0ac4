//! Flows come in from other systems, go out again, and have versions.

use serde_json::json;

use crate::support::shop::bare;

const LEAKY: &str = r#"{"properties": {"displayName": "Tell the team", "creator": {"id": "me"}, "definition": {
  "triggers": {"manual": {"type": "Request", "kind": "Button", "inputs": {"schema": {}}}},
  "actions": {
    "Post": {"type": "OpenApiConnection", "runAfter": {}, "inputs": {"host": {"apiId": "/providers/Microsoft.PowerApps/apis/shared_teams", "connectionName": "shared_teams", "operationId": "PostMessageToConversation"}, "parameters": {"body/messageBody": "hi"}}},
    "Call": {"type": "Http", "runAfter": {}, "inputs": {"method": "GET", "uri": "https://x.example/run?sig=AbCdEfGhIjKlMnOpQrSt", "n": 1.50}}
  }}, "connectionReferences": {"shared_teams": {"connectionName": "x", "id": "/providers/Microsoft.PowerApps/apis/shared_teams"}}}}"#;

#[tokio::test]
async fn a_flow_comes_in_waits_for_its_connection_and_goes_out_as_it_came() {
    let project = bare();
    project.write("leaky.json", LEAKY);
    let dry = project.json(&["flow", "import", "leaky.json", "--dry-run"]).await;
    assert_eq!(dry["flows"][0]["left"], "dryRun");
    assert_eq!(dry["flows"][0]["secrets"][0]["name"], "tell-the-team-sig");
    assert!(!dry.to_string().contains("AbCdEfGhIjKlMnOpQrSt"), "a secret is shown");
    assert!(!project.path("flows/Tell-the-team.json").exists());

    let import = ["flow", "import", "leaky.json", "--map", "shared_teams=team", "--move-secrets", "--strip"];
    let done = project.json(&import).await;
    assert_eq!(done["flows"][0]["left"], json!(null));
    let written = project.read("flows/Tell-the-team.json");
    assert!(!written.contains("AbCdEfGhIjKlMnOpQrSt") && !written.contains("creator"), "{written}");
    assert!(written.contains("\"n\": 1.50"), "numbers are spelled as they were");
    let again = project.weir(&import).await.ends_with(2);
    assert!(again.out.contains("--force"), "{again:?}");

    project.json(&["apply"]).await;
    let flows = project.json(&["flow", "list"]).await;
    assert_eq!(flows[0]["waits_for"], json!(["team"]));
    project.weir(&["flow", "run", "Tell-the-team"]).await.ends_with(1);

    for (form, file) in
        [("package", "p.zip"), ("solution", "s.zip"), ("logicapp", "t.json"), ("standard", "w.zip")]
    {
        project.json(&["flow", "export", "Tell-the-team", "--as", form, "-o", file]).await;
        let back = project.json(&["flow", "import", file, "--name", form]).await;
        assert_eq!(back["flows"][0]["left"], json!(null), "{form}: {back}");
    }
    assert_eq!(project.read("flows/package.json"), written);
}

#[tokio::test]
async fn versions_are_compared_and_brought_back_and_drafts_stand_apart() {
    let project = bare();
    let flow = |n: u32| {
        format!(
            "{{\"triggers\": {{\"m\": {{\"type\": \"Request\", \"inputs\": {{}}}}}},\n\"actions\": {{\"A\": {{\"type\": \"Compose\", \"inputs\": {n}}}}}}}"
        )
    };
    for n in [1, 2] {
        project.write("flows/tell.json", flow(n));
        project.json(&["apply"]).await;
    }
    let versions = project.json(&["flow", "versions", "tell"]).await;
    let old = versions.as_array().unwrap().iter().find(|it| it["present"] == false).unwrap();
    let old = old["version"].as_str().unwrap();
    let diff = project.json(&["flow", "diff", "tell"]).await;
    assert_eq!(diff["parts"][0]["differences"][0], json!({"pointer": "/inputs", "before": 1, "after": 2}));
    let back = project.json(&["flow", "restore", "tell", &old[..6]]).await;
    assert_eq!(back["applied"], true);
    assert_eq!(project.read("flows/tell.json"), flow(1));

    project.write("draft.json", "{\"triggers\": ");
    let saved = project.json(&["flow", "draft", "save", "tell", "draft.json"]).await;
    assert_eq!(saved["valid"], false);
    project.weir(&["flow", "draft", "publish", "tell"]).await.ends_with(2);
    project.write("draft.json", flow(3));
    project.json(&["flow", "draft", "save", "tell", "draft.json"]).await;
    project.json(&["flow", "draft", "publish", "tell"]).await;
    assert_eq!(project.read("flows/tell.json"), flow(3));
    project.weir(&["flow", "draft", "show", "tell"]).await.ends_with(4);
    project.weir(&["flow", "diff", "nothing"]).await.ends_with(4);
}
