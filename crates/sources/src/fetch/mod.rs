//! Files from elsewhere: fetched into a folder that lives as long as the read, then read as files are.

mod http;
mod objects;

use std::time::Duration;

use outbound::OutboundError;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::definition::{SourceEntity, SourceKind};
use crate::error::SourceError;
use crate::limits::Limits;

/// Fetching one file, at most.
const FETCH_TIMEOUT: Duration = Duration::from_secs(3_600);

/// What was fetched.
pub(crate) struct Fetched {
    /// The folder with the files.
    pub(crate) folder: TempDir,
    /// The pattern of the files in it.
    pub(crate) pattern: String,
    /// What tells whether the files have changed the next time.
    pub(crate) tag: Option<String>,
}

/// What is needed to fetch.
pub(crate) struct Fetch<'a> {
    pub(crate) access: &'a Access,
    pub(crate) entity: &'a SourceEntity,
    pub(crate) limits: &'a Limits,
    /// What the last read was told.
    pub(crate) tag: Option<&'a str>,
}

impl Fetch<'_> {
    /// Fetches the files of an entity; nothing when they have not changed since the last read.
    pub(crate) fn run(
        &self,
        kind: &SourceKind,
        runtime: &tokio::runtime::Runtime,
        cancel: &CancellationToken,
    ) -> Result<Option<Fetched>, SourceError> {
        let fetching = async {
            match kind {
                SourceKind::Http { connection, .. } => self.http(connection.as_deref()).await,
                SourceKind::ObjectStore { url, connection, .. } => {
                    self.objects(url, connection.as_deref()).await
                }
                SourceKind::Delta { path, connection, .. } => self.objects(path, connection.as_deref()).await,
                _ => Ok(None),
            }
        };
        runtime.block_on(async {
            tokio::select! {
                () = cancel.cancelled() => Err(SourceError::Cancelled),
                fetched = fetching => fetched,
            }
        })
    }

    fn folder(&self) -> Result<TempDir, SourceError> {
        let made = tempfile::Builder::new().prefix("fetch").tempdir_in(&self.access.scratch);
        made.map_err(|source| SourceError::Unreadable { path: self.access.scratch.clone(), source })
    }
}

fn failed(what: &str, detail: impl ToString, transient: bool) -> SourceError {
    SourceError::Fetch { what: what.to_owned(), detail: detail.to_string(), transient }
}

fn on_the_way(what: &str, error: &OutboundError) -> SourceError {
    failed(what, error, error.is_temporary())
}
