//! The command line of the benchmark.

use std::path::PathBuf;

use anyhow::Result;
use bench_unify::people;
use clap::{Parser, Subcommand};

/// Measures Weir's unification against a peer.
#[derive(Debug, Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write people's records in three sources, and the truth, as Parquet files
    Generate {
        /// Number of records in all sources
        #[arg(long, default_value_t = 1_000_000)]
        records: u64,
        /// What everything is drawn from
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Folder to write into
        folder: PathBuf,
    },
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Generate { records, seed, folder } => {
            people::generate(people::Settings { records, seed }, &folder)
        }
    }
}
