//! The programs in turn on one file, and what each needed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use wait4::Wait4;

/// Packages of the peer, with their versions.
const REQUIREMENTS: &str = include_str!("../peer/requirements.txt");
/// The peer's program.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peer/duckdb_peer.py");

/// A program that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// DuckDB, types from the first rows.
    Duckdb,
    /// DuckDB, types from all rows, as Weir has them.
    DuckdbAllRows,
    /// A data source as the program reads it.
    Weir,
    /// The same without profiles of the columns, which DuckDB does not make either.
    WeirPlain,
}

/// All of them; ratios are those of the first.
pub(crate) const PROGRAMS: [Program; 4] =
    [Program::Duckdb, Program::DuckdbAllRows, Program::Weir, Program::WeirPlain];

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::Duckdb => "duckdb",
            Self::DuckdbAllRows => "duckdb all rows",
            Self::Weir => "weir",
            Self::WeirPlain => "weir no profiles",
        }
    }

    /// Whether it is Weir.
    pub(crate) fn is_weir(self) -> bool {
        matches!(self, Self::Weir | Self::WeirPlain)
    }

    fn command(self, python: &Path, file: &Path, out: &Path, report: &Path) -> Result<Command> {
        let mut command = match self {
            Self::Weir | Self::WeirPlain => Command::new(std::env::current_exe()?),
            _ => Command::new(python),
        };
        match self {
            Self::Weir | Self::WeirPlain => command.arg("weir"),
            _ => command.env("PYTHONDONTWRITEBYTECODE", "1").arg(SCRIPT),
        };
        command.arg(file).arg(out).arg(report);
        match self {
            Self::DuckdbAllRows => command.arg("--all-rows"),
            Self::WeirPlain => command.arg("--no-profiles"),
            _ => &mut command,
        };
        Ok(command)
    }
}

/// What one run cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Cost {
    /// Seconds of CPU, user and system.
    pub(crate) cpu: f64,
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// The most memory that was resident at one time, in bytes.
    pub(crate) rss: u64,
}

/// What a program says of itself.
#[derive(Debug, Deserialize)]
struct Report {
    cpu: Option<f64>,
    wall: Option<f64>,
    rss: Option<u64>,
    rows: u64,
    columns: BTreeMap<String, String>,
}

/// What one program did.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    program: &'static str,
    /// Every run.
    runs: Vec<Cost>,
    /// The run in the middle by CPU time.
    cost: Cost,
    /// Rows that it wrote.
    rows: u64,
    /// Bytes that it wrote.
    bytes: u64,
    /// Its columns and their types.
    columns: BTreeMap<String, String>,
}

/// The Python of an environment with the peer's packages; makes it when there is none with these versions.
///
/// # Errors
/// When there is no Python, or the packages cannot be installed.
pub(crate) fn python(work: &Path) -> Result<PathBuf> {
    let folder = work.join("python");
    let python = folder.join("bin").join("python");
    let installed = folder.join("requirements.txt");
    if fs::read_to_string(&installed).is_ok_and(|text| text == REQUIREMENTS) {
        return Ok(python);
    }
    call(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let list = folder.join("wanted.txt");
    fs::write(&list, REQUIREMENTS)?;
    call(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&list))?;
    fs::rename(list, installed)?;
    Ok(python)
}

/// Runs a program to its end.
fn call(command: &mut Command) -> Result<Cost> {
    let name = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let end =
        command.spawn().and_then(|child| child.wait4()).with_context(|| format!("cannot run {name}"))?;
    let wall = start.elapsed().as_secs_f64();
    if !end.status.success() {
        bail!("{name} failed: {}", end.status);
    }
    let cpu = (end.rusage.utime + end.rusage.stime).as_secs_f64();
    Ok(Cost { cpu, wall, rss: end.rusage.maxrss })
}

/// Runs programs in turn, each as often as the others.
///
/// # Errors
/// When a program fails.
pub(crate) fn run(
    programs: &[Program],
    file: &Path,
    work: &Path,
    runs: usize,
    say: impl Fn(&str),
) -> Result<Vec<Outcome>> {
    let python = match programs.iter().all(|program| program.is_weir()) {
        true => PathBuf::new(),
        false => python(work)?,
    };
    let (out, report) = (work.join("out.parquet"), work.join("report.json"));
    let mut outcomes: Vec<Outcome> = Vec::new();
    for turn in 0..runs.max(1) {
        for (place, program) in programs.iter().enumerate() {
            let process = call(&mut program.command(&python, file, &out, &report)?)?;
            let said: Report = serde_json::from_str(&fs::read_to_string(&report)?)?;
            let cost = Cost {
                cpu: said.cpu.unwrap_or(process.cpu),
                wall: said.wall.unwrap_or(process.wall),
                rss: said.rss.unwrap_or(process.rss),
            };
            say(&format!("{} {}: {:.2} s of CPU, {:.2} s", program.name(), turn + 1, cost.cpu, cost.wall));
            let bytes = fs::metadata(&out)?.len();
            fs::remove_file(&out)?;
            match outcomes.get_mut(place) {
                Some(outcome) => outcome.runs.push(cost),
                None => {
                    let (rows, columns) = (said.rows, said.columns);
                    let program = program.name();
                    outcomes.push(Outcome { program, runs: vec![cost], cost, rows, bytes, columns });
                }
            }
        }
    }
    for outcome in &mut outcomes {
        outcome.cost = median(&outcome.runs).unwrap_or(outcome.cost);
    }
    Ok(outcomes)
}

/// The run in the middle by CPU time.
fn median(costs: &[Cost]) -> Option<Cost> {
    let mut sorted = costs.to_vec();
    sorted.sort_by(|left, right| left.cpu.total_cmp(&right.cpu));
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}

/// One line per program, then what the first one needs in multiples of what each other one needs.
pub(crate) fn table(title: &str, outcomes: &[Outcome]) -> String {
    let mut text = format!("{title}\n\n");
    line(&mut text, "program", &["CPU s", "wall s", "RSS MB", "rows", "Parquet MB"].map(str::to_owned));
    for outcome in outcomes {
        let cost = outcome.cost;
        let cells = [
            format!("{:.2}", cost.cpu),
            format!("{:.2}", cost.wall),
            format!("{:.0}", cost.rss as f64 / 1e6),
            outcome.rows.to_string(),
            format!("{:.0}", outcome.bytes as f64 / 1e6),
        ];
        line(&mut text, outcome.program, &cells);
    }
    let Some((first, others)) = outcomes.split_first() else { return text };
    for other in others {
        let (one, two) = (first.cost, other.cost);
        let ratios = [one.cpu / two.cpu, one.wall / two.wall, one.rss as f64 / two.rss as f64];
        let cells = ratios.map(|ratio| format!("{ratio:.2} x"));
        line(&mut text, &format!("{} / {}", first.program, other.program), &cells);
    }
    text
}

fn line(text: &mut String, head: &str, cells: &[String]) {
    // Writing to a string does not fail.
    let _ = write!(text, "{head:<28}");
    for cell in cells {
        let _ = write!(text, "{cell:>12}");
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(program: &'static str, cpu: f64) -> Outcome {
        let cost = Cost { cpu, wall: cpu * 2.0, rss: 3_000_000 };
        Outcome { program, runs: vec![cost], cost, rows: 7, bytes: 1_000_000, columns: BTreeMap::new() }
    }

    #[test]
    fn the_table_has_the_costs_and_the_ratios_of_the_first_program() {
        let text = table("title", &[outcome("a", 3.0), outcome("b", 2.0)]);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines.get(3), Some(&vec!["a", "3.00", "6.00", "3", "7", "1"]));
        assert_eq!(lines.last(), Some(&vec!["a", "/", "b", "1.50", "x", "1.50", "x", "1.00", "x"]));
    }

    #[test]
    fn the_median_is_a_run() {
        let cost = |cpu| Cost { cpu, wall: cpu, rss: 1 };
        assert_eq!(median(&[cost(3.0), cost(1.0), cost(2.0)]), Some(cost(2.0)));
        assert_eq!(median(&[]), None);
    }
}
