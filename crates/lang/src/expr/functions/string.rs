//! Texts. Positions and lengths count UTF-16 units, as in the compatible host.

use super::super::culture::{culture, default_culture};
use super::super::error::EvalError;
use super::super::eval::Val;
use super::super::number;
use super::super::number_format;
use super::super::value::{ends_with as ends, starts_with as starts, text_of};
use super::super::xml::{decode_name, encode_name};
use super::collection::utf16_slice;
use super::{Body, Call, Family, Function};
use serde_json::Value;
use std::borrow::Cow;

const fn entry(
    name: &'static str,
    arity: (usize, Option<usize>),
    doc: &'static str,
    example: &'static str,
    body: Body,
) -> Function {
    Function::new(Family::String, name, arity, doc, example, body)
}

const ONE: (usize, Option<usize>) = (1, Some(1));
const TWO: (usize, Option<usize>) = (2, Some(2));
const TWO_OR_THREE: (usize, Option<usize>) = (2, Some(3));

pub(super) const FUNCTIONS: &[Function] = &[
    entry(
        "concat",
        (1, None),
        "The arguments as one text.",
        "concat('Hello', 'World') → 'HelloWorld'",
        Body::Strict(concat),
    ),
    entry(
        "substring",
        TWO_OR_THREE,
        "A part of a text, from a position on, of a length.",
        "substring('hello world', 6, 5) → 'world'",
        Body::Strict(substring),
    ),
    entry(
        "slice",
        TWO_OR_THREE,
        "A part of a text, from a position to before another; negative ones count from the end.",
        "slice('Hello World', 3, -1) → 'lo Worl'",
        Body::Strict(slice),
    ),
    entry(
        "replace",
        (3, Some(3)),
        "A text with every occurrence of a part replaced.",
        "replace('the old', 'old', 'new') → 'the new'",
        Body::Strict(replace),
    ),
    entry(
        "guid",
        (0, Some(1)),
        "A new random id; format N, D, B, P or X.",
        "guid() → 'c2ecc88d-88c8-4096-912c-d6f2e2b138ce'",
        Body::Strict(guid),
    ),
    entry("toLower", ONE, "A text in lower case.", "toLower('Hello') → 'hello'", Body::Strict(to_lower)),
    entry("toUpper", ONE, "A text in upper case.", "toUpper('Hello') → 'HELLO'", Body::Strict(to_upper)),
    entry("trim", ONE, "A text without white space at its ends.", "trim(' a ') → 'a'", Body::Strict(trim)),
    entry(
        "indexOf",
        TWO,
        "Where a part first stands in a text, from 0; -1 when it does not. Letter case does not count.",
        "indexOf('hello world', 'world') → 6",
        Body::Strict(index_of),
    ),
    entry(
        "lastIndexOf",
        TWO,
        "Where a part last stands in a text; -1 when it does not. Letter case does not count.",
        "lastIndexOf('abab', 'ab') → 2",
        Body::Strict(last_index_of),
    ),
    entry(
        "nthIndexOf",
        (3, Some(3)),
        "Where a part stands the n-th time; a negative n counts from the end.",
        "nthIndexOf('1231', '1', 2) → 3",
        Body::Strict(nth_index_of),
    ),
    entry(
        "startsWith",
        TWO,
        "Whether a text starts with another. Letter case does not count.",
        "startsWith('hello', 'he') → true",
        Body::Strict(starts_with),
    ),
    entry(
        "endsWith",
        TWO,
        "Whether a text ends with another. Letter case does not count.",
        "endsWith('hello', 'lo') → true",
        Body::Strict(ends_with),
    ),
    entry(
        "split",
        TWO,
        "The parts of a text between a separator.",
        "split('a_b', '_') → ['a','b']",
        Body::Strict(split),
    ),
    entry(
        "formatNumber",
        TWO_OR_THREE,
        "A number in a .NET format.",
        "formatNumber(1234.5, 'N2') → '1,234.50'",
        Body::Strict(format_number),
    ),
    entry("isInt", ONE, "Whether a text is an integer.", "isInt('10') → true", Body::Strict(is_int)),
    entry(
        "isFloat",
        (1, Some(2)),
        "Whether a text is a number.",
        "isFloat('10,000.00') → true",
        Body::Strict(is_float),
    ),
    entry(
        "utf8Length",
        ONE,
        "The bytes of a text in UTF-8.",
        "utf8Length('aé') → 3",
        Body::Strict(utf8_length),
    ),
    entry(
        "utf16Length",
        ONE,
        "The bytes of a text in UTF-16.",
        "utf16Length('ab') → 4",
        Body::Strict(utf16_length),
    ),
    entry(
        "trimByteOrderMark",
        ONE,
        "A text without a byte-order mark.",
        "trimByteOrderMark('a') → 'a'",
        Body::Strict(trim_mark),
    ),
    entry(
        "encodeXmlValue",
        ONE,
        "A text, made safe as an XML value.",
        "encodeXmlValue('a<b') → 'a&lt;b'",
        Body::Strict(encode_xml_value),
    ),
    entry(
        "decodeXmlValue",
        ONE,
        "The text of an XML value.",
        "decodeXmlValue('a&lt;b') → 'a<b'",
        Body::Strict(decode_xml_value),
    ),
    entry(
        "encodeXmlName",
        ONE,
        "A text, made safe as an XML name.",
        "encodeXmlName('a=b') → 'a_x003D_b'",
        Body::Strict(encode_xml_name),
    ),
    entry(
        "decodeXmlName",
        ONE,
        "The text of an XML name.",
        "decodeXmlName('a_x003D_b') → 'a=b'",
        Body::Strict(decode_xml_name),
    ),
];

fn owned<'a>(value: impl Into<Value>) -> Result<Val<'a>, EvalError> {
    Ok(Cow::Owned(value.into()))
}

fn concat<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let mut text = String::new();
    for index in 0..call.count() {
        let piece = text_of(call.arg(index));
        call.machine.made(piece.len())?;
        text.push_str(&piece);
    }
    owned(text)
}

fn utf16_len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

fn substring<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let text = call.text(0)?;
    let total = utf16_len(text);
    let start = usize::try_from(call.integer(1)?).ok();
    let length = match (call.count(), start) {
        (2, Some(start)) => total.checked_sub(start),
        (2, None) => None,
        _ => usize::try_from(call.integer(2)?).ok(),
    };
    let range = start
        .zip(length)
        .filter(|(start, length)| start.checked_add(*length).is_some_and(|end| end <= total));
    let Some((start, length)) = range else {
        return Err(call.error(
            "parameters are out of range: 'start index' and 'length' must be non-negative integers and their \
             sum must be no larger than the length of the string",
        ));
    };
    call.give_text(utf16_slice(text, start, length))
}

fn slice<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let text = call.text(0)?;
    let total = i64::try_from(utf16_len(text)).unwrap_or(i64::MAX);
    let position = |index: i64| {
        let from_start = if index < 0 { index.saturating_add(total) } else { index };
        from_start.clamp(0, total)
    };
    let start = position(call.integer(1)?);
    let end = if call.count() > 2 { position(call.integer(2)?) } else { total };
    let length = usize::try_from((end - start).max(0)).unwrap_or(0);
    call.give_text(utf16_slice(text, usize::try_from(start).unwrap_or(0), length))
}

fn replace<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (text, old, new) = (call.text(0)?, call.text(1)?, call.text(2)?);
    if old.is_empty() {
        return Err(call.error("cannot replace an empty text: String cannot be of zero length"));
    }
    let count = text.matches(old).count();
    call.machine.spend(count)?;
    call.machine.made(text.len().saturating_add(count.saturating_mul(new.len())))?;
    owned(text.replace(old, new))
}

fn guid<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (high, low) = (call.machine.context.random(), call.machine.context.random());
    // RFC 9562 version 4: random bits with the version and the variant set.
    let high = (high & !0xF000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    let hex = format!("{high:016x}{low:016x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let dashed = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-");
    let format = call.optional_text(0)?.unwrap_or("D");
    let text = match format.to_ascii_uppercase().as_str() {
        "D" | "" => dashed,
        "N" => hex,
        "B" => format!("{{{dashed}}}"),
        "P" => format!("({dashed})"),
        "X" => {
            let bytes: Vec<String> =
                (16..32).step_by(2).map(|at| format!("0x{}", part(at, at + 2))).collect();
            format!("{{0x{},0x{},0x{},{{{}}}}}", part(0, 8), part(8, 12), part(12, 16), bytes.join(","))
        }
        _ => {
            return Err(
                call.error(format_args!("expects its format to be N, D, B, P or X; it is '{format}'"))
            );
        }
    };
    call.give_text(text)
}

fn to_lower<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.give_text(map_chars(call.text(0)?, |c| one(c.to_lowercase())))
}

fn to_upper<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    // The dotless i stays as it is in the invariant culture: its capital would not lead back to it.
    call.give_text(map_chars(call.text(0)?, |c| one(c.to_uppercase()).filter(|_| c != 'ı')))
}

/// The single character of a case mapping. Mappings to several characters (ß to SS) are not made, as in the
/// invariant culture.
fn one(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next();
    if mapped.next().is_some() { None } else { first }
}

fn map_chars(text: &str, map: impl Fn(char) -> Option<char>) -> String {
    text.chars().map(|c| map(c).unwrap_or(c)).collect()
}

fn trim<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.give_text(call.text(0)?.trim())
}

/// UTF-16 units with letter case removed, where that does not change the count.
fn folded(text: &str) -> Vec<u16> {
    let lower = |c: char| one(c.to_lowercase()).filter(|lower| lower.len_utf16() == c.len_utf16());
    text.chars().map(|c| lower(c).unwrap_or(c)).collect::<String>().encode_utf16().collect()
}

fn position(at: Option<usize>) -> i64 {
    at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)
}

/// Searching compares the part at every position.
fn search_cost(call: &Call<'_, '_>, text: &[u16], part: &[u16]) -> Result<(), EvalError> {
    call.machine.spend((text.len() / 4).saturating_add(text.len().saturating_mul(part.len()) / 64))
}

/// The positions of a part, overlapping ones too.
fn positions<'t>(text: &'t [u16], part: &'t [u16]) -> impl DoubleEndedIterator<Item = usize> + 't {
    text.windows(part.len().max(1)).enumerate().filter(move |(_, window)| *window == part).map(|(at, _)| at)
}

fn index_of<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (text, part) = (folded(call.text(0)?), folded(call.text(1)?));
    search_cost(call, &text, &part)?;
    if part.is_empty() {
        return owned(0);
    }
    owned(position(positions(&text, &part).next()))
}

fn last_index_of<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (text, part) = (folded(call.text(0)?), folded(call.text(1)?));
    search_cost(call, &text, &part)?;
    if part.is_empty() {
        // As documented: the last position, not the length.
        return owned(position(Some(text.len().saturating_sub(1))));
    }
    owned(position(positions(&text, &part).next_back()))
}

fn nth_index_of<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let text: Vec<u16> = call.text(0)?.encode_utf16().collect();
    let part: Vec<u16> = call.text(1)?.encode_utf16().collect();
    let occurrence = call.integer(2)?;
    search_cost(call, &text, &part)?;
    if occurrence == 0 {
        return Err(call.error("expects its third parameter, the occurrence, not to be 0"));
    }
    if part.is_empty() {
        return owned(0);
    }
    let skip = usize::try_from(occurrence.unsigned_abs() - 1).unwrap_or(usize::MAX);
    let mut found = positions(&text, &part);
    owned(position(if occurrence > 0 { found.nth(skip) } else { found.nth_back(skip) }))
}

fn starts_with<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.text(0)?;
    call.text(1)?;
    owned(starts(call.arg(0), call.arg(1)).unwrap_or(false))
}

fn ends_with<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.text(0)?;
    call.text(1)?;
    owned(ends(call.arg(0), call.arg(1)).unwrap_or(false))
}

fn split<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (text, separator) = (call.text(0)?, call.text(1)?);
    call.machine.made(text.len())?;
    if separator.is_empty() {
        return owned(vec![Value::from(text)]);
    }
    call.machine.spend(text.matches(separator).count())?;
    owned(text.split(separator).map(Value::from).collect::<Vec<_>>())
}

fn format_number<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let (value, format) = (call.number(0)?, call.text(1)?);
    let culture = culture(call.optional_text(2)?.unwrap_or("en-us")).map_err(|why| call.error(why))?;
    let text = number_format::format(value, format, culture).map_err(|why| call.error(why))?;
    call.give_text(text)
}

fn is_int<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    owned(number::parse_integer(call.text(0)?, default_culture()).is_some())
}

fn is_float<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let culture = culture(call.optional_text(1)?.unwrap_or("en-us")).map_err(|why| call.error(why))?;
    owned(number::parse_float(call.text(0)?, culture).is_some())
}

fn utf8_length<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    owned(call.text(0)?.len())
}

fn utf16_length<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    owned(utf16_len(call.text(0)?).saturating_mul(2))
}

fn trim_mark<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let text = call.text(0)?;
    call.give_text(text.strip_prefix('\u{feff}').unwrap_or(text))
}

const XML: [(&str, &str); 5] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];

fn encode_xml_value<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let mut text = String::new();
    for c in call.text(0)?.chars() {
        let mut buffer = [0; 4];
        let plain: &str = c.encode_utf8(&mut buffer);
        let entity = XML.iter().find(|(_, character)| *character == plain);
        text.push_str(entity.map_or(plain, |(entity, _)| *entity));
    }
    call.give_text(text)
}

fn decode_xml_value<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let mut rest = call.text(0)?;
    let mut text = String::new();
    while let Some(at) = rest.find('&') {
        text.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let entity = rest.find(';').and_then(|end| rest.get(..=end));
        let decoded = entity.and_then(|entity| {
            let named =
                XML.iter().find(|(name, _)| *name == entity).map(|(_, character)| (*character).to_owned());
            named.or_else(|| {
                let code = entity.strip_prefix("&#")?.strip_suffix(';')?;
                let code = match code.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => code.parse().ok()?,
                };
                char::from_u32(code).map(String::from)
            })
        });
        match (entity, decoded) {
            (Some(entity), Some(decoded)) => {
                text.push_str(&decoded);
                rest = rest.get(entity.len()..).unwrap_or_default();
            }
            _ => {
                text.push('&');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    text.push_str(rest);
    call.give_text(text)
}

fn encode_xml_name<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.give_text(encode_name(call.text(0)?))
}

fn decode_xml_name<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.give_text(decode_name(call.text(0)?))
}
