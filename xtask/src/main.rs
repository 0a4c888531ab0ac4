//! Repository automation: `cargo xtask test` runs every check there is, `cargo xtask tidy` the house rules alone.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people at a terminal")]

mod test;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = root()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test", only @ ..] => test::run(&root, &steps(only)?),
        ["tidy"] => tidy::run(&root),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(true)
        }
        other => bail!("{:?} is no command\n\n{USAGE}", other.join(" ")),
    }
}

const USAGE: &str = "\
cargo xtask test                run everything: fmt, tidy, deny, clippy, tests
cargo xtask test --only STEP    run one step; may be given more than once
cargo xtask tidy                check the rules of the house, in a second";

/// The steps of `--only STEP …`.
fn steps(arguments: &[&str]) -> Result<Vec<test::Step>> {
    let mut steps = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let name = match argument.split_once('=') {
            Some(("--only", name)) => name,
            None if *argument == "--only" => rest.next().context("--only needs the name of a step")?,
            _ => bail!("{argument:?} is no option of test\n\n{USAGE}"),
        };
        steps.push(test::Step::named(name)?);
    }
    Ok(steps)
}

/// The repository: the folder above this crate's.
fn root() -> Result<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let above = manifest.as_deref().and_then(std::path::Path::parent).map(PathBuf::from);
    match above {
        Some(root) => Ok(root),
        None => std::env::current_dir().context("no current folder"),
    }
}
