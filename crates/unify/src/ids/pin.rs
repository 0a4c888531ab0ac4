//! Pins: rows whose customer a person has decided.

use std::collections::BTreeSet;

use super::CustomerId;

/// Says whose row a record is. Rows that are pinned to one id are always one customer, rows that are pinned to
/// different ids never; the profile with a pinned row has the id of the pin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pin {
    /// The entity's full name.
    pub entity: String,
    /// The primary key, as text.
    pub key: String,
    /// The customer.
    pub customer: CustomerId,
}

/// A row: the entity's full name and the primary key as text.
pub type RowName = (String, String);

/// Why rows cannot be split from a customer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnmergeError {
    /// No row was named.
    #[error("name at least one row that is another customer")]
    NoRow,
    /// A row of somebody else, or of nobody.
    #[error("row {key} of {entity} does not belong to customer {customer}")]
    NotOfCustomer {
        /// The entity's full name.
        entity: String,
        /// The primary key.
        key: String,
        /// The customer.
        customer: CustomerId,
    },
    /// Nothing would be left.
    #[error("these are all rows of customer {customer}: at least one must stay with it")]
    NothingStays {
        /// The customer.
        customer: CustomerId,
    },
}

impl UnmergeError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRow => "unmergeNoRow",
            Self::NotOfCustomer { .. } => "unmergeRowNotOfCustomer",
            Self::NothingStays { .. } => "unmergeNothingStays",
        }
    }
}

/// The pins that take rows away from a customer: those rows are pinned to a new id, all its other rows to the old
/// one. `rows` are all rows of the customer, `apart` those to take away; `is_taken` says which ids cannot be given.
///
/// # Errors
/// `UnmergeError` when a row does not belong to the customer, or when no row is taken away or none stays.
pub fn unmerge(
    customer: CustomerId,
    rows: &[RowName],
    apart: &[RowName],
    is_taken: impl Fn(CustomerId) -> bool,
) -> Result<(CustomerId, Vec<Pin>), UnmergeError> {
    let rows: BTreeSet<&RowName> = rows.iter().collect();
    let apart: BTreeSet<&RowName> = apart.iter().collect();
    if let Some((entity, key)) = apart.iter().find(|row| !rows.contains(**row)) {
        let (entity, key) = (entity.clone(), key.clone());
        return Err(UnmergeError::NotOfCustomer { entity, key, customer });
    }
    if rows.len() == apart.len() {
        return Err(UnmergeError::NothingStays { customer });
    }
    let Some((entity, key)) = apart.first() else { return Err(UnmergeError::NoRow) };
    let attempts = (0..=u32::MAX).map(|attempt| CustomerId::of_record(entity, key, attempt));
    let fresh = attempts.into_iter().find(|id| !is_taken(*id)).ok_or(UnmergeError::NoRow)?;
    let pin = |row: &&RowName| Pin {
        entity: row.0.clone(),
        key: row.1.clone(),
        customer: if apart.contains(*row) { fresh } else { customer },
    };
    Ok((fresh, rows.iter().map(pin).collect()))
}
