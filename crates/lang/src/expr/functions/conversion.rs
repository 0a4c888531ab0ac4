//! From one type to another: numbers, booleans, JSON, arrays, base64, data URIs, percent-encoding.

use super::super::culture::culture;
use super::super::decimal::{Decimal, json_text};
use super::super::error::EvalError;
use super::super::eval::Val;
use super::super::limits;
use super::super::number;
use super::super::value::{Num, envelope, envelope_of, text_of};
use super::{Body, Call, Family, Function, form, xml};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value};
use std::borrow::Cow;

const fn entry(
    name: &'static str,
    arity: (usize, Option<usize>),
    doc: &'static str,
    example: &'static str,
    body: Body,
) -> Function {
    Function::new(Family::Conversion, name, arity, doc, example, body)
}

const ONE: (usize, Option<usize>) = (1, Some(1));
const TWO: (usize, Option<usize>) = (2, Some(2));
const OCTETS: &str = "application/octet-stream";

pub(super) const FUNCTIONS: &[Function] = &[
    entry(
        "string",
        ONE,
        "The value as text; objects and arrays as JSON.",
        "string(10) → '10'",
        Body::Strict(string),
    ),
    entry("int", (1, Some(2)), "The integer in a text or number.", "int('10') → 10", Body::Strict(int)),
    entry("float", (1, Some(2)), "The number in a text.", "float('10,000.5') → 10000.5", Body::Strict(float)),
    entry(
        "decimal",
        ONE,
        "An exact decimal number.",
        "string(decimal('1.10')) → '1.10'",
        Body::Strict(decimal),
    ),
    entry(
        "bool",
        ONE,
        "The boolean of a number, or of the text true or false.",
        "bool('true') → true",
        Body::Strict(bool),
    ),
    entry("json", ONE, "The value that a JSON text stands for.", "json('[1,2]') → [1,2]", Body::Strict(json)),
    entry("xml", ONE, "XML from a text or an object.", "xml('<a/>') → an XML value", Body::Strict(xml::xml)),
    entry("array", ONE, "An array with this one value.", "array('a') → ['a']", Body::Strict(create_array)),
    entry(
        "createArray",
        (0, None),
        "An array of the arguments.",
        "createArray(1, 'a') → [1,'a']",
        Body::Strict(create_array),
    ),
    entry("base64", ONE, "The base64 form of a text.", "base64('hello') → 'aGVsbG8='", Body::Strict(base64)),
    entry(
        "base64ToString",
        ONE,
        "The text in a base64 form.",
        "base64ToString('aGVsbG8=') → 'hello'",
        Body::Strict(base64_to_string),
    ),
    entry(
        "decodeBase64",
        ONE,
        "The text in a base64 form; an old name of base64ToString.",
        "decodeBase64('aGVsbG8=') → 'hello'",
        Body::Strict(base64_to_string),
    ),
    entry(
        "base64ToBinary",
        ONE,
        "The bytes in a base64 form.",
        "base64ToBinary('aGk=') → a binary value",
        Body::Strict(base64_to_binary),
    ),
    entry(
        "binary",
        ONE,
        "The bytes of a text in UTF-8.",
        "binary('hi') → a binary value",
        Body::Strict(binary),
    ),
    entry(
        "dataUri",
        ONE,
        "The data URI of a value.",
        "dataUri('hello') → 'data:text/plain;charset=utf-8;base64,aGVsbG8='",
        Body::Strict(data_uri),
    ),
    entry(
        "dataUriToString",
        ONE,
        "The text in a data URI.",
        "dataUriToString('data:;base64,aGk=') → 'hi'",
        Body::Strict(data_uri_to_string),
    ),
    entry(
        "decodeDataUri",
        ONE,
        "The bytes in a data URI.",
        "decodeDataUri('data:;base64,aGk=') → a binary value",
        Body::Strict(data_uri_to_binary),
    ),
    entry(
        "dataUriToBinary",
        ONE,
        "The bytes in a data URI.",
        "dataUriToBinary('data:;base64,aGk=') → a binary value",
        Body::Strict(data_uri_to_binary),
    ),
    entry(
        "encodeUriComponent",
        (1, None),
        "A text, made safe for a place in an address.",
        "encodeUriComponent('a b') → 'a%20b'",
        Body::Strict(encode_uri),
    ),
    entry(
        "uriComponent",
        ONE,
        "A text, made safe for a place in an address.",
        "uriComponent('a/b') → 'a%2Fb'",
        Body::Strict(encode_uri),
    ),
    entry(
        "decodeUriComponent",
        ONE,
        "The text in a percent-encoded one.",
        "decodeUriComponent('a%20b') → 'a b'",
        Body::Strict(decode_uri),
    ),
    entry(
        "uriComponentToString",
        ONE,
        "The text in a percent-encoded one.",
        "uriComponentToString('a%20b') → 'a b'",
        Body::Strict(decode_uri),
    ),
    entry(
        "uriComponentToBinary",
        ONE,
        "The bytes of a percent-encoded text.",
        "uriComponentToBinary('a%20b') → a binary value",
        Body::Strict(uri_to_binary),
    ),
    entry(
        "formDataValue",
        TWO,
        "A value of a form that an action got.",
        "formDataValue('Get', 'name') → its value",
        Body::Strict(form::value),
    ),
    entry(
        "formDataMultiValues",
        TWO,
        "The values of a form that an action got.",
        "formDataMultiValues('Get', 'name') → an array",
        Body::Strict(form::values),
    ),
    entry(
        "multipartBody",
        TWO,
        "A part of a multipart answer.",
        "multipartBody('Get', 0) → its body",
        Body::Strict(form::body),
    ),
    entry(
        "triggerFormDataValue",
        ONE,
        "A value of the form that the trigger got.",
        "triggerFormDataValue('name') → its value",
        Body::Strict(form::trigger_value),
    ),
    entry(
        "triggerFormDataMultiValues",
        ONE,
        "The values of the form that the trigger got.",
        "triggerFormDataMultiValues('name') → an array",
        Body::Strict(form::trigger_values),
    ),
    entry(
        "triggerMultipartBody",
        ONE,
        "A part of the multipart message that the trigger got.",
        "triggerMultipartBody(0) → its body",
        Body::Strict(form::trigger_body),
    ),
];

fn owned<'a>(value: impl Into<Value>) -> Result<Val<'a>, EvalError> {
    Ok(Cow::Owned(value.into()))
}

fn string<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.give_text(text_of(call.arg(0)))
}

fn cannot(call: &Call<'_, '_>, target: &str) -> EvalError {
    const SHOWN: usize = 100;
    let shown: String = text_of(call.arg(0)).chars().take(SHOWN).collect();
    call.error(format_args!(
        "was invoked with a parameter that is not valid: the value '{shown}' cannot be converted to {target}"
    ))
}

fn int<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let culture = culture(call.optional_text(1)?.unwrap_or("en-us")).map_err(|why| call.error(why))?;
    match call.arg(0) {
        Value::String(text) => {
            number::parse_integer(text, culture).map_or_else(|| Err(cannot(call, "an integer")), owned)
        }
        value => match Num::of(value) {
            Some(Num::Int(value)) => owned(value),
            #[allow(clippy::cast_possible_truncation)] // bounded by the guard
            Some(Num::Float(value)) if value.fract() == 0.0 && value.abs() < 9.2e18 => owned(value as i64),
            Some(Num::Decimal(value)) => {
                value.json().as_i64().map_or_else(|| Err(cannot(call, "an integer")), owned)
            }
            Some(Num::Float(_)) => Err(cannot(call, "an integer")),
            None => Err(call.wrong(0, "a string or a number")),
        },
    }
}

fn float<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let culture = culture(call.optional_text(1)?.unwrap_or("en-us")).map_err(|why| call.error(why))?;
    let value = match call.arg(0) {
        Value::String(text) => number::parse_float(text, culture),
        value => match Num::of(value) {
            Some(value) => Some(value.float()),
            None => return Err(call.wrong(0, "a string or a number")),
        },
    };
    let number = value.and_then(Number::from_f64);
    number.map_or_else(|| Err(cannot(call, "a float")), |number| owned(Value::Number(number)))
}

fn decimal<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let number = match call.arg(0) {
        Value::String(text) => number::plain(text).and_then(|text| Decimal::parse(&text)),
        value => match Num::of(value) {
            Some(number) => number.decimal(),
            None => return Err(call.wrong(0, "a string or a number")),
        },
    };
    let number = number.ok_or_else(|| cannot(call, "a decimal number"))?;
    call.machine.uses_decimals();
    owned(number.carried())
}

fn bool<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    match call.arg(0) {
        Value::Bool(value) => owned(*value),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => owned(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => owned(false),
        Value::String(_) => Err(cannot(call, "a boolean; it must be 'true' or 'false'")),
        value => match Num::of(value) {
            Some(number) => owned(number.float() != 0.0),
            None => Err(call.wrong(0, "a boolean, a number, or the text 'true' or 'false'")),
        },
    }
}

fn json<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let text: Cow<'_, str> = match call.arg(0) {
        Value::String(text) => Cow::Borrowed(text),
        Value::Object(map) => match envelope(map) {
            Some((kind, bytes)) if xml::is_xml(kind) => return xml::to_json(call, &bytes),
            Some((_, bytes)) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
            None => return Ok(call.pick(0, |value| Some(value))),
        },
        _ => return Err(call.wrong(0, "a string or an XML")),
    };
    call.machine.spend(text.len() / 16)?;
    call.machine.made(text.len())?;
    let text = text.trim_start_matches('\u{feff}');
    let value: Value = serde_json::from_str(text)
        .map_err(|error| call.error(format_args!("was given a text that is no valid JSON: {error}")))?;
    if deeper_than(&value, limits::JSON_DEPTH) {
        return Err(call
            .error(format_args!("takes JSON of at most {} values inside one another", limits::JSON_DEPTH)));
    }
    owned(value)
}

/// Whether a value has more than `limit` levels; recursion ends at the limit.
fn deeper_than(value: &Value, limit: usize) -> bool {
    let Some(left) = limit.checked_sub(1) else { return true };
    match value {
        Value::Array(items) => items.iter().any(|item| deeper_than(item, left)),
        Value::Object(map) => map.values().any(|item| deeper_than(item, left)),
        _ => false,
    }
}

fn create_array<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let items: Result<Vec<Value>, _> =
        call.args.iter().map(|arg| call.machine.own(Cow::Borrowed(arg.as_ref()))).collect();
    owned(items?)
}

/// The bytes of a text, or those in a binary value.
fn bytes_of(call: &Call<'_, '_>, index: usize) -> Result<Vec<u8>, EvalError> {
    match call.arg(index) {
        Value::String(text) => Ok(text.clone().into_bytes()),
        Value::Object(map) => envelope(map)
            .map(|(_, bytes)| bytes)
            .ok_or_else(|| call.wrong(index, "a string or a binary value")),
        _ => Err(call.wrong(index, "a string")),
    }
}

fn utf8(call: &Call<'_, '_>, bytes: Vec<u8>) -> Result<String, EvalError> {
    String::from_utf8(bytes).map_err(|_| call.error("was given content that is no valid UTF-8 text"))
}

fn base64<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let bytes = bytes_of(call, 0)?;
    call.give_text(STANDARD.encode(bytes))
}

fn decoded(call: &Call<'_, '_>) -> Result<Vec<u8>, EvalError> {
    // White space may stand anywhere, as in .NET; mail wraps base64 into lines.
    let text: String = call.text(0)?.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(text).map_err(|_| cannot(call, "bytes; it is no valid base64"))
}

fn base64_to_string<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let text = utf8(call, decoded(call)?)?;
    call.give_text(text)
}

fn give_binary<'a>(call: &Call<'_, 'a>, kind: &str, bytes: &[u8]) -> Result<Val<'a>, EvalError> {
    call.machine.made(bytes.len().saturating_mul(4) / 3)?;
    Ok(Cow::Owned(envelope_of(kind, bytes)))
}

fn base64_to_binary<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    give_binary(call, OCTETS, &decoded(call)?)
}

fn binary<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let bytes = match call.arg(0) {
        Value::Null => return Err(call.wrong(0, "a string")),
        Value::Array(_) | Value::Number(_) | Value::Bool(_) => json_text(call.arg(0)).into_bytes(),
        Value::Object(map) if envelope(map).is_none() => json_text(call.arg(0)).into_bytes(),
        _ => bytes_of(call, 0)?,
    };
    give_binary(call, OCTETS, &bytes)
}

fn data_uri<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (kind, bytes) = match call.arg(0) {
        Value::Null => return Err(call.wrong(0, "a string")),
        Value::String(text) => ("text/plain;charset=utf-8".to_owned(), text.clone().into_bytes()),
        Value::Object(map) if envelope(map).is_some() => match envelope(map) {
            Some((kind, bytes)) => (kind.to_owned(), bytes),
            None => (OCTETS.to_owned(), Vec::new()),
        },
        value => ("application/json;charset=utf-8".to_owned(), json_text(value).into_bytes()),
    };
    call.give_text(format!("data:{kind};base64,{}", STANDARD.encode(bytes)))
}

/// The content type and the bytes of a data URI (RFC 2397).
fn parse_data_uri(call: &Call<'_, '_>) -> Result<(String, Vec<u8>), EvalError> {
    let text = call.text(0)?;
    let invalid = || cannot(call, "content; it is no valid data URI such as data:text/plain;base64,aGk=");
    let rest = text.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")).and(text.get(5..));
    let (head, data) = rest.and_then(|rest| rest.split_once(',')).ok_or_else(invalid)?;
    let (kind, bytes) = match head.strip_suffix(";base64") {
        Some(kind) => (kind, STANDARD.decode(data).map_err(|_| invalid())?),
        None => (head, percent_decode(data)),
    };
    let kind = if kind.is_empty() { "text/plain;charset=US-ASCII" } else { kind };
    Ok((kind.to_owned(), bytes))
}

fn data_uri_to_string<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (_, bytes) = parse_data_uri(call)?;
    let text = utf8(call, bytes)?;
    call.give_text(text)
}

fn data_uri_to_binary<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (kind, bytes) = parse_data_uri(call)?;
    give_binary(call, &kind, &bytes)
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn encode_uri<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let mut encoded = String::new();
    for index in 0..call.count() {
        let piece = match call.arg(index) {
            Value::Array(_) | Value::Object(_) | Value::Null => {
                return Err(call.wrong(index, "a string"));
            }
            value => text_of(value),
        };
        call.machine.made(piece.len())?;
        percent_encode(&piece, &mut encoded);
    }
    call.give_text(encoded)
}

fn percent_encode(text: &str, encoded: &mut String) {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// Percent escapes to bytes; a `%` without two hexadecimal digits stays as it is.
pub(super) fn percent_decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        if byte == b'%'
            && let (Some(high), Some(low)) = (hex(0), hex(1))
        {
            bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    bytes
}

fn decode_uri<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let bytes = percent_decode(call.text(0)?);
    call.give_text(String::from_utf8_lossy(&bytes).into_owned())
}

fn uri_to_binary<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let bytes = call.text(0)?.as_bytes();
    give_binary(call, OCTETS, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_sign_without_digits_stays() {
        assert_eq!(percent_decode("100%"), b"100%");
        assert_eq!(percent_decode("%C3%A9%2"), "é%2".as_bytes());
    }
}
