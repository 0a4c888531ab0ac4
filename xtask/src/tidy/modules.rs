//! Every Rust file is part of a crate: nothing is left behind by a rename.

use std::collections::{BTreeMap, BTreeSet};

use super::house::{Finding, House};
use super::rust::{Source, Token, attribute_end, is_word, line_at, tokens};

/// Files that no crate's root reaches, and modules with a path of their own.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let reached = reached(house);
    let mut findings = Vec::new();
    for (path, file, source) in house.rust() {
        if !reached.contains_key(path) {
            let message = "no `mod` leads here: declare the module or delete the file";
            findings.push(Finding::new(path, 1, message));
        }
        if let Some(at) = source.code.find("#[path") {
            let message = "#[path] hides where a module lives: give the file its module's name";
            findings.push(Finding::new(path, line_at(&file.text, at), message));
        }
    }
    findings
}

/// Files that only tests are made of: what tests/, benches/ and `#[cfg(test)] mod …;` lead to.
pub(crate) fn test_files(house: &House) -> BTreeSet<String> {
    reached(house).into_iter().filter(|(_, test)| *test).map(|(path, _)| path).collect()
}

/// The files that are reached from the roots of crates, and whether only as tests.
fn reached(house: &House) -> BTreeMap<String, bool> {
    let mut reached = BTreeMap::new();
    let mut todo: Vec<(String, bool)> =
        house.rust().filter_map(|(path, _, _)| root(path).map(|test| (path.to_owned(), test))).collect();
    while let Some((path, test)) = todo.pop() {
        let Some(source) = house.files.get(&path).and_then(|file| file.rust.as_ref()) else { continue };
        // A file that the program and the tests both reach is the program's.
        if reached.get(&path).is_some_and(|known: &bool| !known || test) {
            continue;
        }
        let is_root = root(&path).is_some();
        for child in children(source) {
            let folder = folder_of_children(&path, is_root);
            let name = format!("{folder}/{}", child.path);
            let test = test || child.test;
            todo.push((format!("{name}.rs"), test));
            todo.push((format!("{name}/mod.rs"), test));
        }
        reached.insert(path, test);
    }
    reached
}

/// Whether a file is the root of a target, and then whether of a test.
fn root(path: &str) -> Option<bool> {
    let parts: Vec<&str> = path.split('/').collect();
    let in_folder = path.starts_with("crates/") || path.starts_with("bench/");
    let from_package = if in_folder { parts.get(2..)? } else { parts.get(1..)? };
    match from_package {
        ["build.rs"] | ["src", "lib.rs" | "main.rs"] | ["src", "bin", _] | ["src", "bin", _, "main.rs"] => {
            Some(false)
        }
        ["tests" | "benches" | "examples" | "fuzz_targets", _]
        | ["tests" | "benches" | "examples", _, "main.rs"] => Some(true),
        _ => None,
    }
}

fn folder_of_children(path: &str, is_root: bool) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if is_root || name == "mod.rs" { folder.to_owned() } else { path.trim_end_matches(".rs").to_owned() }
}

/// A module that a file declares.
struct Child {
    /// `name`, or `outer/name` inside an inline module.
    path: String,
    test: bool,
}

fn children(source: &Source) -> Vec<Child> {
    let tokens = tokens(&source.code);
    let mut found = Vec::new();
    // The inline modules around the token, each with the depth of its braces.
    let mut around: Vec<(&str, usize)> = Vec::new();
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match (token.text, declared(&tokens, at)) {
            ("{", _) => depth += 1,
            ("}", _) => {
                depth = depth.saturating_sub(1);
                around.retain(|(_, inside)| *inside <= depth);
            }
            ("#", _) => {
                at = attribute_end(&tokens, at).unwrap_or(at + 1);
                continue;
            }
            ("mod", Some((name, ";"))) => {
                let outer: String = around.iter().map(|(outer, _)| format!("{outer}/")).collect();
                found.push(Child { path: format!("{outer}{name}"), test: source.is_test(token.at) });
            }
            ("mod", Some((name, "{"))) => around.push((name, depth + 1)),
            _ => {}
        }
        at += 1;
    }
    found
}

fn declared<'a>(tokens: &[Token<'a>], at: usize) -> Option<(&'a str, &'a str)> {
    let name = tokens.get(at + 1)?.text;
    is_word(name).then_some((name, tokens.get(at + 2)?.text))
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    #[test]
    fn a_file_that_no_module_declares_is_an_orphan() {
        let house = sample(&[
            ("crates/a/src/lib.rs", "mod b;\nmod inline { mod c; }\nmod d;\n// mod gone;"),
            ("crates/a/src/b.rs", "mod e;"),
            ("crates/a/src/b/e.rs", ""),
            ("crates/a/src/inline/c.rs", ""),
            ("crates/a/src/d/mod.rs", "mod f;"),
            ("crates/a/src/d/f.rs", ""),
            ("crates/a/src/gone.rs", ""),
            ("crates/a/tests/it.rs", "mod common;"),
            ("crates/a/tests/common/mod.rs", ""),
        ]);
        let orphans: Vec<String> = check(&house).into_iter().map(|finding| finding.file).collect();
        assert_eq!(orphans, ["crates/a/src/gone.rs"]);
    }

    #[test]
    fn a_module_with_a_path_of_its_own_is_found() {
        let house = sample(&[("xtask/src/main.rs", "\n#[path = \"x.rs\"]\nmod a;"), ("xtask/src/a.rs", "")]);
        assert_eq!(check(&house).first().map(|finding| finding.line), Some(2));
    }

    #[test]
    fn files_of_tests_are_known() {
        let house = sample(&[
            ("crates/a/src/lib.rs", "mod b;\n#[cfg(test)]\nmod testing;"),
            ("crates/a/src/b.rs", "#[cfg(test)]\nmod tests;"),
            ("crates/a/src/b/tests.rs", ""),
            ("crates/a/src/testing.rs", ""),
            ("crates/a/tests/it/main.rs", "mod x;"),
            ("crates/a/tests/it/x.rs", ""),
        ]);
        let tests: Vec<String> = test_files(&house).into_iter().collect();
        assert_eq!(
            tests,
            [
                "crates/a/src/b/tests.rs",
                "crates/a/src/testing.rs",
                "crates/a/tests/it/main.rs",
                "crates/a/tests/it/x.rs"
            ]
        );
    }
}
