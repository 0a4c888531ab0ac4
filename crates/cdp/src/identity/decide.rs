//! Decisions about customers: rows that are theirs, and rows that are not.

use lake::Lake;
use serde::Serialize;
use store::{Store, Tx};
use unify::{CustomerId, Pin, RowName};

use super::pins::put;
use super::{Decision, IdentityError, Ids, Result, pins};

/// What an unmerge did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unmerged {
    /// The customer that keeps its id.
    pub customer_id: String,
    /// The id that the rows will have after the next refresh.
    pub new_customer_id: String,
    /// How many rows are pinned to the new id.
    pub taken: usize,
    /// How many rows are pinned to the old one.
    pub kept: usize,
}

/// Pins rows to a customer.
///
/// # Errors
/// When nobody has, had or was promised the id, when no customer has one of the rows, or that store or lake failed.
pub async fn pin(
    tx: &mut Tx,
    store: &Store,
    lake: &Lake,
    customer: CustomerId,
    rows: &[RowName],
    decision: &Decision,
) -> Result<()> {
    let ids = Ids::latest(lake).await?;
    if !ids.lineage().is_known(customer) && !promised(store).await?.contains(&customer.to_string()) {
        return Err(IdentityError::UnknownCustomer(customer));
    }
    let known = ids.known(rows).await?;
    if let Some((entity, key)) = rows.iter().find(|row| !known.contains(row)) {
        return Err(IdentityError::UnknownRow { entity: entity.clone(), key: key.clone() });
    }
    let pin = |(entity, key): &RowName| Pin { entity: entity.clone(), key: key.clone(), customer };
    put(tx, &rows.iter().map(pin).collect::<Vec<_>>(), decision).await
}

/// The ids that pins name.
async fn promised(store: &Store) -> Result<Vec<String>> {
    Ok(pins(store).await?.into_iter().map(|pin| pin.customer_id).collect())
}

/// Pins some rows of a customer to a new id and its other rows to the old one.
///
/// # Errors
/// When no customer has the id now, when a row is not its row, when none would stay, or that store or lake failed.
pub async fn unmerge(
    tx: &mut Tx,
    store: &Store,
    lake: &Lake,
    customer: CustomerId,
    apart: &[RowName],
    decision: &Decision,
) -> Result<Unmerged> {
    let ids = Ids::latest(lake).await?;
    let lineage = ids.lineage();
    if !lineage.is_known(customer) {
        return Err(IdentityError::UnknownCustomer(customer));
    }
    if !lineage.is_live(customer) {
        return Err(IdentityError::NotLive { id: customer, to: lineage.redirect(customer) });
    }
    let promised = promised(store).await?;
    let rows = ids.rows_of(customer).await?;
    let taken = |id: CustomerId| lineage.is_known(id) || promised.contains(&id.to_string());
    let (fresh, made) = unify::unmerge(customer, &rows, apart, taken)?;
    put(tx, &made, decision).await?;
    let taken = made.iter().filter(|pin| pin.customer == fresh).count();
    Ok(Unmerged {
        customer_id: customer.to_string(),
        new_customer_id: fresh.to_string(),
        taken,
        kept: made.len() - taken,
    })
}
