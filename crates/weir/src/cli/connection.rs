//! `weir connection`

use anyhow::Result;
use flow::connections::{self, Connection};
use flow::connectors::Tested;
use serde_json::{Value, json};

use super::args::{ConnectionCommand, Connections};
use super::out::{Missing, columns, plain};
use super::{Exit, Out, place};
use crate::engine;
use crate::instance::Place;

pub(super) async fn run(at: &Place, command: &Connections, out: &Out) -> Result<Exit> {
    match &command.command {
        None | Some(ConnectionCommand::List) => list(at, out).await,
        Some(ConnectionCommand::Test { name, send, outbound }) => {
            let policy = place::policy(outbound)?;
            let instance = place::open_to_read(at).await?;
            let wanted: Vec<Connection> = connections::list(&instance.store)
                .await?
                .into_iter()
                .filter(|connection| name.as_ref().is_none_or(|name| *name == connection.name))
                .collect();
            if let (Some(name), true) = (name, wanted.is_empty()) {
                let message = out.words.text("connection-missing", &[("name", format!("{name:?}").into())]);
                return Err(Missing { code: "connectionNotFound", message }.into());
            }
            let connectors = engine::connectors(&instance, policy);
            let vault = instance.vault().await?;
            let mut tested = Vec::new();
            for connection in wanted {
                let result =
                    connections::test(&instance.store, &connectors, &vault, &connection, *send).await;
                tested.push((connection, result));
            }
            show(&tested, out)
        }
    }
}

async fn list(at: &Place, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let connections = connections::list(&instance.store).await?;
    out.show(&connections, || {
        let rows: Vec<Vec<String>> = connections
            .iter()
            .map(|connection| {
                let used = connections::connector_of(&connection.kind).map(|(name, _)| name);
                vec![connection.name.clone(), connection.kind.clone(), used.unwrap_or("–").to_owned()]
            })
            .collect();
        columns(&out.words.list(["column-name", "column-kind", "column-connector"]), &rows)
    })?;
    Ok(Exit::Done)
}

fn show(tested: &[(Connection, Tested)], out: &Out) -> Result<Exit> {
    let json: Vec<Value> = tested
        .iter()
        .map(|(connection, result)| {
            let (word, code, detail) = parts(result);
            json!({"name": connection.name, "kind": connection.kind, "result": word, "code": code, "detail": detail})
        })
        .collect();
    out.show(&json, || {
        let row = |(connection, result): &(Connection, Tested)| {
            let (word, _, detail) = parts(result);
            let word = out.words.text("connection-result", &[("result", word.into())]);
            vec![connection.name.clone(), connection.kind.clone(), word, plain(detail)]
        };
        let head = out.words.list(["column-name", "column-kind", "column-result", "column-detail"]);
        columns(&head, &tested.iter().map(row).collect::<Vec<_>>())
    })?;
    let failed = tested.iter().any(|(_, result)| matches!(result, Tested::Failed { .. }));
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

fn parts(result: &Tested) -> (&'static str, Option<&str>, &str) {
    match result {
        Tested::Works(detail) => ("works", None, detail),
        Tested::Unknown(detail) => ("unknown", None, detail),
        Tested::Failed { code, message } => ("failed", Some(code), message),
    }
}
