//! What an action's settings come to: retry policy, time limit, count, and the end of a wait.

use std::time::Duration;

use jiff::{Span, Timestamp, tz::TimeZone};
use lang::expr::{Context, EvalError, Template, Tree};
use lang::wdl::{Action, RetryPolicy as WrittenRetry, Wait, Work};
use serde_json::{Value, json};

use super::codes;
use super::fact::ActionError;
use super::retry::RetryPolicy;
use super::scope::Scope;
use super::start::invalid;
use crate::limits::{DEFAULT_UNTIL_TIMEOUT, Limits, MAX_RETRY_GAP, MIN_RETRY_GAP};

pub(super) fn retry_policy(
    name: &str,
    written: &WrittenRetry,
    scope: &Scope<'_>,
    limits: &Limits,
) -> Result<RetryPolicy, ActionError> {
    let count = |tree: &Tree| {
        let value = tree.evaluate(scope).map_err(|error| invalid(name, &error))?;
        Ok::<u32, ActionError>(whole_number(name, "retry count", &value)?.min(limits.retries))
    };
    let gap = |template: &Template| gap(name, template, scope);
    Ok(match written {
        WrittenRetry::Default => RetryPolicy::default(),
        WrittenRetry::None => RetryPolicy::None,
        WrittenRetry::Fixed { count: tree, interval } => {
            RetryPolicy::Fixed { count: count(tree)?, interval: gap(interval)? }
        }
        WrittenRetry::Exponential { count: tree, interval, minimum, maximum } => RetryPolicy::Exponential {
            count: count(tree)?,
            interval: gap(interval)?,
            min: minimum.as_ref().map(gap).transpose()?.unwrap_or(MIN_RETRY_GAP),
            max: maximum.as_ref().map(gap).transpose()?.unwrap_or(MAX_RETRY_GAP),
        },
    })
}

fn gap(name: &str, template: &Template, scope: &Scope<'_>) -> Result<Duration, ActionError> {
    let now = scope.now();
    let until = after(name, template, scope, now)?;
    Ok(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// `now` plus an ISO 8601 duration.
fn after(
    name: &str,
    template: &Template,
    scope: &Scope<'_>,
    now: Timestamp,
) -> Result<Timestamp, ActionError> {
    let text = template.evaluate(scope).map_err(|error| invalid(name, &error))?;
    let text = text.as_str().unwrap_or_default();
    let until = text.parse::<Span>().ok().and_then(|span| plus(now, span));
    until.ok_or_else(|| {
        ActionError::new(
            codes::INVALID_TEMPLATE,
            format!("'{text}' in the action '{name}' is not a duration such as PT1H or P1D."),
        )
    })
}

/// Calendar units count in UTC.
fn plus(now: Timestamp, span: Span) -> Option<Timestamp> {
    now.to_zoned(TimeZone::UTC).checked_add(span).ok().map(|zoned| zoned.timestamp())
}

pub(super) fn deadline(
    action: &Action,
    scope: &Scope<'_>,
    now: Timestamp,
) -> Result<Option<Timestamp>, ActionError> {
    let until = match &action.work {
        Work::Until { timeout, .. } => Some(timeout.as_ref().or(action.timeout.as_ref())),
        _ => None,
    };
    match (until, &action.timeout) {
        (Some(None), _) => {
            let duration = jiff::SignedDuration::try_from(DEFAULT_UNTIL_TIMEOUT).unwrap_or_default();
            Ok(now.checked_add(duration).ok())
        }
        (Some(Some(template)), _) | (None, Some(template)) => {
            after(&action.name, template, scope, now).map(Some)
        }
        (None, None) => Ok(None),
    }
}

pub(super) fn whole_number(name: &str, what: &str, value: &Value) -> Result<u32, ActionError> {
    let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
    number.map(|number| u32::try_from(number).unwrap_or(u32::MAX)).ok_or_else(|| {
        ActionError::new(
            codes::INVALID_TEMPLATE,
            format!("The {what} of the action '{name}' must be a whole number; it is {value}."),
        )
    })
}

pub(super) fn wait_until(
    name: &str,
    wait: &Wait,
    scope: &Scope<'_>,
    now: Timestamp,
) -> Result<(Value, Timestamp), ActionError> {
    let bad = |error: EvalError| invalid(name, &error);
    let refused = |message: String| ActionError::new(codes::INVALID_TEMPLATE, message);
    match wait {
        Wait::For { count, unit } => {
            let count =
                i64::from(whole_number(name, "interval count", &count.evaluate(scope).map_err(bad)?)?);
            let unit = unit.evaluate(scope).map_err(bad)?;
            let unit = unit.as_str().unwrap_or_default();
            let span = Span::new();
            let span = match unit.to_ascii_lowercase().as_str() {
                "second" => span.try_seconds(count),
                "minute" => span.try_minutes(count),
                "hour" => span.try_hours(count),
                "day" => span.try_days(count),
                "week" => span.try_weeks(count),
                "month" => span.try_months(count),
                _ => return Err(refused(format!("'{unit}' in the action '{name}' is not a unit of time."))),
            };
            let until = span.ok().and_then(|span| plus(now, span));
            let until = until.ok_or_else(|| refused(format!("The action '{name}' waits for too long.")))?;
            let inputs = json!({"interval": {"count": count, "unit": unit}});
            Ok((inputs, until))
        }
        Wait::Until { timestamp } => {
            let text = timestamp.evaluate(scope).map_err(bad)?;
            let text = text.as_str().unwrap_or_default();
            let until = moment(text).ok_or_else(|| {
                refused(format!(
                    "'{text}' in the action '{name}' is not a time such as 2026-01-31T12:00:00Z."
                ))
            })?;
            Ok((json!({"until": {"timestamp": text}}), until))
        }
    }
}

/// A time with an offset, or without one and then in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let local = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    text.parse().ok().or_else(|| local().map(|zoned| zoned.timestamp()))
}
