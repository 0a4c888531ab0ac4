//! Asking about the unification: on the command line and through the API, with the same answers.

use serde_json::json;

use crate::access::token;
use crate::support::served::Served;
use crate::support::shop::bare;

#[tokio::test]
async fn the_report_is_the_same_on_the_command_line_and_through_the_api() {
    let project = bare();
    project.json(&["apply"]).await;
    let early = project.weir(&["unify", "report", "--json"]).await.ends_with(4);
    assert!(early.err.contains("neverUnified"), "{early:?}");
    project.json(&["refresh"]).await;
    let report = project.json(&["unify", "report"]).await;
    let profiles = project.number("SELECT count(*) AS n FROM Customer").await;
    assert_eq!(report["profiles"], json!(profiles as u64), "{report:#}");
    let shown = project.weir(&["unify", "report"]).await.ends_with(0).out;
    assert!(shown.contains("Loyalty_Members") && shown.contains("100.0 %"), "{shown}");
    let server = Served::start(&project).await;
    let token = token(&project, "Viewer").await;
    let (status, answer) = server.ask(&token, "/v1/instances/small-shop/unification/report").await;
    assert_eq!((status, answer), (200, report));
}
