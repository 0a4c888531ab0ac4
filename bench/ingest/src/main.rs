//! The command line of the benchmark.

mod contest;
mod rows;
mod weir;

use std::fs;
use std::io::{Write, stderr, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use contest::{PROGRAMS, Program};
use serde_json::json;

/// Measures Weir's reading of a CSV file against a peer.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the CSV file
    Generate {
        #[command(flatten)]
        size: Size,
        /// File to write
        file: PathBuf,
    },
    /// Run the programs on the same file and print what they cost
    Run {
        #[command(flatten)]
        size: Size,
        /// Measured runs of each program; the one in the middle is reported
        #[arg(long, default_value_t = 3)]
        runs: usize,
        /// Run only this side
        #[arg(long)]
        only: Option<Side>,
        /// Write all figures to this file, too
        #[arg(long)]
        json: Option<PathBuf>,
        /// Folder for data, results and the peer's packages
        #[arg(long, default_value = "target/bench-ingest")]
        work: PathBuf,
    },
    /// Read a file with Weir, once
    Weir {
        /// The CSV file
        file: PathBuf,
        /// Parquet file to write
        out: PathBuf,
        /// File for what was found
        report: PathBuf,
        /// Do not profile the columns
        #[arg(long)]
        no_profiles: bool,
    },
}

#[derive(Debug, Args)]
struct Size {
    /// Size of the file, in MB
    #[arg(long, default_value_t = 1000)]
    megabytes: u64,
    /// What everything is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Side {
    Weir,
    Peer,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Generate { size, file } => rows::generate(&file, size.bytes(), size.seed).map(|_| ()),
        Command::Run { size, runs, only, json, work } => run(&size, runs, only, json.as_deref(), &work),
        Command::Weir { file, out, report, no_profiles } => weir::ingest(&file, &out, &report, !no_profiles),
    }
}

impl Size {
    fn bytes(&self) -> u64 {
        self.megabytes.saturating_mul(1_000_000)
    }

    /// The file of this size, which is made when it is not there.
    fn file(&self, work: &Path) -> Result<PathBuf> {
        let folder = work.join("data");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let file = fs::canonicalize(folder)?.join(format!("customers-{}-{}.csv", self.megabytes, self.seed));
        if !file.exists() {
            say(&format!("making {} MB", self.megabytes));
            let unfinished = file.with_extension("unfinished");
            rows::generate(&unfinished, self.bytes(), self.seed)?;
            fs::rename(unfinished, &file)?;
        }
        Ok(file)
    }
}

fn run(size: &Size, runs: usize, only: Option<Side>, json: Option<&Path>, work: &Path) -> Result<()> {
    let file = size.file(work)?;
    let wanted = |program: &Program| only.is_none_or(|only| program.is_weir() == (only == Side::Weir));
    let programs: Vec<Program> = PROGRAMS.into_iter().filter(wanted).collect();
    let before = load();
    let outcomes = contest::run(&programs, &file, work, runs, say)?;
    let (machine, after) = (machine(), load());
    let title = format!(
        "{} MB of CSV, seed {}; {machine}, load {before} to {after}; median of {runs}",
        size.megabytes, size.seed
    );
    write!(stdout(), "{}", contest::table(&title, &outcomes))?;
    let Some(path) = json else { return Ok(()) };
    let figures = json!({
        "megabytes": size.megabytes, "seed": size.seed, "machine": machine, "load": [before, after],
        "outcomes": outcomes,
    });
    fs::write(path, serde_json::to_string_pretty(&figures)? + "\n")
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Tells the user what is going on; somebody who closed the stream does not want to know.
fn say(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// How busy the machine was in the last minute.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Processor and number of cores, as far as the system says.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("{cores} cores of {}", model.map_or("an unknown processor", |(_, name)| name))
}
