//! The sink: answers every request with 200 and counts.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::net::TcpListener;

use crate::wire::Wire;

/// What came in.
#[derive(Clone, Default)]
pub(crate) struct Sink(Arc<Mutex<HashMap<String, u32>>>);

impl Sink {
    /// Listens from now on; gives the address.
    pub(crate) async fn open(&self) -> Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let sink = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = sink.clone();
                tokio::spawn(async move {
                    let mut wire = Wire::new(stream);
                    while let Ok(Some(head)) = wire.next().await {
                        sink.count(&head);
                        if wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Ok(address)
    }

    fn count(&self, head: &str) {
        let key = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("idempotency-key").then(|| value.trim().to_owned())
        });
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen.entry(key.unwrap_or_default()).or_default() += 1;
    }

    /// Different requests, and requests that came again.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = seen.values().map(|times| usize::try_from(*times).unwrap_or(0)).sum();
        (seen.len(), all - seen.len())
    }
}
