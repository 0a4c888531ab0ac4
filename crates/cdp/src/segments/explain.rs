//! Why a customer is in a segment or not: each test of its rules with what it read, and whether it held.
//!
//! Everything is evaluated as for all customers, over tables that have only this one. A rule that reads rows of
//! related entities takes the customer when one row fulfils all of it, so each of its parts says in how many rows it
//! holds.

use super::error::SegmentError;
use super::evaluate::{Task, catalog};
use super::members::Members;
use super::plan::{Beside, entity_members, rule_rows};
use crate::conditions::{Catalog, Predicate, Scope, expression, operand_value};
use crate::definitions::{CUSTOMER, Segment, SegmentRule, SetOperator, UNIFIED_ACTIVITY};
use crate::json_rows::{collected, column};
use crate::relationships::{ALTERNATE_KEY, CUSTOMER_ID, CUSTOMER_MEASURE, Tables};
use datafusion::arrow::array::StringArray;
use datafusion::common::TableReference;
use datafusion::logical_expr::lit;
use datafusion::prelude::SessionContext;
use insight::conditions::{CustomerSetting, Setting, check_in};
use insight::segments::{CheckedRule, CheckedSegment, check_one, known_segments};
use lang::rule::Condition;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most different values of one test that are kept.
const MAX_VALUES: usize = 20;

/// Why a customer is in a segment or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The segment.
    pub segment: String,
    /// The customer.
    pub customer_id: String,
    /// Whether the rules take the customer now.
    pub holds: bool,
    /// Whether the customer is among the members that were published; nothing when none were.
    pub member: Option<bool>,
    /// Its rules, in order.
    pub rules: Vec<RuleExplanation>,
}

/// What one rule says about a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleExplanation {
    /// What it does to the customers before it: `where`, `union`, `intersect` or `except`.
    pub set: &'static str,
    /// Whether its condition holds.
    pub holds: bool,
    /// Whether the customer is taken after it.
    pub after: bool,
    /// How many joined rows the customer has; nothing where the condition is about the customer alone.
    pub rows: Option<usize>,
    /// Its condition.
    pub condition: Part,
}

/// A part of a condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Its text.
    pub text: String,
    /// Whether it holds: in at least one row; nothing when it is unknown, because of missing values.
    pub holds: Option<bool>,
    /// In how many rows it holds.
    pub rows: usize,
    /// Of a test: the different values that it read, those with which it holds first; at most 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ReadValue>,
    /// The parts that it is made from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// What a part of a condition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PartKind {
    /// All parts hold.
    And,
    /// At least one part holds.
    Or,
    /// The part does not hold.
    Not,
    /// A test of a value.
    Test,
    /// Whether the customer is in another segment.
    InSegment,
}

/// A value that a test read.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadValue {
    /// The value; null when it is missing.
    pub value: Value,
    /// Whether the test holds with it.
    pub holds: Option<bool>,
    /// In how many rows.
    pub rows: usize,
}

/// Explains a segment for the customer with this id, who exists.
///
/// # Errors
/// The segment is a draft, a query or wrong, or reads something that has no result.
pub async fn explain(
    session: &SessionContext,
    task: Task<'_>,
    segment: &Segment,
    customer: &str,
) -> Result<Explanation, SegmentError> {
    let catalog = known_segments(&catalog(session, task.graph, task.measures).await?, task.segments);
    let checked = checked(&task, &catalog, segment)?;
    let customers = Arc::new(StringArray::from_iter_values([customer]));
    let mut known = BTreeMap::new();
    for name in checked.reads() {
        let members = published(session, &customers, name).await?;
        let missing = || SegmentError::NeedsFailed { what: format!("the segment {name}") };
        known.insert(name.to_owned(), members.ok_or_else(missing)?);
    }
    let one = One { task, catalog: &catalog, tables: tables_of(session, customer).await?, known, segment };
    let (mut holds, mut rules) = (false, Vec::new());
    for (rule, text) in checked.rules.iter().zip(&segment.rules) {
        let explained = one.rule(rule, text, holds).await?;
        holds = explained.after;
        rules.push(explained);
    }
    let member = published(session, &customers, &segment.name).await?.map(|members| !members.is_empty());
    let (segment, customer_id) = (segment.name.clone(), customer.to_owned());
    Ok(Explanation { segment, customer_id, holds, member, rules })
}

fn checked(task: &Task<'_>, catalog: &Catalog, segment: &Segment) -> Result<CheckedSegment, SegmentError> {
    let outcome = check_one(task.graph, catalog, segment);
    match (outcome.segment, outcome.unknown.into_iter().next()) {
        (Some(checked), _) => Ok(checked.at(task.now)),
        (None, Some(unknown)) if outcome.problems.is_empty() => {
            Err(SegmentError::NeedsFailed { what: format!("{}.{}", unknown.entity, unknown.attribute) })
        }
        (None, None) if outcome.problems.is_empty() => {
            Err(SegmentError::WithoutRules { segment: segment.name.clone() })
        }
        (None, _) => Err(SegmentError::Invalid { problems: outcome.problems }),
    }
}

/// Whether the customer is in the entity of a segment, if there is one.
async fn published(
    session: &SessionContext,
    customers: &Arc<StringArray>,
    segment: &str,
) -> Result<Option<Members>, SegmentError> {
    if !session.table_exist(TableReference::bare(segment))? {
        return Ok(None);
    }
    Ok(Some(entity_members(session, customers, segment).await?.0))
}

/// The tables with the rows of one customer alone, wherever they say whose they are.
async fn tables_of<'a>(session: &'a SessionContext, customer: &str) -> Result<Tables<'a>, SegmentError> {
    let mut tables = Tables::new(session);
    for entity in [CUSTOMER, ALTERNATE_KEY, CUSTOMER_MEASURE, UNIFIED_ACTIVITY] {
        if session.table_exist(TableReference::bare(entity))? {
            let rows = session.table(TableReference::bare(entity)).await?;
            tables.replace(entity, rows.filter(column(CUSTOMER_ID).eq(lit(customer)))?);
        }
    }
    Ok(tables)
}

/// One customer and one segment.
struct One<'a> {
    task: Task<'a>,
    catalog: &'a Catalog,
    tables: Tables<'a>,
    known: BTreeMap<String, Members>,
    segment: &'a Segment,
}

impl One<'_> {
    async fn rule(
        &self,
        rule: &CheckedRule,
        text: &SegmentRule,
        before: bool,
    ) -> Result<RuleExplanation, SegmentError> {
        let (rows, beside) = rule_rows(&self.tables, rule, &self.known, &self.segment.name).await?;
        let condition = text.where_.condition();
        let mut columns = Vec::new();
        for (at, leaf) in leaves(condition).into_iter().enumerate() {
            columns.extend(self.columns(at, leaf, text, &beside)?);
        }
        let rows = collected(rows.select(columns)?).await?;
        let mut next = 0;
        let (truth, condition) = part(condition, &rows, &mut next);
        let holds = truth.contains(&Some(true));
        let after = match rule.set {
            SetOperator::First => holds,
            SetOperator::Union => before || holds,
            SetOperator::Intersect => before && holds,
            SetOperator::Except => before && !holds,
        };
        let many = rule.tree.steps().iter().any(|step| !step.forward);
        let set = crate::standing::set_word(rule.set);
        Ok(RuleExplanation { set, holds, after, rows: many.then_some(rows.len()), condition })
    }

    /// Whether a test holds in a row, and the value that it reads there.
    fn columns(
        &self,
        at: usize,
        leaf: &Condition,
        rule: &SegmentRule,
        beside: &Beside,
    ) -> Result<Vec<datafusion::logical_expr::Expr>, SegmentError> {
        let scope = Scope { catalog: self.catalog, home: CUSTOMER };
        let customer = Some(CustomerSetting { graph: self.task.graph, via: &rule.via });
        let setting = Setting { scope, customer, ignore_case: self.segment.ignore_case };
        // The whole was checked before, so each of its tests is right.
        let Some(test) = check_in(leaf, setting).value else {
            return Err(SegmentError::Invalid { problems: Vec::new() });
        };
        let test: Predicate = test.at(self.task.now);
        let truth = expression(&test, beside)?.alias(truth_column(at));
        let value = match test.operands().first() {
            Some(operand) => Some(operand_value(operand, beside)?.alias(value_column(at))),
            None => None,
        };
        Ok(std::iter::once(truth).chain(value).collect())
    }
}

fn truth_column(at: usize) -> String {
    format!("t{at}")
}

fn value_column(at: usize) -> String {
    format!("v{at}")
}

/// The tests of a condition, from left to right.
fn leaves(condition: &Condition) -> Vec<&Condition> {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().flat_map(leaves).collect(),
        Condition::Not(inner) => leaves(inner),
        leaf => vec![leaf],
    }
}

type Truth = Option<bool>;

/// For each row whether a part holds, and what there is to say of it. `next` is the place of its first test.
fn part(condition: &Condition, rows: &[Map<String, Value>], next: &mut usize) -> (Vec<Truth>, Part) {
    let (kind, truth, values, parts) = match condition {
        Condition::And(inner) | Condition::Or(inner) => {
            let is_and = matches!(condition, Condition::And(_));
            let (truths, parts): (Vec<_>, Vec<_>) = inner.iter().map(|it| part(it, rows, next)).unzip();
            let of_row = |row: usize| {
                let of = truths.iter().map(|truth| truth.get(row).copied().flatten());
                if is_and { all(of) } else { all(of.map(not)).map(|it| !it) }
            };
            let kind = if is_and { PartKind::And } else { PartKind::Or };
            (kind, (0..rows.len()).map(of_row).collect(), Vec::new(), parts)
        }
        Condition::Not(inner) => {
            let (truth, inner) = part(inner, rows, next);
            (PartKind::Not, truth.into_iter().map(not).collect(), Vec::new(), vec![inner])
        }
        Condition::Test(_) | Condition::InSegment { .. } => {
            let at = *next;
            *next += 1;
            let truth = rows.iter().map(|row| row.get(&truth_column(at)).and_then(Value::as_bool)).collect();
            let is_test = matches!(condition, Condition::Test(_));
            let kind = if is_test { PartKind::Test } else { PartKind::InSegment };
            (kind, truth, values(rows, at), Vec::new())
        }
    };
    let truth: Vec<Truth> = truth;
    let n_true = truth.iter().filter(|it| **it == Some(true)).count();
    let holds = if n_true > 0 {
        Some(true)
    } else if truth.contains(&None) {
        None
    } else {
        Some(false)
    };
    let text = condition.to_string();
    (truth, Part { kind, text, holds, rows: n_true, values, parts })
}

/// Whether all are true, in the logic of three values.
fn all(truths: impl Iterator<Item = Truth>) -> Truth {
    let mut all = Some(true);
    for truth in truths {
        match truth {
            Some(true) => {}
            Some(false) => return Some(false),
            None => all = None,
        }
    }
    all
}

fn not(truth: Truth) -> Truth {
    truth.map(|it| !it)
}

/// The different values of a test, those with which it holds first, then by the value.
fn values(rows: &[Map<String, Value>], at: usize) -> Vec<ReadValue> {
    let (truth_name, value_name) = (truth_column(at), value_column(at));
    let mut found: Vec<ReadValue> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let Some(value) = row.get(&value_name) else { continue };
        let place = *places.entry(value.to_string()).or_insert_with(|| {
            let holds = row.get(&truth_name).and_then(Value::as_bool);
            found.push(ReadValue { value: value.clone(), holds, rows: 0 });
            found.len() - 1
        });
        if let Some(known) = found.get_mut(place) {
            known.rows += 1;
        }
    }
    found.sort_by(|one, other| {
        let rank = |truth: Truth| match truth {
            Some(true) => 0,
            None => 1,
            Some(false) => 2,
        };
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NEG_INFINITY);
        rank(one.holds)
            .cmp(&rank(other.holds))
            .then(number(&one.value).total_cmp(&number(&other.value)))
            .then_with(|| one.value.to_string().cmp(&other.value.to_string()))
    });
    found.truncate(MAX_VALUES);
    found
}
