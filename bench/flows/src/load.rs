//! The load: connections that call a flow, each as soon as its last call was answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::net::TcpStream;

use crate::server::path;
use crate::wire::Wire;

/// How the calls went.
pub(crate) struct Load {
    /// Until the last answer.
    pub(crate) took: Duration,
    waits: Vec<Duration>,
}

impl Load {
    /// The time that so many of a hundred calls took at most.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        self.waits.get(self.waits.len() * percent / 100).copied().unwrap_or_default()
    }
}

/// The request that calls a flow.
pub(crate) fn request(flow: &str, number: usize) -> Vec<u8> {
    let body = format!(
        r#"{{"customer":"customer-{number}","total":{},"note":"please deliver on Monday"}}"#,
        number % 200
    );
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nuser-agent: bench\r\ncontent-length: {}\r\n\r\n",
        path(flow),
        body.len()
    );
    [head, body].concat().into_bytes()
}

/// Calls a flow so many times over so many connections.
pub(crate) async fn call(server: SocketAddr, flow: &str, calls: usize, connections: usize) -> Result<Load> {
    let next = Arc::new(AtomicUsize::new(0));
    let flow: Arc<str> = flow.into();
    let began = Instant::now();
    let callers = (0..connections).map(|_| {
        let (next, flow) = (Arc::clone(&next), Arc::clone(&flow));
        tokio::spawn(async move {
            let mut wire = Wire::new(TcpStream::connect(server).await?);
            let mut waits = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= calls {
                    return anyhow::Ok(waits);
                }
                let sent = Instant::now();
                wire.send(&request(&flow, number)).await?;
                match wire.next().await? {
                    Some(head) if head.starts_with("HTTP/1.1 20") => waits.push(sent.elapsed()),
                    other => bail!("call {number} was answered {other:?}"),
                }
            }
        })
    });
    let mut waits = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        waits.extend(caller.await??);
    }
    waits.sort();
    Ok(Load { took: began.elapsed(), waits })
}
