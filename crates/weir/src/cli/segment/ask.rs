//! `weir segment explain` and `weir segment estimate`: conditions asked about now, without a refresh.

use anyhow::Result;
use cdp::conditions::Now;
use cdp::customers;
use cdp::definitions::{self, Definitions, RuleText};
use cdp::insights::KeptIndex;
use cdp::segments::{
    self, Asked, Explanation, Part, PartKind, ReadValue, RuleExplanation, SegmentError, Task,
};
use cdp::standing::Standing;
use lang::diagnose::Diagnostic;
use serde_json::json;

use super::super::out::plain;
use super::super::standing::shown;
use super::super::tree::Tree;
use super::super::{Exit, Out, place, report};
use crate::instance::{Instance, Place};
use crate::words::{Words, decimals};

/// The values of a test that people are shown; programs get more.
const SHOWN_TO_PEOPLE: usize = 5;

/// `weir segment estimate`
#[derive(Debug, clap::Args)]
pub(super) struct Estimate {
    /// The condition, such as "Spend > 100 and State = 'Texas'".
    condition: String,
    /// A relationship that the paths must use. Can be given several times.
    #[arg(long, value_name = "RELATIONSHIP")]
    via: Vec<String>,
    /// Every test of a text ignores case.
    #[arg(long)]
    ignore_case: bool,
}

/// The present moment in the time zone of the definitions.
fn now(instance: &Instance, definitions: &Definitions) -> Now {
    Now::new(instance.store.clock().now(), definitions.time_zone())
}

pub(super) async fn explain(at: &Place, name: &str, customer: &str, out: &Out) -> Result<Exit> {
    let instance = place::open_to_read(at).await?;
    let standing = Standing::of(&instance.store).await?;
    standing.segment(name)?;
    let definitions = standing.definitions();
    let view = instance.lake.view_latest().await?;
    let id = customers::live(&view, customer).await?;
    let (graph, now) = (cdp::relationships::graph(definitions), now(&instance, definitions));
    let task = Task::over_snapshot(&graph, &definitions.measures, &definitions.segments, &now);
    let Some(segment) = definitions.segment(name) else { return Ok(Exit::Missing) };
    let explanation = segments::explain(&view.session()?, task, segment, &id).await?;
    out.show(&explanation, || text(&explanation, out.words))?;
    Ok(Exit::Done)
}

fn text(explanation: &Explanation, words: &Words) -> String {
    let values = [
        ("id", explanation.customer_id.as_str().into()),
        ("name", explanation.segment.as_str().into()),
        ("holds", if explanation.holds { "yes" } else { "no" }.into()),
    ];
    let head = format!("{} {}", sign(Some(explanation.holds)), words.text("segment-explain-head", &values));
    let mut text = Tree::new(head).with(inside(explanation, words)).draw();
    if differs(explanation) {
        text.push_str(&words.word("segment-explain-differs"));
    }
    text
}

/// The rules of a segment; or its query, which stays whole.
fn inside(explanation: &Explanation, words: &Words) -> Vec<Tree> {
    let Some(sql) = &explanation.sql else {
        return explanation.rules.iter().map(|it| rule(it, words)).collect();
    };
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    vec![Tree::new(plain(&line)), Tree::new(words.word("segment-explain-sql"))]
}

/// Whether the published members say otherwise.
fn differs(explanation: &Explanation) -> bool {
    explanation.member.is_some_and(|member| member != explanation.holds)
}

/// ✓ it holds, ✗ it does not, ? it is unknown.
fn sign(holds: Option<bool>) -> &'static str {
    match holds {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "?",
    }
}

fn rule(rule: &RuleExplanation, words: &Words) -> Tree {
    Tree::new(format!("{} {}", sign(Some(rule.holds)), rule.set)).with([part(
        &rule.condition,
        rule.rows,
        words,
    )])
}

fn part(it: &Part, rows: Option<usize>, words: &Words) -> Tree {
    let what = match it.kind {
        PartKind::And => words.word("segment-explain-and"),
        PartKind::Or => words.word("segment-explain-or"),
        PartKind::Not => words.word("segment-explain-not"),
        PartKind::Test | PartKind::InSegment => plain(&it.text),
    };
    let mut line = format!("{} {what}", sign(it.holds));
    if let Some(of) = rows {
        let counts = [("n", it.rows.into()), ("of", of.into())];
        line.push_str(&format!("  ({})", words.text("segment-explain-rows", &counts)));
    }
    if !it.values.is_empty() {
        line.push_str(&format!("  ← {}", read(&it.values, rows.is_some(), words)));
    }
    let tree = Tree::new(line).with(it.parts.iter().map(|inner| part(inner, rows, words)));
    let Some(asked) = &it.segment else { return tree };
    let differs = differs(asked).then(|| Tree::new(words.word("segment-explain-differs")));
    tree.with(inside(asked, words)).with(differs)
}

/// The first values that a test read; with a sign each where they are of several rows.
fn read(values: &[ReadValue], many: bool, words: &Words) -> String {
    let one = |it: &ReadValue| {
        let value = shown(&it.value, words);
        if many { format!("{value} {}", sign(it.holds)) } else { value }
    };
    let mut all: Vec<String> = values.iter().take(SHOWN_TO_PEOPLE).map(one).collect();
    if values.len() > SHOWN_TO_PEOPLE {
        all.push("…".to_owned());
    }
    all.join(", ")
}

pub(super) async fn estimate(at: &Place, command: &Estimate, out: &Out) -> Result<Exit> {
    let condition = match RuleText::parse(command.condition.as_str()) {
        Ok(condition) => condition,
        Err(wrong) => return refuse(&command.condition, &wrong, out),
    };
    let instance = place::open_to_read(at).await?;
    let definitions = definitions::applied(&instance.store).await?;
    let view = instance.lake.view_latest().await?;
    anyhow::ensure!(view.schema(definitions::CUSTOMER).is_some(), cdp::customers::CustomerError::NoCustomers);
    let (graph, now) = (cdp::relationships::graph(&definitions), now(&instance, &definitions));
    let task = Task::over_snapshot(&graph, &definitions.measures, &definitions.segments, &now);
    let index = KeptIndex::latest(&instance.store, &instance.lake, &view).await;
    let task = task.with_index(index.as_ref().ok());
    let asked = Asked { condition, via: command.via.clone(), ignore_case: command.ignore_case };
    let mut estimate = match segments::estimate(&view.session()?, task, asked).await {
        Ok(estimate) => estimate,
        Err(SegmentError::Invalid { problems }) => {
            let wrong: Vec<Diagnostic> = problems.into_iter().map(|problem| problem.diagnostic).collect();
            return refuse(&command.condition, &wrong, out);
        }
        Err(error) => return Err(error.into()),
    };
    estimate.not_indexed = estimate.not_indexed.or(index.err());
    let value = json!({"snapshot": view.snapshot(), "customers": estimate.customers, "of": estimate.of, "share": estimate.share, "notIndexed": estimate.not_indexed});
    out.show(&value, || {
        let values = [
            ("n", estimate.customers.into()),
            ("of", estimate.of.into()),
            ("percent", decimals(estimate.share.unwrap_or(0.0) * 100.0, 1)),
            ("snapshot", view.snapshot().to_string().into()),
        ];
        let mut text = out.words.text("segment-estimate", &values);
        if let Some(why) = &estimate.not_indexed {
            text.push('\n');
            text.push_str(&out.words.text("segment-estimate-not-indexed", &[("why", why.as_str().into())]));
        }
        text
    })?;
    Ok(Exit::Done)
}

/// Shows what is wrong with a condition, at its places.
fn refuse(condition: &str, wrong: &[Diagnostic], out: &Out) -> Result<Exit> {
    let value = json!({"valid": false, "problems": wrong});
    out.show(&value, || report::condition(condition, wrong, out.words))?;
    Ok(Exit::Wrong)
}
