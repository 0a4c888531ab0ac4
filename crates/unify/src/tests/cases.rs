//! Cases as data: `testdata/cases/<case>/` has the definition, the entities, and the rows to expect.
//!
//! `definition.json` is the `unification` of the definitions as JSON. Every other `<Entity>.csv` is an entity whose
//! first column is the primary key. `expected/<table>.csv` names the columns to look at and all their rows, in order
//! but for the tables that stand in the order of customers' ids; `expected/problems.txt` lists the codes of the
//! problems of a definition that must not run, `expected/warnings.txt` what the report warns of,
//! `expected/columns.txt` all attributes of `Customer`.

use std::fs;
use std::path::{Path, PathBuf};

use super::text_tables;
use super::*;

#[test]
fn every_case_gives_the_rows_that_it_expects() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let mut cases: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    for case in cases {
        check_case(&case);
    }
}

/// Tables in the order of customers' ids, which say nothing to people.
const BY_CUSTOMER: [&str; 2] = [definition::CUSTOMER, definition::CONFLATION_MATCH_PAIRS];

fn check_case(case: &Path) {
    let definition = fs::read_to_string(case.join("definition.json")).unwrap();
    let unification: Unification =
        serde_json::from_str(&definition).unwrap_or_else(|error| panic!("{case:?}: {error}"));
    let mut inputs = Vec::new();
    for file in files(case) {
        if file.extension().is_some_and(|it| it == "csv") {
            inputs.push(text_tables::input(&stem(&file), &fs::read_to_string(&file).unwrap()));
        }
    }
    let result = run_quietly(&unification, inputs);
    if let Ok(unified) = &result {
        check_links(unified);
    }
    let expected = files(&case.join("expected"));
    assert!(!expected.is_empty(), "{case:?} expects nothing");
    for file in expected {
        let text = fs::read_to_string(&file).unwrap();
        let unified = match (&result, stem(&file).as_str()) {
            (Err(UnifyError::Invalid(problems)), "problems") => {
                let codes: Vec<&str> = problems.iter().map(Problem::code).collect();
                assert_eq!(codes, text.lines().collect::<Vec<_>>(), "{file:?}: {problems:#?}");
                continue;
            }
            (Ok(unified), _) => unified,
            (Err(error), _) => panic!("{case:?}: {error}"),
        };
        let name = stem(&file);
        if name == "warnings" {
            let warnings: Vec<String> = unified.report.warnings.iter().map(ToString::to_string).collect();
            assert_eq!(warnings, text.lines().collect::<Vec<_>>(), "{file:?}");
            continue;
        }
        if name == "columns" {
            let fields = unified.customer.schema.fields().iter().map(|field| field.name().as_str());
            assert_eq!(fields.collect::<Vec<_>>(), text.lines().collect::<Vec<_>>(), "{file:?}");
            continue;
        }
        let table = unified.tables().into_iter().find(|(made, _)| *made == name);
        let (_, table) = table.unwrap_or_else(|| panic!("{case:?} expects {name}, which is no table"));
        let (columns, expected) = text_tables::read(&text);
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let (mut found, mut expected) = (rows(table, &columns), expected);
        if BY_CUSTOMER.contains(&name.as_str()) {
            found.sort();
            expected.sort();
        }
        assert_eq!(found, expected, "{file:?}");
    }
}

/// Every rule's number is the number of the rows behind it.
fn check_links(unified: &Unified) {
    let links = rows(&unified.links, &["Stage", "EntityName", "Rule", "Candidates"]);
    let own = unified.report.deduplication.iter().map(|report| ("deduplication", report));
    for (stage, report) in own.chain(unified.report.rules.iter().map(|report| ("match", report))) {
        let of_rule =
            |link: &&Vec<String>| link[0] == stage && link[1] == report.on && link[2] == report.rule;
        let links: Vec<_> = links.iter().filter(of_rule).collect();
        assert_eq!(links.len() as u64, report.matched, "{report:?}");
        assert_eq!(
            links.iter().filter(|link| stage == "match" && link[3] != "1").count() as u64,
            report.ambiguous,
            "{report:?}"
        );
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.is_file());
    files.sort();
    files
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_string_lossy().into_owned()
}
