//! Small clusters whose figures can be counted by hand.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

use super::*;

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// Records a1 a2 a3 of one person, b1 b2 of another, c alone.
fn truth(folder: &Path) -> Truth {
    let path = folder.join("truth.parquet");
    let people: ArrayRef = Arc::new(Int64Array::from(vec![1, 1, 1, 2, 2, 3]));
    write(&path, vec![("id", texts(&["a1", "a2", "a3", "b1", "b2", "c"])), ("person", people)]);
    Truth::read(&path).unwrap()
}

fn clusters(folder: &Path, ids: &[&str], numbers: Vec<i64>) -> PathBuf {
    let path = folder.join("clusters.parquet");
    let numbers: ArrayRef = Arc::new(Int64Array::from(numbers));
    write(&path, vec![("id", texts(ids)), ("cluster", numbers)]);
    path
}

#[test]
fn pairs_within_clusters_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let truth = truth(folder.path());
    // a1 a2 b1 together, b2 c together, a3 not named.
    let path = clusters(folder.path(), &["a1", "a2", "b1", "b2", "c"], vec![7, 7, 7, 9, 9]);
    let quality = truth.quality(&path).unwrap();
    assert_eq!(quality.pairs, Pairs { found: 4, wanted: 4, right: 1 });
    assert_eq!((quality.clusters, quality.largest), (3, 3));
    assert!((quality.pairs.f1() - 0.25).abs() < 1e-12);
}

#[test]
fn the_truth_itself_is_perfect() {
    let folder = tempfile::tempdir().unwrap();
    let truth = truth(folder.path());
    let path = clusters(folder.path(), &["c", "b2", "a3", "b1", "a2", "a1"], vec![30, 20, 10, 20, 10, 10]);
    let quality = truth.quality(&path).unwrap();
    assert_eq!((quality.pairs.precision(), quality.pairs.recall()), (1.0, 1.0));
}

#[test]
fn unknown_and_repeated_records_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let truth = truth(folder.path());
    assert!(truth.quality(&clusters(folder.path(), &["x"], vec![1])).is_err());
    assert!(truth.quality(&clusters(folder.path(), &["a1", "a1"], vec![1, 2])).is_err());
}

#[test]
fn the_best_threshold_counts_what_follows_from_the_links() {
    let folder = tempfile::tempdir().unwrap();
    let truth = truth(folder.path());
    let path = folder.path().join("pairs.parquet");
    let weights: ArrayRef = Arc::new(Float64Array::from(vec![9.0, 8.0, 7.0, 1.0]));
    write(
        &path,
        vec![
            ("left", texts(&["a1", "a2", "b1", "c"])),
            ("right", texts(&["a2", "a3", "b2", "a1"])),
            ("weight", weights),
        ],
    );
    let best = best_threshold(&truth, &path).unwrap();
    assert_eq!(best.threshold, 7.0);
    assert_eq!(best.clusters, Pairs { found: 4, wanted: 4, right: 4 });
    assert_eq!(best.links, Pairs { found: 3, wanted: 4, right: 3 });
}

#[test]
fn pairs_of_one_weight_stand_or_fall_together() {
    let folder = tempfile::tempdir().unwrap();
    let truth = truth(folder.path());
    let path = folder.path().join("pairs.parquet");
    let weights: ArrayRef = Arc::new(Float64Array::from(vec![5.0, 5.0]));
    let sides = (texts(&["a1", "b1"]), texts(&["a2", "c"]));
    write(&path, vec![("left", sides.0), ("right", sides.1), ("weight", weights)]);
    let best = best_threshold(&truth, &path).unwrap();
    assert_eq!(best.clusters, Pairs { found: 2, wanted: 4, right: 1 });
}
