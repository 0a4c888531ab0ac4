//! `weir secret`

use std::io::Read;

use anyhow::{Context, Result};
use secrecy::SecretString;
use serde_json::json;

use super::args::{Secret, SecretCommand};
use super::out::Missing;
use super::{Exit, Out, place};
use crate::instance::Place;

/// The longest secret, in bytes.
const MAX_SECRET: u64 = 64 * 1024;

pub(super) async fn run(at: &Place, command: &Secret, out: &Out) -> Result<Exit> {
    let (instance, _) = place::open_or_beside(at, "weir secret").await?;
    let vault = instance.vault().await?;
    match &command.command {
        SecretCommand::List => {
            let secrets = vault.list().await?;
            let names: Vec<&str> = secrets.iter().map(|secret| secret.name.as_str()).collect();
            out.show(&names, || names.join("\n"))?;
        }
        SecretCommand::Set { name } => {
            let mut text = String::new();
            let mut input = std::io::stdin().lock().take(MAX_SECRET);
            input.read_to_string(&mut text).context("the secret is read from standard input, as text")?;
            let secret = SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned());
            let mut tx = instance.store.write().await?;
            vault.put(&mut tx, name, &secret).await?;
            tx.commit().await?;
            out.show(&json!({"secret": name, "stored": true}), || {
                out.words.text("secret-stored", &[("reference", format!("${{secret:{name}}}").into())])
            })?;
        }
        SecretCommand::Remove { name } => {
            let mut tx = instance.store.write().await?;
            let removed = vault.remove(&mut tx, name).await?;
            tx.commit().await?;
            if !removed {
                let message = out.words.text("secret-missing", &[("name", format!("{name:?}").into())]);
                return Err(Missing { code: "secretNotFound", message }.into());
            }
            out.show(&json!({"secret": name, "removed": true}), || {
                out.words.text("secret-removed", &[("name", name.as_str().into())])
            })?;
        }
    }
    Ok(Exit::Done)
}
