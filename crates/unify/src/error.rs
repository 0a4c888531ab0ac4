//! What can go wrong in a unification: problems of its definition, all found before it runs, and failures of a run.

use std::fmt;

use arrow::datatypes::DataType;
use arrow::error::ArrowError;

/// Why a unification has no result.
#[derive(Debug, thiserror::Error)]
pub enum UnifyError {
    /// The definition does not fit the entities. Nothing has run.
    #[error("the unification cannot run: {}", Listed(.0))]
    Invalid(Vec<Problem>),
    /// The caller asked to stop.
    #[error("the unification was cancelled")]
    Cancelled,
    /// An entity has more rows than one unification takes.
    #[error("entity {entity} has more than {limit} rows, the most that one unification takes")]
    SourceTooLarge {
        /// The entity's full name.
        entity: String,
        /// The number of rows allowed.
        limit: u64,
    },
    /// A rule compares too many pairs.
    #[error(
        "rule {rule} on {entity} compares more than {limit} pairs of values: add a condition with \
         precision exact, or raise the precision of a fuzzy one"
    )]
    TooManyComparisons {
        /// The entity that the rule is on.
        entity: String,
        /// The rule's name.
        rule: String,
        /// The number of pairs allowed.
        limit: u64,
    },
    /// All entities together have more values than one unification can number.
    #[error("the entities together have more rows than one unification takes")]
    TooManyValues,
    /// A batch has another schema than its entity.
    #[error("a batch of entity {entity} has no attribute {attribute} of the type that its schema says")]
    SchemaMismatch {
        /// The entity's full name.
        entity: String,
        /// The attribute.
        attribute: String,
    },
    /// Arrow refused an operation, for example because a column grew beyond what it can hold.
    #[error("Arrow: {0}")]
    Arrow(#[from] ArrowError),
    /// A thread of the unification died.
    #[error("a thread of the unification ended without a result")]
    Thread,
}

impl UnifyError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "unificationInvalid",
            Self::Cancelled => "unificationCancelled",
            Self::SourceTooLarge { .. } => "sourceTooLarge",
            Self::TooManyComparisons { .. } => "tooManyComparisons",
            Self::TooManyValues => "tooManyValues",
            Self::SchemaMismatch { .. } => "schemaMismatch",
            Self::Arrow(_) => "arrowFailed",
            Self::Thread => "threadFailed",
        }
    }
}

struct Listed<'a>(&'a [Problem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "; " };
            write!(f, "{comma}{problem}")?;
        }
        Ok(())
    }
}

/// One thing that is wrong with a definition of unification.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are the names that stand in the sentence")]
pub enum Problem {
    /// No entity in the match order.
    #[error("match.order is empty: name at least one entity")]
    OrderEmpty,
    /// More entities than one unification takes.
    #[error("match.order has {count} entities; at most {limit} can be unified")]
    TooManyEntities { count: usize, limit: usize },
    /// An entity stands twice in the match order.
    #[error("entity {entity} stands more than once in match.order")]
    EntityRepeated { entity: String },
    /// An entity that does not exist, or that holds no data yet.
    #[error("entity {entity} is not among the entities with data: refresh its data source first")]
    EntityMissing { entity: String },
    /// An entity that is named outside the match order.
    #[error("{place} names entity {entity}, which is not in match.order")]
    EntityNotOrdered { place: String, entity: String },
    /// An entity stands twice in the map.
    #[error("entity {entity} stands more than once in unification.map: put its attributes together")]
    MapRepeated { entity: String },
    /// An attribute stands twice in the map of its entity.
    #[error("unification.map lists attribute {attribute} of {entity} more than once")]
    MapAttributeRepeated { entity: String, attribute: String },
    /// An entity has no or more than one primary key.
    #[error("entity {entity} has {count} primary key attributes; unification needs exactly one")]
    PrimaryKeyNotSingle { entity: String, count: usize },
    /// A primary key that is neither text nor a whole number.
    #[error("primary key {attribute} of {entity} is {found}; it must be text, a GUID or a whole number")]
    PrimaryKeyTypeUnsupported { entity: String, attribute: String, found: DataType },
    /// A lower entity without rules.
    #[error("entity {entity} has no match rule: add one under match.rules, or take it out of match.order")]
    RulesMissing { entity: String },
    /// A rule looks at an entity that does not stand above its own.
    #[error("rule {rule} on {on} looks at {entity}, which must stand above {on} in match.order")]
    EntitiesOutOfOrder { rule: String, on: String, entity: String },
    /// Two rules of one entity with one name.
    #[error("entity {on} has more than one rule {rule}")]
    RuleRepeated { rule: String, on: String },
    /// An entity is deduplicated twice.
    #[error("entity {entity} stands more than once in deduplication")]
    DeduplicationRepeated { entity: String },
    /// A condition names a list of aliases or of bypassed values that does not exist.
    #[error("{place} names the list {list}, which is not under unification.custom")]
    ListMissing { place: String, list: String },
    /// An entity that lists pairs of rows lacks their attributes.
    #[error("entity {entity} lists pairs of rows: it needs Entity1, Entity1Key, Entity2 and Entity2Key")]
    PairsAttributesMissing { entity: String },
    /// A pair of rows is to match always and never.
    #[error("row {key1} of {entity1} and row {key2} of {entity2} stand under alwaysMatch and neverMatch")]
    PairContradicts { entity1: String, key1: String, entity2: String, key2: String },
    /// A rule without conditions, or an exception without conditions.
    #[error("rule {rule} on {on} has no condition in {place}")]
    ConditionsMissing { rule: String, on: String, place: String },
    /// More conditions than one rule takes.
    #[error("rule {rule} on {on} has {count} conditions; at most {limit} are possible")]
    TooManyConditions { rule: String, on: String, count: usize, limit: usize },
    /// The conditions of one rule look at different entities above.
    #[error("rule {rule} on {on} looks at both {first} and {second}: write one rule for each")]
    LeftEntitiesDiffer { rule: String, on: String, first: String, second: String },
    /// An attribute that does not exist.
    #[error("{place} names attribute {attribute}, which {entity} does not have")]
    AttributeMissing { place: String, entity: String, attribute: String },
    /// No entity above has the attributes of a rule.
    #[error("rule {rule} on {on}: no entity above {on} has all of these attributes: {attributes}")]
    NoEntityAbove { rule: String, on: String, attributes: String },
    /// An attribute that the map leaves out.
    #[error(
        "{place} uses attribute {attribute} of {entity}, which the map leaves out: add it to unification.map"
    )]
    AttributeNotMapped { place: String, entity: String, attribute: String },
    /// Attributes of one condition that cannot be compared.
    #[error("rule {rule} on {on} compares {left} ({left_type}) with {right} ({right_type})")]
    MatchedAttributeTypesDiffer {
        rule: String,
        on: String,
        left: String,
        left_type: DataType,
        right: String,
        right_type: DataType,
    },
    /// A type that cannot be compared at all.
    #[error("rule {rule} on {on}: attribute {attribute} is {found}, which cannot be compared")]
    TypeNotComparable { rule: String, on: String, attribute: String, found: DataType },
    /// A fuzzy comparison of something that is not text.
    #[error("rule {rule} on {on}: {attribute} is {found}; only text can have a precision below exact")]
    FuzzyAttributeNotText { rule: String, on: String, attribute: String, found: DataType },
    /// A normalization of something that is not text.
    #[error("rule {rule} on {on}: {attribute} is {found}; only text can be normalized")]
    NormalizedAttributeNotText { rule: String, on: String, attribute: String, found: DataType },
    /// A precision outside its range.
    #[error("rule {rule} on {on}: precision {precision} is not above 0 and at most 1")]
    PrecisionOutOfRange { rule: String, on: String, precision: f64 },
    /// Attributes that are merged have no common type.
    #[error(
        "merged attribute {name}: {first} and {second} have different types ({first_type}, {second_type})"
    )]
    MergedAttributeTypesDiffer {
        name: String,
        first: String,
        first_type: DataType,
        second: String,
        second_type: DataType,
    },
    /// A merged attribute without sources.
    #[error("merged attribute {name} has no source: name at least one attribute under from")]
    MergedAttributeEmpty { name: String },
    /// One source attribute in two merged attributes, or twice in one.
    #[error("merged attribute {name} uses {attribute}, which is already used")]
    MergedAttributeRepeated { name: String, attribute: String },
    /// A source attribute that is merged by hand and left out as well.
    #[error("merged attribute {name} uses {attribute}, which merge.exclude leaves out")]
    MergedAttributeExcluded { name: String, attribute: String },
    /// A group without attributes, or with too many.
    #[error("merge group {name} has {count} attributes; it must have 1 to {limit}")]
    GroupAttributes { name: String, count: usize, limit: usize },
    /// A group without sources, or with too many.
    #[error("merge group {name} has {count} sources; it must have 1 to {limit}")]
    GroupSources { name: String, count: usize, limit: usize },
    /// A source of a group that has not one attribute for each attribute of the group.
    #[error("merge group {name} has {wanted} attributes, but its source {entity} names {found}")]
    GroupSourceDiffers { name: String, entity: String, wanted: usize, found: usize },
    /// A new name for an attribute that is named by hand.
    #[error("merge.rename renames {attribute}, whose name merge.attributes or merge.groups says")]
    RenamedByHand { attribute: String },
    /// A new name for an attribute that is left out.
    #[error("merge.rename renames {attribute}, which merge.exclude leaves out")]
    RenamedExcluded { attribute: String },
    /// Two new names for one attribute of the profile.
    #[error("merge.rename renames {attribute}, which becomes {first} already")]
    RenamedTwice { attribute: String, first: String },
    /// An order that names what the profile does not have.
    #[error("merge.order names {name}, which is no attribute of the profile")]
    OrderedAttributeMissing { name: String },
    /// An order that names an attribute twice.
    #[error("merge.order names {name} more than once")]
    OrderedAttributeRepeated { name: String },
    /// Too many attributes make the ids.
    #[error("merge.customerId has {count} attributes; at most {limit} are possible")]
    CustomerIdAttributes { count: usize, limit: usize },
    /// Two entries of `customerId` mean the same attribute of the profile.
    #[error("merge.customerId names {attribute}, which an entry before it already stands for")]
    CustomerIdRepeated { attribute: String },
    /// A household without the attributes that it needs.
    #[error(
        "cluster {name} has no rules: then the profile needs attributes with the semantic types \
         Person.LastName and Location.Address"
    )]
    HouseholdAttributesMissing { name: String },
    /// A preference by something that has no order in time.
    #[error(
        "deduplication of {entity} prefers by {attribute}, which is {found}; it needs a date or a number"
    )]
    PreferenceNotComparable { entity: String, attribute: String, found: DataType },
    /// Two preferences for one attribute.
    #[error("deduplication of {entity} says twice from which row {attribute} is taken")]
    PreferenceRepeated { entity: String, attribute: String },
    /// The name of a merged attribute is taken.
    #[error("merged attribute {name}: the profile already has an attribute of this name; choose another")]
    AttributeNameTaken { name: String },
    /// Most or least recent without the attribute that says when.
    #[error(
        "merged attribute {name}: say under by which date or number of {entity} tells how recent a row is"
    )]
    RecencyAttributeMissing { name: String, entity: String },
    /// Most or least recent by something that has no order in time.
    #[error("merged attribute {name}: {attribute} is {found}; recency needs a date or a number")]
    RecencyAttributeNotComparable { name: String, attribute: String, found: DataType },
    /// Most or least recent by attributes that cannot be compared with each other.
    #[error("merged attribute {name}: {first} and {second} cannot be compared to tell which is more recent")]
    RecencyAttributesDiffer { name: String, first: String, second: String },
}

impl Problem {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OrderEmpty => "matchOrderEmpty",
            Self::TooManyEntities { .. } => "tooManyEntities",
            Self::EntityRepeated { .. } => "entityRepeated",
            Self::EntityMissing { .. } => "entityMissing",
            Self::EntityNotOrdered { .. } => "entityNotOrdered",
            Self::MapRepeated { .. } => "mapRepeated",
            Self::MapAttributeRepeated { .. } => "mapAttributeRepeated",
            Self::PrimaryKeyNotSingle { .. } => "primaryKeyNotSingle",
            Self::PrimaryKeyTypeUnsupported { .. } => "primaryKeyTypeUnsupported",
            Self::RulesMissing { .. } => "matchRulesMissing",
            Self::EntitiesOutOfOrder { .. } => "matchEntitiesOutOfOrder",
            Self::RuleRepeated { .. } => "matchRuleRepeated",
            Self::DeduplicationRepeated { .. } => "deduplicationRepeated",
            Self::ListMissing { .. } => "customListMissing",
            Self::PairsAttributesMissing { .. } => "pairsAttributesMissing",
            Self::PairContradicts { .. } => "pairContradicts",
            Self::ConditionsMissing { .. } => "matchConditionsMissing",
            Self::TooManyConditions { .. } => "tooManyConditions",
            Self::LeftEntitiesDiffer { .. } => "leftEntitiesDiffer",
            Self::AttributeMissing { .. } => "attributeMissing",
            Self::NoEntityAbove { .. } => "noEntityAbove",
            Self::AttributeNotMapped { .. } => "attributeNotMapped",
            Self::MatchedAttributeTypesDiffer { .. } => "matchedAttributeTypesDiffer",
            Self::TypeNotComparable { .. } => "typeNotComparable",
            Self::FuzzyAttributeNotText { .. } => "fuzzyAttributeNotText",
            Self::NormalizedAttributeNotText { .. } => "normalizedAttributeNotText",
            Self::PrecisionOutOfRange { .. } => "precisionOutOfRange",
            Self::MergedAttributeTypesDiffer { .. } => "mergedAttributeTypesDiffer",
            Self::MergedAttributeEmpty { .. } => "mergedAttributeEmpty",
            Self::MergedAttributeRepeated { .. } => "mergedAttributeRepeated",
            Self::MergedAttributeExcluded { .. } => "mergedAttributeExcluded",
            Self::GroupAttributes { .. } => "mergeGroupAttributes",
            Self::GroupSources { .. } => "mergeGroupSources",
            Self::GroupSourceDiffers { .. } => "mergeGroupSourceDiffers",
            Self::RenamedByHand { .. } => "renamedByHand",
            Self::RenamedExcluded { .. } => "renamedExcluded",
            Self::RenamedTwice { .. } => "renamedTwice",
            Self::OrderedAttributeMissing { .. } => "orderedAttributeMissing",
            Self::OrderedAttributeRepeated { .. } => "orderedAttributeRepeated",
            Self::CustomerIdAttributes { .. } => "customerIdAttributes",
            Self::CustomerIdRepeated { .. } => "customerIdRepeated",
            Self::HouseholdAttributesMissing { .. } => "householdAttributesMissing",
            Self::PreferenceNotComparable { .. } => "preferenceNotComparable",
            Self::PreferenceRepeated { .. } => "preferenceRepeated",
            Self::AttributeNameTaken { .. } => "attributeNameTaken",
            Self::RecencyAttributeMissing { .. } => "recencyAttributeMissing",
            Self::RecencyAttributeNotComparable { .. } => "recencyAttributeNotComparable",
            Self::RecencyAttributesDiffer { .. } => "recencyAttributesDiffer",
        }
    }
}
