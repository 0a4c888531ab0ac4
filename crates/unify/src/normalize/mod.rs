//! Normalizations: what is done to both values of a condition before they are compared. Stored data never changes.

#[allow(dead_code, reason = "for matching by probability")]
mod defaults;
#[allow(dead_code, reason = "for matching by probability")]
mod email;
mod lists;
#[allow(dead_code, reason = "for matching by probability")]
mod person;
#[allow(dead_code, reason = "for matching by probability")]
mod phone;
#[allow(dead_code, reason = "for matching by probability")]
mod table;
mod text;
mod words;

#[allow(unused_imports, reason = "for matching by probability")]
pub(crate) use {
    defaults::{is_default, is_default_date},
    email::{Email, email},
    person::{is_title, nickname, write_person, write_street},
    phone::write_national,
    table::WordTable as Variants,
};

use crate::definition::Normalization;

/// The names that nicknames, short forms and titles stand for.
#[allow(dead_code, reason = "for matching by probability")]
pub(crate) fn name_variants() -> &'static Variants {
    &lists::names().table
}

/// The short forms of common words of addresses.
#[allow(dead_code, reason = "for matching by probability")]
pub(crate) fn address_variants() -> &'static Variants {
    &lists::addresses().table
}

/// The normalizations of one condition. They work in a fixed order whatever the order in the definition: words are
/// looked up before white space and symbols go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Normalizer(u16);

/// The order in which normalizations work.
const ORDER: [Normalization; 9] = [
    Normalization::Numerals,
    Normalization::UnicodeToAscii,
    Normalization::LowerCase,
    Normalization::TypePhone,
    Normalization::TypeName,
    Normalization::TypeAddress,
    Normalization::TypeOrganization,
    Normalization::Symbols,
    Normalization::Whitespace,
];

/// Those that read a text as a whole, in that order.
const WORDS: [Normalization; 4] = [
    Normalization::TypePhone,
    Normalization::TypeName,
    Normalization::TypeAddress,
    Normalization::TypeOrganization,
];

impl Normalizer {
    pub(super) fn new(wanted: &[Normalization]) -> Self {
        Self(wanted.iter().fold(0, |steps, step| steps | bit(*step)))
    }

    fn has(&self, step: Normalization) -> bool {
        self.0 & bit(step) != 0
    }

    /// Writes the form of `value` that is compared into `out`; empty when nothing is left to compare.
    ///
    /// Without any normalization this is the value itself in Unicode's composed form (NFC), in which texts that
    /// look and mean the same are the same. `spare` is only a buffer; the two may change places.
    pub(super) fn write(&self, value: &str, out: &mut String, spare: &mut String) {
        out.clear();
        if value.is_ascii() {
            self.write_ascii(value, out, spare);
        } else {
            self.write_unicode(value, out, spare);
        }
        if out.chars().all(char::is_whitespace) {
            out.clear();
        }
    }

    /// For ASCII, symbols and white space go in one pass, and what changes only other characters does nothing.
    fn write_ascii(&self, value: &str, out: &mut String, spare: &mut String) {
        use Normalization::{LowerCase, Symbols, Whitespace};
        out.push_str(value);
        if self.has(LowerCase) {
            out.make_ascii_lowercase();
        }
        for step in WORDS.into_iter().filter(|step| self.has(*step)) {
            spare.clear();
            apply(step, out, spare);
            std::mem::swap(out, spare);
        }
        if self.has(Symbols) || self.has(Whitespace) {
            text::strip_ascii(out, self.has(Symbols), self.has(Whitespace));
        }
    }

    fn write_unicode(&self, value: &str, out: &mut String, spare: &mut String) {
        text::compose(value, out);
        for step in ORDER.into_iter().filter(|step| self.has(*step)) {
            spare.clear();
            apply(step, out, spare);
            // What was taken out may have stood between characters that compose.
            if text::is_composed(spare) {
                std::mem::swap(out, spare);
            } else {
                out.clear();
                text::compose(spare, out);
            }
        }
    }
}

fn bit(step: Normalization) -> u16 {
    1 << step as u16
}

fn apply(step: Normalization, from: &mut String, to: &mut String) {
    match step {
        Normalization::Numerals => from.chars().for_each(|c| text::push_numeral(c, to)),
        Normalization::UnicodeToAscii => text::push_ascii(from, to),
        Normalization::LowerCase => text::push_lower(from, to),
        Normalization::TypePhone => {
            phone::write(from, to);
        }
        Normalization::TypeName => lists::names().replace(lower(from, to), to),
        Normalization::TypeAddress => lists::addresses().replace(lower(from, to), to),
        Normalization::TypeOrganization => lists::organizations().remove(lower(from, to), to),
        Normalization::Symbols => to.extend(from.chars().filter(|c| !text::is_symbol(*c))),
        Normalization::Whitespace => to.extend(from.chars().filter(|c| !text::is_space(*c))),
    }
}

/// Puts `from` into lower case, by way of the empty buffer `to`.
fn lower<'a>(from: &'a mut String, to: &mut String) -> &'a str {
    if from.is_ascii() {
        from.make_ascii_lowercase();
    } else {
        text::push_lower(from, to);
        std::mem::swap(from, to);
        to.clear();
    }
    from
}

#[cfg(test)]
mod tests;
