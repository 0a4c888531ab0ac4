//! Delta tables, written here by hand as the protocol says.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::parts::{Last, Previous, Rows, sorted};
use crate::definition::DataSource;
use crate::{Access, Before, PreviousRows, Reader, SourceError, Taken};

const COLUMNS: &str = r#"{"type":"struct","fields":[
    {"name":"id","type":"integer","nullable":true,"metadata":{}},
    {"name":"name","type":"string","nullable":true,"metadata":{}},
    {"name":"day","type":"date","nullable":true,"metadata":{}}]}"#;

struct Table {
    root: tempfile::TempDir,
    version: u64,
}

impl Table {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("t/_delta_log")).unwrap();
        let mut table = Self { root, version: 0 };
        let protocol = json!({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}});
        let columns = json!({"metaData": {"id": "x", "schemaString": COLUMNS, "partitionColumns": ["day"], "configuration": {}}});
        let first = table.file("day=2024-02-29/a b.parquet", &[1, 2]);
        table.commit(&[protocol, columns, first]);
        table
    }

    fn folder(&self) -> &Path {
        self.root.path()
    }

    /// Writes rows; returns the action that adds them.
    fn file(&self, name: &str, ids: &[i32]) -> Value {
        let path = self.folder().join("t").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let names: Vec<String> = ids.iter().map(|id| format!("n{id}")).collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(Int32Array::from(ids.to_vec()))),
            ("name", Arc::new(StringArray::from(names))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let day = name.split('/').next().and_then(|part| part.strip_prefix("day="));
        json!({"add": {"path": name.replace(' ', "%20"), "partitionValues": {"day": day}, "size": 1,
            "modificationTime": 1, "dataChange": true}})
    }

    fn commit(&mut self, actions: &[Value]) {
        let said = json!({"commitInfo": {"timestamp": 1_700_000_000_000_u64 + self.version * 1_000}});
        let lines: Vec<String> = std::iter::once(&said).chain(actions).map(Value::to_string).collect();
        let path = self.folder().join(format!("t/_delta_log/{:020}.json", self.version));
        fs::write(path, lines.join("\n")).unwrap();
        self.version += 1;
    }

    fn read(&self, more: Value, last: Option<&Last>) -> Result<Last, SourceError> {
        let mut entity = json!({"name": "t", "table": "t", "primaryKey": "id"});
        entity.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let source = json!({"name": "S", "kind": "delta", "path": ".", "entities": [entity]});
        let source: DataSource = serde_json::from_value(source).unwrap();
        let access = Access::new(self.folder().to_owned(), self.folder().to_owned(), Default::default());
        let known = last.map(|(report, _)| report.known());
        let mut previous =
            last.map(|(_, rows)| Previous(rows.schema.clone().unwrap(), rows.batches.clone().into_iter()));
        let before = Before {
            known: known.as_ref(),
            state: last.map(|(report, _)| &report.state),
            rows: previous.as_mut().map(|rows| rows as &mut dyn PreviousRows),
        };
        let (mut rows, cancel) = (Rows::default(), CancellationToken::new());
        let report = Reader::new(&source, &access, jiff::Timestamp::UNIX_EPOCH, &cancel).read(
            &source.entities()[0],
            before,
            &mut rows,
            &|_| {},
        )?;
        Ok((report, rows))
    }
}

#[test]
fn a_table_is_read_at_its_latest_version_with_the_columns_of_its_partitions() {
    let mut table = Table::new();
    let second = table.file("day=2024-03-01/b.parquet", &[3]);
    let gone = json!({"remove": {"path": "day=2024-02-29/a%20b.parquet", "dataChange": true}});
    table.commit(&[second, gone]);
    let (report, rows) = table.read(json!({}), None).unwrap();
    assert_eq!(report.state.version, Some(1));
    assert_eq!(sorted(&rows), [r#"{"id":3,"name":"n3","day":"2024-03-01"}"#]);
    let (report, rows) = table.read(json!({"version": 0}), None).unwrap();
    assert_eq!((report.state.version, sorted(&rows).len()), (Some(0), 2));
    let (report, _) = table.read(json!({"timestamp": "2023-11-14T22:13:20.500Z"}), None).unwrap();
    assert_eq!(report.state.version, Some(0), "the last version before the moment");
    assert!(
        table.read(json!({"version": 7}), None).map(|_| ()).unwrap_err().to_string().contains("latest is 1")
    );
}

#[test]
fn added_rows_are_read_alone_and_everything_else_is_read_in_full() {
    let mut table = Table::new();
    let first = table.read(json!({}), None).unwrap();
    assert_eq!(table.read(json!({}), Some(&first)).unwrap().0.taken, Taken::Nothing);
    let more = table.file("day=2024-03-01/b.parquet", &[3]);
    table.commit(&[more]);
    let second = table.read(json!({}), Some(&first)).unwrap();
    assert_eq!((second.0.taken, second.0.rows_read, second.0.rows_kept), (Taken::Changes, 1, 3));
    let full = table.read(json!({}), None).unwrap();
    assert_eq!((sorted(&second.1), &second.0.state), (sorted(&full.1), &full.0.state));
    table.commit(&[json!({"remove": {"path": "day=2024-03-01/b.parquet", "dataChange": true}})]);
    let third = table.read(json!({}), Some(&second)).unwrap();
    assert_eq!((third.0.taken, third.0.rows_kept), (Taken::All, 2));
}

#[test]
fn a_version_that_is_gone_from_the_log_makes_a_full_read_that_says_so() {
    let mut table = Table::new();
    let first = table.read(json!({}), None).unwrap();
    for name in ["day=2024-03-01/b.parquet", "day=2024-03-02/c.parquet"] {
        let more = table.file(name, &[i32::try_from(table.version).unwrap() + 10]);
        table.commit(&[more]);
    }
    // A checkpoint of version 1, and the log before it is gone.
    let path = |version: u64, end: &str| table.folder().join(format!("t/_delta_log/{version:020}.{end}"));
    let lines: Vec<String> = [0, 1]
        .map(|version| fs::read_to_string(path(version, "json")).unwrap())
        .join("\n")
        .lines()
        .map(str::to_owned)
        .collect();
    write_checkpoint(&path(1, "checkpoint.parquet"), &lines);
    fs::remove_file(path(0, "json")).unwrap();
    fs::remove_file(path(1, "json")).unwrap();
    let second = table.read(json!({}), Some(&first)).unwrap();
    assert_eq!((second.0.taken, second.0.rows_kept), (Taken::All, 4));
    assert!(second.0.findings.iter().any(|it| it.code == "deltaVersionMissing"), "{:?}", second.0.findings);
}

fn write_checkpoint(path: &Path, lines: &[String]) {
    use arrow::json::ReaderBuilder;
    use arrow::json::reader::infer_json_schema_from_iterator;
    // `dataChange` and `commitInfo` are not in checkpoints; the columns that are there are enough.
    let kept = lines.iter().filter(|line| !line.contains("commitInfo"));
    let values: Vec<Value> = kept
        .map(|line| {
            let mut value: Value = serde_json::from_str(line).unwrap();
            if let Some(meta) = value.get_mut("metaData") {
                meta.as_object_mut().unwrap().remove("configuration");
            }
            value
        })
        .collect();
    let schema = infer_json_schema_from_iterator(values.iter().map(Ok)).unwrap();
    let text: Vec<String> = values.iter().map(Value::to_string).collect();
    let mut reader =
        ReaderBuilder::new(Arc::new(schema)).build(std::io::Cursor::new(text.join("\n"))).unwrap();
    let batch = reader.next().unwrap().unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn what_is_not_understood_is_refused() {
    let mut table = Table::new();
    let mut add = table.file("day=2024-03-01/b.parquet", &[3]);
    add["add"]["deletionVector"] = json!({"storageType": "u"});
    table.commit(&[add]);
    let refused = |table: &Table| table.read(json!({}), None).map(|_| ()).unwrap_err();
    assert!(refused(&table).to_string().contains("deletion vectors"));
    let mut table = Table::new();
    table.commit(&[json!({"metaData": {"configuration": {"delta.columnMapping.mode": "name"}}})]);
    let mapped = refused(&table);
    assert_eq!(mapped.code(), "badDeltaTable");
    assert!(mapped.to_string().contains("columns are mapped by name"), "{mapped}");
    let mut table = Table::new();
    table.commit(&[json!({"protocol": {"minReaderVersion": 3, "readerFeatures": ["somethingNew"]}})]);
    assert_eq!(refused(&table).code(), "badDeltaTable");
    let mut table = Table::new();
    let mut add = table.file("day=2024-03-01/b.parquet", &[3]);
    add["add"]["path"] = json!("../../etc/hosts");
    table.commit(&[add]);
    assert!(matches!(refused(&table).code(), "fileOutsideSource" | "fileNotFound"));
}
