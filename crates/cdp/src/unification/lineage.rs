//! What happened to a customer's id: given, merged, split, retired, back.

use serde::Serialize;
use store::SnapshotId;
use unify::CustomerId;

use super::{Reader, Result, UnificationError};
use crate::identity::{Ids, LineageEvent};

/// What happened to an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerHistory {
    /// The snapshot that was looked into.
    pub snapshot: SnapshotId,
    /// The id that was asked for.
    pub id: String,
    /// Whether a customer has it now.
    pub live: bool,
    /// The customers that have its rows now; itself among them while it lives. None when all its rows are gone.
    pub leads_to: Vec<String>,
    /// What happened to it, and to others because of it, in the order in which it happened.
    pub events: Vec<LineageEvent>,
}

impl Reader {
    /// What happened to an id.
    ///
    /// # Errors
    /// When nobody ever had it, or the lake cannot be read.
    pub async fn customer(&self, id: &str) -> Result<CustomerHistory> {
        let unknown = || UnificationError::UnknownCustomer(id.to_owned());
        let known: CustomerId = id.trim().to_lowercase().parse().map_err(|_| unknown())?;
        let view = self.published().await?.view;
        let snapshot = view.snapshot();
        let ids = Ids::of(view).await?;
        if !ids.lineage().is_known(known) {
            return Err(unknown());
        }
        Ok(CustomerHistory {
            snapshot,
            id: known.to_string(),
            live: ids.lineage().is_live(known),
            leads_to: ids.lineage().redirect(known).iter().map(ToString::to_string).collect(),
            events: ids.history(known),
        })
    }
}
