//! The mail server of the inbox: the minimum of RFC 5321 that a client needs, with bounds on everything.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::{Message, Shelf, mime};

/// Bytes of one mail.
pub(super) const MAX_MESSAGE_BYTES: usize = 10 * 1024 * 1024;
/// Bytes of one line, its end included (RFC 5321 §4.5.3.1 asks for 512 and 1000 at least).
pub(super) const MAX_LINE_BYTES: usize = 4096;
/// Recipients of one mail.
pub(super) const MAX_RECIPIENTS: usize = 500;
/// Commands in one connection.
const MAX_COMMANDS: usize = 10_000;
/// Connections at a time.
const MAX_CONNECTIONS: usize = 32;
/// How long a client may be silent.
const IDLE: Duration = Duration::from_secs(60);

/// Takes mail until the task is aborted.
pub(super) async fn serve(listener: TcpListener, shelf: Shelf) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // Connections end with the inbox, because the set is dropped with this task.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let shelf = shelf.clone();
                connections.spawn(async move {
                    // A client that breaks off loses only its own mail.
                    let _ = converse(stream, &shelf).await;
                    drop(place);
                });
            }
            // Out of file handles, for example: it passes.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// The mail that is being handed over.
#[derive(Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

async fn converse(stream: TcpStream, shelf: &Shelf) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut reader = BufReader::new(read);
    let mut envelope = Envelope::default();
    write.write_all(b"220 weir demo inbox\r\n").await?;
    for _ in 0..MAX_COMMANDS {
        let Some(line) = read_line(&mut reader).await? else {
            return write.write_all(b"500 the line is too long, or you were silent for too long\r\n").await;
        };
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let reply = match verb.as_str() {
            "" => return Ok(()),
            "EHLO" => {
                envelope = Envelope::default();
                format!("250-weir demo inbox\r\n250-SIZE {MAX_MESSAGE_BYTES}\r\n250-8BITMIME\r\n250 SMTPUTF8")
            }
            "DATA" if envelope.from.is_some() && !envelope.to.is_empty() => {
                write.write_all(b"354 end with a line of one dot\r\n").await?;
                let Some(content) = read_content(&mut reader).await? else {
                    return write.write_all(b"552 the mail or a line of it is too large\r\n").await;
                };
                keep(shelf, std::mem::take(&mut envelope), &content);
                "250 kept".to_owned()
            }
            "QUIT" => return write.write_all(b"221 bye\r\n").await,
            _ => answer(&verb, &line, &mut envelope).to_owned(),
        };
        write.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    write.write_all(b"421 too many commands\r\n").await
}

/// The commands that only change the envelope.
fn answer(verb: &str, line: &str, envelope: &mut Envelope) -> &'static str {
    match verb {
        "HELO" | "RSET" => {
            *envelope = Envelope::default();
            "250 ok"
        }
        "NOOP" => "250 ok",
        "MAIL" => match path(line, "FROM:") {
            _ if envelope.from.is_some() => "503 one mail after the other",
            Some(from) => {
                envelope.from = Some(from);
                "250 ok"
            }
            None => "501 write MAIL FROM:<address>",
        },
        "RCPT" => match path(line, "TO:") {
            _ if envelope.from.is_none() => "503 first MAIL FROM",
            _ if envelope.to.len() >= MAX_RECIPIENTS => "452 too many recipients",
            Some(to) if !to.is_empty() => {
                envelope.to.push(to);
                "250 ok"
            }
            _ => "501 write RCPT TO:<address>",
        },
        "DATA" => "503 first MAIL FROM and RCPT TO",
        "VRFY" => "252 it will be kept",
        _ => "502 not known here",
    }
}

/// The address of `MAIL FROM:<address> …` or `RCPT TO:<address> …`.
fn path(line: &str, keyword: &str) -> Option<String> {
    let (_, rest) = line.split_once(' ')?;
    let rest = rest.trim_start();
    let start = rest.get(..keyword.len()).filter(|start| start.eq_ignore_ascii_case(keyword))?;
    let (address, _) = rest.get(start.len()..)?.trim_start().strip_prefix('<')?.split_once('>')?;
    Some(address.to_owned())
}

/// One line with its end, empty at the end of the stream, `None` when it is too long or too late.
async fn read_line(reader: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut bounded = reader.take(MAX_LINE_BYTES as u64 + 1);
    let read = tokio::time::timeout(IDLE, bounded.read_until(b'\n', &mut line)).await;
    let Ok(read) = read else { return Ok(None) };
    read?;
    Ok((line.len() <= MAX_LINE_BYTES).then_some(line))
}

/// The mail up to the line of one dot, with doubled dots undone; `None` when it is too large or breaks off.
async fn read_content(reader: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    loop {
        let Some(line) = read_line(reader).await? else { return Ok(None) };
        if line.is_empty() || content.len().saturating_add(line.len()) > MAX_MESSAGE_BYTES {
            return Ok(None);
        }
        // Only CR LF ends a mail: a lone LF must not smuggle a second one in.
        if line == b".\r\n" {
            return Ok(Some(content));
        }
        let line = if line.starts_with(b".") { line.get(1..).unwrap_or_default() } else { &line };
        content.extend_from_slice(line);
    }
}

fn keep(shelf: &Shelf, envelope: Envelope, content: &[u8]) {
    let parsed = mime::parse(content);
    let message = Message {
        from: envelope.from.unwrap_or_default(),
        to: envelope.to,
        subject: parsed.header("subject").unwrap_or_default(),
        message_id: parsed.header("message-id"),
        text: parsed.text,
        html: parsed.html,
        bytes: content.len(),
        received_at: Timestamp::now(),
    };
    shelf.add(|contents| contents.messages.push_back(message));
}
