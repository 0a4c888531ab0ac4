//! What a customer did, newest first.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, lit};
use datafusion::scalar::ScalarValue;
use jiff::Timestamp;
use lake::View;
use serde::Serialize;
use serde_json::{Map, Value};
use store::SnapshotId;

use super::profile::live;
use super::rows::{collected, column, of_customer};
use super::{CustomerError, Result};
use crate::definitions::UNIFIED_ACTIVITY;
use crate::relationships::CUSTOMER_ID;

/// Most activities of one page.
pub const MAX_PAGE: usize = 1000;

/// Which activities are wanted.
#[derive(Debug, Clone, Default)]
pub struct TimelineQuery {
    /// Only of these types; of all when empty.
    pub types: Vec<String>,
    /// Not before this moment.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// How many to leave out first.
    pub skip: usize,
    /// How many at most; no more than [`MAX_PAGE`].
    pub top: usize,
}

/// A page of a customer's activities.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timeline {
    /// The snapshot that it is of.
    pub snapshot: SnapshotId,
    /// The customer's id.
    pub customer_id: String,
    /// How many activities there are of each type, whatever was asked for.
    pub types: Vec<ActivityType>,
    /// The activities, newest first: the columns of `UnifiedActivity` that have a value.
    pub activities: Vec<Map<String, Value>>,
    /// Whether there are more after these.
    pub more: bool,
}

/// A type of activities and how many a customer has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityType {
    /// The type.
    pub activity_type: String,
    /// How many.
    pub count: u64,
}

/// The activities of a customer that the timeline shows.
///
/// # Errors
/// Nobody has the id, there are no activities, or the lake cannot be read.
pub async fn timeline(view: &View, id: &str, query: &TimelineQuery) -> Result<Timeline> {
    let id = live(view, id).await?;
    if view.schema(UNIFIED_ACTIVITY).is_none() {
        return Err(CustomerError::NoActivities);
    }
    let session = view.session()?;
    let all = of_customer(&session, UNIFIED_ACTIVITY, &id).await?.filter(column("ShowInTimeline"))?;
    let counted =
        all.clone().aggregate(vec![column("ActivityType")], vec![count(lit(1i64)).alias("Count")])?;
    let counted = counted.sort(vec![column("ActivityType").sort(true, true)])?;
    let types = collected(counted).await?.iter().filter_map(of_type).collect();
    let mut rows = all;
    if !query.types.is_empty() {
        let types: Vec<Expr> = query.types.iter().map(|word| lit(word.as_str())).collect();
        rows = rows.filter(column("ActivityType").in_list(types, false))?;
    }
    if let Some(since) = query.since {
        rows = rows.filter(column("ActivityTime").gt_eq(moment(since)))?;
    }
    if let Some(until) = query.until {
        rows = rows.filter(column("ActivityTime").lt(moment(until)))?;
    }
    let top = query.top.min(MAX_PAGE);
    let order = vec![column("ActivityTime").sort(false, false), column("ActivityId").sort(true, false)];
    let rows = rows.sort(order)?.limit(query.skip, Some(top.saturating_add(1)))?;
    let mut activities = collected(rows).await?;
    let more = activities.len() > top;
    activities.truncate(top);
    for activity in &mut activities {
        activity.retain(|name, value| !value.is_null() && name != CUSTOMER_ID && name != "ShowInTimeline");
    }
    Ok(Timeline { snapshot: view.snapshot(), customer_id: id, types, activities, more })
}

fn of_type(row: &Map<String, Value>) -> Option<ActivityType> {
    Some(ActivityType {
        activity_type: row.get("ActivityType")?.as_str()?.to_owned(),
        count: row.get("Count")?.as_u64()?,
    })
}

fn moment(at: Timestamp) -> Expr {
    let zone = match crate::conditions::Kind::data_type(crate::conditions::Kind::Time { instant: true }) {
        DataType::Timestamp(TimeUnit::Microsecond, zone) => zone,
        _ => None,
    };
    lit(ScalarValue::TimestampMicrosecond(Some(at.as_microsecond()), zone))
}
