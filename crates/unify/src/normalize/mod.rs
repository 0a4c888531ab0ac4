//! Normalizations: what is done to both values of a condition before they are compared. Stored data never changes.

mod phone;
mod words;

use deunicode::deunicode_char;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::definition::Normalization;

/// The normalizations of one condition, in the order in which they work: whatever the order in the definition, words
/// are looked up before white space and symbols go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Normalizer(Vec<Normalization>);

impl Normalizer {
    pub(super) fn new(wanted: &[Normalization]) -> Self {
        let mut steps = wanted.to_vec();
        steps.sort_by_key(|step| rank(*step));
        steps.dedup();
        Self(steps)
    }

    /// Writes the form of `value` that is compared into `out`; empty when nothing is left to compare.
    ///
    /// Without any normalization this is the value itself in Unicode's composed form (NFC), in which texts that
    /// look and mean the same are the same. `spare` is only a buffer.
    pub(super) fn write(&self, value: &str, out: &mut String, spare: &mut String) {
        out.clear();
        compose(value, out);
        for step in &self.0 {
            spare.clear();
            apply(*step, out, spare);
            // What was taken out may have stood between characters that compose.
            out.clear();
            compose(spare, out);
        }
        if out.chars().all(char::is_whitespace) {
            out.clear();
        }
    }
}

fn compose(from: &str, to: &mut String) {
    if from.is_ascii() {
        to.push_str(from);
    } else {
        to.extend(from.nfc());
    }
}

fn rank(step: Normalization) -> u8 {
    match step {
        Normalization::Numerals => 0,
        Normalization::UnicodeToAscii => 1,
        Normalization::LowerCase => 2,
        Normalization::TypePhone => 3,
        Normalization::TypeName => 4,
        Normalization::TypeAddress => 5,
        Normalization::TypeOrganization => 6,
        Normalization::Symbols => 7,
        Normalization::Whitespace => 8,
    }
}

fn apply(step: Normalization, from: &str, to: &mut String) {
    match step {
        Normalization::Numerals => from.chars().for_each(|c| push_numeral(c, to)),
        Normalization::UnicodeToAscii => push_ascii(from, to),
        Normalization::LowerCase => to.push_str(&from.to_lowercase()),
        Normalization::TypePhone => phone::write(from, to),
        Normalization::TypeName => words::replace(from, to, words::names()),
        Normalization::TypeAddress => words::replace(from, to, words::addresses()),
        Normalization::TypeOrganization => words::drop_noise(from, to, words::organizations()),
        Normalization::Symbols => to.extend(from.chars().filter(|c| !is_symbol(*c))),
        Normalization::Whitespace => to.extend(from.chars().filter(|c| !is_space(*c))),
    }
}

/// A symbol is what is no letter, digit, mark on a letter, or white space. So an emoji is one.
fn is_symbol(c: char) -> bool {
    !(c.is_alphanumeric() || is_combining_mark(c) || c.is_whitespace())
}

/// White space, and the characters that take no room at all.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

/// Number symbols (`٣`, `③`, `²`) and the characters for Roman numerals (`Ⅷ`) as digits. Letters that merely look
/// like a Roman numeral (`XIV`) stay, and so do numbers that are no whole number (`½`).
fn push_numeral(c: char, to: &mut String) {
    if c.is_ascii() || !c.is_numeric() {
        to.push(c);
    } else if let Some(number) = roman(c) {
        to.push_str(&number.to_string());
    } else {
        match deunicode_char(c) {
            Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                to.push_str(digits);
            }
            _ => to.push(c),
        }
    }
}

/// The value of a character of Unicode's block of Roman numerals, U+2160 to U+217F.
fn roman(c: char) -> Option<u32> {
    let place = match c {
        '\u{2160}'..='\u{216F}' => u32::from(c) - 0x2160,
        '\u{2170}'..='\u{217F}' => u32::from(c) - 0x2170,
        _ => return None,
    };
    Some(match place {
        0..=11 => place + 1,
        12 => 50,
        13 => 100,
        14 => 500,
        _ => 1000,
    })
}

/// Letters without accents and in plain form (`à`, `Ⓐ`, `Ａ`). What has no ASCII form stays as it is.
fn push_ascii(from: &str, to: &mut String) {
    if from.is_ascii() {
        to.push_str(from);
        return;
    }
    for c in from.chars() {
        match deunicode_char(c) {
            Some(plain) => to.push_str(plain),
            None => to.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Normalization::*;

    fn normalized(steps: &[Normalization], value: &str) -> String {
        let mut out = String::new();
        Normalizer::new(steps).write(value, &mut out, &mut String::new());
        out
    }

    #[test]
    fn each_normalization_does_what_the_specification_says() {
        let cases: [(&[Normalization], &str, &str); 25] = [
            (&[], " As It Is ", " As It Is "),
            (&[], "Jose\u{301}", "José"),
            (&[LowerCase], "ÄÖÜ Straße", "äöü straße"),
            (&[Whitespace], " a\t b\u{A0}c\u{200B} ", "abc"),
            (&[Symbols], "O'Neil-Smith, (Jr.) *|\\ 😀x", "ONeilSmith Jr  x"),
            (&[Symbols], "!?\"#$%&'()+,.-_/:;<=>@^~{}`[]", ""),
            (&[Symbols], "e-\u{301}", "é"),
            (&[Numerals], "٣ ３ ② Ⅷ ⅻ Ⅿ ½ XIV", "3 3 2 8 12 1000 ½ XIV"),
            (&[UnicodeToAscii], "àÂⒶＡ Łódź", "aAAA Lodz"),
            (&[TypePhone], "+1 (555) 010-0000", "15550100000"),
            (&[TypePhone], "+01-555-0100000", "15550100000"),
            (&[TypePhone], "001 555 0100000", "15550100000"),
            (&[TypePhone], "555.010.0000", "5550100000"),
            (&[TypePhone], "1-555-010-0000x123", "15550100000"),
            (&[TypePhone], "1-555-010-0000 ext. 123", "15550100000"),
            (&[TypePhone], "020 7946 0958", "02079460958"),
            (&[TypePhone], "Tel. +٣٣ 1 42", "33142"),
            (&[TypePhone], "1-800-FLOWERS", "1800flowers"),
            (&[TypePhone], "none", ""),
            (&[TypeName], "Dr. Debby  Smith", "dr deborah smith"),
            (&[TypeName, Whitespace], "Debby Smith", "deborahsmith"),
            (&[Whitespace, TypeName], "Debby Smith", "deborahsmith"),
            (&[TypeAddress], "12 North Main Street", "12 n main st"),
            (&[TypeOrganization], "Contoso Coffee, Inc.", "contoso coffee,"),
            (&[TypeOrganization, Symbols], "The Company S.A.", "the company sa"),
        ];
        for (steps, value, expected) in cases {
            assert_eq!(normalized(steps, value), expected, "{steps:?} of {value:?}");
        }
    }

    #[test]
    fn a_value_of_white_space_is_empty() {
        assert_eq!(normalized(&[], " \t\u{A0}"), "");
    }

    proptest::proptest! {
        #[test]
        fn normalizing_twice_changes_nothing_more(value in "\\PC{0,12}") {
            for step in [LowerCase, Whitespace, Symbols, Numerals, UnicodeToAscii, TypeName, TypeAddress] {
                let once = normalized(&[step], &value);
                proptest::prop_assert_eq!(&normalized(&[step], &once), &once, "{:?}", step);
            }
        }
    }
}
