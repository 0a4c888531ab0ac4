//! Settings of the instance: small values under a name.

use crate::{Result, Store, Tx};

impl Store {
    /// The value stored under `key`.
    pub async fn setting(&self, key: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar("SELECT value FROM setting WHERE key = $1")
            .bind(key)
            .fetch_optional(&self.pool)
            .await?)
    }
}

/// The setting that tells this instance from every other, also from one with the same definitions.
const INSTANCE_ID: &str = "store.instanceId";

impl Tx {
    /// What tells this instance from every other: it is part of every hash that leaves it as an id.
    pub async fn instance_id(&mut self) -> Result<String> {
        let fresh = uuid::Uuid::now_v7().simple().to_string();
        sqlx::query("INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING")
            .bind(INSTANCE_ID)
            .bind(fresh)
            .execute(self.conn())
            .await?;
        Ok(sqlx::query_scalar("SELECT value FROM setting WHERE key = $1")
            .bind(INSTANCE_ID)
            .fetch_one(self.conn())
            .await?)
    }

    /// Stores `value` under `key`.
    pub async fn put_setting(&mut self, key: &str, value: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(self.conn())
        .await?;
        Ok(())
    }
}
