//! The rows behind the numbers of an entity: those that found somebody, those that stayed alone, those left out.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::JoinType;
use datafusion::logical_expr::{cast, lit};
use datafusion::prelude::DataFrame;
use lake::View;
use serde::{Deserialize, Serialize};
use store::SnapshotId;
use unify::definition::ALTERNATE_KEY;

use super::leads::reference;
use super::pairs::Page;
use super::source::{self, Row, column, frame};
use super::{PAGE_ROWS, Reader, Result, SourceKey, UnificationError};

/// Which rows are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowsQuery {
    /// The entity's full name.
    pub entity: String,
    /// Which of its rows.
    pub which: Which,
    /// How many to pass over.
    #[serde(default)]
    pub skip: u64,
    /// The snapshot to stay in from page to page; the newest without it.
    pub snapshot: Option<SnapshotId>,
    /// The most rows that are wanted at once; [`PAGE_ROWS`] without it.
    #[serde(skip)]
    pub limit: Option<usize>,
}

/// Rows of an entity by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// They have no primary key and were left out.
    WithoutKey,
    /// Their customer has a row of another entity.
    Matched,
    /// They matched nothing and are customers of their own.
    UnmatchedKept,
    /// They matched nothing and were left out.
    UnmatchedDropped,
}

impl Which {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::WithoutKey, Self::Matched, Self::UnmatchedKept, Self::UnmatchedDropped];

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WithoutKey => "withoutKey",
            Self::Matched => "matched",
            Self::UnmatchedKept => "unmatchedKept",
            Self::UnmatchedDropped => "unmatchedDropped",
        }
    }
}

/// The primary key as text, while rows are chosen.
const KEY: &str = "AlternateValue";
const CUSTOMER_ID: &str = "CustomerId";

impl Reader {
    /// The rows behind an entity's number, in the order of their keys as text; those without a key as they were
    /// delivered.
    ///
    /// # Errors
    /// When the entity takes no part in the unification, or the lake cannot be read.
    pub async fn rows(&self, query: &RowsQuery) -> Result<Page<Row>> {
        let published = self.published_at(query.snapshot).await?;
        let source = published.made_by.source(&query.entity);
        let source = source.ok_or_else(|| UnificationError::NotUnified(query.entity.clone()))?;
        let chosen = select(&published.view, source, query.which).await?;
        let total = chosen.clone().count().await? as u64;
        // Past the end there is nothing, however far past.
        let skip = usize::try_from(query.skip.min(total)).unwrap_or(usize::MAX);
        let page = chosen.limit(skip, Some(query.limit.unwrap_or(PAGE_ROWS)))?;
        let batches = page.collect().await?;
        let rows = match query.which {
            Which::WithoutKey => source::read(source, &batches)?,
            _ => by_key(&published.view, source, &batches).await?,
        };
        let snapshot = published.view.snapshot();
        let seen = query.skip.saturating_add(rows.len() as u64);
        let next = (seen < total && !rows.is_empty()).then(|| next(query, seen, snapshot));
        Ok(Page { snapshot, total, rows, next })
    }
}

fn next(query: &RowsQuery, skip: u64, snapshot: SnapshotId) -> String {
    let (skip, snapshot) = (skip.to_string(), snapshot.number().to_string());
    let own = [("entity", query.entity.as_str()), ("which", query.which.as_str())];
    let place = [("skip", skip.as_str()), ("snapshot", snapshot.as_str())];
    reference("rows", &[own, place].concat())
}

async fn select(view: &View, source: &SourceKey, which: Which) -> Result<DataFrame> {
    let chosen = match which {
        Which::WithoutKey => {
            let key = column(source.primary_key.first().map_or("", String::as_str));
            let none = key.clone().is_null().or(cast(key, DataType::Utf8).eq(lit("")));
            return Ok(frame(view, &source.entity).await?.filter(none)?);
        }
        Which::Matched => kept(view, source, JoinType::LeftSemi).await?,
        Which::UnmatchedKept => kept(view, source, JoinType::LeftAnti).await?,
        Which::UnmatchedDropped => dropped(view, source).await?,
    };
    Ok(chosen.sort(vec![column(KEY).sort(true, false)])?)
}

/// The keys of an entity that are in a profile together with (or, for an anti join, without) rows of other entities.
async fn kept(view: &View, source: &SourceKey, kind: JoinType) -> Result<DataFrame> {
    let keys = frame(view, ALTERNATE_KEY).await?;
    let others = keys.clone().filter(column("EntityName").not_eq(lit(source.entity.as_str())))?;
    let others = others.select(vec![column(CUSTOMER_ID).alias("Other")])?;
    let own = keys.filter(column("EntityName").eq(lit(source.entity.as_str())))?;
    let same = column(CUSTOMER_ID).eq(column("Other"));
    Ok(own.join_on(others, kind, [same])?.select(vec![column(KEY)])?)
}

/// The keys of an entity that are in no profile.
async fn dropped(view: &View, source: &SourceKey) -> Result<DataFrame> {
    let key = column(source.primary_key.first().map_or("", String::as_str));
    let rows = frame(view, &source.entity).await?.select(vec![cast(key, DataType::Utf8).alias(KEY)])?;
    let rows = rows.filter(column(KEY).not_eq(lit("")))?.distinct()?;
    let keys = frame(view, ALTERNATE_KEY).await?;
    let own = keys.filter(column("EntityName").eq(lit(source.entity.as_str())))?;
    let own = own.select(vec![column(KEY).alias("Own")])?;
    Ok(rows.join_on(own, JoinType::LeftAnti, [column(KEY).eq(column("Own"))])?)
}

/// The whole rows of a page of keys, in the order of the page.
async fn by_key(view: &View, source: &SourceKey, batches: &[RecordBatch]) -> Result<Vec<Row>> {
    let mut keys = Vec::new();
    for batch in batches {
        let texts = source::text(batch, KEY)?;
        keys.extend((0..batch.num_rows()).filter_map(|row| source::at(&texts, row)));
    }
    let mut found = source::rows(view, source, &keys.iter().cloned().collect(), None).await?;
    Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
}
