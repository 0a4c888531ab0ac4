//! Definitions as single objects with canonical documents, and back.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::DefinitionError;
use super::model::{Definitions, FlowFile};

/// The kinds of objects, in the order in which they build on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ObjectKind {
    /// The instance itself; one.
    Instance,
    /// A data source with its entities.
    DataSource,
    /// A relationship.
    Relationship,
    /// The unification; at most one.
    Unification,
    /// An activity.
    Activity,
    /// A measure.
    Measure,
    /// A segment.
    Segment,
    /// The schedule; at most one.
    Schedule,
    /// The schedule of one thing.
    OwnSchedule,
    /// What full refreshes leave out; at most one.
    AutoDeactivation,
    /// What becomes of flows that keep failing.
    FailingFlows,
    /// The search index; at most one.
    Search,
    /// An export.
    Export,
    /// A connection.
    Connection,
    /// A threshold.
    Threshold,
    /// A flow.
    Flow,
}

impl ObjectKind {
    /// All kinds.
    pub const ALL: [Self; 16] = [
        Self::Instance,
        Self::DataSource,
        Self::Relationship,
        Self::Unification,
        Self::Activity,
        Self::Measure,
        Self::Segment,
        Self::Schedule,
        Self::OwnSchedule,
        Self::AutoDeactivation,
        Self::FailingFlows,
        Self::Search,
        Self::Export,
        Self::Connection,
        Self::Threshold,
        Self::Flow,
    ];

    /// The name in the store and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::DataSource => "dataSource",
            Self::Relationship => "relationship",
            Self::Unification => "unification",
            Self::Activity => "activity",
            Self::Measure => "measure",
            Self::Segment => "segment",
            Self::Schedule => "schedule",
            Self::OwnSchedule => "ownSchedule",
            Self::AutoDeactivation => "autoDeactivation",
            Self::FailingFlows => "failingFlows",
            Self::Search => "search",
            Self::Export => "export",
            Self::Connection => "connection",
            Self::Threshold => "threshold",
            Self::Flow => "flow",
        }
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::DataSource => "data source",
            Self::OwnSchedule => "own schedule",
            Self::AutoDeactivation => "automatic deactivation",
            Self::FailingFlows => "failing flows",
            other => other.as_str(),
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// One object of the definitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// Its name; for kinds that are there once, the name of the kind.
    pub name: String,
    /// Canonical JSON: keys sorted, short forms written out. Of a flow, the document byte for byte.
    pub document: String,
}

impl Object {
    fn new<T: Serialize>(kind: ObjectKind, name: &str, value: &T) -> Result<Self, DefinitionError> {
        let corrupt = |error: serde_json::Error| DefinitionError::Corrupt {
            kind: kind.title().to_owned(),
            name: name.to_owned(),
            detail: error.to_string(),
        };
        let mut document = serde_json::to_value(value).map_err(corrupt)?;
        document.sort_all_objects();
        Ok(Self { kind, name: name.to_owned(), document: document.to_string() })
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, DefinitionError> {
        serde_json::from_str(&self.document).map_err(|error| DefinitionError::Corrupt {
            kind: self.kind.title().to_owned(),
            name: self.name.clone(),
            detail: error.to_string(),
        })
    }

    /// BLAKE3 of the document, in hexadecimal digits.
    pub fn hash(&self) -> String {
        blake3::hash(self.document.as_bytes()).to_hex().to_string()
    }

    /// The document as JSON; of a flow, as a text.
    pub(super) fn json(&self) -> Value {
        match self.kind {
            ObjectKind::Flow => json!({ "document": self.document }),
            _ => serde_json::from_str(&self.document).unwrap_or(Value::Null),
        }
    }
}

/// The objects of the definitions, kind by kind, each kind in its order.
pub fn objects(definitions: &Definitions) -> Result<Vec<Object>, DefinitionError> {
    let mut objects = Vec::new();
    let mut add = |object: Result<Object, DefinitionError>| object.map(|object| objects.push(object));
    if !definitions.instance.is_empty() {
        add(Object::new(ObjectKind::Instance, "instance", &json!({"name": definitions.instance})))?;
    }
    for it in &definitions.data_sources {
        add(Object::new(ObjectKind::DataSource, &it.name, it))?;
    }
    for it in &definitions.relationships {
        add(Object::new(ObjectKind::Relationship, &it.label(), it))?;
    }
    if let Some(it) = &definitions.unification {
        add(Object::new(ObjectKind::Unification, "unification", it))?;
    }
    for it in &definitions.activities {
        add(Object::new(ObjectKind::Activity, &it.name, it))?;
    }
    for it in &definitions.measures {
        add(Object::new(ObjectKind::Measure, &it.name, it))?;
    }
    for it in &definitions.segments {
        add(Object::new(ObjectKind::Segment, &it.name, it))?;
    }
    if let Some(it) = &definitions.schedule {
        add(Object::new(ObjectKind::Schedule, "schedule", it))?;
    }
    for it in &definitions.schedules {
        add(Object::new(ObjectKind::OwnSchedule, &it.name, it))?;
    }
    if let Some(it) = &definitions.auto_deactivation {
        add(Object::new(ObjectKind::AutoDeactivation, "autoDeactivation", it))?;
    }
    if let Some(it) = &definitions.failing_flows {
        add(Object::new(ObjectKind::FailingFlows, "failingFlows", it))?;
    }
    if let Some(it) = &definitions.search {
        add(Object::new(ObjectKind::Search, "search", it))?;
    }
    for it in &definitions.exports {
        add(Object::new(ObjectKind::Export, &it.name, it))?;
    }
    for (name, it) in &definitions.connections {
        add(Object::new(ObjectKind::Connection, name, it))?;
    }
    for it in &definitions.thresholds {
        add(Object::new(ObjectKind::Threshold, &it.name, it))?;
    }
    for FlowFile { name, document } in &definitions.flows {
        let (name, document) = (name.clone(), document.clone());
        add(Ok(Object { kind: ObjectKind::Flow, name, document }))?;
    }
    Ok(objects)
}

/// The definitions that these objects make, in their order.
pub fn from_objects(objects: &[Object]) -> Result<Definitions, DefinitionError> {
    #[derive(Deserialize)]
    struct Instance {
        name: String,
    }
    let mut definitions = Definitions::default();
    for object in objects {
        match object.kind {
            ObjectKind::Instance => definitions.instance = object.read::<Instance>()?.name,
            ObjectKind::DataSource => definitions.data_sources.push(object.read()?),
            ObjectKind::Relationship => definitions.relationships.push(object.read()?),
            ObjectKind::Unification => definitions.unification = Some(object.read()?),
            ObjectKind::Activity => definitions.activities.push(object.read()?),
            ObjectKind::Measure => definitions.measures.push(object.read()?),
            ObjectKind::Segment => definitions.segments.push(object.read()?),
            ObjectKind::Schedule => definitions.schedule = Some(object.read()?),
            ObjectKind::OwnSchedule => definitions.schedules.push(object.read()?),
            ObjectKind::AutoDeactivation => definitions.auto_deactivation = Some(object.read()?),
            ObjectKind::FailingFlows => definitions.failing_flows = Some(object.read()?),
            ObjectKind::Search => definitions.search = Some(object.read()?),
            ObjectKind::Export => definitions.exports.push(object.read()?),
            ObjectKind::Connection => {
                definitions.connections.insert(object.name.clone(), object.read()?);
            }
            ObjectKind::Threshold => definitions.thresholds.push(object.read()?),
            ObjectKind::Flow => definitions
                .flows
                .push(FlowFile { name: object.name.clone(), document: object.document.clone() }),
        }
    }
    Ok(definitions)
}
