//! What a worker keeps between jobs: the unification of the last published one, so that the next takes in only what
//! has changed.
//!
//! It is taken when a job unifies, and given back when that job is published. A job that fails, is cancelled or is not
//! published gives nothing back, and the next one starts anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use unify::{Input, Warm};

/// The place of a kept unification.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    slot: Arc<Mutex<Slot>>,
    most_rows: u64,
}

#[derive(Debug, Default)]
struct Slot {
    published: Option<Warm>,
    /// Of the job that runs.
    pending: Option<Warm>,
}

impl Kept {
    /// A place for unifications of at most so many rows of all entities together.
    pub(super) fn new(most_rows: u64) -> Self {
        Self { slot: Arc::default(), most_rows }
    }

    /// Whether the unification of some inputs may be kept.
    pub(super) fn takes(&self, inputs: &[Input]) -> bool {
        let batches = inputs.iter().flat_map(|input| &input.batches);
        batches.map(|batch| batch.num_rows() as u64).sum::<u64>() <= self.most_rows
    }

    /// Takes what was kept of the last published job.
    pub(super) fn take(&self) -> Option<Warm> {
        self.slot().published.take()
    }

    /// Holds what the running job has made, until it is known whether that is published.
    pub(super) fn hold(&self, warm: Option<Warm>) {
        self.slot().pending = warm;
    }

    /// The job that ran has ended; what it made is kept if it was published.
    pub(super) fn settle(&self, published: bool) {
        let mut slot = self.slot();
        let pending = slot.pending.take();
        if let Some(warm) = pending.filter(|_| published) {
            slot.published = Some(warm);
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::datatypes::{DataType, Field, Schema};
    use tokio_util::sync::CancellationToken;
    use unify::definition::Unification;
    use unify::{Identity, Options};

    use super::*;

    fn warm() -> Option<Warm> {
        let fields = vec![Field::new("Id", DataType::Utf8, true)];
        let input = Input {
            data_source: "A".to_owned(),
            entity: "A_a".to_owned(),
            primary_key: vec!["Id".to_owned()],
            schema: Arc::new(Schema::new(fields)),
            batches: Vec::new(),
        };
        let definition = serde_json::json!({"match": {"order": ["A_a"], "rules": []}});
        let unification: Unification = serde_json::from_value(definition).unwrap();
        let (options, identity) = (Options::default(), Identity::default());
        let cancel = CancellationToken::new();
        Warm::run(None, &unification, &[input], &options, &identity, &|_| {}, &cancel).unwrap().1
    }

    #[test]
    fn only_what_was_published_is_there_for_the_next_job() {
        let kept = Kept::new(10);
        kept.hold(warm());
        assert!(kept.take().is_none());
        kept.settle(false);
        assert!(kept.take().is_none());
        kept.hold(warm());
        kept.settle(true);
        // A job that did not unify leaves it there.
        kept.settle(true);
        assert!(kept.take().is_some());
        // The job that took it failed.
        kept.settle(false);
        assert!(kept.take().is_none());
    }
}
