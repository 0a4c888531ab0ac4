//! The task graph: which tasks a refresh has, and what each needs. Computed from the definitions alone.

use std::collections::BTreeSet;

use insight::segments::{asks_for, in_order};

use super::reads::{Reads, named_measures, read_by_attributes, readable_first};
use super::{Operation, RefreshError, Result, Scope, Target};
use crate::definitions::{
    CUSTOMER, Definitions, Measure, MeasureKind, MeasureState, SEGMENT_MEMBERSHIP, Segment, SegmentState,
    SegmentType, UNIFIED_ACTIVITY,
};
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
    /// The positions of tasks that must have ended before it, well or badly: where one failed, what it made the last
    /// time is read.
    pub after: Vec<usize>,
    /// The ids of tasks whose results it reads and that are not part of the graph: their last results stand.
    pub outside: Vec<String>,
    /// It belongs to the house, and follows whatever it is made from.
    pub follows: bool,
    /// Full refreshes leave it out: it has a schedule of its own, or runs only when asked for.
    pub on_its_own: bool,
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
    /// What would be a task if anything used it.
    pub left_out: Vec<LeftOut>,
}

/// A task that does not run, because nothing uses what it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// What it would do.
    pub operation: Operation,
    /// What it would do it to.
    pub name: String,
    /// Why it does not, and how that changes.
    pub message: String,
}

impl LeftOut {
    /// The name of the task over all jobs.
    pub fn id(&self) -> String {
        format!("{}:{}", self.operation, self.name)
    }
}

impl Graph {
    /// The tasks that refresh `scope`.
    ///
    /// # Errors
    /// There is nothing of that name.
    pub fn of(definitions: &Definitions, scope: &Scope) -> Result<Self> {
        let all = Self::all(definitions);
        match scope {
            Scope::Full => Ok(all.only(|node| !node.on_its_own)),
            Scope::Part(part) => {
                let at = all.find(definitions, &part.target)?;
                let mut chosen = BTreeSet::from([at]);
                if part.downstream {
                    all.follow(&mut chosen);
                }
                if part.upstream {
                    all.precede(&mut chosen);
                }
                all.add_followers(&mut chosen);
                let mut position = 0..all.nodes.len();
                Ok(all.only(|_| position.next().is_some_and(|at| chosen.contains(&at))))
            }
        }
    }

    /// Every task that there can be.
    fn all(definitions: &Definitions) -> Self {
        let mut graph = Self { nodes: Vec::new(), left_out: Vec::new() };
        for source in &definitions.data_sources {
            graph.push(Operation::Ingestion, &source.name, Vec::new());
        }
        if let Some(unification) = &definitions.unification {
            let needs = graph.sources_of(definitions, &unification.reads().into_iter().collect());
            graph.push(Operation::Unification, CUSTOMER, needs);
        }
        if let Some(at) = graph.position(Operation::Unification, CUSTOMER) {
            graph.push(Operation::Search, CUSTOMER, vec![at]);
            if let Some(node) = graph.nodes.last_mut() {
                node.follows = true;
            }
        }
        if !definitions.activities.is_empty() {
            let reads = Reads::of(definitions);
            let mut entities = BTreeSet::new();
            definitions.activities.iter().for_each(|activity| reads.activity(activity, &mut entities));
            let needs = graph.needs(definitions, &entities);
            graph.push(Operation::Activities, UNIFIED_ACTIVITY, needs);
        }
        graph.push_measures(definitions);
        graph.push_segments(definitions);
        graph.push_membership(definitions);
        graph.push_exports(definitions);
        for own in definitions.schedules.iter().filter(|own| !own.in_full_refresh) {
            if let Ok(at) = graph.find(definitions, &own.target)
                && let Some(node) = graph.nodes.get_mut(at)
            {
                node.on_its_own = true;
            }
        }
        graph
    }

    /// The task of a thing.
    fn find(&self, definitions: &Definitions, target: &Target) -> Result<usize> {
        let (operation, name) = match target {
            Target::DataSource(name) => (Operation::Ingestion, name.as_str()),
            Target::Unification => (Operation::Unification, CUSTOMER),
            Target::Measure(name) => match definitions.measure(name).map(|measure| measure.kind) {
                Some(MeasureKind::CustomerAttribute) => (Operation::AttributeMeasures, CUSTOMER_MEASURE),
                _ => (Operation::EntityMeasures, name.as_str()),
            },
            Target::Segment(name) => (Operation::Segmentation, name.as_str()),
            Target::Export(name) => (Operation::Export, name.as_str()),
        };
        self.position(operation, name).ok_or_else(|| unknown(definitions, target))
    }

    /// Adds everything that reads what is chosen, but for what must be asked for by name.
    fn follow(&self, chosen: &mut BTreeSet<usize>) {
        for (at, node) in self.nodes.iter().enumerate() {
            if !node.on_its_own && node.needs.iter().any(|need| chosen.contains(need)) {
                chosen.insert(at);
            }
        }
    }

    /// Adds what follows whatever it is made from.
    fn add_followers(&self, chosen: &mut BTreeSet<usize>) {
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.follows) {
            if node.needs.iter().chain(&node.after).any(|need| chosen.contains(need)) {
                chosen.insert(at);
            }
        }
    }

    /// Adds everything that is read by what is chosen.
    fn precede(&self, chosen: &mut BTreeSet<usize>) {
        for (at, node) in self.nodes.iter().enumerate().rev() {
            if chosen.contains(&at) {
                chosen.extend(&node.needs);
            }
        }
    }

    /// The graph of the tasks for which `is_chosen`; what they need beside them is outside.
    pub(super) fn only(self, mut is_chosen: impl FnMut(&Node) -> bool) -> Self {
        let ids: Vec<String> = self.nodes.iter().map(Node::id).collect();
        let mut moved: Vec<Option<usize>> = Vec::new();
        let mut nodes = Vec::new();
        for mut node in self.nodes {
            if !is_chosen(&node) {
                moved.push(None);
                continue;
            }
            // A graph may be narrowed twice: what was outside stays there.
            let mut outside = std::mem::take(&mut node.outside);
            let mut inside = |needs: &mut Vec<usize>| {
                needs.retain_mut(|need| match moved.get(*need).copied().flatten() {
                    Some(at) => {
                        *need = at;
                        true
                    }
                    None => {
                        outside.extend(ids.get(*need).cloned());
                        false
                    }
                });
            };
            inside(&mut node.needs);
            inside(&mut node.after);
            node.outside = outside;
            moved.push(Some(nodes.len()));
            nodes.push(node);
        }
        Self { nodes, left_out: self.left_out }
    }

    fn push(&mut self, operation: Operation, name: &str, mut needs: Vec<usize>) {
        needs.sort_unstable();
        needs.dedup();
        let (after, outside, follows, on_its_own) = (Vec::new(), Vec::new(), false, false);
        self.nodes.push(Node {
            operation,
            name: name.to_owned(),
            needs,
            after,
            outside,
            follows,
            on_its_own,
        });
    }

    fn push_measures(&mut self, definitions: &Definitions) {
        let reads = Reads::of(definitions);
        let of_kind = |attribute: bool| {
            let is_attribute = move |m: &&Measure| {
                m.state == MeasureState::Active && (m.kind == MeasureKind::CustomerAttribute) == attribute
            };
            definitions.measures.iter().filter(is_attribute)
        };
        let numbers = read_by_attributes(definitions);
        // What customer attributes read of the business comes before them, everything else after.
        for measure in &numbers {
            self.push_measure(definitions, &reads, measure);
        }
        let mut entities = BTreeSet::new();
        let mut attributes = of_kind(true).peekable();
        if attributes.peek().is_some() {
            attributes.for_each(|measure| reads.measure(measure, &mut entities));
            entities.remove(CUSTOMER_MEASURE); // its own columns, in the order that they need
            let mut needs = self.needs(definitions, &entities);
            needs.extend(numbers.iter().filter_map(|it| self.position(Operation::EntityMeasures, &it.name)));
            self.push(Operation::AttributeMeasures, CUSTOMER_MEASURE, needs);
        }
        let others: Vec<&Measure> = of_kind(false).collect();
        for measure in readable_first(&others, definitions) {
            if self.position(Operation::EntityMeasures, &measure.name).is_none() {
                self.push_measure(definitions, &reads, measure);
            }
        }
    }

    fn push_measure(&mut self, definitions: &Definitions, reads: &Reads<'_>, measure: &Measure) {
        let mut entities = BTreeSet::new();
        reads.measure(measure, &mut entities);
        let mut needs = self.needs(definitions, &entities);
        let query = measure.sql.as_ref().map(|sql| reads.query(&sql.0)).unwrap_or_default();
        needs.extend(query.measures.iter().filter_map(|it| self.position(Operation::EntityMeasures, it)));
        for name in named_measures(measure) {
            needs.extend(self.position(Operation::EntityMeasures, name));
            if definitions.measure(name).is_some_and(|it| it.kind == MeasureKind::CustomerAttribute) {
                needs.extend(self.position(Operation::AttributeMeasures, CUSTOMER_MEASURE));
            }
        }
        self.push(Operation::EntityMeasures, &measure.name, needs);
    }

    fn push_segments(&mut self, definitions: &Definitions) {
        let reads = Reads::of(definitions);
        let computed = |it: &&Segment| it.state == SegmentState::Active;
        for segment in in_order(&definitions.segments).into_iter().filter(computed) {
            let mut entities = BTreeSet::from([CUSTOMER.to_owned()]);
            segment.rules.iter().for_each(|rule| reads.condition(rule.where_.condition(), &mut entities));
            entities.extend(segment.project.iter().filter_map(|it| it.entity.clone()));
            let query = segment.sql.as_ref().map(|sql| reads.query(&sql.0)).unwrap_or_default();
            entities.extend(query.entities);
            entities.insert(CUSTOMER_MEASURE.to_owned());
            let mut needs = self.needs(definitions, &entities);
            needs.extend(query.measures.iter().filter_map(|it| self.position(Operation::EntityMeasures, it)));
            needs
                .extend(asks_for(segment).iter().filter_map(|it| self.position(Operation::Segmentation, it)));
            self.push(Operation::Segmentation, &segment.name, needs);
            if let Some(node) = self.nodes.last_mut() {
                node.on_its_own = segment.kind == SegmentType::Static;
            }
        }
    }

    /// Who is in which segment, once all segments are known.
    fn push_membership(&mut self, definitions: &Definitions) {
        if definitions.segments.is_empty() {
            return;
        }
        let is_segment =
            |(at, node): (usize, &Node)| (node.operation == Operation::Segmentation).then_some(at);
        let after = self.nodes.iter().enumerate().filter_map(is_segment).collect();
        self.push(Operation::SegmentMembership, SEGMENT_MEMBERSHIP, Vec::new());
        if let Some(node) = self.nodes.last_mut() {
            (node.after, node.follows) = (after, true);
        }
    }

    /// Exports read what is published, so they need no task of their own job: each is a job by itself.
    fn push_exports(&mut self, definitions: &Definitions) {
        for export in &definitions.exports {
            self.push(Operation::Export, &export.name, Vec::new());
            if let Some(node) = self.nodes.last_mut() {
                node.on_its_own = true;
            }
        }
    }

    /// The tasks that make these entities.
    fn needs(&self, definitions: &Definitions, entities: &BTreeSet<String>) -> Vec<usize> {
        let mut needs = self.sources_of(definitions, &entities.iter().map(String::as_str).collect());
        if definitions.unified_entities().iter().any(|made| entities.contains(made)) {
            needs.extend(self.position(Operation::Unification, CUSTOMER));
        }
        if entities.contains(UNIFIED_ACTIVITY) {
            needs.extend(self.position(Operation::Activities, UNIFIED_ACTIVITY));
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

/// There is nothing of that name, or nothing that is refreshed.
fn unknown(definitions: &Definitions, target: &Target) -> RefreshError {
    let known: Vec<&str> = match target {
        Target::DataSource(_) => definitions.data_sources.iter().map(|it| it.name.as_str()).collect(),
        Target::Measure(_) => definitions.measures.iter().map(|it| it.name.as_str()).collect(),
        Target::Segment(_) => definitions.segments.iter().map(|it| it.name.as_str()).collect(),
        Target::Export(_) => definitions.exports.iter().map(|it| it.name.as_str()).collect(),
        Target::Unification => Vec::new(),
    };
    if known.contains(&target.name()) {
        return RefreshError::NotActive { target: target.to_string() };
    }
    let suggestion = lang::diagnose::did_you_mean(target.name(), known).map(str::to_owned);
    match target {
        Target::DataSource(name) => RefreshError::UnknownDataSource { name: name.clone(), suggestion },
        target => RefreshError::UnknownTarget { target: target.to_string(), suggestion },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions::{OwnSchedule, Project};
    use crate::refresh::Part;

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
    fn a_query_needs_what_it_names_and_no_others() {
        let mut shop = shop();
        let mut ask = |sql: &str| {
            let sql = crate::definitions::SqlText(sql.to_owned());
            shop.segments[0].sql = Some(sql.clone());
            shop.segments[0].rules.clear();
            shop.measures[1].sql = Some(sql);
            shop.measures[1].calculations.clear();
            shop.measures[1].filter = None;
            let graph = Graph::of(&shop, &Scope::Full).unwrap();
            (needs(&graph, "segmentation:Good"), needs(&graph, "entityMeasures:Rain"))
        };
        let base = ["attributeMeasures:Customer_Measure", "unification:Customer"];
        let (segment, measure) =
            ask("WITH Weather_Days AS (SELECT * FROM Visits_Doors) SELECT CustomerId FROM Weather_Days");
        assert_eq!(segment, [base[0], "ingestion:Visits", base[1]]);
        assert_eq!(measure, ["ingestion:Visits"]);
        let (segment, _) =
            ask("SELECT CustomerId FROM Customer WHERE Age > (SELECT max(Revenue) FROM Revenue)");
        assert_eq!(segment, [base[0], "entityMeasures:Revenue", base[1]]);
        let (segment, measure) = ask("SELECT CustomerId FROM Paused");
        assert_eq!(segment.iter().filter(|need| need.starts_with("ingestion")).count(), 3, "{segment:?}");
        assert_eq!(measure.len(), 4, "{measure:?}");
    }

    #[test]
    fn inactive_segments_have_no_task() {
        let graph = Graph::of(&shop(), &Scope::Full).unwrap();
        assert!(graph.nodes.iter().all(|node| node.name != "Paused"));
    }

    fn ids(graph: &Graph) -> Vec<String> {
        graph.nodes.iter().map(Node::id).collect()
    }

    fn part(target: Target, upstream: bool, downstream: bool) -> Graph {
        Graph::of(&shop(), &Scope::Part(Part { target, upstream, downstream })).unwrap()
    }

    #[test]
    fn one_thing_runs_alone_or_with_what_it_reads_or_with_what_reads_it() {
        let good = || Target::Segment("Good".to_owned());
        let alone = part(good(), false, false);
        assert_eq!(ids(&alone), ["segmentation:Good", "segmentMembership:SegmentMembership"]);
        assert_eq!((alone.nodes[1].after.as_slice(), alone.nodes[1].outside.len()), ([0].as_slice(), 1));
        assert_eq!(alone.nodes[0].outside, ["unification:Customer", "attributeMeasures:Customer_Measure"]);
        assert_eq!(
            ids(&part(good(), true, false)),
            [
                "ingestion:Shop",
                "ingestion:Weather",
                "unification:Customer",
                "search:Customer",
                "attributeMeasures:Customer_Measure",
                "segmentation:Good",
                "segmentMembership:SegmentMembership"
            ]
        );
        let weather = part(Target::DataSource("Visits".to_owned()), false, true);
        assert_eq!(
            ids(&weather),
            ["ingestion:Visits", "segmentation:Seen", "segmentMembership:SegmentMembership"]
        );
        let spend = part(Target::Measure("Spend".to_owned()), false, false);
        assert_eq!(ids(&spend), ["attributeMeasures:Customer_Measure"]);
    }

    #[test]
    fn what_has_a_schedule_of_its_own_is_left_out_of_a_full_refresh_and_stands_as_it_is() {
        let mut definitions = shop();
        let own = |target, in_full_refresh| OwnSchedule {
            name: "own".to_owned(),
            target,
            upstream: false,
            downstream: false,
            schedule: None,
            in_full_refresh,
        };
        definitions.schedules = vec![own(Target::Measure("Spend".to_owned()), false)];
        let graph = Graph::of(&definitions, &Scope::Full).unwrap();
        assert!(!ids(&graph).contains(&"attributeMeasures:Customer_Measure".to_owned()));
        let good = graph.nodes.iter().find(|node| node.name == "Good").unwrap();
        assert!(good.outside.contains(&"attributeMeasures:Customer_Measure".to_owned()));
        definitions.schedules = vec![own(Target::Measure("Spend".to_owned()), true)];
        let graph = Graph::of(&definitions, &Scope::Full).unwrap();
        assert!(ids(&graph).contains(&"attributeMeasures:Customer_Measure".to_owned()));
    }

    #[test]
    fn what_is_not_active_or_not_there_is_told_apart() {
        let wrong = |target| Graph::of(&shop(), &Scope::only(target)).unwrap_err();
        assert_eq!(wrong(Target::Segment("Paused".to_owned())).code(), "inactiveNode");
        let missing = wrong(Target::Measure("Spent".to_owned()));
        assert_eq!(missing.code(), "refreshTargetNotFound");
        assert!(missing.to_string().contains("\"Spend\""), "{missing}");
    }

    #[test]
    fn one_data_source_is_one_task_and_a_misspelt_one_is_answered_with_the_right_name() {
        let graph = Graph::of(&shop(), &Scope::only(Target::DataSource("Visits".to_owned()))).unwrap();
        assert_eq!(graph.nodes.len(), 1);
        let wrong = Graph::of(&shop(), &Scope::only(Target::DataSource("Visit".to_owned()))).unwrap_err();
        assert!(wrong.to_string().contains("\"Visits\""), "{wrong}");
    }
}
