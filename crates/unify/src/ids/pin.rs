//! Pins: rows whose customer a person has decided.

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
