//! `weir measure`

use std::fmt::Write as _;

use anyhow::Result;
use cdp::definitions::{Duplicated, MeasureKind, MeasureState};
use cdp::refresh::history::Series;
use cdp::standing::{
    self, KEPT_POINTS, MeasureStanding, MeasureValue, Spread, Standing, StandingError, Trend,
};
use serde_json::{Map, Value, json};
use store::Store;

use super::chart::sparkline;
use super::out::{columns, moment};
use super::standing::{about, left_out, marked, shown, surroundings, trend_line};
use super::{Exit, Out, duplicate, place};
use crate::instance::Place;
use crate::words::Words;

/// How many points the trend of a list, and of one of many values, has.
const LIST_POINTS: u32 = 12;

/// `weir measure`
#[derive(Debug, clap::Args)]
pub(super) struct Measure {
    #[command(subcommand)]
    command: MeasureCommand,
}

/// `weir measure …`
#[derive(Debug, clap::Subcommand)]
enum MeasureCommand {
    /// List the measures with their values.
    List,
    /// Show one measure: its values, per dimension value where it has dimensions, and how they went.
    Show {
        /// The measure.
        name: String,
        /// How many dimension values to show at most.
        #[arg(long, default_value_t = 20)]
        top: usize,
    },
    /// Make a second measure like one that is there, in the same file.
    Duplicate(duplicate::Duplicate),
}

pub(super) async fn run(at: &Place, command: &Measure, out: &Out) -> Result<Exit> {
    match &command.command {
        MeasureCommand::List => list(at, out).await,
        MeasureCommand::Show { name, top } => show(at, name, *top, out).await,
        MeasureCommand::Duplicate(asked) => duplicate::run(at, Duplicated::Measure, asked, out),
    }
}

async fn list(at: &Place, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let measures = Standing::of(&instance.store).await?.measures();
    let mut rows = Vec::new();
    for measure in &measures {
        let line = match measure.values.as_slice() {
            [only] => {
                sparkline(&trend_of(&instance.store, measure, only, LIST_POINTS).await?, LIST_POINTS as usize)
            }
            _ => String::new(),
        };
        rows.push(vec![
            marked(&measure.common),
            kind(measure.kind, out.words),
            in_short(measure, out.words),
            line,
            state(measure.state, out.words),
            moment(measure.common.last_refreshed),
            out.words.number(measure.common.used_by.len() as f64),
        ]);
    }
    out.show(&json!({"measures": measures}), || {
        let head = out.words.list([
            "column-measure",
            "column-type",
            "column-value",
            "column-trend",
            "column-status",
            "column-refreshed",
            "column-used-by",
        ]);
        let warnings = left_out(measures.iter().filter_map(|it| it.common.left_out.as_ref()), out.words);
        format!("{}\n{warnings}", columns(&head, &rows))
    })?;
    Ok(Exit::Done)
}

/// The value where there is one, otherwise how many rows there are.
fn in_short(measure: &MeasureStanding, words: &Words) -> String {
    match (measure.values.as_slice(), measure.rows) {
        ([MeasureValue { value: Some(value), .. }], _) => words.number(*value),
        (_, Some(rows)) => words.text("measure-rows", &[("n", rows.into())]),
        (_, None) => "–".to_owned(),
    }
}

fn kind(kind: MeasureKind, words: &Words) -> String {
    let kind = match kind {
        MeasureKind::Business => "business",
        MeasureKind::CustomerAttribute => "customerAttribute",
        MeasureKind::CustomerMeasure => "customerMeasure",
    };
    words.text("measure-kind", &[("kind", kind.into())])
}

fn state(state: MeasureState, words: &Words) -> String {
    let state = match state {
        MeasureState::Active => "active",
        MeasureState::Inactive => "inactive",
    };
    words.text("standing-state", &[("state", state.into())])
}

async fn trend_of(store: &Store, of: &MeasureStanding, value: &MeasureValue, limit: u32) -> Result<Trend> {
    let series = Series::Measure {
        name: of.common.name.clone(),
        calculation: value.calculation.clone(),
        dimension: value.dimension.clone(),
    };
    Ok(standing::trend(store, series, limit).await?)
}

/// What a measure has beside how it stands.
#[derive(serde::Serialize)]
struct Details {
    /// The first rows of its entity; of a customer attribute nothing.
    rows: Vec<Map<String, Value>>,
    /// How its values spread over customers; of a business measure nothing.
    spread: Vec<Spread>,
    /// How the first of its numbers went.
    trends: Vec<Trend>,
}

async fn show(at: &Place, name: &str, top: usize, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let mut measure = Standing::of(&instance.store).await?.measure(name)?;
    let view = instance.lake.view_latest().await?;
    let mut details = Details { rows: Vec::new(), spread: Vec::new(), trends: Vec::new() };
    if measure.kind != MeasureKind::CustomerAttribute {
        details.rows = if_there(standing::rows(&view, &measure, top).await)?;
    }
    if measure.kind != MeasureKind::Business {
        details.spread = if_there(standing::spread(&view, &measure).await)?;
    }
    let n_values = measure.values.len();
    keep_first(&mut measure.values, top);
    for value in &measure.values {
        details.trends.push(trend_of(&instance.store, &measure, value, KEPT_POINTS).await?);
    }
    out.show(&json!({"measure": measure, "details": details, "numbers": n_values}), || {
        text(&measure, &details, out.words)
    })?;
    Ok(Exit::Done)
}

/// The first numbers of each calculation.
fn keep_first(values: &mut Vec<MeasureValue>, top: usize) {
    let (mut calculation, mut kept) = (String::new(), 0);
    values.retain(|value| {
        if value.calculation != calculation {
            (calculation, kept) = (value.calculation.clone(), 0);
        }
        kept += 1;
        kept <= top
    });
}

/// What has no result yet has no rows.
fn if_there<T>(found: standing::Result<Vec<T>>) -> standing::Result<Vec<T>> {
    match found {
        Err(StandingError::NeverRefreshed { .. }) => Ok(Vec::new()),
        other => other,
    }
}

fn text(measure: &MeasureStanding, details: &Details, words: &Words) -> String {
    let name = measure.common.name.as_str();
    let mut text = match measure.common.last_refreshed {
        None if measure.rows.is_none() => words.text("standing-no-result", &[("name", name.into())]),
        _ => format!("{name}: {}", in_short(measure, words)),
    };
    let _ = writeln!(text, ", {}, {}", kind(measure.kind, words), state(measure.state, words));
    text.push_str(&about(&measure.common, words));
    text.push('\n');
    for formula in &measure.calculations {
        let _ = writeln!(text, "{} = {}", formula.name, formula.calculate);
    }
    if let Some(filter) = &measure.filter {
        let _ = writeln!(text, "where {filter}");
    }
    if let Some(sql) = &measure.sql {
        let _ = writeln!(text, "{sql}");
    }
    if !measure.by.is_empty() {
        let _ = writeln!(text, "by {}", measure.by.join(", "));
    }
    text.push_str(&values(measure, details, words));
    let _ = write!(text, "\n{}", surroundings(&measure.common, words));
    text
}

/// The values: one with its trend, many as a table, those of customers as how they spread.
fn values(measure: &MeasureStanding, details: &Details, words: &Words) -> String {
    let mut text = String::new();
    if !details.spread.is_empty() {
        let _ = write!(text, "\n{}", spread(&details.spread, words));
    }
    if (!measure.by.is_empty() || measure.sql.is_some()) && !details.rows.is_empty() {
        let _ = write!(text, "\n{}", rows(measure, details, words));
    }
    for (value, trend) in measure.values.iter().zip(&details.trends).filter(|(it, _)| it.dimension.is_none())
    {
        if let Some(line) = trend_line(trend, words) {
            let _ = write!(text, "\n{}: {line}\n", value.calculation);
        }
    }
    text
}

fn spread(all: &[Spread], words: &Words) -> String {
    let row = |it: &Spread| {
        vec![
            it.calculation.clone(),
            words.number(it.known as f64),
            words.number(it.rows as f64),
            shown(&it.min, words),
            it.average.map_or_else(|| "–".to_owned(), |average| words.number(average)),
            shown(&it.max, words),
        ]
    };
    let head = words.list([
        "column-calculation",
        "column-with-values",
        "column-rows",
        "column-smallest",
        "column-average",
        "column-greatest",
    ]);
    columns(&head, &all.iter().map(row).collect::<Vec<_>>())
}

/// The first rows of the measure's entity, with the trend of the first calculation of each where it has one.
fn rows(measure: &MeasureStanding, details: &Details, words: &Words) -> String {
    let names: Vec<&String> = details.rows.first().into_iter().flat_map(Map::keys).collect();
    let first = measure.calculations.first().map(|it| it.name.as_str());
    let trends =
        measure.values.iter().zip(&details.trends).filter(|(it, _)| Some(it.calculation.as_str()) == first);
    let mut lines = trends.map(|(_, trend)| sparkline(trend, LIST_POINTS as usize));
    let row = |row: &Map<String, Value>| {
        let cells = names.iter().map(|name| row.get(*name).map(|it| shown(it, words)).unwrap_or_default());
        cells.chain(lines.next()).collect()
    };
    let rows: Vec<Vec<String>> = details.rows.iter().map(row).collect();
    let trend = (measure.kind == MeasureKind::Business).then(|| words.word("column-trend"));
    let head: Vec<String> = names.iter().map(|name| (*name).clone()).chain(trend).collect();
    columns(&head, &rows)
}
