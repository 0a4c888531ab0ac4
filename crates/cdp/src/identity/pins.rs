//! Pins in the state store.

use jiff::Timestamp;
use serde::Serialize;
use store::{Store, Tx, from_micros, to_micros};
use unify::{Pin, RowName};

use super::{IdentityError, Result};

/// Who decided something, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who, in words.
    pub by: String,
    /// Why, in words; may be empty.
    pub reason: String,
}

/// A pin with who made it, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredPin {
    /// The entity's full name.
    pub entity: String,
    /// The primary key, as text.
    pub key: String,
    /// The customer.
    pub customer_id: String,
    /// Who pinned it, in words.
    pub pinned_by: String,
    /// When.
    pub pinned_at: Timestamp,
    /// Why, in words.
    pub reason: String,
}

impl StoredPin {
    /// The pin as unification takes it.
    ///
    /// # Errors
    /// When the stored text is no id.
    pub fn pin(&self) -> Result<Pin> {
        let customer = self.customer_id.parse();
        let customer = customer.map_err(|_| IdentityError::Corrupt(self.customer_id.clone()))?;
        Ok(Pin { entity: self.entity.clone(), key: self.key.clone(), customer })
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    entity: String,
    record_key: String,
    customer_id: String,
    pinned_by: String,
    pinned_at: i64,
    reason: String,
}

/// All pins, in the order of entity and key.
///
/// # Errors
/// When the store fails.
pub async fn pins(store: &Store) -> Result<Vec<StoredPin>> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT entity, record_key, customer_id, pinned_by, pinned_at, reason FROM pin")
            .fetch_all(store.pool())
            .await?;
    let pin = |row: Row| StoredPin {
        entity: row.entity,
        key: row.record_key,
        customer_id: row.customer_id,
        pinned_by: row.pinned_by,
        pinned_at: from_micros(row.pinned_at),
        reason: row.reason,
    };
    let mut pins: Vec<StoredPin> = rows.into_iter().map(pin).collect();
    // Databases sort texts in their own ways.
    pins.sort_by(|a, b| (&a.entity, &a.key).cmp(&(&b.entity, &b.key)));
    Ok(pins)
}

/// Pins rows; a row that is pinned already gets the new customer.
///
/// # Errors
/// When the store fails.
pub(super) async fn put(tx: &mut Tx, pins: &[Pin], decision: &Decision) -> Result<()> {
    let now = to_micros(tx.now());
    for pin in pins {
        sqlx::query(
            "INSERT INTO pin (entity, record_key, customer_id, pinned_by, pinned_at, reason) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (entity, record_key) DO UPDATE SET \
             customer_id = excluded.customer_id, pinned_by = excluded.pinned_by, \
             pinned_at = excluded.pinned_at, reason = excluded.reason",
        )
        .bind(&pin.entity)
        .bind(&pin.key)
        .bind(pin.customer.to_string())
        .bind(&decision.by)
        .bind(now)
        .bind(&decision.reason)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Removes the pins of rows. Returns the rows that had one.
///
/// # Errors
/// When the store fails.
pub async fn remove(tx: &mut Tx, rows: &[RowName]) -> Result<Vec<RowName>> {
    let mut removed = Vec::new();
    for row in rows {
        let done = sqlx::query("DELETE FROM pin WHERE entity = $1 AND record_key = $2")
            .bind(&row.0)
            .bind(&row.1)
            .execute(tx.conn())
            .await?;
        if done.rows_affected() > 0 {
            removed.push(row.clone());
        }
    }
    Ok(removed)
}
