//! DataFusion sessions over a view.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::View;
use super::schema::{CATALOG, ViewCatalog};
use crate::catalog::SCHEMA;
use crate::limits::BATCH_ROWS;
use crate::{LakeError, Result};

/// What a session may use.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// How many parts of a query run at the same time. With 1 the same query gives the same rows in the same order,
    /// to the last digit of a floating-point sum; with more, only `ORDER BY` and exact types promise that.
    pub target_partitions: usize,
    /// Bytes that the operators of a query may hold together; above it they spill to disk, or fail.
    pub memory_limit: Option<usize>,
    /// Where they spill to; the system's folder for temporary files unless told.
    pub spill_folder: Option<PathBuf>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { target_partitions: 1, memory_limit: None, spill_folder: None }
    }
}

impl View {
    /// A session in which every entity is a table of exactly its name: `SELECT * FROM Customer`, without quotes.
    pub fn session(&self) -> Result<SessionContext> {
        self.session_with(&SessionOptions::default())
    }

    /// [`View::session`] with more or less to use.
    pub fn session_with(&self, options: &SessionOptions) -> Result<SessionContext> {
        let mut config = SessionConfig::new()
            .with_target_partitions(options.target_partitions.max(1))
            .with_batch_size(BATCH_ROWS)
            .with_default_catalog_and_schema(CATALOG, SCHEMA)
            .with_create_default_catalog_and_schema(false)
            .with_information_schema(true);
        let settings = config.options_mut();
        settings.sql_parser.enable_ident_normalization = false;
        settings.sql_parser.map_string_types_to_utf8view = false;
        settings.execution.parquet.schema_force_view_types = false;
        let mut runtime = RuntimeEnvBuilder::new();
        if let Some(limit) = options.memory_limit {
            runtime = runtime.with_memory_pool(Arc::new(FairSpillPool::new(limit)));
        }
        if let Some(folder) = &options.spill_folder {
            runtime = runtime.with_temp_file_path(folder.clone());
        }
        let runtime = runtime.build_arc().map_err(LakeError::Query)?;
        let context = SessionContext::new_with_config_rt(config, runtime);
        context.register_catalog(CATALOG, Arc::new(ViewCatalog::new(self.clone())));
        Ok(context)
    }
}
