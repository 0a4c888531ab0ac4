//! `weir customers` finds customers by words, `weir customer` shows one, with the timeline.

use std::fmt::Write as _;

use anyhow::Result;
use cdp::customers::{CustomerError, Profile, Timeline, TimelineQuery, Wanted, profile, timeline};
use cdp::relationships::CUSTOMER_ID;
use jiff::Timestamp;
use search::{Facet, FacetCount};
use serde_json::{Map, Value, json};

use super::out::{columns, plain};
use super::{Exit, Out, place};
use crate::instance::Place;
use crate::words::Words;

/// `weir customer`
#[derive(Debug, clap::Args)]
pub(super) struct Customer {
    /// The customer's id.
    pub id: String,
    /// Only activities of these types.
    #[arg(long = "type", value_name = "TYPE")]
    pub types: Vec<String>,
    /// Only activities from this moment on, such as 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "MOMENT")]
    pub since: Option<Timestamp>,
    /// Only activities before this moment.
    #[arg(long, value_name = "MOMENT")]
    pub until: Option<Timestamp>,
    /// How many activities to leave out first.
    #[arg(long, default_value_t = 0)]
    pub skip: usize,
    /// How many activities to show at most.
    #[arg(long, default_value_t = 20)]
    pub top: usize,
}

/// `weir customers`
#[derive(Debug, clap::Args)]
pub(super) struct Customers {
    /// The words to look for: any may match, the last one also as a beginning. All customers, without words.
    pub words: Vec<String>,
    /// Only customers for whom this holds: "Country = Germany | Austria", "Points >= 100", "EMail =" (none). The
    /// attribute needs a `filter` in `search`. Can be given several times; all must hold.
    #[arg(long = "where", value_name = "FILTER")]
    pub filters: Vec<String>,
    /// Count the values of this attribute among those who are found. Can be given several times.
    #[arg(long = "facet", value_name = "ATTRIBUTE")]
    pub facets: Vec<String>,
    /// How many customers to leave out first.
    #[arg(long, default_value_t = 0)]
    pub skip: usize,
    /// How many customers to show at most.
    #[arg(long, visible_alias = "limit", default_value_t = 20)]
    pub top: usize,
}

/// Columns of a table for people, beside the id.
const SHOWN_COLUMNS: usize = 4;

pub(super) async fn find(at: &Place, command: &Customers, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let text = command.words.join(" ");
    let Customers { filters, facets, skip, top, .. } = command;
    let wanted = Wanted { text: &text, filters, facets, skip: *skip, top: *top };
    let found = cdp::customers::find(&instance.store, &instance.lake, &wanted).await?;
    out.show(&found, || {
        let mut text = out.words.text("customers-found", &[("n", found.count.into())]);
        text.push('\n');
        let searched = found.searched.iter().take(SHOWN_COLUMNS).cloned();
        let names: Vec<String> = std::iter::once(CUSTOMER_ID.to_owned()).chain(searched).collect();
        let row = |customer: &Map<String, Value>| -> Vec<String> {
            names.iter().map(|name| customer.get(name).map(shown).unwrap_or_default()).collect()
        };
        if !found.customers.is_empty() {
            let rows: Vec<_> = found.customers.iter().map(row).collect();
            let _ = write!(text, "\n{}", columns(&names, &rows));
        }
        for facet in &found.facets {
            let _ = write!(text, "\n{}", counts(facet, out.words));
        }
        text
    })?;
    Ok(Exit::Done)
}

/// The values of an attribute, or the intervals they lie in, and how many customers have them.
fn counts(facet: &Facet, words: &Words) -> String {
    let row = |it: &FacetCount| {
        let from = plain(&it.from.to_string());
        let value = match &it.to {
            Some(to) => format!("{from} … < {to}"),
            None => from,
        };
        vec![value, words.number(it.count as f64)]
    };
    let head = [facet.attribute.clone(), words.word("column-customers")];
    columns(&head, &facet.counts.iter().map(row).collect::<Vec<_>>())
}

pub(super) async fn run(at: &Place, command: &Customer, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let view = instance.lake.view_latest().await?;
    let profile = profile(&view, &command.id).await?;
    let query = TimelineQuery {
        types: command.types.clone(),
        since: command.since,
        until: command.until,
        skip: command.skip,
        top: command.top,
    };
    let timeline = match timeline(&view, &command.id, &query).await {
        Ok(timeline) => Some(timeline),
        Err(CustomerError::NoActivities) => None,
        Err(error) => return Err(error.into()),
    };
    out.show(&json!({"profile": profile, "timeline": timeline}), || {
        let mut text = about(&profile, out.words);
        if let Some(timeline) = &timeline {
            text.push_str(&activities(timeline, out.words));
        }
        text
    })?;
    Ok(Exit::Done)
}

fn about(profile: &Profile, words: &Words) -> String {
    let mut text = words.text("customer-head", &[("id", profile.customer_id.as_str().into())]);
    text.push('\n');
    let attributes = profile.attributes.iter().filter(|(_, value)| !value.is_null());
    let attributes: Vec<Vec<String>> =
        attributes.map(|(name, value)| vec![name.clone(), shown(value)]).collect();
    let head = words.list(["column-attribute", "column-value"]);
    let _ = write!(text, "\n{}", columns(&head, &attributes));
    let measures = profile.measures.iter().filter(|(_, value)| !value.is_null());
    let measures: Vec<Vec<String>> = measures.map(|(name, value)| vec![name.clone(), shown(value)]).collect();
    if !measures.is_empty() {
        let head = words.list(["column-measure", "column-value"]);
        let _ = write!(text, "\n{}", columns(&head, &measures));
    }
    let keys: Vec<Vec<String>> =
        profile.keys.iter().map(|key| vec![key.entity.clone(), key.key.clone()]).collect();
    let head = words.list(["column-entity", "column-key"]);
    let _ = write!(text, "\n{}", columns(&head, &keys));
    let segments = match profile.segments.as_slice() {
        [] => words.word("customer-no-segments"),
        names => words.text("customer-segments", &[("names", names.join(", ").into())]),
    };
    let _ = writeln!(text, "\n{segments}");
    text
}

/// Newest first, by month.
fn activities(timeline: &Timeline, words: &Words) -> String {
    let counts: Vec<String> = timeline
        .types
        .iter()
        .map(|it| format!("{} {}", words.number(it.count as f64), it.activity_type))
        .collect();
    let mut text = format!("\n{}\n", words.text("customer-timeline", &[("types", counts.join(", ").into())]));
    let mut month = String::new();
    for activity in &timeline.activities {
        let of = |name: &str| activity.get(name).map(shown).unwrap_or_default();
        let at = of("ActivityTime");
        let this_month = at.get(..7).unwrap_or_default();
        if this_month != month {
            this_month.clone_into(&mut month);
            let _ = writeln!(text, "\n  {month}");
        }
        let said = [of("Title"), of("Description"), more(activity)];
        let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
        let when = at.get(..16).unwrap_or(&at).replace('T', " ");
        let _ = writeln!(text, "  {when}  {}  {}", of("ActivityTypeDisplay"), said.join(" · "));
    }
    if timeline.more {
        let _ = writeln!(text, "\n{}", words.word("customer-more"));
    }
    text
}

/// The fields of an activity beside its fixed columns.
fn more(activity: &Map<String, Value>) -> String {
    let fixed = insight::definition::ACTIVITY_COLUMNS;
    let fields = activity.iter().filter(|(name, _)| !fixed.contains(&name.as_str()));
    fields.map(|(name, value)| format!("{name} {}", shown(value))).collect::<Vec<_>>().join(", ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
