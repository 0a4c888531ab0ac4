//! Why rows are one customer, or two.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use store::SnapshotId;
use unify::Pin;
use unify::explain::{Apart, Decided, Judge, Judgement, Outcome, RowKey, RuleStage, RuleVerdict};
use unify::probabilistic::Learned;

use super::made_by::ALWAYS_MATCH;
use super::model;
use super::pairs::Pair;
use super::reader::Published;
use super::source::{self, Row};
use super::subject::{self, Asked, Subject};
use super::{Reader, Result, UnificationError};

/// The pairs that are shown for two customers: those that are nearest to a match.
pub const SHOWN_PAIRS: usize = 10;

/// Why rows are one customer, or two.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The snapshot that was looked into.
    pub snapshot: SnapshotId,
    /// One or two who were asked about.
    pub subjects: Vec<Subject>,
    /// For one customer what its links come from; for two the nearest pairs of their rows, the best first.
    pub pairs: Vec<PairAnswer>,
}

/// A pair of rows and what every rule says of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PairAnswer {
    /// The row above.
    pub above: Named,
    /// The other row: that which looks for a partner.
    pub below: Named,
    /// What people decided of this very pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// The rules, in the order in which they are tried.
    pub rules: Vec<RuleAnswer>,
    /// What the model says, where the definition asks for matching by probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<ModelAnswer>,
}

/// What a model says of a pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelAnswer {
    /// The lowest probability of a match.
    pub threshold: f64,
    /// What speaks for and against.
    #[serde(flatten)]
    pub says: unify::probabilistic::Explanation,
    /// Why it left the rows apart, where they belong to two customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apart: Option<Apart>,
}

/// The name of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// The entity's full name.
    pub entity: String,
    /// The primary key, as text.
    pub key: String,
}

/// What one rule says of a pair, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleAnswer {
    /// What it says.
    #[serde(flatten)]
    pub verdict: RuleVerdict,
    /// Whether this rule put these very rows together.
    pub linked: bool,
    /// Why the rows are not together although the rule would have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Obstacle>,
}

/// Why rows are not together although a rule would have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Obstacle {
    /// The rule is not used.
    Inactive,
    /// People decided that they never match.
    NeverMatch,
    /// An earlier rule had found a partner.
    EarlierRule {
        /// That rule.
        rule: String,
        /// The partner.
        partner: Named,
    },
    /// The rule preferred another partner.
    OtherPartner {
        /// The partner.
        partner: Named,
        /// The score with it.
        score: Option<f64>,
    },
    /// Too many rows share the values, so that they tell nobody apart.
    TooFrequent {
        /// How many rows above share them.
        rows: u64,
    },
    /// A decision that they never match, about other rows of the two customers, stands against it.
    Refused,
}

impl Reader {
    /// Why rows are one customer (for one who is asked about), or are two (for two).
    ///
    /// # Errors
    /// When somebody is not there, or the lake cannot be read.
    pub async fn explain(&self, asked: &[Asked]) -> Result<Explanation> {
        let published = self.published().await?;
        let mut subjects = Vec::new();
        for asked in asked.iter().take(2) {
            subjects.push(subject::find(&published, asked).await?);
        }
        let judge = judge(&published, &subjects, &self.pins().await?).await?;
        let learned = model::read(&published).await?;
        let questions = Questions { judge, learned };
        let snapshot = published.view.snapshot();
        let answering = tokio::task::spawn_blocking(move || {
            let pairs = match subjects.as_slice() {
                [one, other] => questions.between(one, other),
                [one] => questions.within(one),
                _ => Vec::new(),
            };
            (subjects, pairs)
        });
        let (subjects, pairs) =
            answering.await.map_err(|error| UnificationError::Broken(error.to_string()))?;
        let mut explanation = Explanation { snapshot, subjects, pairs };
        super::obstacles::find(&published, &mut explanation).await?;
        Ok(explanation)
    }
}

/// A judge over the rows of the subjects.
async fn judge(published: &Published, subjects: &[Subject], pins: &[Pin]) -> Result<Judge> {
    let mut keys: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for row in subjects.iter().flat_map(|subject| &subject.records) {
        keys.entry(&row.entity).or_default().extend(row.key.clone());
    }
    let mut inputs = Vec::new();
    for source in &published.made_by.sources {
        let batches = if published.made_by.is_ordered(&source.entity) {
            let none = BTreeSet::new();
            let keys = keys.get(source.entity.as_str()).unwrap_or(&none);
            source::batches(&published.view, source, keys, None).await?
        } else {
            published.view.collect(&source.entity, None).await?
        };
        inputs.extend(source::input(&published.view, source, batches));
    }
    Ok(Judge::new(&published.made_by.unification, &inputs, pins)?)
}

/// Who is asked about pairs of rows.
struct Questions {
    judge: Judge,
    learned: Option<Learned>,
}

impl Questions {
    /// What put the rows of a customer together: each link with the rule that made it, then what only the model joins.
    fn within(&self, subject: &Subject) -> Vec<PairAnswer> {
        let mut answers: Vec<PairAnswer> = Vec::new();
        for link in &subject.links {
            let Some(row) = named(&link.row) else { continue };
            let partner = match &link.partner {
                Some(partner) => named(partner),
                None => self.nearest(subject, link, &row),
            };
            let Some(partner) = partner else { continue };
            let Some(mut answer) = self.answer(&partner, &row, subject) else { continue };
            if link.rule != ALWAYS_MATCH {
                answer.rules.retain(|rule| is_rule(&rule.verdict, link));
            }
            answer.rules.iter_mut().for_each(|rule| rule.linked = true);
            let first = |answer: &PairAnswer| answer.rules.first().map(|it| it.verdict.rule.clone());
            let seen = |known: &PairAnswer| {
                known.above == answer.above && known.below == answer.below && first(known) == first(&answer)
            };
            if !answers.iter().any(seen) {
                answers.push(answer);
            }
        }
        answers.extend(self.joined_by_the_model(subject));
        answers
    }

    /// For every row that no link speaks of the row of the customer that the model finds most like it.
    fn joined_by_the_model(&self, subject: &Subject) -> Vec<PairAnswer> {
        let linked = |row: &Named| {
            let rows = subject.links.iter().flat_map(|link| [Some(&link.row), link.partner.as_ref()]);
            rows.flatten().any(|it| named(it).as_ref() == Some(row))
        };
        let rows: Vec<Named> = subject.records.iter().filter_map(named).collect();
        let mut answers: Vec<PairAnswer> = Vec::new();
        for row in rows.iter().filter(|row| self.learned.is_some() && !linked(row)) {
            let others = rows.iter().filter(|other| *other != row);
            let asked = others.filter_map(|other| self.answer(other, row, subject));
            let Some(best) = asked.max_by(|a, b| probability(a).total_cmp(&probability(b))) else { continue };
            if !answers.iter().any(|known| known.above == best.above && known.below == best.below) {
                answers.push(best);
            }
        }
        answers
    }

    /// The row of the same entity that a rule of deduplication joins with this one most closely.
    fn nearest(&self, subject: &Subject, link: &Pair, row: &Named) -> Option<Named> {
        let others = subject.records.iter().filter(|other| other.entity == row.entity).filter_map(named);
        let scored = others.filter_map(|other| {
            let judgement = self.judge.judge((&row.entity, &row.key), (&other.entity, &other.key))?;
            let verdict = judgement.rules.into_iter().find(|verdict| is_rule(verdict, link))?;
            (verdict.outcome == Outcome::Fulfilled).then_some((verdict.score.unwrap_or(0.0), other))
        });
        // Of equally near ones the first.
        let better = |best: Option<(f64, Named)>, next: (f64, Named)| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        };
        scored.fold(None, better).map(|(_, other)| other)
    }

    /// The pairs of rows of two customers that are nearest to a match.
    fn between(&self, one: &Subject, other: &Subject) -> Vec<PairAnswer> {
        let mut answers = Vec::new();
        for left in one.records.iter().filter_map(named) {
            for right in other.records.iter().filter_map(named) {
                let answer = self.answer(&left, &right, other);
                answers.extend(answer.filter(|it| !it.rules.is_empty() || it.probability.is_some()));
            }
        }
        answers.sort_by(|a, b| {
            let nearer = nearness(b).total_cmp(&nearness(a));
            nearer.then_with(|| (&a.above, &a.below).cmp(&(&b.above, &b.below)))
        });
        answers.truncate(SHOWN_PAIRS);
        if one.customer.is_none() || one.customer != other.customer {
            answers.iter_mut().for_each(|answer| self.apart(answer, one, other));
        }
        answers
    }

    /// Notes why the model left a row of each of two customers apart.
    fn apart(&self, answer: &mut PairAnswer, one: &Subject, other: &Subject) {
        let Some((learned, says)) = self.learned.as_ref().zip(answer.probability.as_mut()) else { return };
        let (above, below) = (answer.above.row_key(), answer.below.row_key());
        let is_of = |subject: &Subject, name: RowKey<'_>| row_keys(subject).contains(&name);
        let groups = if is_of(one, above) { (one, other) } else { (other, one) };
        let groups = (row_keys(groups.0), row_keys(groups.1));
        says.apart = self.judge.apart(learned, (above, below), (&groups.0, &groups.1));
    }

    /// What the rules and the model say of two rows.
    fn answer(&self, one: &Named, other: &Named, subject: &Subject) -> Option<PairAnswer> {
        let names = [(one.entity.as_str(), one.key.as_str()), (other.entity.as_str(), other.key.as_str())];
        let Judgement { decided, rules } = self.judge.judge(names[0], names[1])?;
        // The conditions say which row is the one above.
        let swapped = rules.first().and_then(|rule| rule.conditions.first()).is_some_and(|condition| {
            condition.left.entity == other.entity && condition.left.key == other.key
        });
        let (above, below) = if swapped { (other, one) } else { (one, other) };
        let linked = |verdict: &RuleVerdict| {
            subject.links.iter().any(|link| {
                is_rule(verdict, link)
                    && named(&link.row).as_ref() == Some(below)
                    && link.partner.as_ref().and_then(named).as_ref() == Some(above)
            })
        };
        let rules =
            rules.into_iter().map(|verdict| RuleAnswer { linked: linked(&verdict), verdict, obstacle: None });
        let probability = self.learned.as_ref().and_then(|learned| {
            let says = self.judge.probability(learned, names[0], names[1])?;
            Some(ModelAnswer { threshold: learned.threshold, says, apart: None })
        });
        Some(PairAnswer {
            above: above.clone(),
            below: below.clone(),
            decided,
            rules: rules.collect(),
            probability,
        })
    }
}

fn probability(answer: &PairAnswer) -> f64 {
    answer.probability.as_ref().map_or(0.0, |it| it.says.probability)
}

fn is_rule(verdict: &RuleVerdict, link: &Pair) -> bool {
    let stage = if link.partner.is_none() { RuleStage::Deduplication } else { RuleStage::Match };
    verdict.rule == link.rule && verdict.stage == stage && verdict.on == link.row.entity
}

/// How near a pair is to a match: the rule that is nearest counts, by the share of its conditions that hold, then by
/// its score.
fn nearness(answer: &PairAnswer) -> f64 {
    let near = |rule: &RuleAnswer| {
        let verdict = &rule.verdict;
        let holding = verdict.conditions.iter().filter(|condition| condition.holds).count() as f64;
        let scores: f64 = verdict.conditions.iter().filter_map(|condition| condition.score).sum();
        let all = verdict.conditions.len().max(1) as f64;
        let bonus = if verdict.outcome == Outcome::Fulfilled { 2.0 } else { 0.0 };
        bonus + holding / all + scores / all / 10.0
    };
    answer.rules.iter().map(near).fold(2.0 * probability(answer), f64::max)
}

impl Named {
    pub(super) fn row_key(&self) -> RowKey<'_> {
        (&self.entity, &self.key)
    }
}

fn row_keys(subject: &Subject) -> Vec<RowKey<'_>> {
    subject.records.iter().filter_map(|row| Some((row.entity.as_str(), row.key.as_deref()?))).collect()
}

fn named(row: &Row) -> Option<Named> {
    Some(Named { entity: row.entity.clone(), key: row.key.clone()? })
}
