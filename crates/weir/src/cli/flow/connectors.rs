//! `weir flow connectors`

use anyhow::Result;
use flow::connectors::{self, Manifest};
use serde_json::{Value, json};

use crate::cli::out::{Missing, columns};
use crate::cli::{Exit, Out};

/// Prints all connectors, or all about one.
pub(super) fn run(name: Option<&str>, out: &Out) -> Result<Exit> {
    let all = connectors::manifests();
    let Some(wanted) = name else {
        let json: Vec<Value> = all.iter().map(|(name, manifest)| described(name, manifest)).collect();
        out.show(&json, || {
            let row = |(name, manifest): &(&str, &Manifest)| {
                let ids: Vec<&str> = manifest.operations.iter().map(|operation| operation.id).collect();
                vec![(*name).to_owned(), manifest.title.to_owned(), ids.join(", ")]
            };
            let head = out.words.list(["column-name", "column-connector", "column-operation"]);
            columns(&head, &all.iter().map(row).collect::<Vec<_>>())
        })?;
        return Ok(Exit::Done);
    };
    let Some((name, manifest)) = all.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)) else {
        let message = out.words.text("connector-missing", &[("name", format!("{wanted:?}").into())]);
        return Err(Missing { code: "connectorUnknown", message }.into());
    };
    out.show(&described(name, manifest), || connectors::described(name, manifest))?;
    Ok(Exit::Done)
}

/// A connector with its parameters and outputs as JSON Schemas.
fn described(name: &str, manifest: &Manifest) -> Value {
    let operations: Vec<Value> = manifest
        .operations
        .iter()
        .map(|operation| {
            json!({
                "id": operation.id,
                "title": operation.title,
                "summary": operation.summary,
                "answers": operation.foreign,
                "parameters": operation.parameters,
                "inputs": connectors::schema(operation.parameters),
                "outputs": connectors::schema(operation.outputs),
            })
        })
        .collect();
    json!({
        "name": name,
        "title": manifest.title,
        "summary": manifest.summary,
        "needsConnection": manifest.needs_connection,
        "connection": connectors::schema(manifest.connection),
        "rate": manifest.rate,
        "operations": operations,
    })
}
