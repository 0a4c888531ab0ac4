//! The rows behind the numbers of a rule: who was put together with whom.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::logical_expr::lit;
use datafusion::prelude::DataFrame;
use lake::View;
use serde::{Deserialize, Serialize};
use store::SnapshotId;
use unify::definition::UNIFICATION_LINKS;

use super::leads::reference;
use super::reader::Published;
use super::source::{self, Row, at, column, frame, text};
use super::{MadeBy, PAGE_ROWS, Reader, Result, UnificationError};

/// Which rows are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairsQuery {
    /// The rule's name.
    pub rule: String,
    /// The entity whose rows looked for a partner; of several rules of one name all are meant without it.
    pub entity: Option<String>,
    /// What the rule belongs to.
    pub stage: Option<LinkStage>,
    /// Only rows for which more than one row above would have done.
    #[serde(default)]
    pub ambiguous: bool,
    /// How many to pass over.
    #[serde(default)]
    pub skip: u64,
    /// The snapshot to stay in from page to page; the newest without it.
    pub snapshot: Option<SnapshotId>,
    /// The most rows that are wanted at once; [`PAGE_ROWS`] without it.
    #[serde(skip)]
    pub limit: Option<usize>,
}

/// What put rows together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LinkStage {
    /// A rule of deduplication.
    Deduplication,
    /// A match rule.
    Match,
}

impl LinkStage {
    /// Its name in the entity.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deduplication => "deduplication",
            Self::Match => "match",
        }
    }
}

/// A row that a rule put together with others.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pair {
    /// What put it there.
    pub stage: String,
    /// The rule.
    pub rule: String,
    /// The row, with the attributes that the rule compares.
    pub row: Row,
    /// The row above that it was put together with; none for deduplication, where a group has no head.
    pub partner: Option<Row>,
    /// The mean score of the rule's conditions, 0 to 1.
    pub score: Option<f64>,
    /// How many rows above fulfilled the rule.
    pub candidates: Option<i64>,
    /// The customer that the rows belong to; none when they are left out.
    pub customer: Option<String>,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The snapshot that they are in.
    pub snapshot: SnapshotId,
    /// How many there are on all pages.
    pub total: u64,
    /// Some of them: [`PAGE_ROWS`], but on the last page.
    pub rows: Vec<T>,
    /// The next page, relative to the address of the report; none after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Reader {
    /// The rows behind a rule's number, in match order of the entities, then order of primary keys.
    ///
    /// # Errors
    /// When there is no such rule, or the lake cannot be read.
    pub async fn pairs(&self, query: &PairsQuery) -> Result<Page<Pair>> {
        let published = self.published_at(query.snapshot).await?;
        if !published.made_by.knows_rule(query) {
            return Err(UnificationError::UnknownRule {
                rule: query.rule.clone(),
                entity: query.entity.clone(),
            });
        }
        let links = select(&published, query).await?;
        let total = links.clone().count().await? as u64;
        // Past the end there is nothing, however far past.
        let skip = usize::try_from(query.skip.min(total)).unwrap_or(usize::MAX);
        let page = links.limit(skip, Some(query.limit.unwrap_or(PAGE_ROWS)))?;
        let batches = page.collect().await?;
        let mut rows = Vec::new();
        for batch in &batches {
            rows.extend(read(batch)?);
        }
        fill(&published.view, &published.made_by, &mut rows).await?;
        let snapshot = published.view.snapshot();
        let seen = query.skip.saturating_add(rows.len() as u64);
        let next = (seen < total && !rows.is_empty()).then(|| next(query, seen, snapshot));
        Ok(Page { snapshot, total, rows, next })
    }
}

async fn select(published: &Published, query: &PairsQuery) -> Result<DataFrame> {
    let mut wanted = column("Rule").eq(lit(query.rule.as_str()));
    if let Some(stage) = query.stage {
        wanted = wanted.and(column("Stage").eq(lit(stage.as_str())));
    }
    if let Some(entity) = &query.entity {
        wanted = wanted.and(column("EntityName").eq(lit(entity.as_str())));
    }
    if query.ambiguous {
        wanted = wanted.and(column("Candidates").gt(lit(1i64)));
    }
    let links = frame(&published.view, UNIFICATION_LINKS).await?;
    Ok(links.filter(wanted)?)
}

fn next(query: &PairsQuery, skip: u64, snapshot: SnapshotId) -> String {
    let (skip, snapshot) = (skip.to_string(), snapshot.number().to_string());
    let mut parameters = vec![("rule", query.rule.as_str())];
    parameters.extend(query.entity.as_deref().map(|entity| ("entity", entity)));
    parameters.extend(query.stage.map(|stage| ("stage", stage.as_str())));
    parameters.extend(query.ambiguous.then_some(("ambiguous", "true")));
    parameters.extend([("skip", skip.as_str()), ("snapshot", snapshot.as_str())]);
    reference("pairs", &parameters)
}

/// The links in a batch; their rows have no values yet.
pub(super) fn read(batch: &RecordBatch) -> Result<Vec<Pair>> {
    let [stage, rule, entity, key] = [
        text(batch, "Stage")?,
        text(batch, "Rule")?,
        text(batch, "EntityName")?,
        text(batch, "AlternateValue")?,
    ];
    let [partner_entity, partner_key] =
        [text(batch, "PartnerEntityName")?, text(batch, "PartnerAlternateValue")?];
    let [score, candidates, customer] =
        [text(batch, "Score")?, text(batch, "Candidates")?, text(batch, "CustomerId")?];
    let bare = |entity: String, key: Option<String>| Row { entity, key, values: serde_json::Map::new() };
    let pair = |row: usize| Pair {
        stage: at(&stage, row).unwrap_or_default(),
        rule: at(&rule, row).unwrap_or_default(),
        row: bare(at(&entity, row).unwrap_or_default(), at(&key, row)),
        partner: at(&partner_entity, row).map(|entity| bare(entity, at(&partner_key, row))),
        score: score.is_valid(row).then(|| score.value(row).parse().ok()).flatten(),
        candidates: candidates.is_valid(row).then(|| candidates.value(row).parse().ok()).flatten(),
        customer: at(&customer, row),
    };
    Ok((0..batch.num_rows()).map(pair).collect())
}

/// Reads the attributes that the rules of the pairs compare.
pub(super) async fn fill(view: &View, made_by: &MadeBy, pairs: &mut [Pair]) -> Result<()> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in pairs.iter().flat_map(|pair| [Some(&pair.row), pair.partner.as_ref()]).flatten() {
        keys.entry(row.entity.clone()).or_default().extend(row.key.clone());
    }
    let mut found: BTreeMap<String, HashMap<String, Row>> = BTreeMap::new();
    for (entity, keys) in &keys {
        let Some(source) = made_by.source(entity) else { continue };
        let compared = made_by.compared(entity);
        let compared: Vec<&str> = compared.iter().map(String::as_str).collect();
        found.insert(entity.clone(), source::rows(view, source, keys, Some(&compared)).await?);
    }
    for row in pairs.iter_mut().flat_map(|pair| [Some(&mut pair.row), pair.partner.as_mut()]).flatten() {
        let known = found.get(&row.entity).zip(row.key.as_deref()).and_then(|(rows, key)| rows.get(key));
        if let Some(known) = known {
            row.values.clone_from(&known.values);
        }
    }
    Ok(())
}
