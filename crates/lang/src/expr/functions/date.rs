//! Dates and times: text in, text out. A text without a zone gives a result without `Z`.

use super::super::culture::{Culture, culture, default_culture};
use super::super::error::EvalError;
use super::super::eval::Val;
use super::super::time::{self, Moment, ROUND_TRIP};
use super::{Body, Call, Family, Function};
use crate::zone;
use jiff::civil::{Date, DateTime};
use jiff::tz::AmbiguousOffset;
use jiff::{SignedDuration, Span};
use serde_json::Value;
use std::borrow::Cow;

const fn entry(
    name: &'static str,
    arity: (usize, usize),
    doc: &'static str,
    example: &'static str,
    body: Body,
) -> Function {
    Function::new(Family::Date, name, (arity.0, Some(arity.1)), doc, example, body)
}

pub(super) const FUNCTIONS: &[Function] = &[
    entry(
        "utcNow",
        (0, 1),
        "The present time.",
        "utcNow() → '2018-04-15T13:00:00.0000000Z'",
        Body::Strict(utc_now),
    ),
    entry(
        "addSeconds",
        (2, 3),
        "A time, seconds later.",
        "addSeconds('2018-03-15T00:00:00Z', 10) → '2018-03-15T00:00:10.0000000Z'",
        Body::Strict(add_seconds),
    ),
    entry(
        "addMinutes",
        (2, 3),
        "A time, minutes later.",
        "addMinutes('2018-03-15T00:00:00Z', 10) → '2018-03-15T00:10:00.0000000Z'",
        Body::Strict(add_minutes),
    ),
    entry(
        "addHours",
        (2, 3),
        "A time, hours later.",
        "addHours('2018-03-15T00:00:00Z', 10) → '2018-03-15T10:00:00.0000000Z'",
        Body::Strict(add_hours),
    ),
    entry(
        "addDays",
        (2, 3),
        "A time, days later.",
        "addDays('2018-03-15T00:00:00Z', 10) → '2018-03-25T00:00:00.0000000Z'",
        Body::Strict(add_days),
    ),
    entry(
        "addToTime",
        (3, 4),
        "A time, so many units later.",
        "addToTime('2018-01-31', 1, 'Month', 'yyyy-MM-dd') → '2018-02-28'",
        Body::Strict(add_to_time),
    ),
    entry(
        "subtractFromTime",
        (3, 4),
        "A time, so many units earlier.",
        "subtractFromTime('2018-01-02', 1, 'Day', 'yyyy-MM-dd') → '2018-01-01'",
        Body::Strict(subtract_from_time),
    ),
    entry(
        "getFutureTime",
        (2, 3),
        "The time in so many units.",
        "getFutureTime(5, 'Day') → five days from now",
        Body::Strict(future_time),
    ),
    entry(
        "getPastTime",
        (2, 3),
        "The time so many units ago.",
        "getPastTime(5, 'Day') → five days ago",
        Body::Strict(past_time),
    ),
    entry(
        "formatDateTime",
        (1, 3),
        "A time in a .NET format.",
        "formatDateTime('03/15/2018', 'yyyy-MM-dd') → '2018-03-15'",
        Body::Strict(format_date_time),
    ),
    entry(
        "parseDateTime",
        (1, 3),
        "A time out of a text, by locale and format.",
        "parseDateTime('20/10/2014', 'fr-fr') → '2014-10-20T00:00:00.0000000'",
        Body::Strict(parse_date_time),
    ),
    entry(
        "convertTimeZone",
        (3, 4),
        "A time of one zone in another.",
        "convertTimeZone('2018-01-01T08:00:00Z', 'UTC', 'Pacific Standard Time', 'HH:mm') → '00:00'",
        Body::Strict(convert_time_zone),
    ),
    entry(
        "convertFromUtc",
        (2, 3),
        "A time of UTC in a zone.",
        "convertFromUtc('2018-01-01T08:00:00Z', 'Pacific Standard Time', 'HH:mm') → '00:00'",
        Body::Strict(convert_from_utc),
    ),
    entry(
        "convertToUtc",
        (2, 3),
        "A time of a zone in UTC.",
        "convertToUtc('01/01/2018 00:00:00', 'Pacific Standard Time', 'HH:mm') → '08:00'",
        Body::Strict(convert_to_utc),
    ),
    entry(
        "startOfHour",
        (1, 2),
        "The start of the hour.",
        "startOfHour('2018-03-15T13:30:30Z') → '2018-03-15T13:00:00.0000000Z'",
        Body::Strict(start_of_hour),
    ),
    entry(
        "startOfDay",
        (1, 2),
        "The start of the day.",
        "startOfDay('2018-03-15T13:30:30Z') → '2018-03-15T00:00:00.0000000Z'",
        Body::Strict(start_of_day),
    ),
    entry(
        "startOfMonth",
        (1, 2),
        "The start of the month.",
        "startOfMonth('2018-03-15T13:30:30Z') → '2018-03-01T00:00:00.0000000Z'",
        Body::Strict(start_of_month),
    ),
    entry(
        "dayOfWeek",
        (1, 1),
        "The day of the week; Sunday is 0.",
        "dayOfWeek('2018-03-15') → 4",
        Body::Strict(day_of_week),
    ),
    entry(
        "dayOfMonth",
        (1, 1),
        "The day of the month.",
        "dayOfMonth('2018-03-15') → 15",
        Body::Strict(day_of_month),
    ),
    entry(
        "dayOfYear",
        (1, 1),
        "The day of the year.",
        "dayOfYear('2018-03-15') → 74",
        Body::Strict(day_of_year),
    ),
    entry(
        "dateDifference",
        (2, 2),
        "The time between two times, as [-]d.hh:mm:ss.",
        "dateDifference('2015-02-08', '2018-07-30') → '1268.00:00:00'",
        Body::Strict(date_difference),
    ),
    entry(
        "ticks",
        (1, 1),
        "The 100-nanosecond steps since the year 1.",
        "ticks('0001-01-02') → 864000000000",
        Body::Strict(ticks),
    ),
    entry(
        "formatTimeSpan",
        (2, 3),
        "A time span in a .NET format.",
        "formatTimeSpan('1.02:03:04', 'hh') → '02'",
        Body::Strict(format_time_span),
    ),
];

/// The date of now, from which times without a date take theirs.
fn today(call: &Call<'_, '_>) -> Date {
    Moment::at(call.machine.context.now()).local.date()
}

fn moment(call: &Call<'_, '_>, index: usize) -> Result<Moment, EvalError> {
    let text = call.text(index)?;
    time::parse(text, default_culture(), today(call)).ok_or_else(|| not_a_time(call, text))
}

fn not_a_time(call: &Call<'_, '_>, text: &str) -> EvalError {
    let shown: String = text.chars().take(100).collect();
    call.error(format_args!(
        "expects its parameter to be a date and time such as '2018-03-15T13:27:36Z'. The provided value is '{shown}'"
    ))
}

fn give<'a>(call: &Call<'_, 'a>, moment: Moment, format_index: usize) -> Result<Val<'a>, EvalError> {
    let format = call.optional_text(format_index)?.unwrap_or(ROUND_TRIP);
    let text = time::format(moment, format, default_culture()).map_err(|why| call.error(why))?;
    call.give_text(text)
}

fn out_of_range(call: &Call<'_, '_>) -> EvalError {
    call.error("cannot give this time: it lies outside the years 1 to 9999")
}

fn utc_now<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    give(call, Moment::at(call.machine.context.now()), 0)
}

fn add<'a>(call: &Call<'_, 'a>, seconds: i64) -> Result<Val<'a>, EvalError> {
    let start = moment(call, 0)?;
    let later =
        call.integer(1)?.checked_mul(seconds).and_then(|by| start.plus(SignedDuration::from_secs(by)));
    give(call, later.ok_or_else(|| out_of_range(call))?, 2)
}

fn add_seconds<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    add(call, 1)
}

fn add_minutes<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    add(call, 60)
}

fn add_hours<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    add(call, 3_600)
}

fn add_days<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    add(call, 86_400)
}

/// A moment moved by units of a calendar; the day is clamped to the end of the month.
fn moved(call: &Call<'_, '_>, start: Moment, count: i64, unit: &str) -> Result<Moment, EvalError> {
    let span = match unit.to_ascii_lowercase().as_str() {
        "second" => Span::new().try_seconds(count),
        "minute" => Span::new().try_minutes(count),
        "hour" => Span::new().try_hours(count),
        "day" => Span::new().try_days(count),
        "week" => Span::new().try_weeks(count),
        "month" => Span::new().try_months(count),
        "year" => Span::new().try_years(count),
        _ => {
            return Err(call.error(format_args!(
                "expects its time unit to be Second, Minute, Hour, Day, Week, Month or Year; it is '{unit}'"
            )));
        }
    };
    let local =
        span.ok().and_then(|span| start.local.checked_add(span).ok()).filter(|local| local.year() >= 1);
    local.map(|local| start.with(local)).ok_or_else(|| out_of_range(call))
}

fn add_to_time<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let later = moved(call, moment(call, 0)?, call.integer(1)?, call.text(2)?)?;
    give(call, later, 3)
}

fn subtract_from_time<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let earlier = moved(call, moment(call, 0)?, call.integer(1)?.saturating_neg(), call.text(2)?)?;
    give(call, earlier, 3)
}

fn future_time<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let later = moved(call, Moment::at(call.machine.context.now()), call.integer(0)?, call.text(1)?)?;
    give(call, later, 2)
}

fn past_time<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let now = Moment::at(call.machine.context.now());
    let earlier = moved(call, now, call.integer(0)?.saturating_neg(), call.text(1)?)?;
    give(call, earlier, 2)
}

fn named_culture(call: &Call<'_, '_>, index: usize) -> Result<&'static Culture, EvalError> {
    match call.optional_text(index)? {
        None => Ok(default_culture()),
        Some(name) => culture(name).map_err(|why| call.error(why)),
    }
}

fn format_date_time<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let format = call.optional_text(1)?.unwrap_or(ROUND_TRIP);
    let text =
        time::format(moment(call, 0)?, format, named_culture(call, 2)?).map_err(|why| call.error(why))?;
    call.give_text(text)
}

fn parse_date_time<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (text, culture) = (call.text(0)?, named_culture(call, 1)?);
    let moment = match call.optional_text(2)? {
        None => time::parse(text, culture, today(call)),
        Some(format) => time::parse_exact(text, format, culture, today(call)),
    };
    let moment = moment.ok_or_else(|| not_a_time(call, text))?;
    let text = time::format(Moment { utc: false, ..moment }, ROUND_TRIP, default_culture());
    call.give_text(text.map_err(|why| call.error(why))?)
}

/// A local time of a zone in UTC.
fn to_utc(call: &Call<'_, '_>, local: DateTime, zone_name: &str) -> Result<Moment, EvalError> {
    let zone = zone::zone(zone_name).map_err(|why| call.error(format_args!("cannot convert: {why}")))?;
    let offset = match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        // Of a time that comes twice, .NET takes the one of standard time: the second.
        AmbiguousOffset::Fold { after, .. } => after,
        AmbiguousOffset::Gap { .. } => {
            return Err(call.error(format_args!(
                "cannot convert: the time {local} does not exist in '{zone_name}', because the clocks skip it"
            )));
        }
    };
    let moment = offset.to_timestamp(local).ok().map(Moment::at);
    moment.ok_or_else(|| out_of_range(call))
}

fn from_utc(call: &Call<'_, '_>, moment: Moment, zone_name: &str) -> Result<Moment, EvalError> {
    let zone = zone::zone(zone_name).map_err(|why| call.error(format_args!("cannot convert: {why}")))?;
    let timestamp = jiff::tz::Offset::UTC.to_timestamp(moment.local).map_err(|_| out_of_range(call))?;
    let utc = zone.iana_name().is_some_and(|name| matches!(name, "UTC" | "Etc/UTC"));
    Ok(Moment { utc, local: zone.to_datetime(timestamp) })
}

fn convert_time_zone<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let utc = to_utc(call, moment(call, 0)?.local, call.text(1)?)?;
    let there = from_utc(call, utc, call.text(2)?)?;
    give(call, there, 3)
}

fn convert_from_utc<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let there = from_utc(call, moment(call, 0)?, call.text(1)?)?;
    give(call, there, 2)
}

fn convert_to_utc<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let utc = to_utc(call, moment(call, 0)?.local, call.text(1)?)?;
    give(call, utc, 2)
}

fn start<'a>(call: &Call<'_, 'a>, hour: bool, month: bool) -> Result<Val<'a>, EvalError> {
    let moment = moment(call, 0)?;
    let local = moment.local;
    let date = if month { local.date().first_of_month() } else { local.date() };
    let start = date.at(if hour { local.hour() } else { 0 }, 0, 0, 0);
    give(call, moment.with(start), 1)
}

fn start_of_hour<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    start(call, true, false)
}

fn start_of_day<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    start(call, false, false)
}

fn start_of_month<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    start(call, false, true)
}

fn owned<'a>(value: impl Into<Value>) -> Result<Val<'a>, EvalError> {
    Ok(Cow::Owned(value.into()))
}

fn day_of_week<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    owned(moment(call, 0)?.local.weekday().to_sunday_zero_offset())
}

fn day_of_month<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    owned(moment(call, 0)?.local.day())
}

fn day_of_year<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    owned(moment(call, 0)?.local.day_of_year())
}

fn date_difference<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let ticks = moment(call, 1)?.ticks() - moment(call, 0)?.ticks();
    call.give_text(time::span_text(ticks))
}

fn ticks<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    owned(moment(call, 0)?.ticks())
}

fn format_time_span<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let text = call.text(0)?;
    let ticks = time::parse_span(text).ok_or_else(|| {
        let shown: String = text.chars().take(100).collect();
        call.error(format_args!(
            "expects its first parameter to be a time span such as '1.02:03:04'. The provided value is '{shown}'"
        ))
    })?;
    let format = call.optional_text(1)?.unwrap_or("c");
    let text = time::format_span(ticks, format, named_culture(call, 2)?).map_err(|why| call.error(why))?;
    call.give_text(text)
}
