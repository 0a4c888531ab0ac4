//! `weir segment`

mod ask;
mod show;

use anyhow::Result;
use cdp::definitions::{Duplicated, SegmentState, SegmentType};
use cdp::refresh::history::Series;
use cdp::standing::{self, Members, SegmentStanding, Standing, Trend};
use serde_json::json;

use super::chart::sparkline;
use super::out::{columns, moment};
use super::standing::{left_out, marked, shown};
use super::{Exit, Out, duplicate, place};
use crate::instance::Place;
use crate::words::Words;

/// How many points the trend of a list has.
const LIST_POINTS: u32 = 12;

/// `weir segment`
#[derive(Debug, clap::Args)]
pub(super) struct Segment {
    #[command(subcommand)]
    command: SegmentCommand,
}

/// `weir segment …`
#[derive(Debug, clap::Subcommand)]
enum SegmentCommand {
    /// List the segments: how many members each has, and how that changed.
    List,
    /// Show one segment: the counts of its rules, the trend, what it reads, who uses it, and its first members.
    Show {
        /// The segment.
        name: String,
    },
    /// List the members of a segment, in the order of their ids.
    Members(MembersOf),
    /// Show why a customer is in a segment or not: each test of its rules, with what it read.
    Explain {
        /// The segment.
        name: String,
        /// The customer's id.
        customer: String,
    },
    /// Make a second segment like one that is there, in the same file.
    Duplicate(duplicate::Duplicate),
    /// Count the customers that a condition would take, without a refresh.
    Estimate(ask::Estimate),
}

/// `weir segment members`
#[derive(Debug, clap::Args)]
struct MembersOf {
    /// The segment.
    name: String,
    /// How many to show at most.
    #[arg(long, default_value_t = 20)]
    top: usize,
    /// How many to leave out first.
    #[arg(long, default_value_t = 0)]
    skip: usize,
}

pub(super) async fn run(at: &Place, command: &Segment, out: &Out) -> Result<Exit> {
    match &command.command {
        SegmentCommand::List => list(at, out).await,
        SegmentCommand::Show { name } => show::run(at, name, out).await,
        SegmentCommand::Members(asked) => members(at, asked, out).await,
        SegmentCommand::Explain { name, customer } => ask::explain(at, name, customer, out).await,
        SegmentCommand::Duplicate(asked) => duplicate::run(at, Duplicated::Segment, asked, out),
        SegmentCommand::Estimate(asked) => ask::estimate(at, asked, out).await,
    }
}

async fn list(at: &Place, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let segments = Standing::of(&instance.store).await?.segments();
    let mut trends = Vec::new();
    for segment in &segments {
        let series = Series::Segment { name: segment.common.name.clone() };
        trends.push(standing::trend(&instance.store, series, LIST_POINTS).await?);
    }
    out.show(&json!({"segments": segments}), || {
        let rows: Vec<_> =
            segments.iter().zip(&trends).map(|(it, trend)| row(it, trend, out.words)).collect();
        let head = out.words.list([
            "column-segment",
            "column-members",
            "column-change",
            "column-trend",
            "column-status",
            "column-refreshed",
            "column-used-by",
        ]);
        let warnings = left_out(segments.iter().filter_map(|it| it.common.left_out.as_ref()), out.words);
        format!("{}\n{warnings}", columns(&head, &rows))
    })?;
    Ok(Exit::Done)
}

fn row(segment: &SegmentStanding, trend: &Trend, words: &Words) -> Vec<String> {
    vec![
        marked(&segment.common),
        segment.size.map_or_else(|| "–".to_owned(), |size| words.number(size as f64)),
        change(segment, words),
        sparkline(trend, LIST_POINTS as usize),
        state(segment, words),
        moment(segment.common.last_refreshed),
        words.number(segment.common.used_by.len() as f64),
    ]
}

/// Who entered and who left: `+2 −1`.
fn change(segment: &SegmentStanding, words: &Words) -> String {
    let (Some(entered), Some(left)) = (segment.entered, segment.left) else { return String::new() };
    if entered + left == 0 {
        return String::new();
    }
    format!("+{} −{}", words.number(entered as f64), words.number(left as f64))
}

fn state(segment: &SegmentStanding, words: &Words) -> String {
    let state = match (segment.state, segment.kind) {
        (SegmentState::Active, SegmentType::Dynamic) => "active",
        (SegmentState::Active, SegmentType::Static) => "static",
        (SegmentState::Inactive, _) => "inactive",
        (SegmentState::Draft, _) => "draft",
    };
    words.text("standing-state", &[("state", state.into())])
}

async fn members(at: &Place, asked: &MembersOf, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    Standing::of(&instance.store).await?.segment(&asked.name)?;
    let view = instance.lake.view_latest().await?;
    let page = standing::members(&view, &asked.name, asked.skip, asked.top).await?;
    out.show(&page, || {
        let mut text = table(&page, out.words);
        if page.more {
            text.push_str(&format!("\n{}\n", out.words.word("customer-more")));
        }
        text
    })?;
    Ok(Exit::Done)
}

/// The members by what people know them by.
fn table(page: &Members, words: &Words) -> String {
    if page.members.is_empty() {
        return words.word("segment-no-members");
    }
    let names = std::iter::once("CustomerId").chain(page.known_by.iter().map(String::as_str));
    let names: Vec<&str> = names.collect();
    let row = |member: &serde_json::Map<String, serde_json::Value>| {
        names.iter().map(|name| member.get(*name).map(|it| shown(it, words)).unwrap_or_default()).collect()
    };
    let rows: Vec<Vec<String>> = page.members.iter().map(row).collect();
    let head: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    columns(&head, &rows)
}
