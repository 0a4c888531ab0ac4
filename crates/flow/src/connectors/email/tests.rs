//! The connector against a mail server on this machine.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::*;
use crate::connectors::testing::{clock, connection, failure, local, request};

/// Takes one mail, refusing a recipient with `refusal` if there is one; gives its port and what it was told.
async fn serve(refusal: Option<&'static str>) -> (u16, oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let (mut transcript, mut in_data) = (String::new(), false);
        let _ = write.write_all(b"220 test\r\n").await;
        while let Ok(Some(line)) = lines.next_line().await {
            transcript.push_str(&line);
            transcript.push('\n');
            if in_data && line != "." {
                continue;
            }
            let reply = match (line.as_str(), refusal) {
                ("DATA", _) => "354 go on",
                (line, Some(refusal)) if line.starts_with("RCPT") => refusal,
                _ => "250 ok",
            };
            in_data = line == "DATA";
            if write.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() || line == "QUIT" {
                break;
            }
        }
        let _ = tell.send(transcript);
    });
    (port, told)
}

fn server(port: u16) -> Connection {
    let config =
        json!({"host": "127.0.0.1", "port": port, "security": "none", "from": "Weir <weir@shop.example>"});
    connection("email", config)
}

async fn call(operation: &str, port: u16, parameters: Value) -> CallOutcome {
    Email::new(Mailer::new(local()), clock()).call(request(operation, Some(server(port)), parameters)).await
}

#[tokio::test]
async fn a_mail_goes_out_with_both_forms_and_the_key_as_its_id() {
    let (port, told) = serve(None).await;
    let outcome = call(
        "send",
        port,
        json!({"to": ["a@shop.example", "b@shop.example; c@shop.example"], "bcc": "d@shop.example",
               "replyTo": "owner@shop.example", "subject": "Level crossed", "importance": "High",
               "html": "<p>950 &rarr; 1,012</p>"}),
    )
    .await;
    let CallOutcome::Response { status_code, body, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(
        (status_code, &body["messageId"], &body["recipients"]),
        (200, &json!("<key-1@shop.example>"), &json!(4))
    );
    let told = told.await.expect("a transcript");
    for line in [
        "RCPT TO:<d@shop.example>",
        "Message-ID: <key-1@shop.example>",
        "Subject: Level crossed",
        "Reply-To: owner@shop.example",
        "Importance: high",
        "950 =E2=86=92 1,012",
        "<p>950 &rarr; 1,012</p>",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
}

#[tokio::test]
async fn office_365_parameters_say_the_same() {
    let (port, told) = serve(None).await;
    let outcome = call(
        "sendEmailV2",
        port,
        json!({"emailMessage/To": "a@shop.example;", "emailMessage/Subject": "S", "emailMessage/Body": "<p>Hi</p>",
               "emailMessage/Importance": "Normal", "emailMessage/Sensitivity": "Private"}),
    )
    .await;
    assert!(matches!(outcome, CallOutcome::Response { status_code: 200, .. }), "{outcome:?}");
    assert!(told.await.expect("a transcript").contains("RCPT TO:<a@shop.example>"));
    let (port, told) = serve(None).await;
    let nested = json!({"emailMessage": {"To": "n@shop.example", "Subject": "S", "Body": "Hi"}});
    assert!(matches!(call("SendEmailV2", port, nested).await, CallOutcome::Response { .. }));
    assert!(told.await.expect("a transcript").contains("RCPT TO:<n@shop.example>"));
}

#[tokio::test]
async fn files_are_attached_under_their_names_without_folders() {
    let (port, told) = serve(None).await;
    let files = json!([
        {"Name": "C:\\out\\report.pdf", "ContentBytes": "JVBERg=="},
        {"name": "note.bin", "contentBytes": {"$content-type": "image/png", "$content": "/w=="}},
    ]);
    let parameters = json!({"request/to": "a@shop.example", "request/subject": "S", "request/text": "<p>Hi</p>",
                            "request/attachments": files});
    assert!(matches!(call("SendEmailV3", port, parameters).await, CallOutcome::Response { .. }));
    let told = told.await.expect("a transcript");
    for part in ["filename=\"report.pdf\"", "application/pdf", "image/png", "/w=="] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[tokio::test]
async fn a_test_signs_in_and_sends_nothing() {
    let (port, told) = serve(None).await;
    let test = TestRequest {
        connection: server(port),
        send: false,
        deadline: request("", None, json!({})).deadline,
    };
    let tested = Email::new(Mailer::new(local()), clock()).test(test).await;
    assert!(matches!(&tested, Tested::Works(_)), "{tested:?}");
    assert!(!told.await.expect("a transcript").contains("MAIL"));
}

#[tokio::test]
async fn a_body_is_text_unless_it_is_said_to_be_html() {
    for (is_html, as_html) in [(json!(null), false), (json!(false), false), (json!(true), true)] {
        let (port, told) = serve(None).await;
        let parameters =
            json!({"to": "a@shop.example", "subject": "S", "body": "a <b>c</b>", "isHtml": is_html});
        call("send", port, parameters).await;
        let told = told.await.expect("a transcript");
        assert!(told.contains("text/plain"), "{told}");
        assert_eq!(told.contains("text/html"), as_html, "{told}");
    }
}

#[tokio::test]
async fn a_refusal_is_retried_only_when_the_server_says_later() {
    let mail = json!({"to": "a@shop.example", "subject": "S", "text": "T"});
    let (port, _told) = serve(Some("450 try later")).await;
    let outcome = call("send", port, mail.clone()).await;
    assert!(matches!(&outcome, CallOutcome::Retryable { code, .. } if code == "MailRefused"), "{outcome:?}");
    let (port, _told) = serve(Some("550 no such user")).await;
    let outcome = call("send", port, mail).await;
    assert!(
        matches!(&outcome, CallOutcome::Permanent { code, message }
            if code == "MailRefused" && message.contains("no such user")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_before_anything_is_sent() {
    for (operation, parameters, words) in [
        ("send", json!({"subject": "S", "text": "T"}), "'to'"),
        ("send", json!({"to": " ", "subject": "S", "text": "T"}), "'to'"),
        ("send", json!({"to": "a@b.example", "text": "T"}), "'subject'"),
        ("send", json!({"to": "a@b.example", "subject": "S"}), "'text', 'html' and 'body'"),
        ("send", json!({"to": "a@b.example", "subject": "S", "text": "T", "body": "B"}), "together"),
        ("send", json!({"to": "a@b.example", "subject": "S", "body": "B", "isHtml": "yes"}), "'isHtml'"),
        (
            "send",
            json!({"to": "a@b.example", "subject": "S", "text": "T", "importance": "urgent"}),
            "Low, Normal",
        ),
        ("send", json!({"to": {"a": 1}, "subject": "S", "text": "T"}), "'to'"),
        ("send", json!({"to": "nobody", "subject": "S", "text": "T"}), "not a mail address"),
        ("send", json!({"to": "a@b.example", "subject": "S\r\nBcc: c@d.example", "text": "T"}), "line break"),
        ("send", json!({"to": "a@b.example", "subjekt": "S"}), "no parameter 'subjekt'"),
        (
            "SendEmailV2",
            json!({"emailMessage/To": "a@b.example", "emailMessage/Subject": "S"}),
            "emailMessage/Body",
        ),
    ] {
        let (code, message) = failure(call(operation, 9, parameters).await);
        assert!(code == "BadRequest" && message.contains(words), "{words}: {code} {message}");
    }
    for (files, words) in [
        (json!([{"Name": "a"}]), "'ContentBytes'"),
        (json!([{"Name": "a/", "ContentBytes": ""}]), "'Name'"),
        (json!([{"Name": "a", "ContentBytes": "%"}]), "not base64"),
        (json!("a.pdf"), "must be an array"),
    ] {
        let attached = json!({"emailMessage/To": "a@b.example", "emailMessage/Subject": "S",
                              "emailMessage/Body": "x", "emailMessage/Attachments": files});
        let (code, message) = failure(call("SendEmailV2", 9, attached).await);
        assert!(code == "BadRequest" && message.contains(words), "{words}: {code} {message}");
    }
}

#[tokio::test]
async fn a_connection_is_read_with_sensible_defaults_and_its_mistakes_are_named() {
    let read =
        |config: Value| config_of(config).map(|config| (config.port, config.security)).map_err(failure);
    let base = |more: Value| {
        let mut config = json!({"host": "mail.example", "from": "weir@shop.example"});
        config.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        config
    };
    for (more, expected) in [
        (json!({}), (587, Security::StartTls)),
        (json!({"port": 465}), (465, Security::Tls)),
        (json!({"port": "2525"}), (2525, Security::StartTls)),
        (json!({"security": "tls"}), (465, Security::Tls)),
        (json!({"port": 25, "security": "none"}), (25, Security::None)),
    ] {
        assert_eq!(read(base(more.clone())), Ok(expected), "{more}");
    }
    for (config, words) in [
        (json!({"from": "weir@shop.example"}), "`host`"),
        (json!({"host": "mail.example"}), "`from`"),
        (base(json!({"port": 0})), "`port`"),
        (base(json!({"port": 65536})), "`port`"),
        (base(json!({"port": -1})), "`port`"),
        (base(json!({"security": "ssl"})), "`security`"),
    ] {
        let (_, message) = read(config).expect_err(words);
        assert!(message.contains(words) && message.contains("main"), "{message}");
    }
}

fn config_of(config: Value) -> Result<SmtpConfig, CallOutcome> {
    super::config(&connection("email", config))
}
