//! The connector against folders of this machine.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::connectors::testing::{connection, failure, request};

/// A folder `inside` with a file, a link out of it, and a file outside.
fn ground() -> TempDir {
    let ground = TempDir::new().expect("a folder");
    let inside = ground.path().join("inside");
    fs::create_dir_all(inside.join("sub")).expect("folders");
    fs::write(inside.join("a.txt"), "grüße").expect("a file");
    fs::write(ground.path().join("outside.txt"), "canary").expect("a file");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(ground.path().join("outside.txt"), inside.join("link.txt"))
            .expect("a link");
        std::os::unix::fs::symlink(ground.path(), inside.join("up")).expect("a link");
    }
    ground
}

async fn call(ground: &TempDir, write: bool, operation: &str, parameters: Value) -> CallOutcome {
    let target = connection("files", json!({"path": "inside", "write": write}));
    Files::new(ground.path().to_owned()).call(request(operation, Some(target), parameters)).await
}

async fn body(ground: &TempDir, operation: &str, parameters: Value) -> Value {
    match call(ground, true, operation, parameters).await {
        CallOutcome::Response { status_code: 200, body, .. } => body,
        other => panic!("{operation}: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_written_is_read_listed_and_deleted() {
    let ground = ground();
    assert_eq!(body(&ground, "read", json!({"path": "a.txt"})).await, json!({"content": "grüße", "size": 7}));
    assert_eq!(
        body(&ground, "write", json!({"path": "sub/b.bin", "content": {"$content": "/w=="}})).await["size"],
        1
    );
    let read = body(&ground, "read", json!({"path": "sub/b.bin"})).await;
    assert_eq!(read["content"]["$content"], "/w==");
    assert_eq!(body(&ground, "append", json!({"path": "a.txt", "content": "!"})).await["size"], 8);
    assert_eq!(body(&ground, "write", json!({"path": "c.json", "content": {"a": [1]}})).await["size"], 9);
    let listed = body(&ground, "list", json!({})).await;
    let names: Vec<&str> = listed["value"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| entry["path"].as_str().expect("a path"))
        .collect();
    assert_eq!(names, ["a.txt", "c.json", "sub"], "links are not shown");
    assert_eq!(body(&ground, "list", json!({"path": "sub"})).await["value"][0]["path"], "sub/b.bin");
    for deleted in [true, false] {
        assert_eq!(body(&ground, "delete", json!({"path": "c.json"})).await, json!({"deleted": deleted}));
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let ground = ground();
    let paths = [
        "../outside.txt",
        "sub/../../outside.txt",
        "/etc/passwd",
        "link.txt",
        "up/outside.txt",
        "..",
        "./../outside.txt",
        "a\0b",
        "..\\outside.txt",
        "a.txt/b",
    ];
    for path in paths {
        for operation in ["read", "write", "append", "delete", "list"] {
            let content = if matches!(operation, "write" | "append") { json!("x") } else { Value::Null };
            let mut parameters = json!({"path": path});
            if !content.is_null() {
                parameters["content"] = content;
            }
            let (code, message) = failure(call(&ground, true, operation, parameters).await);
            assert_eq!(code, "PathRefused", "{operation} {path:?}: {message}");
            assert!(!message.contains("canary") && !message.contains(ground.path().to_str().expect("text")));
        }
    }
    assert_eq!(fs::read_to_string(ground.path().join("outside.txt")).expect("it is there"), "canary");
}

#[tokio::test]
async fn a_connection_that_only_reads_changes_nothing() {
    let ground = ground();
    for (operation, parameters) in [
        ("write", json!({"path": "new.txt", "content": "x"})),
        ("append", json!({"path": "a.txt", "content": "x"})),
        ("delete", json!({"path": "a.txt"})),
    ] {
        let (code, message) = failure(call(&ground, false, operation, parameters).await);
        assert!(code == "PathRefused" && message.contains("write: true"), "{message}");
    }
    assert_eq!(fs::read_to_string(ground.path().join("inside/a.txt")).expect("it is there"), "grüße");
}

#[tokio::test]
async fn what_is_missing_or_there_already_is_told() {
    let ground = ground();
    assert_eq!(failure(call(&ground, true, "read", json!({"path": "none"})).await).0, "NotFound");
    assert_eq!(failure(call(&ground, true, "read", json!({"path": "no/ne"})).await).0, "NotFound");
    let twice = json!({"path": "a.txt", "content": "x", "overwrite": false});
    assert_eq!(failure(call(&ground, true, "write", twice).await).0, "Conflict");
    let target = connection("files", json!({"path": "nowhere"}));
    let test =
        TestRequest { connection: target, send: false, deadline: request("", None, json!({})).deadline };
    let tested = Files::new(ground.path().to_owned()).test(test).await;
    assert!(matches!(tested, Tested::Failed { code, .. } if code == "PathRefused"));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_read_into_memory() {
    let ground = ground();
    let file = fs::File::create(ground.path().join("inside/huge")).expect("a file");
    file.set_len(1 << 30).expect("a sparse file");
    assert_eq!(failure(call(&ground, true, "read", json!({"path": "huge"})).await).0, "TooLarge");
    assert_eq!(
        failure(call(&ground, true, "append", json!({"path": "huge", "content": "x"})).await).0,
        "TooLarge"
    );
}
