//! Taking a customer apart by hand.

use lake::Lake;
use serde::Serialize;
use store::{Store, Tx};
use unify::{CustomerId, RowName};

use super::{Decision, IdentityError, Ids, Result, pins, put};

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
    let promised: Vec<String> = pins(store).await?.into_iter().map(|pin| pin.customer_id).collect();
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
