//! Record batches to staged tables.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use lake::StagedTable;

use super::{Failure, TaskContext};

/// Writes an entity's content as staged files.
pub(super) async fn stage(
    context: &TaskContext,
    entity: &str,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<StagedTable, Failure> {
    let mut stager = context.lake.stage(entity, schema.clone()).await?;
    for batch in batches {
        stager.write(batch).await?;
    }
    Ok(stager.finish().await?)
}
