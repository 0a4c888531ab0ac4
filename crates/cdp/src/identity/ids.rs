//! The ids of the last published snapshot: whose rows are whose, and where an id leads.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::TimestampMicrosecondType as Micros;
use jiff::Timestamp;
use lake::{Lake, View};
use serde::Serialize;
use store::from_micros;
use unify::definition::{ALTERNATE_KEY, CUSTOMER, CUSTOMER_LINEAGE};
use unify::{CustomerId, Lineage, Previous, RowName};

use super::{IdentityError, Result};

/// The ids of one snapshot.
#[derive(Debug)]
pub struct Ids {
    view: View,
    lineage: Lineage,
}

/// A customer's id, as people write it.
///
/// # Errors
/// When the text is no id.
pub fn customer_id(text: &str) -> Result<CustomerId> {
    text.trim().parse().map_err(|_| IdentityError::NotAnId(text.to_owned()))
}

/// Something that happened to an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LineageEvent {
    /// The id that it happened to.
    pub customer_id: String,
    /// What happened.
    pub event: &'static str,
    /// The other id, where there is one.
    pub other_customer_id: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Ids {
    /// The ids of the newest snapshot.
    ///
    /// # Errors
    /// `NeverUnified` when there is no profile yet, or that the lake failed.
    pub async fn latest(lake: &Lake) -> Result<Self> {
        Self::of(lake.view_latest().await?).await
    }

    /// The ids of a snapshot.
    pub(crate) async fn of(view: View) -> Result<Self> {
        if view.schema(CUSTOMER).is_none() {
            return Err(IdentityError::NeverUnified);
        }
        let customer = columns(&view, CUSTOMER, &["CustomerId", "PreviousCustomerId"]).await?;
        let events = columns(&view, CUSTOMER_LINEAGE, LINEAGE).await?;
        let lineage = Lineage::read(&customer, &events)?;
        Ok(Self { view, lineage })
    }

    /// The lineage.
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// Since when a customer has the id; none for an id that nobody has now, or of an older version.
    ///
    /// # Errors
    /// That the lake failed.
    pub async fn created_on(&self, customer: CustomerId) -> Result<Option<Timestamp>> {
        let id = customer.to_string();
        for batch in columns(&self.view, CUSTOMER, &["CustomerId", "CustomerId_CreatedOn"]).await? {
            let ids = batch.columns().first().and_then(|column| column.as_string_opt::<i32>());
            let at = batch.columns().get(1).and_then(|column| column.as_primitive_opt::<Micros>());
            let (Some(ids), Some(at)) = (ids, at) else { continue };
            let row = (0..ids.len()).find(|row| ids.is_valid(*row) && ids.value(*row) == id);
            if let Some(row) = row {
                return Ok(at.is_valid(row).then(|| from_micros(at.value(row))));
            }
        }
        Ok(None)
    }

    /// What happened to an id, each event once, in the order in which it happened.
    pub fn history(&self, id: CustomerId) -> Vec<LineageEvent> {
        let mut events: Vec<LineageEvent> = Vec::new();
        for event in self.lineage.history(id) {
            let event = LineageEvent {
                customer_id: event.customer.to_string(),
                event: event.kind.as_str(),
                other_customer_id: event.other.map(|other| other.to_string()),
                at: from_micros(event.at),
            };
            // A retirement has one row for each record.
            if !events.contains(&event) {
                events.push(event);
            }
        }
        events
    }

    /// The rows of a customer, in the order of entity and key.
    ///
    /// # Errors
    /// That the lake failed.
    pub async fn rows_of(&self, customer: CustomerId) -> Result<Vec<RowName>> {
        let id = customer.to_string();
        let mut rows = self.rows(|_, _, owner| owner == id).await?;
        rows.sort();
        Ok(rows)
    }

    /// Those of some rows that belong to a customer.
    ///
    /// # Errors
    /// That the lake failed.
    pub async fn known(&self, rows: &[RowName]) -> Result<Vec<RowName>> {
        self.rows(|entity, key, _| rows.iter().any(|row| row.0 == entity && row.1 == key)).await
    }

    async fn rows(&self, chosen: impl Fn(&str, &str, &str) -> bool) -> Result<Vec<RowName>> {
        let wanted = ["EntityName", "AlternateValue", "CustomerId"];
        let mut rows = Vec::new();
        for batch in columns(&self.view, ALTERNATE_KEY, &wanted).await? {
            let texts: Vec<_> =
                batch.columns().iter().filter_map(|column| column.as_string_opt::<i32>()).collect();
            let [entities, keys, owners] = texts.as_slice() else { continue };
            for row in (0..batch.num_rows()).filter(|row| keys.is_valid(*row)) {
                let (entity, key) = (entities.value(row), keys.value(row));
                if chosen(entity, key, owners.value(row)) {
                    rows.push((entity.to_owned(), key.to_owned()));
                }
            }
        }
        Ok(rows)
    }
}

/// The attributes of the lineage that are read.
const LINEAGE: &[&str] = &["CustomerId", "Event", "OtherCustomerId", "RecordId", "At", "Run", "Job"];

/// The ids that a run leaves for the next one. Entities and attributes of older versions may be missing.
///
/// # Errors
/// That the lake failed, or holds what cannot be read.
pub(crate) async fn previous(view: &View) -> Result<Previous> {
    let wanted = ["CustomerId", "PreviousCustomerId", "CustomerId_CreatedOn", "CustomerId_ModifiedOn"];
    let customer = columns(view, CUSTOMER, &wanted).await?;
    let keys = columns(view, ALTERNATE_KEY, &["EntityName", "AlternateValue", "CustomerId"]).await?;
    let lineage = columns(view, CUSTOMER_LINEAGE, LINEAGE).await?;
    let read = tokio::task::spawn_blocking(move || Previous::read(&customer, &keys, &lineage)).await;
    Ok(read.map_err(|_| unify::UnifyError::Thread)??)
}

/// Those of some attributes that an entity has; nothing of an entity that is not there.
async fn columns(view: &View, entity: &str, wanted: &[&str]) -> Result<Vec<RecordBatch>> {
    let Some(schema) = view.schema(entity) else { return Ok(Vec::new()) };
    let there: Vec<&str> =
        wanted.iter().copied().filter(|name| schema.column_with_name(name).is_some()).collect();
    if there.is_empty() {
        return Ok(Vec::new());
    }
    Ok(view.collect(entity, Some(&there)).await?)
}
