//! The MariaDB server that some tests use: started for this run alone, and gone after it.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::tools::{apt_install, free_port, is_root, quiet};

/// The variable that tells the tests where the server is: `mysql://user@host:port`.
pub(super) const VARIABLE: &str = "WEIR_TEST_MYSQL";
/// Where the server's program may be.
const PROGRAMS: [&str; 3] = ["/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd", "/usr/local/bin/mariadbd"];
/// How long the server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);
/// What makes a server quick and harmless: its data is thrown away, so nothing has to reach the disk.
const OPTIONS: [&str; 5] = [
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=OFF",
    "--skip-log-bin",
];

/// A server that runs until it is dropped, or one that was there.
pub(super) struct Server {
    /// Where it is.
    pub(super) url: String,
    /// Stopped at the end, if it was started for this run.
    _own: Option<Own>,
}

struct Own {
    data: PathBuf,
    server: Option<Child>,
}

/// The server of the environment, or one of our own.
///
/// # Errors
/// Why there is none, in a sentence for people.
pub(super) fn start() -> Result<Server, String> {
    if let Ok(url) = std::env::var(VARIABLE) {
        return Ok(Server { url, _own: None });
    }
    let missing =
        "MariaDB is missing (Debian: apt-get install mariadb-server-core): the tests that use it do nothing";
    let program = match program() {
        Some(program) => program,
        // Not mariadb-server, which would start a server of its own.
        None if is_root() && apt_install(&["mariadb-server-core", "mariadb-client-core"]) => {
            program().ok_or(missing)?
        }
        None => return Err(missing.to_owned()),
    };
    let port = free_port().ok_or("no port is free for MariaDB")?;
    let data = std::env::temp_dir().join(format!("weir-test-mariadb-{}", std::process::id()));
    let mut own = Own { data, server: None };
    if own.fill() && own.serve(program, port) {
        return Ok(Server { url: format!("mysql://root@127.0.0.1:{port}"), _own: Some(own) });
    }
    Err("MariaDB could not be started: the tests that use it do nothing".to_owned())
}

fn program() -> Option<&'static Path> {
    PROGRAMS.into_iter().map(Path::new).find(|program| program.exists())
}

impl Own {
    /// Makes the system's tables: anybody from this machine is root, without a password.
    fn fill(&self) -> bool {
        let mut command = Command::new("mariadb-install-db");
        command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
        command.arg(format!("--datadir={}", self.data.display()));
        quiet(as_this_user(&mut command))
    }

    /// Starts the server, and waits until it answers.
    fn serve(&mut self, program: &Path, port: u16) -> bool {
        let at = |name: &str| self.data.join(name).display().to_string();
        let mut command = Command::new(program);
        command.arg("--no-defaults").arg(format!("--datadir={}", self.data.display())).args(OPTIONS);
        command.args([format!("--port={port}"), format!("--socket={}", at("socket"))]);
        command.args([format!("--pid-file={}", at("pid")), format!("--log-error={}", at("log"))]);
        as_this_user(&mut command).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(mut server) = command.spawn() else { return false };
        let until = Instant::now() + PATIENCE;
        let mut answers = false;
        while !answers && Instant::now() < until && matches!(server.try_wait(), Ok(None)) {
            sleep(Duration::from_millis(100));
            answers = TcpStream::connect(("127.0.0.1", port)).is_ok();
        }
        self.server = Some(server);
        answers
    }
}

/// The server runs as root only when it is told to.
fn as_this_user(command: &mut Command) -> &mut Command {
    if is_root() { command.arg("--user=root") } else { command }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
        let _ = fs::remove_dir_all(&self.data);
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn a_server_of_our_own_is_gone_with_its_data_after_the_run() {
        if program().is_none() || std::env::var_os(VARIABLE).is_some() {
            return;
        }
        let server = start().unwrap();
        let port: u16 = server.url.rsplit_once(':').unwrap().1.parse().unwrap();
        let data = server._own.as_ref().unwrap().data.clone();
        assert!(data.exists() && TcpStream::connect(("127.0.0.1", port)).is_ok());
        drop(server);
        assert!(!data.exists() && TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}
