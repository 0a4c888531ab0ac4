//! What the history hides: what a flow marks as secret, and what that flows into.
//!
//! An action that uses a secret output has secret inputs; when it only turns values into values, its outputs are
//! secret as well, and so are a variable that it sets and the elements of a loop over it. (Power Automate
//! follows a secret for one step; following it all the way hides no less.)

use std::collections::HashSet;

use lang::expr::{Expr, Node as ExprNode, Template, Tree};
use lang::wdl::Work;

use super::plan::{Node, NodeId};

/// Whether the inputs and the outputs of an action, or of the trigger, are secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hidden {
    /// The inputs.
    pub inputs: bool,
    /// The outputs.
    pub outputs: bool,
}

/// What is known to be secret, in lower case.
#[derive(Default)]
struct Secrets {
    trigger: bool,
    actions: HashSet<String>,
    variables: HashSet<String>,
    parameters: HashSet<String>,
    loops: HashSet<NodeId>,
}

/// What is hidden of each action, in the order of `nodes`, and the variables that are hidden, in lower case.
pub(super) fn hidden(
    nodes: &[Node],
    trigger: Hidden,
    parameters: HashSet<String>,
) -> (Vec<Hidden>, HashSet<String>) {
    let mut secrets = Secrets { trigger: trigger.outputs, parameters, ..Secrets::default() };
    let written = |node: &Node| {
        let secure = node.action.secure;
        Hidden { inputs: secure.inputs, outputs: secure.outputs }
    };
    let mut found: Vec<Hidden> = nodes.iter().map(written).collect();
    loop {
        let mut changed = false;
        for (index, (node, hidden)) in nodes.iter().zip(&mut found).enumerate() {
            let before = *hidden;
            if uses_secret(node, &secrets) {
                hidden.inputs = true;
            }
            if hidden.inputs && passes_on(&node.action.work) {
                hidden.outputs = true;
            }
            changed |= before != *hidden;
            changed |= secrets.learn(NodeId::at(index), node, *hidden);
        }
        if !changed {
            return (found, secrets.variables);
        }
    }
}

impl Secrets {
    /// Says whether something new was learned.
    fn learn(&mut self, id: NodeId, node: &Node, hidden: Hidden) -> bool {
        let mut new = hidden.outputs && self.actions.insert(node.name.to_lowercase());
        if !hidden.inputs {
            return new;
        }
        match &node.action.work {
            Work::Foreach { .. } => new |= self.loops.insert(id),
            Work::InitializeVariable { variables } => {
                for variable in variables {
                    new |= self.variables.insert(variable.name.to_lowercase());
                }
            }
            Work::SetVariable { name, .. }
            | Work::IncrementVariable { name, .. }
            | Work::DecrementVariable { name, .. }
            | Work::AppendToArrayVariable { name, .. }
            | Work::AppendToStringVariable { name, .. } => {
                new |= self.variables.insert(name.to_lowercase());
            }
            _ => {}
        }
        new
    }

    /// Whether a call of this function, from an action inside these loops, gives a secret.
    fn gives(&self, name: &str, args: &[Expr], loops: &[NodeId]) -> bool {
        let literal = match args.first().map(|arg| &arg.node) {
            Some(ExprNode::Text(text)) => Some(text.to_lowercase()),
            _ => None,
        };
        let named = |set: &HashSet<String>| match &literal {
            Some(name) => set.contains(name),
            // A computed name may be any of them.
            None => !set.is_empty(),
        };
        match name.to_ascii_lowercase().as_str() {
            "body" | "outputs" | "actions" | "actionbody" | "actionoutputs" => named(&self.actions),
            "result" => !self.actions.is_empty(),
            "trigger" | "triggerbody" | "triggeroutputs" => self.trigger,
            "variables" => named(&self.variables),
            "parameters" => named(&self.parameters),
            "item" | "items" => loops.iter().any(|id| self.loops.contains(id)),
            _ => false,
        }
    }
}

fn uses_secret(node: &Node, secrets: &Secrets) -> bool {
    let mut found = false;
    templates(&node.action.work, &mut |template| {
        for expr in template.exprs() {
            expr.walk(&mut |expr| {
                if let ExprNode::Call { name, args, .. } = &expr.node {
                    found |= secrets.gives(name, args, &node.loops);
                }
            });
        }
    });
    found
}

/// Whether what goes in comes out again.
fn passes_on(work: &Work) -> bool {
    !matches!(
        work,
        Work::Http { .. }
            | Work::Connector { .. }
            | Work::HttpWebhook { .. }
            | Work::ConnectorWebhook { .. }
            | Work::Workflow { .. }
            | Work::Wait(_)
            | Work::Unknown { .. }
    )
}

/// Calls `look` on every template of an action, without those of the actions inside it.
fn templates(work: &Work, look: &mut dyn FnMut(&Template)) {
    let mut trees: Vec<&Tree> = Vec::new();
    match work {
        Work::Compose { value }
        | Work::SetVariable { value, .. }
        | Work::AppendToArrayVariable { value, .. }
        | Work::AppendToStringVariable { value, .. } => trees.push(value),
        Work::InitializeVariable { variables } => {
            trees.extend(variables.iter().filter_map(|variable| variable.value.as_ref()));
        }
        Work::IncrementVariable { by, .. } | Work::DecrementVariable { by, .. } => trees.push(by),
        Work::ParseJson { content, .. } => trees.push(content),
        Work::Query { from, condition } => {
            trees.push(from);
            condition.templates(&mut |template| look(template));
        }
        Work::Select { from, select } => trees.extend([from, select]),
        Work::Join { from, separator } => trees.extend([from, separator]),
        Work::Table { from, columns, .. } => {
            trees.push(from);
            trees.extend(columns.iter().flatten().flat_map(|(header, cell)| [header, cell]));
        }
        Work::If { condition, .. } | Work::Until { condition, .. } => {
            condition.templates(&mut |template| look(template));
        }
        Work::Switch { on, .. } => trees.push(on),
        Work::Foreach { over, .. } => trees.push(over),
        Work::Terminate { code, message, .. } => trees.extend(code.iter().chain(message)),
        Work::Http { inputs } | Work::Unknown { inputs, .. } => trees.push(inputs),
        Work::Connector { operation } | Work::ConnectorWebhook { operation } => {
            trees.push(&operation.inputs);
        }
        Work::HttpWebhook { subscribe, unsubscribe, .. } => {
            trees.push(subscribe);
            trees.extend(unsubscribe);
        }
        Work::Workflow { flow, trigger, inputs } => {
            trees.extend([flow, inputs]);
            trees.extend(trigger);
        }
        // The formula reads nothing but the inputs.
        Work::Expression { inputs, .. } => trees.push(inputs),
        Work::Response { status_code, headers, body } => {
            trees.push(status_code);
            trees.extend(headers.iter().chain(body));
        }
        Work::Scope { .. } | Work::Wait(_) => {}
    }
    for tree in trees {
        tree.templates(&mut |template| look(template));
    }
}
