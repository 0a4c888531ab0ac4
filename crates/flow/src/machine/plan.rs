//! A checked definition, laid out for the machine: all actions in one list, with who is around and before whom.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use lang::wdl::{Action, Definition, Ending, ParameterKind, StaticResult, Work};
use serde_json::{Value, json};

use crate::connectors::secrets::{self, Marks};

use super::secrecy::{self, Hidden};
use super::state::ACTIONS;
use super::status::ActionStatus;

/// The place of an action in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NodeId(usize);

/// An action.
#[derive(Debug)]
pub(super) struct Node {
    /// Its name, as the definition spells it.
    pub(super) name: String,
    /// What it is; the actions inside it are in `blocks`.
    pub(super) action: Action,
    /// What it runs after.
    pub(super) run_after: Vec<After>,
    /// The action around it.
    parent: Option<NodeId>,
    /// The loops around it, outermost first.
    pub(super) loops: Vec<NodeId>,
    /// The actions inside it, by branch.
    pub(super) blocks: Vec<Block>,
}

/// An action that must have ended before another, and how.
#[derive(Debug)]
pub(super) struct After {
    pub(super) node: NodeId,
    pub(super) statuses: Vec<ActionStatus>,
}

/// Actions in one container.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// `actions`, `else`, `default`, or a case's name after `case `.
    pub(super) name: String,
    pub(super) actions: Vec<NodeId>,
    /// Those that nobody runs after.
    pub(super) leaves: Vec<NodeId>,
}

/// What a run follows: one version of a definition.
#[derive(Debug)]
pub struct Plan {
    nodes: Vec<Node>,
    by_name: HashMap<String, NodeId>,
    pub(super) root: Block,
    parameters: HashMap<String, Value>,
    static_results: HashMap<String, StaticResult>,
    hidden: Vec<Hidden>,
    hidden_variables: HashSet<String>,
    hidden_trigger: Hidden,
    marks: Arc<Marks>,
}

impl Plan {
    /// Lays out a definition.
    pub fn new(definition: Definition) -> Self {
        let mut plan = Self {
            nodes: Vec::new(),
            by_name: HashMap::new(),
            root: Block::default(),
            parameters: HashMap::new(),
            static_results: HashMap::new(),
            hidden: Vec::new(),
            hidden_variables: HashSet::new(),
            hidden_trigger: Hidden::default(),
            marks: Arc::default(),
        };
        let secret = plan.take_secrets(&definition);
        for parameter in definition.parameters {
            if secret.contains(&parameter.name.to_lowercase()) {
                continue;
            }
            let value = parameter.default.unwrap_or(Value::Null);
            plan.parameters.insert(parameter.name.to_lowercase(), value);
        }
        for (name, result) in definition.static_results {
            plan.static_results.insert(name.to_lowercase(), result);
        }
        plan.root = plan.lay_out(ACTIONS.to_owned(), definition.actions, None, &[]);
        plan.name_connections();
        if let Some(trigger) = definition.triggers.first() {
            plan.hidden_trigger = Hidden { inputs: trigger.secure.inputs, outputs: trigger.secure.outputs };
        }
        (plan.hidden, plan.hidden_variables) = secrecy::hidden(&plan.nodes, plan.hidden_trigger, secret);
        plan
    }

    /// Secure parameters whose default refers to secrets: while the flow runs, marks stand for them. Gives the
    /// parameters' names, in lower case.
    fn take_secrets(&mut self, definition: &Definition) -> HashSet<String> {
        let mut marks = Marks::new();
        let mut names = HashSet::new();
        let mut seed = None;
        for parameter in &definition.parameters {
            let Some(Value::String(text)) = &parameter.default else { continue };
            if parameter.kind != ParameterKind::SecureString || !text.contains("${") {
                continue;
            }
            // All of the definition: who can read it can read the references too.
            let seed = seed.get_or_insert_with(|| format!("{definition:?}"));
            let name = parameter.name.to_lowercase();
            self.parameters.insert(name.clone(), Value::String(secrets::mark(text, seed, &mut marks)));
            names.insert(name);
        }
        self.marks = Arc::new(marks);
        names
    }

    /// The marks that stand for secrets while the flow runs.
    pub(crate) fn marks(&self) -> &Arc<Marks> {
        &self.marks
    }

    /// Recursion ends: the definition's nesting is bounded where it was parsed.
    fn lay_out(
        &mut self,
        name: String,
        block: lang::wdl::Block,
        parent: Option<NodeId>,
        loops: &[NodeId],
    ) -> Block {
        let mut ids = Vec::with_capacity(block.actions.len());
        let mut inner = Vec::new();
        for mut action in block.actions {
            let id = NodeId(self.nodes.len());
            ids.push(id);
            self.by_name.insert(action.name.to_lowercase(), id);
            inner.push((id, take_blocks(&mut action.work)));
            self.nodes.push(Node {
                name: action.name.clone(),
                action,
                run_after: Vec::new(),
                parent,
                loops: loops.to_vec(),
                blocks: Vec::new(),
            });
        }
        let mut followed = Vec::new();
        for id in &ids {
            let Some(node) = self.nodes.get_mut(id.0) else { continue };
            let after = node.action.run_after.iter().filter_map(|after| {
                let statuses = after.statuses.iter().map(|ending| status_of(*ending)).collect();
                Some(After { node: *ids.get(after.position)?, statuses })
            });
            node.run_after = after.collect();
            followed.extend(node.run_after.iter().map(|after| after.node));
        }
        for (id, blocks) in inner {
            let mut loops = loops.to_vec();
            if self.node(id).is_some_and(Node::is_loop) {
                loops.push(id);
            }
            let blocks: Vec<Block> =
                blocks.into_iter().map(|(name, block)| self.lay_out(name, block, Some(id), &loops)).collect();
            if let Some(node) = self.nodes.get_mut(id.0) {
                node.blocks = blocks;
            }
        }
        let leaves = ids.iter().copied().filter(|id| !followed.contains(id)).collect();
        Block { name, actions: ids, leaves }
    }

    /// Logic Apps names a connection as `@parameters('$connections')['key']['connectionId']`: every key that
    /// the definition uses exists, and stands for itself.
    fn name_connections(&mut self) {
        let Some(Value::Object(connections)) =
            Some(self.parameters.remove("$connections").unwrap_or_default()).map(|value| match value {
                Value::Object(_) => value,
                _ => json!({}),
            })
        else {
            return;
        };
        let mut connections = connections;
        for node in &self.nodes {
            if let Work::Connector { operation } | Work::ConnectorWebhook { operation } = &node.action.work
                && let Some(key) = &operation.connection
                && !connections.contains_key(key)
            {
                connections.insert(
                    key.clone(),
                    json!({"connectionId": key, "connectionName": key, "id": operation.connector}),
                );
            }
        }
        self.parameters.insert("$connections".to_owned(), Value::Object(connections));
        self.parameters.entry("$authentication".to_owned()).or_insert_with(|| json!({}));
    }

    /// The connector of a connection that is named by its key: the last part of its `id` in `$connections`.
    pub(super) fn api_of_connection(&self, key: &str) -> Option<String> {
        let connection = self.parameter("$connections")?.get(key)?;
        let id = connection.get("id")?.as_str()?;
        id.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned)
    }

    /// Whether, and when, a caller of the flow is answered.
    pub fn answers(&self) -> Answers {
        let mut answers = Answers::Never;
        for node in &self.nodes {
            match &node.action.work {
                Work::Response { .. } if node.action.has_option("Asynchronous") => return Answers::Later,
                Work::Response { .. } => answers = Answers::Waiting,
                _ => {}
            }
        }
        answers
    }

    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0)
    }

    /// The action called `name`, ignoring case.
    pub(super) fn find(&self, name: &str) -> Option<NodeId> {
        self.by_name.get(&name.to_lowercase()).copied()
    }

    pub(super) fn find_node(&self, name: &str) -> Option<(NodeId, &Node)> {
        let id = self.find(name)?;
        Some((id, self.node(id)?))
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&Value> {
        self.parameters.get(&name.to_lowercase())
    }

    pub(super) fn static_result(&self, name: &str) -> Option<&StaticResult> {
        self.static_results.get(&name.to_lowercase())
    }

    /// The action around `id`, if there is one.
    pub(super) fn parent(&self, id: NodeId) -> Option<(NodeId, &Node)> {
        let parent = self.node(id)?.parent?;
        Some((parent, self.node(parent)?))
    }

    /// Those that run after `id`, directly or not, in its container.
    pub(super) fn followers(&self, id: NodeId) -> Vec<NodeId> {
        let mut found: Vec<NodeId> = Vec::new();
        let mut pending = vec![id];
        while let Some(before) = pending.pop() {
            for (index, node) in self.nodes.iter().enumerate() {
                let follower = NodeId(index);
                if !found.contains(&follower) && node.run_after.iter().any(|after| after.node == before) {
                    found.push(follower);
                    pending.push(follower);
                }
            }
        }
        found
    }

    /// Whether `id` is somewhere inside `container`.
    pub(super) fn is_inside(&self, id: NodeId, container: NodeId) -> bool {
        let parent = |id: NodeId| self.node(id).and_then(|node| node.parent);
        std::iter::successors(parent(id), |id| parent(*id)).any(|id| id == container)
    }

    /// The names of an action and of everything inside it, outer ones first.
    pub(super) fn names_from(&self, id: NodeId) -> Vec<String> {
        let mut names = Vec::new();
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            let Some(node) = self.node(id) else { continue };
            names.push(node.name.clone());
            pending.extend(node.blocks.iter().flat_map(|block| &block.actions).rev());
        }
        names
    }

    /// Every action in the order of the document, with those around it and what of it is secret.
    pub fn outline(&self) -> Vec<Outline<'_>> {
        self.nodes
            .iter()
            .zip(&self.hidden)
            .map(|(node, hidden)| Outline {
                position: node.action.span.start,
                name: &node.name,
                type_name: &node.action.type_name,
                around: self.around(node).iter().map(|node| (node.name.as_str(), node.is_loop())).collect(),
                loops: node
                    .loops
                    .iter()
                    .filter_map(|id| self.node(*id))
                    .map(|node| node.action.span.start)
                    .collect(),
                hidden: *hidden,
            })
            .collect()
    }

    fn around(&self, node: &Node) -> Vec<&Node> {
        let mut around: Vec<&Node> =
            std::iter::successors(node.parent.and_then(|id| self.node(id)), |node| self.node(node.parent?))
                .collect();
        around.reverse();
        around
    }

    /// What of the trigger is secret.
    pub fn hidden_trigger(&self) -> Hidden {
        self.hidden_trigger
    }

    /// Whether a variable holds a secret.
    pub fn hides_variable(&self, name: &str) -> bool {
        self.hidden_variables.contains(&name.to_lowercase())
    }
}

/// Whether, and when, a caller of a flow gets a Response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// There is no Response action: the caller is told that the run was accepted.
    Never,
    /// The caller waits for it.
    Waiting,
    /// The caller is told that the run was accepted and where to ask for the Response.
    Later,
}

/// What the history needs to know of an action.
#[derive(Debug)]
pub struct Outline<'p> {
    /// Its place in the document, in bytes.
    pub position: usize,
    /// Its name.
    pub name: &'p str,
    /// Its type, as written.
    pub type_name: &'p str,
    /// The actions around it, outermost first, and whether each is a loop.
    pub around: Vec<(&'p str, bool)>,
    /// The places of the loops around it, outermost first.
    pub loops: Vec<usize>,
    /// What of it is secret.
    pub hidden: Hidden,
}

impl NodeId {
    pub(super) fn at(index: usize) -> Self {
        Self(index)
    }
}

impl Node {
    fn is_loop(&self) -> bool {
        matches!(self.action.work, Work::Foreach { .. } | Work::Until { .. })
    }

    pub(super) fn repeats_until(&self) -> bool {
        matches!(self.action.work, Work::Until { .. })
    }

    pub(super) fn ends_the_run(&self) -> bool {
        matches!(self.action.work, Work::Terminate { .. }) && self.action.static_result.is_none()
    }
}

fn status_of(ending: Ending) -> ActionStatus {
    match ending {
        Ending::Succeeded => ActionStatus::Succeeded,
        Ending::Failed => ActionStatus::Failed,
        Ending::Skipped => ActionStatus::Skipped,
        Ending::TimedOut => ActionStatus::TimedOut,
    }
}

/// The branch of a case.
pub(super) fn case_branch(name: &str) -> String {
    format!("case {name}")
}

/// Takes the containers out of an action, each under its branch's name.
fn take_blocks(work: &mut Work) -> Vec<(String, lang::wdl::Block)> {
    use std::mem::take;
    match work {
        Work::If { actions, otherwise, .. } => {
            vec![(ACTIONS.to_owned(), take(actions)), ("else".to_owned(), take(otherwise))]
        }
        Work::Switch { cases, default, .. } => {
            let cases = cases.iter_mut().map(|case| (case_branch(&case.name), take(&mut case.actions)));
            cases.chain([("default".to_owned(), take(default))]).collect()
        }
        Work::Foreach { actions, .. } | Work::Until { actions, .. } | Work::Scope { actions } => {
            vec![(ACTIONS.to_owned(), take(actions))]
        }
        Work::Unknown { blocks, .. } => take(blocks)
            .into_iter()
            .enumerate()
            .map(|(index, block)| (format!("block {index}"), block))
            .collect(),
        _ => Vec::new(),
    }
}
