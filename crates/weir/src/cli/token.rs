//! `weir token`

use anyhow::Result;
use auth::Role;
use auth::tokens::{NewToken, TokenInfo, Tokens};
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use serde_json::json;

use super::args::{Token, TokenCommand};
use super::out::{Missing, columns, moment};
use super::{Exit, Out, place};
use crate::instance::Place;

pub(super) async fn run(at: &Place, command: &Token, out: &Out) -> Result<Exit> {
    match &command.command {
        TokenCommand::Create { name, role, days } => create(at, name, *role, *days, out).await,
        TokenCommand::List => list(at, out).await,
        TokenCommand::Revoke { token } => revoke(at, token, out).await,
    }
}

async fn create(at: &Place, name: &str, role: Role, days: u16, out: &Out) -> Result<Exit> {
    let (instance, _) = place::open_or_beside(at, "weir token create").await?;
    let lifetime = SignedDuration::from_hours(24 * i64::from(days));
    let mut tx = instance.store.write().await?;
    let NewToken { info, text } =
        Tokens::new(instance.store.clone()).create(&mut tx, name, role, lifetime).await?;
    tx.commit().await?;
    let values = [
        ("name", name.into()),
        ("role", role.as_str().into()),
        ("end", moment(Some(info.expires_at)).into()),
    ];
    out.note(&out.words.text("token-created", &values));
    // The only time that it is printed: alone on standard output, so that it can be handed on.
    let shown = json!({
        "token": text.expose_secret(), "id": info.id, "name": info.name, "role": info.role,
        "createdAt": info.created_at, "expiresAt": info.expires_at,
    });
    out.show(&shown, || text.expose_secret().to_owned())?;
    Ok(Exit::Done)
}

async fn list(at: &Place, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let tokens = Tokens::new(instance.store.clone()).list().await?;
    let now = instance.store.clock().now();
    out.show(&tokens, || {
        let state = |token: &TokenInfo| {
            let state = match token.revoked_at {
                Some(_) => "revoked",
                None if token.is_live(now) => "live",
                None => "ended",
            };
            out.words.text("token-state", &[("state", state.into())])
        };
        let row = |token: &TokenInfo| {
            let role = token.role.to_string();
            vec![token.name.clone(), token.id.clone(), role, moment(Some(token.expires_at)), state(token)]
        };
        let head =
            out.words.list(["column-name", "column-token", "column-role", "column-ends", "column-state"]);
        columns(&head, &tokens.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

async fn revoke(at: &Place, which: &str, out: &Out) -> Result<Exit> {
    let (instance, _) = place::open_or_beside(at, "weir token revoke").await?;
    let mut tx = instance.store.write().await?;
    let revoked = Tokens::new(instance.store.clone()).revoke(&mut tx, which).await?;
    tx.commit().await?;
    let Some(token) = revoked else {
        let message = out.words.text("token-missing", &[("token", format!("{which:?}").into())]);
        return Err(Missing { code: "tokenNotFound", message }.into());
    };
    out.show(&token, || out.words.text("token-revoked", &[("name", token.name.as_str().into())]))?;
    Ok(Exit::Done)
}
