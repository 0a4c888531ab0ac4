//! The entities of a view as DataFusion's catalog `weir`, schema `main`: the names that DuckDB shows too.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, TableProvider};
use datafusion::common::{Result, exec_err};

use super::View;
use super::table::EntityTable;
use crate::catalog::SCHEMA;

/// The name of the catalog.
pub(super) const CATALOG: &str = "weir";

/// The catalog that holds the one schema.
#[derive(Debug)]
pub(super) struct ViewCatalog(Arc<ViewSchema>);

impl ViewCatalog {
    pub(super) fn new(view: View) -> Self {
        Self(Arc::new(ViewSchema { view, added: Mutex::default() }))
    }
}

impl CatalogProvider for ViewCatalog {
    fn schema_names(&self) -> Vec<String> {
        vec![SCHEMA.to_owned()]
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        name.eq_ignore_ascii_case(SCHEMA).then(|| Arc::clone(&self.0) as _)
    }
}

/// The entities, and tables that code added to its own session.
#[derive(Debug)]
struct ViewSchema {
    view: View,
    added: Mutex<BTreeMap<String, Arc<dyn TableProvider>>>,
}

impl ViewSchema {
    fn added(&self) -> MutexGuard<'_, BTreeMap<String, Arc<dyn TableProvider>>> {
        self.added.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SchemaProvider for ViewSchema {
    fn table_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.view.entities.keys().cloned().collect();
        names.extend(self.added().keys().cloned());
        names
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        if let Some(added) = self.added().get(name) {
            return Ok(Some(Arc::clone(added)));
        }
        let found = self.view.find(name);
        Ok(found.map(|(_, content)| Arc::new(EntityTable::new(Arc::clone(content))) as _))
    }

    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> Result<Option<Arc<dyn TableProvider>>> {
        if self.view.entities.contains_key(&name) {
            return exec_err!("there is an entity {name} already");
        }
        Ok(self.added().insert(name, table))
    }

    fn deregister_table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        Ok(self.added().remove(name))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.added().contains_key(name) || self.view.find(name).is_some()
    }
}
