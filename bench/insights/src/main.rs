//! The command line of the benchmark.

mod estimate;
mod measure;
mod shop;
mod weir;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures Weir's segments and measures against two peers.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write customers and orders as Parquet files
    Generate {
        /// Customers
        #[arg(long, default_value_t = 1_000_000)]
        customers: u64,
        /// Orders
        #[arg(long, default_value_t = 6_000_000)]
        orders: u64,
        /// Folder to write into
        folder: PathBuf,
    },
    /// Answer the questions with Weir's index, and say what each cost
    Weir {
        /// Folder with the tables
        data: PathBuf,
        /// Folder for the index
        work: PathBuf,
        /// File for the report
        out: PathBuf,
        /// How often each question is asked
        #[arg(long, default_value_t = 3)]
        runs: usize,
        /// Threads
        #[arg(long, default_value_t = 1)]
        threads: usize,
    },
    /// Open an index that is there and count the customers of conditions
    Estimate {
        /// Folder of the index
        work: PathBuf,
        /// File for the report
        out: PathBuf,
        /// How often each condition is asked again
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Threads
        #[arg(long, default_value_t = 2)]
        threads: usize,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Generate { customers, orders, folder } => {
            shop::generate(shop::Size { customers, orders, seed: 1 }, &folder)
        }
        Command::Weir { data, work, out, runs, threads } => measure::weir(&data, &work, &out, runs, threads),
        Command::Estimate { work, out, runs, threads } => {
            let report = estimate::estimate(&work, runs, threads)?;
            Ok(std::fs::write(out, serde_json::to_string_pretty(&report)?)?)
        }
    }
}
