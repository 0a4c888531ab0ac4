//! The arrows between the rooms: who may use whom, and who keeps a foreign crate to itself.

use anyhow::{Context, Result};
use serde_json::Value;

use super::house::{Finding, House, crate_of, manifest};
use super::rust::{Token, line_at, tokens};

/// A room and the rooms that it may use, in the order of the house.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
}

const ROOMS: [Room; 20] = [
    Room { name: "lang", may_use: &[] },
    Room { name: "unify", may_use: &["lang"] },
    Room { name: "insight", may_use: &["lang"] },
    Room { name: "sources", may_use: &["outbound"] },
    Room { name: "exports", may_use: &["outbound"] },
    Room { name: "search", may_use: &[] },
    Room { name: "store", may_use: &[] },
    Room { name: "outbound", may_use: &[] },
    Room { name: "lake", may_use: &["store"] },
    Room { name: "auth", may_use: &["store", "outbound"] },
    Room { name: "events", may_use: &["store", "outbound"] },
    Room {
        name: "cdp",
        may_use: &[
            "lang", "sources", "unify", "insight", "exports", "search", "store", "lake", "events", "outbound",
        ],
    },
    Room { name: "flow", may_use: &["lang", "store", "outbound", "auth"] },
    Room { name: "api", may_use: &["lang", "auth", "cdp", "events", "flow", "store"] },
    Room {
        name: "weir",
        may_use: &[
            "lang", "sources", "unify", "insight", "exports", "search", "store", "outbound", "lake", "auth",
            "events", "cdp", "flow", "api",
        ],
    },
    Room { name: "bench-unify", may_use: &["lang", "unify"] },
    Room { name: "bench-insights", may_use: &["lang", "insight"] },
    Room { name: "bench-ingest", may_use: &["sources", "outbound"] },
    Room { name: "bench-flows", may_use: &["flow", "outbound", "store"] },
    Room { name: "testkit", may_use: &["store", "outbound", "lake", "auth", "events"] },
];

/// The arrow that is used by tests alone, from anywhere.
const FOR_TESTS: &str = "testkit";

/// Arrows whose absence carries a promise, and the promise.
const ABSENT: [(&str, &str, &str); 8] = [
    ("flow", "cdp", "a flow reads the data side through the API, like any client"),
    ("flow", "events", "events reach flows as receivers that weir registers"),
    ("flow", "lake", "a flow reads the data side through the API, like any client"),
    ("cdp", "flow", "the data side records events and knows nobody who listens"),
    ("cdp", "auth", "the data side unlocks no secrets"),
    ("events", "flow", "events call receivers; weir registers them"),
    ("events", "cdp", "events know facts, not where they come from"),
    ("api", "outbound", "what listens does not call out"),
];

/// What a room may name of another one, when not all of it.
const NARROW: [(&str, &str, &[&str], &str); 2] = [
    (
        "cdp",
        "events",
        &[
            "Event",
            "EventType",
            "EventsError",
            "NewEvent",
            "Recorded",
            "Result",
            "Threshold",
            "record",
            "self",
            "thresholds",
        ],
        "record and thresholds only",
    ),
    (
        "flow",
        "auth",
        &["AuthError", "Reference", "Result", "SecretInfo", "Vault", "self", "vault"],
        "the vault only",
    ),
];

/// Foreign crates that belong to some rooms.
const KEPT: [(&str, &[&str], &str); 11] = [
    ("reqwest", &["outbound"], "only outbound opens a socket outwards"),
    ("lettre", &["outbound"], "only outbound opens a socket outwards"),
    ("hyper", &["outbound"], "only outbound opens a socket outwards"),
    ("axum", &["api", "weir", "bench-flows"], "only api listens; weir's demo has its own inbox"),
    ("chacha20poly1305", &["auth"], "only auth unlocks a secret"),
    ("datafusion", &["lake", "cdp", "weir"], "only the data side computes over entities"),
    ("saphyr-parser", &["cdp"], "definitions are read in one place"),
    ("calamine", &["sources"], "workbooks are read in one place"),
    ("buoyant_kernel", &["sources"], "Delta tables are read in one place"),
    (
        "object_store",
        &["sources", "exports", "outbound"],
        "data comes from and goes to object stores, each call through outbound's client; nothing else is kept there",
    ),
    (
        "clap",
        &["weir", "bench-unify", "bench-insights", "bench-ingest", "bench-flows"],
        "only programs have a command line",
    ),
];

/// Foreign crates that must not be in a room at all.
const BARRED: [(&str, &[&str], &str); 4] = [
    (
        "insight",
        &["tokio", "futures", "sqlx", "datafusion", "getrandom", "rand"],
        "segments and measures compute: rows in, numbers out, no runtime, no clock, no chance, no query engine",
    ),
    (
        "unify",
        &["tokio", "futures", "sqlx", "datafusion", "getrandom", "rand", "jiff"],
        "unification computes: rows in, profiles out, no runtime, no clock, no chance, no query engine",
    ),
    (
        "lang",
        &["tokio", "tokio-util", "futures", "async-trait", "sqlx", "getrandom", "uuid", "tracing", "rand"],
        "lang is text in, value out: no runtime, no database, no chance, no log",
    ),
    ("outbound", &["sqlx"], "outbound keeps nothing"),
];

/// Checks what `cargo metadata --no-deps` says about the workspace, and what the sources name.
pub(crate) fn check(house: &House, metadata: &Value) -> Result<Vec<Finding>> {
    let packages = metadata["packages"].as_array().context("cargo metadata without packages")?;
    let mut findings = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"].as_str() == Some("dev");
            if let Some(message) = wrong_arrow(name, used, for_tests) {
                findings.push(at_dependency(house, name, used, message));
            }
        }
        if name != "xtask" && !ROOMS.iter().any(|room| room.name == name) {
            let message = format!("{name} is no room: add it and its arrows to xtask/src/tidy/arrows.rs");
            findings.push(at_dependency(house, name, name, message));
        }
    }
    findings.extend(
        house.shipped().flat_map(|(path, file, source)| narrow(path, &file.text, &tokens(&source.code))),
    );
    Ok(findings)
}

fn wrong_arrow(from: &str, to: &str, for_tests: bool) -> Option<String> {
    if ROOMS.iter().any(|room| room.name == to) {
        return wrong_room(from, to, for_tests);
    }
    if for_tests {
        return None;
    }
    if let Some((_, keepers, why)) =
        KEPT.iter().find(|(kept, keepers, _)| *kept == to && !keepers.contains(&from))
    {
        return Some(format!("{from} uses {to}, which belongs to {}: {why}", keepers.join(" and ")));
    }
    let barred = BARRED.iter().find(|(room, names, _)| *room == from && names.contains(&to));
    barred.map(|(_, _, why)| format!("{from} uses {to}: {why}"))
}

fn wrong_room(from: &str, to: &str, for_tests: bool) -> Option<String> {
    if to == FOR_TESTS {
        return (!for_tests).then(|| format!("{from} uses testkit outside of its tests"));
    }
    let room = ROOMS.iter().find(|room| room.name == from);
    if room.is_some_and(|room| room.may_use.contains(&to)) {
        return None;
    }
    let promise = ABSENT.iter().find(|(absent_from, absent_to, _)| *absent_from == from && *absent_to == to);
    Some(match promise {
        Some((_, _, why)) => format!("{from} must never use {to}: {why}"),
        None => {
            let may = room.map(|room| room.may_use.join(", ")).filter(|list| !list.is_empty());
            format!("{from} may not use {to}; it may use: {}", may.unwrap_or_else(|| "no other room".into()))
        }
    })
}

/// A finding at the line of the manifest that names the dependency.
fn at_dependency(house: &House, package: &str, dependency: &str, message: String) -> Finding {
    let path = manifest(package);
    let line = house
        .text(&path)
        .and_then(|text| text.lines().position(|line| line.split(['=', '.', ' ']).next() == Some(dependency)))
        .map_or(1, |line| line + 1);
    Finding::new(&path, line, message)
}

/// Names of another room that this room may not use, though it may use the room.
fn narrow(path: &str, text: &str, tokens: &[Token<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some((krate, _)) = crate_of(path) else { return findings };
    for (from, to, allowed, what) in NARROW.iter().filter(|(from, ..)| *from == krate) {
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.text == *to) {
            let inside_path = at > 0 && tokens.get(at - 1).is_some_and(|before| before.text == ":");
            if inside_path || !follows(tokens, at + 1, &[":", ":"]) {
                continue;
            }
            for name in named(tokens, at + 3) {
                if !allowed.contains(&name.text) {
                    let message = format!("{from} may use of {to}: {what}; `{to}::{}` is neither", name.text);
                    findings.push(Finding::new(path, line_at(text, token.at), message));
                }
            }
        }
    }
    findings
}

fn follows(tokens: &[Token<'_>], at: usize, expected: &[&str]) -> bool {
    expected
        .iter()
        .enumerate()
        .all(|(ahead, text)| tokens.get(at + ahead).is_some_and(|token| token.text == *text))
}

/// The first names after `room::`, one or a `{list}`.
fn named<'a>(tokens: &[Token<'a>], at: usize) -> Vec<Token<'a>> {
    if !follows(tokens, at, &["{"]) {
        return tokens.get(at).copied().into_iter().collect();
    }
    let mut found = Vec::new();
    let mut depth = 0usize;
    let mut expected = false;
    for token in tokens.iter().skip(at) {
        match token.text {
            "{" => (depth, expected) = (depth + 1, depth == 0),
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," => expected = depth == 1,
            _ if expected => {
                found.push(*token);
                expected = false;
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::super::house::sample;
    use super::*;

    fn reachable(from: &str) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        let mut todo: Vec<&str> = vec![from];
        while let Some(name) = todo.pop() {
            for next in ROOMS.iter().filter(|room| room.name == name).flat_map(|room| room.may_use) {
                if found.insert(*next) {
                    todo.push(next);
                }
            }
        }
        found
    }

    #[test]
    fn no_detour_leads_where_no_arrow_may() {
        for (from, to, _) in ABSENT.iter().filter(|(_, to, _)| *to != "outbound") {
            assert!(!reachable(from).contains(to), "{from} reaches {to} by a detour");
        }
        for room in &ROOMS {
            assert!(!reachable(room.name).contains(room.name), "{} is in a circle", room.name);
        }
    }

    #[test]
    fn arrows_are_allowed_wrong_or_absent_for_a_reason() {
        assert_eq!(wrong_arrow("cdp", "lake", false), None);
        assert_eq!(wrong_arrow("cdp", "serde", false), None);
        assert_eq!(wrong_arrow("cdp", "testkit", true), None);
        for (from, to, tests, part) in [
            ("flow", "cdp", false, "must never use cdp: a flow reads"),
            ("flow", "cdp", true, "must never use"),
            ("lang", "store", false, "may use: no other room"),
            ("lake", "lang", false, "may use: store"),
            ("cdp", "testkit", false, "outside of its tests"),
            ("flow", "reqwest", false, "belongs to outbound"),
            ("lang", "tokio", false, "text in, value out"),
        ] {
            let message = wrong_arrow(from, to, tests).unwrap_or_default();
            assert!(message.contains(part), "{from} → {to}: {message}");
        }
    }

    #[test]
    fn a_wrong_arrow_is_found_at_its_line_and_a_new_room_needs_its_arrows() {
        let house =
            sample(&[("crates/flow/Cargo.toml", "[dependencies]\nlang = 1\ncdp = { workspace = true }\n")]);
        let metadata = json!({"packages": [
            {"name": "flow", "dependencies": [{"name": "lang", "kind": null}, {"name": "cdp", "kind": null}]},
            {"name": "attic", "dependencies": []},
        ]});
        let findings = check(&house, &metadata).unwrap();
        assert_eq!(findings.len(), 2);
        assert_eq!((findings[0].file.as_str(), findings[0].line), ("crates/flow/Cargo.toml", 3));
        assert!(findings[1].message.contains("attic is no room"));
    }

    #[test]
    fn a_room_names_only_its_part_of_another_one() {
        let text = "use events::{NewEvent, thresholds::{self, Crossing}, subscriptions};\nevents::record(tx);\n\
                    events::Workers::new();\ncrate::events::Workers::new();\n#[cfg(test)] mod t;";
        let house = sample(&[("crates/cdp/src/lib.rs", text), ("crates/weir/src/main.rs", text)]);
        let findings = check(&house, &json!({"packages": []})).unwrap();
        let lines: Vec<(&str, usize)> =
            findings.iter().map(|found| (found.file.as_str(), found.line)).collect();
        assert_eq!(lines, [("crates/cdp/src/lib.rs", 1), ("crates/cdp/src/lib.rs", 3)]);
    }
}
