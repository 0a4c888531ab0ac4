//! Each table is written by one module: the owner that its migration names.

use std::collections::BTreeMap;

use super::house::{Finding, House, module_of};
use super::rust::line_at;

/// Modules that write tables of databases that are not ours.
const FOREIGN: [&str; 1] = ["exports::postgres"];

/// Compares the statements that write with the `-- owner:` lines of the migrations.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    let owners = owners(house, &mut findings);
    for (path, file, source) in house.shipped() {
        let Some(module) = module_of(path) else { continue };
        if FOREIGN.iter().any(|foreign| within(&module, foreign)) {
            continue;
        }
        for literal in source.literals.iter().filter(|literal| !source.is_test(literal.start)) {
            for table in written(&literal.text) {
                let message = match owners.get(table.as_str()) {
                    Some(owner) if within(&module, owner) => continue,
                    Some(owner) => format!("{module} writes the table {table}, which {owner} owns"),
                    None => format!("{module} writes the table {table}, which no migration creates"),
                };
                findings.push(Finding::new(path, line_at(&file.text, literal.start), message));
            }
        }
    }
    findings
}

/// The owner of each table. An owner line holds until the next one.
fn owners(house: &House, findings: &mut Vec<Finding>) -> BTreeMap<String, String> {
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for (path, file) in house.files.range("migrations/".to_owned().."migrations0".to_owned()) {
        let mut owner = None;
        for (at, line) in file.text.lines().enumerate() {
            if let Some(named) = line.strip_prefix("-- owner:") {
                owner = Some(named.trim());
                if !is_module(house, named.trim()) {
                    let message = format!("the owner {} is no crate and no module", named.trim());
                    findings.push(Finding::new(path, at + 1, message));
                }
            }
            let Some(table) = created(line) else { continue };
            let Some(owner) = owner else {
                let message = format!("{table} has no owner: put `-- owner: <crate or module>` above");
                findings.push(Finding::new(path, at + 1, message));
                continue;
            };
            if let Some(other) = owners.insert(table.clone(), owner.to_owned()) {
                findings.push(Finding::new(
                    path,
                    at + 1,
                    format!("{table} is created twice: {other} has it"),
                ));
            }
        }
    }
    owners
}

fn is_module(house: &House, owner: &str) -> bool {
    let mut parts = owner.split("::");
    let krate = parts.next().unwrap_or_default();
    let inside: String = parts.map(|part| format!("/{part}")).collect();
    let path = format!("crates/{krate}/src{inside}");
    house.has(&path) || house.has(&format!("{path}.rs"))
}

fn within(module: &str, owner: &str) -> bool {
    module.strip_prefix(owner).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn created(line: &str) -> Option<String> {
    let rest = line.trim_start().strip_prefix("CREATE TABLE ")?.trim_start();
    let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
    Some(name(rest))
}

fn name(text: &str) -> String {
    let text = text.trim_start().trim_start_matches('"');
    text.chars().take_while(|char| char.is_alphanumeric() || matches!(char, '_' | '{' | '}')).collect()
}

/// The tables that a text writes, when it is SQL. A name that is put in while running stands as `{…}`.
fn written(sql: &str) -> Vec<String> {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let mut tables = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = |ahead: usize| words.get(at + ahead).copied().unwrap_or_default();
        let word = word.trim_start_matches('(');
        let table = match word {
            "INSERT" if next(1) == "INTO" => next(2),
            "INSERT" if next(1) == "OR" && next(3) == "INTO" => next(4),
            "DELETE" if next(1) == "FROM" => next(2),
            "UPDATE" if next(2) == "SET" || next(2) == "AS" => next(1),
            "TRUNCATE" | "REPLACE" if matches!(next(1), "TABLE" | "INTO") => next(2),
            _ => continue,
        };
        let table = name(table);
        if !table.is_empty() {
            tables.push(table);
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    #[test]
    fn statements_that_write_name_their_table() {
        for (sql, tables) in [
            ("INSERT INTO event (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = 1", vec!["event"]),
            ("UPDATE run SET a = (SELECT 1 FROM event) WHERE 1", vec!["run"]),
            ("SELECT 1 FROM event FOR UPDATE SKIP LOCKED", vec![]),
            ("DELETE FROM a; INSERT OR IGNORE INTO \"b\"(x) VALUES (1)", vec!["a", "b"]),
            ("WITH gone AS (DELETE FROM a RETURNING 1) SELECT 1", vec!["a"]),
            ("DELETE FROM {table}", vec!["{table}"]),
            ("nothing that we UPDATE in words", vec![]),
        ] {
            assert_eq!(written(sql), tables, "{sql}");
        }
    }

    #[test]
    fn a_table_is_written_by_its_owner_alone() {
        let house = sample(&[
            (
                "migrations/0001_a.sql",
                "-- owner: a\nCREATE TABLE one (x TEXT);\n-- owner: a::deep\nCREATE TABLE IF NOT EXISTS two(x TEXT);\n",
            ),
            ("crates/a/src/lib.rs", "mod deep;\nfn f() { q(\"DELETE FROM one\"); q(\"DELETE FROM two\") }"),
            (
                "crates/a/src/deep.rs",
                "fn f() { q(\"UPDATE one SET x = 1\"); q(\"INSERT INTO two (x) VALUES (1)\") }",
            ),
            (
                "crates/ab/src/lib.rs",
                "fn f() { q(\"INSERT INTO one (x) VALUES (1)\") }\n#[cfg(test)]\nmod t { fn f() { q(\"DELETE FROM one\") } }",
            ),
            ("crates/b/src/lib.rs", "\nfn f(t: &str) { q(format!(\"DELETE FROM {t}\")) }"),
        ]);
        let found: Vec<String> = check(&house)
            .into_iter()
            .map(|found| format!("{}:{} {}", found.file, found.line, found.message))
            .collect();
        assert_eq!(
            found,
            [
                "crates/a/src/lib.rs:2 a writes the table two, which a::deep owns",
                "crates/ab/src/lib.rs:1 ab writes the table one, which a owns",
                "crates/b/src/lib.rs:2 b writes the table {t}, which no migration creates",
            ]
        );
    }

    #[test]
    fn every_table_has_one_owner_that_exists() {
        let house = sample(&[
            (
                "migrations/0001_a.sql",
                "CREATE TABLE one (x TEXT);\n-- owner: gone\nCREATE TABLE two (x TEXT);",
            ),
            ("migrations/0002_b.sql", "-- owner: a::b\nCREATE TABLE two (x TEXT);"),
            ("crates/a/src/b/mod.rs", ""),
        ]);
        let lines: Vec<(String, usize)> =
            check(&house).into_iter().map(|found| (found.file, found.line)).collect();
        let expected =
            [("migrations/0001_a.sql", 1), ("migrations/0001_a.sql", 2), ("migrations/0002_b.sql", 2)];
        assert_eq!(lines, expected.map(|(file, line)| (file.to_owned(), line)));
    }
}
