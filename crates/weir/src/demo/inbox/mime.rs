//! Reading a mail for display: headers with encoded words (RFC 2047), parts, quoted-printable and base64
//! (RFC 2045). Texts are taken as UTF-8; what is not is shown with replacement characters.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Parts inside parts.
const MAX_DEPTH: usize = 8;
/// Headers of one part.
const MAX_HEADERS: usize = 200;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is shown of a mail.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    headers: Vec<(String, String)>,
    /// The first plain text.
    pub(super) text: Option<String>,
    /// The first HTML.
    pub(super) html: Option<String>,
}

impl Parsed {
    /// The first header of this name (in lower case), decoded.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        value_of(&self.headers, name).map(decode_words)
    }
}

/// Reads a mail; there is no wrong mail, only one with less to show.
pub(super) fn parse(content: &[u8]) -> Parsed {
    let content = String::from_utf8_lossy(content).replace("\r\n", "\n");
    let (headers, body) = split_headers(&content);
    let mut parsed = Parsed { headers, text: None, html: None };
    let headers = std::mem::take(&mut parsed.headers);
    read_part(&headers, body, 0, &mut parsed);
    parsed.headers = headers;
    parsed
}

fn read_part(headers: &[(String, String)], body: &str, depth: usize, into: &mut Parsed) {
    let content_type = value_of(headers, "content-type").unwrap_or("text/plain");
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind.starts_with("multipart/") {
        let Some(boundary) = parameter(content_type, "boundary") else { return };
        if depth < MAX_DEPTH {
            for part in parts(body, &boundary) {
                let (headers, body) = split_headers(&part);
                read_part(&headers, body, depth + 1, into);
            }
        }
        return;
    }
    let place = match kind.as_str() {
        "text/plain" => &mut into.text,
        "text/html" => &mut into.html,
        _ => return,
    };
    if place.is_none() {
        let encoding = value_of(headers, "content-transfer-encoding").unwrap_or_default().trim();
        *place = Some(decode_body(body, encoding));
    }
}

/// Headers with lower-case names and unfolded values, and the body.
fn split_headers(text: &str) -> (Vec<(String, String)>, &str) {
    let (head, body) = match text.strip_prefix('\n') {
        Some(body) => ("", body),
        None => text.split_once("\n\n").unwrap_or((text, "")),
    };
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':')
            && headers.len() < MAX_HEADERS
        {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    (headers, body)
}

fn value_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (key.trim().eq_ignore_ascii_case(name) && !value.is_empty()).then(|| value.to_owned())
    })
}

/// The parts between the boundary lines; the line end before a boundary belongs to the boundary.
fn parts(body: &str, boundary: &str) -> Vec<String> {
    let (open, close) = (format!("--{boundary}"), format!("--{boundary}--"));
    let mut found = Vec::new();
    let mut current: Option<Vec<&str>> = None;
    for line in body.split('\n') {
        let trimmed = line.trim_end();
        if trimmed == open || trimmed == close {
            found.extend(current.take().map(|lines| lines.join("\n")));
            if trimmed == close {
                return found;
            }
            current = Some(Vec::new());
        } else if let Some(lines) = &mut current {
            lines.push(line);
        }
    }
    found
}

fn decode_body(body: &str, encoding: &str) -> String {
    if encoding.eq_ignore_ascii_case("base64") {
        let packed: String = body.split_whitespace().collect();
        return LENIENT
            .decode(packed)
            .map_or_else(|_| body.to_owned(), |bytes| String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
    }
    if encoding.eq_ignore_ascii_case("quoted-printable") {
        let joined = body.replace("=\n", "");
        return String::from_utf8_lossy(&decode_quoted(&joined)).replace("\r\n", "\n");
    }
    body.to_owned()
}

/// `=E2=82` to bytes; a `=` that starts no byte stays.
fn decode_quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let byte = (*first == b'=').then(|| after.first_chunk::<2>()).flatten().and_then(hex_byte);
        match byte {
            Some(byte) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

fn hex_byte(digits: &[u8; 2]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(text, 16).ok()
}

/// Decodes `=?utf-8?B?…?=` and `=?utf-8?Q?…?=`. White space between two encoded words vanishes.
fn decode_words(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let (before, from) = rest.split_at(start);
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        match decode_word(from) {
            Some((text, tail)) => {
                out.push_str(&text);
                rest = tail;
                after_word = true;
            }
            None => {
                out.push_str("=?");
                rest = from.get(2..).unwrap_or_default();
                after_word = false;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The encoded word at the start of `from`, decoded, and what follows it.
fn decode_word(from: &str) -> Option<(String, &str)> {
    let (_charset, rest) = from.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (text, tail) = rest.split_once("?=")?;
    let bytes = match encoding {
        "B" | "b" => LENIENT.decode(text).ok()?,
        "Q" | "q" => decode_quoted(&text.replace('_', " ")),
        _ => return None,
    };
    Some((String::from_utf8_lossy(&bytes).into_owned(), tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_decoded_and_joined() {
        for (written, shown) in [
            ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
            ("=?UTF-8?q?Gr=C3=BC=C3=9Fe_an_alle?=", "Grüße an alle"),
            ("Re: =?utf-8?b?R3LDvA==?= =?utf-8?b?w59l?= !", "Re: Grüße !"),
            ("plain", "plain"),
            ("=?broken", "=?broken"),
            ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
            ("a =? b", "a =? b"),
        ] {
            assert_eq!(decode_words(written), shown, "{written}");
        }
    }

    #[test]
    fn nested_parts_and_both_encodings_are_read() {
        let mail = "Subject: a\r\n b\r\nContent-Type: multipart/mixed; boundary=\"X\"\r\n\r\npreamble\r\n--X\r\n\
            Content-Type: multipart/alternative; boundary=Y\r\n\r\n--Y\r\nContent-Type: text/plain\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\n950 =E2=86=92 1=\r\n012 = x\r\n--Y\r\n\
            Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+\r\neDwvYj4=\r\n--Y--\r\n--X--\r\n";
        let parsed = parse(mail.as_bytes());
        assert_eq!(parsed.header("subject").as_deref(), Some("a b"));
        assert_eq!(parsed.text.as_deref(), Some("950 → 1012 = x"));
        assert_eq!(parsed.html.as_deref(), Some("<b>x</b>"));
    }

    #[test]
    fn odd_mails_show_less_but_never_fail() {
        let deep: String = (0..50).map(|_| "Content-Type: multipart/mixed; boundary=a\n\n--a\n").collect();
        for odd in [
            "",
            "\n",
            "\r\n\r\n",
            "no header",
            ":",
            "Content-Type: multipart/mixed\n\nx",
            "\u{0}\n\n\u{0}",
            &deep,
        ] {
            assert!(parse(odd.as_bytes()).html.is_none(), "{odd:?}");
        }
        assert!(parse(&[0xff, 0xfe, b'\n', b'\n', 0xff]).text.is_some());
    }
}
