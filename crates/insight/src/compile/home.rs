//! Whose rows something is about, and how the other entities are reached from them.

use super::nodes::{Nodes, Why};
use crate::index::{Index, edge_key};
use crate::relationships::{CUSTOMER, CUSTOMER_MEASURE, EdgeKind, JoinTree, Step};
use crate::scan::plan::{Id, Node, Space};
use std::collections::BTreeMap;

/// The rows of an entity with what their foreign keys lead to.
#[derive(Debug, Clone)]
pub(super) struct Home {
    /// Whose rows; 0 for the customers themselves.
    pub(super) table: usize,
    /// Every entity of the tree.
    reaches: BTreeMap<String, Reach>,
}

/// How an entity is reached.
#[derive(Debug, Clone, Default)]
pub(super) struct Reach {
    /// From the row's customer, not from the row itself.
    pub(super) by_customer: bool,
    /// The foreign keys from there.
    pub(super) links: Vec<(usize, usize)>,
    /// The table at the end.
    pub(super) table: usize,
    /// The customer's measures, which are no table.
    pub(super) measures: bool,
    /// The edges so far.
    edges: Vec<String>,
}

impl Home {
    /// The rows of a measure's or an aggregate's tree: the root's, every step forward.
    pub(super) fn of_rows(index: &Index, tree: &JoinTree) -> Result<Self, Why> {
        Self::new(index, tree.root(), tree.steps().iter().cloned())
    }

    /// The rows of a rule: those of the last entity on the way back from Customer.
    pub(super) fn of_rule(index: &Index, tree: &JoinTree) -> Result<Self, Why> {
        let back = |step: &&Step| !step.forward;
        let mut way: Vec<Step> = tree.steps().iter().filter(back).cloned().collect();
        let mut at = tree.root();
        for step in tree.steps().iter().filter(back) {
            if step.start() != at {
                return Err(format!("the path to {} turns back from a key", step.end()));
            }
            at = step.end();
        }
        way.reverse();
        way.iter_mut().for_each(|step| step.forward = true);
        let forward = tree.steps().iter().filter(|step| step.forward).cloned();
        Self::new(index, at, way.into_iter().chain(forward))
    }

    fn new(index: &Index, root: &str, steps: impl Iterator<Item = Step>) -> Result<Self, Why> {
        let mut reaches = BTreeMap::new();
        let measures = root == CUSTOMER_MEASURE;
        let table = if measures { Some(0) } else { index.table(root) };
        let table = table.ok_or_else(|| format!("{root} is not in the index"))?;
        if index.tables.get(table).is_none_or(|table| !table.offsets.is_whole()) {
            return Err(format!("{root} is damaged in the index"));
        }
        reaches.insert(root.to_owned(), Reach { table, measures, ..Reach::default() });
        for step in steps {
            let from =
                reaches.get(step.start()).ok_or_else(|| format!("nothing leads to {}", step.start()))?;
            let reach = from.step(index, table, &step)?;
            reaches.insert(step.end().to_owned(), reach);
        }
        Ok(Self { table, reaches })
    }

    /// The same entities, as far as they are reached from the customer, seen from the customer.
    pub(super) fn customers(&self) -> Self {
        let own = self.table == 0;
        let seen = self.reaches.iter().filter(|(_, reach)| own || reach.by_customer);
        let seen = seen.map(|(name, reach)| (name.clone(), Reach { by_customer: false, ..reach.clone() }));
        Self { table: 0, reaches: seen.collect() }
    }

    pub(super) fn reach(&self, entity: &str) -> Result<&Reach, Why> {
        self.reaches.get(entity).ok_or_else(|| format!("nothing leads to {entity}"))
    }

    pub(super) fn space(&self) -> Space {
        if self.table == 0 { Space::Customers } else { Space::Rows(self.table) }
    }

    /// Whether only rows with a customer count.
    pub(super) fn needs_customer(&self) -> bool {
        self.table != 0 && self.reaches.values().any(|reach| reach.by_customer)
    }

    /// Whether a row's foreign keys lead where they must: a row whose key leads nowhere is not joined.
    pub(super) fn joined(&self, nodes: &mut Nodes) -> Vec<Id> {
        let longest = |links: &[(usize, usize)], by_customer: bool| {
            let all = self.reaches.values().filter(|other| other.by_customer == by_customer);
            !all.into_iter().any(|other| other.links.len() > links.len() && other.links.starts_with(links))
        };
        let mut found = Vec::new();
        for reach in self.reaches.values().filter(|reach| !reach.links.is_empty()) {
            if !longest(&reach.links, reach.by_customer) {
                continue;
            }
            let home = if reach.by_customer { 0 } else { self.table };
            let id = nodes.add(Node::Linked { home, links: reach.links.clone() });
            let id = if reach.by_customer { self.of_customer(nodes, id) } else { id };
            if !found.contains(&id) {
                found.push(id);
            }
        }
        found
    }

    /// The foreign keys that rows must have: one chain that all others are parts of, or nothing.
    pub(super) fn only_links(&self) -> Option<&[(usize, usize)]> {
        let mut chain: &[(usize, usize)] = &[];
        for reach in self.reaches.values() {
            if reach.by_customer && !reach.links.is_empty() {
                return None;
            }
            if reach.links.len() > chain.len() {
                chain = &reach.links;
            }
        }
        let inside = |reach: &Reach| chain.starts_with(&reach.links);
        self.reaches.values().all(inside).then_some(chain)
    }

    /// A vector of the customers, seen from these rows.
    pub(super) fn of_customer(&self, nodes: &mut Nodes, of: Id) -> Id {
        if self.table == 0 { of } else { nodes.add(Node::OfCustomer { table: self.table, of }) }
    }
}

impl Reach {
    fn step(&self, index: &Index, home: usize, step: &Step) -> Result<Self, Why> {
        let fits_not = || format!("the path {} → {} is not in the index", step.start(), step.end());
        if !step.forward {
            return Err(fits_not());
        }
        if step.edge.kind == EdgeKind::Measures {
            let at_customer = self.table == 0 && self.links.is_empty() && !self.measures;
            return if at_customer { Ok(Self { measures: true, ..self.clone() }) } else { Err(fits_not()) };
        }
        let edge = edge_key(&step.edge);
        let mut edges = self.edges.clone();
        edges.push(edge.clone());
        let from = index.tables.get(self.table).ok_or_else(fits_not)?;
        let owner = index.tables.get(home).map(|table| &table.owner);
        if step.end() == CUSTOMER && !self.by_customer && home != 0 && owner == Some(&edges) {
            return Ok(Self { by_customer: true, links: Vec::new(), table: 0, measures: false, edges });
        }
        let at = from.links.iter().position(|link| link.edge == edge).ok_or_else(fits_not)?;
        let table = match from.links.get(at).ok_or_else(fits_not)? {
            link if link.rows.is_whole() => link.target,
            _ => return Err(format!("{edge} is damaged in the index")),
        };
        let mut links = self.links.clone();
        links.push((self.table, at));
        Ok(Self { by_customer: self.by_customer, links, table, measures: false, edges })
    }
}
