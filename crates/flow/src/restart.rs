//! A new run that takes over from one that ended, in the store.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{Queue, RunId, Store, Tx, to_micros};

use crate::limits::Limits;
use crate::machine::{self, ActionPath, Caller, Fact, RunStatus, State, Trigger};
use crate::{FlowError, Result, definitions, history, journal, runs};

/// Which version of the flow the new run follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// That of the old run.
    OwnVersion,
    /// The flow's present one.
    PresentVersion,
}

/// Starts a run that takes over from `old`: what that did is not done again, except for the executions `from`
/// and what followed from them. No `from`: those that failed.
///
/// # Errors
/// [`FlowError::UnknownRun`], [`FlowError::StillUnderWay`], or [`FlowError::Restart`] with the reason.
pub async fn restart(
    store: &Store,
    tx: &mut Tx,
    old: &RunId,
    from: &[ActionPath],
    follow: Follow,
) -> Result<RunId> {
    let Source { flow, version, trigger, facts, state } = Source::load(store, old).await?;
    let from = if from.is_empty() { machine::failed(&state) } else { from.to_vec() };
    let (version, plan) = match follow {
        Follow::OwnVersion => (version, state.shared_plan()),
        Follow::PresentVersion => {
            let present = definitions::present(tx, &flow).await?;
            let present = present.ok_or_else(|| FlowError::UnknownFlow(flow.clone()))?;
            (present.version, present.compiled.plan.clone())
        }
    };
    let now = tx.now();
    // Nobody waits for the new run; it stays joined with those that the old one was joined with.
    let caller = Caller { tracking_id: trigger.caller.tracking_id.clone(), ..Caller::default() };
    let trigger = Trigger { origin: format!("restart {old}"), caller, ..trigger };
    let facts = machine::restart(&plan, &facts, &from, trigger.clone(), now, deadline(now))
        .map_err(|error| FlowError::Restart { run: old.to_string(), error })?;
    let id = runs::id_of(&flow, &format!("restart {old} {}", to_micros(now)));
    write(tx, &id, &flow, &version, &trigger, &facts, now).await?;
    Ok(id)
}

fn deadline(now: Timestamp) -> Timestamp {
    let longest = SignedDuration::try_from(Limits::default().run_duration).unwrap_or(SignedDuration::MAX);
    now.checked_add(longest).unwrap_or(Timestamp::MAX)
}

/// A run that ended, with all that it did.
struct Source {
    flow: String,
    version: String,
    trigger: Trigger,
    facts: Vec<Fact>,
    state: State,
}

impl Source {
    async fn load(store: &Store, id: &RunId) -> Result<Self> {
        let row: Option<(String, String, String, String)> =
            sqlx::query_as("SELECT flow, version, status, trigger_fired FROM run WHERE id = $1")
                .bind(id.as_str())
                .fetch_optional(store.pool())
                .await?;
        let Some((flow, version, status, trigger)) = row else {
            return Err(FlowError::UnknownRun(id.to_string()));
        };
        if !RunStatus::of_name(&status).is_some_and(RunStatus::is_terminal) {
            return Err(FlowError::StillUnderWay(id.to_string()));
        }
        let trigger = runs::read_trigger(id.as_str(), &trigger)?;
        let compiled = definitions::load(store, &flow, &version).await?;
        let facts = history::facts(store, id).await?;
        let mut state = State::new(compiled.plan.clone(), id.clone(), &flow);
        facts.iter().for_each(|fact| state.apply(fact));
        let trigger = state.begin().map_or(trigger, |begin| begin.trigger.clone());
        Ok(Self { flow, version, trigger, facts, state })
    }
}

async fn write(
    tx: &mut Tx,
    id: &RunId,
    flow: &str,
    version: &str,
    trigger: &Trigger,
    facts: &[Fact],
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO run (id, flow, version, status, trigger_fired, started_at, seed) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id.as_str())
    .bind(flow)
    .bind(version)
    .bind(RunStatus::Waiting.name())
    .bind(json!(trigger).to_string())
    .bind(to_micros(now))
    .bind(runs::seed(id, now))
    .execute(tx.conn())
    .await?;
    journal::write_first(tx, id, facts).await?;
    Ok(tx.enqueue_in(Queue::Run, flow, id.as_str(), now).await?)
}

/// `Send`, `Send[3]`, or as the history writes it: `Loop[3]/Send`.
impl FromStr for ActionPath {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let mut at = Vec::new();
        let mut name = text;
        for part in text.split('/') {
            let (rest, indexes) = indexes(part);
            (name, at) = (rest, [at, indexes].concat());
        }
        Ok(Self { name: name.to_owned(), at })
    }
}

/// What stands in brackets at the end.
fn indexes(part: &str) -> (&str, Vec<u32>) {
    let mut found = Vec::new();
    let mut rest = part;
    while let Some((before, index)) = rest.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
        let Ok(index) = index.parse() else { break };
        found.insert(0, index);
        rest = before;
    }
    (rest, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_the_history_and_the_machine_write_it() {
        let read = |text: &str| text.parse::<ActionPath>().map(|path| (path.name, path.at));
        assert_eq!(read("Send"), Ok(("Send".to_owned(), vec![])));
        assert_eq!(read("Send[3][1]"), Ok(("Send".to_owned(), vec![3, 1])));
        assert_eq!(read("Scope/Loop[3]/Inner[1]/Send"), Ok(("Send".to_owned(), vec![3, 1])));
        assert_eq!(read("Send [copy]"), Ok(("Send [copy]".to_owned(), vec![])));
    }
}
