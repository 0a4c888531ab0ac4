//! A lake in a temporary folder, and short ways to fill and read it.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::util::pretty::pretty_format_batches;
use lake::{Change, CommitInfo, Lake, Result, StagedTable, StagingLimits, View};
use store::{ManualClock, SnapshotId, Store};

/// A lake that is deleted when it is dropped.
pub(crate) struct TestLake {
    pub(crate) lake: Lake,
    pub(crate) clock: ManualClock,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) async fn test_lake() -> TestLake {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("weir.db").display());
    test_lake_in(&url, folder).await
}

/// A lake whose catalog is in the database at `url`.
pub(crate) async fn test_lake_in(url: &str, folder: tempfile::TempDir) -> TestLake {
    let clock = ManualClock::at("2026-11-20T10:00:00Z".parse().unwrap());
    let store = Store::open(url, Arc::new(clock.clone())).await.unwrap();
    let lake = Lake::open(store, &folder.path().join("lake")).await.unwrap();
    TestLake { lake, clock, folder }
}

pub(crate) fn commit(message: &str) -> CommitInfo {
    CommitInfo { message: message.to_owned(), extra: serde_json::json!({ "job": "job_1" }) }
}

/// Texts, whole numbers and so on, by column.
pub(crate) fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

pub(crate) fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

pub(crate) fn ints(values: impl IntoIterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(Int64Array::from_iter(values))
}

/// One column of every type that entities have, three rows, the last one null.
pub(crate) fn every_type() -> RecordBatch {
    let stamps = vec![Some(1_577_934_245_000_000), Some(-1), None];
    batch(vec![
        ("text", texts(&[Some("Ann"), Some("Žoë \"x\", 'y'"), None])),
        ("whole", ints([Some(i64::MIN), Some(i64::MAX), None])),
        ("float", Arc::new(Float64Array::from(vec![Some(1.5), Some(-0.0), None]))),
        ("yes", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("day", Arc::new(Date32Array::from(vec![Some(18_263), Some(-1), None]))),
        ("local", Arc::new(TimestampMicrosecondArray::from(stamps.clone()))),
        ("utc", Arc::new(TimestampMicrosecondArray::from(stamps).with_timezone("UTC"))),
        (
            "money",
            Arc::new(
                Decimal128Array::from(vec![Some(1_234), Some(-5), None])
                    .with_precision_and_scale(18, 2)
                    .unwrap(),
            ),
        ),
        (
            "big",
            Arc::new(
                Decimal128Array::from(vec![Some(10_i128.pow(37)), Some(-(10_i128.pow(37))), None])
                    .with_precision_and_scale(38, 5)
                    .unwrap(),
            ),
        ),
        ("nothing", texts(&[None, None, None])),
    ])
}

pub(crate) async fn stage(lake: &Lake, entity: &str, batches: &[RecordBatch]) -> Result<StagedTable> {
    let schema = batches.first().map_or_else(id_schema, RecordBatch::schema);
    stage_as(lake, entity, schema, batches, StagingLimits::default()).await
}

pub(crate) async fn stage_as(
    lake: &Lake,
    entity: &str,
    schema: SchemaRef,
    batches: &[RecordBatch],
    limits: StagingLimits,
) -> Result<StagedTable> {
    let mut stager = lake.stage_with(entity, schema, limits).await?;
    for batch in batches {
        stager.write(batch).await?;
    }
    stager.finish().await
}

pub(crate) fn id_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("Id", DataType::Int64, true)]))
}

pub(crate) async fn publish(lake: &Lake, changes: Vec<Change>) -> Result<SnapshotId> {
    let mut tx = lake.store().write().await?;
    let snapshot = lake.publish(&mut tx, changes, commit("test")).await?;
    tx.commit().await?;
    Ok(snapshot)
}

/// Stages and publishes the whole content of one entity.
pub(crate) async fn replace(lake: &Lake, entity: &str, batches: &[RecordBatch]) -> SnapshotId {
    let table = stage(lake, entity, batches).await.unwrap();
    publish(lake, vec![Change::Replace { entity: entity.to_owned(), table }]).await.unwrap()
}

pub(crate) async fn drop_entity(lake: &Lake, entity: &str) -> SnapshotId {
    publish(lake, vec![Change::Drop { entity: entity.to_owned() }]).await.unwrap()
}

/// All rows of an entity as a text table.
pub(crate) async fn shown(view: &View, entity: &str) -> String {
    let batches = view.collect(entity, None).await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

/// The result of a query as a text table, by DataFusion itself.
pub(crate) async fn queried(view: &View, sql: &str) -> String {
    let batches = view.session().unwrap().sql(sql).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

/// The one number that a query gives.
pub(crate) async fn number(view: &View, sql: &str) -> i64 {
    let batches = view.session().unwrap().sql(sql).await.unwrap().collect().await.unwrap();
    let column = batches[0].column(0);
    column.as_any().downcast_ref::<Int64Array>().unwrap().value(0)
}
