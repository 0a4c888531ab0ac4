//! The demo's inbox: a mail server and a Teams-like webhook on this machine only. They keep what they are
//! sent, so that the demo can show it; nothing leaves the machine.

mod mime;
mod smtp;
mod webhook;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Messages and cards kept, each; the oldest go first.
pub const MAX_KEPT: usize = 1000;

/// A mail as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The decoded subject.
    pub subject: String,
    /// The plain text, decoded.
    pub text: Option<String>,
    /// The HTML, decoded.
    pub html: Option<String>,
    /// The Message-ID with its angle brackets, if there is one. The same id is the same mail sent again.
    pub message_id: Option<String>,
    /// Size as sent, in bytes.
    pub bytes: usize,
    /// When it was taken.
    pub received_at: Timestamp,
}

/// A call of the webhook as it arrived.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// The path that was called.
    pub path: String,
    /// The `Idempotency-Key` header: the same key is the same card sent again.
    pub idempotency_key: Option<String>,
    /// The body: JSON, or a JSON string when it is none.
    pub body: Value,
    /// When it was taken.
    pub received_at: Timestamp,
}

impl Card {
    /// The texts of the Adaptive Card, from top to bottom: title, text, facts as `title: value`.
    pub fn lines(&self) -> Vec<String> {
        let empty = Vec::new();
        let items =
            self.body.pointer("/attachments/0/content/body").and_then(Value::as_array).unwrap_or(&empty);
        let mut lines = Vec::new();
        for item in items {
            if let Some(text) = item.get("text").and_then(Value::as_str) {
                lines.push(text.to_owned());
            }
            for fact in item.get("facts").and_then(Value::as_array).unwrap_or(&empty) {
                let part = |name| fact.get(name).and_then(Value::as_str).unwrap_or_default();
                lines.push(format!("{}: {}", part("title"), part("value")));
            }
        }
        lines
    }
}

/// What the inbox holds, oldest first.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Contents {
    /// Mails.
    pub messages: VecDeque<Message>,
    /// Webhook calls.
    pub cards: VecDeque<Card>,
}

/// The shelf that both servers put things on.
#[derive(Clone)]
struct Shelf {
    contents: Arc<Mutex<Contents>>,
    changed: Arc<watch::Sender<u64>>,
}

impl Shelf {
    fn add(&self, put: impl FnOnce(&mut Contents)) {
        {
            let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
            put(&mut contents);
            if contents.messages.len() > MAX_KEPT {
                contents.messages.pop_front();
            }
            if contents.cards.len() > MAX_KEPT {
                contents.cards.pop_front();
            }
        }
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn contents(&self) -> Contents {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The running inbox. Dropped, it stops listening.
pub struct Inbox {
    shelf: Shelf,
    smtp: SocketAddr,
    webhook: SocketAddr,
    servers: [JoinHandle<()>; 2],
}

impl Inbox {
    /// Starts both servers on free ports of the loopback address.
    pub async fn start() -> std::io::Result<Self> {
        Self::start_at(0, 0).await
    }

    /// Starts both servers on these ports of the loopback address; 0 takes a free one.
    pub async fn start_at(smtp_port: u16, webhook_port: u16) -> std::io::Result<Self> {
        let smtp_listener = TcpListener::bind((Ipv4Addr::LOCALHOST, smtp_port)).await?;
        let webhook_listener = TcpListener::bind((Ipv4Addr::LOCALHOST, webhook_port)).await?;
        let (smtp, webhook) = (smtp_listener.local_addr()?, webhook_listener.local_addr()?);
        let shelf = Shelf { contents: Arc::default(), changed: Arc::new(watch::Sender::new(0)) };
        let servers = [
            tokio::spawn(smtp::serve(smtp_listener, shelf.clone())),
            tokio::spawn(webhook::serve(webhook_listener, shelf.clone())),
        ];
        Ok(Self { shelf, smtp, webhook, servers })
    }

    /// The port of the mail server.
    pub fn smtp_port(&self) -> u16 {
        self.smtp.port()
    }

    /// The URL of the webhook. Every path is taken.
    pub fn teams_url(&self) -> String {
        format!("http://{}/teams", self.webhook)
    }

    /// The allow list entries (`outbound.allow`) that let flows reach this inbox and nothing else.
    pub fn allow_list(&self) -> String {
        format!("127.0.0.1/32:{}, 127.0.0.1/32:{}", self.smtp.port(), self.webhook.port())
    }

    /// The mails so far, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.shelf.contents().messages.into()
    }

    /// The webhook calls so far, oldest first.
    pub fn cards(&self) -> Vec<Card> {
        self.shelf.contents().cards.into()
    }

    /// Waits until the contents are as wanted, at most this long; says whether they are.
    pub async fn wait_until(&self, at_most: Duration, mut wanted: impl FnMut(&Contents) -> bool) -> bool {
        let mut changes = self.shelf.changed.subscribe();
        let waiting = async {
            loop {
                if wanted(&self.shelf.contents()) {
                    return true;
                }
                if changes.changed().await.is_err() {
                    return false;
                }
            }
        };
        tokio::time::timeout(at_most, waiting).await.unwrap_or(false)
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

#[cfg(test)]
mod tests;
