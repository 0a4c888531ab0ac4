//! What the last unification did, in numbers: per entity and per rule, each with the way to its rows.

use serde::Serialize;
use store::{JobId, SnapshotId};
use unify::probabilistic::{MatchReport, ModelReport};
use unify::{EntityReport, Extent, RuleReport, UnifyReport, Warning};

use super::leads::reference;
use super::{LinkStage, Reader, Result, UnificationError};

/// The counts of the last unification.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Funnel {
    /// The snapshot whose profiles it made.
    pub snapshot: SnapshotId,
    /// The job that ran it, or found that nothing had changed.
    pub job: JobId,
    /// Profiles.
    pub profiles: u64,
    /// Profiles with records of more than one entity.
    pub matched_profiles: u64,
    /// The entities, in match order.
    pub entities: Vec<EntityFunnel>,
    /// The rules of deduplication, in the order in which they were tried.
    pub deduplication: Vec<RuleFunnel>,
    /// The match rules, in the order in which they were tried.
    pub rules: Vec<RuleFunnel>,
    /// What matching by probability did, where the definition asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probabilistic: Option<MatchReport>,
    /// The model that it matched by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelReport>,
    /// What a person should look at.
    pub warnings: Vec<Warning>,
    /// The same in words.
    pub messages: Vec<String>,
    /// How much had to be looked at, where that can be less than all.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub extent: Option<Extent>,
}

/// The counts of one entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityFunnel {
    /// The counts.
    #[serde(flatten)]
    pub counts: EntityReport,
    /// Where the rows behind them are.
    pub rows: EntityLeads,
}

/// Where the rows behind the counts of an entity are, relative to the address of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each is named like the count that it leads from")]
pub struct EntityLeads {
    pub without_key: String,
    pub matched: String,
    pub unmatched_kept: String,
    pub unmatched_dropped: String,
}

/// The counts of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleFunnel {
    /// The counts.
    #[serde(flatten)]
    pub counts: RuleReport,
    /// Where the rows behind them are.
    pub rows: RuleLeads,
}

/// Where the rows behind the counts of a rule are, relative to the address of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each is named like the count that it leads from")]
pub struct RuleLeads {
    pub matched: String,
    pub ambiguous: String,
}

impl Reader {
    /// The counts of the last unification.
    ///
    /// # Errors
    /// When nothing was unified yet, or the state cannot be read.
    pub async fn funnel(&self) -> Result<Funnel> {
        let published = self.published().await?;
        let report: UnifyReport =
            serde_json::from_value(published.report).map_err(|_| UnificationError::Outdated)?;
        Ok(Funnel {
            snapshot: published.view.snapshot(),
            job: published.job,
            profiles: report.profiles,
            matched_profiles: report.matched_profiles,
            entities: report.entities.into_iter().map(entity).collect(),
            deduplication: rules(report.deduplication, LinkStage::Deduplication),
            rules: rules(report.rules, LinkStage::Match),
            probabilistic: report.probabilistic,
            model: report.model,
            messages: report.warnings.iter().map(ToString::to_string).collect(),
            warnings: report.warnings,
            extent: report.extent,
        })
    }
}

fn entity(counts: EntityReport) -> EntityFunnel {
    let lead = |which| reference("rows", &[("entity", &counts.entity), ("which", which)]);
    let rows = EntityLeads {
        without_key: lead("withoutKey"),
        matched: lead("matched"),
        unmatched_kept: lead("unmatchedKept"),
        unmatched_dropped: lead("unmatchedDropped"),
    };
    EntityFunnel { counts, rows }
}

fn rules(counts: Vec<RuleReport>, stage: LinkStage) -> Vec<RuleFunnel> {
    let rule = |counts: RuleReport| {
        let own = [("stage", stage.as_str()), ("entity", counts.on.as_str()), ("rule", counts.rule.as_str())];
        let matched = reference("pairs", &own);
        let ambiguous = reference("pairs", &[own.as_slice(), &[("ambiguous", "true")]].concat());
        RuleFunnel { counts, rows: RuleLeads { matched, ambiguous } }
    };
    counts.into_iter().map(rule).collect()
}
