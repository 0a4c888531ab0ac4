//! A webhook that records what it is sent, and answers as a test wants: well, badly, late or not at all.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The largest request that it takes, in bytes.
const MAX_REQUEST: usize = 1 << 20;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// `POST /hook`.
    pub(crate) line: String,
    /// Lower-case names.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn key(&self) -> &str {
        self.header("idempotency-key").expect("an Idempotency-Key")
    }
}

/// How a request is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    /// With this status.
    Status(u16),
    /// With 429 or 503 and `Retry-After` in seconds.
    RetryAfter(u16, u32),
    /// With 200, but late.
    Late(Duration),
    /// The connection is cut before an answer.
    Cut,
}

#[derive(Default)]
struct Shelf {
    requests: Mutex<Vec<Request>>,
    /// What the next requests get; when it is empty, `otherwise`.
    next: Mutex<VecDeque<Reply>>,
    otherwise: Mutex<Option<Reply>>,
}

/// The running server.
pub(crate) struct Receiver {
    shelf: Arc<Shelf>,
    address: String,
    server: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shelf = Arc::new(Shelf::default());
        let server = tokio::spawn(serve(listener, Arc::clone(&shelf)));
        Self { shelf, address, server }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The next requests are answered like this; those after them with 200.
    pub(crate) fn answer(&self, replies: &[Reply]) {
        self.shelf.next.lock().unwrap().extend(replies);
    }

    /// Every request is answered like this.
    pub(crate) fn always(&self, reply: Reply) {
        *self.shelf.otherwise.lock().unwrap() = Some(reply);
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shelf.requests.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.shelf.requests.lock().unwrap().len()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, shelf: Arc<Shelf>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shelf = Arc::clone(&shelf);
        // A client that was killed breaks off: nothing to record.
        tokio::spawn(async move { exchange(stream, &shelf).await });
    }
}

async fn exchange(mut stream: TcpStream, shelf: &Shelf) -> Option<()> {
    let request = read(&mut stream).await?;
    shelf.requests.lock().unwrap().push(request);
    let next = shelf.next.lock().unwrap().pop_front();
    let otherwise = *shelf.otherwise.lock().unwrap();
    let (status, more) = match next.or(otherwise).unwrap_or(Reply::Status(200)) {
        Reply::Status(status) => (status, String::new()),
        Reply::RetryAfter(status, seconds) => (status, format!("Retry-After: {seconds}\r\n")),
        Reply::Late(by) => {
            tokio::time::sleep(by).await;
            (200, String::new())
        }
        Reply::Cut => return None,
    };
    let answer = format!("HTTP/1.1 {status} -\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

/// Reads one request; nothing when the other side breaks off.
async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 || bytes.len() > MAX_REQUEST {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers: Vec<_> = lines.filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let end = head_end + 4 + length.map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < end {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = &bytes[head_end + 4..end];
    let body = serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into());
    Some(Request { line, headers, body })
}
