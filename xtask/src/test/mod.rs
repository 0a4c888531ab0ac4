//! `cargo xtask test`: everything that must hold before a change lands, in one command.

mod deny;
mod mariadb;
mod postgres;
mod python;
mod spdx;
mod tests;
mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::tidy;
use tools::Tool;

/// One part of the work. The tests come last, so that their summary is what stands at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Fmt,
    Tidy,
    Deny,
    Clippy,
    Tests,
}

impl Step {
    const ALL: [Self; 5] = [Self::Fmt, Self::Tidy, Self::Deny, Self::Clippy, Self::Tests];

    fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Tidy => "tidy",
            Self::Deny => "deny",
            Self::Clippy => "clippy",
            Self::Tests => "tests",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Fmt => "the code is formatted",
            Self::Tidy => "the rules of the house",
            Self::Deny => "licences and origins of what we use",
            Self::Clippy => "no warnings, in any target",
            Self::Tests => "every test",
        }
    }

    /// The step of a name.
    ///
    /// # Errors
    /// When there is none; the message lists them.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|step| step.name() == name);
        found.with_context(|| {
            format!("no step is called {name:?}; there are {}", Self::ALL.map(Self::name).join(", "))
        })
    }
}

/// How a step ended. Each test counts; any other step counts as one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    counts: Counts,
    /// Why something was left out.
    note: Option<String>,
}

/// What passed, failed and was skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Outcome {
    fn of(passed: bool) -> Self {
        let counts = if passed {
            Counts { passed: 1, ..Counts::default() }
        } else {
            Counts { failed: 1, ..Counts::default() }
        };
        Self { counts, note: None }
    }

    fn skipped(why: impl Into<String>) -> Self {
        Self { counts: Counts { skipped: 1, ..Counts::default() }, note: Some(why.into()) }
    }

    fn but(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    fn word(&self) -> &'static str {
        match self.counts {
            Counts { failed: 1.., .. } => "failed",
            Counts { passed: 0, .. } => "skipped",
            _ => "passed",
        }
    }
}

/// Where the repository is, and where it is built.
struct Place {
    root: PathBuf,
    target: PathBuf,
}

impl Place {
    fn new(root: &Path) -> Self {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |at| root.join(at));
        Self { root: root.to_owned(), target }
    }

    /// A cargo command in the repository.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root).args(arguments);
        // Set by `cargo run` for this program; what is run from here is another package.
        for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
            command.env_remove(name);
        }
        command
    }

    fn runs(&self, arguments: &[&str]) -> Result<bool> {
        succeeds(&mut self.cargo(arguments))
    }
}

/// Runs a command with its output shown.
fn succeeds(command: &mut Command) -> Result<bool> {
    println!("$ {}", shown(command));
    let status = command.status().with_context(|| format!("{} cannot be started", shown(command)))?;
    Ok(status.success())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    format!("{program} {}", arguments.join(" "))
}

/// Runs the steps, all of them even when one fails, and prints what came of them. True when nothing failed.
///
/// # Errors
/// When there is nothing to run.
pub(crate) fn run(root: &Path, only: &[Step]) -> Result<bool> {
    let place = Place::new(root);
    let steps: Vec<Step> =
        Step::ALL.into_iter().filter(|step| only.is_empty() || only.contains(step)).collect();
    if steps.is_empty() {
        bail!("nothing to run");
    }
    let mut lines = Vec::new();
    let mut sum = Counts::default();
    for step in steps {
        println!("\n=== {}: {}", step.name(), step.what());
        let started = Instant::now();
        let outcome = take(step, &place).unwrap_or_else(|error| {
            println!("{error:#}");
            Outcome::of(false)
        });
        sum.add(outcome.counts);
        lines.push(line(step, &outcome, started.elapsed()));
    }
    println!("\n=== all steps");
    for line in lines {
        println!("{line}");
    }
    println!("{} passed, {} failed, {} skipped", sum.passed, sum.failed, sum.skipped);
    Ok(sum.failed == 0)
}

fn line(step: Step, outcome: &Outcome, took: Duration) -> String {
    let note = outcome.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    format!("{:<7} {:<7} {:>7.1} s{note}", step.name(), outcome.word(), took.as_secs_f64())
}

fn take(step: Step, place: &Place) -> Result<Outcome> {
    match step {
        Step::Fmt => with(place, Tool::Rustfmt, &["fmt", "--all", "--check"]),
        Step::Tidy => tidy::run(&place.root).map(Outcome::of),
        Step::Deny => deny::run(place),
        Step::Clippy => with(
            place,
            Tool::Clippy,
            &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
        ),
        Step::Tests => tests::run(place),
    }
}

fn with(place: &Place, tool: Tool, arguments: &[&str]) -> Result<Outcome> {
    match tools::ready(place, tool) {
        Ok(()) => place.runs(arguments).map(Outcome::of),
        Err(why) => Ok(Outcome::skipped(why)),
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn a_step_is_found_by_its_name_and_a_wrong_name_lists_them() {
        for step in Step::ALL {
            assert_eq!(Step::named(step.name()).unwrap(), step);
        }
        let error = Step::named("lint").unwrap_err().to_string();
        assert!(error.contains("fmt, tidy, deny, clippy, tests"), "{error}");
    }

    #[test]
    fn a_line_says_how_a_step_ended_and_why() {
        for (outcome, expected) in [
            (Outcome::of(true), "fmt     passed      1.5 s"),
            (Outcome::of(false), "fmt     failed      1.5 s"),
            (Outcome::skipped("no rustfmt"), "fmt     skipped     1.5 s (no rustfmt)"),
            (Outcome::of(true).but("half"), "fmt     passed      1.5 s (half)"),
        ] {
            assert_eq!(line(Step::Fmt, &outcome, Duration::from_millis(1500)), expected);
        }
    }
}
