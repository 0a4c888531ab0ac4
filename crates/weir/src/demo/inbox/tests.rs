//! The inbox, called by the program's own way out and by hand.

use outbound::{Body, HttpClient, Mail, Mailer, Method, Request, Security, SmtpConfig};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

const SOON: Duration = Duration::from_secs(5);

/// Sends `lines` to the mail server and returns all it says until it closes.
async fn talk(inbox: &Inbox, lines: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", inbox.smtp_port())).await.expect("a connection");
    let mut said = Vec::new();
    // The server may close before everything is written: that is one of its answers.
    let _ = stream.write_all(lines.as_bytes()).await;
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut said)).await;
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_mail_of_our_own_arrives_as_it_was_meant() {
    let inbox = Inbox::start().await.expect("started");
    let mailer = Mailer::new(inbox.allow_list().parse().expect("a policy"));
    let config = SmtpConfig {
        security: Security::None,
        ..SmtpConfig::new("127.0.0.1", inbox.smtp_port(), "Weir <weir@shop.example>")
    };
    let text = "Members: 950 → 1,012\n.\n..\nend =20".to_owned();
    let mail = Mail {
        to: vec!["Ana <ana@shop.example>, bo@shop.example".to_owned()],
        subject: "Die Größe stieg über 1.000: „Stammkunden“ in einem ziemlich langen Betreff, der umbricht"
            .to_owned(),
        text: Some(text.clone()),
        html: Some("<p>950 → 1,012</p>".to_owned()),
        key: "run_1".to_owned(),
        ..Mail::default()
    };
    mailer.send(&config, &mail).await.expect("sent");
    assert!(inbox.wait_until(SOON, |contents| contents.messages.len() == 1).await);
    let messages = inbox.messages();
    let message = messages.first().expect("a mail");
    assert_eq!(message.from, "weir@shop.example");
    assert_eq!(message.to, ["ana@shop.example", "bo@shop.example"]);
    assert_eq!(message.subject, mail.subject);
    assert_eq!(message.text.as_deref(), Some(text.as_str()));
    assert_eq!(message.html, mail.html);
    assert_eq!(message.message_id.as_deref(), Some("<run_1@shop.example>"));
}

#[tokio::test]
async fn a_webhook_call_is_kept_and_answered_like_teams() {
    let inbox = Inbox::start().await.expect("started");
    let client = HttpClient::new(inbox.allow_list().parse().expect("a policy"));
    let card = json!({"type": "message", "attachments": [{"content": {"body": [
        {"type": "TextBlock", "text": "Refresh failed"},
        {"type": "FactSet", "facts": [{"title": "Source", "value": "shop"}]}
    ]}}]});
    let call = |body: Body| {
        Request::new(Method::Post, &inbox.teams_url())
            .and_then(|request| request.header("Idempotency-Key", "run_1"))
            .and_then(|request| request.body(body))
            .expect("a request")
    };
    assert_eq!(client.send(call(Body::json(&card))).await.expect("an answer").status, 202);
    assert_eq!(client.send(call(Body::text("not JSON"))).await.expect("an answer").status, 202);
    let largest = "x".repeat(webhook::MAX_BODY_BYTES);
    assert_eq!(client.send(call(Body::text(largest.clone()))).await.expect("an answer").status, 202);
    assert_eq!(client.send(call(Body::text(largest + "x"))).await.expect("an answer").status, 413);
    let get = Request::new(Method::Get, &inbox.teams_url()).expect("a request");
    assert_eq!(client.send(get).await.expect("an answer").status, 405);
    let cards = inbox.cards();
    assert_eq!(cards.len(), 3);
    let first = cards.first().expect("a card");
    assert_eq!((first.path.as_str(), first.idempotency_key.as_deref()), ("/teams", Some("run_1")));
    assert_eq!(
        (&first.body, first.lines()),
        (&card, vec!["Refresh failed".to_owned(), "Source: shop".to_owned()])
    );
}

#[tokio::test]
async fn commands_out_of_order_or_unknown_are_refused_and_the_talk_goes_on() {
    let inbox = Inbox::start().await.expect("started");
    let said = talk(
        &inbox,
        "HELO x\r\nDATA\r\nRCPT TO:<b@c>\r\nMAIL FROM:a@b\r\nAUTH PLAIN x\r\nMAIL FROM:<a@b> SIZE=3\r\n\
         MAIL FROM:<a@b>\r\nRSET\r\nNOOP\r\nMAIL FROM:<>\r\nRCPT TO:<>\r\nrcpt to: <b@c>\r\nDATA\r\n\
         Subject: x\r\n\r\nlone\n.\nlf\r\n.\r\nQUIT\r\n",
    )
    .await;
    let codes: Vec<_> = said.lines().map(|line| line.get(..3).unwrap_or_default()).collect();
    let expected = "220 250 503 503 501 502 250 503 250 250 250 501 250 354 250 221";
    assert_eq!(codes.join(" "), expected, "{said}");
    let messages = inbox.messages();
    assert_eq!(messages.first().and_then(|message| message.text.as_deref()), Some("lone\n\nlf\n"));
}

#[tokio::test]
async fn nothing_grows_without_bound() {
    let inbox = Inbox::start().await.expect("started");
    let too_long = "x".repeat(smtp::MAX_LINE_BYTES + 1);
    assert!(talk(&inbox, &format!("NOOP {too_long}\r\n")).await.contains("\r\n500 "));
    let head = "MAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\nDATA\r\n";
    let line = format!("{}\r\n", "x".repeat(998));
    let large = line.repeat(smtp::MAX_MESSAGE_BYTES / line.len() + 1);
    assert!(!talk(&inbox, &format!("{head}{large}.\r\n")).await.contains("250 kept"));
    let recipients = "RCPT TO:<b@c>\r\n".repeat(smtp::MAX_RECIPIENTS + 1);
    let said = talk(&inbox, &format!("MAIL FROM:<a@b>\r\n{recipients}QUIT\r\n")).await;
    assert_eq!(said.matches("452 ").count(), 1, "{}", said.len());
    assert!(inbox.messages().is_empty());
    let mail = format!("{head}Subject: x\r\n\r\n.\r\n");
    talk(&inbox, &format!("{}QUIT\r\n", mail.repeat(MAX_KEPT + 1))).await;
    assert_eq!(inbox.messages().len(), MAX_KEPT);
}

#[tokio::test]
async fn waiting_ends_when_it_must() {
    let inbox = Inbox::start().await.expect("started");
    assert!(!inbox.wait_until(Duration::from_millis(20), |contents| !contents.cards.is_empty()).await);
    assert!(inbox.wait_until(Duration::ZERO, |_| true).await);
}

#[tokio::test]
async fn a_dropped_inbox_no_longer_listens() {
    let inbox = Inbox::start().await.expect("started");
    let port = inbox.smtp_port();
    drop(inbox);
    tokio::task::yield_now().await;
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
}
