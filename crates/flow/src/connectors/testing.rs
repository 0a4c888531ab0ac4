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

/// How a server misbehaves.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hostile {
    /// It takes the request and says nothing.
    Hang,
    /// It sends a byte now and then, for ever.
    Drip,
    /// It announces and sends a gigabyte.
    Huge,
    /// It breaks off in the middle of its answer.
    Close,
    /// It sends the caller to an address inside.
    Redirect,
}

impl Hostile {
    pub(super) const ALL: [Self; 5] = [Self::Hang, Self::Drip, Self::Huge, Self::Close, Self::Redirect];
}

/// A server that misbehaves; its address, with a secret in it.
pub(super) async fn hostile(behaviour: Hostile) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook?sig=canary", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(misbehave(stream, behaviour));
        }
    });
    url
}

async fn misbehave(mut stream: tokio::net::TcpStream, behaviour: Hostile) {
    let mut buffer = vec![0; 65_536];
    let _ = stream.read(&mut buffer).await;
    let head = |length: u64| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    match behaviour {
        Hostile::Hang => std::future::pending().await,
        Hostile::Drip => {
            let _ = stream.write_all(head(1 << 20).as_bytes()).await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
        Hostile::Huge => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
            let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
            for _ in 0..16_384 {
                if stream.write_all(&chunk).await.is_err() {
                    return;
                }
            }
        }
        Hostile::Close => {
            let _ = stream.write_all(format!("{}abc", head(100)).as_bytes()).await;
        }
        Hostile::Redirect => {
            let answer = "HTTP/1.1 307 Elsewhere\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    }
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
