//! Words that some rooms must not use: the pure ones know no clock, network or runtime; the rest no sockets.

use super::house::{Finding, House};
use super::rust::{Token, line_at, tokens};

/// Words that must not stand in some files.
struct Rule {
    /// Where they must not stand: beginnings of paths.
    inside: &'static [&'static str],
    /// Where they may all the same.
    except: &'static [&'static str],
    /// The words, as paths.
    words: &'static [&'static str],
    /// Why, and what to do instead.
    why: &'static str,
}

const RULES: [Rule; 3] = [
    Rule {
        inside: &["crates/lang/src/", "crates/flow/src/machine/"],
        except: &[],
        words: &[
            "async",
            "await",
            "env::var",
            "futures",
            "getrandom",
            "Instant",
            "new_v4",
            "now_v7",
            "reqwest",
            "sqlx",
            "std::env",
            "std::fs",
            "std::net",
            "std::process",
            "std::thread",
            "SystemTime",
            "Timestamp::now",
            "TimeZone::system",
            "tokio",
            "tracing",
            "Zoned::now",
        ],
        why: "this is pure: what it needs comes in as a value, what it wants goes out as one",
    },
    Rule {
        inside: &["crates/"],
        except: &["crates/outbound/", "crates/api/", "crates/weir/"],
        words: &[
            "lettre",
            "reqwest",
            "std::net::TcpStream",
            "TcpListener",
            "TcpSocket",
            "TcpStream",
            "UdpSocket",
            "UnixListener",
            "UnixStream",
        ],
        why: "only outbound opens a socket outwards and only api listens",
    },
    Rule {
        inside: &["crates/"],
        // The mail's `Date` falls back on the clock: outbound may not use store, where the clock is.
        except: &["crates/store/src/clock.rs", "crates/outbound/src/smtp/mail.rs", "crates/weir/"],
        words: &["SystemTime::now", "Timestamp::now", "Zoned::now"],
        why: "the time is an input: take a store::Clock or a Timestamp",
    },
];

/// Forbidden words in code that ships. Comments, texts and tests are free.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, file, source) in house.shipped() {
        let rules: Vec<&Rule> = RULES.iter().filter(|rule| applies(rule, path)).collect();
        let tokens = tokens(&source.code);
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| !source.is_test(token.at)) {
            for rule in &rules {
                if let Some(word) = rule.words.iter().find(|word| stands(word, &tokens, at)) {
                    let message = format!("`{word}` does not belong here: {}", rule.why);
                    findings.push(Finding::new(path, line_at(&file.text, token.at), message));
                }
            }
        }
    }
    findings
}

fn applies(rule: &Rule, path: &str) -> bool {
    let in_any = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
    in_any(rule.inside) && !in_any(rule.except)
}

/// Whether a word, or the words of a path, stand at a token.
fn stands(word: &str, tokens: &[Token<'_>], at: usize) -> bool {
    let mut at = at;
    for (index, part) in word.split("::").enumerate() {
        if index > 0 {
            let colon = |at: usize| tokens.get(at).is_some_and(|token| token.text == ":");
            if !colon(at) || !colon(at + 1) {
                return false;
            }
            at += 2;
        }
        if tokens.get(at).is_none_or(|token| token.text != part) {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&sample(&[(path, text)])).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn the_pure_rooms_know_no_runtime_and_no_clock() {
        let text = "use tokio::x;\nasync fn f() {}\nfn g() { Timestamp::now() }\n// tokio\nlet a = \"tokio\";\n\
                    let tokios = now;\n#[cfg(test)]\nmod t { use std::fs; }";
        assert_eq!(lines("crates/lang/src/expr.rs", text), [1, 2, 3, 3]);
        assert_eq!(lines("crates/flow/src/machine/step.rs", text), [1, 2, 3, 3]);
    }

    #[test]
    fn other_rooms_take_the_time_from_a_clock() {
        let text = "use tokio::x;\nfn g() { jiff::Timestamp::now() }";
        assert_eq!(lines("crates/cdp/src/refresh.rs", text), [2]);
        assert!(lines("crates/store/src/clock.rs", text).is_empty());
    }

    #[test]
    fn only_some_rooms_open_sockets() {
        let text = "use tokio::net::TcpStream;";
        assert_eq!(lines("crates/flow/src/connectors.rs", text), [1]);
        assert!(lines("crates/outbound/src/http.rs", text).is_empty());
    }
}
