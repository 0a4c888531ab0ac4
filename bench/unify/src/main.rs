//! The command line of the benchmark.

use std::fs;
use std::io::{Write, stderr, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bench_unify::contest::{Contest, Outcome};
use bench_unify::programs::{Kind, Mode, Program, Workshop};
use bench_unify::{changes, febrl, people, table, weir};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::json;

/// Measures Weir's unification against a peer.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write people's records in three sources, and the truth, as Parquet files
    Generate {
        #[command(flatten)]
        people: People,
        /// Folder to write into
        folder: PathBuf,
    },
    /// Install the peer's packages, which the other commands do by themselves
    Peer {
        #[command(flatten)]
        common: Common,
    },
    /// Run the programs on the same people and print what they cost and how right they are
    Run {
        #[command(flatten)]
        people: People,
        /// Measured runs of each program; the one in the middle is reported
        #[arg(long, default_value_t = 3)]
        runs: usize,
        #[command(flatten)]
        common: Common,
    },
    /// Measure what changes cost an index that is kept: new records, changed ones, single ones
    Index {
        #[command(flatten)]
        people: People,
        /// Folder with people's tables, in place of people who are made
        #[arg(long)]
        data: Option<PathBuf>,
        /// New records at once
        #[arg(long, default_value_t = 10_000)]
        new: usize,
        /// Threads; all cores when nothing is said. With one, CPU time is shown, which other programs disturb less
        #[arg(long)]
        threads: Option<usize>,
        #[command(flatten)]
        common: Common,
    },
    /// Run the programs on the four FEBRL data sets and print how right they are
    Quality {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Args)]
struct People {
    /// Number of records in all sources
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
    /// What everything is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Args)]
struct Common {
    /// Run only this side
    #[arg(long)]
    only: Option<Side>,
    /// Write all figures to this file, too
    #[arg(long)]
    json: Option<PathBuf>,
    /// Folder for data, results and the peer's packages
    #[arg(long, default_value = "target/bench-unify")]
    work: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Side {
    Weir,
    Peer,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Generate { people, folder } => people::generate(people.settings(), &folder),
        Command::Peer { common } => Workshop::new(common.work).python().map(|_| ()),
        Command::Run { people, runs, common } => run(&people, runs, &common),
        Command::Index { people, data, new, threads, common } => {
            let data = data.map_or_else(|| people.folder(&Workshop::new(common.work.clone())), Ok)?;
            index(&data, new, threads, &common)
        }
        Command::Quality { common } => quality(&common),
    }
}

impl People {
    fn settings(&self) -> people::Settings {
        people::Settings { records: self.records, seed: self.seed }
    }

    /// The folder with these people, who are made when they are not there.
    fn folder(&self, workshop: &Workshop) -> Result<PathBuf> {
        let folder = workshop.folder("data").join(format!("people-{}-{}", self.records, self.seed));
        if !folder.exists() {
            say(&format!("making {} records", self.records));
            let unfinished = folder.with_extension("unfinished");
            people::generate(self.settings(), &unfinished)?;
            fs::rename(unfinished, &folder)?;
        }
        Ok(folder)
    }
}

impl Common {
    fn programs(&self) -> Vec<Program> {
        let all = [
            (Side::Peer, Program::Splink),
            (Side::Weir, Program::Weir(Mode::Match)),
            (Side::Weir, Program::Weir(Mode::Unify)),
            (Side::Weir, Program::Weir(Mode::Rules)),
        ];
        let wanted = |side: Side| self.only.is_none_or(|only| only == side);
        all.into_iter().filter(|(side, _)| wanted(*side)).map(|(_, program)| program).collect()
    }
}

fn run(people: &People, runs: usize, common: &Common) -> Result<()> {
    let workshop = Workshop::new(common.work.clone());
    let data = people.folder(&workshop)?;
    let contest = Contest { workshop, kind: Kind::People, data, runs };
    let outcomes = contest.run(&common.programs(), &mut say)?;
    let machine = machine();
    let title = format!("{} records of seed {}; {machine}; median of {runs}", people.records, people.seed);
    write!(stdout(), "{}", table::costs(&title, &outcomes))?;
    let figures = json!({
        "records": people.records, "seed": people.seed, "machine": machine, "outcomes": outcomes,
    });
    write_json(common.json.as_deref(), &figures)
}

fn index(data: &Path, new: usize, threads: Option<usize>, common: &Common) -> Result<()> {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = threads.unwrap_or_else(cores);
    let tables = weir::tables(Kind::People, data);
    let by_probability = weir::definition(include_str!("../definitions/people-probability.json"), &tables)?;
    let by_rules = weir::definition(include_str!("../definitions/people-rules.json"), &tables)?;
    let probability = changes::probability(data, &tables, &by_probability, new, threads)?;
    write!(stdout(), "{}", changes::line("by probability", &probability))?;
    let rules = changes::rules(data, &tables, (&by_rules, &by_probability), new, threads)?;
    write!(stdout(), "{}", changes::line("by rules", &rules))?;
    let figures =
        json!({"machine": machine(), "threads": threads, "probability": probability, "rules": rules});
    write_json(common.json.as_deref(), &figures)
}

fn quality(common: &Common) -> Result<()> {
    let workshop = Workshop::new(common.work.clone());
    let mut sets = serde_json::Map::new();
    for (name, data) in febrl::SETS.iter().zip(febrl::folders(&workshop)?) {
        let contest = Contest { workshop: workshop.clone(), kind: Kind::Febrl, data, runs: 1 };
        let outcomes: Vec<Outcome> = contest.run(&common.programs(), &mut say)?;
        writeln!(stdout(), "{}", table::quality(name, &outcomes))?;
        sets.insert((*name).to_owned(), json!(outcomes));
    }
    write_json(common.json.as_deref(), &sets.into())
}

fn write_json(path: Option<&Path>, figures: &serde_json::Value) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    fs::write(path, serde_json::to_string_pretty(figures)? + "\n")
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Tells the user what is going on; somebody who closed the stream does not want to know.
fn say(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// Processor and number of cores, as far as the system says.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("{cores} cores of {}", model.map_or("an unknown processor", |(_, name)| name))
}
