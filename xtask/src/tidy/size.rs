//! Files and functions stay small; what is too large today may only shrink.

use std::collections::BTreeMap;

use super::house::{Finding, House};
use super::rust::line_at;

/// Lines of a file.
const FILE_LINES: usize = 800;
/// Lines of a function, from `fn` to its closing brace.
const FUNCTION_LINES: usize = 70;
/// What is larger than that, and how large it was when last touched.
const RATCHET: &str = "xtask/ratchet.txt";

/// Files and functions over their limit that the ratchet does not hold, and lines of the ratchet that are stale.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut large = files(house);
    large.extend(functions(house));
    let held = ratchet(house, &mut findings);
    for (what, (file, line, lines, limit)) in &large {
        match held.get(what) {
            Some((_, most)) if lines <= most => {}
            Some((_, most)) => findings.push(Finding::new(
                file,
                *line,
                format!("{what} has {lines} lines; it had {most} and may only shrink: divide it"),
            )),
            None => findings.push(Finding::new(
                file,
                *line,
                format!("{what} has {lines} lines, {limit} are allowed: divide it"),
            )),
        }
    }
    for (what, (line, most)) in &held {
        let lines = large.get(what).map_or(0, |(_, _, lines, _)| *lines);
        if lines == 0 {
            findings.push(Finding::new(RATCHET, *line, format!("{what} is small now: delete this line")));
        } else if lines < *most {
            findings.push(Finding::new(
                RATCHET,
                *line,
                format!("{what} has shrunk: write {lines}, not {most}"),
            ));
        }
    }
    findings
}

/// What is too large: where it is, its lines, and the limit.
type Large<'a> = BTreeMap<String, (&'a str, usize, usize, usize)>;

fn files(house: &House) -> Large<'_> {
    house
        .rust()
        .map(|(path, file, _)| (path, file.text.lines().count()))
        .filter(|(_, lines)| *lines > FILE_LINES)
        .map(|(path, lines)| (path.to_owned(), (path, 1, lines, FILE_LINES)))
        .collect()
}

fn functions(house: &House) -> Large<'_> {
    let mut found = Large::new();
    for (path, file, source) in house.rust().filter(|(_, file, _)| !file.test) {
        for function in
            source.functions().into_iter().filter(|function| !source.is_test(function.range.start))
        {
            let line = line_at(&file.text, function.range.start);
            let lines = line_at(&file.text, function.range.end) - line + 1;
            if lines > FUNCTION_LINES {
                let entry = found.entry(format!("{path}#{}", function.name)).or_insert((
                    path,
                    line,
                    0,
                    FUNCTION_LINES,
                ));
                // Two functions of one name in one file: the larger one counts.
                entry.2 = entry.2.max(lines);
            }
        }
    }
    found
}

/// The lines `<path>[#<function>] <lines>` of the ratchet.
fn ratchet(house: &House, findings: &mut Vec<Finding>) -> BTreeMap<String, (usize, usize)> {
    let mut held = BTreeMap::new();
    for (at, line) in house.text(RATCHET).unwrap_or_default().lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once(' ').map(|(what, most)| (what, most.trim().parse())) {
            Some((what, Ok(most))) => {
                held.insert(what.to_owned(), (at + 1, most));
            }
            _ => findings.push(Finding::new(RATCHET, at + 1, "a line is `<path>[#<function>] <lines>`")),
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    fn function(name: &str, lines: usize) -> String {
        format!("fn {name}() {{\n{}}}\n", "    x();\n".repeat(lines - 2))
    }

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        check(&sample(files))
            .into_iter()
            .map(|found| format!("{}:{} {}", found.file, found.line, found.message))
            .collect()
    }

    #[test]
    fn the_limits_hold_to_the_line() {
        let just = format!("{}{}", function("a", FUNCTION_LINES), "\n".repeat(FILE_LINES - FUNCTION_LINES));
        assert!(found(&[("crates/a/src/lib.rs", &just)]).is_empty());
        let over =
            format!("{}{}", function("a", FUNCTION_LINES + 1), "\n".repeat(FILE_LINES - FUNCTION_LINES));
        assert_eq!(
            found(&[("crates/a/src/lib.rs", &over)]),
            [
                "crates/a/src/lib.rs:1 crates/a/src/lib.rs has 801 lines, 800 are allowed: divide it",
                "crates/a/src/lib.rs:1 crates/a/src/lib.rs#a has 71 lines, 70 are allowed: divide it",
            ]
        );
    }

    #[test]
    fn a_function_of_a_test_may_be_long() {
        let long = function("a", 90);
        let inside = format!("#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod more {{\n{long}}}");
        assert!(found(&[("crates/a/src/lib.rs", &inside), ("crates/a/src/tests.rs", &long)]).is_empty());
    }

    #[test]
    fn what_is_held_may_shrink_but_not_grow() {
        for (held, message) in [
            ("crates/a/src/lib.rs#a 80", None),
            ("crates/a/src/lib.rs#a 79", Some("had 79 and may only shrink")),
            ("crates/a/src/lib.rs#a 81", Some("write 80, not 81")),
            ("# nothing\ncrates/a/src/lib.rs#a 80\ncrates/a/src/lib.rs#b 80", Some("delete this line")),
            ("crates/a/src/lib.rs#a 80\nnonsense", Some("a line is")),
        ] {
            let found = found(&[("crates/a/src/lib.rs", &function("a", 80)), (RATCHET, held)]);
            match message {
                Some(part) => assert!(found.len() == 1 && found[0].contains(part), "{found:?}"),
                None => assert!(found.is_empty(), "{found:?}"),
            }
        }
    }
}
