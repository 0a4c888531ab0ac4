//! Why a rule takes a customer or not: each part of its condition with its value and its truth.

use super::home::Home;
use super::nodes::{Value, Why};
use super::{Column, Lowering, MeasureColumn, Unfit, results};
use crate::conditions::{Operand, Predicate};
use crate::index::Index;
use crate::scan::plan::{FALSE, Function, Id, Node, Plan, TRUE};
use crate::segments::CheckedRule;

/// One part of a condition, for one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The part.
    pub condition: Predicate,
    /// Of a condition about the customer: whether it is true; nothing when it is unknown.
    pub truth: Option<bool>,
    /// Of a condition about rows: how many of the customer's joined rows fulfil it, and how many there are.
    pub rows: Option<(u64, u64)>,
    /// Of a test about the customer: the value that it reads, the one element of this column.
    pub value: Option<MeasureColumn>,
    /// The parts of which it is made.
    pub parts: Vec<Explanation>,
}

/// Where the answers of a part are among the columns of a plan.
struct Place<'p> {
    condition: &'p Predicate,
    truth: usize,
    value: Option<(usize, Value)>,
    parts: Vec<Place<'p>>,
}

/// Explains a rule for the customer in a place. The rule takes the customer when its whole condition is true, or when
/// at least one row fulfils it.
///
/// # Errors
/// The rule does not fit the index, or asks for other segments.
pub fn explain(index: &Index, rule: &CheckedRule, place: usize) -> Result<Explanation, Unfit> {
    explained(index, rule, place).map_err(|why| Unfit { name: String::new(), why })
}

fn explained(index: &Index, rule: &CheckedRule, place: usize) -> Result<Explanation, Why> {
    let place = u32::try_from(place).map_err(|_| "there is no such customer")?;
    let one = index.some(&[place]).map_err(|error| error.to_string())?;
    let mut lowering = Lowering::new(&one);
    let home = Home::of_rule(&one, &rule.tree)?;
    let joined = home.joined(&mut lowering.nodes);
    let all = lowering.nodes.all(home.space(), joined);
    let mut columns = vec![count(&mut lowering, &home, all)];
    let root = lowering.explained(&home, &rule.condition, all, &mut columns)?;
    let mut nodes = lowering.nodes.list;
    super::predicates::rank(&mut nodes);
    let plan = Plan { nodes, columns, ..Plan::default() };
    let scanned = crate::scan::run(&plan, &one, 1);
    let number = |at: usize| scanned.columns.get(at).and_then(|column| column.get(0)).unwrap_or(0);
    Ok(filled(&root, home.table == 0, &number, &|at, value| {
        let numbers = scanned.columns.get(at).cloned().unwrap_or_default();
        let column = Column { name: String::new(), kind: value.kind, node: 0, column: value.column };
        results::named(&column, numbers)
    }))
}

/// The truth of a customer's condition as a number, or how many rows fulfil it.
fn count(lowering: &mut Lowering<'_>, home: &Home, truth: Id) -> Id {
    if home.table == 0 {
        return truth;
    }
    let (table, function) = (home.table, Function::Count);
    lowering.nodes.add(Node::Aggregate { table, function, of: None, by: None, when: Some(truth) })
}

impl Lowering<'_> {
    fn explained<'p>(
        &mut self,
        home: &Home,
        condition: &'p Predicate,
        joined: Id,
        columns: &mut Vec<Id>,
    ) -> Result<Place<'p>, Why> {
        let truth = self.truth(home, condition)?;
        let truth = if home.table == 0 { truth } else { self.nodes.all(home.space(), vec![joined, truth]) };
        columns.push(count(self, home, truth));
        let truth = columns.len() - 1;
        let value = match operand(condition).filter(|_| home.table == 0) {
            None => None,
            Some(operand) => {
                let value = self.operand(home, operand)?;
                columns.push(value.id);
                Some((columns.len() - 1, value))
            }
        };
        let inner = match condition {
            Predicate::And(parts) | Predicate::Or(parts) => parts.iter().collect(),
            Predicate::Not(inner) => vec![inner.as_ref()],
            _ => Vec::new(),
        };
        let parts = inner.into_iter().map(|part| self.explained(home, part, joined, columns));
        Ok(Place { condition, truth, value, parts: parts.collect::<Result<_, _>>()? })
    }
}

fn operand(condition: &Predicate) -> Option<&Operand> {
    match condition {
        Predicate::IsNull(operand)
        | Predicate::Compare { operand, .. }
        | Predicate::In { operand, .. }
        | Predicate::Match { operand, .. }
        | Predicate::Constant { operand, .. } => Some(operand),
        _ => None,
    }
}

fn filled(
    place: &Place<'_>,
    customer: bool,
    number: &impl Fn(usize) -> i64,
    value: &impl Fn(usize, &Value) -> MeasureColumn,
) -> Explanation {
    let found = number(place.truth);
    let truth = match found {
        found if found == i64::from(TRUE) => Some(true),
        found if found == i64::from(FALSE) => Some(false),
        _ => None,
    };
    Explanation {
        condition: place.condition.clone(),
        truth: truth.filter(|_| customer),
        rows: (!customer).then(|| (found.unsigned_abs(), number(0).unsigned_abs())),
        value: place.value.as_ref().map(|(at, known)| value(*at, known)),
        parts: place.parts.iter().map(|part| filled(part, customer, number, value)).collect(),
    }
}
