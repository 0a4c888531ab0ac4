//! Finding customers by words and filters.

use std::fs;
use std::path::{Path, PathBuf};

use datafusion::common::TableReference;
use datafusion::logical_expr::{Expr, lit};
use lake::Lake;
use search::{Facet, Search, SearchIndex};
use serde::Serialize;
use serde_json::{Map, Value};
use store::Store;

use super::rows::{collected, column};
use super::{CustomerError, Result};
use crate::definitions::CUSTOMER;
use crate::refresh::last;
use crate::relationships::CUSTOMER_ID;

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The words; everybody, when there are none.
    pub text: &'a str,
    /// Filters that must all hold, as people type them: `Country = Germany`.
    pub filters: &'a [String],
    /// Attributes whose values are counted among those who are found.
    pub facets: &'a [String],
    /// How many customers to leave out first.
    pub skip: usize,
    /// How many to give at most.
    pub top: usize,
}

/// A page of customers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundCustomers {
    /// How many there are.
    pub count: u64,
    /// The attributes whose words are searched, those that people look for first.
    pub searched: Vec<String>,
    /// The profiles of the page, the best first.
    pub customers: Vec<Map<String, Value>>,
    /// The counts that were asked for, over all who are found.
    pub facets: Vec<Facet>,
}

/// Where search indexes stand: beside the entities, so that a backup of the data folder has both.
fn home(data: &Path) -> PathBuf {
    data.with_file_name("search")
}

/// Where one search index stands.
pub(crate) fn index_folder(data: &Path, name: &str) -> PathBuf {
    home(data).join(name)
}

/// Removes the search indexes that no snapshot is searched by any more; who has one open keeps it.
pub(crate) async fn sweep(store: &Store, lake: &Lake) {
    let Ok(Some(kept)) = last::search_folder(store).await else { return };
    let folders = fs::read_dir(home(lake.data_path())).into_iter().flatten().flatten();
    for folder in folders.filter(|folder| *folder.file_name() != *kept) {
        if let Err(error) = fs::remove_dir_all(folder.path()) {
            tracing::warn!(%error, "an old search index could not be removed");
        }
    }
}

/// Searches the customers of the last refresh.
///
/// # Errors
/// There is no index, the text is too long, the page too far away, or an attribute has no filter.
pub async fn find(store: &Store, lake: &Lake, wanted: &Wanted<'_>) -> Result<FoundCustomers> {
    let name = last::search_folder(store).await?.ok_or(CustomerError::NoCustomers)?;
    let index = SearchIndex::open(&index_folder(lake.data_path(), &name))?;
    let conditions = index.conditions(wanted.filters)?;
    let facets: Vec<&str> = wanted.facets.iter().map(String::as_str).collect();
    let Wanted { text, skip, top, .. } = *wanted;
    let found = index.search(&Search { text, conditions: &conditions, facets: &facets, skip, top })?;
    let session = lake.view_latest().await?.session()?;
    let keys: Vec<Expr> = found.keys.iter().map(|key| lit(key.as_str())).collect();
    let mut customers = Vec::new();
    if !keys.is_empty() {
        let table = session.table(TableReference::bare(CUSTOMER)).await?;
        customers = collected(table.filter(column(CUSTOMER_ID).in_list(keys, false))?).await?;
    }
    let place = |row: &Map<String, Value>| {
        let id = row.get(CUSTOMER_ID).and_then(Value::as_str);
        found.keys.iter().position(|key| Some(key.as_str()) == id)
    };
    customers.sort_by_key(place);
    let searched = index.searchable().to_vec();
    Ok(FoundCustomers { count: found.count, searched, customers, facets: found.facets })
}
