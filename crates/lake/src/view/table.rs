//! An entity as a DataFusion table: a fixed list of Parquet files.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{Result, Statistics, exec_datafusion_err, project_schema};
use datafusion::datasource::TableType;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use super::Content;

/// The table of one entity in one view.
#[derive(Debug)]
pub(crate) struct EntityTable(Arc<Content>);

impl EntityTable {
    pub(crate) fn new(content: Arc<Content>) -> Self {
        Self(content)
    }

    fn file_group(&self) -> Result<FileGroup> {
        let mut files = Vec::with_capacity(self.0.files.len());
        for file in &self.0.files {
            let path =
                file.path.to_str().ok_or_else(|| exec_datafusion_err!("{:?} is not UTF-8", file.path))?;
            files.push(PartitionedFile::new(path, file.bytes));
        }
        Ok(FileGroup::new(files))
    }

    /// The number of rows is known from the catalog; of the columns nothing is said.
    fn known(&self) -> Statistics {
        let mut known = Statistics::new_unknown(&self.0.schema);
        if let Ok(rows) = usize::try_from(self.0.rows()) {
            known.num_rows = Precision::Exact(rows);
        }
        known
    }
}

#[async_trait]
impl TableProvider for EntityTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // Row groups are skipped by their statistics; which rows qualify is decided above the scan.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if self.0.files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&self.0.schema, projection)?)));
        }
        let source = Arc::new(ParquetSource::new(Arc::clone(&self.0.schema)));
        let scan = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_group(self.file_group()?)
            .with_statistics(self.known())
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        ParquetFormat::default().create_physical_plan(state, scan).await
    }
}
