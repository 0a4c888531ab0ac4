//! The typed, checked model: what the rest of Weir sees of the definitions.
//!
//! Serialised, an object has the shape that the YAML accepts, with every short form written out; reading it
//! back gives the same object.

mod connection;
mod failing;
mod relationship;
mod schedule;
mod unused;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use events::thresholds::{Direction, Threshold};

pub use exports::definition::{Export, Schedule as ExportSchedule};
pub use search::definition::SearchDefinition;

pub use connection::{Connection, ConnectionKind, SecretRef};
pub use failing::FailingFlows;
pub use insight::definition::{
    Activity, CalculationText, DimensionText, MAX_TAGS, Measure, MeasureCalculation, MeasureKind,
    MeasureState, Replace, RuleText, SEGMENT_MEMBERSHIP, Segment, SegmentRule, SegmentState, SegmentType,
    SetOperator, SqlText, UNIFIED_ACTIVITY,
};
pub use lang::attribute::{AttributeRef, QualifiedAttribute, RefError};
pub use relationship::Relationship;
pub use schedule::{MissedTicks, OwnSchedule, Schedule, Target};
pub use sources::definition::{
    AttributeOverride, AttributeType, Changes, DataSource, FileFormat, Quarantine, ReadMode, SourceEntity,
    SourceKind,
};
pub use unify::definition::{
    AliasList, AliasPairs, AttributePreference, BypassList, BypassValues, CUSTOMER, Cluster, Condition,
    Custom, Deduplication, DeduplicationRule, EntityMap, Exception, GroupSource, MapAttribute, Match,
    MatchOrder, MatchRule, Merge, MergeAttribute, MergeGroup, MergePolicy, Normalization, OwnCondition,
    OwnException, Precision, Preference, Probabilistic, Rename, RowPair, RowPairs, Signal, SignalKind,
    Unification, deduplication_entity,
};
pub use unused::AutoDeactivation;

/// Everything that the user of one instance defines.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Definitions {
    /// The name of the instance.
    pub instance: String,
    /// Where data comes from.
    #[serde(default)]
    pub data_sources: Vec<DataSource>,
    /// Foreign keys between entities.
    #[serde(default)]
    pub relationships: Vec<Relationship>,
    /// How rows of several entities become one profile per customer.
    #[serde(default)]
    pub unification: Option<Unification>,
    /// How rows of source entities become activities of customers.
    #[serde(default)]
    pub activities: Vec<Activity>,
    /// Calculated numbers.
    #[serde(default)]
    pub measures: Vec<Measure>,
    /// Named sets of customers.
    #[serde(default)]
    pub segments: Vec<Segment>,
    /// When a full refresh starts by itself.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// What is refreshed at times of its own, or only when asked for.
    #[serde(default)]
    pub schedules: Vec<OwnSchedule>,
    /// By which attributes customers are found; by their texts, when not given.
    #[serde(default)]
    pub search: Option<SearchDefinition>,
    /// Rows that are brought to where other programs read them.
    #[serde(default)]
    pub exports: Vec<Export>,
    /// When full refreshes stop computing what nobody uses; never without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_deactivation: Option<AutoDeactivation>,
    /// Who hears of flows that fail, and when such a flow is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_flows: Option<FailingFlows>,
    /// Credentials and addresses of the systems that flows talk to, by name.
    #[serde(default)]
    pub connections: BTreeMap<String, Connection>,
    /// Levels watched on segments and measures.
    #[serde(default)]
    pub thresholds: Vec<Threshold>,
    /// Workflow definitions, in the order of their names.
    #[serde(default)]
    pub flows: Vec<FlowFile>,
    /// The folder that relative paths (of data sources) start from; not part of what is compared or stored per
    /// object.
    #[serde(skip)]
    pub base_dir: PathBuf,
}

/// One workflow definition file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FlowFile {
    /// The flow's name: the file's name without `.json`.
    pub name: String,
    /// The workflow definition, byte for byte as in the file.
    pub document: String,
}

impl Definitions {
    /// Every source entity, with its data source, in the order of the definitions.
    pub fn source_entities(&self) -> impl Iterator<Item = (&DataSource, &SourceEntity)> {
        self.data_sources
            .iter()
            .flat_map(|source| source.entities().iter().map(move |entity| (source, entity)))
    }

    /// The source entity with the full name `<DataSource>_<Entity>`.
    pub fn source_entity(&self, full_name: &str) -> Option<(&DataSource, &SourceEntity)> {
        self.source_entities().find(|(source, entity)| source.full_name(entity) == full_name)
    }

    /// The entities that unification makes.
    pub fn unified_entities(&self) -> Vec<String> {
        self.unification.as_ref().map(Unification::makes).unwrap_or_default()
    }

    /// The time zone of the schedule, UTC without one: where `today` is.
    pub fn time_zone(&self) -> jiff::tz::TimeZone {
        let name = self.schedule.as_ref().map_or("UTC", |schedule| schedule.time_zone.as_str());
        jiff::tz::TimeZone::get(name).unwrap_or(jiff::tz::TimeZone::UTC)
    }

    /// The measure with this name.
    pub fn measure(&self, name: &str) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.name == name)
    }

    /// The export with this name.
    pub fn export(&self, name: &str) -> Option<&Export> {
        self.exports.iter().find(|export| export.name == name)
    }

    /// The segment with this name.
    pub fn segment(&self, name: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.name == name)
    }
}
