//! The PostgreSQL server that some tests use: started for this run alone, and gone after it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tools::{apt_install, free_port, is_root, quiet};

/// The variable that tells the tests where the server is: `postgres://user@host:port`.
pub(super) const VARIABLE: &str = "WEIR_TEST_POSTGRES";
/// Where Debian puts the servers, one folder per version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// What makes a server quick and harmless: its data is thrown away, so nothing has to reach the disk.
const OPTIONS: &str = "-c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off";

/// A server that runs until it is dropped, or one that was there.
pub(super) struct Server {
    /// Where it is.
    pub(super) url: String,
    /// Stopped at the end, if it was started for this run.
    _own: Option<Own>,
}

struct Own {
    programs: PathBuf,
    data: PathBuf,
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
        "PostgreSQL is missing (Debian: apt-get install postgresql): the tests that use it do nothing";
    let programs = match programs() {
        Some(programs) => programs,
        None if is_root() && apt_install(&["postgresql"]) => programs().ok_or(missing)?,
        None => return Err(missing.to_owned()),
    };
    let port = free_port().ok_or("no port is free for PostgreSQL")?;
    let data = std::env::temp_dir().join(format!("weir-test-postgres-{}", std::process::id()));
    let own = Own { programs, data };
    let made = own.run("initdb", &["--auth=trust", "--username=weir", "--no-sync", "-D"], &[]);
    let options = format!("{OPTIONS} -p {port} -k {}", own.data.display());
    if made && own.run("pg_ctl", &["-w", "-o", &options, "-l", &own.log(), "-D"], &["start"]) {
        return Ok(Server { url: format!("postgres://weir@127.0.0.1:{port}"), _own: Some(own) });
    }
    Err("PostgreSQL could not be started: the tests that use it do nothing".to_owned())
}

/// The folder of the newest server's programs.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    folders.filter(|folder| folder.join("initdb").exists()).max()
}

impl Own {
    fn log(&self) -> String {
        format!("{}/log", self.data.display())
    }

    /// Runs a program of the server on our data. The server refuses to run as root.
    fn run(&self, program: &str, before: &[&str], after: &[&str]) -> bool {
        let mut command = self.as_server_user(&self.programs.join(program));
        command.args(before).arg(&self.data).args(after);
        quiet(&mut command)
    }

    fn as_server_user(&self, program: &Path) -> Command {
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
        command
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.run("pg_ctl", &["-m", "immediate", "-w", "-D"], &["stop"]);
        quiet(self.as_server_user(Path::new("rm")).arg("-rf").arg(&self.data));
    }
}
