//! What the expressions of an action see: the run, from the place of that action.

use std::borrow::Cow;
use std::cell::Cell;

use jiff::Timestamp;
use lang::expr::Context;
use serde_json::{Value, json};

use super::fact::{ActionPath, Doing};
use super::plan::NodeId;
use super::state::{Record, State};

/// A place in a run: inside these loops, in these iterations of them.
pub(super) struct Scope<'s> {
    state: &'s State,
    loops: &'s [NodeId],
    at: &'s [u32],
    now: Timestamp,
    random: Cell<u64>,
    current: Option<Cow<'s, Value>>,
    callback: Option<String>,
}

impl<'s> Scope<'s> {
    /// The place inside `loops`, at their iterations `at`. `seed` makes `guid()` and `rand()` repeatable.
    pub(super) fn new(
        state: &'s State,
        loops: &'s [NodeId],
        at: &'s [u32],
        now: Timestamp,
        seed: u64,
    ) -> Self {
        Self { state, loops, at, now, random: Cell::new(seed), current: None, callback: None }
    }

    /// The place is an action of its own: `action()` is its record, as far as there is one.
    pub(super) fn of(mut self, path: &ActionPath) -> Self {
        let view = self.state.records.get(path).map(|record| Cow::Borrowed(&record.view));
        self.current = Some(view.unwrap_or_else(|| Cow::Owned(json!({"name": path.name}))));
        self
    }

    /// `action()` is this record.
    pub(super) fn with_record(mut self, record: &'s Record) -> Self {
        self.current = Some(Cow::Borrowed(&record.view));
        self
    }

    /// `listCallbackUrl()` is this address.
    pub(super) fn with_callback(mut self, address: Option<String>) -> Self {
        self.callback = address;
        self
    }

    /// The iterations around the execution of `loop_node` that surrounds this place, and its present index.
    fn iteration(&self, loop_node: NodeId) -> Option<(ActionPath, u32)> {
        let depth = self.loops.iter().position(|id| *id == loop_node)?;
        let index = *self.at.get(depth)?;
        let node = self.state.plan.node(loop_node)?;
        Some((ActionPath::new(&node.name, self.at.get(..depth)?), index))
    }

    fn element(&self, loop_node: NodeId) -> Option<Cow<'_, Value>> {
        let (path, index) = self.iteration(loop_node)?;
        match &self.state.records.get(&path)?.doing {
            Doing::Foreach { items, .. } => {
                items.value().get(usize::try_from(index).ok()?).map(Cow::Borrowed)
            }
            _ => None,
        }
    }

    /// The execution of `node` that this place sees: that of the same iterations, as far as loops are shared;
    /// from outside a loop, the latest one.
    fn seen(&self, node: NodeId) -> Option<&Value> {
        let node = self.state.plan.node(node)?;
        let shared = node.loops.iter().zip(self.loops).take_while(|(a, b)| a == b).count();
        let at = self.at.get(..shared.min(self.at.len()))?;
        let first = ActionPath::new(&node.name, at);
        let record = if node.loops.len() == at.len() {
            self.state.records.get(&first)
        } else {
            let mut last = first.clone();
            last.at.push(u32::MAX);
            self.state.records.range(first..=last).next_back().map(|(_, record)| record)
        };
        record.map(|record| &record.view)
    }
}

impl Context for Scope<'_> {
    fn parameter(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.state.plan.parameter(name).map(Cow::Borrowed)
    }

    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.state.variables.get(&name.to_lowercase()).map(|variable| Cow::Borrowed(&variable.value))
    }

    fn trigger(&self) -> Option<Cow<'_, Value>> {
        self.state.begin.as_ref().map(|begin| Cow::Borrowed(&begin.view))
    }

    fn action(&self, name: &str) -> Option<Cow<'_, Value>> {
        let id = self.state.plan.find(name)?;
        Some(self.seen(id).map_or_else(|| Cow::Owned(json!({"name": name})), Cow::Borrowed))
    }

    fn current_action(&self) -> Option<Cow<'_, Value>> {
        self.current.as_deref().map(Cow::Borrowed)
    }

    fn callback_url(&self) -> Option<String> {
        self.callback.clone()
    }

    fn result(&self, scope: &str) -> Option<Cow<'_, Value>> {
        let id = self.state.plan.find(scope)?;
        let container = self.state.plan.node(id)?;
        let shared = container.loops.iter().zip(self.loops).take_while(|(a, b)| a == b).count();
        let at = self.at.get(..shared.min(self.at.len()))?;
        let mut records = Vec::new();
        for child in container.blocks.iter().flat_map(|block| &block.actions) {
            let Some(child) = self.state.plan.node(*child) else { continue };
            let same = self.state.records.range(ActionPath::new(&child.name, at)..);
            let same = same.take_while(|(path, _)| path.name == child.name && path.at.starts_with(at));
            records.extend(same);
        }
        // By iteration first: that is how people read a loop.
        records.sort_by(|(a, _), (b, _)| a.at.cmp(&b.at));
        Some(Cow::Owned(Value::Array(records.into_iter().map(|(_, record)| record.view.clone()).collect())))
    }

    fn items(&self, loop_name: &str) -> Option<Cow<'_, Value>> {
        self.element(self.state.plan.find(loop_name)?)
    }

    fn item(&self) -> Option<Cow<'_, Value>> {
        self.loops.iter().rev().find_map(|id| self.element(*id))
    }

    fn iteration_index(&self, loop_name: &str) -> Option<i64> {
        let (_, index) = self.iteration(self.state.plan.find(loop_name)?)?;
        Some(i64::from(index))
    }

    fn workflow(&self) -> Option<Cow<'_, Value>> {
        let run = self.state.run.as_str();
        let flow = self.state.flow.as_str();
        Some(Cow::Owned(json!({
            "id": format!("/flows/{flow}"),
            "name": flow,
            "type": "Microsoft.Flow/flows",
            "location": "local",
            "tags": {"flowDisplayName": flow},
            "run": {
                "id": format!("/flows/{flow}/runs/{run}"),
                "name": run,
                "type": "Microsoft.Flow/flows/runs"
            }
        })))
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn random(&self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        let next = self.random.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.random.set(next);
        let mixed = (next ^ (next >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
