//! `weir unify rows`: the rows behind a number of the report.

use anyhow::Result;
use cdp::unification::{Page, Pair, PairsQuery, Row, RowsQuery, Which};

use super::super::out::{columns, plain};
use super::super::{Exit, Out};
use super::Rows;
use crate::instance::Place;
use crate::words::{Words, decimals};

pub(super) async fn run(at: &Place, command: &Rows, out: &Out) -> Result<Exit> {
    let (_instance, reader) = super::open(at).await?;
    let (skip, limit) = (command.skip, Some(usize::from(command.limit)));
    match (&command.rule, command.which, &command.entity) {
        (None, Some(which), Some(entity)) => {
            let query = RowsQuery { entity: entity.clone(), which, skip, snapshot: None, limit };
            let page = reader.rows(&query).await?;
            out.show(&page, || rows(&page, which, out.words))?;
        }
        (rule, _, entity) => {
            let query = PairsQuery {
                rule: rule.clone().unwrap_or_default(),
                entity: entity.clone(),
                ambiguous: command.ambiguous,
                skip,
                limit,
                ..PairsQuery::default()
            };
            let page = reader.pairs(&query).await?;
            out.show(&page, || pairs(&page, out.words))?;
        }
    }
    Ok(Exit::Done)
}

fn pairs(page: &Page<Pair>, words: &Words) -> String {
    let mut lines = Vec::new();
    for pair in &page.rows {
        let score = pair.score.map(|score| score_text(score, words)).unwrap_or_default();
        let customer = pair.customer.clone().unwrap_or_default();
        lines.push(vec![score, named(&pair.row), values(&pair.row), customer]);
        if let Some(partner) = &pair.partner {
            lines.push(vec![String::new(), named(partner), values(partner), String::new()]);
        }
    }
    let head = words.list(["column-score", "column-record", "column-values", "column-customer"]);
    shown(page, columns(&head, &lines), words)
}

fn rows(page: &Page<Row>, which: Which, words: &Words) -> String {
    let lines: Vec<_> = page.rows.iter().map(|row| vec![named(row), values(row)]).collect();
    let what = words.text("unify-which", &[("which", which.as_str().into())]);
    let head = words.list(["column-record", "column-values"]);
    format!("{what}\n\n{}", shown(page, columns(&head, &lines), words))
}

fn shown<T>(page: &Page<T>, table: String, words: &Words) -> String {
    let values = [("n", page.rows.len().into()), ("total", page.total.into())];
    format!("{table}\n{}", words.text("unify-rows-shown", &values))
}

/// A score for people: 0 to 1 with three decimals.
pub(super) fn score_text(score: f64, words: &Words) -> String {
    words.text("score", &[("n", decimals(score, 3))])
}

/// A row as `entity:key`.
pub(super) fn named(row: &Row) -> String {
    format!("{}:{}", plain(&row.entity), plain(row.key.as_deref().unwrap_or("–")))
}

/// The values of a row in one line.
pub(super) fn values(row: &Row) -> String {
    let value = |(name, value): (&String, &serde_json::Value)| {
        format!("{}: {}", plain(name), plain(value.as_str().unwrap_or_default()))
    };
    // The key stands before.
    let others = row.values.iter().filter(|(_, value)| value.as_str() != row.key.as_deref());
    others.map(value).collect::<Vec<_>>().join(" · ")
}
