//! `weir unify report`: the funnel of the last unification as two tables with bars.

use anyhow::Result;
use cdp::unification::Funnel;
use unify::{EntityReport, RuleReport};

use super::super::out::columns;
use super::super::{Exit, Out};
use crate::instance::Place;
use crate::words::{Words, decimals};

/// Cells of a bar.
const BAR: usize = 12;

pub(super) async fn run(at: &Place, out: &Out) -> Result<Exit> {
    let (_instance, reader) = super::open(at).await?;
    let funnel = reader.funnel().await?;
    out.show(&funnel, || text(&funnel, out.words))?;
    Ok(Exit::Done)
}

fn text(funnel: &Funnel, words: &Words) -> String {
    let values = [
        ("snapshot", funnel.snapshot.to_string().into()),
        ("profiles", funnel.profiles.into()),
        ("matched", funnel.matched_profiles.into()),
    ];
    let mut text = words.text("unify-report", &values);
    text.push_str("\n\n");
    let head = words.list([
        "column-entity",
        "column-rows",
        "column-unique",
        "column-matched",
        "column-share",
        "column-alone",
        "column-left-out",
    ]);
    let rows: Vec<_> = funnel.entities.iter().map(|entity| entity_row(&entity.counts, words)).collect();
    text.push_str(&columns(&head, &rows));
    text.push('\n');
    let head = words.list([
        "column-stage",
        "column-rule",
        "column-of",
        "column-tried",
        "column-with-values",
        "column-matched",
        "column-share",
        "column-ambiguous",
        "column-compared",
    ]);
    let own = funnel.deduplication.iter().map(|rule| ("deduplication", rule));
    let rules = own.chain(funnel.rules.iter().map(|rule| ("match", rule)));
    let rows: Vec<_> = rules.map(|(stage, rule)| rule_row(stage, &rule.counts, words)).collect();
    text.push_str(&columns(&head, &rows));
    for message in &funnel.messages {
        text.push_str(&format!("\n! {message}"));
    }
    text
}

fn entity_row(entity: &EntityReport, words: &Words) -> Vec<String> {
    vec![
        entity.entity.clone(),
        number(entity.source_records, words),
        number(entity.unique_records, words),
        number(entity.matched, words),
        share(entity.matched, entity.unique_records, words),
        number(entity.unmatched_kept, words),
        number(entity.unmatched_dropped, words),
    ]
}

fn rule_row(stage: &str, rule: &RuleReport, words: &Words) -> Vec<String> {
    vec![
        words.text("unify-stage", &[("stage", stage.into())]),
        rule.rule.clone(),
        rule.on.clone(),
        number(rule.tried, words),
        number(rule.with_values, words),
        number(rule.matched, words),
        share(rule.matched, rule.tried, words),
        number(rule.ambiguous, words),
        number(rule.compared, words),
    ]
}

fn number(count: u64, words: &Words) -> String {
    words.number(count as f64)
}

/// A part of a whole: a bar and percent.
fn share(part: u64, whole: u64, words: &Words) -> String {
    let share = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let filled = (share * BAR as f64).round() as usize;
    let percent = words.text("percent", &[("n", decimals(100.0 * share, 1))]);
    format!("{}{} {percent}", "█".repeat(filled.min(BAR)), "░".repeat(BAR.saturating_sub(filled)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_share_is_a_bar_and_percent() {
        let english = Words::of(Language::English);
        assert_eq!(share(0, 0, english), "░░░░░░░░░░░░ 0.0 %");
        assert_eq!(share(1, 3, english), "████░░░░░░░░ 33.3 %");
        assert_eq!(share(7, 7, Words::of(Language::Romanian)), "████████████ 100,0 %");
    }
}
