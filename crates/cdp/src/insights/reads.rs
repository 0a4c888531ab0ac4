//! Which entities, columns and relationships some segments and measures read.

use std::collections::{BTreeMap, BTreeSet};

use insight::conditions::{Operand, Predicate};

use super::Asked;
use crate::relationships::{
    ALTERNATE_KEY, CUSTOMER_ID, CUSTOMER_MEASURE, Direction, Edge, EdgeKind, Graph, JoinTree,
};
use insight::relationships::CUSTOMER;

/// What is read of one entity.
#[derive(Debug, Default, Clone)]
pub(super) struct Columns {
    /// The columns whose values are asked for.
    pub(super) wanted: BTreeSet<String>,
    /// The columns by which rows find each other.
    pub(super) keys: BTreeSet<String>,
}

/// What is read.
#[derive(Debug)]
pub(super) struct Reads {
    /// The relationships that are followed, in the order of the definitions.
    pub(super) graph: Graph,
    /// The columns of each entity.
    pub(super) entities: BTreeMap<String, Columns>,
    /// The entities beside Customer, those that foreign keys lead to before those that have the keys.
    pub(super) order: Vec<String>,
    /// Whether the customers of source rows are needed.
    pub(super) owners: bool,
    /// The columns that can be left out, each with the most different texts that it may have; by entity and attribute.
    pub(super) limits: BTreeMap<(String, String), usize>,
}

/// Entities with all their attributes, which are read as far as they are about customers.
pub(super) struct Related {
    /// The attributes by entity.
    pub(super) attributes: BTreeMap<String, BTreeSet<String>>,
    /// The most different texts of a column that no definition reads.
    pub(super) most_texts: usize,
}

/// The most relationships between an entity and its customers, for entities that no definition reads.
const MOST_STEPS: usize = 3;

impl Reads {
    /// What is read by all that is asked.
    pub(super) fn of(graph: &Graph, asked: &Asked) -> Result<Self, String> {
        Found::of(graph, asked).finish()
    }

    /// The same with what is related to customers. Whatever cannot be indexed may be left out.
    pub(super) fn with_related(graph: &Graph, asked: &Asked, related: &Related) -> Result<Self, String> {
        let mut found = Found::of(graph, asked);
        let named = found.entities.clone();
        found.related(related);
        let mut reads = found.finish()?;
        for (entity, columns) in &reads.entities {
            let named = named.get(entity);
            for column in &columns.wanted {
                let is_named = named.is_some_and(|named| named.wanted.contains(column));
                let most = if is_named { usize::MAX } else { related.most_texts };
                reads.limits.insert((entity.clone(), column.clone()), most);
            }
        }
        Ok(reads)
    }
}

impl<'g> Found<'g> {
    fn of(graph: &'g Graph, asked: &Asked) -> Self {
        let mut found = Found { graph, entities: BTreeMap::new(), edges: Vec::new() };
        found.entities.entry(CUSTOMER.to_owned()).or_default();
        for rule in asked.segments.iter().flat_map(|segment| &segment.rules) {
            found.tree(&rule.tree);
            found.condition(&rule.condition);
        }
        for measure in &asked.measures {
            found.tree(&measure.tree);
            measure.filter.iter().for_each(|filter| found.condition(filter));
            measure.aggregates.iter().for_each(|aggregate| found.tree(&aggregate.tree));
        }
        found
    }

    /// Adds entities that lead to customers on one shortest path, and those that their rows lead to.
    fn related(&mut self, related: &Related) {
        let near = |entity: &String| {
            let path = self.graph.path(entity, CUSTOMER, Direction::Forward);
            path.is_ok_and(|path| path.steps.len() <= MOST_STEPS)
        };
        let about: BTreeSet<&String> = related.attributes.keys().filter(|entity| near(entity)).collect();
        for edge in self.graph.edges() {
            let is_key = matches!(edge.kind, EdgeKind::Key { .. });
            let leads = edge.from != CUSTOMER && about.contains(&edge.from) && edge.from != edge.to;
            if is_key && leads && related.attributes.contains_key(&edge.to) {
                self.edge(edge);
                self.attributes(&edge.to, related);
            }
        }
        about.into_iter().for_each(|entity| self.attributes(entity, related));
    }

    fn attributes(&mut self, entity: &str, related: &Related) {
        let attributes = related.attributes.get(entity).into_iter().flatten().cloned();
        self.entities.entry(entity.to_owned()).or_default().wanted.extend(attributes);
    }
}

struct Found<'g> {
    graph: &'g Graph,
    entities: BTreeMap<String, Columns>,
    edges: Vec<Edge>,
}

impl Found<'_> {
    fn tree(&mut self, tree: &JoinTree) {
        self.entity(tree, tree.root());
        for step in tree.steps() {
            self.entity(tree, step.end());
            self.edge(&step.edge);
        }
    }

    /// Measures are computed, not read.
    fn entity(&mut self, tree: &JoinTree, entity: &str) {
        if entity != CUSTOMER_MEASURE {
            let columns = self.entities.entry(entity.to_owned()).or_default();
            columns.wanted.extend(tree.columns_of(entity).map(str::to_owned));
        }
    }

    fn edge(&mut self, edge: &Edge) {
        if edge.kind != EdgeKind::Measures && !self.edges.contains(edge) {
            self.edges.push(edge.clone());
        }
    }

    fn condition(&mut self, condition: &Predicate) {
        for operand in condition.operands() {
            if let Operand::Aggregate(aggregate) = operand {
                self.tree(&aggregate.tree);
            }
        }
    }

    fn finish(mut self) -> Result<Reads, String> {
        self.owners();
        let mut graph = Graph::default();
        for edge in self.graph.edges().iter().filter(|edge| self.edges.contains(edge)) {
            let (from, to) = match &edge.kind {
                EdgeKind::Key { from, to } => (from.as_str(), to.as_str()),
                EdgeKind::Customer { key, .. } => (key.as_str(), CUSTOMER_ID),
                EdgeKind::Measures => continue,
            };
            self.entities.entry(edge.from.clone()).or_default().keys.insert(from.to_owned());
            self.entities.entry(edge.to.clone()).or_default().keys.insert(to.to_owned());
            graph.add(edge.clone());
        }
        let order = self.order()?;
        let owners = self.edges.iter().any(|edge| matches!(edge.kind, EdgeKind::Customer { .. }));
        Ok(Reads { graph, entities: self.entities, order, owners, limits: BTreeMap::new() })
    }

    /// Adds the ways from the entities to their customers: rows stand by customer.
    fn owners(&mut self) {
        let entities: Vec<String> = self.entities.keys().cloned().collect();
        for entity in entities {
            let Ok(path) = self.graph.path(&entity, CUSTOMER, Direction::Forward) else { continue };
            for step in path.steps {
                self.entities.entry(step.end().to_owned()).or_default();
                self.edge(&step.edge);
            }
        }
    }

    fn order(&self) -> Result<Vec<String>, String> {
        let mut order: Vec<String> = Vec::new();
        let mut left: Vec<&String> =
            self.entities.keys().filter(|entity| *entity != CUSTOMER && *entity != ALTERNATE_KEY).collect();
        while !left.is_empty() {
            let is_ready = |entity: &String| {
                let mut leading = self.edges.iter().filter(|edge| edge.from == *entity && edge.to != *entity);
                leading.all(|edge| edge.to == CUSTOMER || order.contains(&edge.to))
            };
            let (ready, later): (Vec<&String>, Vec<&String>) = left.into_iter().partition(|it| is_ready(it));
            if ready.is_empty() {
                return Err("its entities lead to each other in a circle".to_owned());
            }
            order.extend(ready.into_iter().cloned());
            left = later;
        }
        Ok(order)
    }
}
