//! Publishing: one DuckLake snapshot for all changes, inside the caller's transaction.

mod stats;

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AnyConnection;
use store::{Backend, SnapshotId, Tx};

use crate::catalog::columns::{Assignment, Kept, assign};
use crate::catalog::{Head, SCHEMA, Table, read, text, write};
use crate::stage::StagedTable;
use crate::{Lake, LakeError, Result};

/// A change to one entity.
#[derive(Debug, Clone)]
pub enum Change {
    /// The entity has this content and these columns now; it is made if it is missing.
    Replace {
        /// The entity.
        entity: String,
        /// Its content, staged for this entity.
        table: StagedTable,
    },
    /// The entity is gone.
    Drop {
        /// The entity.
        entity: String,
    },
}

impl Change {
    /// The entity that changes.
    pub fn entity(&self) -> &str {
        match self {
            Self::Replace { entity, .. } | Self::Drop { entity } => entity,
        }
    }
}

/// Why a snapshot was made.
#[derive(Debug, Clone)]
pub struct CommitInfo {
    /// A sentence for people.
    pub message: String,
    /// Facts for programs: the job's id.
    pub extra: serde_json::Value,
}

impl Lake {
    /// Adds one snapshot with all `changes` to the catalog, inside the caller's transaction: readers see it when
    /// that commits. Entities that are not named stay as they are. No changes make a snapshot too.
    pub async fn publish(&self, tx: &mut Tx, changes: Vec<Change>, commit: CommitInfo) -> Result<SnapshotId> {
        check_changes(&changes)?;
        let staged = changes.iter().filter_map(|change| match change {
            Change::Replace { table, .. } => Some(table.files().map(|path| path.to_owned())),
            Change::Drop { .. } => None,
        });
        self.live_files().publishing(staged.flatten());
        if tx.backend() == Backend::Postgres {
            // Snapshots have no gaps, so they are made one after the other.
            sqlx::query("LOCK TABLE ducklake_snapshot IN SHARE ROW EXCLUSIVE MODE")
                .execute(tx.conn())
                .await?;
        }
        let now = text::moment(tx.now());
        let head = read::head(tx.conn()).await?;
        let tables = read::tables(tx.conn(), head.snapshot).await?;
        let mut work = Publish::after(head, tables);
        for change in &changes {
            work.apply(tx.conn(), change).await?;
        }
        write::snapshot(tx.conn(), &work.head, &now).await?;
        let made = work.texts.join(",");
        write::snapshot_changes(
            tx.conn(),
            work.head.snapshot,
            &made,
            &commit.message,
            &commit.extra.to_string(),
        )
        .await?;
        Ok(SnapshotId::new(work.head.snapshot))
    }
}

fn check_changes(changes: &[Change]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for change in changes {
        if !seen.insert(change.entity().to_ascii_lowercase()) {
            let detail = format!("{} is changed twice", change.entity());
            return Err(LakeError::Changes { detail });
        }
        match change {
            Change::Replace { entity, table } if table.entity() != entity => {
                let detail = format!("rows staged for {} cannot be published as {entity}", table.entity());
                return Err(LakeError::Changes { detail });
            }
            _ => {}
        }
    }
    Ok(())
}

/// A snapshot in the making.
struct Publish {
    /// The row of the new snapshot.
    head: Head,
    /// The tables before it, by name.
    tables: BTreeMap<String, Table>,
    /// Whether the schema version was raised already.
    altered: bool,
    /// The new snapshot's `changes_made`.
    texts: Vec<String>,
}

impl Publish {
    fn after(before: Head, tables: BTreeMap<i64, Table>) -> Self {
        let head = Head { snapshot: before.snapshot.saturating_add(1), ..before };
        let tables = tables.into_values().map(|table| (table.name.clone(), table)).collect();
        Self { head, tables, altered: false, texts: Vec::new() }
    }

    async fn apply(&mut self, conn: &mut AnyConnection, change: &Change) -> Result<()> {
        match change {
            Change::Replace { entity, table } => self.replace(conn, entity, table).await,
            Change::Drop { entity } => self.drop_table(conn, entity).await,
        }
    }

    async fn drop_table(&mut self, conn: &mut AnyConnection, entity: &str) -> Result<()> {
        let table = self.tables.get(entity).ok_or_else(|| LakeError::UnknownEntity {
            name: entity.to_owned(),
            snapshot: SnapshotId::new(self.head.snapshot.saturating_sub(1)),
            suggestion: crate::suggest::nearest(entity, self.tables.keys().map(String::as_str)),
        })?;
        write::end_table(conn, self.head.snapshot, table.id).await?;
        self.texts.push(format!("dropped_table:{}", table.id));
        self.raise_schema_version();
        Ok(())
    }

    async fn replace(&mut self, conn: &mut AnyConnection, entity: &str, staged: &StagedTable) -> Result<()> {
        // The Parquet files carry the column ids of when they were staged: those must still hold.
        let assignment = assign(entity, self.tables.get(entity), staged.schema())?;
        if &assignment != staged.assignment() {
            return Err(LakeError::CatalogChanged { entity: entity.to_owned() });
        }
        let id = match assignment.table {
            Some(id) => {
                self.alter(conn, id, &assignment).await?;
                id
            }
            None => self.create(conn, entity, &assignment).await?,
        };
        let ended = write::end_files(conn, self.head.snapshot, id).await?;
        self.add_files(conn, id, staged).await?;
        if !staged.staged_files().is_empty() {
            self.texts.push(format!("inserted_into_table:{id}"));
        }
        if ended > 0 {
            self.texts.push(format!("deleted_from_table:{id}"));
        }
        Ok(())
    }

    async fn create(
        &mut self,
        conn: &mut AnyConnection,
        entity: &str,
        assignment: &Assignment,
    ) -> Result<i64> {
        if let Some(other) = self.tables.keys().find(|name| name.eq_ignore_ascii_case(entity)) {
            let detail = format!("there is {other}, and letter case does not tell entities apart");
            return Err(LakeError::Name { name: entity.to_owned(), detail });
        }
        let id = self.head.next_catalog_id;
        self.head.next_catalog_id = id.saturating_add(1);
        write::table(conn, self.head.snapshot, id, entity, &assignment.folder).await?;
        for assigned in &assignment.columns {
            write::column(conn, self.head.snapshot, id, assigned).await?;
        }
        self.texts.push(format!("created_table:{}.{}", text::quoted(SCHEMA), text::quoted(entity)));
        self.raise_schema_version();
        write::schema_version(conn, self.head.snapshot, self.head.schema_version, id).await?;
        Ok(id)
    }

    async fn alter(&mut self, conn: &mut AnyConnection, id: i64, assignment: &Assignment) -> Result<()> {
        if !assignment.alters() {
            return Ok(());
        }
        for ended in &assignment.ended {
            write::end_column(conn, self.head.snapshot, id, *ended).await?;
        }
        for assigned in &assignment.columns {
            if assigned.kept == Kept::Moved {
                write::end_column(conn, self.head.snapshot, id, assigned.column.id).await?;
            }
            if assigned.kept != Kept::Same {
                write::column(conn, self.head.snapshot, id, assigned).await?;
            }
        }
        self.texts.push(format!("altered_table:{id}"));
        self.raise_schema_version();
        write::schema_version(conn, self.head.snapshot, self.head.schema_version, id).await
    }

    async fn add_files(&mut self, conn: &mut AnyConnection, id: i64, staged: &StagedTable) -> Result<()> {
        let files = staged.staged_files();
        stats::merge_columns(conn, id, files).await?;
        let mut next_row_id = stats::next_row_id(conn, id).await?;
        for file in files {
            let file_id = self.head.next_file_id;
            self.head.next_file_id = file_id.saturating_add(1);
            write::data_file(conn, self.head.snapshot, id, file_id, next_row_id, file).await?;
            next_row_id = next_row_id.saturating_add(file.rows);
        }
        stats::add_to_table(conn, id, files, next_row_id).await
    }

    fn raise_schema_version(&mut self) {
        if !self.altered {
            self.head.schema_version = self.head.schema_version.saturating_add(1);
            self.altered = true;
        }
    }
}
