//! Columns of customers that come from another file: measures are computed after the rows are indexed.

use super::error::IndexError;
use super::{Column, Index};
use crate::relationships::{CUSTOMER, CUSTOMER_ID};

/// What the column of an attribute that stands beside the customers is called: as no attribute of Customer can be.
pub(crate) fn beside(entity: &str, attribute: &str) -> String {
    format!("{entity}\u{1}{attribute}")
}

impl Index {
    /// The same index with the customers' columns of another one, which are those of an entity with a row for each
    /// customer.
    ///
    /// # Errors
    /// The other one is about other customers.
    pub fn with_customers_of(mut self, entity: &str, other: &Self) -> Result<Self, IndexError> {
        let unfit = || IndexError::unfit(entity, "it is about other customers");
        let (own, other) = (self.tables.first_mut(), other.tables.first());
        let (own, other) = own.zip(other).ok_or_else(unfit)?;
        let ids = |column: Option<&Column>| column.and_then(|it| it.dictionary.clone());
        let same = match (ids(own.column(CUSTOMER_ID)), ids(other.column(CUSTOMER_ID))) {
            (Some(own), Some(other)) => own.bytes.codes().bytes() == other.bytes.codes().bytes(),
            _ => false,
        };
        if own.rows != other.rows || own.entity != CUSTOMER || !same {
            return Err(unfit());
        }
        for column in other.columns.iter().filter(|column| column.name != CUSTOMER_ID) {
            own.columns.push(Column { name: beside(entity, &column.name), ..column.clone() });
        }
        Ok(self)
    }
}
