//! Deleting files: those of expired snapshots, and those that a killed task left behind.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::catalog::{SCHEMA, text};
use crate::limits::SWEEP_GRACE;
use crate::{Lake, LakeError, Result};

/// What was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SweepReport {
    /// Files of expired snapshots.
    pub expired: u64,
    /// Files that no snapshot ever had.
    pub orphans: u64,
    /// Their bytes together.
    pub bytes: u64,
}

impl Lake {
    /// [`Lake::sweep_after`] the usual grace, [`SWEEP_GRACE`].
    pub async fn sweep(&self) -> Result<SweepReport> {
        self.sweep_after(SWEEP_GRACE).await
    }

    /// Deletes the files that no snapshot and no live stager knows and that are older than `grace`, and the files
    /// that [`Lake::expire`] scheduled longer ago than that. The grace protects stagers and readers in *other*
    /// processes; where there are none, it may be zero. Run it where the lake may be written.
    pub async fn sweep_after(&self, grace: Duration) -> Result<SweepReport> {
        let now = self.store().clock().now();
        let before = now.checked_sub(grace).unwrap_or(Timestamp::MIN);
        let mut report = SweepReport::default();
        self.delete_scheduled(before, &mut report).await?;
        self.delete_orphans(before, &mut report).await?;
        Ok(report)
    }

    async fn delete_scheduled(&self, before: Timestamp, report: &mut SweepReport) -> Result<()> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT data_file_id, path FROM ducklake_files_scheduled_for_deletion \
             WHERE schedule_start <= $1 AND path_is_relative = 1 ORDER BY data_file_id",
        )
        .bind(text::moment(before))
        .fetch_all(self.store().pool())
        .await?;
        if rows.is_empty() {
            return Ok(());
        }
        for (_, path) in &rows {
            let path = self.below(path)?;
            if let Some(bytes) = delete(&path).await? {
                report.expired = report.expired.saturating_add(1);
                report.bytes = report.bytes.saturating_add(bytes);
            }
        }
        // Only now: a crash in between leaves rows whose files are gone, which is no harm.
        let mut tx = self.store().write().await?;
        for (id, path) in &rows {
            sqlx::query(
                "DELETE FROM ducklake_files_scheduled_for_deletion WHERE data_file_id = $1 AND path = $2",
            )
            .bind(id)
            .bind(path)
            .execute(tx.conn())
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// The file that a relative path of the catalog names. It never leads out of the lake.
    fn below(&self, path: &str) -> Result<PathBuf> {
        if Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
            Ok(self.data_path().join(path))
        } else {
            Err(LakeError::damaged(format!("the scheduled file {path} is not below the lake's folder")))
        }
    }

    async fn delete_orphans(&self, before: Timestamp, report: &mut SweepReport) -> Result<()> {
        // In this order: a file that is in the folder now is live now, or in the catalog by then, or nobody's.
        let root = self.data_path().join(SCHEMA);
        let files = tokio::task::spawn_blocking(move || own_files(&root)).await??;
        let live = self.live_files().all();
        let known = self.known_names().await?;
        for (path, name, made) in files {
            if known.contains(&name) {
                self.live_files().published(&path);
            } else if !live.contains(&path)
                && made <= before
                && let Some(bytes) = delete(&path).await?
            {
                tracing::info!(path = %path.display(), "deleted a file that no snapshot has");
                report.orphans = report.orphans.saturating_add(1);
                report.bytes = report.bytes.saturating_add(bytes);
            }
        }
        Ok(())
    }

    /// The names of all files that the catalog knows; they are unique over all folders.
    async fn known_names(&self) -> Result<BTreeSet<String>> {
        let paths: Vec<String> = sqlx::query_scalar(
            "SELECT path FROM ducklake_data_file UNION ALL SELECT path FROM ducklake_files_scheduled_for_deletion",
        )
        .fetch_all(self.store().pool())
        .await?;
        let name = |path: String| match path.rsplit_once('/') {
            Some((_, name)) => name.to_owned(),
            None => path,
        };
        Ok(paths.into_iter().map(name).collect())
    }
}

/// Deletes a file; its size, or `None` if it was gone already.
async fn delete(path: &Path) -> Result<Option<u64>> {
    let gone = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(None),
        _ => Err(LakeError::io(path)(error)),
    };
    let bytes = match tokio::fs::metadata(path).await {
        Ok(metadata) => metadata.len(),
        Err(error) => return gone(error),
    };
    match tokio::fs::remove_file(path).await {
        Ok(()) => Ok(Some(bytes)),
        Err(error) => gone(error),
    }
}

/// The files in the tables' folders that a stager made, with their names and when they were begun.
fn own_files(root: &Path) -> Result<Vec<(PathBuf, String, Timestamp)>> {
    let mut files = Vec::new();
    for folder in entries(root)? {
        if !folder.is_dir() {
            continue;
        }
        for path in entries(&folder)? {
            let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
            if let Some(name) = name
                && let Some(made) = made_at(&name)
            {
                files.push((path, name, made));
            }
        }
    }
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LakeError::io(folder)(error)),
    };
    entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(LakeError::io(folder))
}

/// The moment in the name of a stager's file.
fn made_at(name: &str) -> Option<Timestamp> {
    let id = name.strip_prefix("weir-")?.strip_suffix(".parquet")?;
    let (seconds, nanos) = uuid::Uuid::try_parse(id).ok()?.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?).ok()
}
