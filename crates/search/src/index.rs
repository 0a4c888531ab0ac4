//! A finished index: opened by as many readers as there are, and searched.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tantivy::query::{AllQuery, BooleanQuery, ConstScoreQuery, Occur, Query};
use tantivy::schema::Field;
use tantivy::{Index, IndexReader, ReloadPolicy};

use crate::build::TEXT;
use crate::collect::{Rank, Ranked};
use crate::fields::FilterField;
use crate::filter::Typed;
use crate::{Condition, Facet, Result, SearchError, limits, query};

/// The file that says what is in an index; written last.
pub(crate) const META: &str = "search.json";
/// Raised when an index of the program before it can no longer be used.
const VERSION: u32 = 1;

/// The files of a segment that are always there; one that is missing is not looked for by its library.
const FILES: [&str; 4] = ["idx", "term", "fast", "store"];

/// What is in an index.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Meta {
    version: u32,
    rows: u64,
    searchable: Vec<String>,
    filters: Vec<FilterField>,
}

impl Meta {
    pub(crate) fn new(rows: u64, searchable: Vec<String>, filters: Vec<FilterField>) -> Self {
        Self { version: VERSION, rows, searchable, filters }
    }
}

/// What is searched for.
#[derive(Debug, Clone, Default)]
pub struct Search<'a> {
    /// The words; every row when there are none.
    pub text: &'a str,
    /// Conditions that must all hold.
    pub conditions: &'a [Condition],
    /// Attributes whose values are counted among the rows that were found.
    pub facets: &'a [&'a str],
    /// How many rows are skipped.
    pub skip: usize,
    /// How many rows are given after that.
    pub top: usize,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// How many rows there are.
    pub count: u64,
    /// The keys of the rows that were asked for, the best first.
    pub keys: Vec<String>,
    /// The counts that were asked for, in that order.
    pub facets: Vec<Facet>,
}

/// An index that is open. It stays what it is, also when another one takes its place.
pub struct SearchIndex {
    folder: PathBuf,
    reader: IndexReader,
    text: Field,
    meta: Meta,
}

impl std::fmt::Debug for SearchIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SearchIndex").field("folder", &self.folder).field("rows", &self.meta.rows).finish()
    }
}

impl SearchIndex {
    /// Opens the index in `folder`, after a look at every byte: a damaged file is found here, not in an answer.
    ///
    /// # Errors
    /// When there is no index, or it is damaged.
    pub fn open(folder: &Path) -> Result<Self> {
        let corrupt = |detail: String| SearchError::Corrupt { folder: folder.to_owned(), detail };
        let failed = |error: tantivy::TantivyError| corrupt(error.to_string());
        let text = match fs::read(folder.join(META)) {
            Ok(text) => text,
            Err(_) if !folder.exists() => return Err(SearchError::Missing { folder: folder.to_owned() }),
            Err(error) => return Err(corrupt(format!("{META}: {error}"))),
        };
        let meta: Meta =
            serde_json::from_slice(&text).map_err(|error| corrupt(format!("{META}: {error}")))?;
        if meta.version != VERSION {
            return Err(corrupt(format!(
                "it is of version {}, and this program reads {VERSION}",
                meta.version
            )));
        }
        let index = Index::open_in_dir(folder).map_err(failed)?;
        for segment in index.searchable_segment_ids().map_err(failed)? {
            let file = |kind: &&str| folder.join(format!("{}.{kind}", segment.uuid_string()));
            if let Some(gone) = FILES.iter().map(file).find(|file| !file.exists()) {
                return Err(corrupt(format!("{} is missing", gone.display())));
            }
        }
        let damaged = index.validate_checksum().map_err(failed)?;
        if let Some(file) = damaged.iter().min() {
            return Err(corrupt(format!("{} is damaged", file.display())));
        }
        let schema = index.schema();
        let text = schema.get_field(TEXT).map_err(failed)?;
        for filter in &meta.filters {
            schema.get_field(&filter.field).map_err(failed)?;
        }
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failed)?;
        let it = Self { folder: folder.to_owned(), reader, text, meta };
        if it.reader.searcher().num_docs() != it.meta.rows {
            return Err(it.corrupt(&"it does not have the rows that it should have"));
        }
        Ok(it)
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.meta.rows
    }

    /// The attributes that are searched.
    pub fn searchable(&self) -> &[String] {
        &self.meta.searchable
    }

    /// The attributes with filters.
    pub fn filters(&self) -> impl Iterator<Item = &str> {
        self.meta.filters.iter().map(|filter| filter.attribute.as_str())
    }

    /// Reads filters as people type them, such as `City = London` or `Points >= 100`; all of them must hold.
    ///
    /// # Errors
    /// When one cannot be read, its attribute has no filter, or its value is of another type.
    pub fn conditions(&self, filters: &[String]) -> Result<Vec<Condition>> {
        let mut conditions = Vec::new();
        for filter in filters {
            let typed = Typed::parse(filter)?;
            conditions.extend(typed.conditions(self.filter(typed.attribute)?)?);
        }
        Ok(conditions)
    }

    /// Searches.
    ///
    /// # Errors
    /// When the text is too long, the page too far away, or a condition does not fit its attribute.
    pub fn search(&self, search: &Search<'_>) -> Result<Found> {
        let depth = search.skip.saturating_add(search.top);
        if depth > limits::MAX_DEPTH {
            return Err(SearchError::TooDeep { depth, limit: limits::MAX_DEPTH });
        }
        let facets =
            search.facets.iter().map(|name| self.filter(name).cloned()).collect::<Result<Vec<_>>>()?;
        let text = query::of_text(search.text, self.text)?;
        let rank = Rank { depth, scored: text.is_some(), facets };
        let query = self.query(text, search.conditions)?;
        let found = self.reader.searcher().search(&query, &rank);
        let Ranked { count, keys, facets } = found.map_err(|error| self.corrupt(&error))?;
        let facets = if facets.is_empty() { rank.facets.iter().map(none).collect() } else { facets };
        Ok(Found { count, keys: keys.into_iter().skip(search.skip).collect(), facets })
    }

    fn query(&self, text: Option<Box<dyn Query>>, conditions: &[Condition]) -> Result<Box<dyn Query>> {
        if conditions.len() > limits::MAX_CONDITIONS {
            let (found, limit) = (conditions.len(), limits::MAX_CONDITIONS);
            return Err(SearchError::TooManyConditions { found, limit });
        }
        let mut all = vec![(Occur::Must, text.unwrap_or_else(|| Box::new(AllQuery)))];
        for condition in conditions {
            let filter = self.filter(condition.attribute())?;
            let schema = self.reader.searcher().schema().clone();
            let field = schema.get_field(&filter.field).map_err(|error| self.corrupt(&error))?;
            let holds = filter.query(field, condition)?;
            // Conditions say which rows, not in which order.
            all.push((Occur::Must, Box::new(ConstScoreQuery::new(holds, 0.0))));
        }
        match (all.len(), all.pop()) {
            (1, Some((_, only))) => Ok(only),
            (_, last) => Ok(Box::new(BooleanQuery::new(all.into_iter().chain(last).collect()))),
        }
    }

    fn filter(&self, attribute: &str) -> Result<&FilterField> {
        let found = self.meta.filters.iter().find(|filter| filter.attribute == attribute);
        found.ok_or_else(|| SearchError::NoFilter {
            attribute: attribute.to_owned(),
            known: self.filters().map(str::to_owned).collect(),
        })
    }

    fn corrupt(&self, detail: &dyn std::fmt::Display) -> SearchError {
        SearchError::Corrupt { folder: self.folder.clone(), detail: detail.to_string() }
    }
}

/// A facet of no rows.
fn none(filter: &FilterField) -> Facet {
    Facet { attribute: filter.attribute.clone(), counts: Vec::new() }
}
