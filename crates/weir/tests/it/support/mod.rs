//! What the tests share: a project folder, the binary run in it, and servers that record what reaches them.

pub(crate) mod receiver;
pub(crate) mod served;
pub(crate) mod shop;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// How long anything may take before a test gives up. Generous: the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// A folder with definitions and data, and the environment that commands in it get.
pub(crate) struct Project {
    folder: TempDir,
    variables: Vec<(String, OsString)>,
}

impl Project {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), variables: Vec::new() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path(".weir/weir.db")
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Changes a file's text; what is replaced must be there.
    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no {from:?}:\n{text}");
        self.write(name, text.replace(from, to));
    }

    /// Sets a variable for all commands to come.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.into()));
    }

    /// A command that has not started. It dies with the test.
    pub(crate) fn command<S: AsRef<str>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
        command.args(args.iter().map(AsRef::as_ref)).current_dir(self.folder.path());
        for name in ["WEIR_PROJECT", "WEIR_DATA", "WEIR_LISTEN", "WEIR_KEEP_ROWS", "WEIR_LOG", "WEIR_NOW"] {
            command.env_remove(name);
        }
        command.env("WEIR_LANGUAGE", "en");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn weir<S: AsRef<str>>(&self, args: &[S]) -> Answer {
        self.weir_with_input(args, "").await
    }

    /// Runs a command that reads `input`.
    pub(crate) async fn weir_with_input<S: AsRef<str>>(&self, args: &[S], input: &str) -> Answer {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let feed = async {
            // A command that reads nothing has closed its end.
            let _ = stdin.write_all(input.as_bytes()).await;
            drop(stdin);
        };
        let ended = async { tokio::join!(feed, child.wait_with_output()).1 };
        let shown = args.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" ");
        let output = tokio::time::timeout(PATIENCE, ended).await;
        let output = output.unwrap_or_else(|_| panic!("weir {shown} did not end")).unwrap();
        Answer {
            command: shown,
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command with `--json`; it must end with exit code 0.
    pub(crate) async fn json(&self, args: &[&str]) -> Value {
        let args = [args, &["--json"]].concat();
        self.weir(&args).await.ends_with(0).json()
    }

    /// The rows of a query, as JSON objects.
    pub(crate) async fn query(&self, sql: &str) -> Vec<Value> {
        let answer = self.weir(&["query", sql, "--json"]).await.ends_with(0);
        answer.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The one number that a query of one row and one column gives.
    pub(crate) async fn number(&self, sql: &str) -> f64 {
        let rows = self.query(sql).await;
        let [row] = rows.as_slice() else { panic!("{sql} gave {rows:?}") };
        row.as_object().unwrap().values().next().unwrap().as_f64().unwrap()
    }
}

/// How a command ended and what it printed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) command: String,
    /// None when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    /// The command must have ended with this exit code.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        let Self { command, out, err, .. } = &self;
        assert_eq!(self.code, Some(code), "weir {command}\nstdout:\n{out}\nstderr:\n{err}");
        self
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let Self { command, out, err, .. } = self;
        serde_json::from_str(out)
            .unwrap_or_else(|error| panic!("weir {command} is no JSON: {error}\n{out}\nstderr:\n{err}"))
    }
}

/// The values of an array that have `key: value`.
pub(crate) fn with<'a>(array: &'a Value, key: &str, value: &str) -> Vec<&'a Value> {
    array.as_array().unwrap().iter().filter(|each| each[key] == value).collect()
}

/// The only value of an array that has `key: value`.
#[track_caller]
pub(crate) fn only<'a>(array: &'a Value, key: &str, value: &str) -> &'a Value {
    let found = with(array, key, value);
    let [one] = found.as_slice() else { panic!("{} with {key}={value} in {array:#}", found.len()) };
    one
}

/// Waits until `wanted` is true.
pub(crate) async fn until<F: AsyncFnMut() -> bool>(what: &str, mut wanted: F) {
    let started = Instant::now();
    while !wanted().await {
        assert!(started.elapsed() < PATIENCE, "gave up waiting until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Sends a signal (`TERM`, `INT`) to a process.
pub(crate) fn signal(name: &str, process: u32) {
    let status =
        std::process::Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    assert!(status.unwrap().success(), "kill -{name} {process}");
}

/// A fixed state store opened beside the program, to look into.
pub(crate) async fn open_state(path: &Path) -> sqlx::SqliteConnection {
    use sqlx::ConnectOptions;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE);
    options.connect().await.unwrap()
}
