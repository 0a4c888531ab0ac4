//! The programs that are compared, and how they are started.
//!
//! A program is called with the folder of its data and a folder for its results. It writes `clusters.parquet` (`id`,
//! `cluster`) and may write `report.json` (`phases` with `cpu` and `wall`, `rss`, `pairs`) and, when it is asked for
//! them with `--pairs`, the pairs that it scored as `pairs.parquet` (`left`, `right`, `weight`).

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

/// Packages of the peer, with their versions.
const REQUIREMENTS: &str = include_str!("../peer/requirements.txt");
/// Where the peer's scripts are.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peer");

/// A program that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Splink on DuckDB.
    Splink,
    /// Weir in a mode.
    Weir(Mode),
}

/// What Weir does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Matching by probability alone, which is what the peer does.
    Match,
    /// A whole unification with matching by probability: profiles and all other tables are made, too.
    Unify,
    /// A whole unification by rules.
    Rules,
}

/// What the tables are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The people of this benchmark.
    People,
    /// A FEBRL data set.
    Febrl,
}

impl fmt::Display for Program {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Splink => "splink",
            Self::Weir(Mode::Match) => "weir match",
            Self::Weir(Mode::Unify) => "weir unify",
            Self::Weir(Mode::Rules) => "weir rules",
        })
    }
}

/// The name of a value on the command line.
fn word(value: &impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// The folder that the benchmark works in: data, results, and the peer's packages.
#[derive(Debug, Clone)]
pub struct Workshop {
    folder: PathBuf,
}

impl Workshop {
    /// A workshop in a folder, which is made when it is needed.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// A folder in the workshop.
    #[must_use]
    pub fn folder(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// How a program is started on some data.
    ///
    /// # Errors
    /// When the program is not there and cannot be made.
    pub fn command(&self, program: Program, kind: Kind, data: &Path, out: &Path) -> Result<Command> {
        fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
        let mut command = match program {
            Program::Splink => self.script("splink_peer.py")?,
            Program::Weir(_) => Command::new(beside("unify_once")?),
        };
        command.arg(data).arg(out).args(["--model", &word(&kind)]);
        if let Program::Weir(mode) = program {
            command.args(["--mode", &word(&mode)]);
        }
        Ok(command)
    }

    /// One of the scripts in `peer/`, with the packages that it needs.
    ///
    /// # Errors
    /// When the packages cannot be installed.
    pub fn script(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(self.python()?);
        command.arg(Path::new(SCRIPTS).join(name)).env("PYTHONDONTWRITEBYTECODE", "1");
        Ok(command)
    }

    /// The Python of an environment with the peer's packages; makes it when there is none with these versions.
    ///
    /// # Errors
    /// When there is no Python, or the packages cannot be installed.
    pub fn python(&self) -> Result<PathBuf> {
        let folder = self.folder("python");
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
}

/// A program that was built with this one.
fn beside(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name(name);
    if !program.exists() {
        bail!(
            "{} is not there: `cargo build --release -p bench-unify` builds both programs",
            program.display()
        );
    }
    Ok(program)
}

/// Runs a program that must not fail.
///
/// # Errors
/// When it does.
pub fn call(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} failed: {status}");
    }
    Ok(())
}
