//! A benchmark of flows: webhook → set → if → set → HTTP POST. Prints what a run costs, as a table and as JSON.

#![allow(clippy::print_stdout, reason = "figures are what this program is for")]

mod crash;
mod load;
mod process;
mod server;
mod sink;
mod wire;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Parser, Subcommand};
use serde_json::{Value, json};

use process::Server;
use sink::Sink;

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures, and prints a table.
    Run {
        /// Runs that wait for their answer.
        #[arg(long, default_value_t = 20_000)]
        runs: usize,
        /// Connections that call.
        #[arg(long, default_value_t = 64)]
        connections: usize,
        /// Connections that call where nothing is waited for.
        #[arg(long, default_value_t = 256)]
        senders: usize,
        /// Writes the figures as JSON, too.
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// Kills the server again and again, and counts what is lost and what is repeated.
    Crash {
        /// Kills.
        #[arg(long, default_value_t = 10)]
        kills: usize,
    },
    /// The server under test.
    #[command(hide = true)]
    Serve { folder: PathBuf, listen: SocketAddr, sink: SocketAddr },
}

#[tokio::main]
async fn main() -> Result<()> {
    match Args::parse().command {
        Command::Run { runs, connections, senders, json } => {
            let figures = measure(runs, connections, senders).await?;
            for (name, value) in figures.as_object().into_iter().flatten() {
                println!("{name:<40} {value}");
            }
            if let Some(path) = json {
                std::fs::write(path, serde_json::to_string_pretty(&figures)?)?;
            }
            Ok(())
        }
        Command::Crash { kills } => crash::run(kills).await,
        Command::Serve { folder, listen, sink } => server::serve(&folder, listen, sink).await,
    }
}

async fn measure(runs: usize, connections: usize, senders: usize) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let sink = Sink::default();
    let address = sink.open().await?;
    let began = Instant::now();
    let server = Server::start(folder.path(), address)?;
    let start = began.elapsed();
    let idle = server.memory()?;
    load::call(server.address, "sync", runs / 10, connections).await?; // to warm up
    let before = (server.cpu()?, server.file_bytes()?);
    let waited = load::call(server.address, "sync", runs, connections).await?;
    let after = (server.cpu()?, server.file_bytes()?);
    let sync_cpu = millis(after.0 - before.0) / count(runs);

    let (posts, _) = sink.counts();
    let before = server.cpu()?;
    let sent = load::call(server.address, "async", runs, senders).await?;
    while sink.counts().0 < posts + runs {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await; // the ends of the last ones
    let async_cpu = millis(server.cpu()? - before) / count(runs);
    let memory = server.memory()?;
    let address = server.address;
    drop(server);
    let history = process::history_bytes(folder.path()).await?;
    Ok(json!({
        "start_ms": millis(start),
        "idle_rss_mb": idle / 1024 / 1024,
        "sync_runs_per_s": count(runs) / waited.took.as_secs_f64(),
        "sync_p50_ms": millis(waited.percentile(50)),
        "sync_p99_ms": millis(waited.percentile(99)),
        "sync_cpu_ms_per_run": sync_cpu,
        "accepted_per_s": count(runs) / sent.took.as_secs_f64(),
        "async_cpu_ms_per_run": async_cpu,
        "rss_under_load_mb": memory / 1024 / 1024,
        "record_bytes_per_run": history.record,
        "database_bytes_per_run": history.all,
        "posts_repeated": sink.counts().1,
        "runs": runs,
        "load_average": std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim(),
        "address": address.to_string(),
        "peers": "measured elsewhere, same flow: Node-RED 0.73/0.55 CPU ms (nothing on disk), Restate 3.7-4.2, n8n 14.8",
    }))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn count(runs: usize) -> f64 {
    f64::from(u32::try_from(runs).unwrap_or(u32::MAX))
}
