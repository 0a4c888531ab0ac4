//! The index of a snapshot: what segments and measures read, clustered by customer.
//!
//! Customers stand in the order of their ids; the rows of every entity that leads to Customer stand in the order of
//! their customers, those without a customer last. A column is a vector of codes in the narrowest width
//! ([`column::Column`]), so that a scan reads few bytes and compares whole numbers only. A foreign key is the number
//! of the row that it leads to. [`Builder`] writes all of it to one file, [`Index::open`] maps that file into memory.

mod beside;
mod build;
mod codes;
mod column;
mod error;
mod file;
mod keys;
mod map;
mod raw;
mod some;
mod sum;

pub(crate) use beside::beside;
pub use build::{Builder, LeftOut};
pub(crate) use codes::{Code, Codes, Store, each_width};
pub(crate) use column::{Column, Dictionary, double_key, key_double, value_of};
pub use error::IndexError;
pub use some::{Delta, NewRows};

use crate::relationships::{CUSTOMER, CUSTOMER_ID, Edge, EdgeKind};

/// All that segments and measures read of a snapshot. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Index {
    /// The customers first.
    pub(crate) tables: Vec<Table>,
}

/// The rows of an entity.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) entity: String,
    pub(crate) rows: usize,
    /// For each customer, the first of their rows; one more for the end. Rows behind that have no customer. Of Customer
    /// itself, none.
    pub(crate) offsets: Store,
    pub(crate) columns: Vec<Column>,
    pub(crate) links: Vec<Link>,
    /// The edges from here to Customer, as [`edge_key`]s; none when no path leads there.
    pub(crate) owner: Vec<String>,
}

/// A foreign key, followed.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// The [`edge_key`].
    pub(crate) edge: String,
    /// The table that it leads to.
    pub(crate) target: usize,
    /// For each row, 1 + the row that it leads to, or 0.
    pub(crate) rows: Store,
}

impl Index {
    /// The number of customers.
    pub fn customers(&self) -> usize {
        self.tables.first().map_or(0, |table| table.rows)
    }

    /// The number of rows of an entity; nothing when it is not in the index.
    pub fn rows(&self, entity: &str) -> Option<usize> {
        self.table(entity).and_then(|at| self.tables.get(at)).map(|table| table.rows)
    }

    /// Whether an attribute of an entity is in the index.
    pub fn has(&self, entity: &str, attribute: &str) -> bool {
        let table = self.table(entity).and_then(|at| self.tables.get(at));
        table.is_some_and(|table| table.column(attribute).is_some())
    }

    /// The id of the customer in a place.
    pub fn customer_id(&self, place: usize) -> Option<String> {
        let ids = self.tables.first()?.column(CUSTOMER_ID)?;
        let at = usize::try_from(ids.value(place)?).ok()?;
        Some(ids.dictionary.as_ref()?.text(at))
    }

    /// The place of a customer.
    pub fn customer_place(&self, id: &str) -> Option<usize> {
        let ids = self.tables.first()?.column(CUSTOMER_ID)?;
        let wanted = i64::try_from(ids.dictionary.as_ref()?.find(id).ok()?).ok()?;
        // The rows are in the order of the ids, but in an index of some customers only some ids have one.
        let (mut low, mut high) = (0, self.customers());
        while low < high {
            let middle = low.midpoint(high);
            match ids.value(middle) {
                Some(value) if value == wanted => return Some(middle),
                Some(value) if value > wanted => high = middle,
                _ => low = middle + 1,
            }
        }
        None
    }

    pub(crate) fn table(&self, entity: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.entity == entity)
    }
}

impl Table {
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Where the rows with a customer end.
    pub(crate) fn owned(&self) -> usize {
        let offsets = self.offsets.codes();
        usize::try_from(offsets.get(offsets.len().saturating_sub(1))).unwrap_or(0)
    }

    /// The rows of some customers, who stand side by side.
    pub(crate) fn rows_of(&self, customers: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let offsets = self.offsets.codes();
        let at = |customer| usize::try_from(offsets.get(customer)).unwrap_or(0).min(self.rows);
        let (start, end) = (at(customers.start), at(customers.end));
        start..end.max(start)
    }
}

/// What tells an edge from all others.
pub(crate) fn edge_key(edge: &Edge) -> String {
    match &edge.kind {
        EdgeKind::Key { from, to } => format!("{}.{from} → {}.{to}", edge.from, edge.to),
        EdgeKind::Customer { key, .. } => format!("{}.{key} → {CUSTOMER}", edge.from),
        EdgeKind::Measures => format!("{} → {}", edge.from, edge.to),
    }
}

#[cfg(test)]
mod tests;
