//! `weir unify pin`, `unmerge`, `pins` and `unpin`: what people decide about who is who.

use anyhow::Result;
use cdp::identity::{self, Decision, StoredPin};
use serde_json::json;
use unify::RowName;

use super::super::out::{Missing, columns, moment, plain};
use super::super::{Exit, Out, place};
use super::{Pin, Unmerge, Unpin};
use crate::instance::Place;

pub(super) async fn pin(at: &Place, command: &Pin, out: &Out) -> Result<Exit> {
    let customer = identity::customer_id(&command.customer)?;
    let rows = rows(&command.entity, &command.keys);
    let (instance, _) = place::open_or_beside(at, "weir unify pin").await?;
    let mut tx = instance.store.write().await?;
    let decision = decision(&command.why);
    identity::pin(&mut tx, &instance.store, &instance.lake, customer, &rows, &decision).await?;
    tx.commit().await?;
    let id = customer.to_string();
    out.show(&json!({"customerId": id, "pinned": rows.len()}), || {
        let values = [("n", rows.len().into()), ("id", id.as_str().into())];
        format!("{}\n{}", out.words.text("unify-pinned", &values), out.words.word("unify-next-refresh"))
    })?;
    Ok(Exit::Done)
}

pub(super) async fn unmerge(at: &Place, command: &Unmerge, out: &Out) -> Result<Exit> {
    let customer = identity::customer_id(&command.customer)?;
    let (instance, _) = place::open_or_beside(at, "weir unify unmerge").await?;
    let mut tx = instance.store.write().await?;
    let (store, lake) = (&instance.store, &instance.lake);
    let decision = decision(&command.why);
    let done = identity::unmerge(&mut tx, store, lake, customer, &command.rows, &decision).await?;
    tx.commit().await?;
    out.show(&done, || {
        let values = [
            ("n", done.taken.into()),
            ("kept", done.kept.into()),
            ("id", done.new_customer_id.as_str().into()),
            ("old", done.customer_id.as_str().into()),
        ];
        format!("{}\n{}", out.words.text("unify-unmerged", &values), out.words.word("unify-next-refresh"))
    })?;
    Ok(Exit::Done)
}

pub(super) async fn list(at: &Place, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let pins = identity::pins(&instance.store).await?;
    out.show(&pins, || {
        let row = |pin: &StoredPin| {
            vec![
                plain(&pin.entity),
                plain(&pin.key),
                plain(&pin.customer_id),
                plain(&pin.pinned_by),
                moment(Some(pin.pinned_at)),
                plain(&pin.reason),
            ]
        };
        let head = out.words.list([
            "column-entity",
            "column-key",
            "column-customer",
            "column-by",
            "column-time",
            "column-why",
        ]);
        columns(&head, &pins.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

pub(super) async fn unpin(at: &Place, command: &Unpin, out: &Out) -> Result<Exit> {
    let rows = rows(&command.entity, &command.keys);
    let (instance, _) = place::open_or_beside(at, "weir unify unpin").await?;
    let mut tx = instance.store.write().await?;
    let removed = identity::remove(&mut tx, &rows).await?;
    if let Some((entity, key)) = rows.iter().find(|row| !removed.contains(row)) {
        let row = plain(&format!("{entity}:{key}"));
        let message = out.words.text("unify-not-pinned", &[("row", row.into())]);
        return Err(Missing { code: "pinNotFound", message }.into());
    }
    tx.commit().await?;
    out.show(&json!({"unpinned": removed.len()}), || {
        let text = out.words.text("unify-unpinned", &[("n", removed.len().into())]);
        format!("{text}\n{}", out.words.word("unify-next-refresh"))
    })?;
    Ok(Exit::Done)
}

fn rows(entity: &str, keys: &[String]) -> Vec<RowName> {
    keys.iter().map(|key| (entity.to_owned(), key.clone())).collect()
}

/// Who decides: the user of this machine, as far as it says.
fn decision(why: &str) -> Decision {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let by = user.filter(|user| !user.is_empty()).unwrap_or_else(|| "weir unify".to_owned());
    Decision { by, reason: why.to_owned() }
}
