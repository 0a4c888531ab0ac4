//! Flows that are started by other flows, and whose Response is waited for.

use std::collections::BTreeMap;

use serde_json::Value;
use store::{RunId, Tx};

use crate::connectors::CallOutcome;
use crate::definitions::Present;
use crate::inbox::News;
use crate::limits::CHILD_DEPTH;
use crate::machine::{Answers, StartChild, State};
use crate::runs::{TriggerFired, start_called};
use crate::triggers::FlowTrigger;
use crate::{Result, definitions};

/// Starts a child; the same key starts it once. Gives its run, or why there is none.
pub(crate) async fn start(
    tx: &mut Tx,
    child: &StartChild,
    key: &str,
) -> Result<std::result::Result<RunId, CallOutcome>> {
    let flow = &child.flow;
    let refused = |code: &str, message: String| Ok(Err(CallOutcome::permanent(code, message)));
    if child.caller.depth > CHILD_DEPTH {
        let message = format!("The flow '{flow}' is called by {CHILD_DEPTH} flows that wait for each other.");
        return refused("NestedWorkflowTooDeep", message);
    }
    let Some(Present { active, compiled, .. }) = definitions::present(tx, flow).await? else {
        return refused("WorkflowNotFound", format!("There is no flow '{flow}' here."));
    };
    if !active {
        return refused("WorkflowDisabled", format!("The flow '{flow}' is turned off."));
    }
    if compiled.trigger != FlowTrigger::Manual {
        let message = format!("The flow '{flow}' cannot be called: its trigger is not of the type Request.");
        return refused("NestedWorkflowNotCallable", message);
    }
    if compiled.plan.answers() == Answers::Never {
        let message = format!("The flow '{flow}' has no Response action, so nothing can be waited for.");
        return refused("NestedWorkflowDoesNotContainResponseAction", message);
    }
    let fired = TriggerFired {
        name: child.trigger.clone().unwrap_or_default(),
        outputs: child.outputs.clone(),
        key: key.to_owned(),
        origin: child.caller.parent.as_ref().map(|(run, _)| run.to_string()).unwrap_or_default(),
    };
    match start_called(tx, flow, fired, child.caller.clone()).await? {
        Some(run) => Ok(Ok(run)),
        None => refused("NestedWorkflowSkipped", format!("The trigger of the flow '{flow}' did not fire.")),
    }
}

/// What the parent of a run is told: what the run answered, or that it ended without an answer. Nothing while
/// neither is so, or nobody waits.
pub(crate) fn for_parent(state: &State) -> Option<(RunId, String, News)> {
    let (parent, path) = state.begin()?.trigger.caller.parent.clone()?;
    let outcome = match (state.response(), state.end()) {
        (Some(response), _) => answer(response.answer.value()),
        (None, Some(end)) => {
            let message = format!(
                "The flow ended as {} and did not answer: see the run that was started.",
                end.status.name()
            );
            CallOutcome::permanent("NoResponse", message)
        }
        (None, None) => return None,
    };
    let key = format!("child {path}");
    Some((parent, key, News::Replied { path, attempt: 1, outcome: outcome.into() }))
}

fn answer(response: &Value) -> CallOutcome {
    let status = response.get("statusCode").and_then(Value::as_u64);
    let headers = response.get("headers").and_then(Value::as_object).into_iter().flatten();
    let headers: BTreeMap<String, String> =
        headers.map(|(name, value)| (name.to_lowercase(), lang::expr::text_of(value))).collect();
    CallOutcome::Response {
        status_code: status.and_then(|status| u16::try_from(status).ok()).unwrap_or(200),
        headers,
        body: response.get("body").cloned().unwrap_or_default(),
    }
}
