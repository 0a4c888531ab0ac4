//! What tasks of one job have in common: segments and measures that can run at the same time are computed in one scan
//! of the index, and the profiles that become members' rows are read once.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use tokio::sync::{Mutex, OnceCell};

use crate::insights::{Answers, KeptIndex};

/// The profiles in the order of their ids, as a segment's entity has them.
pub(super) type Customers = Arc<(SchemaRef, Vec<RecordBatch>)>;

/// Results that are there for the tasks that will ask for them. Cheap to clone; clones share.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared {
    segments: Arc<Mutex<Answers>>,
    measures: Arc<Mutex<Answers>>,
    customers: Arc<OnceCell<Customers>>,
    index: Arc<OnceCell<Option<KeptIndex>>>,
}

impl Shared {
    /// What the index says about segments; `ask` is called for all that are ready when one is not known yet.
    pub(super) async fn segments<E>(
        &self,
        names: &[&str],
        ask: impl Future<Output = Result<Answers, E>>,
    ) -> Result<Answers, E> {
        known(&self.segments, names, ask).await
    }

    /// The same about measures.
    pub(super) async fn measures<E>(
        &self,
        names: &[&str],
        ask: impl Future<Output = Result<Answers, E>>,
    ) -> Result<Answers, E> {
        known(&self.measures, names, ask).await
    }

    /// The index of the job, made by the first who asks; nothing when it could not be made.
    pub(super) async fn index(&self, make: impl Future<Output = Option<KeptIndex>>) -> Option<KeptIndex> {
        self.index.get_or_init(|| make).await.clone()
    }

    /// The profiles, read by the first who asks.
    pub(super) async fn customers<E>(
        &self,
        read: impl Future<Output = Result<(SchemaRef, Vec<RecordBatch>), E>>,
    ) -> Result<Customers, E> {
        let read = async { Ok(Arc::new(read.await?)) };
        self.customers.get_or_try_init(|| read).await.cloned()
    }
}

async fn known<E>(
    answers: &Mutex<Answers>,
    names: &[&str],
    ask: impl Future<Output = Result<Answers, E>>,
) -> Result<Answers, E> {
    // Whoever comes second waits for the first one's scan, and finds its own answer in it.
    let mut answers = answers.lock().await;
    if !names.iter().all(|name| answers.tells(name)) {
        answers.add(ask.await?);
    }
    Ok(answers.take(names))
}

/// The tasks that can run at the same time as one, by name.
pub(super) type Ready = Arc<BTreeSet<String>>;
