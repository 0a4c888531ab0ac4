//! Who wants to hear of what.

use std::collections::BTreeMap;

use serde_json::Value;
use store::{SubscriptionId, Tx};

use crate::record::short_hash;
use crate::{EventType, EventsError, Result};

/// A wish: events of one type whose data holds every value of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// The type of event.
    pub kind: EventType,
    /// Field of the event's data → the text it must have. Empty wants all.
    pub filter: BTreeMap<String, String>,
}

impl Want {
    /// Whether an event with this data is wanted. Numbers and booleans are compared by their JSON text.
    pub fn takes(&self, data: &Value) -> bool {
        self.filter.iter().all(|(field, wanted)| match data.get(field) {
            Some(Value::String(text)) => text == wanted,
            Some(Value::Null) | None => false,
            Some(other) => *wanted == serde_json::to_string(other).unwrap_or_default(),
        })
    }
}

/// A stored wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The hash of its content.
    pub id: SubscriptionId,
    /// Which receiver hands the deliveries over.
    pub receiver: String,
    /// To whom.
    pub target: String,
    /// What is wanted.
    pub want: Want,
}

/// Makes `wants` the only subscriptions of `target` at `receiver`.
pub async fn replace(tx: &mut Tx, receiver: &str, target: &str, wants: &[Want]) -> Result<()> {
    sqlx::query("DELETE FROM subscription WHERE receiver = $1 AND target = $2")
        .bind(receiver)
        .bind(target)
        .execute(tx.conn())
        .await?;
    for want in wants {
        let filter = filter_text(&want.filter);
        let id =
            SubscriptionId::of_hash(&short_hash(&format!("{receiver}\n{target}\n{}\n{filter}", want.kind)));
        sqlx::query(
            "INSERT INTO subscription (subscription_id, receiver, target, kind, filter) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (subscription_id) DO NOTHING",
        )
        .bind(id.as_str())
        .bind(receiver)
        .bind(target)
        .bind(want.kind.name())
        .bind(&filter)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// All subscriptions to a type of event, in a stable order.
pub(crate) async fn to_kind(tx: &mut Tx, kind: EventType) -> Result<Vec<Subscription>> {
    let rows: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT subscription_id, receiver, target, filter FROM subscription WHERE kind = $1 ORDER BY subscription_id",
    )
    .bind(kind.name())
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|(id, receiver, target, filter)| {
            let corrupt =
                |detail: String| EventsError::Corrupt { what: "subscription", id: id.clone(), detail };
            let filter = serde_json::from_str(&filter).map_err(|e| corrupt(e.to_string()))?;
            Ok(Subscription { id: id.parse()?, receiver, target, want: Want { kind, filter } })
        })
        .collect()
}

fn filter_text(filter: &BTreeMap<String, String>) -> String {
    Value::from_iter(filter.iter().map(|(k, v)| (k.clone(), Value::from(v.clone())))).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_want_takes_events_whose_data_holds_every_value_of_its_filter() {
        let want = |pairs: &[(&str, &str)]| Want {
            kind: EventType::RefreshCompleted,
            filter: pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        };
        let data = json!({"submissionKind": "scheduled", "snapshot": 7, "ok": true, "none": null});
        assert!(want(&[]).takes(&data));
        assert!(want(&[("submissionKind", "scheduled"), ("snapshot", "7"), ("ok", "true")]).takes(&data));
        assert!(!want(&[("submissionKind", "onDemand")]).takes(&data));
        assert!(!want(&[("missing", "x")]).takes(&data));
        assert!(!want(&[("none", "null")]).takes(&data));
    }
}
