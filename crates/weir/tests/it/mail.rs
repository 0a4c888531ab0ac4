//! A mail that a mail server of other people takes: aiosmtpd, and Python's own reader of mails.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::support::shop::{bare, manual_flow};

/// Prints its port, then each mail as one line of JSON.
const SERVER: &str = r#"
import asyncio, email, email.policy, json
from aiosmtpd.smtp import SMTP

class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "type": mail.get_content_type(), "parts": parts,
            "subject": mail["Subject"], "id": mail["Message-ID"], "date": mail["Date"],
            "defects": [repr(defect) for part in mail.walk() for defect in part.defects],
        }), flush=True)
        return "250 taken"

async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler()), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"#;

#[tokio::test]
async fn a_real_mail_server_takes_the_mail_and_finds_nothing_wrong_with_it() {
    let Ok(python) = std::env::var("WEIR_TEST_PYTHON") else {
        println!("skipped: WEIR_TEST_PYTHON is not set; `cargo xtask test` installs aiosmtpd and sets it");
        return;
    };
    let mut server = Command::new(python);
    server.args(["-c", SERVER]).stdout(Stdio::piped()).kill_on_drop(true);
    let mut server = server.spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let port = lines.next_line().await.unwrap().expect("aiosmtpd listens");

    let project = bare();
    project.replace("weir.yaml", "port: 25,", &format!("port: {port},"));
    let host = json!({
        "apiId": "/providers/Microsoft.PowerApps/apis/shared_office365",
        "connectionName": "mail",
        "operationId": "SendEmailV2",
    });
    let parameters = json!({
        "emailMessage/To": "owners@shop.example;second@shop.example",
        "emailMessage/Subject": "Grüße: 950 → 1,012",
        "emailMessage/Body": "<p>Hello Ana,</p>\r\n<p>.dots at the start, € and “quotes”</p>\r\n.\r\n<p>the end</p>",
    });
    let inputs = json!({"host": host, "parameters": parameters});
    project.write(
        "flows/send.json",
        manual_flow(&json!({
            "Send": {"type": "OpenApiConnection", "runAfter": {}, "inputs": inputs}
        })),
    );
    project.json(&["apply"]).await;
    let run = project.json(&["flow", "run", "send"]).await;
    assert_eq!(run["status"], "Succeeded", "{run:#}");

    let mail: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
    assert_eq!(mail["from"], "weir@shop.example", "{mail:#}");
    assert_eq!(mail["to"], json!(["owners@shop.example", "second@shop.example"]), "{mail:#}");
    assert_eq!(
        (&mail["type"], &mail["subject"]),
        (&"multipart/alternative".into(), &"Grüße: 950 → 1,012".into())
    );
    let html = mail["parts"]["text/html"].as_str().unwrap();
    assert!(html.contains("€ and “quotes”") && html.contains("<p>the end</p>"), "{mail:#}");
    let text = mail["parts"]["text/plain"].as_str().unwrap();
    assert!(text.contains("Hello Ana,") && text.contains("the end") && !text.contains("<p>"), "{mail:#}");
    assert!(mail["id"].as_str().is_some_and(|id| id.starts_with('<') && id.contains('@')), "{mail:#}");
    assert!(mail["date"].is_string());
    assert_eq!(mail["defects"], json!([]), "{mail:#}");
}
