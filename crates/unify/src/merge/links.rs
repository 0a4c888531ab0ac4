//! `UnificationLinks`: which rule put which row where it is. The numbers of the report are counts of these rows.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Float64Array, Int64Array};
use arrow::datatypes::DataType;

use crate::error::UnifyError;
use crate::input::Table;
use crate::intern::NONE;
use crate::matching::{ALWAYS_NAME, Links};
use crate::names::CUSTOMER_ID;

use super::Unification;
use super::table::{Column, table};

/// One row of the table.
struct Row {
    stage: Stage,
    /// The rule, by its place among those of its stage.
    rule: u32,
    /// The entity and the record that looked for a partner.
    record: (u32, u32),
    /// The entity and the record that it found.
    partner: Option<(u32, u32)>,
    score: f64,
    candidates: Option<i64>,
}

/// What made a link.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Deduplication,
    Match,
}

impl Stage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Deduplication => "deduplication",
            Self::Match => "match",
        }
    }
}

/// One row for every record that a rule of deduplication joined with others, then one for every group of records
/// that a rule matched: `Stage` (`deduplication`, `match`), `Rule` (`alwaysMatch` where people
/// decided it), the row (`EntityName`, `AlternateValue`), the row
/// above that it was matched with (`PartnerEntityName`, `PartnerAlternateValue`; null for deduplication, where a
/// group has no head), `Score`, `Candidates` (how many rows above fulfilled the rule) and the customer. In match
/// order of the entities, then order of primary keys. Rows of profiles that are left out have no customer.
pub(crate) fn links(unification: Unification<'_>) -> Result<Table, UnifyError> {
    let rows: Vec<Row> = joined(unification).chain(matched(unification.links)).collect();
    let entity = |at: &(u32, u32)| Some(unification.plan.entities.get(at.0 as usize)?.name.as_str());
    let key = |at: &(u32, u32)| Some(unification.records.get(at.0 as usize)?.key(at.1));
    let customer = |at: &(u32, u32)| {
        let profile = unification.profiles.of.get(at.0 as usize)?.get(at.1 as usize)?;
        (*profile != NONE).then(|| unification.ids.id(*profile as usize).map(|id| id.text()))?
    };
    let rule = |row: &Row| {
        let rules = match row.stage {
            Stage::Deduplication => &unification.plan.deduplication,
            Stage::Match => &unification.plan.rules,
        };
        let name = rules.get(row.rule as usize).map(|rule| rule.name.as_str());
        Some(name.unwrap_or(ALWAYS_NAME))
    };
    let scores = |picked: Range<usize>| {
        let score = |at: usize| rows.get(at).map(|row| row.score);
        Ok(Arc::new(picked.map(score).collect::<Float64Array>()) as _)
    };
    let candidates = |picked: Range<usize>| {
        let candidates = |at: usize| rows.get(at).and_then(|row| row.candidates);
        Ok(Arc::new(picked.map(candidates).collect::<Int64Array>()) as _)
    };
    let columns = vec![
        text("Stage", &rows, |row| Some(row.stage.as_str())).required(),
        text("Rule", &rows, rule).required(),
        text("EntityName", &rows, |row| entity(&row.record)).required(),
        text("AlternateValue", &rows, |row| key(&row.record)).required(),
        text("PartnerEntityName", &rows, |row| entity(row.partner.as_ref()?)),
        text("PartnerAlternateValue", &rows, |row| key(row.partner.as_ref()?)),
        Column::new("Score", DataType::Float64, scores),
        Column::new("Candidates", DataType::Int64, candidates),
        text(CUSTOMER_ID, &rows, |row| customer(&row.record)),
    ];
    table(unification, rows.len(), columns)
}

/// What the rules of deduplication joined.
fn joined(unification: Unification<'_>) -> impl Iterator<Item = Row> {
    (0u32..).zip(unification.records).flat_map(move |(entity, records)| {
        let hits = unification.groups.hits(entity as usize, 0..records.len() as u32).iter();
        hits.map(move |hit| Row {
            stage: Stage::Deduplication,
            rule: hit.rule,
            record: (entity, hit.record),
            partner: None,
            score: hit.score,
            candidates: None,
        })
    })
}

/// What the match rules found.
fn matched(links: &Links) -> impl Iterator<Item = Row> {
    (0u32..).zip(&links.of).flat_map(|(entity, groups)| {
        groups.iter().flatten().map(move |link| Row {
            stage: Stage::Match,
            rule: link.rule,
            record: (entity, link.right),
            partner: Some(link.left),
            score: link.score,
            candidates: i64::try_from(link.candidates).ok(),
        })
    })
}

fn text<'a, T: AsRef<str>>(
    name: &str,
    rows: &'a [Row],
    value: impl Fn(&'a Row) -> Option<T> + Send + Sync + 'a,
) -> Column<'a> {
    Column::texts(name, 16, move |at, texts| {
        let text = rows.get(at).and_then(&value);
        texts.push_option(text.as_ref().map(AsRef::as_ref));
    })
}
