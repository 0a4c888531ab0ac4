//! The task graph: which tasks a refresh has, and what each needs. Computed from the definitions alone.

use std::collections::BTreeSet;

use super::reads::Reads;
use super::{Operation, RefreshError, Result, Scope};
use crate::definitions::{CUSTOMER, Definitions, Measure, MeasureKind, SegmentState};
use crate::relationships::CUSTOMER_MEASURE;

/// One task of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it does.
    pub operation: Operation,
    /// What it does it to: a data source, measure or segment.
    pub name: String,
    /// The positions, in the graph, of the tasks whose results it reads. All are earlier than its own.
    pub needs: Vec<usize>,
}

impl Node {
    /// The name of the task over all jobs: `ingestion:Shop`.
    pub fn id(&self) -> String {
        format!("{}:{}", self.operation, self.name)
    }
}

/// The tasks of a job, each after what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    /// The tasks.
    pub nodes: Vec<Node>,
}

impl Graph {
    /// The tasks that refresh `scope`.
    pub fn of(definitions: &Definitions, scope: &Scope) -> Result<Self> {
        match scope {
            Scope::Full => Ok(Self::full(definitions)),
            Scope::DataSource(name) => {
                let known = || definitions.data_sources.iter().map(|source| source.name.as_str());
                if !known().any(|known| known == name) {
                    let suggestion = lang::diagnose::did_you_mean(name, known()).map(str::to_owned);
                    return Err(RefreshError::UnknownDataSource { name: name.clone(), suggestion });
                }
                let node = Node { operation: Operation::Ingestion, name: name.clone(), needs: Vec::new() };
                Ok(Self { nodes: vec![node] })
            }
        }
    }

    fn full(definitions: &Definitions) -> Self {
        let mut graph = Self { nodes: Vec::new() };
        for source in &definitions.data_sources {
            graph.push(Operation::Ingestion, &source.name, Vec::new());
        }
        if let Some(unification) = &definitions.unification {
            let needs = graph.sources_of(definitions, &unification.reads().into_iter().collect());
            graph.push(Operation::Unification, CUSTOMER, needs);
        }
        graph.push_measures(definitions);
        graph.push_segments(definitions);
        graph
    }

    fn push(&mut self, operation: Operation, name: &str, needs: Vec<usize>) {
        self.nodes.push(Node { operation, name: name.to_owned(), needs });
    }

    fn push_measures(&mut self, definitions: &Definitions) {
        let reads = Reads::of(definitions);
        let of_kind = |attribute: bool| {
            let is_attribute = move |m: &&Measure| (m.kind == MeasureKind::CustomerAttribute) == attribute;
            definitions.measures.iter().filter(is_attribute)
        };
        let mut entities = BTreeSet::new();
        let mut attributes = of_kind(true).peekable();
        if attributes.peek().is_some() {
            attributes.for_each(|measure| reads.measure(measure, &mut entities));
            entities.remove(CUSTOMER_MEASURE); // its own columns, in the order that they need
            let needs = self.needs(definitions, &entities);
            self.push(Operation::AttributeMeasures, CUSTOMER_MEASURE, needs);
        }
        for measure in of_kind(false) {
            let mut entities = BTreeSet::new();
            reads.measure(measure, &mut entities);
            let needs = self.needs(definitions, &entities);
            self.push(Operation::EntityMeasures, &measure.name, needs);
        }
    }

    fn push_segments(&mut self, definitions: &Definitions) {
        let reads = Reads::of(definitions);
        for segment in definitions.segments.iter().filter(|s| s.state == SegmentState::Active) {
            let mut entities = BTreeSet::from([CUSTOMER.to_owned()]);
            segment.rules.iter().for_each(|rule| reads.condition(rule.where_.condition(), &mut entities));
            let mut needs = self.needs(definitions, &entities);
            needs.extend(self.position(Operation::AttributeMeasures, CUSTOMER_MEASURE));
            self.push(Operation::Segmentation, &segment.name, needs);
        }
    }

    /// The tasks that make these entities.
    fn needs(&self, definitions: &Definitions, entities: &BTreeSet<String>) -> Vec<usize> {
        let mut needs = self.sources_of(definitions, &entities.iter().map(String::as_str).collect());
        if definitions.unified_entities().iter().any(|made| entities.contains(made)) {
            needs.extend(self.position(Operation::Unification, CUSTOMER));
        }
        if entities.contains(CUSTOMER_MEASURE) {
            needs.extend(self.position(Operation::AttributeMeasures, CUSTOMER_MEASURE));
        }
        needs
    }

    fn sources_of(&self, definitions: &Definitions, entities: &BTreeSet<&str>) -> Vec<usize> {
        let sources = definitions.source_entities().filter_map(|(source, entity)| {
            entities.contains(source.full_name(entity).as_str()).then_some(source.name.as_str())
        });
        let sources: BTreeSet<&str> = sources.collect();
        sources.into_iter().filter_map(|name| self.position(Operation::Ingestion, name)).collect()
    }

    fn position(&self, operation: Operation, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.operation == operation && node.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions::Project;

    const SHOP: &str = r#"
instance: shop
dataSources:
  - name: Shop
    kind: files
    path: .
    entities:
      - {name: People, file: people.csv, primaryKey: Id}
      - {name: Orders, file: orders.csv, primaryKey: Id}
  - {name: Visits, kind: files, path: ., entities: [{name: Doors, file: doors.csv, primaryKey: Id}]}
  - {name: Weather, kind: files, path: ., entities: [{name: Days, file: days.csv, primaryKey: Id}]}
relationships:
  - {from: Shop_Orders.Person, to: Shop_People.Id}
  - {from: Visits_Doors.Person, to: Shop_People.Id}
unification:
  deduplication: [{entity: Shop_People}]
  match: {order: [Shop_People]}
  custom: {neverMatch: {entity: Weather_Days}}
measures:
  - {name: Twice, type: business, calculate: count(Deduplication_Shop_People)}
  - {name: Rain, type: business, calculate: avg(Weather_Days.Rain), where: "Rain > 0"}
  - {name: Revenue, type: business, calculate: sum(Shop_Orders.Price), by: [Customer.Country]}
  - {name: Spend, type: customerAttribute, calculate: sum(Shop_Orders.Price)}
segments:
  - {name: Good, where: "Spend > 5"}
  - {name: Seen, where: "Visits_Doors.Door = 'A'"}
  - {name: Paused, where: "Spend > 6", state: inactive}
"#;

    fn shop() -> Definitions {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("weir.yaml"), SHOP).unwrap();
        Project::load(folder.path()).unwrap_or_else(|wrong| panic!("{wrong}")).into_definitions()
    }

    /// What each task needs, by name.
    fn needs(graph: &Graph, id: &str) -> Vec<String> {
        let node = graph.nodes.iter().find(|node| node.id() == id).unwrap_or_else(|| panic!("no {id}"));
        let mut needs: Vec<String> = node.needs.iter().map(|need| graph.nodes[*need].id()).collect();
        needs.sort();
        needs
    }

    #[test]
    fn every_task_comes_after_what_it_needs() {
        let graph = Graph::of(&shop(), &Scope::Full).unwrap();
        for (position, node) in graph.nodes.iter().enumerate() {
            assert!(node.needs.iter().all(|need| *need < position), "{}", node.id());
        }
    }

    #[test]
    fn a_measure_needs_the_sources_that_it_reads_and_no_others() {
        let graph = Graph::of(&shop(), &Scope::Full).unwrap();
        assert_eq!(needs(&graph, "entityMeasures:Rain"), ["ingestion:Weather"]);
        assert_eq!(needs(&graph, "entityMeasures:Revenue"), ["ingestion:Shop", "unification:Customer"]);
        assert_eq!(
            needs(&graph, "attributeMeasures:Customer_Measure"),
            ["ingestion:Shop", "unification:Customer"]
        );
    }

    #[test]
    fn unification_needs_the_sources_of_its_lists_and_what_reads_its_entities_needs_it() {
        let graph = Graph::of(&shop(), &Scope::Full).unwrap();
        assert_eq!(needs(&graph, "unification:Customer"), ["ingestion:Shop", "ingestion:Weather"]);
        assert_eq!(needs(&graph, "entityMeasures:Twice"), ["unification:Customer"]);
    }

    #[test]
    fn a_segment_needs_profiles_attributes_and_what_its_rules_read() {
        let graph = Graph::of(&shop(), &Scope::Full).unwrap();
        let base = ["attributeMeasures:Customer_Measure", "unification:Customer"];
        assert_eq!(needs(&graph, "segmentation:Good"), base);
        let seen = needs(&graph, "segmentation:Seen");
        assert!(seen.contains(&"ingestion:Visits".to_owned()), "{seen:?}");
        assert!(!seen.contains(&"ingestion:Weather".to_owned()), "{seen:?}");
    }

    #[test]
    fn inactive_segments_have_no_task() {
        let graph = Graph::of(&shop(), &Scope::Full).unwrap();
        assert!(graph.nodes.iter().all(|node| node.name != "Paused"));
    }

    #[test]
    fn one_data_source_is_one_task_and_a_misspelt_one_is_answered_with_the_right_name() {
        let graph = Graph::of(&shop(), &Scope::DataSource("Visits".to_owned())).unwrap();
        assert_eq!(graph.nodes.len(), 1);
        let wrong = Graph::of(&shop(), &Scope::DataSource("Visit".to_owned())).unwrap_err();
        assert!(wrong.to_string().contains("\"Visits\""), "{wrong}");
    }
}
