//! As little HTTP/1.1 as load and sink need, so that they cost little beside what is measured.

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that stays open.
pub(crate) struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true);
        Self { stream, read: Vec::new() }
    }

    pub(crate) async fn send(&mut self, message: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(message).await?)
    }

    /// The head of the next message, its body read away; nothing when the other side has closed.
    pub(crate) async fn next(&mut self) -> Result<Option<String>> {
        loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(self.read.get(..end).unwrap_or_default()).into_owned();
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
                });
                let all = end + 4 + length.unwrap_or(0);
                while self.read.len() < all {
                    ensure!(self.more().await?, "the connection broke off in a body");
                }
                self.read.drain(..all);
                return Ok(Some(head));
            }
            if !self.more().await? {
                return Ok(None);
            }
        }
    }

    async fn more(&mut self) -> Result<bool> {
        Ok(self.stream.read_buf(&mut self.read).await? > 0)
    }
}
