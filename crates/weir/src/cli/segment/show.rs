//! `weir segment show`

use std::fmt::Write as _;

use anyhow::Result;
use cdp::refresh::history::Series;
use cdp::standing::{self, KEPT_POINTS, Members, SegmentStanding, Standing, StandingError, Trend};
use serde_json::json;

use super::super::chart::bar;
use super::super::out::columns;
use super::super::standing::{about, surroundings, trend_line};
use super::super::{Exit, Out, place};
use super::{change, state, table};
use crate::instance::Place;
use crate::words::Words;

/// How many members are shown.
const FIRST_MEMBERS: usize = 5;
/// How wide a bar is at most.
const BAR_WIDTH: u64 = 20;

pub(super) async fn run(at: &Place, name: &str, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let segment = Standing::of(&instance.store).await?.segment(name)?;
    let series = Series::Segment { name: name.to_owned() };
    let trend = standing::trend(&instance.store, series, KEPT_POINTS).await?;
    let view = instance.lake.view_latest().await?;
    let members = match standing::members(&view, name, 0, FIRST_MEMBERS).await {
        Ok(members) => Some(members),
        Err(StandingError::NeverRefreshed { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let value = json!({"segment": segment, "trend": trend, "members": members});
    out.show(&value, || text(&segment, &trend, members.as_ref(), out.words))?;
    Ok(Exit::Done)
}

fn text(segment: &SegmentStanding, trend: &Trend, members: Option<&Members>, words: &Words) -> String {
    let mut text = head(segment, words);
    text.push_str(&about(&segment.common, words));
    let _ = write!(text, "\n{}\n", rules(segment, words));
    if let Some(line) = trend_line(trend, words) {
        let _ = writeln!(text, "{line}");
    }
    text.push_str(&surroundings(&segment.common, words));
    if let Some(members) = members {
        let _ = write!(text, "\n{}", table(members, words));
    }
    text
}

fn head(segment: &SegmentStanding, words: &Words) -> String {
    let name = segment.common.name.as_str();
    let mut text = match segment.size {
        Some(size) => words.text("segment-head", &[("name", name.into()), ("n", size.into())]),
        None => words.text("standing-no-result", &[("name", name.into())]),
    };
    let change = change(segment, words);
    if !change.is_empty() {
        let _ = write!(text, " ({change})");
    }
    let _ = writeln!(text, ", {}", state(segment, words));
    text
}

/// The rules with their counts as bars; the query of a segment that is one.
fn rules(segment: &SegmentStanding, words: &Words) -> String {
    if let Some(sql) = &segment.sql {
        return format!("{sql}\n");
    }
    let counts = segment.rules.iter().flat_map(|rule| [rule.own, rule.after]).flatten();
    let most = counts.max().unwrap_or(0);
    let digits = words.number(most as f64).chars().count();
    let counted = |count: Option<u64>| match count {
        Some(count) => format!("{:>digits$} {}", words.number(count as f64), bar(count, most, BAR_WIDTH)),
        None => "–".to_owned(),
    };
    let rows: Vec<Vec<String>> = segment
        .rules
        .iter()
        .map(|rule| vec![format!("{} {}", rule.set, rule.condition), counted(rule.own), counted(rule.after)])
        .collect();
    columns(&words.list(["column-rule", "column-fulfilled-by", "column-after"]), &rows)
}
