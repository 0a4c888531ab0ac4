//! Actions that turn values into values: Parse JSON, Filter array, Select, Join, Create table.

use lang::expr::{Template, Tree, WithItem, text_of};
use lang::wdl::{Condition, TableFormat};
use serde_json::{Map, Value, json};

use super::fact::ActionError;
use super::scope::Scope;
use super::start::{Started, invalid};
use super::{codes, schema};

/// Mismatches in the message of Parse JSON; the outputs have all.
const SHOWN: usize = 3;

fn body(inputs: Value, body: Value) -> Started {
    Started::value(Some(inputs), json!({"body": body}))
}

/// Parse JSON: text or a value, checked against a schema.
pub(super) fn parse_json(content: Value, schema: &Value) -> Result<Started, ActionError> {
    let inputs = json!({"content": content, "schema": schema});
    let value = match content {
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(error) => {
                let message = format!("The content is not JSON: {error}.");
                return Ok(Started::failed(Some(inputs), ActionError::new(codes::INVALID_TEMPLATE, message)));
            }
        },
        value => value,
    };
    let problems = schema::mismatches(&value, schema);
    if problems.is_empty() {
        return Ok(body(inputs, value));
    }
    let shown: Vec<String> = problems.iter().take(SHOWN).map(ToString::to_string).collect();
    let message = format!("The schema validation failed. {}", shown.join(" "));
    let errors: Vec<Value> = problems.iter().map(schema::Mismatch::to_json).collect();
    let outputs = json!({"body": value, "errors": errors});
    Ok(Started::failed_with(Some(inputs), ActionError::new(codes::SCHEMA_MISMATCH, message), outputs))
}

/// A helper of the designer: one function, whose arguments are the inputs.
pub(super) fn helper(
    name: &str,
    inputs: Value,
    formula: &Template,
    scope: &Scope<'_>,
) -> Result<Started, ActionError> {
    match formula.evaluate(&WithItem::new(scope, &inputs)) {
        Ok(value) => Ok(body(inputs, value)),
        Err(error) => Ok(Started::failed(Some(inputs), invalid(name, &error))),
    }
}

/// The elements of `from`, or why there are none.
fn elements(from: Value) -> Result<Vec<Value>, ActionError> {
    match from {
        Value::Array(items) => Ok(items),
        other => Err(ActionError::new(
            codes::INVALID_TEMPLATE,
            format!(
                "The 'from' property value in the action inputs is of type '{}'. The value must be an array.",
                lang::expr::kind_name(&other)
            ),
        )),
    }
}

/// Filter array: the elements for which the condition holds.
pub(super) fn filter(
    name: &str,
    from: Value,
    condition: &Condition,
    scope: &Scope<'_>,
) -> Result<Started, ActionError> {
    let mut kept = Vec::new();
    let items = elements(from)?;
    for item in &items {
        if condition.evaluate(&WithItem::new(scope, item)).map_err(|error| invalid(name, &error))? {
            kept.push(item.clone());
        }
    }
    Ok(body(json!({"from": items}), Value::Array(kept)))
}

/// Select: one value for each element.
pub(super) fn select(
    name: &str,
    from: Value,
    select: &Tree,
    scope: &Scope<'_>,
) -> Result<Started, ActionError> {
    let items = elements(from)?;
    let made: Result<Vec<Value>, _> =
        items.iter().map(|item| select.evaluate(&WithItem::new(scope, item))).collect();
    let made = made.map_err(|error| invalid(name, &error))?;
    Ok(body(json!({"from": items}), Value::Array(made)))
}

/// Join: one text of all elements.
pub(super) fn join(from: Value, separator: &Value) -> Result<Started, ActionError> {
    let items = elements(from)?;
    let texts: Vec<String> = items.iter().map(text_of).collect();
    let text = texts.join(&text_of(separator));
    Ok(body(json!({"from": items, "joinWith": separator}), Value::String(text)))
}

/// Create table: CSV or HTML.
pub(super) fn table(
    name: &str,
    from: Value,
    format: TableFormat,
    columns: Option<&[(Tree, Tree)]>,
    scope: &Scope<'_>,
) -> Result<Started, ActionError> {
    let items = elements(from)?;
    let (headers, rows) = match columns {
        Some(columns) => chosen(name, &items, columns, scope)?,
        None => automatic(&items),
    };
    let text = match format {
        TableFormat::Csv => csv(&headers, &rows),
        TableFormat::Html => html(&headers, &rows),
    };
    Ok(body(json!({"from": items}), Value::String(text)))
}

type Rows = (Vec<String>, Vec<Vec<String>>);

fn chosen(
    name: &str,
    items: &[Value],
    columns: &[(Tree, Tree)],
    scope: &Scope<'_>,
) -> Result<Rows, ActionError> {
    let bad = |error| invalid(name, &error);
    let headers: Result<Vec<String>, _> =
        columns.iter().map(|(header, _)| header.evaluate(scope).map(|value| text_of(&value))).collect();
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        let place = WithItem::new(scope, item);
        let cells: Result<Vec<String>, _> =
            columns.iter().map(|(_, cell)| cell.evaluate(&place).map(|value| text_of(&value))).collect();
        rows.push(cells.map_err(bad)?);
    }
    Ok((headers.map_err(bad)?, rows))
}

/// The columns of the first element's keys.
fn automatic(items: &[Value]) -> Rows {
    let none = Map::new();
    let headers: Vec<String> =
        items.first().and_then(Value::as_object).unwrap_or(&none).keys().cloned().collect();
    let row = |item: &Value| {
        headers.iter().map(|header| item.get(header).map(text_of).unwrap_or_default()).collect()
    };
    let rows = items.iter().map(row).collect();
    (headers, rows)
}

fn csv(headers: &[String], rows: &[Vec<String>]) -> String {
    let quoted = |cell: &String| {
        if cell.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    let line = |cells: &[String]| cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n";
    std::iter::once(line(headers)).chain(rows.iter().map(|row| line(row))).collect()
}

fn html(headers: &[String], rows: &[Vec<String>]) -> String {
    let escaped = |cell: &String| {
        cell.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let cells = |cells: &[String], tag: &str| -> String {
        cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell))).collect()
    };
    let body: String = rows.iter().map(|row| format!("<tr>{}</tr>", cells(row, "td"))).collect();
    format!("<table><thead><tr>{}</tr></thead><tbody>{body}</tbody></table>", cells(headers, "th"))
}
