//! The first line of a module says what it is for.

use super::house::{Finding, House};

/// Files whose first line is no `//!` sentence.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, file, _) in house.rust() {
        let first = file.text.lines().next().unwrap_or_default();
        let purpose = first.strip_prefix("//! ").unwrap_or_default().trim();
        if purpose.split_whitespace().count() < 2 {
            let message = "the first line does not say what the module is for: begin with `//! <purpose>`";
            findings.push(Finding::new(path, 1, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    #[test]
    fn a_module_begins_with_its_purpose() {
        let house = sample(&[
            ("crates/a/src/lib.rs", "//! Gathers what falls.\n"),
            ("crates/a/src/b.rs", "use x;\n//! Too late."),
            ("crates/a/src/c.rs", "//!\n"),
            ("crates/a/src/d.rs", "//! D.\n"),
        ]);
        let files: Vec<String> = check(&house).into_iter().map(|finding| finding.file).collect();
        assert_eq!(files, ["crates/a/src/b.rs", "crates/a/src/c.rs", "crates/a/src/d.rs"]);
    }
}
