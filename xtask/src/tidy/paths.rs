//! Paths that the documents name exist.

use super::house::{Finding, House};

/// Documents whose paths in backticks must exist, too; in the others only links.
const MAPS: [&str; 3] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];
/// Documents that must be there.
const EXPECTED: [&str; 3] = MAPS;

/// Documents that are missing, and paths in them that lead nowhere.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in EXPECTED.into_iter().filter(|path| !house.has(path)) {
        findings.push(Finding::new(path, 1, "this document is missing"));
    }
    for (path, file) in house.files.iter().filter(|(path, _)| path.ends_with(".md")) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut in_block = false;
        for (at, line) in file.text.lines().enumerate() {
            in_block ^= line.trim_start().starts_with("```");
            if in_block {
                continue;
            }
            let links = links(line).filter(|link| !house.has(&join(folder, link)));
            let mut dead: Vec<String> = links.map(str::to_owned).collect();
            if MAPS.contains(&path.as_str()) {
                dead.extend(quoted(line).filter(|name| !exists(house, name)).map(str::to_owned));
            }
            findings.extend(
                dead.into_iter().map(|name| Finding::new(path, at + 1, format!("{name} does not exist"))),
            );
        }
    }
    findings
}

/// What is in backticks and looks like a path of this repository.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    let first_parts =
        ["bench", "crates", "docs", "examples", "fuzz", "migrations", "web", "xtask", ".ci", ".cargo"];
    line.split('`').skip(1).step_by(2).filter(move |name| {
        let first = name.split('/').next().unwrap_or_default();
        let is_module = name.contains("::") && !name.contains(['(', ' ', '<']);
        let is_path = name.contains('/') && first_parts.contains(&first);
        is_module || (is_path && !name.contains([' ', '<', '*', '{', '…']))
    })
}

/// A path exists; a name `krate::module` has a module of that name, or the crate's root names it.
fn exists(house: &House, name: &str) -> bool {
    let Some((krate, rest)) = name.split_once("::") else {
        return house.has(name);
    };
    if !house.has(&format!("crates/{krate}")) {
        // A name of a foreign crate.
        return true;
    }
    let first = rest.split("::").next().unwrap_or_default();
    let folder = format!("crates/{krate}/src");
    let root = house.text(&format!("{folder}/lib.rs")).unwrap_or_default();
    house.has(&format!("{folder}/{first}"))
        || house.has(&format!("{folder}/{first}.rs"))
        || root.split(|char: char| !char.is_alphanumeric() && char != '_').any(|word| word == first)
}

/// The targets of links into the repository.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next()).filter(|link| {
        !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:") && !link.contains('<')
    })
}

fn join(folder: &str, link: &str) -> String {
    let mut parts: Vec<&str> = if link.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    #[test]
    fn paths_and_links_lead_somewhere() {
        let house = sample(&[
            (
                "ARCHITECTURE.md",
                "`crates/a/src/b.rs` `crates/a/src` `a::b` `a::Thing` `serde::Value` `crates/<name>/x`\n\
                 `crates/a/src/gone.rs` `a::gone` [x](docs/x.md#part) [y](docs/y.md)\n```\n`crates/gone`\n```\n",
            ),
            ("README.md", "<img src=x> [z](https://example.com) `and/or`\n"),
            ("docs/x.md", "[up](../README.md) [side](errors/a.md) [gone](x/README.md) `crates/gone`"),
            ("docs/errors/a.md", ""),
            ("crates/a/src/lib.rs", "pub use c::Thing;"),
            ("crates/a/src/b.rs", ""),
        ]);
        let found: Vec<String> = check(&house)
            .into_iter()
            .map(|found| format!("{}:{} {}", found.file, found.line, found.message))
            .collect();
        assert_eq!(
            found,
            [
                "CONTRIBUTING.md:1 this document is missing",
                "ARCHITECTURE.md:2 docs/y.md does not exist",
                "ARCHITECTURE.md:2 crates/a/src/gone.rs does not exist",
                "ARCHITECTURE.md:2 a::gone does not exist",
                "docs/x.md:1 x/README.md does not exist",
            ]
        );
    }
}
