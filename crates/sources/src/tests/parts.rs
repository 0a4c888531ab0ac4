//! Reading in parts: folders of increments and files that are added, each against a full read of the same state.

use std::fs;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::to_json;
use crate::definition::DataSource;
use crate::{Access, Before, EntitySink, PreviousRows, ReadReport, Reader, SinkError, SourceError, Taken};

#[derive(Default)]
pub(super) struct Rows {
    pub(super) schema: Option<SchemaRef>,
    pub(super) batches: Vec<RecordBatch>,
    corrupt: usize,
}

impl EntitySink for Rows {
    fn schema(&mut self, rows: &SchemaRef, _: &SchemaRef) -> Result<(), SinkError> {
        assert!(self.schema.is_none(), "the schema comes once");
        self.schema = Some(rows.clone());
        Ok(())
    }
    fn rows(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        assert_eq!(Some(batch.schema()), self.schema);
        self.batches.push(batch);
        Ok(())
    }
    fn quarantine(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.corrupt += batch.num_rows();
        Ok(())
    }
}

pub(super) struct Previous(pub(super) SchemaRef, pub(super) std::vec::IntoIter<RecordBatch>);

impl PreviousRows for Previous {
    fn schema(&self) -> SchemaRef {
        self.0.clone()
    }
    fn next(&mut self) -> Option<Result<RecordBatch, SinkError>> {
        self.1.next().map(Ok)
    }
}

pub(super) type Last = (ReadReport, Rows);

fn read(folder: &Path, entity: Value, last: Option<&Last>, now: &str) -> Result<Last, SourceError> {
    let source = json!({"name": "S", "kind": "files", "path": ".", "entities": [entity]});
    let source: DataSource = serde_json::from_value(source).unwrap();
    let access = Access::new(folder.to_owned(), folder.to_owned(), Default::default());
    let now: Timestamp = now.parse().unwrap();
    let known = last.map(|(report, _)| report.known());
    let mut previous =
        last.map(|(_, rows)| Previous(rows.schema.clone().unwrap(), rows.batches.clone().into_iter()));
    let before = Before {
        known: known.as_ref(),
        state: last.map(|(report, _)| &report.state),
        rows: previous.as_mut().map(|rows| rows as &mut dyn PreviousRows),
    };
    let mut rows = Rows::default();
    let cancel = CancellationToken::new();
    let report = Reader::new(&source, &access, now, &cancel).read(
        &source.entities()[0],
        before,
        &mut rows,
        &|_| {},
    )?;
    let kept: u64 = rows.batches.iter().map(|batch| batch.num_rows() as u64).sum();
    assert_eq!(report.rows_kept, kept);
    Ok((report, rows))
}

pub(super) fn sorted(rows: &Rows) -> Vec<String> {
    let mut all: Vec<String> = rows.batches.iter().flat_map(to_json).map(|row| row.to_string()).collect();
    all.sort();
    all
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn increments() -> Value {
    json!({"name": "c", "folder": "Contacts", "primaryKey": "id", "changes": {"column": "at"}})
}

fn ids(rows: &Rows) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = rows
        .batches
        .iter()
        .flat_map(to_json)
        .map(|row| {
            (row["id"].as_str().unwrap().to_owned(), row["name"].as_str().unwrap_or_default().to_owned())
        })
        .collect();
    all.sort();
    all
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect()
}

#[test]
fn increments_are_laid_over_the_full_data_hour_by_hour_and_the_latest_moment_wins() {
    let root = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| write(root.path(), &format!("Contacts/{name}"), text);
    put(
        "FullData/all.csv",
        "id,name,at\na,Ann,2026-11-20T01:00:00\nb,Bob,2026-11-20T01:00:00\nc,Cid,2026-11-20T09:00:00\n",
    );
    put(
        "IncrementalData/2026/11/20/07/Upserts/1.csv",
        "id,name,at\na,Anna,2026-11-20T07:10:00\nd,Dan,2026-11-20T07:20:00\n",
    );
    put(
        "IncrementalData/2026/11/20/07/Deletes/1.csv",
        "id,at\nb,2026-11-20T07:30:00\nc,2026-11-20T07:30:00\n",
    );
    put("IncrementalData/2026/11/20/08/Upserts/1.csv", "id,name,at\na,Nobody,2026-11-20T08:10:00\n");
    let first = read(root.path(), increments(), None, "2026-11-20T08:15:00Z").unwrap();
    assert_eq!(first.0.state.hour.as_deref(), Some("2026/11/20/07"), "the hour that is not over waits");
    let expected = [("a", "Anna"), ("c", "Cid"), ("d", "Dan")];
    assert_eq!(ids(&first.1), pairs(&expected), "c is later than its deletion");
    let same = read(root.path(), increments(), Some(&first), "2026-11-20T08:59:59Z").unwrap();
    assert_eq!((same.0.taken, same.1.batches.len()), (Taken::Nothing, 0));
    put(
        "IncrementalData/2026/11/20/08/Deletes/1.csv",
        "id,at\nd,2026-11-20T07:00:00\na,2026-11-20T08:09:00\n",
    );
    put(
        "IncrementalData/2026/11/20/08/Upserts/2.csv",
        "id,name,at\nb,Bobby,2026-11-20T08:30:00\n,Nameless,2026-11-20T08:30:00\n",
    );
    let second = read(root.path(), increments(), Some(&first), "2026-11-20T09:00:00Z").unwrap();
    assert_eq!((second.0.taken, second.0.quarantined, second.1.corrupt), (Taken::Changes, 1, 1));
    let expected = [("a", "Nobody"), ("b", "Bobby"), ("c", "Cid"), ("d", "Dan")];
    assert_eq!(ids(&second.1), pairs(&expected), "a deletion that is earlier than the row deletes nothing");
    let full = read(root.path(), increments(), None, "2026-11-20T09:00:00Z").unwrap();
    assert_eq!((sorted(&second.1), &second.0.state), (sorted(&full.1), &full.0.state));
    put("FullData/all.csv", "id,name,at\nz,Zoe,2026-11-20T01:00:00\n");
    let anew = read(root.path(), increments(), Some(&second), "2026-11-20T09:00:00Z").unwrap();
    assert_eq!(anew.0.taken, Taken::All, "other full data is read in full");
    let mut later = increments();
    later["changes"]["from"] = json!("2027-01-01");
    let only_full = read(root.path(), later, Some(&anew), "2026-11-20T09:00:00Z").unwrap();
    assert_eq!(ids(&only_full.1), pairs(&[("z", "Zoe")]), "a day in the future means the full data alone");
}

#[test]
fn new_files_are_added_and_rows_of_files_that_were_read_stay() {
    let root = tempfile::tempdir().unwrap();
    let entity = json!({"name": "s", "file": "in/*.csv", "primaryKey": "id", "mode": "append"});
    let now = "2026-11-20T09:00:00Z";
    write(root.path(), "in/1.csv", "id,n\n1,5\n2,6\n");
    let first = read(root.path(), entity.clone(), None, now).unwrap();
    assert_eq!(read(root.path(), entity.clone(), Some(&first), now).unwrap().0.taken, Taken::Nothing);
    write(root.path(), "in/2.csv", "id,n\n3,7\n1,8\n4,x\n");
    let second = read(root.path(), entity.clone(), Some(&first), now).unwrap();
    assert_eq!((second.0.taken, second.0.rows_read, second.0.rows_kept), (Taken::Changes, 3, 3));
    assert_eq!(second.1.corrupt, 2, "a key that is taken, and a value that is no number");
    let rows = sorted(&second.1);
    assert_eq!(rows.len(), 3);
    assert!(rows[0].contains("\"1\"") && rows[0].contains('5'), "{rows:?}");
    write(root.path(), "in/1.csv", "id,n\n1,9\n");
    let changed = read(root.path(), entity.clone(), Some(&second), now).map(|_| ()).unwrap_err();
    assert_eq!(changed.code(), "filesNotAppended", "{changed}");
    fs::remove_file(root.path().join("in/1.csv")).unwrap();
    let gone = read(root.path(), entity, Some(&second), now).map(|_| ()).unwrap_err();
    assert!(gone.to_string().contains("is gone"), "{gone}");
}

#[test]
fn a_folder_of_increments_needs_the_column_that_tells_changes() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "Contacts/FullData/a.csv", "id\n1\n");
    let entity = json!({"name": "c", "folder": "Contacts", "primaryKey": "id"});
    let error = read(root.path(), entity, None, "2026-11-20T09:00:00Z").map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "badSourceSetting");
}

/// Changes: hour, key, minute of the change, and whether it deletes.
fn changes() -> impl Strategy<Value = Vec<(u8, u8, u8, bool)>> {
    prop::collection::vec((0..4_u8, 0..6_u8, 0..60_u8, any::<bool>()), 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Read in two steps or in one: the same rows as those that a plain rule gives.
    #[test]
    fn increments_in_steps_equal_increments_at_once(changes in changes(), cut in 0..4_u8) {
        let root = tempfile::tempdir().unwrap();
        let mut full = "id,name,at\n".to_owned();
        for key in 0..4 {
            full += &format!("k{key},base,2026-01-01T00:30:00\n");
        }
        write(root.path(), "Contacts/FullData/all.csv", &full);
        let mut latest: std::collections::BTreeMap<String, ((u16, usize), Option<String>)> = Default::default();
        for hour in 0..4_u8 {
            for (part, deletes) in [("Upserts", false), ("Deletes", true)] {
                let mut text = "id,name,at\n".to_owned();
                for (number, (_, key, minute, _)) in
                    changes.iter().enumerate().filter(|(_, it)| it.0 == hour && it.3 == deletes)
                {
                    text += &format!("k{key},v{number},2026-01-01T{hour:02}:{minute:02}:00\n");
                    let order = (u16::from(hour) * 60 + u16::from(*minute), usize::from(deletes) * 500 + number);
                    let value = (!deletes).then(|| format!("v{number}"));
                    let entry = latest.entry(format!("k{key}")).or_insert((order, value.clone()));
                    if order >= entry.0 {
                        *entry = (order, value);
                    }
                }
                write(root.path(), &format!("Contacts/IncrementalData/2026/01/01/{hour:02}/{part}/a.csv"), &text);
            }
        }
        let mut expected: std::collections::BTreeMap<String, String> =
            (0..4).map(|key| (format!("k{key}"), "base".to_owned())).collect();
        for (key, ((minute, _), value)) in latest {
            // What is earlier than the full data's row changes nothing.
            if expected.contains_key(&key) && minute < 30 {
                continue;
            }
            match value {
                Some(value) => drop(expected.insert(key, value)),
                None => drop(expected.remove(&key)),
            }
        }
        let at = |hour: u8| format!("2026-01-01T{hour:02}:30:00Z");
        let once = read(root.path(), increments(), None, &at(9)).unwrap();
        let expected: Vec<(String, String)> = expected.into_iter().collect();
        prop_assert_eq!(ids(&once.1), expected);
        let step = read(root.path(), increments(), None, &at(cut)).unwrap();
        let steps = read(root.path(), increments(), Some(&step), &at(9)).unwrap();
        prop_assert_eq!(sorted(&steps.1), sorted(&once.1));
    }
}
