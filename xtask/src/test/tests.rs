//! The tests themselves, and the counts that they end with.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, IsTerminal};
use std::process::Stdio;

use anyhow::{Context, Result};

use super::tools::Tool;
use super::{Counts, Outcome, Place, mariadb, postgres, python, tools};

/// Runs every test, and what is written as an example in a comment.
pub(super) fn run(place: &Place) -> Result<Outcome> {
    let mut notes = Vec::new();
    let python = python::ready(place).map_err(|why| notes.push(why)).ok();
    let postgres = postgres::start().map_err(|why| notes.push(why)).ok();
    let mariadb = mariadb::start().map_err(|why| notes.push(why)).ok();
    let mut peers: Vec<Peer> = Vec::new();
    peers.extend(python.map(|python| (python::VARIABLE, python.into_os_string())));
    peers.extend(postgres.as_ref().map(|server| (postgres::VARIABLE, OsString::from(&server.url))));
    peers.extend(mariadb.as_ref().map(|server| (mariadb::VARIABLE, OsString::from(&server.url))));
    let mut outcome = match tools::ready(place, Tool::Nextest) {
        Ok(()) => nextest(place, &peers)?,
        Err(why) => {
            notes.push(format!("{why}; cargo test stands in"));
            cargo_test(place, &peers, &[])?
        }
    };
    if has_examples(place)? {
        outcome.add(cargo_test(place, &peers, &["--doc"])?);
    }
    let outcome = Outcome { counts: outcome, note: None };
    Ok(if notes.is_empty() { outcome } else { outcome.but(notes.join("; ")) })
}

/// The variable that tells the tests of another program, and where that is.
type Peer = (&'static str, OsString);

fn nextest(place: &Place, peers: &[Peer]) -> Result<Counts> {
    let color = if std::io::stderr().is_terminal() { "always" } else { "never" };
    let arguments = ["nextest", "run", "--workspace", "--locked", "--no-fail-fast", "--color", color];
    let mut command = place.cargo(&arguments);
    command.envs(peers.iter().map(|(variable, value)| (variable, value)));
    println!("$ cargo {}", arguments.join(" "));
    let mut child = command.stderr(Stdio::piped()).spawn().context("nextest cannot be started")?;
    let mut counts = None;
    for line in BufReader::new(child.stderr.take().context("nextest without output")?).lines() {
        let line = line.context("what nextest prints cannot be read")?;
        eprintln!("{line}");
        counts = summary(&line).or(counts);
    }
    let passed = child.wait().context("nextest cannot be waited for")?.success();
    Ok(complete(counts, passed))
}

/// Nothing that fails goes uncounted: a build that breaks has no summary.
fn complete(counts: Option<Counts>, passed: bool) -> Counts {
    let mut counts = counts.unwrap_or_default();
    if !passed && counts.failed == 0 {
        counts.failed = 1;
    }
    counts
}

/// The counts of nextest's last line: `Summary [ 1.2s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped`.
fn summary(line: &str) -> Option<Counts> {
    let line = without_color(line);
    let (head, tail) = line.split_once(" run: ")?;
    if !head.trim_start().starts_with("Summary") {
        return None;
    }
    let mut counts = Counts::default();
    for part in tail.split(", ") {
        let mut words = part.split_whitespace();
        let (Some(Ok(number)), Some(kind)) = (words.next().map(str::parse::<usize>), words.next()) else {
            continue;
        };
        match kind {
            "passed" => counts.passed += number,
            "skipped" => counts.skipped += number,
            _ => counts.failed += number,
        }
    }
    Some(counts)
}

fn without_color(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    plain
}

fn cargo_test(place: &Place, peers: &[Peer], extra: &[&str]) -> Result<Counts> {
    let mut command = place.cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    command.args(extra).envs(peers.iter().map(|(variable, value)| (variable, value)));
    println!("$ cargo test --workspace {}", extra.join(" "));
    let output = command.stderr(Stdio::inherit()).output().context("cargo test cannot be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    let mut counts = Counts::default();
    text.lines().filter_map(results).for_each(|found| counts.add(found));
    Ok(complete(Some(counts), output.status.success()))
}

/// The counts of `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
fn results(line: &str) -> Option<Counts> {
    let rest = line.strip_prefix("test result: ")?;
    let number = |kind: &str| {
        let part = rest.split([';', '.']).find(|part| part.trim().ends_with(kind))?;
        part.split_whitespace().next()?.parse::<usize>().ok()
    };
    Some(Counts { passed: number("passed")?, failed: number("failed")?, skipped: number("ignored")? })
}

/// Whether a comment of a library holds an example that rustdoc would run.
fn has_examples(place: &Place) -> Result<bool> {
    let mut folders = vec![place.root.join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && is_example(&std::fs::read_to_string(&path).unwrap_or_default())
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn is_example(text: &str) -> bool {
    let mut inside = false;
    for line in text.lines().map(str::trim_start) {
        let comment = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        let Some(fence) = comment.and_then(|comment| comment.trim_start().strip_prefix("```")) else {
            continue;
        };
        inside = !inside;
        if inside && (fence.is_empty() || fence.starts_with("rust") || fence.contains("no_run")) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn the_summary_of_nextest_is_read_with_and_without_color() {
        let counts = |passed, failed, skipped| Some(Counts { passed, failed, skipped });
        for (line, expected) in [
            ("     Summary [   0.275s] 39 tests run: 39 passed, 0 skipped", counts(39, 0, 0)),
            (
                "     Summary [   9.1s] 7/9 tests run: 3 passed (1 slow), 2 failed, 1 exec failed, 1 timed out, 4 skipped",
                counts(3, 4, 4),
            ),
            (
                "\u{1b}[32;1m     Summary\u{1b}[0m [   0.2s] \u{1b}[1m1\u{1b}[0m tests run: \u{1b}[1m1\u{1b}[0m \
                 \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m skipped",
                counts(1, 0, 0),
            ),
            ("        FAIL [   0.281s] tests run: 1 passed", None),
            ("", None),
        ] {
            assert_eq!(summary(line), expected, "{line}");
        }
    }

    #[test]
    fn a_failure_without_a_summary_counts() {
        assert_eq!(complete(None, false).failed, 1);
        let two = Counts { passed: 1, failed: 2, skipped: 0 };
        assert_eq!(complete(Some(two), false), two);
        assert_eq!(complete(None, true), Counts::default());
    }

    #[test]
    fn the_results_of_cargo_test_are_read() {
        let line =
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(results(line), Some(Counts { passed: 3, failed: 0, skipped: 1 }));
        assert_eq!(results("running 3 tests"), None);
    }

    #[test]
    fn an_example_is_told_from_a_picture() {
        assert!(is_example("/// ```\n/// let a = 1;\n/// ```\n"));
        assert!(is_example("    //! ```rust\n"));
        assert!(!is_example("/// ```text\n/// a\n/// ```\n/// ```json\n/// {}\n/// ```\n// ```\n"));
    }
}
