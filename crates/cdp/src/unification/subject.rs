//! Who is asked about: a customer or a source row, with its profile, its rows and what put them together.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::logical_expr::{Expr, lit};
use lake::View;
use serde::Serialize;
use serde_json::{Map, Value};
use unify::definition::{ALTERNATE_KEY, CUSTOMER, UNIFICATION_LINKS};

use crate::identity::Ids;
use unify::CustomerId;

use super::pairs::{Pair, read};
use super::reader::Published;
use super::source::{self, Row, at, column, frame, text, texts, values};
use super::{Result, UnificationError};

/// The most rows of one customer that are looked at.
pub const MAX_RECORDS: usize = 100;

/// Who is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A customer, by its id.
    Customer(String),
    /// A row of a source entity.
    Record {
        /// The entity's full name.
        entity: String,
        /// The primary key, as text.
        key: String,
    },
}

impl Asked {
    /// Reads `entity:key`; none for a text without a colon.
    pub fn record(text: &str) -> Option<Self> {
        let (entity, key) = text.split_once(':')?;
        Some(Self::Record { entity: entity.to_owned(), key: key.to_owned() })
    }
}

impl std::fmt::Display for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Customer(id) => f.write_str(id),
            Self::Record { entity, key } => write!(f, "{entity}:{key}"),
        }
    }
}

/// A customer, or a source row that is nobody's.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// What was asked for.
    pub asked: String,
    /// The customer; none for a row that is left out.
    pub customer: Option<String>,
    /// The customers that a former id leads to, where it is one; the first of them is shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leads_to: Vec<String>,
    /// The profile's attributes as text; those that are null are left out.
    pub profile: Map<String, Value>,
    /// The rows of the customer, by match order of their entities; at most [`MAX_RECORDS`].
    pub records: Vec<Row>,
    /// How many rows it has.
    pub total_records: usize,
    /// What put the rows together.
    pub links: Vec<Pair>,
}

/// Finds who is asked about.
pub(super) async fn find(published: &Published, asked: &Asked) -> Result<Subject> {
    let view = &published.view;
    let mut subject = Subject {
        asked: asked.to_string(),
        customer: None,
        leads_to: Vec::new(),
        profile: Map::new(),
        records: Vec::new(),
        total_records: 0,
        links: Vec::new(),
    };
    let mut alone = Vec::new();
    subject.customer = match asked {
        Asked::Customer(id) => {
            let id = id.trim().to_lowercase();
            if profile(view, &id).await?.is_none() {
                subject.leads_to = redirect(view, &id).await?;
            }
            Some(subject.leads_to.first().cloned().unwrap_or(id))
        }
        Asked::Record { entity, key } => {
            if published.made_by.source(entity).is_none() {
                return Err(UnificationError::NotUnified(entity.clone()));
            }
            alone.push((entity.clone(), key.clone()));
            customer_of(view, entity, key).await?
        }
    };
    let keys = match &subject.customer {
        Some(id) => {
            subject.profile = profile(view, id)
                .await?
                .ok_or_else(|| UnificationError::UnknownCustomer(asked.to_string()))?;
            subject.links = links(view, id).await?;
            keys_of(view, id).await?
        }
        None => alone,
    };
    let place = |entity: &str| published.made_by.sources.iter().position(|source| source.entity == entity);
    let mut keys = keys;
    keys.sort_by_key(|(entity, _)| place(entity));
    subject.total_records = keys.len();
    subject.records = records(published, &keys).await?;
    if subject.records.is_empty() {
        return Err(UnificationError::UnknownCustomer(asked.to_string()));
    }
    Ok(subject)
}

/// The customers that a former id leads to.
async fn redirect(view: &View, id: &str) -> Result<Vec<String>> {
    let Ok(id) = id.parse::<CustomerId>() else { return Ok(Vec::new()) };
    let ids = Ids::of(view.clone()).await?;
    Ok(ids.lineage().redirect(id).iter().map(ToString::to_string).collect())
}

/// The customer that a row belongs to.
async fn customer_of(view: &View, entity: &str, key: &str) -> Result<Option<String>> {
    let is_it = column("EntityName").eq(lit(entity)).and(column("AlternateValue").eq(lit(key)));
    let found = frame(view, ALTERNATE_KEY).await?.filter(is_it)?.limit(0, Some(1))?.collect().await?;
    let first = found.iter().find(|batch| batch.num_rows() > 0);
    Ok(first.map(|batch| text(batch, "CustomerId")).transpose()?.and_then(|ids| at(&ids, 0)))
}

fn is_customer(id: &str) -> Expr {
    column("CustomerId").eq(lit(id))
}

async fn profile(view: &View, id: &str) -> Result<Option<Map<String, Value>>> {
    let found = frame(view, CUSTOMER).await?.filter(is_customer(id))?.limit(0, Some(1))?.collect().await?;
    let first = found.iter().find(|batch| batch.num_rows() > 0);
    first.map(|batch| Ok(values(&texts(batch)?, 0))).transpose()
}

async fn links(view: &View, id: &str) -> Result<Vec<Pair>> {
    let links = frame(view, UNIFICATION_LINKS).await?.filter(is_customer(id))?;
    let batches = links.limit(0, Some(2 * MAX_RECORDS))?.collect().await?;
    let mut pairs = Vec::new();
    for batch in &batches {
        pairs.extend(read(batch)?);
    }
    Ok(pairs)
}

/// The rows of a customer, as entity and key, in the order of the entity `AlternateKey`.
async fn keys_of(view: &View, id: &str) -> Result<Vec<(String, String)>> {
    let batches = frame(view, ALTERNATE_KEY).await?.filter(is_customer(id))?.collect().await?;
    let mut keys = Vec::new();
    for batch in &batches {
        let (entities, values) = (text(batch, "EntityName")?, text(batch, "AlternateValue")?);
        keys.extend((0..batch.num_rows()).filter_map(|row| Some((at(&entities, row)?, at(&values, row)?))));
    }
    Ok(keys)
}

async fn records(published: &Published, keys: &[(String, String)]) -> Result<Vec<Row>> {
    let shown = keys.get(..MAX_RECORDS).unwrap_or(keys);
    let mut wanted: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (entity, key) in shown {
        wanted.entry(entity).or_default().insert(key.clone());
    }
    let mut found = BTreeMap::new();
    for (entity, keys) in wanted {
        let Some(source) = published.made_by.source(entity) else { continue };
        found.insert(entity, source::rows(&published.view, source, &keys, None).await?);
    }
    let take = |(entity, key): &(String, String)| found.get_mut(entity.as_str())?.remove(key);
    Ok(shown.iter().filter_map(take).collect())
}
