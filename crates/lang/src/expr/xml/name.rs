//! Names of elements and attributes: which characters they may hold, and the escapes for those they may not.

/// Whether a name may start with the character (XML 1.0, production 4, with the colon).
pub(super) fn starts(c: char) -> bool {
    matches!(c, ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}'
        | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}'
        | '\u{fdf0}'..='\u{fffd}')
}

/// Whether a name may go on with the character (production 4a).
pub(super) fn continues(c: char) -> bool {
    starts(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// Whether the text is a name, with at most one colon inside.
pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    let colons = text.matches(':').count();
    chars.next().is_some_and(starts)
        && chars.all(continues)
        && (colons == 0 || (colons == 1 && !text.starts_with(':') && !text.ends_with(':')))
}

/// As .NET's `XmlConvert.EncodeName`: what a name may not hold becomes `_xHHHH_`, and so does an underscore that
/// would read as the start of such an escape.
pub(crate) fn encode(name: &str) -> String {
    let mut encoded = String::new();
    for (at, c) in name.char_indices() {
        let fits = if at == 0 { starts(c) } else { continues(c) };
        let escape = c == '_' && name.get(at..).and_then(escaped).is_some();
        if fits && !escape {
            encoded.push(c);
        } else if u32::from(c) > 0xFFFF {
            encoded.push_str(&format!("_x{:08X}_", u32::from(c)));
        } else {
            encoded.push_str(&format!("_x{:04X}_", u32::from(c)));
        }
    }
    encoded
}

/// The character of the escape `_xHHHH_` or `_xHHHHHHHH_` that a text starts with, and the escape's length.
fn escaped(text: &str) -> Option<(char, usize)> {
    let digits = text.strip_prefix("_x").or_else(|| text.strip_prefix("_X"))?;
    let end = digits.find('_').filter(|end| *end == 4 || *end == 8)?;
    let hex = digits.get(..end).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    Some((char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, end + 3))
}

/// The opposite of [`encode`].
pub(crate) fn decode(name: &str) -> String {
    let mut rest = name;
    let mut decoded = String::new();
    while let Some(c) = rest.chars().next() {
        let (c, length) = escaped(rest).unwrap_or((c, c.len_utf8()));
        decoded.push(c);
        rest = rest.get(length..).unwrap_or_default();
    }
    decoded
}
