//! The server as a process: what it costs, and what it leaves on the disk.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use store::{Store, SystemClock};

/// Ticks of the clock in which Linux counts processor time.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    database: PathBuf,
}

impl Server {
    /// Starts a server and waits until it listens.
    pub(crate) fn start(folder: &Path, sink: SocketAddr) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .args([folder.as_os_str()])
            .args([address.to_string(), sink.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("the server has no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        ensure!(line.trim() == "listening", "the server did not start");
        Ok(Self { child, address, database: folder.join("weir.db") })
    }

    /// The processor time that it took so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: u32 =
            after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u32>().ok()).sum();
        Ok(Duration::from_secs_f64(f64::from(ticks) / TICKS_PER_SECOND))
    }

    /// Its memory in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024)
    }

    /// The size of its database.
    pub(crate) fn file_bytes(&self) -> Result<u64> {
        Ok(fs::metadata(&self.database)?.len())
    }

    /// Kills it: nothing is said to anybody.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Bytes of history for each run.
pub(crate) struct History {
    /// Of the records alone.
    pub(crate) record: i64,
    /// Of the whole database.
    pub(crate) all: i64,
}

/// What the runs in a folder left.
pub(crate) async fn history_bytes(folder: &Path) -> Result<History> {
    let path = folder.join("weir.db");
    let store = Store::open_file(&path, Arc::new(SystemClock)).await?;
    let (runs, record): (i64, i64) =
        sqlx::query_as("SELECT COUNT(*), CAST(COALESCE(SUM(LENGTH(record)), 0) AS BIGINT) FROM run")
            .fetch_one(store.pool())
            .await?;
    store.close().await;
    let bytes = i64::try_from(fs::metadata(&path)?.len())?;
    Ok(History { record: record / runs.max(1), all: bytes / runs.max(1) })
}
