//! `weir unify explain`: why rows are one customer, or two, as a tree.

use anyhow::Result;
use cdp::unification::{Asked, Explanation, ModelAnswer, Named, Obstacle, PairAnswer, RuleAnswer, Subject};
use unify::explain::{
    Apart, ConditionVerdict, Decided, ExceptionVerdict, Outcome, RowName, RuleStage, Shown, Without,
};
use unify::probabilistic::{Comparison, SignalWeight};

use super::super::out::plain;
use super::super::tree::Tree;
use super::super::{Exit, Out};
use super::Explain;
use super::rows::{score_text, values};
use crate::instance::Place;
use crate::words::{Words, decimals};

/// The pairs of two customers that people are shown; programs get more.
const SHOWN_TO_PEOPLE: usize = 3;

pub(super) async fn run(at: &Place, command: &Explain, out: &Out) -> Result<Exit> {
    let asked = command.ids.iter().map(|id| Asked::Customer(id.clone()));
    let asked: Vec<Asked> = asked.chain(command.record.clone()).collect();
    if asked.is_empty() || asked.len() > 2 {
        out.error("oneOrTwo", &out.words.word("unify-explain-one-or-two"));
        return Ok(Exit::Wrong);
    }
    let (_instance, reader) = super::open(at).await?;
    let explanation = reader.explain(&asked).await?;
    out.show(&explanation, || text(&explanation, out.words))?;
    Ok(Exit::Done)
}

fn text(explanation: &Explanation, words: &Words) -> String {
    let mut text = String::new();
    for it in &explanation.subjects {
        text.push_str(&subject(it, words).draw());
        text.push('\n');
    }
    text.push_str(&match explanation.subjects.as_slice() {
        [one, other] => between(explanation, one, other, words),
        _ => within(explanation, words),
    });
    text
}

fn subject(subject: &Subject, words: &Words) -> Tree {
    let head = match &subject.customer {
        Some(id) => words.text("unify-customer", &[("id", plain(id).into())]),
        None => words.text("unify-nobody", &[("record", plain(&subject.asked).into())]),
    };
    let mut tree = Tree::new(head);
    if !subject.profile.is_empty() {
        let line = |(name, value): (&String, &serde_json::Value)| {
            format!("{}: {}", plain(name), plain(value.as_str().unwrap_or_default()))
        };
        tree = tree.with([Tree::new(words.word("unify-profile")).leaves(subject.profile.iter().map(line))]);
    }
    for rows in subject.records.chunk_by(|a, b| a.entity == b.entity) {
        let entity = rows.first().map(|row| plain(&row.entity)).unwrap_or_default();
        let line = |row: &cdp::unification::Row| {
            format!("{}  {}", plain(row.key.as_deref().unwrap_or_default()), values(row))
        };
        tree = tree.with([Tree::new(entity).leaves(rows.iter().map(line))]);
    }
    let more = subject.total_records.saturating_sub(subject.records.len());
    if more > 0 {
        tree = tree.leaves([words.text("unify-more-records", &[("n", more.into())])]);
    }
    tree
}

fn within(explanation: &Explanation, words: &Words) -> String {
    if explanation.pairs.is_empty() {
        return words.word("unify-alone");
    }
    let pairs = explanation.pairs.iter().map(|answer| pair(answer, words));
    Tree::new(words.word("unify-links")).with(pairs).draw()
}

fn between(explanation: &Explanation, one: &Subject, other: &Subject, words: &Words) -> String {
    if explanation.pairs.is_empty() {
        return words.word("unify-no-pair");
    }
    let same = one.customer.is_some() && one.customer == other.customer;
    let head = if same { words.word("unify-same") } else { words.word("unify-nearest") };
    let pairs = explanation.pairs.iter().take(SHOWN_TO_PEOPLE).map(|answer| pair(answer, words));
    Tree::new(head).with(pairs).draw()
}

fn pair(answer: &PairAnswer, words: &Words) -> Tree {
    let mut tree = Tree::new(format!("{} — {}", named(&answer.below), named(&answer.above)));
    if let Some(decided) = answer.decided {
        let decided = match decided {
            Decided::AlwaysMatch => "alwaysMatch",
            Decided::NeverMatch => "neverMatch",
        };
        tree = tree.leaves([words.text("unify-decided", &[("decided", decided.into())])]);
    }
    let rules = answer.rules.iter().map(|answer| rule(answer, words));
    tree.with(rules).with(answer.probability.iter().map(|answer| model(answer, words)))
}

/// What the model says: the probability, and what each comparison adds to it.
fn model(answer: &ModelAnswer, words: &Words) -> Tree {
    let says = &answer.says;
    let sign = match says.probability >= answer.threshold {
        true if answer.apart.is_some() => "!",
        true => "✓",
        false => "✗",
    };
    let values = [
        ("probability", score_text(says.probability, words).into()),
        ("needed", score_text(answer.threshold, words).into()),
    ];
    let weight = |weight: f64| words.text("unify-weight", &[("n", decimals(weight, 1))]);
    let comparison = |signal: &SignalWeight| {
        format!("{}: {}, {}", compared(&signal.comparison), signal.level, weight(signal.weight))
    };
    let prior = format!("{}, {}", words.word("unify-prior"), weight(says.prior));
    Tree::new(format!("{sign} {}", words.text("unify-probability", &values)))
        .leaves(answer.apart.iter().map(|why| apart(why, words)))
        .leaves([prior])
        .leaves(says.signals.iter().map(comparison))
}

/// What two rows are compared by.
fn compared(comparison: &Comparison) -> String {
    let name = serde_json::to_value(comparison).unwrap_or_default();
    name.as_str().map_or_else(|| name.to_string(), str::to_owned)
}

/// Why the model left two rows apart.
fn apart(why: &Apart, words: &Words) -> String {
    let name = |row: &RowName| format!("{}:{}", plain(&row.entity), plain(&row.key));
    let code = |code: &str| words.text("unify-apart", &[("code", code.into())]);
    match why {
        Apart::BelowThreshold => code("belowThreshold"),
        Apart::NeverMatch => code("neverMatch"),
        Apart::NoSharedKey => code("noSharedKey"),
        Apart::Cut => code("cut"),
        Apart::Contradiction { comparison, rows: [one, other] } => {
            let values = [
                ("what", compared(comparison).into()),
                ("one", name(one).into()),
                ("other", name(other).into()),
            ];
            words.text("unify-contradiction", &values)
        }
        Apart::OtherRows { mean, needed, against: [one, other], weight, closer } => {
            let values = [
                ("mean", decimals(*mean, 1)),
                ("needed", decimals(*needed, 1)),
                ("one", name(one).into()),
                ("other", name(other).into()),
                ("weight", decimals(*weight, 1)),
            ];
            let closer = closer.as_ref().map(|row| words.text("unify-closer", &[("row", name(row).into())]));
            let text = words.text("unify-other-rows", &values);
            closer.map_or_else(|| text.clone(), |closer| format!("{text}; {closer}"))
        }
        Apart::TooFrequent { key } => {
            let atoms: Vec<&str> = key.rule.atoms.iter().map(|atom| atom.as_str()).collect();
            let values = [
                ("key", atoms.join(" + ").into()),
                ("rows", key.records.into()),
                ("most", key.rule.most.into()),
            ];
            words.text("unify-too-frequent", &values)
        }
    }
}

fn rule(answer: &RuleAnswer, words: &Words) -> Tree {
    let verdict = &answer.verdict;
    let stage = match verdict.stage {
        RuleStage::Deduplication => "deduplication",
        RuleStage::Match => "match",
    };
    let (sign, outcome) = match verdict.outcome {
        Outcome::Fulfilled if answer.obstacle.is_some() => ("!", "fulfilled"),
        Outcome::Fulfilled => ("✓", "fulfilled"),
        Outcome::Failed => ("✗", "failed"),
        Outcome::Excepted => ("✗", "excepted"),
    };
    let values =
        [("stage", stage.into()), ("rule", plain(&verdict.rule).into()), ("outcome", outcome.into())];
    let mut line = format!("{sign} {}", words.text("unify-rule", &values));
    if let Some(score) = verdict.score.filter(|_| verdict.outcome != Outcome::Failed) {
        let score = words.text("unify-score", &[("score", score_text(score, words).into())]);
        line.push_str(&format!(", {score}"));
    }
    let mut tree = Tree::new(line);
    if let Some(it) = &answer.obstacle {
        tree = tree.leaves([obstacle(it, words)]);
    }
    if verdict.outcome == Outcome::Failed {
        // The first thing that failed says why; the rest is for programs.
        return tree.leaves(verdict.first_failure().map(|it| condition(it, words)));
    }
    tree = tree.leaves(verdict.conditions.iter().map(|it| condition(it, words)));
    tree.with(verdict.exceptions.iter().filter(|it| it.applies).map(|it| exception(it, words)))
}

fn exception(exception: &ExceptionVerdict, words: &Words) -> Tree {
    let name = plain(exception.name.as_deref().unwrap_or_default());
    let line = words.text("unify-exception", &[("name", name.into())]);
    Tree::new(line.trim_end()).leaves(exception.conditions.iter().map(|it| condition(it, words)))
}

fn condition(condition: &ConditionVerdict, words: &Words) -> String {
    let sign = if condition.holds { "✓" } else { "✗" };
    let sides = format!("{} | {}", side(&condition.left, words), side(&condition.right, words));
    let Some(score) = condition.score else { return format!("{sign} {sides}") };
    let values =
        [("score", score_text(score, words).into()), ("needed", score_text(condition.needed, words).into())];
    format!("{sign} {sides}: {}", words.text("unify-of-needed", &values))
}

/// A value as it is, and as it is compared where that differs.
fn side(shown: &Shown, words: &Words) -> String {
    let attribute = plain(&shown.attribute);
    let value = shown.value.as_deref().map(|value| format!(" “{}”", plain(value))).unwrap_or_default();
    if let Some(why) = shown.without {
        let why = match why {
            Without::Missing => "missing",
            Without::Empty => "empty",
            Without::Bypassed => "bypassed",
        };
        return format!("{attribute}{value} ({})", words.text("unify-without", &[("why", why.into())]));
    }
    match &shown.compared {
        Some(compared) if Some(compared) != shown.value.as_ref() => {
            format!("{attribute}{value} → “{}”", plain(compared))
        }
        _ => format!("{attribute}{value}"),
    }
}

fn obstacle(obstacle: &Obstacle, words: &Words) -> String {
    let text = |code: &str, rule: &str, partner: Option<&Named>, rows: u64| {
        let partner = partner.map(named).unwrap_or_default();
        let values = [
            ("code", code.into()),
            ("rule", plain(rule).into()),
            ("partner", partner.into()),
            ("rows", rows.into()),
        ];
        words.text("unify-obstacle", &values)
    };
    match obstacle {
        Obstacle::Inactive => text("inactive", "", None, 0),
        Obstacle::NeverMatch => text("neverMatch", "", None, 0),
        Obstacle::EarlierRule { rule, partner } => text("earlierRule", rule, Some(partner), 0),
        Obstacle::OtherPartner { partner, .. } => text("otherPartner", "", Some(partner), 0),
        Obstacle::TooFrequent { rows } => text("tooFrequent", "", None, *rows),
        Obstacle::Refused => text("refused", "", None, 0),
    }
}

fn named(named: &Named) -> String {
    format!("{}:{}", plain(&named.entity), plain(&named.key))
}
