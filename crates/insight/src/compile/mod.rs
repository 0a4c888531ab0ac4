//! Segments and measures as a program over an index.
//!
//! Definitions share what they have in common: an aggregate, a test or a column that several ask for is computed once.
//! What does not fit the index is said with a reason; another engine answers it.

mod explain;
mod home;
mod measures;
mod nodes;
mod predicates;
mod refresh;
mod results;
mod rule_bits;
mod values;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

pub use explain::{Explanation, explain};
pub use refresh::KeptResults;
pub use results::{MeasureColumn, MeasureTable, Members, Results, RuleCount, SegmentMembers};

use crate::conditions::Kind;
use crate::definition::{MeasureKind, SetOperator};
use crate::index::Index;
use crate::measures::CheckedMeasure;
use crate::scan::plan::{Grouping, Id, Node, Plan, Space};
use crate::segments::{CheckedRule, CheckedSegment};
use nodes::{Nodes, Value, Why};
use std::collections::{BTreeMap, BTreeSet};

/// Segments and measures, ready to be computed over an index. All of them see the same moment: their relative tests
/// were made absolute before ([`CheckedSegment::at`], [`CheckedMeasure::at`]).
#[derive(Debug, Clone)]
pub struct Program {
    plan: Plan,
    segments: Vec<SegmentPlan>,
    columns: Vec<Column>,
    tables: Vec<Table>,
    unfit: Vec<Unfit>,
}

/// A definition that is not answered from the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// The segment or measure.
    pub name: String,
    /// Why.
    pub why: String,
}

/// A segment of a program: for each rule what it does, and the vectors of what it took and of what there was after it.
#[derive(Debug, Clone)]
struct SegmentPlan {
    name: String,
    rules: Vec<(SetOperator, Id, Id)>,
}

/// A column that is kept.
#[derive(Debug, Clone)]
struct Column {
    name: String,
    kind: Kind,
    node: Id,
    /// Where its texts are.
    column: Option<(usize, usize)>,
}

/// A measure with rows of its own.
#[derive(Debug, Clone)]
struct Table {
    name: String,
    per_customer: bool,
    dimensions: Vec<DimensionPlan>,
    columns: Vec<Column>,
}

/// A dimension: its name, its kind, the base of its codes, and where its texts are.
type DimensionPlan = (String, Kind, i64, Option<(usize, usize)>);

/// A program while it is made.
struct Lowering<'i> {
    index: &'i Index,
    nodes: Nodes,
    /// The vectors of a measure's formulas, while they are made.
    formulas: Option<Nodes>,
    /// Customer attributes by name.
    attributes: BTreeMap<String, Value>,
    /// Members of segments by name: true or false.
    segments: BTreeMap<String, Id>,
    most_rows: BTreeMap<usize, i128>,
    columns: Vec<Column>,
    groupings: Vec<Grouping>,
    tables: Vec<Table>,
    unfit: Vec<Unfit>,
}

impl Program {
    /// Compiles these definitions, in any order. Those that do not fit are listed in [`Program::unfit`], and so is
    /// everything that reads them.
    pub fn compile(index: &Index, segments: &[CheckedSegment], measures: &[CheckedMeasure]) -> Self {
        let mut lowering = Lowering::new(index);
        lowering.measures(measures);
        let plans = lowering.all_segments(segments);
        lowering.finish(plans)
    }

    /// What is not answered from the index.
    pub fn unfit(&self) -> &[Unfit] {
        &self.unfit
    }

    /// Computes everything on so many threads. The results do not depend on their number.
    pub fn run(&self, index: &Index, threads: usize) -> Results {
        let scanned = crate::scan::run(&self.plan, index, threads);
        results::results(self, scanned)
    }
}

/// How many customers fulfil a rule.
///
/// # Errors
/// The rule does not fit the index.
pub fn estimate(index: &Index, rule: &CheckedRule, threads: usize) -> Result<u64, Unfit> {
    let (name, rules) = (String::new(), vec![CheckedRule { set: SetOperator::First, ..rule.clone() }]);
    let segment = CheckedSegment { name, rules, project: Vec::new() };
    let program = Program::compile(index, &[segment], &[]);
    match program.unfit.first() {
        Some(unfit) => Err(unfit.clone()),
        None => Ok(program.run(index, threads).segments.first().map_or(0, |segment| segment.members.count())),
    }
}

impl<'i> Lowering<'i> {
    fn new(index: &'i Index) -> Self {
        Self {
            index,
            nodes: Nodes::default(),
            formulas: None,
            attributes: BTreeMap::new(),
            segments: BTreeMap::new(),
            most_rows: BTreeMap::new(),
            columns: Vec::new(),
            groupings: Vec::new(),
            tables: Vec::new(),
            unfit: Vec::new(),
        }
    }

    /// Measures, those that others read first.
    fn measures(&mut self, measures: &[CheckedMeasure]) {
        let attribute = |measure: &&CheckedMeasure| measure.kind == MeasureKind::CustomerAttribute;
        let mut waiting: Vec<&CheckedMeasure> = measures.iter().filter(attribute).collect();
        while !waiting.is_empty() {
            let names: BTreeSet<&str> = waiting.iter().map(|measure| measure.name.as_str()).collect();
            let (ready, later): (Vec<_>, Vec<_>) =
                waiting.iter().partition(|it| !it.reads.iter().any(|name| names.contains(name.as_str())));
            if ready.is_empty() {
                later
                    .iter()
                    .for_each(|it: &&CheckedMeasure| self.refuse(&it.name, "it reads itself".to_owned()));
                break;
            }
            for measure in ready {
                if let Err(why) = self.customer_attribute(measure) {
                    self.refuse(&measure.name, why);
                }
            }
            waiting = later;
        }
        for measure in measures.iter().filter(|measure| !attribute(measure)) {
            if let Err(why) = self.groups(measure) {
                self.refuse(&measure.name, why);
            }
        }
    }

    /// Segments, those that others ask for first.
    fn all_segments(&mut self, segments: &[CheckedSegment]) -> Vec<SegmentPlan> {
        let mut plans = Vec::new();
        let mut waiting: Vec<&CheckedSegment> = segments.iter().collect();
        while !waiting.is_empty() {
            let names: BTreeSet<&str> = waiting.iter().map(|segment| segment.name.as_str()).collect();
            let (ready, later): (Vec<_>, Vec<_>) =
                waiting.iter().partition(|it| !it.reads().iter().any(|name| names.contains(name)));
            if ready.is_empty() {
                later
                    .iter()
                    .for_each(|it: &&CheckedSegment| self.refuse(&it.name, "it asks for itself".to_owned()));
                break;
            }
            for segment in ready {
                match self.segment(segment) {
                    Ok(plan) => plans.push(plan),
                    Err(why) => self.refuse(&segment.name, why),
                }
            }
            waiting = later;
        }
        let place = |name: &str| segments.iter().position(|segment| segment.name == name);
        plans.sort_by_key(|plan| place(&plan.name));
        plans
    }

    fn segment(&mut self, segment: &CheckedSegment) -> Result<SegmentPlan, Why> {
        let space = Space::Customers;
        let mut rules = Vec::new();
        let mut before = None;
        for rule in &segment.rules {
            let own = self.rule(rule)?;
            let after = match (before, rule.set) {
                (None, _) | (_, SetOperator::First) => own,
                (Some(before), SetOperator::Union) => {
                    self.nodes.add(Node::Any { space, of: vec![before, own] })
                }
                (Some(before), SetOperator::Intersect) => {
                    self.nodes.add(Node::All { space, of: vec![before, own] })
                }
                (Some(before), SetOperator::Except) => {
                    let not = self.nodes.add(Node::Not { of: own });
                    self.nodes.add(Node::All { space, of: vec![before, not] })
                }
            };
            rules.push((rule.set, own, after));
            before = Some(after);
        }
        let members = before.ok_or("it has no rule")?;
        self.segments.insert(segment.name.clone(), members);
        Ok(SegmentPlan { name: segment.name.clone(), rules })
    }

    fn refuse(&mut self, name: &str, why: Why) {
        self.unfit.push(Unfit { name: name.to_owned(), why });
    }

    fn finish(self, segments: Vec<SegmentPlan>) -> Program {
        let mut nodes = self.nodes.list;
        predicates::rank(&mut nodes);
        let members = segments.iter().filter_map(|segment| segment.rules.last());
        let counted = segments.iter().flat_map(|segment| &segment.rules);
        let plan = Plan {
            bits: members.map(|(_, _, after)| *after).collect(),
            counts: counted.flat_map(|(_, own, after)| [*own, *after]).collect(),
            columns: self.columns.iter().map(|column| column.node).collect(),
            groupings: self.groupings,
            nodes,
        };
        Program { plan, segments, columns: self.columns, tables: self.tables, unfit: self.unfit }
    }
}
