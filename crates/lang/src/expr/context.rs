//! What an expression can see. The engine implements [`Context`] over the records of a run.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::cell::Cell;

/// What an expression can see of a run. Names are matched without regard to letter case by the
/// implementation ([`find_ignoring_case`] helps). `None` means: there is nothing of this name here.
///
/// An action's record is `{name, inputs, outputs, status, code, startTime, endTime, error, …}`; the body is
/// `outputs.body`. An action that did not run has a record without outputs, or with null outputs.
pub trait Context {
    /// The value of a parameter of the definition.
    fn parameter(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// The present value of a variable.
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// The trigger's record: `{name, inputs, outputs{headers, body}, startTime, endTime, status, …}`.
    fn trigger(&self) -> Option<Cow<'_, Value>>;

    /// The record of an action, as seen from the place of the expression (inside a loop: of the same
    /// iteration). An action inside a Foreach, seen from outside of it, is the array of the records of all
    /// iterations; `outputs()` and `body()` of it are arrays too.
    fn action(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// The record of the action that the expression belongs to, for `action()`.
    fn current_action(&self) -> Option<Cow<'_, Value>> {
        None
    }

    /// The records of the actions directly inside a scope or loop, for `result()`: an array.
    fn result(&self, scope: &str) -> Option<Cow<'_, Value>> {
        let _ = scope;
        None
    }

    /// The current element of the loop of this name.
    fn items(&self, loop_name: &str) -> Option<Cow<'_, Value>> {
        let _ = loop_name;
        None
    }

    /// The current element of the innermost loop, filter or selection.
    fn item(&self) -> Option<Cow<'_, Value>> {
        None
    }

    /// The index, from 0, of the current iteration of the loop of this name.
    fn iteration_index(&self, loop_name: &str) -> Option<i64> {
        let _ = loop_name;
        None
    }

    /// What `workflow()` gives: `{id, name, type, location, tags, run{id, name, type}}`.
    fn workflow(&self) -> Option<Cow<'_, Value>> {
        None
    }

    /// The address that `listCallbackUrl()` gives.
    fn callback_url(&self) -> Option<String> {
        None
    }

    /// The setting of the host for `appsetting()`.
    fn app_setting(&self, name: &str) -> Option<Cow<'_, Value>> {
        let _ = name;
        None
    }

    /// The parameter that an agent gave, for `agentParameters()`.
    fn agent_parameter(&self, name: &str) -> Option<Cow<'_, Value>> {
        let _ = name;
        None
    }

    /// The time that counts as now. It should stay the same within one evaluation.
    fn now(&self) -> Timestamp;

    /// The next random number, for `guid()` and `rand()`. Seeded by the caller, so that it can be repeated.
    fn random(&self) -> u64;
}

/// The value under `name`, exact spelling first, then ignoring letter case.
#[must_use]
pub fn find_ignoring_case<'v>(map: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    map.get(name).or_else(|| map.iter().find(|(key, _)| same_name(key, name)).map(|(_, value)| value))
}

/// Whether two names differ in letter case at most. Most names are ASCII, and then nothing is copied.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.to_lowercase() == b.to_lowercase()
}

/// Another context with one element on top, for the `item()` of Filter array, Select and the like.
pub struct WithItem<'c> {
    base: &'c dyn Context,
    item: &'c Value,
}

impl<'c> WithItem<'c> {
    /// `base`, in which `item()` gives `item`.
    #[must_use]
    pub fn new(base: &'c dyn Context, item: &'c Value) -> Self {
        Self { base, item }
    }
}

impl Context for WithItem<'_> {
    fn parameter(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.base.parameter(name)
    }
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.base.variable(name)
    }
    fn trigger(&self) -> Option<Cow<'_, Value>> {
        self.base.trigger()
    }
    fn action(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.base.action(name)
    }
    fn current_action(&self) -> Option<Cow<'_, Value>> {
        self.base.current_action()
    }
    fn result(&self, scope: &str) -> Option<Cow<'_, Value>> {
        self.base.result(scope)
    }
    fn items(&self, loop_name: &str) -> Option<Cow<'_, Value>> {
        self.base.items(loop_name)
    }
    fn item(&self) -> Option<Cow<'_, Value>> {
        Some(Cow::Borrowed(self.item))
    }
    fn iteration_index(&self, loop_name: &str) -> Option<i64> {
        self.base.iteration_index(loop_name)
    }
    fn workflow(&self) -> Option<Cow<'_, Value>> {
        self.base.workflow()
    }
    fn callback_url(&self) -> Option<String> {
        self.base.callback_url()
    }
    fn app_setting(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.base.app_setting(name)
    }
    fn agent_parameter(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.base.agent_parameter(name)
    }
    fn now(&self) -> Timestamp {
        self.base.now()
    }
    fn random(&self) -> u64 {
        self.base.random()
    }
}

/// A context written as JSON, for trying expressions out:
/// `{"parameters": {}, "variables": {}, "trigger": {} or "triggerOutputs": {}, "actions": {"Name": {"outputs":
/// {}}}, "items": {"Loop": …}, "item": …, "iterationIndexes": {"Loop": 0}, "results": {"Scope": []},
/// "workflow": {}, "callbackUrl": "…", "now": "2026-01-01T00:00:00Z", "seed": 1}`. Every part may be missing.
pub struct JsonContext {
    parts: Map<String, Value>,
    trigger: Option<Value>,
    now: Timestamp,
    seed: Cell<u64>,
}

impl JsonContext {
    /// Reads the context; `now` is used when the JSON has none.
    ///
    /// # Errors
    /// A sentence, when it is not an object or its `now` is no time.
    pub fn new(context: Value, now: Timestamp) -> Result<Self, String> {
        let parts = match context {
            Value::Object(parts) => parts,
            Value::Null => Map::new(),
            _ => return Err("the context must be an object".to_owned()),
        };
        let now = match parts.get("now") {
            None | Some(Value::Null) => now,
            Some(Value::String(text)) => text
                .parse()
                .map_err(|_| format!("\"now\" must be a time such as 2026-01-31T12:00:00Z, not '{text}'"))?,
            Some(_) => return Err("\"now\" must be a text such as 2026-01-31T12:00:00Z".to_owned()),
        };
        let trigger = match (parts.get("trigger"), parts.get("triggerOutputs")) {
            (Some(trigger), _) => Some(trigger.clone()),
            (None, Some(outputs)) => {
                Some(json!({"name": "manual", "outputs": outputs, "status": "Succeeded"}))
            }
            (None, None) => None,
        };
        let seed = Cell::new(parts.get("seed").and_then(Value::as_u64).unwrap_or(0));
        Ok(Self { parts, trigger, now, seed })
    }

    fn named(&self, part: &str, name: &str) -> Option<Cow<'_, Value>> {
        let map = self.parts.get(part)?.as_object()?;
        find_ignoring_case(map, name).map(Cow::Borrowed)
    }

    fn part(&self, part: &str) -> Option<Cow<'_, Value>> {
        self.parts.get(part).map(Cow::Borrowed)
    }
}

impl Context for JsonContext {
    fn parameter(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.named("parameters", name)
    }
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.named("variables", name)
    }
    fn trigger(&self) -> Option<Cow<'_, Value>> {
        self.trigger.as_ref().map(Cow::Borrowed)
    }
    fn action(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.named("actions", name)
    }
    fn current_action(&self) -> Option<Cow<'_, Value>> {
        self.part("action")
    }
    fn result(&self, scope: &str) -> Option<Cow<'_, Value>> {
        self.named("results", scope)
    }
    fn items(&self, loop_name: &str) -> Option<Cow<'_, Value>> {
        self.named("items", loop_name)
    }
    fn item(&self) -> Option<Cow<'_, Value>> {
        self.part("item")
    }
    fn iteration_index(&self, loop_name: &str) -> Option<i64> {
        self.named("iterationIndexes", loop_name).and_then(|index| index.as_i64())
    }
    fn workflow(&self) -> Option<Cow<'_, Value>> {
        self.part("workflow")
    }
    fn callback_url(&self) -> Option<String> {
        self.parts.get("callbackUrl").and_then(Value::as_str).map(str::to_owned)
    }
    fn app_setting(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.named("appSettings", name)
    }
    fn agent_parameter(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.named("agentParameters", name)
    }
    fn now(&self) -> Timestamp {
        self.now
    }
    fn random(&self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014): one addition and three mixing steps for each number.
        let next = self.seed.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.seed.set(next);
        let mixed = (next ^ (next >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
