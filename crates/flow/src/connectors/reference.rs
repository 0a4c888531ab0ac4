//! The reference of all connectors, as Markdown: made from the manifests, so that it cannot be wrong about them.

use std::fmt::Write;

use super::{Choices, Kind, Manifest, Operation, Parameter, manifests};

const HEAD: &str = "# Connectors\n\n\
    What flows can reach. This page is made from what the connectors say about themselves; `weir flow connectors NAME` \
    prints one of them, `--json` gives it to programs.\n\n\
    An action names an operation by `host.apiId` (the connector's name, or that of Power Automate where one is given), \
    `host.operationId` and, where one is needed, `host.connectionName`. Required parameters are in **bold**.\n";

/// The whole page.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for (name, manifest) in manifests() {
        page.push('\n');
        page.push_str(&described(name, manifest));
    }
    page
}

/// One connector.
pub fn described(name: &str, manifest: &Manifest) -> String {
    let mut text = format!("## {name}\n\n**{}.** {}\n", manifest.title, manifest.summary);
    if let Some(rate) = manifest.rate {
        let _ = write!(
            text,
            "\nA connection takes {} calls in {} s, unless its `rate` says otherwise.\n",
            rate.calls, rate.seconds
        );
    }
    if manifest.needs_connection {
        let kinds = if manifest.kinds.is_empty() { vec![name] } else { manifest.kinds.to_vec() };
        let _ = write!(text, "\nA connection of kind `{}`:\n\n", kinds.join("`, `"));
        table(&mut text, "field", manifest.connection);
    }
    for operation in manifest.operations {
        text.push('\n');
        text.push_str(&of_operation(operation));
    }
    text
}

fn of_operation(operation: &Operation) -> String {
    let mut text = format!("### {}\n\n{}\n", operation.id, operation.summary);
    for foreign in operation.foreign {
        let _ = write!(text, "\nAlso `{}` of `{}`.\n", foreign.ids.join("`, `"), foreign.api);
    }
    if !operation.parameters.is_empty() {
        text.push('\n');
        table(&mut text, "parameter", operation.parameters);
    }
    if !operation.outputs.is_empty() {
        text.push('\n');
        table(&mut text, "output", operation.outputs);
    }
    text
}

fn table(text: &mut String, what: &str, parameters: &[Parameter]) {
    let _ = write!(text, "| {what} | type | meaning |\n|---|---|---|\n");
    for parameter in parameters {
        let name = match parameter.required {
            true => format!("**`{}`**", parameter.name),
            false => format!("`{}`", parameter.name),
        };
        let mut meaning = parameter.summary.to_owned();
        match parameter.choices {
            Choices::Free => {}
            Choices::Of(words) => {
                let _ = write!(meaning, " One of `{}`.", words.join("`, `"));
            }
            Choices::From { operation, .. } => {
                let _ = write!(meaning, " One of what `{operation}` gives.");
            }
        }
        if let Some(default) = parameter.default {
            let _ = write!(meaning, " `{default}` when it is not given.");
        }
        let _ = writeln!(
            text,
            "| {name} | {} | {} |",
            word(parameter.kind),
            meaning.replace('|', "\\|").replace('<', "\\<")
        );
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Html => "HTML",
        Kind::Secret => "secret",
        Kind::Integer => "whole number",
        Kind::Boolean => "true or false",
        Kind::Object => "object",
        Kind::Array => "array",
        Kind::Any => "any",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `INSTA_UPDATE=always` writes the page anew.
    #[test]
    fn the_page_in_the_documentation_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/connectors.md");
        if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") {
            std::fs::write(path, reference()).expect("the page can be written");
        }
        let written = std::fs::read_to_string(path).expect("the page is there");
        assert!(written == reference(), "run this test with INSTA_UPDATE=always and look at the difference");
    }
}
