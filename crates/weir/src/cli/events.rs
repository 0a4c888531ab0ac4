//! `weir events`

use anyhow::Result;

use super::args::Events;
use super::out::{columns, moment};
use super::{Exit, Out, place};
use crate::instance::Place;

pub(super) async fn run(at: &Place, command: &Events, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let events = events::list(&instance.store, command.limit).await?;
    out.show(&events, || {
        let mut rows = Vec::new();
        for event in &events {
            let what = event.data["sentence"].as_str().or(event.data["message"].as_str()).unwrap_or_default();
            let name = event.kind.name().trim_start_matches("weir.").to_owned();
            rows.push(vec![moment(Some(event.time)), name, event.subject.clone(), what.to_owned()]);
            for delivery in &event.deliveries {
                let detail = delivery.detail.as_deref().unwrap_or_default();
                let to = format!("  → {} {}", delivery.receiver, delivery.target);
                let status =
                    out.words.text("delivery-status", &[("status", delivery.status.as_str().into())]);
                rows.push(vec![String::new(), to, status, detail.to_owned()]);
            }
        }
        columns(&out.words.list(["column-time", "column-event", "column-subject", "column-what"]), &rows)
    })?;
    Ok(Exit::Done)
}
