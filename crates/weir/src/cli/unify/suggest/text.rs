//! Suggestions for people: meanings, rules with their numbers, pairs to look at, and how pairs were found.

use cdp::unification::Suggested;
use unify::explain::RuleStage;
use unify::semantic::{EntitySuggestion, Reason};
use unify::suggest::{Blocking, BlockingKey, Example, ExampleRow, ExampleValue, Note, SuggestedRule};

use super::super::super::out::{columns, plain};
use crate::words::{Words, decimals};

/// Cells of a bar.
const BAR: usize = 12;

pub(super) fn text(found: &Suggested, words: &Words) -> String {
    let suggestions = &found.suggestions;
    let mut text = words.text("unify-suggest-head", &[("snapshot", found.snapshot.to_string().into())]);
    text.push_str(&format!("\n\n{}", meanings(&suggestions.meanings, words)));
    for scope in suggestions.rules.chunk_by(|one, other| (one.stage, &one.on) == (other.stage, &other.on)) {
        text.push_str(&format!("\n{}", rules(scope, words)));
    }
    if !suggestions.blocking.keys.is_empty() {
        text.push_str(&format!("\n{}", blocking(&suggestions.blocking, words)));
    }
    for note in &suggestions.notes {
        text.push_str(&format!("\n! {}", note_text(note, words)));
    }
    if suggestions.unification.is_some() {
        text.push_str(&format!("\n{}", words.word("unify-suggest-next")));
    }
    text
}

fn meanings(entities: &[EntitySuggestion], words: &Words) -> String {
    let mut lines = Vec::new();
    for entity in entities {
        for it in &entity.attributes {
            let sure = words.text("percent", &[("n", decimals(100.0 * it.confidence, 0))]);
            let attribute = format!("{}.{}", plain(&entity.entity), plain(&it.attribute));
            lines.push(vec![attribute, it.semantic_type.clone(), sure, reason(&it.reason, words)]);
        }
    }
    columns(&words.list(["column-attribute", "column-type", "column-likely", "column-why"]), &lines)
}

fn reason(reason: &Reason, words: &Words) -> String {
    let (kind, word, alike, of) = match reason {
        Reason::Name { word } => ("name", plain(word), 0, 0),
        Reason::Values { alike, of, .. } => ("values", String::new(), *alike, *of),
        Reason::NameAndValues { word, alike, of, .. } => ("nameAndValues", plain(word), *alike, *of),
        Reason::DataType => ("dataType", String::new(), 0, 0),
    };
    let values = [("kind", kind.into()), ("word", word.into()), ("alike", alike.into()), ("of", of.into())];
    words.text("unify-suggest-reason", &values)
}

/// The rules of one entity and stage, then the examples of each.
fn rules(rules: &[SuggestedRule], words: &Words) -> String {
    let Some(first) = rules.first() else { return String::new() };
    let stage = match first.stage {
        RuleStage::Deduplication => "deduplication",
        RuleStage::Match => "match",
    };
    let stage = words.text("unify-stage", &[("stage", stage.into())]);
    let mut text = format!("{stage}: {}\n", plain(&first.on));
    let head = words.list([
        "column-rule",
        "column-pairs",
        "column-adds",
        "column-matched",
        "column-precision",
        "column-found",
    ]);
    let row = |rule: &SuggestedRule| {
        vec![
            plain(&rule.name),
            number(rule.pairs, words),
            number(rule.added_pairs, words),
            number(rule.matched, words),
            percent(rule.precision, words),
            bar(rule.recall, words),
        ]
    };
    text.push_str(&columns(&head, &rules.iter().map(row).collect::<Vec<_>>()));
    for rule in rules {
        text.push_str(&format!("\n{}\n{}", plain(&rule.name), examples(rule, words)));
    }
    text
}

fn examples(rule: &SuggestedRule, words: &Words) -> String {
    let merged = words.text("unify-suggest-merged", &[("n", rule.merged.len().into())]);
    let apart = words.text("unify-suggest-not-merged", &[("n", rule.not_merged.len().into())]);
    let mut text = String::new();
    for (what, examples) in [(merged, &rule.merged), (apart, &rule.not_merged)] {
        let lines: Vec<_> = examples.iter().flat_map(|it| example(it, words)).collect();
        if !lines.is_empty() {
            text.push_str(&columns(&[what, String::new(), String::new()], &lines));
        }
    }
    text
}

fn example(example: &Example, words: &Words) -> Vec<Vec<String>> {
    let [one, other] = &example.rows;
    let fails = example.fails.as_ref();
    let fails = fails.map(|it| words.text("unify-suggest-fails", &[("attribute", plain(it).into())]));
    vec![
        vec![format!("  {}", percent(example.probability, words)), named(one), values(one)],
        vec![fails.map(|it| format!("  {it}")).unwrap_or_default(), named(other), values(other)],
    ]
}

fn named(row: &ExampleRow) -> String {
    format!("{}:{}", plain(&row.entity), plain(&row.key))
}

/// What the rule compares, then the rest of what is known.
fn values(row: &ExampleRow) -> String {
    let shown = |it: &ExampleValue| {
        let value = plain(it.value.as_deref()?);
        let compared = it.compared.as_ref().map(|it| format!(" → {}", plain(it))).unwrap_or_default();
        Some(format!("{}: {value}{compared}", plain(&it.attribute)))
    };
    let some = |used: bool| -> Vec<String> {
        row.values.iter().filter(|it| it.used == used).filter_map(shown).collect()
    };
    let (used, rest) = (some(true).join(" · "), some(false).join(" · "));
    if rest.is_empty() { used } else { format!("{used} ({rest})") }
}

fn blocking(blocking: &Blocking, words: &Words) -> String {
    let values = [
        ("pairs", blocking.pairs.into()),
        ("possible", words.number(blocking.possible).into()),
        ("missed", words.number(blocking.missed.round()).into()),
    ];
    let head = words.list([
        "column-key",
        "column-rows",
        "column-pairs",
        "column-likely-matches",
        "column-only",
        "column-refused",
    ]);
    let rows: Vec<_> = blocking.keys.iter().map(|key| key_row(key, words)).collect();
    format!("{}\n\n{}", words.text("unify-suggest-blocking", &values), columns(&head, &rows))
}

fn key_row(key: &BlockingKey, words: &Words) -> Vec<String> {
    let part = |part: &unify::probabilistic::Atom| {
        words.text("unify-suggest-part", &[("part", part.as_str().into())])
    };
    let refused = key.refused.commonest.iter().map(|it| {
        let reason = match it.reason {
            unify::suggest::RefusedReason::Default => "default",
            unify::suggest::RefusedReason::Common => "common",
        };
        let value = plain(&it.values.join(", "));
        let values = [("value", value.into()), ("rows", it.records.into()), ("reason", reason.into())];
        words.text("unify-suggest-refused", &values)
    });
    vec![
        key.parts.iter().map(part).collect::<Vec<_>>().join(" + "),
        number(key.records, words),
        number(key.pairs, words),
        words.number(key.matches.round()),
        words.number(key.only_matches.round()),
        refused.collect::<Vec<_>>().join("; "),
    ]
}

fn note_text(note: &Note, words: &Words) -> String {
    let (code, entity, stage) = match note {
        Note::NoPeople => ("noPeople", "", RuleStage::Match),
        Note::KeyMissing { entity } => ("keyMissing", entity.as_str(), RuleStage::Match),
        Note::NoSignals { entity } => ("noSignals", entity.as_str(), RuleStage::Match),
        Note::NothingInCommon { entity } => ("nothingInCommon", entity.as_str(), RuleStage::Match),
        Note::NothingAlike { entity, stage } => ("nothingAlike", entity.as_str(), *stage),
        Note::NothingPrecise { entity, stage } => ("nothingPrecise", entity.as_str(), *stage),
    };
    let code = match (code, stage) {
        ("nothingAlike", RuleStage::Deduplication) => "nothingAlikeWithin",
        (code, _) => code,
    };
    words.text("unify-suggest-note", &[("code", code.into()), ("entity", plain(entity).into())])
}

fn number(count: u64, words: &Words) -> String {
    words.number(count as f64)
}

fn percent(share: f64, words: &Words) -> String {
    words.text("percent", &[("n", decimals(100.0 * share, 1))])
}

fn bar(share: f64, words: &Words) -> String {
    let filled = ((share * BAR as f64).round() as usize).min(BAR);
    format!("{}{} {}", "█".repeat(filled), "░".repeat(BAR - filled), percent(share, words))
}
