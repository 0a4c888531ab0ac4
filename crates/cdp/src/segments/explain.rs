//! Why a customer is in a segment or not: each test of its rules with what it read, and whether it held.
//!
//! Everything is evaluated as for all customers, over tables that have only this one. A rule that reads rows of
//! related entities takes the customer when one row fulfils all of it, so each of its parts says in how many rows it
//! holds. A segment that a rule asks for is explained where it is asked for first. A query is not taken apart: it
//! names the customer or not.

use super::error::SegmentError;
use super::evaluate::{Task, catalog};
use super::members::Members;
use super::plan::{Beside, entity_members, query_members, rule_rows};
use crate::conditions::{Catalog, Predicate, Scope, expression, operand_value};
use crate::definitions::{CUSTOMER, Segment, SegmentRule, SegmentState, SetOperator, UNIFIED_ACTIVITY};
use crate::json_rows::{collected, column};
use crate::relationships::{ALTERNATE_KEY, CUSTOMER_ID, CUSTOMER_MEASURE, Tables};
use datafusion::arrow::array::StringArray;
use datafusion::common::TableReference;
use datafusion::logical_expr::lit;
use datafusion::prelude::SessionContext;
use insight::conditions::{CustomerSetting, Setting, check_in};
use insight::segments::{CheckedRule, CheckedSegment, asks_for, check_one, known_segments};
use lang::rule::Condition;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
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
    /// The query that it is, instead of rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
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
    /// Of a test whether the customer is in another segment: that segment, where it was not explained before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<Box<Explanation>>,
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
/// The segment is a draft or wrong, or reads something that has no result.
pub async fn explain(
    session: &SessionContext,
    task: Task<'_>,
    segment: &Segment,
    customer: &str,
) -> Result<Explanation, SegmentError> {
    let catalog = known_segments(&catalog(session, task.graph, task.measures).await?, task.segments);
    let tables = tables_of(session, customer).await?;
    let customers = Arc::new(StringArray::from_iter_values([customer]));
    let one = One { session, task, catalog: &catalog, tables, customers, customer };
    one.explain(segment, &mut BTreeSet::from([segment.name.clone()])).await
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

/// One customer.
struct One<'a> {
    session: &'a SessionContext,
    task: Task<'a>,
    catalog: &'a Catalog,
    tables: Tables<'a>,
    customers: Arc<StringArray>,
    customer: &'a str,
}

impl One<'_> {
    /// Explains a segment and those that it asks for, each of them once: `seen` are those that were.
    async fn explain(
        &self,
        segment: &Segment,
        seen: &mut BTreeSet<String>,
    ) -> Result<Explanation, SegmentError> {
        let member = published(self.session, &self.customers, &segment.name).await?;
        let (name, customer_id) = (segment.name.clone(), self.customer.to_owned());
        let member = member.map(|members| !members.is_empty());
        let mut explanation =
            Explanation { segment: name, customer_id, holds: false, member, rules: Vec::new(), sql: None };
        if let Some(sql) = segment.sql.as_ref().filter(|_| segment.state != SegmentState::Draft) {
            let tables = Tables::new(self.session);
            let members = query_members(&tables, &self.customers, &segment.name, &sql.0).await?;
            explanation.holds = !members.is_empty();
            explanation.sql = Some(sql.0.clone());
            return Ok(explanation);
        }
        let checked = checked(&self.task, self.catalog, segment)?;
        let mut known = BTreeMap::new();
        for name in checked.reads() {
            let members = published(self.session, &self.customers, name).await?;
            let missing = || SegmentError::NeedsFailed { what: format!("the segment {name}") };
            known.insert(name.to_owned(), members.ok_or_else(missing)?);
        }
        let mut inner = self.inner(segment, seen).await?;
        for (rule, text) in checked.rules.iter().zip(&segment.rules) {
            let before = explanation.holds;
            let explained = self.rule(segment, rule, text, &known, before, &mut inner).await?;
            explanation.holds = explained.after;
            explanation.rules.push(explained);
        }
        Ok(explanation)
    }

    /// The segments that a segment asks for, as far as they can be explained and were not.
    async fn inner(&self, segment: &Segment, seen: &mut BTreeSet<String>) -> Result<Inner, SegmentError> {
        let mut inner = Inner::new();
        for name in asks_for(segment) {
            let asked = self.task.segments.iter().find(|it| it.name == name);
            let Some(asked) = asked.filter(|_| seen.insert(name.to_owned())) else { continue };
            match Box::pin(self.explain(asked, seen)).await {
                Ok(explanation) => drop(inner.insert(name.to_owned(), explanation)),
                Err(error @ SegmentError::Engine(_)) => return Err(error),
                // Its published members stand, though it cannot be explained.
                Err(_) => {}
            }
        }
        Ok(inner)
    }

    async fn rule(
        &self,
        segment: &Segment,
        rule: &CheckedRule,
        text: &SegmentRule,
        known: &BTreeMap<String, Members>,
        before: bool,
        inner: &mut Inner,
    ) -> Result<RuleExplanation, SegmentError> {
        let (rows, beside) = rule_rows(&self.tables, rule, known, &segment.name).await?;
        let condition = text.where_.condition();
        let mut columns = Vec::new();
        for (at, leaf) in leaves(condition).into_iter().enumerate() {
            columns.extend(self.columns(at, leaf, (text, segment.ignore_case), &beside)?);
        }
        let rows = collected(rows.select(columns)?).await?;
        let (truth, condition) = part(condition, &rows, &mut Walk { next: 0, inner });
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
        (rule, ignore_case): (&SegmentRule, bool),
        beside: &Beside,
    ) -> Result<Vec<datafusion::logical_expr::Expr>, SegmentError> {
        let scope = Scope { catalog: self.catalog, home: CUSTOMER };
        let customer = Some(CustomerSetting { graph: self.task.graph, via: &rule.via });
        let setting = Setting { scope, customer, ignore_case };
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

/// The segments that are asked for and were not shown yet.
type Inner = BTreeMap<String, Explanation>;

/// How far a condition was gone through.
struct Walk<'w> {
    /// The place of the next test.
    next: usize,
    inner: &'w mut Inner,
}

/// For each row whether a part holds, and what there is to say of it.
fn part(condition: &Condition, rows: &[Map<String, Value>], walk: &mut Walk<'_>) -> (Vec<Truth>, Part) {
    let mut segment = None;
    let (kind, truth, values, parts) = match condition {
        Condition::And(inner) | Condition::Or(inner) => {
            let is_and = matches!(condition, Condition::And(_));
            let (truths, parts): (Vec<_>, Vec<_>) = inner.iter().map(|it| part(it, rows, walk)).unzip();
            let of_row = |row: usize| {
                let of = truths.iter().map(|truth| truth.get(row).copied().flatten());
                if is_and { all(of) } else { all(of.map(not)).map(|it| !it) }
            };
            let kind = if is_and { PartKind::And } else { PartKind::Or };
            (kind, (0..rows.len()).map(of_row).collect(), Vec::new(), parts)
        }
        Condition::Not(inner) => {
            let (truth, inner) = part(inner, rows, walk);
            (PartKind::Not, truth.into_iter().map(not).collect(), Vec::new(), vec![inner])
        }
        Condition::Test(_) | Condition::InSegment { .. } => {
            let at = walk.next;
            walk.next += 1;
            if let Condition::InSegment { name, .. } = condition {
                segment = walk.inner.remove(&name.value).map(Box::new);
            }
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
    (truth, Part { kind, text, holds, rows: n_true, values, parts, segment })
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
