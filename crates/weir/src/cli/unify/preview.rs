//! `weir unify preview`: what matching would find with the definitions as they are written.

use anyhow::Result;
use cdp::definitions::{self, Project};
use cdp::unification::{Pair, Preview};
use tokio_util::sync::CancellationToken;

use super::super::out::columns;
use super::super::{Exit, Out, serve};
use super::Preview as Command;
use super::rows::{named, score_text, values};
use crate::instance::Place;
use crate::words::Words;

pub(super) async fn run(at: &Place, command: &Command, out: &Out) -> Result<Exit> {
    let (instance, reader) = super::open(at).await?;
    let definitions = match Project::load(&at.project) {
        Ok(project) => project.into_definitions(),
        Err(_) => definitions::applied(&instance.store).await?,
    };
    let stop = CancellationToken::new();
    serve::stop_on_signal(&stop)?;
    let examples = usize::from(command.limit);
    let preview = reader.preview(&definitions, command.rule.as_deref(), examples, &stop).await?;
    out.show(&preview, || text(&preview, out.words))?;
    Ok(Exit::Done)
}

fn text(preview: &Preview, words: &Words) -> String {
    let number = |count: u64| words.number(count as f64);
    let values = [
        ("snapshot", preview.snapshot.to_string().into()),
        ("profiles", preview.profiles.into()),
        ("before", preview.profiles_before.map_or_else(|| "–".to_owned(), number).into()),
    ];
    let head = words.list([
        "column-stage",
        "column-rule",
        "column-of",
        "column-tried",
        "column-with-values",
        "column-matched",
        "column-before",
        "column-compared",
    ]);
    let row = |rule: &cdp::unification::PreviewedRule| {
        vec![
            words.text("unify-stage", &[("stage", rule.stage.as_str().into())]),
            rule.counts.rule.clone(),
            rule.counts.on.clone(),
            number(rule.counts.tried),
            number(rule.counts.with_values),
            number(rule.counts.matched),
            rule.matched_before.map_or_else(|| "–".to_owned(), number),
            number(rule.counts.compared),
        ]
    };
    let rules = columns(&head, &preview.rules.iter().map(row).collect::<Vec<_>>());
    let mut text = format!("{}\n\n{rules}", words.text("unify-preview", &values));
    if !preview.examples.is_empty() {
        text.push_str(&format!("\n{}", examples(&preview.examples, words)));
    }
    text
}

fn examples(pairs: &[Pair], words: &Words) -> String {
    let mut lines = Vec::new();
    for pair in pairs {
        let score = pair.score.map(|score| score_text(score, words)).unwrap_or_default();
        lines.push(vec![score, named(&pair.row), values(&pair.row)]);
        let partner = pair.partner.as_ref();
        lines.extend(partner.map(|partner| vec![String::new(), named(partner), values(partner)]));
    }
    columns(&words.list(["column-score", "column-record", "column-values"]), &lines)
}
