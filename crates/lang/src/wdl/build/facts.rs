//! What is learned about a definition while it is read, for the checks that need to see all of it.

use super::literal_argument;
use crate::diagnose::Span;
use crate::expr::Expr;
use crate::wdl::definition::VariableKind;
use std::collections::{BTreeSet, HashMap};

/// Names, containers and references of one definition.
#[derive(Debug, Default)]
pub(in crate::wdl) struct Facts {
    pub(in crate::wdl) actions: Vec<ActionFact>,
    pub(in crate::wdl) containers: Vec<ContainerFact>,
    pub(in crate::wdl) uses: Vec<Use>,
    pub(in crate::wdl) variables: Vec<VariableFact>,
    /// Lower-case name → place in `variables`.
    pub(in crate::wdl) variable_names: HashMap<String, usize>,
    /// Lower-case name → the first action of this name.
    pub(in crate::wdl) action_names: HashMap<String, usize>,
    /// In lower case.
    pub(in crate::wdl) parameters: BTreeSet<String>,
    pub(in crate::wdl) request_trigger: bool,
}

/// One action.
#[derive(Debug)]
pub(in crate::wdl) struct ActionFact {
    pub(in crate::wdl) name: String,
    pub(in crate::wdl) lower: String,
    /// The type in lower case.
    pub(in crate::wdl) kind: String,
    pub(in crate::wdl) span: Span,
    /// The container it is in.
    pub(in crate::wdl) container: usize,
    /// The names in its `runAfter`.
    pub(in crate::wdl) run_after: Vec<(String, Span)>,
    /// The variable that it changes.
    pub(in crate::wdl) changes: Option<(String, Span)>,
}

/// One container: the top level, or a branch of an action.
#[derive(Debug)]
pub(in crate::wdl) struct ContainerFact {
    /// The action whose container it is; none for the top level.
    pub(in crate::wdl) owner: Option<usize>,
    /// The actions in it.
    pub(in crate::wdl) actions: Vec<usize>,
}

/// A variable that is made.
#[derive(Debug)]
pub(in crate::wdl) struct VariableFact {
    pub(in crate::wdl) name: String,
    pub(in crate::wdl) kind: VariableKind,
    /// The action that makes it.
    pub(in crate::wdl) by: usize,
}

/// A function call with a constant name in it: `variables('x')`.
#[derive(Debug)]
pub(in crate::wdl) struct Use {
    /// The function in lower case.
    pub(in crate::wdl) function: String,
    pub(in crate::wdl) name: String,
    pub(in crate::wdl) span: Span,
    /// The action whose settings hold the call; none for triggers and outputs.
    pub(in crate::wdl) owner: Option<usize>,
}

impl Use {
    /// The use in a call, if the function is one that names something.
    pub(super) fn of(expr: &Expr) -> Option<Self> {
        const NAMING: [&str; 12] = [
            "variables",
            "parameters",
            "body",
            "outputs",
            "actions",
            "actionbody",
            "actionoutputs",
            "result",
            "items",
            "iterationindexes",
            "formdatavalue",
            "multipartbody",
        ];
        let (function, name, span) = literal_argument(expr)?;
        let function = function.to_lowercase();
        NAMING.contains(&function.as_str()).then(|| Self {
            function,
            name: name.to_owned(),
            span,
            owner: None,
        })
    }
}

impl Facts {
    /// The container, and the action around it, outwards from an action.
    pub(in crate::wdl) fn parent(&self, action: usize) -> Option<usize> {
        let container = self.actions.get(action)?.container;
        self.containers.get(container)?.owner
    }

    /// The actions around this one, from the inside out.
    pub(in crate::wdl) fn ancestors(&self, action: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.parent(action), |action| self.parent(*action))
    }

    /// The action of this name (the first one, when there are more, which is a mistake).
    pub(in crate::wdl) fn find(&self, name: &str) -> Option<usize> {
        self.action_names.get(&name.to_lowercase()).copied()
    }

    /// The variable of this name.
    pub(in crate::wdl) fn variable(&self, name: &str) -> Option<&VariableFact> {
        self.variables.get(*self.variable_names.get(&name.to_lowercase())?)
    }
}
