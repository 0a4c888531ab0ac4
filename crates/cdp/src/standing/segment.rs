//! How a segment stands.

use serde::Serialize;
use serde_json::Value;

use super::{Common, Result, Standing, StandingError, moment};
use crate::definitions::uses::{ReferenceKind, segment_reads};
use crate::definitions::{Segment, SegmentRule, SegmentState, SegmentType, SetOperator, Target};
use crate::refresh::Operation;
use crate::refresh::last::LastGood;

/// How a segment stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentStanding {
    /// What it has in common with measures.
    #[serde(flatten)]
    pub common: Common,
    /// When it is computed.
    #[serde(rename = "type")]
    pub kind: SegmentType,
    /// Whether it is computed.
    pub state: SegmentState,
    /// How many are in it.
    pub size: Option<u64>,
    /// How many entered it in the last refresh; nothing when there was none before.
    pub entered: Option<u64>,
    /// How many left it in the last refresh; nothing when there was none before.
    pub left: Option<u64>,
    /// Its rules, in order.
    pub rules: Vec<RuleStanding>,
    /// The query that it is instead of rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
}

/// What one rule came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleStanding {
    /// What it does to the customers before it: `where`, `union`, `intersect` or `except`.
    pub set: &'static str,
    /// Its condition.
    pub condition: String,
    /// The customers that fulfil the condition; nothing where that is not known of this definition.
    pub own: Option<u64>,
    /// The customers of the segment after it.
    pub after: Option<u64>,
}

impl Standing {
    /// Every segment, in the order of the definitions.
    pub fn segments(&self) -> Vec<SegmentStanding> {
        self.definitions.segments.iter().map(|segment| self.of_segment(segment)).collect()
    }

    /// One segment.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn segment(&self, name: &str) -> Result<SegmentStanding> {
        let found = self.definitions.segment(name).map(|segment| self.of_segment(segment));
        found.ok_or_else(|| {
            let names = self.definitions.segments.iter().map(|segment| segment.name.as_str());
            let suggestion = lang::diagnose::did_you_mean(name, names).map(str::to_owned);
            StandingError::UnknownSegment { name: name.to_owned(), suggestion }
        })
    }

    fn of_segment(&self, segment: &Segment) -> SegmentStanding {
        let id = format!("{}:{}", Operation::Segmentation, segment.name);
        let good = self.good.get(&id);
        let changed_at = moment(self.segments_changed.get(&segment.name));
        let outdated = Self::is_outdated(changed_at, good);
        let count = |field| good.and_then(|good| good.report.get(field)).and_then(Value::as_u64);
        SegmentStanding {
            common: Common {
                name: segment.name.clone(),
                description: segment.description.clone(),
                tags: segment.tags.clone(),
                schedules: self.schedules(&Target::Segment(segment.name.clone())),
                changed_at,
                last_refreshed: good.and_then(|good| good.at),
                outdated,
                task: self.last_task(&id),
                reads: segment_reads(&self.definitions, segment),
                used_by: self.users(ReferenceKind::Segment, &segment.name),
                left_out: self.left_out(ReferenceKind::Segment, &segment.name),
            },
            kind: segment.kind,
            state: segment.state,
            size: count("size"),
            entered: count("entered"),
            left: count("left"),
            rules: rules(&segment.rules, good.filter(|_| !outdated)),
            sql: segment.sql.as_ref().map(|sql| sql.0.clone()),
        }
    }
}

/// The rules with the counts of the last good refresh, where it was of these rules.
fn rules(rules: &[SegmentRule], good: Option<&LastGood>) -> Vec<RuleStanding> {
    let counts = good.and_then(|good| good.report.get("rules")).and_then(Value::as_array);
    let counts = counts.filter(|counts| counts.len() == rules.len());
    let count = |at: usize, field| counts?.get(at)?.get(field)?.as_u64();
    let rule = |(at, rule): (usize, &SegmentRule)| RuleStanding {
        set: set_word(rule.set),
        condition: rule.where_.text().to_owned(),
        own: count(at, "customers"),
        after: count(at, "segmentAfter"),
    };
    rules.iter().enumerate().map(rule).collect()
}

/// The key of a rule in the definitions.
pub(crate) fn set_word(set: SetOperator) -> &'static str {
    match set {
        SetOperator::First => "where",
        SetOperator::Union => "union",
        SetOperator::Intersect => "intersect",
        SetOperator::Except => "except",
    }
}
