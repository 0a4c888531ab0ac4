//! Building a view from the catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use sqlx::AnyConnection;
use store::SnapshotId;

use super::pins::Pin;
use super::{Content, ContentFile, View};
use crate::catalog::{DataFile, SCHEMA, Table, read};
use crate::{LakeError, Result, types};

impl View {
    pub(crate) async fn load(
        conn: &mut AnyConnection,
        data_path: &Path,
        at: SnapshotId,
        pin: Pin,
    ) -> Result<Self> {
        let tables = read::tables(conn, at.number()).await?;
        let mut files: BTreeMap<i64, Vec<DataFile>> = BTreeMap::new();
        for file in read::data_files(conn, at.number()).await? {
            files.entry(file.table).or_default().push(file);
        }
        let foreign: BTreeSet<i64> = read::foreign_tables(conn, at.number()).await?.into_iter().collect();
        let (mut entities, mut unreadable) = (BTreeMap::new(), BTreeMap::new());
        for (id, table) in tables {
            let files = files.remove(&id).unwrap_or_default();
            if foreign.contains(&id) {
                let found = "its rows were changed by another program".to_owned();
                unreadable.insert(table.name, found);
                continue;
            }
            match schema_of(&table) {
                Err(found) => {
                    unreadable.insert(table.name, found);
                }
                Ok(schema) => {
                    let folder = data_path.join(SCHEMA).join(&table.folder);
                    let files =
                        files.iter().map(|file| content_file(&folder, file)).collect::<Result<_>>()?;
                    entities.insert(table.name, Arc::new(Content { schema, files, _staged: None }));
                }
            }
        }
        Ok(Self {
            snapshot: at,
            entities: Arc::new(entities),
            unreadable: Arc::new(unreadable),
            _pin: Arc::new(pin),
        })
    }
}

fn schema_of(table: &Table) -> Result<SchemaRef, String> {
    let mut fields = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let kept = types::from_ducklake(&column.kind)
            .ok_or_else(|| format!("its column {} has the type {}", column.name, column.kind))?;
        fields.push(Field::new(&column.name, kept, true));
    }
    Ok(Arc::new(Schema::new(fields)))
}

fn content_file(folder: &Path, file: &DataFile) -> Result<ContentFile> {
    let count = |n: i64| {
        u64::try_from(n)
            .map_err(|_| LakeError::damaged(format!("the data file {} has a size below 0", file.path)))
    };
    Ok(ContentFile { path: folder.join(&file.path), rows: count(file.rows)?, bytes: count(file.bytes)? })
}
