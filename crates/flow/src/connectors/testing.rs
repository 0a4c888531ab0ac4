//! For the connectors' tests: a web server on this machine, and requests with a deadline.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use outbound::{AddressPolicy, HttpClient};
use serde_json::Value;
use store::SystemClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::connectors::{CallOutcome, CallRequest, Connection};

/// A client that reaches this machine.
pub(super) fn client() -> HttpClient {
    HttpClient::new(local())
}

/// The policy of [`client`].
pub(super) fn local() -> AddressPolicy {
    "127.0.0.1/32".parse().expect("a policy")
}

/// The clock of the machine.
pub(super) fn clock() -> Arc<SystemClock> {
    Arc::new(SystemClock)
}

/// A request with five seconds to live and the key `key-1`.
pub(super) fn request(operation_id: &str, connection: Option<Connection>, parameters: Value) -> CallRequest {
    CallRequest {
        operation_id: operation_id.to_owned(),
        connection,
        parameters,
        idempotency_key: "key-1".to_owned(),
        deadline: Timestamp::now() + SignedDuration::from_secs(5),
    }
}

/// A connection called `main`.
pub(super) fn connection(kind: &str, config: Value) -> Connection {
    Connection { name: "main".to_owned(), kind: kind.to_owned(), config }
}

/// Answers every request with `status` (and further header lines) and `body`; gives its base URL and what was
/// asked.
pub(super) async fn serve(
    status: &str,
    headers: &str,
    body: &str,
) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, told) = mpsc::unbounded_channel();
    let length = body.len();
    let reply =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            while !complete(&text) {
                match stream.read(&mut buffer).await {
                    Ok(read) if read > 0 => text.extend_from_slice(&buffer[..read]),
                    _ => break,
                }
            }
            let _ = tell.send(String::from_utf8_lossy(&text).into_owned());
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    (url, told)
}

fn complete(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

/// The code and message of a failure.
pub(super) fn failure(outcome: CallOutcome) -> (String, String) {
    match outcome {
        CallOutcome::Permanent { code, message } | CallOutcome::Retryable { code, message, .. } => {
            (code, message)
        }
        CallOutcome::Response { .. } | CallOutcome::Later { .. } => panic!("no failure: {outcome:?}"),
    }
}
