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
}

impl Reads {
    /// What is read by all that is asked.
    pub(super) fn of(graph: &Graph, asked: &Asked) -> Result<Self, String> {
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
        found.finish()
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
        Ok(Reads { graph, entities: self.entities, order, owners })
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
