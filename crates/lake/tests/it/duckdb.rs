//! The independent reader: DuckDB attaches the catalog and must see, at every snapshot, what this crate sees.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use datafusion::arrow::array::Float64Array;
use lake::output::{Format, write};
use lake::{Change, Keep, Lake, StagingLimits};

use crate::support::*;

/// The Python that has DuckDB, or `None` with a printed reason. `cargo xtask test` sets the variable.
fn python() -> Option<String> {
    let python = std::env::var("WEIR_TEST_PYTHON").ok();
    if python.is_none() {
        println!("skipped: WEIR_TEST_PYTHON is not set; `cargo xtask test` installs DuckDB and sets it");
    }
    python
}

/// Writes every entity at every snapshot as a Parquet file, and has DuckDB compare them with the catalog.
async fn compare(python: &str, lake: &Lake, folder: &Path) -> serde_json::Value {
    let mut manifest = Vec::new();
    for snapshot in lake.snapshots().await.unwrap() {
        let view = lake.view(snapshot.id).await.unwrap();
        let mut tables = serde_json::Map::new();
        for (index, entity) in view.entities().into_iter().enumerate() {
            let path = folder.join(format!("{}-{index}.parquet", snapshot.id));
            let rows = view.read(&entity.name, None).await.unwrap();
            let mut file = std::fs::File::create(&path).unwrap();
            let written = write(rows, &Format::Parquet, &mut file).await.unwrap();
            assert_eq!(written.rows, entity.rows);
            tables.insert(entity.name, path.to_str().unwrap().into());
        }
        manifest.push(serde_json::json!({ "snapshot": snapshot.id.number(), "tables": tables }));
    }
    let path = folder.join("manifest.json");
    std::fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/duckdb/compare.py"))
        .arg(format!("sqlite:{}", folder.join("weir.db").display()))
        .arg(&path)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn duckdb_reads_every_table_at_every_snapshot_as_this_crate_does() {
    let Some(python) = python() else { return };
    let t = test_lake().await;
    replace(&t.lake, "Every", &[every_type()]).await;
    replace(&t.lake, "Odd name: ü'\"", &[every_type()]).await;
    // Other values, so that the statistics of all snapshots must cover both; columns dropped, added, retyped, moved.
    let floats = Float64Array::from(vec![Some(f64::NAN), Some(1e300), Some(f64::NEG_INFINITY)]);
    let long = "long ".repeat(100);
    let changed = batch(vec![
        ("whole", texts(&[Some("a"), None, Some("c")])),
        ("text", texts(&[Some(&long), None, Some("\0")])),
        ("float", Arc::new(floats)),
        ("added", ints([Some(7), None, Some(8)])),
        ("nothing", texts(&[Some("now"), Some("something"), None])),
    ]);
    replace(&t.lake, "Every", std::slice::from_ref(&changed)).await;
    replace(&t.lake, "Every", &[every_type().slice(1, 1)]).await;
    replace(&t.lake, "Empty", &[]).await;
    // Many files and row groups, and several changes in one snapshot.
    let limits = StagingLimits { row_group_rows: 1_000, file_bytes: 10_000, ..StagingLimits::default() };
    let numbers = batch(vec![("Id", ints((0..30_000).map(|i| (i % 10 != 3).then_some(i * i % 30_011))))]);
    let table = stage_as(&t.lake, "Numbers", numbers.schema(), &[numbers], limits).await.unwrap();
    assert!(table.files().count() > 2);
    let replace_numbers = Change::Replace { entity: "Numbers".into(), table };
    publish(&t.lake, vec![replace_numbers, Change::Drop { entity: "Odd name: ü'\"".into() }]).await.unwrap();
    // Narrower than before, then empty: what was there before must not show through the statistics.
    replace(&t.lake, "Numbers", &[batch(vec![("Id", ints((500..700).map(Some)))])]).await;
    replace(&t.lake, "Numbers", &[batch(vec![("Id", ints([]))])]).await;
    replace(&t.lake, "Odd name: ü'\"", &[changed]).await;
    publish(&t.lake, vec![]).await.unwrap();

    let done = compare(&python, &t.lake, t.folder.path()).await;
    assert_eq!((&done["snapshots"], &done["tables"]), (&11.into(), &27.into()), "{done}");
    assert!(done["probes"].as_u64().unwrap() > 100, "{done}");

    t.lake.expire(Keep::Last(4)).await.unwrap();
    t.lake.sweep_after(std::time::Duration::ZERO).await.unwrap();
    let done = compare(&python, &t.lake, t.folder.path()).await;
    assert_eq!(done["snapshots"], 4, "{done}");
}
