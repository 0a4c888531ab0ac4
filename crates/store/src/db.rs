//! The database: opening, transactions, and the wake-ups that a commit sends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, PoisonError};

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, Transaction};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};

use crate::{Clock, Queue, Result, StoreError};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// Which database holds the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file in the data folder, for one process.
    Sqlite,
    /// A PostgreSQL database, for any number of processes.
    Postgres,
}

/// A handle to the state. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) pool: AnyPool,
    pub(crate) backend: Backend,
    clock: Arc<dyn Clock>,
    /// SQLite has one writer; waiting here is fair, waiting in the database is not.
    writer: Arc<Mutex<()>>,
    pub(crate) wakes: Arc<BTreeMap<Queue, Notify>>,
    /// Per queue, the lane that was served last when not all could be.
    turns: Arc<std::sync::Mutex<BTreeMap<Queue, String>>>,
}

impl Store {
    /// Opens the SQLite file at `path`, makes it if it is missing, and brings it to this version.
    pub async fn open_file(path: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .map_err(|source| StoreError::Io { path: parent.to_owned(), source })?;
        }
        Self::open(&format!("sqlite://{}?mode=rwc", path.display()), clock).await
    }

    /// Opens the database at `url` (`sqlite://…` or `postgres://…`) and brings it to this version.
    pub async fn open(url: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let store = Self::connect(url, clock).await?;
        MIGRATIONS.run(&store.pool).await?;
        Ok(store)
    }

    /// Opens the SQLite file at `path` only to read it: another process may be writing.
    pub async fn open_file_to_read(path: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::connect(&format!("sqlite://{}?mode=ro", path.display()), clock).await
    }

    async fn connect(url: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let backend = if url.starts_with("sqlite:") { Backend::Sqlite } else { Backend::Postgres };
        let reads_only = url.ends_with("mode=ro");
        let options: AnyConnectOptions = url.parse()?;
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if backend == Backend::Sqlite {
                        prepare_sqlite(connection, reads_only).await?;
                    }
                    Ok(())
                })
            })
            .connect_with(options)
            .await?;
        let wakes = Queue::ALL.into_iter().map(|queue| (queue, Notify::new())).collect();
        Ok(Self {
            pool,
            backend,
            clock,
            writer: Arc::default(),
            wakes: Arc::new(wakes),
            turns: Arc::default(),
        })
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The clock that stamps what is stored.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Connections for single statements that only read.
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Starts a transaction that may write. On SQLite there is one at a time.
    pub async fn write(&self) -> Result<Tx> {
        let (guard, begin) = match self.backend {
            Backend::Sqlite => (Some(Arc::clone(&self.writer).lock_owned().await), "BEGIN IMMEDIATE"),
            Backend::Postgres => (None, "BEGIN"),
        };
        let inner = self.pool.begin_with(begin).await?;
        Ok(Tx { inner, store: self.clone(), touched: BTreeSet::new(), _writer: guard })
    }

    /// Starts a transaction that only reads, and sees one state throughout.
    pub async fn read(&self) -> Result<Tx> {
        let begin = match self.backend {
            Backend::Sqlite => "BEGIN",
            Backend::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let inner = self.pool.begin_with(begin).await?;
        Ok(Tx { inner, store: self.clone(), touched: BTreeSet::new(), _writer: None })
    }

    /// What the database says of its own wholeness: `ok`, or what is wrong.
    pub async fn integrity(&self) -> Result<String> {
        match self.backend {
            Backend::Sqlite => Ok(sqlx::query_scalar("PRAGMA quick_check").fetch_one(&self.pool).await?),
            Backend::Postgres => {
                let _: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM setting").fetch_one(&self.pool).await?;
                Ok("ok".to_owned())
            }
        }
    }

    /// Gives up to `pages` free pages of the file back to the operating system. PostgreSQL does it by itself.
    pub async fn give_back(&self, pages: u32) -> Result<()> {
        if self.backend == Backend::Postgres {
            return Ok(());
        }
        let guard = self.writer.lock().await;
        let sql = sqlx::AssertSqlSafe(format!("PRAGMA incremental_vacuum({pages})"));
        sqlx::query(sql).fetch_all(&self.pool).await?; // each row that it gives frees a page
        drop(guard);
        Ok(())
    }

    /// Closes all connections; in SQLite this folds the write-ahead log back into the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

async fn prepare_sqlite(connection: &mut AnyConnection, reads_only: bool) -> sqlx::Result<()> {
    sqlx::query("PRAGMA busy_timeout = 10000").execute(&mut *connection).await?;
    sqlx::query("PRAGMA foreign_keys = ON").execute(&mut *connection).await?;
    if !reads_only {
        // Only a file that has no page yet takes this in: freed pages can be given back while it is open. For other
        // files it would wait for whoever writes, and change nothing.
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *connection).await?;
        if pages == 0 {
            sqlx::query("PRAGMA auto_vacuum = INCREMENTAL").execute(&mut *connection).await?;
        }
        sqlx::query("PRAGMA journal_mode = WAL").execute(&mut *connection).await?;
        // FULL, not NORMAL: in WAL mode NORMAL may lose the last commits when the power fails.
        sqlx::query("PRAGMA synchronous = FULL").execute(&mut *connection).await?;
    }
    Ok(())
}

/// A transaction. Dropped without [`Tx::commit`], it changes nothing.
pub struct Tx {
    inner: Transaction<'static, Any>,
    store: Store,
    touched: BTreeSet<Queue>,
    _writer: Option<OwnedMutexGuard<()>>,
}

impl Tx {
    /// The connection, for the statements of the module that owns a table.
    pub fn conn(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.store.backend
    }

    /// The moment to stamp on what this transaction writes.
    pub fn now(&self) -> jiff::Timestamp {
        self.store.clock.now()
    }

    pub(crate) fn turn(&self, queue: Queue) -> Option<String> {
        self.store.turns.lock().unwrap_or_else(PoisonError::into_inner).get(&queue).cloned()
    }

    pub(crate) fn set_turn(&self, queue: Queue, lane: Option<String>) {
        let mut turns = self.store.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.insert(queue, lane.unwrap_or_default());
    }

    pub(crate) fn wake_on_commit(&mut self, queue: Queue) {
        self.touched.insert(queue);
    }

    /// Makes the changes durable, then wakes the workers of the queues that got work.
    pub async fn commit(self) -> Result<()> {
        self.inner.commit().await?;
        for queue in &self.touched {
            if let Some(notify) = self.store.wakes.get(queue) {
                notify.notify_waiters();
                notify.notify_one();
            }
        }
        Ok(())
    }
}
