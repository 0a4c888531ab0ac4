//! What a connector says about itself: the designer, the checks and the reference are all made from it.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

/// What a connector says about itself.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The name for people: `Microsoft Teams`.
    pub title: &'static str,
    /// One sentence: what it is for.
    pub summary: &'static str,
    /// Whether its operations need a connection.
    pub needs_connection: bool,
    /// The kinds of connections that it uses; none means those that are called like the connector.
    pub kinds: &'static [&'static str],
    /// The fields of a connection's config.
    pub connection: &'static [Parameter],
    /// The operations.
    pub operations: &'static [Operation],
    /// How many calls a connection takes, unless its config says otherwise.
    pub rate: Option<Rate>,
}

impl Manifest {
    /// A connector without operations, to start from.
    pub const EMPTY: Self = Self {
        title: "",
        summary: "",
        needs_connection: false,
        kinds: &[],
        connection: &[],
        operations: &[],
        rate: None,
    };

    /// The operation with this id, in any case: what answers for an API of others, else what is ours alone.
    pub fn operation(&self, api: &str, id: &str) -> Option<&'static Operation> {
        let ours = |operation: &&Operation| {
            operation.id.eq_ignore_ascii_case(id) && (operation.foreign.is_empty() || !self.knows_api(api))
        };
        let answering = self.operations.iter().find(|operation| operation.answers(api, id));
        answering.or_else(|| self.operations.iter().find(ours))
    }

    /// The ids that can be named under an API: what answers for it, then what is ours alone.
    pub fn ids(&self, api: &str) -> Vec<&'static str> {
        let foreign = self.operations.iter().flat_map(|operation| operation.foreign);
        let answering = foreign.filter(|foreign| foreign.is(api)).flat_map(|foreign| foreign.ids).copied();
        let knows = self.knows_api(api);
        let ours = self.operations.iter().filter(|operation| !knows || operation.foreign.is_empty());
        answering.chain(ours.map(|operation| operation.id)).collect()
    }

    /// Whether one of the operations answers for an API of others.
    pub fn knows_api(&self, api: &str) -> bool {
        self.operations.iter().flat_map(|operation| operation.foreign).any(|foreign| foreign.is(api))
    }
}

/// How many calls are let through in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Calls.
    pub calls: u32,
    /// In so many seconds.
    pub seconds: u32,
}

impl Rate {
    /// The time in which the calls are counted.
    pub fn window(self) -> Duration {
        Duration::from_secs(u64::from(self.seconds))
    }
}

/// One operation of a connector.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// The id that a flow names in `host.operationId`.
    pub id: &'static str,
    /// The name for people: `Send an e-mail`.
    pub title: &'static str,
    /// One sentence: what it does.
    pub summary: &'static str,
    /// What it takes. Nested ones are written `item/field`.
    pub parameters: &'static [Parameter],
    /// What its outputs hold, written the same way.
    pub outputs: &'static [Parameter],
    /// The operations of other products that mean the same and take the same parameters.
    #[serde(rename = "answers")]
    pub foreign: &'static [Foreign],
}

impl Operation {
    /// An operation that answers to its own id only.
    pub const fn new(
        id: &'static str,
        title: &'static str,
        summary: &'static str,
        parameters: &'static [Parameter],
    ) -> Self {
        Self { id, title, summary, parameters, outputs: &[], foreign: &[] }
    }

    /// The same with what its outputs hold.
    pub const fn gives(self, outputs: &'static [Parameter]) -> Self {
        Self { outputs, ..self }
    }

    /// The same, also under ids of other products.
    pub const fn also(self, foreign: &'static [Foreign]) -> Self {
        Self { foreign, ..self }
    }

    /// Whether it answers to this id of this API.
    fn answers(&self, api: &str, id: &str) -> bool {
        let named = |foreign: &Foreign| foreign.ids.iter().any(|known| known.eq_ignore_ascii_case(id));
        self.foreign.iter().any(|foreign| foreign.is(api) && named(foreign))
    }

    /// Whether a flow may give this parameter: it is known, is inside a known one, or holds known ones.
    pub fn takes(&self, name: &str) -> bool {
        let inside = |outer: &str, inner: &str| {
            inner.get(..outer.len()).is_some_and(|start| start.eq_ignore_ascii_case(outer))
                && inner.get(outer.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.parameters.iter().any(|known| inside(known.name, name) || inside(name, known.name))
    }
}

/// Operations of another product, by the last part of its `apiId`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Foreign {
    /// The API: `shared_teams`.
    pub api: &'static str,
    /// Its operations.
    pub ids: &'static [&'static str],
}

impl Foreign {
    fn is(&self, api: &str) -> bool {
        self.api.eq_ignore_ascii_case(api)
    }
}

/// One parameter of an operation, one field of its outputs, or one field of a connection.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// The name for people: `Subject`.
    pub title: &'static str,
    /// One sentence: what it means.
    pub summary: &'static str,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whether it must be given.
    pub required: bool,
    /// What counts when it is not given.
    pub default: Option<&'static str>,
    /// What to choose from.
    pub choices: Choices,
    /// Whether it is taken and has no effect: what the other product needs and ours does not.
    pub ignored: bool,
}

impl Parameter {
    /// A text that must be given.
    pub const fn must(name: &'static str, title: &'static str, summary: &'static str) -> Self {
        Self { required: true, ..Self::may(name, title, summary) }
    }

    /// A text that may be given.
    pub const fn may(name: &'static str, title: &'static str, summary: &'static str) -> Self {
        let (kind, choices) = (Kind::Text, Choices::Free);
        Self { name, title, summary, kind, required: false, default: None, choices, ignored: false }
    }

    /// What the other product needs and ours does not.
    pub const fn unused(name: &'static str, title: &'static str) -> Self {
        let summary = "Taken, and without effect here.";
        Self { kind: Kind::Any, ignored: true, ..Self::may(name, title, summary) }
    }

    /// The same, holding something else than a text.
    pub const fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The same with what counts when it is not given.
    pub const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// The same with what to choose from.
    pub const fn choices(self, choices: Choices) -> Self {
        Self { choices, ..self }
    }
}

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A text.
    Text,
    /// A text with HTML.
    Html,
    /// A text that is a secret: a reference in a definition.
    Secret,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
    /// Anything.
    Any,
}

impl Kind {
    /// The word of JSON Schema, if there is one.
    fn schema(self) -> Option<&'static str> {
        Some(match self {
            Self::Text | Self::Html | Self::Secret => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
            Self::Any => return None,
        })
    }
}

/// What the value of a parameter is chosen from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Choices {
    /// Nothing: any value.
    Free,
    /// One of these.
    Of(&'static [&'static str]),
    /// One of what another operation gives.
    From {
        /// The operation.
        operation: &'static str,
        /// Where its outputs have the list: `body/value`.
        items: &'static str,
        /// Which field of an item is the value.
        value: &'static str,
    },
}

/// Parameters as a JSON Schema; `a/b` becomes the property `b` of the object `a`.
pub fn schema(parameters: &[Parameter]) -> Value {
    let mut root = json!({"type": "object", "properties": {}});
    for parameter in parameters {
        let mut at = &mut root;
        let mut parts = parameter.name.split('/').peekable();
        while let Some(part) = parts.next() {
            let Some(fields) = at.as_object_mut() else { break };
            if parameter.required && !parameter.ignored {
                require(fields, part);
            }
            let properties = fields.entry("properties").or_insert_with(|| json!({}));
            let Some(properties) = properties.as_object_mut() else { break };
            let last = parts.peek().is_none();
            let made = properties.entry(part).or_insert_with(|| json!({"type": "object"}));
            if last {
                *made = described(parameter);
            }
            at = made;
        }
    }
    root
}

fn require(fields: &mut Map<String, Value>, name: &str) {
    let required = fields.entry("required").or_insert_with(|| json!([]));
    if let Some(required) = required.as_array_mut().filter(|required| !required.iter().any(|it| it == name)) {
        required.push(json!(name));
    }
}

fn described(parameter: &Parameter) -> Value {
    let mut property = json!({"title": parameter.title, "description": parameter.summary});
    let Some(fields) = property.as_object_mut() else { return property };
    if let Some(word) = parameter.kind.schema() {
        fields.insert("type".to_owned(), json!(word));
    }
    if let Some(default) = parameter.default {
        fields.insert("default".to_owned(), json!(default));
    }
    match parameter.choices {
        Choices::Free => {}
        Choices::Of(words) => {
            fields.insert("enum".to_owned(), json!(words));
        }
        Choices::From { operation, items, value } => {
            let from = json!({"operationId": operation, "value-collection": items, "value-path": value});
            fields.insert("x-ms-dynamic-values".to_owned(), from);
        }
    }
    property
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEND: Operation = Operation::new(
        "SendEmailV2",
        "Send",
        "Sends.",
        &[
            Parameter::must("emailMessage/To", "To", "Who."),
            Parameter::may("emailMessage/Importance", "Importance", "How much.")
                .or("Normal")
                .choices(Choices::Of(&["Low", "Normal"])),
            Parameter::unused("poster", "Poster"),
        ],
    )
    .also(&[Foreign { api: "shared_office365", ids: &["SendEmail"] }]);

    #[test]
    fn nested_parameters_become_nested_properties() {
        assert_eq!(
            schema(SEND.parameters),
            json!({"type": "object", "required": ["emailMessage"], "properties": {
                "emailMessage": {"type": "object", "required": ["To"], "properties": {
                    "To": {"title": "To", "description": "Who.", "type": "string"},
                    "Importance": {"title": "Importance", "description": "How much.", "type": "string",
                                   "default": "Normal", "enum": ["Low", "Normal"]},
                }},
                "poster": {"title": "Poster", "description": "Taken, and without effect here."},
            }})
        );
    }

    #[test]
    fn a_parameter_is_known_by_itself_by_its_parts_and_by_its_whole() {
        for known in ["emailMessage/To", "emailmessage/to", "emailMessage", "poster/any/part"] {
            assert!(SEND.takes(known), "{known}");
        }
        for unknown in ["emailMessage/Too", "email", "emailMessageX", "to", ""] {
            assert!(!SEND.takes(unknown), "{unknown}");
        }
    }

    #[test]
    fn an_id_of_another_product_counts_only_with_its_api() {
        assert!(SEND.answers("shared_Office365", "sendemail"));
        assert!(!SEND.answers("shared_teams", "SendEmail") && !SEND.answers("", "SendEmail"));
    }
}
