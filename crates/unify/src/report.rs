//! What a unification did, in numbers. No value of any record stands in it.

use serde::{Deserialize, Serialize};

use super::intern::NONE;
use super::matching::Links;
use super::plan::{EntityPlan, Plan};
use super::profiles::Profiles;
use super::records::Records;

/// The counts of one unification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnifyReport {
    /// The entities, in match order.
    pub entities: Vec<EntityReport>,
    /// The rules, in the order in which they were tried.
    pub rules: Vec<RuleReport>,
    /// Profiles.
    pub profiles: u64,
    /// Profiles with records of more than one entity.
    pub matched_profiles: u64,
    /// What a person should look at.
    pub warnings: Vec<Warning>,
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

/// One match rule: what became of the records that it was tried on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleReport {
    /// The entity whose records looked for a partner.
    pub on: String,
    /// The rule's name.
    pub rule: String,
    /// Records that no earlier rule had matched.
    pub tried: u64,
    /// Those of them that have a value for every condition.
    pub with_values: u64,
    /// Pairs of different values that were compared.
    pub compared: u64,
    /// Records that found a partner.
    pub matched: u64,
    /// Those of them for which more than one record above would have done.
    pub ambiguous: u64,
    /// Different values of the exact conditions above; 1 for a rule without such conditions.
    pub blocks: u64,
    /// The most different values that had to be told apart within one of them.
    pub largest_block: u64,
    /// Whether candidates were looked up by parts of their text, so that not all pairs of a block were compared.
    pub indexed: bool,
    /// What was too frequent above to tell persons apart.
    pub bypassed: Bypassed,
}

/// Values that too many records share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bypassed {
    /// Different values (of all conditions of a rule together).
    pub values: u64,
    /// Records above that have one of them.
    pub records: u64,
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
    ValuesTooFrequent { entity: String, rule: String, values: u64, records: u64 },
    /// A rule found nothing at all.
    RuleMatchedNothing { entity: String, rule: String },
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
            Self::ValuesTooFrequent { entity, rule, values, records } => write!(
                f,
                "match rule {rule} on {entity} does not use {values} values that {records} records above share: \
                 they are too frequent to tell customers apart"
            ),
            Self::RuleMatchedNothing { entity, rule } => {
                write!(f, "match rule {rule} on {entity} matched nothing")
            }
        }
    }
}

impl UnifyReport {
    /// Counts what was done.
    pub(crate) fn new(plan: &Plan, records: &[Records], links: &Links, profiles: &Profiles) -> Self {
        let entities: Vec<EntityReport> = plan
            .entities
            .iter()
            .zip(records)
            .zip(&profiles.of)
            .map(|((entity, records), of)| EntityReport::new(entity, records, of, profiles))
            .collect();
        let mut warnings: Vec<Warning> = entities.iter().flat_map(EntityReport::warnings).collect();
        warnings.extend(links.rules.iter().flat_map(RuleReport::warnings));
        let matched = (0..profiles.len()).filter(|profile| profiles.is_matched(*profile));
        Self {
            entities,
            rules: links.rules.clone(),
            profiles: profiles.len() as u64,
            matched_profiles: matched.count() as u64,
            warnings,
        }
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
        let Bypassed { values, records } = self.bypassed;
        let mut warnings = Vec::new();
        if self.matched == 0 && self.tried > 0 {
            warnings.push(Warning::RuleMatchedNothing { entity: entity.clone(), rule: rule.clone() });
        }
        if values > 0 {
            warnings.push(Warning::ValuesTooFrequent { entity, rule, values, records });
        }
        warnings
    }
}
