//! Variables: what their types take, and what the actions on them bring.

use serde_json::{Number, Value};

use super::codes;
use super::fact::{ActionError, Fact};
use super::state::{State, Variable};

/// Which change an action makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Set,
    Increment,
    Decrement,
    AppendToArray,
    AppendToString,
}

fn refused(message: String) -> ActionError {
    ActionError::new("InvalidVariableOperation", message)
}

/// Declares a variable; without a value it is null.
pub(super) fn declare(
    state: &State,
    name: &str,
    kind: &str,
    value: Option<Value>,
) -> Result<Fact, ActionError> {
    if state.variables.contains_key(&name.to_lowercase()) {
        return Err(refused(format!("The variable '{name}' is already initialized.")));
    }
    let kind = kind.to_lowercase();
    let value = value.unwrap_or(Value::Null);
    // Only a value that is written must fit: a variable without one is null, whatever its type.
    let value = if value.is_null() { value } else { fitting(name, &kind, value)? };
    Ok(Fact::VariableDeclared { name: name.to_owned(), kind, value: value.into() })
}

/// Changes a variable. Gives the fact, and what the action's outputs show.
pub(super) fn change(
    state: &State,
    name: &str,
    change: Change,
    value: Value,
) -> Result<(Fact, Value), ActionError> {
    let Some(variable) = state.variables.get(&name.to_lowercase()) else {
        return Err(refused(format!(
            "The variable '{name}' is not initialized: an InitializeVariable action must run before."
        )));
    };
    let name = name.to_owned();
    match change {
        Change::Set => {
            let value = fitting(&name, &variable.kind, value)?;
            Ok((Fact::VariableSet { name, value: value.clone().into() }, value))
        }
        Change::Increment | Change::Decrement => {
            let value = counted(&name, variable, &value, change == Change::Decrement)?;
            Ok((Fact::VariableSet { name, value: value.clone().into() }, value))
        }
        Change::AppendToArray => {
            if variable.kind != "array" {
                return Err(wrong_kind(&name, &variable.kind, "array"));
            }
            if value.is_null() || value.is_array() {
                return Err(refused(format!(
                    "Cannot append {} to the array variable '{name}': append its elements one by one.",
                    if value.is_null() { "null" } else { "an array" }
                )));
            }
            Ok((Fact::VariableAppended { name, value: value.clone().into() }, value))
        }
        Change::AppendToString => {
            if variable.kind != "string" {
                return Err(wrong_kind(&name, &variable.kind, "string"));
            }
            let text = Value::String(lang::expr::text_of(&value));
            Ok((Fact::VariableAppended { name, value: text.clone().into() }, text))
        }
    }
}

fn wrong_kind(name: &str, kind: &str, wanted: &str) -> ActionError {
    refused(format!("The variable '{name}' is of type '{kind}'; this action needs the type '{wanted}'."))
}

/// The value as a variable of this type holds it.
fn fitting(name: &str, kind: &str, value: Value) -> Result<Value, ActionError> {
    let fits = match kind {
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "float" => value.is_number(),
        "string" => value.is_string() || value.is_null(),
        "array" => value.is_array() || value.is_null(),
        "object" => value.is_object() || value.is_null(),
        _ => true,
    };
    if fits {
        return Ok(value);
    }
    Err(refused(format!(
        "The variable '{name}' of type '{kind}' cannot hold a value of type '{}'.",
        lang::expr::kind_name(&value)
    )))
}

fn counted(name: &str, variable: &Variable, by: &Value, down: bool) -> Result<Value, ActionError> {
    let not_a_number = || {
        refused(format!(
            "The variable '{name}' of type '{}' with a value of type '{}' cannot be changed by a value of type '{}': \
             both must be numbers.",
            variable.kind,
            lang::expr::kind_name(&variable.value),
            lang::expr::kind_name(by)
        ))
    };
    let overflow =
        || ActionError::new(codes::INVALID_TEMPLATE, format!("The variable '{name}' became too large."));
    if variable.kind != "integer" && variable.kind != "float" {
        return Err(not_a_number());
    }
    if let (Some(now), Some(by)) = (variable.value.as_i64(), by.as_i64()) {
        let sum = if down { now.checked_sub(by) } else { now.checked_add(by) };
        return sum.map(Value::from).ok_or_else(overflow);
    }
    if variable.kind == "integer" {
        return Err(not_a_number());
    }
    let now = variable.value.as_f64().ok_or_else(not_a_number)?;
    let by = by.as_f64().ok_or_else(not_a_number)?;
    Number::from_f64(if down { now - by } else { now + by }).map(Value::Number).ok_or_else(overflow)
}
