//! Every error code has a section in docs/errors/<crate>.md, and every section has its code.

use std::collections::BTreeMap;

use super::house::{Finding, House, crate_of};
use super::rust::{Literal, Source, line_at};

/// Where a code stands in the sources.
struct Code {
    krate: String,
    file: String,
    line: usize,
}

/// Codes without a section, sections without a code or a text, and codes that two crates share.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    let codes = codes(house, &mut findings);
    let sections = sections(house, &mut findings);
    for (code, at) in &codes {
        if !sections.contains_key(&(at.krate.clone(), code.clone())) {
            let message = format!("{code} is not explained: add `## {code}` to docs/errors/{}.md", at.krate);
            findings.push(Finding::new(&at.file, at.line, message));
        }
    }
    for ((krate, code), line) in &sections {
        if codes.get(code).is_none_or(|at| at.krate != *krate) {
            let message = format!("nothing in {krate} has the code {code}: delete the section or correct it");
            findings.push(Finding::new(&page(krate), *line, message));
        }
    }
    findings
}

fn page(krate: &str) -> String {
    format!("docs/errors/{krate}.md")
}

/// What the functions `fn code(&self) -> &'static str` return, and what the outermost rooms say by themselves.
fn codes(house: &House, findings: &mut Vec<Finding>) -> BTreeMap<String, Code> {
    let mut codes: BTreeMap<String, Code> = BTreeMap::new();
    for (path, file, source) in house.shipped() {
        let Some((krate, _)) = crate_of(path) else { continue };
        for literal in returned(source) {
            let line = line_at(&file.text, literal.start);
            let code = Code { krate: krate.to_owned(), file: path.to_owned(), line };
            if !literal.text.chars().all(|char| char.is_ascii_alphanumeric()) {
                let message = format!("the code {:?} is not one word in camelCase", literal.text);
                findings.push(Finding::new(path, line, message));
            } else if let Some(other) = codes.get(&literal.text).filter(|other| other.krate != krate) {
                let message =
                    format!("{} also has the code {}: a code has one meaning", other.krate, literal.text);
                findings.push(Finding::new(path, line, message));
            } else {
                codes.insert(literal.text.clone(), code);
            }
        }
    }
    for (path, file, source) in house.shipped() {
        let Some((krate, _)) = crate_of(path).filter(|(krate, _)| OUTERMOST.contains(krate)) else {
            continue;
        };
        for literal in said(source) {
            let line = line_at(&file.text, literal.start);
            // A code of another room may be passed on.
            let code = || Code { krate: krate.to_owned(), file: path.to_owned(), line };
            codes.entry(literal.text.clone()).or_insert_with(code);
        }
    }
    codes
}

/// The rooms that tell people and programs about errors, and have a few of their own.
const OUTERMOST: [&str; 2] = ["api", "weir"];

/// The literals that the functions `code` return.
fn returned(source: &Source) -> Vec<&Literal> {
    let mut found = Vec::new();
    for function in source.functions().iter().filter(|function| function.name == "code") {
        let body = source.code.get(function.range.clone()).unwrap_or_default();
        let head = body.split('{').next().unwrap_or_default();
        if !head.contains("&self") || !head.contains("&'static str") || source.is_test(function.range.start) {
            continue;
        }
        found.extend(source.literals.iter().filter(|literal| function.range.contains(&literal.start)));
        found.extend(constant(source).filter(|_| body.contains("Self::CODE")));
    }
    found
}

/// The literals in `code: "…"` and `.error("…", …)`.
fn said(source: &Source) -> impl Iterator<Item = &Literal> {
    source.literals.iter().filter(|literal| !source.is_test(literal.start)).filter(|literal| {
        let before = source.code.get(..literal.start.saturating_sub(1)).unwrap_or_default().trim_end();
        before.ends_with(" code:") || before.ends_with(".error(")
    })
}

/// The text of `const CODE: &str = "…"`.
fn constant(source: &Source) -> Option<&Literal> {
    let at = source.code.find("const CODE:")?;
    source.literals.iter().find(|literal| literal.start > at)
}

/// The `## code` sections by crate and code, with their lines.
fn sections(house: &House, findings: &mut Vec<Finding>) -> BTreeMap<(String, String), usize> {
    let mut sections = BTreeMap::new();
    for (path, file) in &house.files {
        let Some(krate) = path.strip_prefix("docs/errors/").and_then(|name| name.strip_suffix(".md")) else {
            continue;
        };
        if krate == "README" {
            continue;
        }
        let mut lines = file.text.lines().enumerate().peekable();
        while let Some((at, line)) = lines.next() {
            let Some(code) = line.strip_prefix("## ").map(|code| code.trim().trim_matches('`')) else {
                continue;
            };
            while lines.next_if(|(_, line)| line.trim().is_empty()).is_some() {}
            if lines.peek().is_none_or(|(_, line)| line.starts_with("## ")) {
                findings.push(Finding::new(path, at + 1, format!("{code} has a section but no text")));
            }
            if sections.insert((krate.to_owned(), code.to_owned()), at + 1).is_some() {
                findings.push(Finding::new(path, at + 1, format!("{code} has two sections")));
            }
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    const ERRORS: &str = "enum E {}\nimpl E {\n    pub fn code(&self) -> &'static str {\n        match self {\n            \
                          Self::A => \"aFails\",\n            Self::B(e) => e.code(),\n        }\n    }\n}\n\
                          impl F { const CODE: &'static str = \"Named\"; fn code(&self) -> &'static str { Self::CODE } }\n\
                          fn code(other: &str) -> &'static str { \"noCode\" }\n";

    fn found(page: &str) -> Vec<String> {
        check(&sample(&[("crates/a/src/error.rs", ERRORS), ("docs/errors/a.md", page)]))
            .into_iter()
            .map(|found| format!("{}:{} {}", found.file, found.line, found.message))
            .collect()
    }

    #[test]
    fn codes_and_sections_are_the_same() {
        assert!(found("# Errors\n\n## aFails\n\nText.\n\n## `Named`\nText.\n").is_empty());
        assert_eq!(
            found("## aFails\n\n## gone\nText.\n## aFails\nText.\n"),
            [
                "docs/errors/a.md:1 aFails has a section but no text",
                "docs/errors/a.md:5 aFails has two sections",
                "crates/a/src/error.rs:10 Named is not explained: add `## Named` to docs/errors/a.md",
                "docs/errors/a.md:3 nothing in a has the code gone: delete the section or correct it",
            ]
        );
    }

    #[test]
    fn the_command_line_has_codes_of_its_own_and_passes_others_on() {
        let house = sample(&[
            ("crates/a/src/lib.rs", "fn code(&self) -> &'static str { \"same\" }\nX { code: \"inner\" }"),
            (
                "crates/weir/src/main.rs",
                "x.error(\n  \"own\", \"text\"); y(Z { code: \"same\" }); z(\"code\");",
            ),
            ("docs/errors/a.md", "## same\nText."),
            ("docs/errors/README.md", "## not a code"),
        ]);
        let found: Vec<(String, usize)> =
            check(&house).into_iter().map(|found| (found.file, found.line)).collect();
        assert_eq!(found, [("crates/weir/src/main.rs".to_owned(), 2)]);
    }

    #[test]
    fn a_code_has_one_meaning_and_is_one_word() {
        let house = sample(&[
            ("crates/a/src/lib.rs", "fn code(&self) -> &'static str { \"same\" }"),
            (
                "crates/b/src/lib.rs",
                "fn code(&self) -> &'static str { if x { \"same\" } else { \"two words\" } }",
            ),
            ("docs/errors/a.md", "## same\nText."),
        ]);
        let messages: Vec<String> = check(&house).into_iter().map(|found| found.message).collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert!(messages[0].contains("a also has the code same") && messages[1].contains("not one word"));
    }
}
