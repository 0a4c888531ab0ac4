//! The insight index of a job: built once, for all its measures and segments, when the rows that it is about are there;
//! the published one where those are the same.

use super::tasks::TaskContext;
use crate::definitions::CUSTOMER;
use crate::insights::{KeptIndex, Maker, Named, whole};

/// The index for a task, if what it is about no longer changes in this job.
pub(super) async fn of_task(context: &TaskContext) -> Option<KeptIndex> {
    match context.rows_are_final {
        true => context.shared.index(of_rows(context)).await,
        false => None,
    }
}

/// The indexes of what the job is about to publish.
pub(super) async fn of_job(context: &TaskContext) -> Named {
    if context.cancel.is_cancelled() || context.view.rows(CUSTOMER).is_none() {
        return Named::default();
    }
    let rows = context.shared.index(of_rows(context)).await.filter(|kept| kept.is_of(&context.view));
    let measures = match rows.is_some() {
        true => of_measures(context).await,
        false => None,
    };
    let name = |kept: KeptIndex| kept.name().to_owned();
    Named { rows: rows.map(name), measures: measures.map(name) }
}

async fn of_rows(context: &TaskContext) -> Option<KeptIndex> {
    let (name, before) = (context.job.to_string(), context.indexes.rows.as_deref());
    let maker = Maker { lake: &context.lake, view: &context.view, name: &name, before };
    match whole(&maker, &context.definitions).await {
        Ok(kept) => Some(kept),
        Err(why) => {
            tracing::warn!(job = %context.job, "there is no insight index, and entities are read instead: {why}");
            None
        }
    }
}

async fn of_measures(context: &TaskContext) -> Option<KeptIndex> {
    let (name, before) = (format!("{}-measures", context.job), context.indexes.measures.as_deref());
    let maker = Maker { lake: &context.lake, view: &context.view, name: &name, before };
    let made = match context.view.session() {
        Ok(session) => maker.measures(&session).await,
        Err(error) => Err(error.to_string()),
    };
    made.unwrap_or_else(|why| {
        tracing::warn!(job = %context.job, "the customers' measures are not in the insight index: {why}");
        None
    })
}
