//! The table as JSON Schema (draft 2020-12), for editors and other tools.

use serde_json::{Map, Value, json};

use super::table::ROOT;
use super::{Case, Field, NumberRule, Object, Shape, Word};

/// The JSON Schema of a file of definitions.
pub(in super::super) fn schema() -> Value {
    let mut definitions = Map::new();
    let root = object(&ROOT, None, &mut definitions);
    let mut schema = Map::new();
    schema.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".into(), json!("Weir definitions"));
    if let Value::Object(root) = root {
        schema.extend(root);
    }
    definitions.sort_keys();
    schema.insert("$defs".into(), Value::Object(definitions));
    Value::Object(schema)
}

fn of(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Text(rule) => match rule.pattern {
            Some(pattern) => json!({"type": "string", "pattern": pattern}),
            None => json!({"type": "string"}),
        },
        Shape::Number(rule) => number(rule),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Word(words) => json!({"oneOf": words.iter().map(one_word).collect::<Vec<_>>()}),
        Shape::List { of: item, least: 0 } => json!({"type": "array", "items": of(item, definitions)}),
        Shape::List { of: item, least } => {
            json!({"type": "array", "items": of(item, definitions), "minItems": least})
        }
        Shape::Pair(item) => {
            json!({"type": "array", "items": of(item, definitions), "minItems": 2, "maxItems": 2})
        }
        Shape::Object(it) => reference(it, None, definitions),
        Shape::Named { rule, of: value } => json!({
            "type": "object",
            "propertyNames": {"pattern": rule.pattern.unwrap_or(".")},
            "additionalProperties": of(value, definitions),
        }),
        Shape::Kinds { tag, doc, cases } => {
            let cases: Vec<_> =
                cases.iter().map(|case| reference(case.object, Some((tag, case)), definitions)).collect();
            json!({"description": doc, "oneOf": cases})
        }
        Shape::OneKey(fields) => one_key(fields, definitions),
        Shape::Either(shapes) => {
            json!({"anyOf": shapes.iter().map(|shape| of(shape, definitions)).collect::<Vec<_>>()})
        }
    }
}

fn one_word(word: &Word) -> Value {
    json!({"const": word.word, "description": word.doc})
}

fn number(rule: &NumberRule) -> Value {
    let mut schema = Map::new();
    schema.insert("type".into(), json!(if rule.whole { "integer" } else { "number" }));
    if let Some(least) = rule.least {
        let key = if rule.above_least { "exclusiveMinimum" } else { "minimum" };
        schema.insert(key.into(), json!(least));
    }
    if let Some(most) = rule.most {
        schema.insert("maximum".into(), json!(most));
    }
    Value::Object(schema)
}

fn reference(it: &Object, tag: Option<(&str, &Case)>, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(it.name) {
        let schema = object(it, tag, definitions);
        definitions.insert(it.name.to_owned(), schema);
    }
    json!({"$ref": format!("#/$defs/{}", it.name)})
}

fn object(it: &Object, tag: Option<(&str, &Case)>, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    if let Some((tag, case)) = tag {
        properties.insert(tag.to_owned(), json!({"const": case.word, "description": case.object.doc}));
        required.push(tag);
    }
    for field in it.fields {
        properties.insert(field.key.to_owned(), property(field, definitions));
        if field.required {
            required.push(field.key);
        }
    }
    let mut schema = Map::new();
    schema.insert("description".into(), json!(it.doc));
    schema.insert("type".into(), json!("object"));
    schema.insert("properties".into(), Value::Object(properties));
    schema.insert("additionalProperties".into(), json!(false));
    if !required.is_empty() {
        schema.insert("required".into(), json!(required));
    }
    let groups = it.one_of.iter().map(|group| {
        let keys = group.iter().map(|key| json!({"required": [key]}));
        json!({"oneOf": keys.collect::<Vec<_>>()})
    });
    let groups: Vec<Value> = groups.collect();
    if !groups.is_empty() {
        schema.insert("allOf".into(), json!(groups));
    }
    Value::Object(schema)
}

fn property(field: &Field, definitions: &mut Map<String, Value>) -> Value {
    let inner = of(&field.shape, definitions);
    let inner = if field.shape.may_be_empty() && !field.required {
        json!({"anyOf": [inner, {"type": "null"}]})
    } else {
        inner
    };
    match inner {
        Value::Object(mut schema) => {
            schema.insert("description".into(), json!(field.doc));
            Value::Object(schema)
        }
        other => other,
    }
}

fn one_key(fields: &[Field], definitions: &mut Map<String, Value>) -> Value {
    let properties: Map<_, _> =
        fields.iter().map(|field| (field.key.to_owned(), property(field, definitions))).collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    })
}
