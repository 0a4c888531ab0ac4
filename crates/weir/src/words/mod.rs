//! What people read, in their language: one Fluent catalogue per language.
//!
//! The words of the command line are here. Not here: JSON (its texts are English and its codes are stable), logs,
//! the help of the command line, and the error messages of the rooms.

mod language;
mod number;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::{FluentNumber, FluentNumberOptions};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
pub use language::Language;
use unic_langid::LanguageIdentifier;

/// Decimals of a number for people that does not say how many.
const DECIMALS: usize = 4;

/// A value in a text.
pub type Value<'a> = FluentValue<'a>;

/// The words of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Words").field(&self.language).finish()
    }
}

impl Words {
    /// The words of a language. Its catalogue is read once.
    pub fn of(language: Language) -> &'static Self {
        static ALL: [OnceLock<Words>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
        match ALL.get(language as usize) {
            Some(words) => words.get_or_init(|| Self::read(language)),
            None => Self::of(Language::English),
        }
    }

    fn read(language: Language) -> Self {
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Isolation marks are for mixed directions; all our languages run from left to right.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match language {
            Language::English => |value, _| written(value, Language::English),
            Language::Kazakh => |value, _| written(value, Language::Kazakh),
            Language::Bulgarian => |value, _| written(value, Language::Bulgarian),
            Language::Basque => |value, _| written(value, Language::Basque),
            Language::ChineseHongKong => |value, _| written(value, Language::ChineseHongKong),
            Language::Romanian => |value, _| written(value, Language::Romanian),
        }));
        // What cannot be read is missing, and English stands in; a test shows that all of it can be read.
        let (Ok(catalogue) | Err((catalogue, _))) = FluentResource::try_new(source(language).to_owned());
        let _ = bundle.add_resource(catalogue);
        Self { language, bundle }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A text without values.
    pub fn word(&self, key: &str) -> String {
        self.text(key, &[])
    }

    /// Texts without values, such as the heads of columns.
    pub fn list<const N: usize>(&self, keys: [&str; N]) -> [String; N] {
        keys.map(|key| self.word(key))
    }

    /// A text with values. Where the language lacks it, it is English; where English does, it is the key.
    pub fn text(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        let english = Self::of(Language::English);
        let found = self.find(key, values).map(|(text, _)| text);
        found.or_else(|| Some(english.find(key, values)?.0)).unwrap_or_else(|| key.to_owned())
    }

    /// A text, and what was wrong with it.
    fn find(&self, key: &str, values: &[(&str, Value<'_>)]) -> Option<(String, Vec<String>)> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        Some((text, errors.iter().map(ToString::to_string).collect()))
    }

    /// A number for people, with at most four decimals.
    pub fn number(&self, value: f64) -> String {
        number::number(self.language, value, 0, DECIMALS)
    }
}

/// A value with exactly `digits` decimals.
pub fn decimals(value: f64, digits: usize) -> Value<'static> {
    let options = FluentNumberOptions {
        minimum_fraction_digits: Some(digits),
        maximum_fraction_digits: Some(digits),
        ..FluentNumberOptions::default()
    };
    FluentValue::Number(FluentNumber::new(value, options))
}

fn written(value: &Value<'_>, language: Language) -> Option<String> {
    let FluentValue::Number(FluentNumber { value, options }) = value else { return None };
    let least = options.minimum_fraction_digits.unwrap_or(0);
    Some(number::number(language, *value, least, options.maximum_fraction_digits.unwrap_or(DECIMALS)))
}

/// The catalogue of a language.
fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("en.ftl"),
        Language::Kazakh => include_str!("kk.ftl"),
        Language::Bulgarian => include_str!("bg.ftl"),
        Language::Basque => include_str!("eu.ftl"),
        Language::ChineseHongKong => include_str!("zh-HK.ftl"),
        Language::Romanian => include_str!("ro.ftl"),
    }
}
