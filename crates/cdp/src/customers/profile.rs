//! The profile of one customer.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use lake::View;
use serde::Serialize;
use serde_json::{Map, Value};
use store::SnapshotId;

use super::rows::{collected, column, of_customer};
use super::{CustomerError, Result};
use crate::definitions::{CUSTOMER, SEGMENT_MEMBERSHIP};
use crate::identity::{self, Ids};
use crate::relationships::{ALTERNATE_KEY, CUSTOMER_ID, CUSTOMER_MEASURE};

/// Everything about one customer but what the customer did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// The snapshot that it is of.
    pub snapshot: SnapshotId,
    /// The customer's id.
    pub customer_id: String,
    /// The attributes of the profile, in the order of Customer.
    pub attributes: Map<String, Value>,
    /// The source rows that it is made from.
    pub keys: Vec<SourceKey>,
    /// The customer attribute measures.
    pub measures: Map<String, Value>,
    /// The segments that the customer is in.
    pub segments: Vec<String>,
}

/// A source row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceKey {
    /// The entity, by its full name.
    pub entity: String,
    /// The row's primary key.
    pub key: String,
}

/// The profile of the customer with this id.
///
/// # Errors
/// Nobody has the id, or the lake cannot be read.
pub async fn profile(view: &View, id: &str) -> Result<Profile> {
    let id = live(view, id).await?;
    let session = view.session()?;
    let mut found = collected(of_customer(&session, CUSTOMER, &id).await?).await?;
    let attributes = found.pop().ok_or_else(|| CustomerError::Unknown(id.clone()))?;
    let mut measures = Map::new();
    if view.schema(CUSTOMER_MEASURE).is_some() {
        measures =
            collected(of_customer(&session, CUSTOMER_MEASURE, &id).await?).await?.pop().unwrap_or_default();
        measures.shift_remove(CUSTOMER_ID);
    }
    let keys = keys(of_customer(&session, ALTERNATE_KEY, &id).await?).await?;
    let mut segments = Vec::new();
    if view.schema(SEGMENT_MEMBERSHIP).is_some() {
        let row = collected(of_customer(&session, SEGMENT_MEMBERSHIP, &id).await?).await?.pop();
        let list = row.as_ref().and_then(|row| row.get("Segments")).and_then(Value::as_str);
        let unreadable = |error: serde_json::Error| CustomerError::Unreadable(error.to_string());
        segments = list.map(serde_json::from_str).transpose().map_err(unreadable)?.unwrap_or_default();
    }
    Ok(Profile { snapshot: view.snapshot(), customer_id: id, attributes, keys, measures, segments })
}

/// The id as it is stored, when somebody has it now; otherwise where it went.
///
/// # Errors
/// Nobody has the id, or the lake cannot be read.
pub async fn live(view: &View, id: &str) -> Result<String> {
    if view.schema(CUSTOMER).is_none() {
        return Err(CustomerError::NoCustomers);
    }
    let known = identity::customer_id(id).map_err(|_| CustomerError::Unknown(id.to_owned()))?;
    let text = known.to_string();
    let session = view.session()?;
    if of_customer(&session, CUSTOMER, &text).await?.count().await? > 0 {
        return Ok(text);
    }
    let ids = Ids::of(view.clone()).await?;
    if !ids.lineage().is_known(known) {
        return Err(CustomerError::Unknown(id.to_owned()));
    }
    let to: Vec<String> = ids.lineage().redirect(known).iter().map(ToString::to_string).collect();
    Err(if to.is_empty() { CustomerError::Gone(text) } else { CustomerError::Moved { id: text, to } })
}

async fn keys(rows: datafusion::prelude::DataFrame) -> Result<Vec<SourceKey>> {
    let rows = rows.select(vec![column("EntityName"), column("AlternateValue")])?;
    let mut keys = Vec::new();
    for batch in rows.collect().await? {
        let texts = |at: usize| cast(batch.column(at), &DataType::Utf8);
        let (entities, values) = (texts(0)?, texts(1)?);
        let pairs = entities.as_string::<i32>().iter().zip(values.as_string::<i32>());
        keys.extend(pairs.filter_map(|(entity, key)| {
            Some(SourceKey { entity: entity?.to_owned(), key: key?.to_owned() })
        }));
    }
    keys.sort();
    Ok(keys)
}
