//! The sender against a scripted mail server on this machine.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::*;

/// A mail server for one dialogue: `answer(line)` gives the reply; returns its port and what it was told.
async fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> (u16, oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut transcript = String::new();
        let mut in_data = false;
        write.write_all(b"220 test\r\n").await.expect("greeting");
        while let Ok(Some(line)) = lines.next_line().await {
            transcript.push_str(&line);
            transcript.push('\n');
            if in_data && line != "." {
                continue;
            }
            let reply = answer(&line);
            in_data = line == "DATA" && reply.starts_with('3');
            if write.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() || line == "QUIT" {
                break;
            }
        }
        let _ = tell.send(transcript);
    });
    (port, told)
}

/// What a friendly server says.
fn friendly(line: &str) -> String {
    match line.split([' ', ':']).next().unwrap_or_default() {
        "EHLO" => "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN".to_owned(),
        "AUTH" => "235 welcome".to_owned(),
        "DATA" => "354 go on".to_owned(),
        "QUIT" => "221 bye".to_owned(),
        "." => "250 taken as 42".to_owned(),
        _ => "250 ok".to_owned(),
    }
}

fn mailer() -> Mailer {
    Mailer::new("127.0.0.1/32".parse().expect("a policy"))
}

fn config(port: u16) -> SmtpConfig {
    SmtpConfig { security: Security::None, ..SmtpConfig::new("127.0.0.1", port, "Weir <weir@shop.example>") }
}

fn mail() -> Mail {
    Mail {
        to: vec!["ana@example.com; bo@example.com".to_owned()],
        subject: "Grüße".to_owned(),
        text: Some("hello\n.\nend".to_owned()),
        html: Some("<p>hello</p>".to_owned()),
        key: "run_1".to_owned(),
        ..Mail::default()
    }
}

#[tokio::test]
async fn a_mail_is_handed_over_to_every_recipient() {
    let (port, told) = serve(friendly).await;
    let receipt = mailer().send(&config(port), &mail()).await.expect("sent");
    assert_eq!((receipt.message_id.as_str(), receipt.recipients), ("<run_1@shop.example>", 2));
    assert!(receipt.answer.contains("taken as 42"), "{receipt:?}");
    let told = told.await.expect("a transcript");
    for line in ["MAIL FROM:<weir@shop.example>", "RCPT TO:<ana@example.com>", "RCPT TO:<bo@example.com>"] {
        assert!(told.contains(line), "{told}");
    }
    assert!(told.contains("Subject: =?utf-8?b?") && told.ends_with("QUIT\n"), "{told}");
}

#[tokio::test]
async fn a_check_signs_in_and_sends_nothing() {
    let (port, told) = serve(friendly).await;
    let signed =
        SmtpConfig { username: Some("u".to_owned()), password: Some("canary".into()), ..config(port) };
    mailer().check(&signed).await.expect("it works");
    let told = told.await.expect("a transcript");
    assert!(told.contains("AUTH") && told.contains("NOOP") && !told.contains("MAIL"), "{told}");
    let refuse = |line: &str| if line.starts_with("AUTH") { "535 no".to_owned() } else { friendly(line) };
    let (port, _told) = serve(refuse).await;
    let error = mailer().check(&SmtpConfig { port, ..signed }).await.expect_err("refused");
    assert_eq!(error.code(), "mailSignIn");
}

#[tokio::test]
async fn nothing_is_said_in_the_clear_when_starttls_is_asked_for_and_not_offered() {
    let (port, told) = serve(friendly).await;
    let secure = SmtpConfig {
        security: Security::StartTls,
        username: Some("u".to_owned()),
        password: Some("canary".into()),
        ..config(port)
    };
    let error = mailer().send(&secure, &mail()).await.expect_err("refused");
    assert_eq!((error.code(), error.is_temporary()), ("startTlsMissing", false));
    let told = told.await.expect("a transcript");
    assert!(!told.contains("AUTH") && !told.contains("MAIL"), "{told}");
}

#[tokio::test]
async fn refusals_say_whether_trying_later_helps() {
    let cases = [
        ("MAIL", "451 later", "mailRefused", true),
        ("RCPT", "450 mailbox busy", "mailRefused", true),
        ("RCPT", "550 no such user", "mailRefused", false),
        ("DATA", "421 closing", "mailRefused", true),
        (".", "554 spam", "mailRefused", false),
        ("AUTH", "535 wrong password", "mailSignIn", false),
        ("AUTH", "454 try later", "mailSignIn", true),
    ];
    for (verb, reply, code, temporary) in cases {
        let (port, _told) =
            serve(move |line| if line.starts_with(verb) { reply.to_owned() } else { friendly(line) }).await;
        let signed =
            SmtpConfig { username: Some("u".to_owned()), password: Some("canary".into()), ..config(port) };
        let error = mailer().send(&signed, &mail()).await.expect_err(reply);
        assert_eq!((error.code(), error.is_temporary()), (code, temporary), "{verb} {reply}: {error}");
        let words = reply.split_once(' ').expect("words").1;
        assert!(error.to_string().contains(words), "{error}");
        assert!(!format!("{error:?} {signed:?}").contains("canary"));
    }
}

#[tokio::test]
async fn the_guard_stands_before_the_mail_server_too() {
    let (port, _told) = serve(friendly).await;
    let guarded = Mailer::new(AddressPolicy::public_only());
    for host in ["127.0.0.1", "localhost", "::1", "[::1]", "::ffff:127.0.0.1"] {
        let inside = SmtpConfig { host: host.to_owned(), ..config(port) };
        assert_eq!(guarded.send(&inside, &mail()).await.expect_err(host).code(), "blockedAddress", "{host}");
    }
}

#[tokio::test]
async fn a_silent_server_is_left_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let hasty = SmtpConfig { timeout: Duration::from_millis(200), ..config(port) };
    let error = mailer().send(&hasty, &mail()).await.expect_err("too slow");
    assert_eq!((error.code(), error.is_temporary()), ("timeout", true));
}

#[tokio::test]
async fn a_server_without_tls_is_no_temporary_trouble() {
    let (port, _told) = serve(friendly).await;
    let secure = SmtpConfig { security: Security::Tls, ..config(port) };
    let error = mailer().send(&secure, &mail()).await.expect_err("no TLS there");
    assert_eq!((error.code(), error.is_temporary()), ("tls", false), "{error}");
}
