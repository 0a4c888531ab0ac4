//! Exports to a folder, read back.

use std::io::Read;

use arrow::record_batch::RecordBatch;
use futures::StreamExt;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use super::*;
use crate::definition::{Compression, FileFormat, Files};
use crate::files::FileDestination;
use crate::testing::{customers, run, schema};
use crate::{Destination, InputError, Rows, Run, Written, export};

fn rows(batches: Vec<RecordBatch>) -> Rows {
    Rows::of("BigSpenders", schema(), batches)
}

fn destination(folder: &TempDir, files: &Files) -> FileDestination {
    let store = Folder::inside(folder.path(), "out/").unwrap();
    FileDestination::new("Nightly", files, Box::new(store)).unwrap()
}

async fn written(files: &Files, rows: Rows) -> (TempDir, Written) {
    let folder = TempDir::new().unwrap();
    let result = export(&destination(&folder, files), vec![rows], &run()).await.unwrap();
    (folder, result.into_iter().next().unwrap())
}

fn bytes(folder: &TempDir, path: &str) -> Vec<u8> {
    fs::read(folder.path().join("out").join(path)).unwrap()
}

/// Every file below a folder.
fn all_files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(all_files(&path)),
            path => found.push(path.file_name().unwrap().to_string_lossy().into_owned()),
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn csv_files_lie_where_they_belong_and_counts_agree() {
    let (folder, written) = written(&Files::default(), rows(vec![customers(0..2), customers(2..3)])).await;
    assert_eq!(written.files, ["Nightly/BigSpenders/2026/11/20/0630/BigSpenders_1.csv"]);
    let text = String::from_utf8(bytes(&folder, &written.files[0])).unwrap();
    let expected = "CustomerId,EMail,Points,Balance,Active,Since\n\
                    c0,c0@a.test,0,0.00,true,1970-01-01T00:00:00.000001Z\n\
                    c1,c1@a.test,1,-1.01,false,1970-01-02T00:00:00.000001Z\n\
                    c2,,2,-2.02,true,1970-01-03T00:00:00.000001Z\n";
    assert_eq!(text, expected);
    assert_eq!((written.rows, written.parts, written.bytes), (3, 1, text.len() as u64));
}

#[tokio::test]
async fn rows_are_split_into_files_however_they_come() {
    let files = Files { rows_per_file: Some(2), header: false, ..Files::default() };
    let mut texts = Vec::new();
    for batches in [vec![customers(0..5)], vec![customers(0..1), customers(1..4), customers(4..5)]] {
        let (folder, written) = written(&files, rows(batches)).await;
        assert_eq!((written.rows, written.parts), (5, 3));
        let all: Vec<Vec<u8>> = written.files.iter().map(|path| bytes(&folder, path)).collect();
        let lines: Vec<usize> = all.iter().map(|text| text.iter().filter(|b| **b == b'\n').count()).collect();
        assert_eq!(lines, [2, 2, 1]);
        texts.push(all);
    }
    assert_eq!(texts[0], texts[1]);
}

#[tokio::test]
async fn no_rows_are_a_file_without_rows() {
    let (folder, written) = written(&Files::default(), rows(Vec::new())).await;
    assert_eq!((written.rows, written.parts), (0, 1));
    assert!(bytes(&folder, &written.files[0]).starts_with(b"CustomerId,"));
}

#[tokio::test]
async fn gzip_json_lines_and_parquet_hold_the_same_rows() {
    let plain = Files { format: FileFormat::Jsonl, ..Files::default() };
    let (folder, json) = written(&plain, rows(vec![customers(0..3)])).await;
    let text = bytes(&folder, &json.files[0]);
    let first: serde_json::Value =
        serde_json::from_slice(text.split(|b| *b == b'\n').next().unwrap()).unwrap();
    assert_eq!(first["CustomerId"], "c0");
    let third = String::from_utf8_lossy(&text).lines().nth(2).unwrap().to_owned();
    assert!(third.contains("\"EMail\":null") && third.contains("\"Balance\":-2.02"), "{third}");

    let gzip = Files { compress: Compression::Gzip, ..plain };
    let (folder, packed) = written(&gzip, rows(vec![customers(0..3)])).await;
    assert!(packed.files[0].ends_with(".jsonl.gz"));
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(bytes(&folder, &packed.files[0]).as_slice())
        .read_to_end(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, text);

    let parquet = Files { format: FileFormat::Parquet, ..Files::default() };
    let (folder, table) = written(&parquet, rows(vec![customers(0..3), customers(3..5)])).await;
    let file = File::open(folder.path().join("out").join(&table.files[0])).unwrap();
    let read: Vec<RecordBatch> = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap()
        .map(|it| it.unwrap())
        .collect();
    assert_eq!(arrow::compute::concat_batches(&schema(), &read).unwrap(), customers(0..5));
}

#[tokio::test]
async fn the_manifest_names_files_and_columns() {
    let files = Files { manifest: true, ..Files::default() };
    let (folder, _) = written(&files, rows(vec![customers(0..3)])).await;
    let model: serde_json::Value = serde_json::from_slice(&bytes(&folder, "Nightly/model.json")).unwrap();
    let entity = &model["entities"][0];
    assert_eq!(entity["name"], "BigSpenders");
    assert_eq!(entity["partitions"][0]["location"], "BigSpenders/2026/11/20/0630/BigSpenders_1.csv");
    assert_eq!(entity["attributes"][3], serde_json::json!({"name": "Balance", "dataType": "decimal"}));
    assert_eq!(entity["annotations"][0]["value"], "3");
}

/// An input that gives one batch, then does `then`.
fn broken(run: &Run, then: &'static str) -> Rows {
    let run = run.clone();
    let batches = futures::stream::iter(0..2).map(move |n| match (n, then) {
        (0, _) => Ok(customers(0..10)),
        (_, "cancel") => {
            run.cancel.cancel();
            Ok(customers(10..20))
        }
        _ => Err(InputError::from("the snapshot is gone")),
    });
    Rows::new("BigSpenders", schema(), Box::pin(batches))
}

#[tokio::test]
async fn an_export_that_fails_or_is_cancelled_leaves_nothing_and_keeps_what_was_there() {
    for (then, code) in [("fail", "exportRowsUnreadable"), ("cancel", "exportCancelled")] {
        let folder = TempDir::new().unwrap();
        let files = Files { rows_per_file: Some(4), ..Files::default() };
        let to = destination(&folder, &files);
        to.write(rows(vec![customers(0..1)]), &run()).await.unwrap();
        let before = bytes(&folder, "Nightly/BigSpenders/2026/11/20/0630/BigSpenders_1.csv");
        let run = run();
        let error = to.write(broken(&run, then), &run).await.unwrap_err();
        assert_eq!(error.code(), code);
        assert_eq!(all_files(folder.path()), ["BigSpenders_1.csv"], "{then}");
        assert_eq!(bytes(&folder, "Nightly/BigSpenders/2026/11/20/0630/BigSpenders_1.csv"), before);
        assert_eq!(run.progress.rows(), 10);
    }
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let store = || Box::new(Folder { root: PathBuf::from("nowhere") });
    let gzip = Files { format: FileFormat::Parquet, compress: Compression::Gzip, ..Files::default() };
    let empty = Files { rows_per_file: Some(0), ..Files::default() };
    for (name, files) in [("a", &gzip), ("a", &empty), ("../a", &Files::default())] {
        let error = FileDestination::new(name, files, store()).err().unwrap();
        assert_eq!(error.code(), "exportSettingWrong");
    }
    assert!(Folder::inside(Path::new("/srv"), "/etc").is_err());
}
