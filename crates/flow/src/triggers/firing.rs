//! What a firing comes to: one run, one for each element of an array, none, or a refusal because too many run.
//!
//! Pure: who calls says how many runs there are, and stores what comes out.

use std::sync::Arc;

use jiff::Timestamp;
use lang::expr::{Context, Template, kind_name, text_of};
use lang::wdl::Trigger as Declared;
use serde_json::{Map, Value};
use store::RunId;

use crate::limits::{Limits, SPLIT_WITH_CONCURRENCY, WAITING_BEYOND, WAITING_RUNS};
use crate::machine::{ActionError, Inputs, Message, Plan, State, Trigger, decide};

/// How many runs of the flow there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Those that have begun or may begin.
    pub running: usize,
    /// Those that wait until one of them ends.
    pub waiting: usize,
}

/// A run that a firing starts.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Which element of the array it is for; none when the trigger does not split.
    pub element: Option<usize>,
    /// What it is started with; the tracking id is in `caller`.
    pub trigger: Trigger,
    /// Whether it has to wait until another run ends.
    pub waits: bool,
}

/// What a firing comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Firing {
    /// These runs, at least one, in the order of the array. `skipped` counts elements for which a condition was
    /// not met.
    Runs {
        /// The runs.
        runs: Vec<NewRun>,
        /// Elements left out.
        skipped: usize,
    },
    /// Nothing: a condition was not met, the array is empty, or the flow wants a single instance. The sentence says why.
    Skipped(String),
    /// Nothing: as many runs wait as may wait. The caller may try again later (429).
    Throttled(String),
    /// The trigger's settings have no value for what it brought.
    Failed(ActionError),
}

/// Who fires, and when.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'m> {
    /// The flow's name.
    pub flow: &'m str,
    /// The run that would begin if there were only one.
    pub run: &'m RunId,
    /// The present moment.
    pub now: Timestamp,
    /// The bounds of runs.
    pub limits: &'m Limits,
}

/// Decides what follows when the trigger `declared` fires with `trigger`.
pub fn fire(
    plan: &Arc<Plan>,
    declared: &Declared,
    trigger: &Trigger,
    load: Load,
    moment: &Moment<'_>,
) -> Firing {
    let elements = match elements(plan, declared, trigger, moment) {
        Ok(elements) => elements,
        Err(error) => return Firing::Failed(error),
    };
    if elements.is_empty() {
        return Firing::Skipped("The array that the trigger splits is empty.".to_owned());
    }
    let mut runs = Vec::new();
    let mut skipped = 0usize;
    let mut why = None;
    for (element, outputs) in elements {
        let trigger = Trigger { outputs: outputs.into(), ..trigger.clone() };
        let state = begun(plan, &trigger, moment);
        let place = state.place(moment.now);
        match unmet(&declared.conditions, &place) {
            Some(reason) => {
                skipped = skipped.saturating_add(1);
                why.get_or_insert(reason);
            }
            None => runs.push(NewRun { element, trigger: tracked(declared, trigger, &place), waits: false }),
        }
    }
    match why {
        Some(why) if runs.is_empty() => Firing::Skipped(why),
        _ => admit(declared, runs, skipped, load),
    }
}

/// The outputs of each run: those of the trigger, or one for each element of the array that it splits.
fn elements(
    plan: &Arc<Plan>,
    declared: &Declared,
    trigger: &Trigger,
    moment: &Moment<'_>,
) -> Result<Vec<(Option<usize>, Value)>, ActionError> {
    let Some(split) = &declared.split_on else {
        return Ok(vec![(None, trigger.outputs.value().clone())]);
    };
    let state = begun(plan, trigger, moment);
    let value = split.evaluate(&state.place(moment.now));
    let value =
        value.map_err(|error| ActionError::new(error.code(), format!("splitOn: {}", error.message)))?;
    let Value::Array(items) = value else {
        let message =
            format!("The value of splitOn is of type '{}'. The value must be an array.", kind_name(&value));
        return Err(ActionError::new("InvalidTemplate", message));
    };
    let most =
        if declared.concurrency.is_some() { SPLIT_WITH_CONCURRENCY } else { moment.limits.split_items };
    if items.len() > most {
        let message = format!("splitOn gives {} elements; the limit is {most}.", items.len());
        return Err(ActionError::new("SplitOnItemsExceeded", message));
    }
    let outputs = |item: Value| {
        let mut outputs: Map<String, Value> =
            trigger.outputs.value().as_object().cloned().unwrap_or_default();
        outputs.insert("body".to_owned(), item);
        Value::Object(outputs)
    };
    Ok(items.into_iter().enumerate().map(|(index, item)| (Some(index), outputs(item))).collect())
}

/// A run as its trigger's expressions see it.
fn begun(plan: &Arc<Plan>, trigger: &Trigger, moment: &Moment<'_>) -> State {
    let mut state = State::new(Arc::clone(plan), moment.run.clone(), moment.flow);
    let inputs = Inputs { now: moment.now, seed: 0, limits: moment.limits, journal_bytes: 0, address: None };
    let begun = decide(&state, Message::Start(trigger.clone()), &inputs).facts;
    begun.iter().for_each(|fact| state.apply(fact));
    state
}

/// Why the conditions are not met, if they are not. One that has no value is not met.
fn unmet(conditions: &[Template], place: &dyn Context) -> Option<String> {
    for (index, condition) in conditions.iter().enumerate() {
        let number = index.saturating_add(1);
        match condition.evaluate(place) {
            Ok(Value::Bool(true)) => {}
            Ok(_) => return Some(format!("Condition {number} of the trigger was not met.")),
            Err(error) => return Some(format!("Condition {number} of the trigger: {error}")),
        }
    }
    None
}

/// With the id that joins it with other runs: the element's, the trigger's, that of a header, or its own.
fn tracked(declared: &Declared, mut trigger: Trigger, place: &dyn Context) -> Trigger {
    let written = declared.split_tracking_id.as_ref().filter(|_| declared.split_on.is_some());
    let written = written.or(declared.tracking_id.as_ref());
    let written = written.and_then(|template| template.evaluate(place).ok()).map(|id| text_of(&id));
    let header = || {
        let headers = trigger.outputs.value().get("headers")?.as_object()?;
        let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-ms-client-tracking-id"));
        found.map(|(_, value)| text_of(value))
    };
    let id = written.or_else(header).filter(|id| !id.is_empty());
    trigger.caller.tracking_id = id.or(trigger.caller.tracking_id);
    trigger
}

/// Which of the runs begin, and which wait.
fn admit(declared: &Declared, mut runs: Vec<NewRun>, skipped: usize, load: Load) -> Firing {
    if declared.single_instance {
        if load.running.saturating_add(load.waiting) > 0 {
            return Firing::Skipped("The flow wants a single instance, and one was under way.".to_owned());
        }
        let left_out = runs.len().saturating_sub(1);
        runs.truncate(1);
        return Firing::Runs { runs, skipped: skipped.saturating_add(left_out) };
    }
    let Some(at_most) = declared.concurrency.map(|runs| usize::try_from(runs).unwrap_or(usize::MAX)) else {
        return Firing::Runs { runs, skipped };
    };
    // Those that wait already go first.
    let free = if load.waiting > 0 { 0 } else { at_most.saturating_sub(load.running) };
    runs.iter_mut().skip(free).for_each(|run| run.waits = true);
    let waiting = load.waiting.saturating_add(runs.len().saturating_sub(free));
    let may_wait = may_wait(declared, at_most);
    if waiting > may_wait && runs.len() > free {
        return Firing::Throttled(format!(
            "{} runs are under way and {} wait, as many as may: try again later.",
            load.running, load.waiting
        ));
    }
    Firing::Runs { runs, skipped }
}

/// How many runs may wait: as written, else ten more than may run, a hundred at most.
fn may_wait(declared: &Declared, at_most: usize) -> usize {
    let written = declared.maximum_waiting_runs.and_then(|runs| usize::try_from(runs).ok());
    written.unwrap_or_else(|| at_most.saturating_add(WAITING_BEYOND).min(WAITING_RUNS))
}

#[cfg(test)]
mod tests {
    use lang::wdl::Definition;
    use serde_json::json;

    use super::*;
    use crate::machine::Caller;

    fn fired(settings: Value, body: Value, load: Load) -> Firing {
        let mut trigger = json!({"type": "Request", "kind": "Http", "inputs": {"schema": {}}});
        trigger.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let document = json!({"triggers": {"manual": trigger}, "actions": {}}).to_string();
        let checked = Definition::parse(&document);
        let definition = checked.definition.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
        let plan = Arc::new(Plan::new(definition.clone()));
        let run: RunId = "run_00000000000000000000000000000001".parse().unwrap();
        let limits = Limits { split_items: 1_000, ..Limits::default() };
        let moment =
            Moment { flow: "f", run: &run, now: "2026-01-05T10:00:00Z".parse().unwrap(), limits: &limits };
        let outputs = json!({"headers": {"X-MS-Client-Tracking-Id": "head"}, "body": body});
        let caller = Caller::default();
        let trigger =
            Trigger { name: "manual".into(), outputs: outputs.into(), origin: "test".into(), caller };
        fire(&plan, definition.triggers.first().unwrap(), &trigger, load, &moment)
    }

    /// Bodies of those that begin, bodies of those that wait, and how many were left out.
    fn runs(firing: Firing) -> (Vec<Value>, Vec<Value>, usize) {
        let Firing::Runs { runs, skipped } = firing else { panic!("{firing:?}") };
        let body = |run: &NewRun| run.trigger.outputs.value()["body"].clone();
        let (waits, begins): (Vec<_>, Vec<_>) = runs.iter().partition(|run| run.waits);
        (begins.into_iter().map(body).collect(), waits.into_iter().map(body).collect(), skipped)
    }

    fn load(running: usize, waiting: usize) -> Load {
        Load { running, waiting }
    }

    #[test]
    fn each_element_gets_a_run_with_the_element_as_body_and_conditions_look_at_it() {
        let split = json!({"splitOn": "@triggerBody()?['rows']",
            "conditions": [{"expression": "@greater(triggerBody()?['n'], 1)"}]});
        let body = json!({"rows": [{"n": 1}, {"n": 2}, {"n": 3}]});
        let (begin, wait, skipped) = runs(fired(split.clone(), body, Load::default()));
        assert_eq!((begin, wait, skipped), (vec![json!({"n": 2}), json!({"n": 3})], vec![], 1));
        let empty = fired(split.clone(), json!({"rows": []}), Load::default());
        assert_eq!(empty, Firing::Skipped("The array that the trigger splits is empty.".to_owned()));
        let Firing::Failed(error) = fired(split, json!({"rows": null}), Load::default()) else { panic!() };
        assert_eq!(error.message, "The value of splitOn is of type 'Null'. The value must be an array.");
    }

    #[test]
    fn a_condition_that_is_not_met_or_has_no_value_skips() {
        let when = |text: &str| json!({"conditions": [{"expression": "@true"}, {"expression": text}]});
        let Firing::Skipped(why) = fired(when("@equals(triggerBody(), 2)"), json!(1), load(0, 0)) else {
            panic!()
        };
        assert_eq!(why, "Condition 2 of the trigger was not met.");
        let Firing::Skipped(why) = fired(when("@triggerBody()['x']"), json!(1), load(0, 0)) else { panic!() };
        assert!(why.starts_with("Condition 2 of the trigger: "), "{why}");
    }

    #[test]
    fn runs_beyond_the_concurrency_wait_and_beyond_that_are_throttled() {
        let settings = json!({"runtimeConfiguration": {"concurrency": {"runs": 2, "maximumWaitingRuns": 3}}});
        let at = |running, waiting| fired(settings.clone(), json!(1), load(running, waiting));
        assert_eq!(runs(at(1, 0)), (vec![json!(1)], vec![], 0));
        assert_eq!(runs(at(2, 2)), (vec![], vec![json!(1)], 0));
        assert_eq!(runs(at(1, 1)), (vec![], vec![json!(1)], 0), "those that wait go first");
        assert!(matches!(at(2, 3), Firing::Throttled(_)));
        let mut split = settings.clone();
        split["splitOn"] = json!("@triggerBody()");
        let many = |count: usize| json!(vec![7; count]);
        let (begin, wait, _) = runs(fired(split.clone(), many(5), load(0, 0)));
        assert_eq!((begin.len(), wait.len()), (2, 3));
        assert!(matches!(fired(split.clone(), many(6), load(0, 0)), Firing::Throttled(_)), "all or none");
        assert!(matches!(fired(split, many(101), load(0, 0)), Firing::Failed(_)));
        let bare = json!({"runtimeConfiguration": {"concurrency": {"runs": 95}}});
        assert!(matches!(fired(bare.clone(), json!(1), load(95, 99)), Firing::Runs { .. }));
        assert!(matches!(fired(bare, json!(1), load(95, 100)), Firing::Throttled(_)));
    }

    #[test]
    fn a_single_instance_skips_what_comes_meanwhile() {
        let single = json!({"operationOptions": "SingleInstance"});
        assert_eq!(runs(fired(single.clone(), json!(1), load(0, 0))).0.len(), 1);
        assert!(matches!(fired(single, json!(1), load(1, 0)), Firing::Skipped(_)));
    }

    #[test]
    fn the_tracking_id_is_written_or_comes_with_the_call() {
        let id = |settings: Value| {
            let Firing::Runs { runs, .. } = fired(settings, json!([{"k": "a"}]), load(0, 0)) else {
                panic!()
            };
            runs.first().unwrap().trigger.caller.tracking_id.clone()
        };
        assert_eq!(id(json!({})).as_deref(), Some("head"));
        let own = json!({"correlation": {"clientTrackingId": "@concat('x-', triggerBody()[0]['k'])"}});
        assert_eq!(id(own).as_deref(), Some("x-a"));
        let split = json!({"splitOn": "@triggerBody()",
            "splitOnConfiguration": {"correlation": {"clientTrackingId": "@triggerBody()['k']"}}});
        assert_eq!(id(split).as_deref(), Some("a"));
    }

    #[test]
    fn the_ceiling_of_an_array_is_a_limit() {
        let split = json!({"splitOn": "@triggerBody()"});
        assert_eq!(runs(fired(split.clone(), json!(vec![0; 1_000]), load(0, 0))).0.len(), 1_000);
        let Firing::Failed(error) = fired(split, json!(vec![0; 1_001]), load(0, 0)) else { panic!() };
        assert_eq!(error.code, "SplitOnItemsExceeded");
    }
}
