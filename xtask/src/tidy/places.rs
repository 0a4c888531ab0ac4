//! Nothing in the repository depends on where somebody works.

use super::house::{Finding, House};

/// Beginnings of paths that are true on one machine only. Written in two parts, so that this file has none.
const PLACES: [&str; 7] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:\\Us", "ers\\"),
    concat!("../sha", "red"),
    concat!("/tm", "p/"),
];

/// Mentions of a folder beside the repository.
const BESIDE: &str = concat!("sha", "red/");

/// Lines that name a place of one machine.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, file) in &house.files {
        for (at, line) in file.text.lines().enumerate() {
            if let Some(place) = place(line) {
                let message =
                    format!("`{place}` is a place of one machine: take a relative path or a setting");
                findings.push(Finding::new(path, at + 1, message));
            }
        }
    }
    findings
}

fn place(line: &str) -> Option<&'static str> {
    let starts_path = |at: usize| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        before
            .is_none_or(|before| !before.is_alphanumeric() && !matches!(before, '_' | '-' | '.' | '}' | '>'))
    };
    let beside = line
        .match_indices(BESIDE)
        .any(|(at, _)| starts_path(at) && !line.get(..at).unwrap_or_default().ends_with('/'));
    if beside {
        return Some(BESIDE);
    }
    PLACES.into_iter().find(|place| line.match_indices(place).any(|(at, _)| starts_path(at)))
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    #[test]
    fn places_of_one_machine_are_found() {
        let bad = [
            format!("cd {}main", PLACES[0]),
            format!("see `{}a.csv`", BESIDE),
            format!("\"{}x/y\"", PLACES[1]),
            format!("{}x", PLACES[2]),
            format!("read {}data", PLACES[5]),
        ];
        for line in &bad {
            let house = sample(&[("docs/a.md", &format!("fine\n{line}\n"))]);
            let lines: Vec<usize> = check(&house).into_iter().map(|found| found.line).collect();
            assert_eq!(lines, [2], "{line}");
        }
    }

    #[test]
    fn other_paths_are_fine() {
        let house = sample(&[(
            "docs/a.md",
            "network/ homework/x https://example.com/workers crates/flow/shared.rs $HOME/home unshared/ a/shared/b",
        )]);
        assert!(check(&house).is_empty(), "{:?}", check(&house));
    }
}
