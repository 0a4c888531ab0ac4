//! Licences and origins of every crate that is built in; bans and advisories by cargo-deny.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::tools::{Tool, quiet, ready};
use super::{Outcome, Place, spdx};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Reads `cargo metadata` against deny.toml, then runs cargo-deny where it can be had.
pub(super) fn run(place: &Place) -> Result<Outcome> {
    let allow = allow(&std::fs::read_to_string(place.root.join("deny.toml")).context("reading deny.toml")?)?;
    let metadata = metadata(place)?;
    let found = wrong(&metadata, &allow);
    for line in &found {
        println!("{line}");
    }
    let count = metadata["packages"].as_array().map_or(0, Vec::len);
    println!("{count} crates: {} with a licence or an origin that is not allowed", found.len());
    if let Err(why) = ready(place, Tool::Deny) {
        return Ok(Outcome::of(found.is_empty()).but(format!("{why}: bans and advisories were not checked")));
    }
    let held = place.runs(&["deny", "--all-features", "check", "bans", "licenses", "sources"])?;
    // Advisories come from the network, and a test must not depend on that.
    if !quiet(&mut place.cargo(&["deny", "fetch", "db"])) {
        let note = "the advisory database cannot be reached: advisories were not checked";
        return Ok(Outcome::of(found.is_empty() && held).but(note));
    }
    let safe = place.runs(&["deny", "check", "--disable-fetch", "advisories"])?;
    Ok(Outcome::of(found.is_empty() && held && safe))
}

fn metadata(place: &Place) -> Result<Value> {
    let output = place
        .cargo(&["metadata", "--format-version", "1", "--locked", "--all-features"])
        .args(host(place).iter().flat_map(|host| ["--filter-platform", host]))
        .output()
        .context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")
}

/// The platform that we build for, so that crates of others need not be fetched.
fn host(place: &Place) -> Option<String> {
    let output = place.cargo(&["--version", "--verbose"]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

/// `licenses.allow` of deny.toml.
fn allow(text: &str) -> Result<Vec<String>> {
    let section = text.split("[licenses]").nth(1).context("deny.toml has no [licenses]")?;
    let list = section.split("allow = [").nth(1).context("deny.toml has no licenses.allow")?;
    let list = list.split(']').next().unwrap_or_default();
    Ok(list.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}

fn wrong(metadata: &Value, allow: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        // Our own crates have no source; tidy looks at them.
        let Some(source) = package["source"].as_str() else { continue };
        let name = format!("{} {}", text(package, "name"), text(package, "version"));
        let licence = text(package, "license");
        if !spdx::allowed(licence, allow) {
            found.push(format!("{name}: the licence {licence:?} is not allowed (deny.toml, licenses.allow)"));
        }
        if source != REGISTRY {
            found.push(format!("{name}: it comes from {source}, not from crates.io"));
        }
    }
    found
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod checks {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_allowed_licences_are_those_of_the_file() {
        let file = "[graph]\nx = [\"a\"]\n[licenses]\n# \"no\"\nallow = [\n  \"MIT\",\n  \"ISC\",\n]\n[bans]\nallow = [\"x\"]";
        assert_eq!(allow(file).unwrap(), ["MIT", "ISC"]);
        assert!(allow("[licenses]\n").is_err());
    }

    #[test]
    fn wrong_licences_and_origins_are_found() {
        let package = |name: &str, licence: Value, source: Value| json!({"name": name, "version": "1.0.0", "license": licence, "source": source});
        let metadata = json!({"packages": [
            package("own", json!("MIT"), Value::Null),
            package("good", json!("MIT"), json!(REGISTRY)),
            package("viral", json!("AGPL-3.0"), json!(REGISTRY)),
            package("silent", Value::Null, json!(REGISTRY)),
            package("forked", json!("MIT"), json!("git+https://example.com/x")),
        ]});
        let found = wrong(&metadata, &["MIT".to_owned()]);
        let names: Vec<&str> = found.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names, ["viral", "silent", "forked"]);
    }
}
