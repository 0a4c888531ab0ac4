//! The README is true: what it says to type is typed, and what it says comes out.

use std::fmt::Write as _;

use crate::support::Project;

const README: &str = include_str!("../../../../README.md");

/// The blocks of one language, in order.
fn blocks(language: &str) -> impl Iterator<Item = &'static str> {
    let open = format!("```{language}\n");
    let starts: Vec<usize> = README.match_indices(&open).map(|(at, found)| at + found.len()).collect();
    starts.into_iter().filter_map(|at| README.get(at..)?.split("```").next())
}

/// A line without what differs from run to run: how many seconds it took, and spaces between columns.
fn plain(line: &str) -> String {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    for at in 1..words.len() {
        if words[at].starts_with("s.") || words[at].starts_with("s]") {
            words[at - 1] = "…";
        }
    }
    words.join(" ")
}

#[test]
fn durations_are_left_out_of_the_comparison() {
    assert_eq!(plain("a  became b in 1.5 s. Then c"), plain("a became b in 12.0 s. Then c"));
    assert_eq!(plain("✓ x   7 rows  [0.1 s]"), "✓ x 7 rows … s]");
    assert_ne!(plain("3,000 people"), plain("3,001 people"));
}

#[tokio::test]
async fn the_demo_ends_as_the_readme_says() {
    let project = Project::new();
    let folder = project.path("demo");
    let answer =
        project.weir(&["demo", "--headless", "--folder", folder.to_str().unwrap()]).await.ends_with(0);
    let said: Vec<String> = answer.out.lines().map(plain).collect();
    let block = blocks("text").next().unwrap();
    for line in block.lines() {
        assert!(said.contains(&plain(line)), "the README has {line:?}, the demo said:\n{}", answer.out);
    }
}

#[tokio::test]
async fn the_first_things_to_type_do_what_the_readme_says() {
    let project = Project::new();
    let mut typed = 0;
    for block in blocks("console") {
        let mut out = String::new();
        for line in block.lines() {
            let Some(commands) = line.strip_prefix("$ ") else {
                let expected = plain(line);
                let found = out.lines().any(|said| plain(said).starts_with(&expected));
                assert!(found, "the README has {line:?}, the program said:\n{out}");
                continue;
            };
            out.clear();
            for command in commands.split(" && ") {
                typed += 1;
                let _ = writeln!(out, "{}", type_in(&project, command).await);
            }
        }
    }
    assert!(typed >= 6, "{typed} commands were typed");
}

/// Does what a shell would: the folder of `cd` is given to each command instead.
async fn type_in(project: &Project, command: &str) -> String {
    if command.starts_with("cd ") {
        return String::new();
    }
    if let Some((line, file)) = command.strip_prefix("echo '").and_then(|rest| rest.split_once("' >> ")) {
        let file = format!("my-shop/{file}");
        let text = format!("{}{line}\n", project.read(&file));
        project.write(&file, text);
        return String::new();
    }
    let words: Vec<&str> = command.strip_prefix("weir ").unwrap().split(' ').collect();
    let mut arguments = if words[0] == "init" { Vec::new() } else { vec!["--project", "my-shop"] };
    arguments.extend(words);
    let answer = project.weir(&arguments).await.ends_with(0);
    format!("{}{}", answer.out, answer.err)
}
