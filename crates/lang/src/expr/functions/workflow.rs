//! What the run knows: parameters, variables, the trigger, actions, loops, the workflow itself.

use super::super::error::EvalError;
use super::super::eval::Val;
use super::call::pick;
use super::{Body, Call, Family, Function, unwrap_body};
use serde_json::Value;
use std::borrow::Cow;

const fn entry(
    name: &'static str,
    arguments: usize,
    doc: &'static str,
    example: &'static str,
    body: Body,
) -> Function {
    Function::new(Family::Workflow, name, (arguments, Some(arguments)), doc, example, body)
}

pub(super) const FUNCTIONS: &[Function] = &[
    entry(
        "parameters",
        1,
        "The value of a parameter of the flow.",
        "parameters('owner') → the parameter's value",
        Body::Strict(parameters),
    ),
    entry(
        "variables",
        1,
        "The present value of a variable.",
        "variables('total') → the variable's value",
        Body::Strict(variables),
    ),
    entry(
        "trigger",
        0,
        "The trigger's whole record.",
        "trigger().outputs → its outputs",
        Body::Strict(trigger),
    ),
    entry(
        "triggerOutputs",
        0,
        "The outputs of the trigger.",
        "triggerOutputs()?['body'] → its body",
        Body::Strict(trigger_outputs),
    ),
    entry(
        "triggerBody",
        0,
        "The body of the trigger's outputs.",
        "triggerBody()?['name'] → a property of it",
        Body::Strict(trigger_body),
    ),
    entry(
        "actions",
        1,
        "The whole record of an action.",
        "actions('Get').status → 'Succeeded'",
        Body::Strict(actions),
    ),
    entry(
        "outputs",
        1,
        "The outputs of an action.",
        "outputs('Compose') → its outputs",
        Body::Strict(outputs),
    ),
    entry(
        "body",
        1,
        "The body of an action's outputs.",
        "body('Get')?['value'] → a part of it",
        Body::Strict(body),
    ),
    entry(
        "actionOutputs",
        1,
        "The outputs of an action; an old name of outputs.",
        "actionOutputs('Compose') → its outputs",
        Body::Strict(outputs),
    ),
    entry(
        "actionBody",
        1,
        "The body of an action's outputs; an old name of body.",
        "actionBody('Get') → its body",
        Body::Strict(body),
    ),
    entry(
        "action",
        0,
        "The record of the action this stands in.",
        "action().outputs → its outputs",
        Body::Strict(action),
    ),
    entry(
        "result",
        1,
        "The records of the actions directly inside a scope or loop.",
        "first(result('Try')).status → 'Failed'",
        Body::Strict(result),
    ),
    entry(
        "item",
        0,
        "The current element of the innermost loop or filter.",
        "item()?['name'] → a part of it",
        Body::Strict(item),
    ),
    entry(
        "items",
        1,
        "The current element of a loop by the loop's name.",
        "items('Each') → the element",
        Body::Strict(items),
    ),
    entry(
        "iterationIndexes",
        1,
        "The index, from 0, of the current iteration of a loop.",
        "iterationIndexes('Until') → 0",
        Body::Strict(iteration_indexes),
    ),
    entry(
        "workflow",
        0,
        "The flow and its run.",
        "workflow().run.name → the run's id",
        Body::Strict(workflow),
    ),
    entry(
        "listCallbackUrl",
        0,
        "The address to call in order to fire the trigger or to end the wait.",
        "listCallbackUrl() → 'https://…'",
        Body::Strict(list_callback_url),
    ),
    entry(
        "appsetting",
        1,
        "A setting of the host.",
        "appsetting('region') → its value",
        Body::Strict(app_setting),
    ),
    entry(
        "agentParameters",
        1,
        "A parameter that an agent gave.",
        "agentParameters('city') → its value",
        Body::Strict(agent_parameters),
    ),
];

fn found<'a>(call: &Call<'_, 'a>, value: Option<Val<'a>>, what: &str) -> Result<Val<'a>, EvalError> {
    match value {
        Some(value) => Ok(value),
        None => {
            let name = call.text(0)?;
            Err(EvalError::new(format!(
                "The template language function '{}' cannot find the {what} '{name}'. Please see \
                 https://aka.ms/logicexpressions#{} for usage details.",
                call.name, call.name
            )))
        }
    }
}

fn parameters<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let value = call.machine.context.parameter(call.text(0)?);
    found(call, value, "parameter")
}

fn variables<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let value = call.machine.context.variable(call.text(0)?);
    found(call, value, "variable")
}

fn trigger<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    Ok(call.machine.context.trigger().unwrap_or_default())
}

fn property<'a>(record: &Val<'a>, name: &str) -> Val<'a> {
    pick(record, |value| value.get(name))
}

pub(super) fn trigger_outputs<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    Ok(property(&trigger(call)?, "outputs"))
}

fn trigger_body<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    Ok(unwrap_body(&trigger_outputs(call)?))
}

fn actions<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let value = call.machine.context.action(call.text(0)?);
    found(call, value, "action")
}

/// A part of an action's record; of the records of all iterations, an array of the parts.
fn part_of<'a>(call: &Call<'_, 'a>, part: fn(&Val<'a>) -> Val<'a>) -> Result<Val<'a>, EvalError> {
    let record = actions(call)?;
    let records = match &record {
        Cow::Borrowed(Value::Array(records)) => records.iter().map(Cow::Borrowed).collect::<Vec<_>>(),
        Cow::Owned(Value::Array(records)) => records.iter().cloned().map(Cow::Owned).collect(),
        _ => return Ok(part(&record)),
    };
    let parts: Result<Vec<Value>, _> = records.iter().map(|record| call.machine.own(part(record))).collect();
    Ok(Cow::Owned(Value::Array(parts?)))
}

pub(super) fn outputs<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    part_of(call, |record| property(record, "outputs"))
}

fn body<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    part_of(call, |record| unwrap_body(&property(record, "outputs")))
}

fn action<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let record = call.machine.context.current_action();
    record.ok_or_else(|| call.error("can be used only in tracked properties and in the condition of a loop"))
}

fn result<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let value = call.machine.context.result(call.text(0)?);
    found(call, value, "scope or loop")
}

fn item<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let value = call.machine.context.item();
    value.ok_or_else(|| call.error("can be used only inside a loop, a filter or a selection"))
}

fn items<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let value = call.machine.context.items(call.text(0)?);
    found(call, value, "enclosing loop")
}

fn iteration_indexes<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let index = call.machine.context.iteration_index(call.text(0)?);
    found(call, index.map(|index| Cow::Owned(Value::from(index))), "enclosing loop")
}

fn workflow<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    Ok(call.machine.context.workflow().unwrap_or_default())
}

fn list_callback_url<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    match call.machine.context.callback_url() {
        Some(url) => call.give_text(url),
        None => Err(call.error("can be used only in a trigger or an action that waits for a call")),
    }
}

fn agent_parameters<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let value = call.machine.context.agent_parameter(call.text(0)?);
    found(call, value, "agent parameter")
}

fn app_setting<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let value = call.machine.context.app_setting(call.text(0)?);
    found(call, value, "setting")
}
