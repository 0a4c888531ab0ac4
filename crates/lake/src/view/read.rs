//! Reading one entity straight from its files, in the order of its rows.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, new_null_array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use datafusion::common::exec_datafusion_err;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::parquet::arrow::{ParquetRecordBatchStreamBuilder, ProjectionMask};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::{Stream, StreamExt, TryStreamExt};

use super::{Content, ContentFile, View};
use crate::limits::BATCH_ROWS;
use crate::{LakeError, Result, suggest};

impl View {
    /// The rows of an entity in the order in which they were staged; only `columns`, in that order, if given.
    pub async fn read(&self, entity: &str, columns: Option<&[&str]>) -> Result<SendableRecordBatchStream> {
        let content = Arc::clone(self.content(entity)?);
        let schema = projected(entity, &content.schema, columns)?;
        let view = self.clone(); // keeps the snapshot pinned while the rows are read
        let stream = rows(content, Arc::clone(&schema)).inspect(move |_| {
            let _ = &view;
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream)))
    }

    /// [`View::read`], all at once: for entities that fit into memory.
    pub async fn collect(&self, entity: &str, columns: Option<&[&str]>) -> Result<Vec<RecordBatch>> {
        let stream = self.read(entity, columns).await?;
        stream.try_collect().await.map_err(LakeError::Query)
    }
}

fn projected(entity: &str, schema: &SchemaRef, columns: Option<&[&str]>) -> Result<SchemaRef> {
    let Some(columns) = columns else { return Ok(Arc::clone(schema)) };
    let mut indices = Vec::with_capacity(columns.len());
    for column in columns {
        let index = schema.index_of(column).map_err(|_| LakeError::UnknownColumn {
            name: (*column).to_owned(),
            tables: vec![entity.to_owned()],
            suggestion: suggest::nearest(column, schema.fields().iter().map(|f| f.name().as_str())),
        })?;
        indices.push(index);
    }
    let projected = schema.project(&indices);
    projected.map(Arc::new).map_err(|source| LakeError::Query(source.into()))
}

fn rows(
    content: Arc<Content>,
    schema: SchemaRef,
) -> impl Stream<Item = Result<RecordBatch, DataFusionError>> + Send {
    let files = content.files.clone();
    futures::stream::iter(files)
        .then(move |file| {
            let (schema, content) = (Arc::clone(&schema), Arc::clone(&content));
            async move { file_rows(file, schema, content).await }
        })
        .try_flatten()
}

async fn file_rows(
    file: ContentFile,
    schema: SchemaRef,
    content: Arc<Content>,
) -> Result<impl Stream<Item = Result<RecordBatch, DataFusionError>> + Send, DataFusionError> {
    let open = tokio::fs::File::open(&file.path).await;
    let open = open.map_err(|source| exec_datafusion_err!("{}: {source}", file.path.display()))?;
    let builder = ParquetRecordBatchStreamBuilder::new(open).await?;
    let wanted = builder.parquet_schema().columns().iter().enumerate();
    let wanted = wanted.filter(|(_, column)| schema.index_of(column.name()).is_ok()).map(|(index, _)| index);
    let mask = ProjectionMask::leaves(builder.parquet_schema(), wanted.collect::<Vec<_>>());
    let stream = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build()?;
    Ok(stream.map(move |batch| {
        let _ = &content; // keeps staged files alive
        in_schema(&batch?, &schema)
    }))
}

/// `batch` with the columns of `schema`; a column that the file does not have is null.
fn in_schema(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, DataFusionError> {
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        columns.push(match batch.column_by_name(field.name()) {
            Some(column) => cast(column, field.data_type())?,
            None => new_null_array(field.data_type(), batch.num_rows()),
        });
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}
