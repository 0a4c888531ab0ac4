//! Migrations are numbered and only appended: what a database has run is never changed.

use std::collections::BTreeMap;
use std::path::Path;

use super::house::{Finding, House, git};

const FOLDER: &str = "migrations/";

/// Checks names and owners, and compares with the last commit and with every release (tags `v…`) when Git is there.
pub(crate) fn check(house: &House, root: &Path) -> Vec<Finding> {
    let mut findings = names(house);
    for revision in revisions(root) {
        match kept(root, &revision) {
            Ok(kept) => findings.extend(changed(house, &kept, &revision)),
            Err(error) => {
                findings.push(Finding::new(FOLDER, 1, format!("{revision} cannot be read: {error:#}")))
            }
        }
    }
    findings
}

fn names(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, (path, file)) in migrations(house).enumerate() {
        let expected = format!("{FOLDER}{:04}_", at + 1);
        if !path.starts_with(&expected) || !path.ends_with(".sql") {
            let message =
                format!("migrations are numbered without gaps: {expected}<module>.sql is expected here");
            findings.push(Finding::new(path, 1, message));
        }
        if !file.text.starts_with("-- owner: ") {
            findings.push(Finding::new(
                path,
                1,
                "the first line names the owner: `-- owner: <crate or module>`",
            ));
        }
    }
    findings
}

fn migrations(house: &House) -> impl Iterator<Item = (&String, &super::house::File)> {
    house.files.iter().filter(|(path, _)| path.starts_with(FOLDER))
}

/// The commits whose migrations are fixed. None without Git or without a commit.
fn revisions(root: &Path) -> Vec<String> {
    if git(root, &["rev-parse", "--verify", "--quiet", "HEAD"]).is_err() {
        return Vec::new();
    }
    let tags = git(root, &["tag", "--list", "v*", "--merged", "HEAD"]).unwrap_or_default();
    let mut revisions = vec!["HEAD".to_owned()];
    revisions.extend(tags.lines().map(str::to_owned));
    revisions
}

fn kept(root: &Path, revision: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let listed = git(root, &["ls-tree", "-r", "--name-only", "-z", revision, FOLDER])?;
    let paths = listed.split('\0').filter(|path| !path.is_empty());
    paths.map(|path| Ok((path.to_owned(), git(root, &["show", &format!("{revision}:{path}")])?))).collect()
}

fn changed(house: &House, kept: &BTreeMap<String, String>, revision: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, before) in kept {
        let message = match house.text(path) {
            Some(now) if now == before => continue,
            Some(_) => format!("changed since {revision}: databases have run it; append a new migration"),
            None => format!("it is in {revision} and gone now: databases have run it"),
        };
        findings.push(Finding::new(
            path,
            first_difference(house.text(path).unwrap_or_default(), before),
            message,
        ));
    }
    findings
}

fn first_difference(now: &str, before: &str) -> usize {
    now.lines().zip(before.lines()).take_while(|(now, before)| now == before).count() + 1
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    #[test]
    fn numbers_have_no_gaps_and_every_file_an_owner() {
        let house = sample(&[
            ("migrations/0001_a.sql", "-- owner: a\n"),
            ("migrations/0003_b.sql", "-- owner: b\n"),
            ("migrations/0003_c.sql", "CREATE TABLE c (x TEXT);\n"),
        ]);
        let files: Vec<String> = names(&house).into_iter().map(|finding| finding.file).collect();
        assert_eq!(files, ["migrations/0003_b.sql", "migrations/0003_c.sql"]);
    }

    #[test]
    fn what_was_kept_is_neither_changed_nor_deleted() {
        let kept: BTreeMap<String, String> = [("1", "a\nb\n"), ("2", "a\n"), ("3", "a\n")]
            .map(|(name, text)| (format!("migrations/{name}.sql"), text.to_owned()))
            .into();
        let house =
            sample(&[("migrations/1.sql", "a\nc\n"), ("migrations/2.sql", "a\n"), ("migrations/4.sql", "")]);
        let found: Vec<(String, usize)> =
            changed(&house, &kept, "HEAD").into_iter().map(|finding| (finding.file, finding.line)).collect();
        assert_eq!(found, [("migrations/1.sql".to_owned(), 2), ("migrations/3.sql".to_owned(), 1)]);
    }

    #[test]
    fn a_release_is_compared_as_well_as_the_last_commit() {
        let root = std::env::temp_dir().join(format!("xtask-migrations-{}", std::process::id()));
        std::fs::create_dir_all(root.join("migrations")).unwrap();
        let identity =
            ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
        let commit = |text: &str| {
            std::fs::write(root.join("migrations/0001_a.sql"), text).unwrap();
            git(&root, &["add", "."]).unwrap();
            git(&root, &[&identity[..], &["commit", "-qm", "x"]].concat()).unwrap();
        };
        git(&root, &["init", "-q"]).unwrap();
        let sample = |text: &str| sample(&[("migrations/0001_a.sql", text)]);
        assert!(check(&sample("-- owner: a\n"), &root).is_empty(), "no commit yet");
        commit("-- owner: a\n");
        git(&root, &["tag", "v0.1.0"]).unwrap();
        assert_eq!(check(&sample("-- owner: b\n"), &root).len(), 2);
        commit("-- owner: b\n");
        let found = check(&sample("-- owner: b\n"), &root);
        std::fs::remove_dir_all(&root).unwrap();
        assert!(found.len() == 1 && found[0].message.contains("v0.1.0"), "{found:?}");
    }
}
