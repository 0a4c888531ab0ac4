//! Columns that are gone from a source, and what still needs them: a refresh stops before something else breaks.

use serde::Serialize;
use serde_json::{Value, json};

use super::Failure;
use crate::definitions::Definitions;

/// Something that needs a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Dependent {
    /// `segment`, `measure` and so on.
    kind: &'static str,
    name: String,
    column: String,
}

/// Fails when anything that is defined needs one of the removed columns of an entity.
pub(super) fn check(definitions: &Definitions, entity: &str, removed: &[String]) -> Result<(), Failure> {
    let mut found: Vec<Dependent> =
        removed.iter().flat_map(|column| dependents(definitions, entity, column)).collect();
    found.sort();
    found.dedup();
    if found.is_empty() {
        return Ok(());
    }
    let words: Vec<String> =
        found.iter().map(|it| format!("{} {} ({})", it.kind, it.name, it.column)).collect();
    let mut columns: Vec<&str> = found.iter().map(|it| it.column.as_str()).collect();
    columns.dedup();
    let message = format!(
        "{entity} has lost {}, which is needed by {}: bring it back, or change what needs it; the rows of the last \
         good refresh stay",
        columns.join(", "),
        words.join(", ")
    );
    let list: Vec<Value> =
        found.iter().map(|it| json!({"kind": it.kind, "name": it.name, "column": it.column})).collect();
    let report = json!({"entity": entity, "code": CODE, "error": message, "dependents": list});
    Err(Failure { report: Some(report), ..Failure::permanent(CODE, &message) })
}

const CODE: &str = "removedColumnsInUse";

fn dependents(definitions: &Definitions, entity: &str, column: &str) -> Vec<Dependent> {
    let wanted = Wanted { entity, column, path: format!("{entity}.{column}") };
    let mut found = Vec::new();
    let mut look = |kind, name: String, needs: bool| {
        if needs {
            found.push(Dependent { kind, name, column: column.to_owned() });
        }
    };
    for relationship in &definitions.relationships {
        look("relationship", relationship.label(), wanted.in_texts(relationship));
    }
    if let Some(unification) = &definitions.unification {
        look("unification", "unification".to_owned(), wanted.in_parts(unification));
    }
    for measure in &definitions.measures {
        look("measure", measure.name.clone(), wanted.in_texts(measure));
    }
    for segment in &definitions.segments {
        look("segment", segment.name.clone(), wanted.in_texts(segment));
    }
    for activity in &definitions.activities {
        look("activity", activity.name.clone(), wanted.in_texts(activity) || wanted.in_parts(activity));
    }
    for export in &definitions.exports {
        // Without a list of columns it takes those that there are.
        let names_column = export.attributes.iter().any(|attribute| attribute.name == column);
        let needs = names_column && export.entities.iter().any(|exported| exported == entity);
        look("export", export.name.clone(), needs);
    }
    found
}

/// A column that is looked for in definitions.
struct Wanted<'a> {
    entity: &'a str,
    column: &'a str,
    path: String,
}

impl Wanted<'_> {
    /// Whether a text of a definition names `Entity.Attribute`.
    fn in_texts(&self, definition: &impl Serialize) -> bool {
        let value = serde_json::to_value(definition).unwrap_or_default();
        any_text(&value, &|text| names(text, &self.path))
    }

    /// Whether a part of a definition that is about the entity names the column.
    fn in_parts(&self, definition: &impl Serialize) -> bool {
        let value = serde_json::to_value(definition).unwrap_or_default();
        self.in_texts(definition) || self.in_part(&value)
    }

    fn in_part(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| self.in_part(item)),
            Value::Object(members) => {
                let about = members.values().any(|member| member.as_str() == Some(self.entity));
                let here = about && any_text(value, &|text| text == self.column);
                here || members.values().any(|member| self.in_part(member))
            }
            _ => false,
        }
    }
}

fn any_text(value: &Value, fits: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => fits(text),
        Value::Array(items) => items.iter().any(|item| any_text(item, fits)),
        Value::Object(members) => members.values().any(|member| any_text(member, fits)),
        _ => false,
    }
}

/// Whether a text has these words, not as a part of longer ones.
fn names(text: &str, path: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(path).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + path.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_column_stops_the_refresh_when_something_needs_it_and_names_what() {
        let definitions = json!({
            "instance": "i",
            "relationships": [{"from": "Shop_orders.CustomerNo", "to": "Shop_people.Id"}],
            "unification": {
                "map": [{"entity": "Shop_people", "attributes": [{"name": "Mail", "type": "Person.EMail"}]}],
                "match": {"order": ["Shop_people"], "rules": []}
            },
            "measures": [
                {"name": "Spent", "type": "business", "calculate": "sum(Shop_orders.Total)"},
                {"name": "Count", "type": "business", "calculate": "count(Shop_orders)"}
            ],
            "segments": [{"name": "Big", "where": "Shop_orders.TotalNet > 5 and Shop_orders.Total > 7"}],
            "exports": [
                {"name": "send", "entities": ["Shop_orders"], "attributes": ["Id", {"Note": "Text"}],
                 "to": {"kind": "folder", "path": "out"}},
                {"name": "all", "entities": ["Shop_orders"], "to": {"kind": "folder", "path": "out"}},
                {"name": "other", "entities": ["Shop_people"], "attributes": ["Note"],
                 "to": {"kind": "folder", "path": "out"}}
            ]
        });
        let definitions: Definitions = serde_json::from_value(definitions).unwrap();
        let lost = |entity: &str, columns: &[&str]| {
            let columns: Vec<String> = columns.iter().map(|it| (*it).to_owned()).collect();
            check(&definitions, entity, &columns).map_err(|failure| failure.message)
        };
        let message = lost("Shop_orders", &["Total", "Note"]).unwrap_err();
        assert!(
            message.contains("measure Spent (Total)") && message.contains("segment Big (Total)"),
            "{message}"
        );
        assert!(!message.contains("Count"), "{message}");
        assert!(lost("Shop_orders", &["CustomerNo"]).unwrap_err().contains("relationship"));
        assert!(lost("Shop_people", &["Mail"]).unwrap_err().contains("unification"));
        let message = lost("Shop_orders", &["Note"]).unwrap_err();
        assert!(message.contains("needed by export send (Note):"), "{message}");
        assert_eq!(lost("Shop_orders", &["Tota", "Net"]), Ok(()));
        assert_eq!(lost("Shop_people", &["Total"]), Ok(()));
    }
}
