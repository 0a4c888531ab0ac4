//! The rules of the house, held by a program: all that breaks one is listed at once.

mod arrows;
mod connectors;
mod errors;
mod house;
mod licence;
mod logs;
mod migrations;
mod modules;
mod paths;
mod places;
mod purpose;
mod rust;
mod size;
mod tables;
mod words;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use house::{Finding, House};

/// Runs every check and prints what it finds, as `file:line: [check] message`. True when nothing was found.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let house = House::read(root)?;
    let metadata = metadata(root)?;
    let checks: Vec<(&str, Vec<Finding>)> = vec![
        ("arrows", arrows::check(&house, &metadata)?),
        ("connectors", connectors::check(&house)),
        ("errors", errors::check(&house)),
        ("licence", licence::check(&house, &metadata)),
        ("logs", logs::check(&house)),
        ("migrations", migrations::check(&house, root)),
        ("modules", modules::check(&house)),
        ("paths", paths::check(&house)),
        ("places", places::check(&house)),
        ("purpose", purpose::check(&house)),
        ("size", size::check(&house)),
        ("tables", tables::check(&house)),
        ("words", words::check(&house)),
    ];
    let names: Vec<&str> = checks.iter().map(|(name, _)| *name).collect();
    let mut found: Vec<(Finding, &str)> = checks
        .into_iter()
        .flat_map(|(name, findings)| findings.into_iter().map(move |finding| (finding, name)))
        .collect();
    found.sort();
    found.dedup();
    for (finding, check) in &found {
        println!("{}:{}: [{check}] {}", finding.file, finding.line, finding.message);
    }
    match found.len() {
        0 => println!("{} files keep all {} rules: {}", house.files.len(), names.len(), names.join(", ")),
        findings => println!("{findings} findings in {} files", house.files.len()),
    }
    Ok(found.is_empty())
}

/// What cargo knows about our own crates.
fn metadata(root: &Path) -> Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")
}
