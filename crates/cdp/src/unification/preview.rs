//! What matching would find: the conditions are run over the current snapshot, and nothing is published.

use std::collections::BTreeMap;

use lake::View;
use serde::Serialize;
use store::SnapshotId;
use tokio_util::sync::CancellationToken;
use unify::{Identity, Options, RuleReport, Unified, UnifyReport};

use super::pairs::{Pair, fill, read};
use super::{LinkStage, MadeBy, Reader, Result, UnificationError, model};
use crate::definitions::Definitions;

/// What matching would find.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// The snapshot whose entities were matched.
    pub snapshot: SnapshotId,
    /// Profiles that there would be.
    pub profiles: u64,
    /// Profiles that there are; none before the first unification.
    pub profiles_before: Option<u64>,
    /// The rules that were asked for, of deduplication and of match.
    pub rules: Vec<PreviewedRule>,
    /// Some of the rows that these rules would put together.
    pub examples: Vec<Pair>,
}

/// The counts of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewedRule {
    /// What it belongs to.
    pub stage: LinkStage,
    /// What it would do.
    #[serde(flatten)]
    pub counts: RuleReport,
    /// Records that it matched in the last unification; none for a rule that was not there.
    pub matched_before: Option<u64>,
}

impl Reader {
    /// Runs deduplication and match of `definitions` over the newest snapshot. Only the rule of that name is shown;
    /// all are run, because earlier rules take rows from later ones.
    ///
    /// # Errors
    /// When no unification is defined, it does not fit the entities, or there is no such rule.
    pub async fn preview(
        &self,
        definitions: &Definitions,
        rule: Option<&str>,
        examples: usize,
        cancel: &CancellationToken,
    ) -> Result<Preview> {
        let made_by = MadeBy::of(definitions).ok_or(UnificationError::NeverUnified)?.slim();
        let before = self.last_report().await?;
        let view = self.view().await?;
        let inputs = made_by.slim_inputs(&view).await?;
        let (unification, cancel) = (made_by.unification.clone(), cancel.clone());
        let learned = model::last(&view).await?;
        let identity = Identity { pins: self.pins().await?, learned, ..Identity::default() };
        let running = tokio::task::spawn_blocking(move || {
            unify::run_with(&unification, inputs, &Options::default(), &identity, &|_| {}, &cancel)
        });
        let unified = running.await.map_err(|error| UnificationError::Broken(error.to_string()))??;
        let rules = rules(&unified.report, before.as_ref(), rule);
        if let (Some(rule), true) = (rule, rules.is_empty()) {
            return Err(UnificationError::UnknownRule { rule: rule.to_owned(), entity: None });
        }
        let examples = pick(&view, &made_by, &unified, rule, examples).await?;
        Ok(Preview {
            snapshot: view.snapshot(),
            profiles: unified.report.profiles,
            profiles_before: before.map(|before| before.profiles),
            rules,
            examples,
        })
    }
}

fn rules(report: &UnifyReport, before: Option<&UnifyReport>, rule: Option<&str>) -> Vec<PreviewedRule> {
    let staged = |report: &UnifyReport| -> Vec<(LinkStage, RuleReport)> {
        let own = report.deduplication.iter().map(|it| (LinkStage::Deduplication, it.clone()));
        own.chain(report.rules.iter().map(|it| (LinkStage::Match, it.clone()))).collect()
    };
    let before: BTreeMap<_, u64> = before
        .map(staged)
        .unwrap_or_default()
        .into_iter()
        .map(|(stage, it)| ((stage, it.on, it.rule), it.matched))
        .collect();
    let wanted = staged(report).into_iter().filter(|(_, it)| rule.is_none_or(|rule| rule == it.rule));
    let previewed = wanted.map(|(stage, counts)| {
        let matched_before = before.get(&(stage, counts.on.clone(), counts.rule.clone())).copied();
        PreviewedRule { stage, counts, matched_before }
    });
    previewed.collect()
}

/// Rows that a rule would put together: spread over all that it finds, so that they are no accident of the order.
async fn pick(
    view: &View,
    made_by: &MadeBy,
    unified: &Unified,
    rule: Option<&str>,
    examples: usize,
) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for batch in &unified.links.batches {
        pairs.extend(read(batch)?.into_iter().filter(|pair| rule.is_none_or(|rule| rule == pair.rule)));
    }
    let step = pairs.len().div_ceil(examples.max(1)).max(1);
    let mut picked: Vec<Pair> = pairs.into_iter().step_by(step).take(examples).collect();
    // The ids would be others once this is published.
    picked.iter_mut().for_each(|pair| pair.customer = None);
    fill(view, made_by, &mut picked).await?;
    Ok(picked)
}
