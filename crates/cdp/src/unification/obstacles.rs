//! Why two rows are not one customer although a rule would have it.

use unify::explain::{Apart, Decided, Judge, Outcome, RuleStage};
use unify::{Limits, UnifyReport};

use super::explain::{Explanation, ModelAnswer, Named, Obstacle, PairAnswer, RuleAnswer};
use super::made_by::ALWAYS_MATCH;
use super::model;
use super::pairs::Pair;
use super::reader::Published;
use super::subject::Subject;
use super::{Result, UnificationError};

/// Finds the obstacles of all pairs between two customers.
pub(super) async fn find(published: &Published, explanation: &mut Explanation) -> Result<()> {
    let [one, other] = explanation.subjects.as_slice() else { return Ok(()) };
    if one.customer.is_some() && one.customer == other.customer {
        return Ok(());
    }
    let report: Option<UnifyReport> = serde_json::from_value(published.report.clone()).ok();
    let links: Vec<&Pair> = one.links.iter().chain(&other.links).collect();
    let subjects = [one, other];
    for answer in &mut explanation.pairs {
        let (below, decided) = (answer.below.clone(), answer.decided);
        let link = link_of(&links, &subjects, &below).cloned();
        for place in 0..answer.rules.len() {
            let earlier: Vec<String> = earlier_rules(answer, place);
            let Some(rule) = answer.rules.get_mut(place) else { continue };
            if rule.verdict.outcome == Outcome::Fulfilled {
                rule.obstacle = obstacle(rule, decided, link.as_ref(), &earlier, report.as_ref());
            }
        }
    }
    count_shared(published, &mut explanation.pairs).await
}

/// Counts how many rows share the values of a pair that may be too frequent. That reads whole columns, so it is done
/// only where the rule did refuse values, or the model nothing that is seen in the two rows.
async fn count_shared(published: &Published, pairs: &mut [PairAnswer]) -> Result<()> {
    let suspected = |rule: &RuleAnswer| matches!(rule.obstacle, Some(Obstacle::TooFrequent { .. }));
    let cut =
        |pair: &PairAnswer| matches!(&pair.probability, Some(ModelAnswer { apart: Some(Apart::Cut), .. }));
    if !pairs.iter().any(|pair| pair.rules.iter().any(suspected) || cut(pair)) {
        return Ok(());
    }
    let learned = model::read(published).await?;
    let slim = published.made_by.slim();
    let inputs = slim.slim_inputs(&published.view).await?;
    let mut counted = pairs.to_vec();
    let counting = tokio::task::spawn_blocking(move || -> Result<Vec<PairAnswer>> {
        let judge = Judge::new(&slim.unification, &inputs, &[])?;
        for pair in &mut counted {
            let (above, below) = (pair.above.row_key(), pair.below.row_key());
            if let (Some(learned), Some(says)) = (&learned, &mut pair.probability)
                && says.apart == Some(Apart::Cut)
            {
                says.apart = judge.too_frequent(learned, above, below).or(Some(Apart::Cut));
            }
            for rule in &mut pair.rules {
                if let Some(Obstacle::TooFrequent { rows }) = &mut rule.obstacle {
                    *rows = judge.sharing(&rule.verdict, above);
                    if *rows <= u64::from(Limits::default().sharing) {
                        rule.obstacle = None;
                    }
                }
            }
        }
        Ok(counted)
    });
    let counted = counting.await.map_err(|error| UnificationError::Broken(error.to_string()))??;
    pairs.clone_from_slice(&counted);
    Ok(())
}

fn earlier_rules(answer: &PairAnswer, place: usize) -> Vec<String> {
    let matching = answer.rules.iter().take(place).filter(|rule| rule.verdict.stage == RuleStage::Match);
    matching.map(|rule| rule.verdict.rule.clone()).collect()
}

fn obstacle(
    rule: &RuleAnswer,
    decided: Option<Decided>,
    link: Option<&Pair>,
    earlier: &[String],
    report: Option<&UnifyReport>,
) -> Option<Obstacle> {
    if !rule.verdict.active {
        return Some(Obstacle::Inactive);
    }
    if decided == Some(Decided::NeverMatch) {
        return Some(Obstacle::NeverMatch);
    }
    let link = link.filter(|_| rule.verdict.stage == RuleStage::Match);
    let partner = link
        .and_then(|link| link.partner.as_ref())
        .and_then(|partner| Some(Named { entity: partner.entity.clone(), key: partner.key.clone()? }));
    if let (Some(link), Some(partner)) = (link, partner) {
        if link.rule == rule.verdict.rule {
            return Some(Obstacle::OtherPartner { partner, score: link.score });
        }
        if link.rule == ALWAYS_MATCH || earlier.contains(&link.rule) {
            return Some(Obstacle::EarlierRule { rule: link.rule.clone(), partner });
        }
    }
    let rules = report.map_or(&[][..], |report| match rule.verdict.stage {
        RuleStage::Deduplication => report.deduplication.as_slice(),
        RuleStage::Match => report.rules.as_slice(),
    });
    let counts = rules.iter().find(|it| it.on == rule.verdict.on && it.rule == rule.verdict.rule)?;
    if counts.bypassed.values > 0 {
        return Some(Obstacle::TooFrequent { rows: counts.bypassed.largest });
    }
    (counts.refused > 0).then_some(Obstacle::Refused)
}

/// The link of a row: its own, or that of a row that deduplication put together with it.
fn link_of<'a>(links: &[&'a Pair], subjects: &[&Subject; 2], row: &Named) -> Option<&'a Pair> {
    let matched = || links.iter().filter(|link| link.partner.is_some() && link.row.entity == row.entity);
    if let Some(own) = matched().find(|link| link.row.key.as_deref() == Some(&row.key)) {
        return Some(own);
    }
    let owner = subjects.iter().find(|subject| {
        let is_it = |it: &super::Row| it.entity == row.entity && it.key.as_deref() == Some(&row.key);
        subject.records.iter().any(is_it)
    })?;
    let duplicate = owner.links.iter().any(|link| {
        link.partner.is_none() && link.row.entity == row.entity && link.row.key.as_deref() == Some(&row.key)
    });
    matched().find(|link| duplicate && link.customer == owner.customer).copied()
}
