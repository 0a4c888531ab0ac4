//! A `weir serve` that runs, on a free port.

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Child;

use super::{PATIENCE, Project, signal};

/// A running server. Dropped, it is killed.
pub(crate) struct Served {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
}

impl Served {
    /// Starts the server and waits until it listens.
    pub(crate) async fn start(project: &Project) -> Self {
        let mut command = project.command(&["serve", "--listen", "127.0.0.1:0"]);
        // Nobody reads its standard output.
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let mut address = None;
        let listening = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                log.lock().unwrap().push_str(&format!("{line}\n"));
                if let Some((_, after)) = line.split_once("weir serves on http://") {
                    address = after.split(';').next().map(str::to_owned);
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, listening).await.expect("weir serve listens");
        let address = address.unwrap_or_else(|| panic!("weir serve ended:\n{}", log.lock().unwrap()));
        let rest = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                rest.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        Self { child, address, log }
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Asks it: status and whole answer.
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        self.send("GET", path, "").await
    }

    /// Asks it with a token: status and the JSON of the answer.
    pub(crate) async fn ask(&self, token: &str, path: &str) -> (u16, Value) {
        let (status, answer) = self.send("GET", path, &format!("Authorization: Bearer {token}\r\n")).await;
        let body = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no body: {answer}")).1;
        (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{path}: {error}: {answer}")))
    }

    /// Sends a request with header lines of its own: status and whole answer.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &str) -> (u16, String) {
        self.send_with_body(method, path, headers, "").await
    }

    async fn send_with_body(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let host = &self.address;
        let asked =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n{body}");
        stream.write_all(asked.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer)
    }

    /// Sends a form, as a browser does: status and whole answer.
    pub(crate) async fn post_form(&self, path: &str, form: &str) -> (u16, String) {
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let headers = format!("{kind}\r\nContent-Length: {}\r\n", form.len());
        self.send_with_body("POST", path, &headers, form).await
    }

    /// Kills it, as a power cut would.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to stop; gives how it ended, or fails when it takes longer than `at_most`.
    pub(crate) async fn stop(mut self, at_most: Duration) -> ExitStatus {
        signal("TERM", self.process());
        let ended = tokio::time::timeout(at_most, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("still there after {at_most:?}:\n{}", self.log())).unwrap()
    }
}
