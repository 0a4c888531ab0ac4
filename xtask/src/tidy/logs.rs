//! Logs carry no secrets and nothing about a person.

use super::house::{Finding, House};
use super::rust::{Source, Token, attribute_end, is_word, line_at, tokens};

/// The macros that log.
const MACROS: [&str; 12] = [
    "debug",
    "debug_span",
    "error",
    "error_span",
    "event",
    "info",
    "info_span",
    "span",
    "trace",
    "trace_span",
    "warn",
    "warn_span",
];

/// Names that a log call must not mention, whether as a field, a value or in its text.
const DENIED: [&str; 27] = [
    "address",
    "authorization",
    "birthdate",
    "body",
    "cookie",
    "credential",
    "credentials",
    "customer",
    "document",
    "email",
    "first_name",
    "full_name",
    "last_name",
    "outputs",
    "passphrase",
    "password",
    "payload",
    "person",
    "phone",
    "profile",
    "recipient",
    "row",
    "secret",
    "ssn",
    "token",
    "username",
    "value",
];

/// Endings of names that a log call must not mention.
const DENIED_ENDINGS: [&str; 9] =
    ["_address", "_body", "_email", "_key", "_password", "_payload", "_phone", "_secret", "_token"];

/// Log calls that mention what must not be logged, and functions that log all that they are given.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, file, source) in house.shipped() {
        let tokens = tokens(&source.code);
        for at in 0..tokens.len() {
            if source.is_test(tokens[at].at) {
                continue;
            }
            if let Some(end) = log_call(&tokens, at) {
                for name in mentioned(source, &tokens[at..end]).into_iter().filter(|name| denied(name)) {
                    let message =
                        format!("the log mentions `{name}`: log an id or a count, never a value of a person");
                    findings.push(Finding::new(path, line_at(&file.text, tokens[at].at), message));
                }
            } else if instruments_all(&tokens, at) {
                let message = "#[instrument] logs every argument: add `skip_all` and name the fields";
                findings.push(Finding::new(path, line_at(&file.text, tokens[at].at), message));
            }
        }
    }
    findings
}

fn denied(name: &str) -> bool {
    DENIED.contains(&name) || DENIED_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The token after a log call that starts here: `info!(…)`, `tracing::info!(…)`.
fn log_call(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let text = |ahead: usize| tokens.get(at + ahead).map_or("", |token| token.text);
    if !MACROS.contains(&text(0)) || text(1) != "!" || !matches!(text(2), "(" | "[" | "{") {
        return None;
    }
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(at + 2) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(index + 1);
        }
    }
    None
}

/// The names in a log call: its words, and the names in the braces of its texts.
fn mentioned(source: &Source, call: &[Token<'_>]) -> Vec<String> {
    let mut names: Vec<String> =
        call.iter().skip(1).map(|token| token.text).filter(|text| is_word(text)).map(str::to_owned).collect();
    if let (Some(first), Some(last)) = (call.first(), call.last()) {
        for literal in source.literals.iter().filter(|literal| (first.at..last.at).contains(&literal.start)) {
            let braces = literal.text.split('{').skip(1).filter_map(|rest| rest.split(['}', ':']).next());
            names.extend(braces.map(str::to_owned));
        }
    }
    names
}

fn instruments_all(tokens: &[Token<'_>], at: usize) -> bool {
    if tokens.get(at).is_none_or(|token| token.text != "#") {
        return false;
    }
    let end = attribute_end(tokens, at).unwrap_or(at);
    let has =
        |word: &str| tokens.get(at..end).is_some_and(|inside| inside.iter().any(|token| token.text == word));
    has("instrument") && !has("skip_all")
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let mut lines: Vec<usize> = check(&sample(&[("crates/a/src/lib.rs", text)]))
            .into_iter()
            .map(|finding| finding.line)
            .collect();
        lines.dedup();
        lines
    }

    #[test]
    fn what_must_not_be_logged_is_found_in_every_form() {
        for text in [
            "info!(email = %x, \"sent\")",
            "tracing::warn!(%customer.email, \"sent\")",
            "error!(id, \"refused {password}\")",
            "debug!(?api_key)",
            "trace!(who = user.last_name.as_str(), \"x\")",
            "warn!(\n    id,\n    \"{token:?}\"\n)",
            "let s = info_span!(\"call\", secret)",
        ] {
            assert_eq!(lines(text), [1], "{text}");
        }
    }

    #[test]
    fn what_may_be_logged_is_left_alone() {
        let text = "info!(run = %id, count, \"an email with password and token was sent\");\n\
                    let email = 1; // info!(email)\nwarn(email);\n#[cfg(test)]\nmod t { fn f() { info!(email) } }";
        assert!(lines(text).is_empty());
    }

    #[test]
    fn a_function_does_not_log_all_that_it_is_given() {
        assert_eq!(lines("\n#[tracing::instrument(level = \"info\")]\nfn f(email: &str) {}"), [2]);
        assert!(lines("#[instrument(skip_all, fields(id))]\nfn f(email: &str) {}").is_empty());
    }
}
