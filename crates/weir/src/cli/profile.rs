//! `weir profile`: what the columns of a source entity hold, as the last good refresh saw them.

use anyhow::Result;
use serde_json::json;
use sources::ColumnProfile;

use super::out::{Missing, columns, plain};
use super::{Exit, Out, place};
use crate::instance::Place;

/// `weir profile`
#[derive(Debug, clap::Args)]
pub(super) struct Profile {
    /// The entity's full name, such as eCommerce_eCommerceContacts.
    pub entity: String,
}

pub(super) async fn run(at: &Place, command: &Profile, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let Some(profile) = cdp::refresh::column_profiles(&instance.store, &command.entity).await? else {
        let message = out.words.text("profile-none", &[("entity", command.entity.as_str().into())]);
        return Err(Missing { code: "entityNotProfiled", message }.into());
    };
    out.show(&json!({"entity": command.entity, "columns": profile}), || {
        let head = out.words.list([
            "column-attribute",
            "profile-rows",
            "profile-missing",
            "profile-distinct",
            "profile-smallest",
            "profile-largest",
            "profile-frequent",
        ]);
        columns(&head, &profile.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

/// Most frequent values that are shown in a row.
const SHOWN: usize = 3;

fn row(column: &ColumnProfile) -> Vec<String> {
    let text = |value: &Option<String>| plain(value.as_deref().unwrap_or_default());
    let top = column.top.iter().take(SHOWN).map(|top| format!("{} ({})", plain(&top.value), top.count));
    vec![
        column.name.clone(),
        column.rows.to_string(),
        column.missing.to_string(),
        column.distinct.to_string(),
        text(&column.min),
        text(&column.max),
        top.collect::<Vec<_>>().join(", "),
    ]
}
