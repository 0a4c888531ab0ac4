//! Exports to a web service on this machine.

use std::sync::{Arc, Mutex};

use outbound::AddressPolicy;
use serde_json::Value;

use super::*;
use crate::testing::{customers, run, schema, server};

const SOON: Patience =
    Patience { attempts: 3, first: Duration::from_millis(1), longest: Duration::from_secs(2) };

fn destination(port: u16, format: HttpFormat) -> HttpDestination {
    let client = HttpClient::new("127.0.0.1/32".parse().unwrap());
    let headers = vec![("Authorization".to_owned(), SecretString::from("Bearer canary"))];
    let connection = HttpConnection { url: Some(format!("http://127.0.0.1:{port}/api")), headers };
    HttpDestination::new(client, &connection, "members", 4, HttpMethod::Post, format)
        .unwrap()
        .with_patience(SOON)
}

fn rows() -> Rows {
    Rows::of("BigSpenders", schema(), vec![customers(0..3), customers(3..10)])
}

/// Answers with these statuses, one after the other; the last one stays.
fn answers(statuses: &[&'static str]) -> impl Fn(&str) -> String + Send + Sync + 'static + use<> {
    let left = Mutex::new(statuses.to_vec());
    move |_| {
        let mut left = left.lock().unwrap();
        let status = if left.len() > 1 { left.remove(0) } else { left[0] };
        format!("HTTP/1.1 {status}\r\nContent-Length: 6\r\nConnection: close\r\n\r\nanswer")
    }
}

fn header<'a>(call: &'a str, name: &str) -> &'a str {
    call.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim_start_matches(':').trim()
}

fn body(call: &str) -> &str {
    call.split_once("\r\n\r\n").unwrap().1
}

fn taken(calls: &Arc<Mutex<Vec<String>>>) -> Vec<String> {
    calls.lock().unwrap().clone()
}

#[tokio::test]
async fn rows_go_out_in_batches_each_with_its_own_key() {
    let (port, calls) = server(answers(&["204 No Content"])).await;
    let written = destination(port, HttpFormat::Json).write(rows(), &run()).await.unwrap();
    assert_eq!((written.rows, written.parts), (10, 3));
    let calls = taken(&calls);
    assert!(calls[0].starts_with("POST /api/members HTTP/1.1"), "{}", calls[0]);
    assert_eq!(header(&calls[0], "authorization"), "Bearer canary");
    let keys: Vec<&str> = calls.iter().map(|call| header(call, "idempotency-key")).collect();
    assert_eq!(keys, ["job1-BigSpenders-1", "job1-BigSpenders-2", "job1-BigSpenders-3"]);
    let sizes: Vec<usize> =
        calls.iter().map(|call| serde_json::from_str::<Vec<Value>>(body(call)).unwrap().len()).collect();
    assert_eq!(sizes, [4, 4, 2]);
    let third: Value = serde_json::from_str::<Vec<Value>>(body(&calls[0])).unwrap().remove(2);
    assert_eq!(third["EMail"], Value::Null);
}

#[tokio::test]
async fn json_lines_have_one_object_a_line() {
    let (port, calls) = server(answers(&["200 OK"])).await;
    destination(port, HttpFormat::Jsonl).write(rows(), &run()).await.unwrap();
    let calls = taken(&calls);
    assert_eq!(header(&calls[0], "content-type"), "application/x-ndjson");
    assert_eq!(body(&calls[2]).lines().count(), 2);
}

#[tokio::test]
async fn a_busy_service_is_called_again_with_the_same_key() {
    let (port, calls) = server(answers(&[
        "200 OK",
        "429 Too Many Requests\r\nRetry-After: 0",
        "503 Service Unavailable",
        "200 OK",
    ]))
    .await;
    let written = destination(port, HttpFormat::Json).write(rows(), &run()).await.unwrap();
    assert_eq!((written.rows, written.parts), (10, 3));
    let calls = taken(&calls);
    let keys: Vec<&str> = calls.iter().map(|call| header(call, "idempotency-key")).collect();
    let key = |n| format!("job1-BigSpenders-{n}");
    assert_eq!(keys, [key(1), key(2), key(2), key(2), key(3)]);
    assert_eq!(body(&calls[1]), body(&calls[3]));
}

#[tokio::test]
async fn an_error_says_which_batches_were_taken() {
    for (answer, temporary, tries) in [
        ("400 Bad Request", false, 1),
        ("503 Service Unavailable", true, 3),
        ("429 Too Many Requests\r\nRetry-After: 3600", true, 1),
    ] {
        let (port, calls) = server(answers(&["200 OK", "200 OK", answer])).await;
        let error = destination(port, HttpFormat::Json).write(rows(), &run()).await.unwrap_err();
        assert_eq!((error.code(), error.is_temporary()), ("exportBatchRefused", temporary));
        let text = error.to_string();
        assert!(text.contains("refused batch 3") && text.contains("batches 1 to 2 (8 rows)"), "{text}");
        assert!(text.contains("answer") && !text.contains("canary"), "{text}");
        assert_eq!(taken(&calls).len(), 2 + tries);
    }
}

#[tokio::test]
async fn a_pause_ends_when_the_export_is_cancelled() {
    let (port, _) = server(answers(&["429 Too Many Requests\r\nRetry-After: 1000"])).await;
    let patience = Patience { longest: Duration::from_secs(2_000), ..SOON };
    let run = run();
    let cancel = run.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        cancel.cancel();
    });
    let to = destination(port, HttpFormat::Json).with_patience(patience);
    assert_eq!(to.write(rows(), &run).await.unwrap_err().code(), "exportCancelled");
}

#[tokio::test]
async fn addresses_that_may_not_be_called_are_not() {
    let (port, calls) = server(answers(&["200 OK"])).await;
    let client = HttpClient::new(AddressPolicy::public_only());
    let none = HttpConnection::default();
    let url = format!("http://127.0.0.1:{port}/");
    let to = HttpDestination::new(client.clone(), &none, &url, 4, HttpMethod::Put, HttpFormat::Json).unwrap();
    assert_eq!(to.write(rows(), &run()).await.unwrap_err().code(), "blockedAddress");
    assert!(taken(&calls).is_empty());
    let base = HttpConnection { url: Some("https://a.test/api".to_owned()), ..none };
    for (url, batch) in
        [("https://b.test/api/x", 1), ("../x", 1), ("//b.test/api/", 1), ("http://a.test/api/x", 1), ("x", 0)]
    {
        let made =
            HttpDestination::new(client.clone(), &base, url, batch, HttpMethod::Post, HttpFormat::Json);
        assert_eq!(made.err().map(|error| error.code()), Some("exportSettingWrong"), "{url}");
    }
    for url in ["https://a.test/api/x", "x/y", "/api/x", ""] {
        assert!(address(&base, url).is_ok(), "{url}");
    }
}
