//! The parts of absolute addresses (RFC 3986).

use super::super::error::EvalError;
use super::super::eval::Val;
use super::{Body, Call, Family, Function};
use serde_json::Value;
use std::borrow::Cow;

const fn entry(name: &'static str, doc: &'static str, example: &'static str, body: Body) -> Function {
    Function::new(Family::Uri, name, (1, Some(1)), doc, example, body)
}

pub(super) const FUNCTIONS: &[Function] = &[
    entry(
        "uriHost",
        "The host of an address.",
        "uriHost('https://a.example:80/b') → 'a.example'",
        Body::Strict(host),
    ),
    entry(
        "uriPath",
        "The path of an address.",
        "uriPath('http://a.example/b?c=d') → '/b'",
        Body::Strict(path),
    ),
    entry(
        "uriPathAndQuery",
        "The path and the query of an address.",
        "uriPathAndQuery('http://a.example/b?c=d') → '/b?c=d'",
        Body::Strict(path_and_query),
    ),
    entry(
        "uriPort",
        "The port of an address; that of the scheme when none is written.",
        "uriPort('https://a.example') → 443",
        Body::Strict(port),
    ),
    entry(
        "uriScheme",
        "The scheme of an address.",
        "uriScheme('http://a.example') → 'http'",
        Body::Strict(scheme),
    ),
    entry(
        "uriQuery",
        "The query of an address, with its question mark.",
        "uriQuery('http://a.example?c=d') → '?c=d'",
        Body::Strict(query),
    ),
];

struct Uri<'t> {
    scheme: String,
    host: &'t str,
    port: i64,
    path: &'t str,
    query: &'t str,
}

fn parse<'t>(call: &'t Call<'_, '_>) -> Result<Uri<'t>, EvalError> {
    let text = call.text(0)?.trim();
    split(text).ok_or_else(|| {
        let shown: String = text.chars().take(100).collect();
        call.error(format_args!(
            "expects an absolute address such as https://example.com/path; it was given '{shown}'"
        ))
    })
}

fn split(text: &str) -> Option<Uri<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    let good = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !good || text.contains(char::is_whitespace) {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = (rest.get(..authority_end)?, rest.get(authority_end..)?);
    let host_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = split_port(host_port)?;
    if host.is_empty() && scheme != "file" {
        return None;
    }
    let port = match port {
        Some(port) => i64::from(port.parse::<u16>().ok()?),
        None => default_port(&scheme),
    };
    let (path, query) = match rest.find('?') {
        Some(at) => (rest.get(..at)?, rest.get(at..)?),
        None => (rest, ""),
    };
    Some(Uri { scheme, host, port, path: if path.is_empty() { "/" } else { path }, query })
}

/// Host and port; an IPv6 address stands in brackets.
fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    if text.starts_with('[') {
        let end = text.find(']')? + 1;
        let (host, rest) = (text.get(..end)?, text.get(end..)?);
        return if rest.is_empty() {
            Some((host, None))
        } else {
            Some((host, Some(rest.strip_prefix(':')?)))
        };
    }
    Some(match text.split_once(':') {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    })
}

fn default_port(scheme: &str) -> i64 {
    match scheme {
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        "ftp" => 21,
        "ldap" => 389,
        "net.tcp" => 808,
        "telnet" => 23,
        "gopher" => 70,
        "nntp" => 119,
        _ => -1,
    }
}

fn host<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let host = parse(call)?.host.to_lowercase();
    call.give_text(host)
}

fn path<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.give_text(parse(call)?.path)
}

fn path_and_query<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let uri = parse(call)?;
    call.give_text(format!("{}{}", uri.path, uri.query))
}

fn port<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    Ok(Cow::Owned(Value::from(parse(call)?.port)))
}

fn scheme<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    let scheme = parse(call)?.scheme;
    call.give_text(scheme)
}

fn query<'a>(call: &Call<'_, 'a>) -> Result<Val<'a>, EvalError> {
    call.give_text(parse(call)?.query)
}
