//! `weir unify lineage`: what happened to an id, and where it leads now.

use anyhow::Result;
use cdp::identity::{self, IdentityError, Ids, LineageEvent};
use serde_json::json;

use super::super::out::{columns, moment};
use super::super::{Exit, Out, place};
use crate::instance::Place;
use crate::words::Words;

pub(super) async fn run(at: &Place, id: &str, out: &Out) -> Result<Exit> {
    let id = identity::customer_id(id)?;
    let instance = place::open_to_read(at).await?;
    let ids = Ids::latest(&instance.lake).await?;
    if !ids.lineage().is_known(id) {
        return Err(IdentityError::UnknownCustomer(id).into());
    }
    let is_live = ids.lineage().is_live(id);
    let leads: Vec<String> = ids.lineage().redirect(id).iter().map(ToString::to_string).collect();
    let events = ids.history(id);
    let created = ids.created_on(id).await?;
    let value = json!({
        "customerId": id.to_string(), "live": is_live, "createdOn": created, "leadsTo": leads, "events": events,
    });
    out.show(&value, || {
        let id = id.to_string();
        let mut text = out.words.text("unify-customer", &[("id", id.as_str().into())]);
        text.push('\n');
        if let Some(created) = created {
            text.push_str(&out.words.text("unify-since", &[("at", moment(Some(created)).into())]));
            text.push('\n');
        }
        let to = if leads.is_empty() { out.words.word("unify-leads-nowhere") } else { leads.join(", ") };
        text.push_str(&out.words.text("unify-leads-to", &[("ids", to.into())]));
        text.push('\n');
        if !events.is_empty() {
            text.push_str(&format!("\n{}", table(&events, out.words)));
        }
        text
    })?;
    Ok(Exit::Done)
}

fn table(events: &[LineageEvent], words: &Words) -> String {
    let row = |event: &LineageEvent| {
        vec![
            moment(Some(event.at)),
            event.customer_id.clone(),
            words.text("lineage-event", &[("event", event.event.into())]),
            event.other_customer_id.clone().unwrap_or_default(),
        ]
    };
    let head = words.list(["column-time", "column-customer", "column-event", "column-other-customer"]);
    columns(&head, &events.iter().map(row).collect::<Vec<_>>())
}
