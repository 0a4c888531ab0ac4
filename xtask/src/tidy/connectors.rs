//! Every connector has the same rooms, and the conformance test runs over it.

use std::collections::BTreeSet;

use super::house::{Finding, House};
use super::rust::tokens;

const CONNECTORS: &str = "crates/flow/src/connectors/";
/// The files that every connector has, and what is in them.
const TEMPLATE: [(&str, &str); 2] =
    [("mod.rs", "the connector and its manifest"), ("tests.rs", "its own tests, against a local server")];
/// The test that runs over all connectors.
const CONFORMANCE: &str = "crates/flow/src/connectors/conformance.rs";
/// Where the connectors of the program are put together.
const WIRING: &str = "crates/weir/src/";

/// Connectors that miss a file or are not listed.
pub(crate) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in connectors(house) {
        let folder = format!("{CONNECTORS}{name}/");
        let main = format!("{folder}mod.rs");
        for (file, what) in TEMPLATE {
            if !house.has(&format!("{folder}{file}")) {
                let message = format!("the connector {name} has no {file}: {what}");
                findings.push(Finding::new(&main, 1, message));
            }
        }
        let Some(kind) = implementing(house, &main) else {
            let message = format!("the connector {name} does not implement Connector in mod.rs");
            findings.push(Finding::new(&main, 1, message));
            continue;
        };
        if !mentions(house, CONFORMANCE, &kind) {
            let message = format!("the conformance test does not run over {kind}");
            findings.push(Finding::new(CONFORMANCE, 1, message));
        }
        let wired =
            house.shipped().any(|(path, ..)| path.starts_with(WIRING) && mentions(house, path, &kind));
        if !wired {
            let message = format!("nobody can use the connector {name}: nothing in {WIRING} makes a {kind}");
            findings.push(Finding::new(&main, 1, message));
        }
    }
    findings
}

/// The type that implements `Connector` in a file.
fn implementing(house: &House, path: &str) -> Option<String> {
    let source = house.files.get(path)?.rust.as_ref()?;
    let tokens = tokens(&source.code);
    let found = tokens.windows(3).find(|found| found[0].text == "Connector" && found[1].text == "for")?;
    Some(found[2].text.to_owned())
}

fn mentions(house: &House, path: &str, name: &str) -> bool {
    let source = house.files.get(path).and_then(|file| file.rust.as_ref());
    source.is_some_and(|source| {
        tokens(&source.code)
            .iter()
            .any(|token| token.text == name && (path == CONFORMANCE || !source.is_test(token.at)))
    })
}

fn connectors(house: &House) -> BTreeSet<&str> {
    let inside = house.files.keys().filter_map(|path| path.strip_prefix(CONNECTORS));
    inside.filter_map(|path| path.split_once('/')).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::house::sample;
    use super::*;

    #[test]
    fn a_connector_has_the_files_of_the_template_and_is_listed() {
        let house = sample(&[
            ("crates/flow/src/connectors/mod.rs", ""),
            ("crates/flow/src/connectors/conformance.rs", "use super::{http::Http};"),
            ("crates/weir/src/main.rs", "x(Http::new()); // Sms::new()\n#[cfg(test)]\nmod t { use Sms; }"),
            ("crates/flow/src/connectors/http/mod.rs", "impl Connector for Http {}"),
            ("crates/flow/src/connectors/http/tests.rs", ""),
            ("crates/flow/src/connectors/fax/mod.rs", "// impl Connector for Fax {}"),
            ("crates/flow/src/connectors/sms/mod.rs", "impl crate::Connector for Sms {}"),
            ("crates/flow/src/connectors/sms/tests.rs", ""),
        ]);
        let messages: Vec<String> = check(&house).into_iter().map(|found| found.message).collect();
        assert_eq!(
            messages,
            [
                "the connector fax has no tests.rs: its own tests, against a local server",
                "the connector fax does not implement Connector in mod.rs",
                "the conformance test does not run over Sms",
                "nobody can use the connector sms: nothing in crates/weir/src/ makes a Sms",
            ]
        );
    }
}
