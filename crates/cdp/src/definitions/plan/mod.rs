//! What applying definitions would change, and what would be computed again.

mod diff;
mod effects;
mod rescheduled;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::error::DefinitionError;
use super::model::Definitions;
use super::object::{Object, ObjectKind, objects};

/// The difference between what is applied and what is wanted.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The objects that change, kind by kind.
    pub changes: Vec<Change>,
    /// What is computed again in the next refresh because something before it changes; created and changed
    /// objects themselves are not repeated.
    pub effects: Vec<Effect>,
    /// What is refreshed at other times from now on, because a schedule changes.
    pub rescheduled: Vec<Effect>,
    /// How many objects stay as they are.
    pub unchanged: usize,
}

/// One object that changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What it is.
    pub kind: ObjectKind,
    /// Its name.
    pub name: String,
    /// What happens to it.
    #[serde(flatten)]
    pub action: Action,
}

/// What happens to an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "action", rename_all = "camelCase")]
pub enum Action {
    /// It is new.
    Create,
    /// It changes.
    Update {
        /// What of it, in the order of the keys.
        fields: Vec<FieldChange>,
    },
    /// It is removed.
    Delete,
}

/// One value that changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// Where: `entities[eCommerceContacts].file`.
    pub path: String,
    /// The value that is applied; none when it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The value that is wanted; none when it is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// Something that is computed again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// What it is.
    pub kind: ObjectKind,
    /// Its name.
    pub name: String,
}

impl Plan {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Compares what is applied with what is wanted.
///
/// # Errors
/// When an object cannot be written as JSON.
pub fn plan(applied: &Definitions, wanted: &Definitions) -> Result<Plan, DefinitionError> {
    let (old, new) = (objects(applied)?, objects(wanted)?);
    let changes = changes(&old, &new);
    let unchanged = new
        .len()
        .saturating_sub(changes.iter().filter(|change| !matches!(change.action, Action::Delete)).count());
    let effects = effects::effects(applied, wanted, &changes);
    let rescheduled = rescheduled::rescheduled(applied, wanted, &changes);
    Ok(Plan { changes, effects, rescheduled, unchanged })
}

/// The changed objects: by kind, then created and updated ones in the new order, then deleted ones.
pub(super) fn changes(old: &[Object], new: &[Object]) -> Vec<Change> {
    let by_key = |objects: &'_ [Object]| -> BTreeMap<(ObjectKind, String), usize> {
        let keys = objects.iter().enumerate();
        keys.map(|(index, object)| ((object.kind, object.name.clone()), index)).collect()
    };
    let (old_by_key, new_by_key) = (by_key(old), by_key(new));
    let mut changes = Vec::new();
    for object in new {
        let before = old_by_key.get(&(object.kind, object.name.clone())).and_then(|index| old.get(*index));
        let action = match before {
            None => Action::Create,
            Some(before) if before.document == object.document => continue,
            Some(before) => Action::Update { fields: diff::diff(&before.json(), &object.json()) },
        };
        changes.push(Change { kind: object.kind, name: object.name.clone(), action });
    }
    for object in old {
        if !new_by_key.contains_key(&(object.kind, object.name.clone())) {
            changes.push(Change { kind: object.kind, name: object.name.clone(), action: Action::Delete });
        }
    }
    changes.sort_by_key(|change| change.kind);
    changes
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "Nothing changes.");
        }
        for change in &self.changes {
            writeln!(f, "{change}")?;
        }
        write_effects(f, "Computed again in the next refresh", &self.effects)?;
        write_effects(f, "Refreshed at other times", &self.rescheduled)
    }
}

/// `Computed again in the next refresh: measures A, B; segment C.`
fn write_effects(f: &mut fmt::Formatter<'_>, what: &str, effects: &[Effect]) -> fmt::Result {
    let mut by_kind: BTreeMap<ObjectKind, Vec<&str>> = BTreeMap::new();
    for effect in effects {
        by_kind.entry(effect.kind).or_default().push(&effect.name);
    }
    let groups: Vec<String> = by_kind
        .iter()
        .map(|(kind, names)| match (kind, names.as_slice()) {
            (ObjectKind::Unification, _) => "unification".to_owned(),
            (kind, [name]) => format!("{kind} {name}"),
            (kind, names) => format!("{kind}s {}", names.join(", ")),
        })
        .collect();
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{what}: {}.", groups.join("; "))
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.action {
            Action::Create => '+',
            Action::Update { .. } => '~',
            Action::Delete => '-',
        };
        match self.kind {
            ObjectKind::Unification
            | ObjectKind::Search
            | ObjectKind::Schedule
            | ObjectKind::AutoDeactivation
            | ObjectKind::Instance => {
                write!(f, "{sign} {}", self.kind)?;
            }
            kind => write!(f, "{sign} {kind} {}", self.name)?,
        }
        if let Action::Update { fields } = &self.action {
            for field in fields {
                write!(f, "\n    {field}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{}: {} → {}", self.path, short(old), short(new)),
            (None, Some(new)) => write!(f, "{}: + {}", self.path, short(new)),
            (Some(old), None) => write!(f, "{}: - {}", self.path, short(old)),
            (None, None) => f.write_str(&self.path),
        }
    }
}

/// The longest value that is shown whole, in characters.
const MAX_SHOWN_CHARS: usize = 80;

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
