//! One published unification, pinned: its snapshot, its counts and what made it.

use lake::{Lake, View};
use serde_json::Value;
use store::{JobId, SnapshotId, Store};
use unify::{Pin, UnifyReport};

use super::{MadeBy, Result, UnificationError};
use crate::definitions::{CUSTOMER, Definitions};
use crate::identity::{self, StoredPin};
use crate::refresh::last;

/// How often a reader looks again when a refresh publishes while it looks.
const ATTEMPTS: usize = 5;

/// Answers questions about the last unification. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    store: Store,
    lake: Lake,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

/// One unification with its snapshot.
pub(super) struct Published {
    pub(super) view: View,
    pub(super) job: JobId,
    pub(super) report: Value,
    pub(super) made_by: MadeBy,
}

impl Reader {
    /// A reader of an instance.
    pub fn new(store: Store, lake: Lake) -> Self {
        Self { store, lake }
    }

    /// The last good unification and the snapshot that it is in, both of one moment.
    pub(super) async fn published(&self) -> Result<Published> {
        let mut last = last::unification(&self.store).await?.ok_or(UnificationError::NeverUnified)?;
        let mut view = self.lake.view_latest().await?;
        for _ in 0..ATTEMPTS {
            let now = last::unification(&self.store).await?.ok_or(UnificationError::NeverUnified)?;
            if now == last {
                break;
            }
            last = now;
            view = self.lake.view_latest().await?;
        }
        let made_by = serde_json::from_value(last.made_by).map_err(|_| UnificationError::Outdated)?;
        Ok(Published { view, job: last.job, report: last.report, made_by })
    }

    /// The pins that the next unification follows; the last one followed those that are not newer.
    pub(super) async fn pins(&self) -> Result<Vec<Pin>> {
        let stored = identity::pins(&self.store).await?;
        Ok(stored.iter().map(StoredPin::pin).collect::<identity::Result<_>>()?)
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// The newest snapshot.
    pub(super) async fn view(&self) -> Result<View> {
        Ok(self.lake.view_latest().await?)
    }

    /// The attributes of the profiles that are published, if these definitions unify as those profiles were.
    ///
    /// # Errors
    /// The state or the lake cannot be read.
    pub async fn profile_attributes(&self, definitions: &Definitions) -> Result<Option<Vec<String>>> {
        let Some(last) = last::unification(&self.store).await? else { return Ok(None) };
        let now = serde_json::to_value(MadeBy::of(definitions)).unwrap_or_default();
        if now.is_null() || now != last.made_by {
            return Ok(None);
        }
        let schema = self.view().await?.schema(CUSTOMER);
        Ok(schema.map(|schema| schema.fields().iter().map(|field| field.name().clone()).collect()))
    }

    /// The counts of the last unification, if there are any that this version reads.
    pub(super) async fn last_report(&self) -> Result<Option<UnifyReport>> {
        let last = last::unification(&self.store).await?;
        Ok(last.and_then(|last| serde_json::from_value(last.report).ok()))
    }

    /// The same, with the entities of a snapshot that a page before was of.
    pub(super) async fn published_at(&self, snapshot: Option<SnapshotId>) -> Result<Published> {
        let published = self.published().await?;
        match snapshot.filter(|snapshot| *snapshot != published.view.snapshot()) {
            None => Ok(published),
            Some(snapshot) => Ok(Published { view: self.lake.view(snapshot).await?, ..published }),
        }
    }
}
