//! `weir thresholds`

use anyhow::Result;
use cdp::definitions::{self, Project};
use cdp::refresh::history::{self, StoredPoint};
use events::Threshold;
use events::thresholds::{self, Crossing};
use serde_json::json;
use std::collections::BTreeMap;
use store::Store;

use super::args::{Thresholds, ThresholdsCommand};
use super::out::{Missing, columns, moment};
use super::{Exit, Out, place};
use crate::instance::Place;

pub(super) async fn run(at: &Place, command: &Thresholds, out: &Out) -> Result<Exit> {
    match &command.command {
        None => list(at, out).await,
        Some(ThresholdsCommand::Preview { name }) => preview(at, name.as_deref(), out).await,
    }
}

async fn list(at: &Place, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let defined = definitions::applied(&instance.store).await?.thresholds;
    let states = thresholds::states(&instance.store).await?;
    out.show(&json!({"thresholds": defined, "states": states}), || {
        let mut rows = Vec::new();
        for threshold in &defined {
            let own: Vec<_> = states.iter().filter(|state| state.threshold == threshold.name).collect();
            let level = out.words.number(threshold.level);
            let watched = threshold.watched_name().to_owned();
            if own.is_empty() {
                rows.push(vec![
                    threshold.name.clone(),
                    watched.clone(),
                    level.clone(),
                    "–".to_owned(),
                    out.words.word("thresholds-no-value"),
                ]);
            }
            for state in own {
                let name = match &state.dimension {
                    Some(dimension) => format!("{watched} ({dimension})"),
                    None => watched.clone(),
                };
                let crossed = state.crossed_at.map_or_else(|| out.words.word("never"), |at| moment(Some(at)));
                let value = out.words.number(state.value);
                rows.push(vec![threshold.name.clone(), name, level.clone(), value, crossed]);
            }
        }
        let head = out.words.list([
            "column-threshold",
            "column-watches",
            "column-level",
            "column-value",
            "column-crossed",
        ]);
        columns(&head, &rows)
    })?;
    Ok(Exit::Done)
}

async fn preview(at: &Place, name: Option<&str>, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let defined = match Project::load(&at.project) {
        Ok(project) => project.definitions().thresholds.clone(),
        Err(_) => definitions::applied(&instance.store).await?.thresholds,
    };
    let chosen: Vec<&Threshold> = defined.iter().filter(|t| name.is_none_or(|name| t.name == name)).collect();
    if let (Some(name), true) = (name, chosen.is_empty()) {
        let message = out.words.text("thresholds-missing", &[("name", format!("{name:?}").into())]);
        return Err(Missing { code: "thresholdNotFound", message }.into());
    }
    let mut previews = Vec::new();
    for threshold in chosen {
        let (points, crossings) = crossings(&instance.store, threshold).await?;
        previews.push((threshold, points, crossings));
    }
    let value: Vec<_> = previews
        .iter()
        .map(|(threshold, points, crossings)| json!({"threshold": threshold, "points": points, "crossings": crossings}))
        .collect();
    out.show(&value, || {
        let mut text = String::new();
        for (threshold, points, crossings) in &previews {
            let values = [
                ("name", threshold.name.as_str().into()),
                ("n", crossings.len().into()),
                ("points", (*points).into()),
            ];
            text.push_str(&out.words.text("thresholds-preview", &values));
            text.push('\n');
            for crossing in crossings {
                let at = moment(Some(crossing.at));
                let snapshot =
                    out.words.text("snapshot", &[("snapshot", crossing.snapshot.to_string().into())]);
                text.push_str(&format!("  {at}  {snapshot}  {}\n", crossing.sentence));
            }
        }
        text
    })?;
    Ok(Exit::Done)
}

async fn crossings(store: &Store, threshold: &Threshold) -> Result<(usize, Vec<Crossing>)> {
    let points = match (&threshold.segment, &threshold.measure) {
        (Some(segment), _) => history::of_segment(store, segment).await?,
        (None, Some(measure)) => {
            history::of_measure(store, measure, threshold.calculation.as_deref()).await?
        }
        (None, None) => Vec::new(),
    };
    let n_points = points.len();
    let mut by_dimension: BTreeMap<Option<String>, Vec<StoredPoint>> = BTreeMap::new();
    for point in points {
        by_dimension.entry(point.dimension.clone()).or_default().push(point);
    }
    let mut found = Vec::new();
    for (dimension, points) in &by_dimension {
        let history: Vec<_> = points.iter().map(|point| (point.snapshot, point.at, point.value)).collect();
        found.extend(thresholds::preview(threshold, dimension.as_deref(), &history));
    }
    found.sort_by_key(|crossing| crossing.snapshot);
    Ok((n_points, found))
}
