//! How segments and measures stand: what each is, what its last refresh came to, who uses it and what it reads.
//!
//! Sizes, values and counts per rule are those of the last good refresh, so that nothing is computed to look at them.
//! [`members`](members()), [`rows`] and [`spread`] read the entities of a snapshot.

mod error;
mod measure;
mod members;
mod segment;
mod trend;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use store::{Store, from_micros};

pub use error::StandingError;
pub use measure::{Formula, MeasureStanding, MeasureValue, Spread, rows, spread};
pub use members::{MAX_PAGE, Members, members};
pub(crate) use segment::set_word;
pub use segment::{RuleStanding, SegmentStanding};
pub use trend::{KEPT_POINTS, Trend, trend};

use crate::definitions::uses::{Reference, ReferenceKind, used_by};
use crate::definitions::{self, Definitions, ObjectKind, OwnSchedule, Target};
use crate::refresh::jobs::{self, Task};
use crate::refresh::last::{self, LastGood};
use crate::refresh::{SelectionReason, TaskStatus, Unused, unused};

/// The result of everything in this module.
pub type Result<T> = std::result::Result<T, StandingError>;

/// What is common to segments and measures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Common {
    /// Its name.
    pub name: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// The schedules of its own.
    pub schedules: Vec<OwnSchedule>,
    /// When its definition was last changed.
    pub changed_at: Option<Timestamp>,
    /// When the last good refresh of it ended.
    pub last_refreshed: Option<Timestamp>,
    /// The definition has changed since then: what is shown is of the one before.
    pub outdated: bool,
    /// The last task, good or not.
    pub task: Option<LastTask>,
    /// What it reads.
    pub reads: BTreeSet<Reference>,
    /// What reads, watches, exports or names it.
    pub used_by: BTreeSet<Reference>,
    /// Set when full refreshes leave it out, because nothing uses it.
    pub left_out: Option<Unused>,
}

/// What the last task came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LastTask {
    /// How it ended.
    pub status: TaskStatus,
    /// Why it ran or did not.
    pub reason: SelectionReason,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it has to say.
    pub message: Option<String>,
}

/// All that is known of the segments and measures of an instance.
#[derive(Debug)]
pub struct Standing {
    definitions: Definitions,
    tasks: BTreeMap<String, Task>,
    good: BTreeMap<String, LastGood>,
    segments_changed: BTreeMap<String, i64>,
    measures_changed: BTreeMap<String, i64>,
    used_by: BTreeMap<Reference, BTreeSet<Reference>>,
    unused: Vec<Unused>,
}

impl Standing {
    /// As it is in the store now.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn of(store: &Store) -> Result<Self> {
        let definitions = definitions::applied(store).await?;
        let tasks = jobs::latest_tasks(store).await?;
        Ok(Self {
            used_by: used_by(&definitions),
            unused: unused(store, &definitions, None).await?,
            definitions,
            tasks: tasks.into_iter().map(|task| (task.id.clone(), task)).collect(),
            good: last::good(store).await?,
            segments_changed: definitions::changed_at(store, ObjectKind::Segment).await?,
            measures_changed: definitions::changed_at(store, ObjectKind::Measure).await?,
        })
    }

    /// The applied definitions.
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// Whether the definition is newer than the last good refresh of it.
    fn is_outdated(changed: Option<Timestamp>, good: Option<&LastGood>) -> bool {
        let refreshed = good.and_then(|good| good.at);
        matches!((changed, refreshed), (Some(changed), Some(refreshed)) if changed > refreshed)
    }

    /// The schedules of a thing.
    fn schedules(&self, target: &Target) -> Vec<OwnSchedule> {
        self.definitions.schedules.iter().filter(|own| own.target == *target).cloned().collect()
    }

    fn last_task(&self, id: &str) -> Option<LastTask> {
        let task = self.tasks.get(id)?;
        let (status, reason, message) = (task.status, task.reason, task.message.clone());
        Some(LastTask { status, reason, ended_at: task.ended_at, message })
    }

    fn left_out(&self, kind: ReferenceKind, name: &str) -> Option<Unused> {
        let is = |it: &&Unused| it.reference.kind == kind && it.reference.name == name;
        self.unused.iter().find(is).cloned()
    }

    fn users(&self, kind: ReferenceKind, name: &str) -> BTreeSet<Reference> {
        let reference = Reference { kind, name: name.to_owned() };
        self.used_by.get(&reference).cloned().unwrap_or_default()
    }
}

fn moment(micros: Option<&i64>) -> Option<Timestamp> {
    micros.map(|micros| from_micros(*micros))
}
