//! Who may ask the API what: tokens that the command line makes, roles, and what a stranger gets.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Project;
use crate::support::served::Served;
use crate::support::shop::bare;

/// A served shop.
async fn served() -> (Project, Served) {
    let project = bare();
    project.json(&["apply"]).await;
    project.json(&["refresh"]).await;
    let server = Served::start(&project).await;
    (project, server)
}

/// A token that the command line makes beside the server.
pub(crate) async fn token(project: &Project, role: &str) -> String {
    let made = project.json(&["token", "create", &format!("for {role}"), "--role", role]).await;
    made["token"].as_str().unwrap().to_owned()
}

const REPORT: &str = "/v1/instances/small-shop/unification/report";

fn code(answer: &(u16, String)) -> (u16, String) {
    let body = answer.1.split_once("\r\n\r\n").unwrap().1;
    let problem: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    assert_eq!(problem["status"], json!(answer.0));
    assert!(answer.1.contains("application/problem+json"), "{answer:?}");
    (answer.0, problem["title"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_route_needs_a_token_of_its_role_and_roles_count_from_the_next_request_on() {
    let (project, server) = served().await;
    let mut tokens = Vec::new();
    for role in ["Viewer", "Contributor", "Administrator", "Owner"] {
        tokens.push((role, token(&project, role).await));
    }
    for (path, least) in api::routes() {
        let path = path.replace("{instanceId}", "small-shop").replace("{id}", "nobody");
        let stranger = server.get(&path).await;
        assert_eq!(code(&stranger), (401, "tokenNeeded".to_owned()), "{path}");
        assert!(stranger.1.contains("www-authenticate: Bearer"), "{stranger:?}");
        for (role, token) in &tokens {
            let (status, answer) = server.ask(token, &path).await;
            let may = role.parse::<auth::Role>().unwrap() >= least;
            assert_eq!(answer["title"] != "roleNeeded", may, "{path} as {role}: {status} {answer}");
            let elsewhere = path.replace("small-shop", "large-shop");
            let (status, answer) = server.ask(token, &elsewhere).await;
            assert_eq!((status, &answer["title"]), (404, &json!("unknownInstance")), "{elsewhere}");
        }
    }
    let (_, owner) = &tokens[3];
    assert_eq!(server.ask(owner, REPORT).await.0, 200);
    let key = format!("Ocp-Apim-Subscription-Key: {owner}\r\n");
    let (status, answer) = server.send("GET", REPORT, &key).await;
    assert!(status == 200 && answer.contains("cache-control: no-store"), "{answer}");
    project.json(&["token", "revoke", "for Owner"]).await;
    assert_eq!(server.ask(owner, REPORT).await.0, 401);
    assert_eq!(server.get("/healthz").await.0, 200);
    assert_eq!(server.get("/metrics").await.0, 200);
    server.stop(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn strange_requests_get_a_problem_and_never_more() {
    let (project, server) = served().await;
    let token = token(&project, "Owner").await;
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let wrong = [
        "Authorization: Bearer\r\n".to_owned(),
        "Authorization: Basic d2VpcjpkYW0=\r\n".to_owned(),
        format!("Authorization: Bearer {}\r\n", token.to_uppercase()),
        format!("Authorization: Bearer {}\r\n", &token[..token.len() - 1]),
        format!("Authorization: Bearer {}\r\n", "x".repeat(5000)),
        format!("Cookie: token={token}\r\n"),
    ];
    for headers in &wrong {
        let answer = server.send("GET", REPORT, headers).await;
        assert_eq!(code(&answer), (401, "tokenNeeded".to_owned()), "{headers}");
    }
    let answer = server.send("DELETE", REPORT, &bearer).await;
    assert_eq!(code(&answer), (405, "methodNotAllowed".to_owned()));
    for (path, wanted) in [
        ("/v1/instances/small-shop/nonsense", "notFound"),
        ("/v1/instances/small%2Dshop/unification/nonsense", "notFound"),
        ("/v1/instances/%FF/unification/report", "unknownInstance"),
        ("/v1/instances/..%2f..%2fetc/unification/report", "unknownInstance"),
        ("/v1/instances", "notFound"),
    ] {
        let answer = server.send("GET", path, &bearer).await;
        assert_eq!(code(&answer), (404, wanted.to_owned()), "{path}");
    }
    let long = format!("{REPORT}?id={}", "a".repeat(9000));
    assert_eq!(server.send("GET", &long, &bearer).await.0, 200, "what a route does not read is no matter");
    assert!(!server.log().contains(&token), "a token in the log");
}

#[tokio::test]
async fn a_token_is_shown_once_listed_without_its_text_and_can_be_taken_back() {
    let project = bare();
    project.json(&["apply"]).await;
    let made = project.weir(&["token", "create", "reports", "--days", "7"]).await.ends_with(0);
    let text = made.out.trim();
    assert!(text.starts_with("weir_") && text.len() == 65, "{made:?}");
    assert!(made.err.contains("reports (Viewer)"), "{made:?}");
    let list = project.weir(&["token", "list", "--json"]).await.ends_with(0);
    assert!(!list.out.contains(&text[22..]), "{list:?}");
    assert_eq!(list.json()[0]["role"], "Viewer", "{list:?}");
    let again = project.weir(&["token", "create", "reports", "--json"]).await.ends_with(2);
    assert!(again.err.contains("tokenNameTaken"), "{again:?}");
    project.weir(&["token", "create", "x", "--role", "root"]).await.ends_with(2);
    project.weir(&["token", "create", "x", "--days", "4000"]).await.ends_with(2);
    project.weir(&["token", "revoke", "reports"]).await.ends_with(0);
    let gone = project.weir(&["token", "revoke", "reports", "--json"]).await.ends_with(4);
    assert!(gone.err.contains("tokenNotFound"), "{gone:?}");
    let list = project.weir(&["token", "list"]).await.ends_with(0);
    assert!(list.out.contains("revoked"), "{list:?}");
}
