//! Which entities a calculation or a rule reads, and by which steps they hang together.

use super::CUSTOMER_MEASURE;
use super::error::PathError;
use super::graph::{Direction, Graph, Step};
use crate::conditions::Attribute;
use std::collections::BTreeSet;

/// The entities of one calculation or rule: a root, and for every other entity the step that reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinTree {
    root: String,
    steps: Vec<Step>,
    columns: BTreeSet<(String, String)>,
    /// The relationships that paths must use.
    via: Vec<String>,
}

impl JoinTree {
    /// Only the root.
    pub fn new(root: &str) -> Self {
        Self::through(root, &[])
    }

    /// Only the root, from which paths use these relationships ([`Graph::path_through`]).
    pub fn through(root: &str, via: &[String]) -> Self {
        let (root, via) = (root.to_owned(), via.to_vec());
        Self { root, steps: Vec::new(), columns: BTreeSet::new(), via }
    }

    /// Whether the entity is part of the tree.
    pub fn has(&self, entity: &str) -> bool {
        self.root == entity || self.steps.iter().any(|step| step.end() == entity)
    }

    /// The entity that everything hangs on.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The steps, each starting at the root or where an earlier one ended.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Makes an entity part of the tree.
    ///
    /// # Errors
    /// It cannot be reached by one shortest path.
    pub fn reach(&mut self, graph: &Graph, entity: &str, direction: Direction) -> Result<(), PathError> {
        if self.has(entity) {
            return Ok(());
        }
        // A shortest path that is the only one goes through shortest paths that are the only ones: the steps of two
        // paths agree wherever they meet, and the tree stays a tree. A path that uses named relationships may meet
        // another one by another step; that is refused.
        for step in graph.path_through(&self.root, entity, direction, &self.via)?.steps {
            if self.steps.contains(&step) {
                continue;
            }
            if self.has(step.end()) {
                let (one, other) = (step.end().to_owned(), entity.to_owned());
                return Err(PathError::NotOnOnePath { from: self.root.clone(), one, other });
            }
            self.steps.push(step);
        }
        Ok(())
    }

    /// Makes an attribute's entity part of the tree and the attribute a column of its rows.
    ///
    /// # Errors
    /// The entity cannot be reached by one shortest path.
    pub fn read(
        &mut self,
        graph: &Graph,
        attribute: &Attribute,
        direction: Direction,
    ) -> Result<(), PathError> {
        self.reach(graph, &attribute.entity, direction)?;
        self.column(&attribute.entity, &attribute.name);
        Ok(())
    }

    /// Makes an attribute of an entity of the tree a column of its rows.
    pub fn column(&mut self, entity: &str, attribute: &str) {
        self.columns.insert((entity.to_owned(), attribute.to_owned()));
    }

    /// The relationships that are named but lie on none of the tree's paths.
    pub fn unused_via(&self) -> impl Iterator<Item = &str> {
        let used = |name: &str| self.steps.iter().any(|step| step.edge.name_in_paths() == name);
        self.via.iter().map(String::as_str).filter(move |name| !used(name))
    }

    /// The columns wanted of an entity.
    pub fn columns_of<'a>(&'a self, entity: &'a str) -> impl Iterator<Item = &'a str> {
        self.columns.iter().filter(move |(owner, _)| owner == entity).map(|(_, attribute)| attribute.as_str())
    }

    /// Whether any column of the entity is wanted.
    pub fn reads(&self, entity: &str) -> bool {
        self.columns_of(entity).next().is_some()
    }

    /// Demands that all entities are on one path; the measures of a customer are beside every path.
    ///
    /// # Errors
    /// Two steps start at the same entity.
    pub fn one_path(&self) -> Result<(), PathError> {
        let steps: Vec<_> = self.steps.iter().filter(|step| step.end() != CUSTOMER_MEASURE).collect();
        for (at, one) in steps.iter().enumerate() {
            if let Some(other) = steps.iter().skip(at + 1).find(|other| other.start() == one.start()) {
                let (one, other) = (one.end().to_owned(), other.end().to_owned());
                return Err(PathError::NotOnOnePath { from: self.root.clone(), one, other });
            }
        }
        Ok(())
    }
}
