//! Parquet files, written here with the types of other programs.

use std::sync::Arc;

use arrow::array::*;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use serde_json::json;

use super::{entity, read_entity};
use crate::definition::{Quarantine, SourceEntity};
use crate::{Limits, ReadReport, SourceError};

fn write(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch =
        RecordBatch::try_new(schema.clone(), columns.into_iter().map(|(_, array)| array).collect()).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn read(bytes: &[u8], entity: &SourceEntity) -> (Result<ReadReport, SourceError>, super::Kept) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.parquet"), bytes).unwrap();
    read_entity(folder.path(), entity, Quarantine::default(), None, Limits::default())
}

#[test]
fn types_of_the_file_become_ours() {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None]);
    let dictionary: DictionaryArray<Int32Type> = ["x", "y"].into_iter().collect();
    let zoned = TimestampNanosecondArray::from(vec![1_000_000_001_999, 0]).with_timezone("+02:00");
    let bytes = write(vec![
        ("id", Arc::new(Int32Array::from(vec![1, 2]))),
        ("big", Arc::new(UInt64Array::from(vec![u64::MAX, 0]))),
        ("float", Arc::new(Float32Array::from(vec![Some(0.5), None]))),
        ("flag", Arc::new(BooleanArray::from(vec![true, false]))),
        ("day", Arc::new(Date32Array::from(vec![0, 19_000]))),
        ("at", Arc::new(TimestampMillisecondArray::from(vec![Some(1_500), None]))),
        ("moment", Arc::new(zoned)),
        ("money", Arc::new(Decimal128Array::from(vec![12_345, -1]).with_precision_and_scale(10, 2).unwrap())),
        ("word", Arc::new(dictionary)),
        ("list", Arc::new(list)),
    ]);
    let (report, kept) = read(&bytes, &entity("a.parquet", "id"));
    let report = report.unwrap();
    let types: Vec<String> = report.columns.iter().map(|it| it.attribute_type.to_string()).collect();
    assert_eq!(
        types,
        [
            "int64",
            "decimal(20,0)",
            "double",
            "boolean",
            "date",
            "dateTime",
            "dateTimeOffset",
            "decimal(10,2)",
            "string",
            "string"
        ]
    );
    assert_eq!(
        kept.rows[0],
        json!({
            "id": 1, "big": "18446744073709551615", "float": 0.5, "flag": true, "day": "1970-01-01",
            "at": "1970-01-01T00:00:01.500", "moment": "1970-01-01T00:16:40.000001Z", "money": "123.45",
            "word": "x", "list": "[1,null]"
        })
    );
    assert_eq!(kept.rows[1]["list"], json!(null));
    let schema = kept.schema.unwrap();
    assert_eq!(*schema.field(6).data_type(), DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
}

#[test]
fn rows_that_do_not_fit_are_quarantined_with_their_number() {
    let bytes = write(vec![
        ("id", Arc::new(StringArray::from(vec![Some("a"), Some("b"), None, Some("a"), Some("c")]))),
        ("day", Arc::new(StringArray::from(vec!["5/8/2024", "x", "5/8/2024", "5/8/2024", "2024-01-01"]))),
    ]);
    let mut entity = entity("*.parquet", "id");
    entity.attributes = serde_json::from_value(json!([{"name": "day", "dateFormat": "M/D/YYYY"}])).unwrap();
    let (report, kept) = read(&bytes, &entity);
    assert_eq!(kept.rows, [json!({"id": "a", "day": "2024-05-08"}), json!({"id": "c", "day": "2024-01-01"})]);
    let found: Vec<_> =
        kept.corrupt.iter().map(|row| (row["Line"].as_u64(), row["Detail"].as_str())).collect();
    assert_eq!(
        found,
        [
            (Some(2), Some("day: \"x\" is not a date written M/D/YYYY")),
            (Some(3), Some("id: the primary key has no value")),
            (Some(4), Some("id \"a\" is already in a.parquet row 1")),
        ]
    );
    assert_eq!(report.unwrap().reasons.len(), 3);
}

#[test]
fn a_number_too_large_for_its_column_is_quarantined() {
    let bytes = write(vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2]))),
        ("n", Arc::new(UInt64Array::from(vec![u64::MAX, 7]))),
    ]);
    let mut entity = entity("a.parquet", "id");
    entity.attributes = serde_json::from_value(json!([{"name": "n", "type": "int64"}])).unwrap();
    let (_, kept) = read(&bytes, &entity);
    assert_eq!(kept.rows, [json!({"id": 2, "n": 7})]);
    assert_eq!(kept.corrupt[0]["n"], json!("18446744073709551615"));
}

#[test]
fn a_damaged_file_is_an_error_wherever_the_damage_is() {
    let numbers: Vec<i64> = (0..2_000).collect();
    let words: Vec<String> = numbers.iter().map(|n| format!("word {n}")).collect();
    let good =
        write(vec![("id", Arc::new(Int64Array::from(numbers))), ("w", Arc::new(StringArray::from(words)))]);
    assert_eq!(read(&good, &entity("a.parquet", "id")).1.rows.len(), 2_000);
    for cut in [0, 4, 100, good.len() / 2, good.len() - 1] {
        assert!(read(&good[..cut], &entity("a.parquet", "id")).0.is_err(), "cut at {cut}");
    }
    for step in (0..good.len()).step_by(good.len() / 150) {
        let mut bad = good.clone();
        bad[step] ^= 0xA5;
        // Some flips only change a value; none may end the test.
        let _ = read(&bad, &entity("a.parquet", "id"));
    }
}
