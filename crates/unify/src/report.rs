//! What a unification did, in numbers. No value of any record stands in it.

use std::collections::HashSet;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::deduplication::Groups;
use super::ids::{Assignment, EventKind};
use super::intern::NONE;
use super::matching::Links;
use super::plan::{EntityPlan, Plan};
use super::probabilistic::{MatchReport, ModelReport};
use super::profiles::Profiles;
use super::records::Records;
use super::warm::Extent;

/// The counts of one unification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnifyReport {
    /// The entities, in match order.
    pub entities: Vec<EntityReport>,
    /// The rules of deduplication that were tried, in that order.
    pub deduplication: Vec<RuleReport>,
    /// The match rules that were tried, in that order.
    pub rules: Vec<RuleReport>,
    /// Profiles.
    pub profiles: u64,
    /// Profiles with records of more than one entity.
    pub matched_profiles: u64,
    /// What became of the ids of customers; nothing where all stayed.
    #[serde(default, skip_serializing_if = "IdReport::is_empty")]
    pub ids: IdReport,
    /// What matching by probability did, where the definition asks for it. Where only changes were looked at, the
    /// counts of pairs are those of the last run that looked at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilistic: Option<MatchReport>,
    /// The model that it matched by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelReport>,
    /// What a person should look at.
    pub warnings: Vec<Warning>,
    /// How much had to be looked at, where runs are kept for the next one.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub extent: Option<Extent>,
}

/// What became of ids that customers had before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdReport {
    /// Ids that lead to another customer now.
    pub merged: u64,
    /// Customers that got rows of another one.
    pub split: u64,
    /// Ids whose rows are all gone.
    pub retired: u64,
}

/// One entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityReport {
    /// The full name.
    pub entity: String,
    /// Rows delivered.
    pub source_records: u64,
    /// Rows left out because they have no primary key.
    pub without_key: u64,
    /// Records after rows with equal primary key collapsed.
    pub unique_records: u64,
    /// Records whose profile has a record of another entity.
    pub matched: u64,
    /// `matched` in percent of the unique records; 0 when there are none.
    pub matched_percent: f64,
    /// Unmatched records that are in a profile.
    pub unmatched_kept: u64,
    /// Unmatched records that are left out, because the entity does not include all its records.
    pub unmatched_dropped: u64,
}

/// One rule: what became of the records that it was tried on. For a match rule these are deduplicated records: the
/// rows of one group count once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleReport {
    /// The entity whose records looked for a partner, for a rule of deduplication among each other.
    pub on: String,
    /// The rule's name.
    pub rule: String,
    /// Records that no earlier rule had matched.
    pub tried: u64,
    /// Those of them that have a value for every condition.
    pub with_values: u64,
    /// Pairs of different values that were compared.
    pub compared: u64,
    /// Those of them that fulfilled all conditions but were an exception.
    pub excepted: u64,
    /// Pairs that fulfilled the rule but are decided never to match, directly or by others that they would join.
    pub refused: u64,
    /// Records that found a partner.
    pub matched: u64,
    /// Those of them for which more than one record above would have done.
    pub ambiguous: u64,
    /// Different values of the exact conditions above; 1 for a rule without such conditions.
    pub blocks: u64,
    /// The most records above that share one of them.
    pub largest_block: u64,
    /// Whether candidates were looked up by parts of their text, so that not all pairs of a block were compared. A run
    /// that looks only at changes compares few enough pairs to do without, and says so of every rule.
    pub indexed: bool,
    /// What was too frequent above to tell persons apart.
    pub bypassed: Bypassed,
    /// The attributes that the exact conditions compare, in the rule's own entity.
    pub blocked_on: Vec<String>,
}

/// Values that too many records share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bypassed {
    /// Different values (of the exact conditions of a rule together, or of all its conditions).
    pub values: u64,
    /// Records above that have one of them.
    pub records: u64,
    /// The most records that share one.
    pub largest: u64,
}

impl Bypassed {
    /// Counts a value that so many records share.
    pub(crate) fn add(&mut self, records: u64) {
        self.values += 1;
        self.records += records;
        self.largest = self.largest.max(records);
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.values += other.values;
        self.records += other.records;
        self.largest = self.largest.max(other.largest);
    }
}

/// What a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the fields are the counts that the variant speaks of")]
pub enum Warning {
    /// Rows without a primary key were left out.
    RowsWithoutKey { entity: String, rows: u64 },
    /// Rows with equal primary key collapsed.
    RowsWithEqualKey { entity: String, rows: u64 },
    /// Unmatched records were left out.
    UnmatchedDropped { entity: String, records: u64 },
    /// A rule did not use values that too many records share.
    ValuesTooFrequent {
        entity: String,
        rule: String,
        attributes: Vec<String>,
        values: u64,
        records: u64,
        largest: u64,
    },
    /// Rows that are listed to match always or never, or that are pinned, do not exist.
    PairsUnknown { list: String, pairs: u64 },
    /// Two rows are to be one customer and different customers at once; they stay apart.
    PairContradicts { entity1: String, key1: String, entity2: String, key2: String },
    /// A rule found nothing at all.
    RuleMatchedNothing { entity: String, rule: String },
    /// Profiles got an id of the system's own, because another profile has the id that their attributes make.
    CustomerIdsTaken { profiles: u64 },
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RowsWithoutKey { entity, rows } => {
                write!(f, "{rows} rows of {entity} have no primary key and are left out")
            }
            Self::RowsWithEqualKey { entity, rows } => {
                write!(
                    f,
                    "{rows} rows of {entity} repeat the primary key of an earlier row, which is the one used"
                )
            }
            Self::UnmatchedDropped { entity, records } => {
                write!(
                    f,
                    "{records} records of {entity} match nothing and are left out; includeAll keeps them"
                )
            }
            Self::ValuesTooFrequent { entity, rule, attributes, values, records, largest } => write!(
                f,
                "rule {rule} on {entity} refused to block on {}: one value is shared by {} rows; {} such values of \
                 {} rows are too frequent to tell customers apart",
                attributes.join(", "),
                Grouped(*largest),
                Grouped(*values),
                Grouped(*records)
            ),
            Self::PairsUnknown { list, pairs } => {
                write!(f, "{} entries of {list} name rows that do not exist", Grouped(*pairs))
            }
            Self::PairContradicts { entity1, key1, entity2, key2 } => write!(
                f,
                "row {key1} of {entity1} and row {key2} of {entity2} are to match always and, directly or by others, \
                 never: they stay apart"
            ),
            Self::RuleMatchedNothing { entity, rule } => {
                write!(f, "rule {rule} on {entity} matched nothing")
            }
            Self::CustomerIdsTaken { profiles } => write!(
                f,
                "{profiles} customers have the attributes of another one that make the id; they got an id of the \
                 system's own"
            ),
        }
    }
}

/// A number with a comma between thousands.
struct Grouped(u64);

impl std::fmt::Display for Grouped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_char(',')?;
            }
            f.write_char(digit)?;
        }
        Ok(())
    }
}

impl UnifyReport {
    /// Counts what was done.
    pub(crate) fn new(
        plan: &Plan,
        records: &[Records],
        groups: &Groups,
        links: &Links,
        profiles: &Profiles,
        decided: Vec<Warning>,
    ) -> Self {
        let entities: Vec<EntityReport> = plan
            .entities
            .iter()
            .zip(records)
            .zip(&profiles.of)
            .map(|((entity, records), of)| EntityReport::new(entity, records, of, profiles))
            .collect();
        let mut warnings: Vec<Warning> = entities.iter().flat_map(EntityReport::warnings).collect();
        warnings.extend(decided);
        warnings.extend(groups.rules.iter().chain(&links.rules).flat_map(RuleReport::warnings));
        let matched = (0..profiles.len()).filter(|profile| profiles.is_matched(*profile));
        Self {
            entities,
            deduplication: groups.rules.clone(),
            rules: links.rules.clone(),
            profiles: profiles.len() as u64,
            matched_profiles: matched.count() as u64,
            ids: IdReport::default(),
            probabilistic: None,
            model: None,
            warnings,
            extent: None,
        }
    }
}

impl IdReport {
    pub(crate) fn new(ids: &Assignment) -> Self {
        let customers = |kind: EventKind| {
            let of_kind = ids.events.iter().filter(|event| event.kind == kind);
            of_kind.map(|event| event.customer).collect::<HashSet<_>>().len() as u64
        };
        Self {
            merged: customers(EventKind::MergedInto),
            split: customers(EventKind::SplitFrom),
            retired: customers(EventKind::Retired),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl EntityReport {
    fn new(entity: &EntityPlan, records: &Records, of: &[u32], profiles: &Profiles) -> Self {
        let unique = records.len() as u64;
        let dropped = of.iter().filter(|profile| **profile == NONE).count() as u64;
        let is_matched = |profile: &&u32| **profile != NONE && profiles.is_matched(**profile as usize);
        let matched = of.iter().filter(is_matched).count() as u64;
        Self {
            entity: entity.name.clone(),
            source_records: records.source_rows,
            without_key: records.without_key,
            unique_records: unique,
            matched,
            matched_percent: if unique == 0 { 0.0 } else { 100.0 * matched as f64 / unique as f64 },
            unmatched_kept: unique - matched - dropped,
            unmatched_dropped: dropped,
        }
    }

    fn warnings(&self) -> Vec<Warning> {
        let entity = || self.entity.clone();
        let repeated = self.source_records - self.without_key - self.unique_records;
        let mut warnings = Vec::new();
        if self.without_key > 0 {
            warnings.push(Warning::RowsWithoutKey { entity: entity(), rows: self.without_key });
        }
        if repeated > 0 {
            warnings.push(Warning::RowsWithEqualKey { entity: entity(), rows: repeated });
        }
        if self.unmatched_dropped > 0 {
            warnings.push(Warning::UnmatchedDropped { entity: entity(), records: self.unmatched_dropped });
        }
        warnings
    }
}

impl RuleReport {
    fn warnings(&self) -> Vec<Warning> {
        let (entity, rule) = (self.on.clone(), self.rule.clone());
        let Bypassed { values, records, largest } = self.bypassed;
        let mut warnings = Vec::new();
        if self.matched == 0 && self.tried > 0 {
            warnings.push(Warning::RuleMatchedNothing { entity: entity.clone(), rule: rule.clone() });
        }
        if values > 0 {
            let attributes = self.blocked_on.clone();
            warnings.push(Warning::ValuesTooFrequent { entity, rule, attributes, values, records, largest });
        }
        warnings
    }
}
