//! The languages that Weir speaks, and which of them a person gets.

use clap::ValueEnum;

/// A language with a complete catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English.
    #[value(name = "en")]
    English,
    /// Kazakh.
    #[value(name = "kk")]
    Kazakh,
    /// Bulgarian.
    #[value(name = "bg")]
    Bulgarian,
    /// Basque.
    #[value(name = "eu")]
    Basque,
    /// Chinese as it is written in Hong Kong.
    #[value(name = "zh-HK")]
    ChineseHongKong,
    /// Romanian.
    #[value(name = "ro")]
    Romanian,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::English, Self::Kazakh, Self::Bulgarian, Self::Basque, Self::ChineseHongKong, Self::Romanian];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Kazakh => "kk",
            Self::Bulgarian => "bg",
            Self::Basque => "eu",
            Self::ChineseHongKong => "zh-HK",
            Self::Romanian => "ro",
        }
    }

    /// The language of the environment: of `LC_ALL`, `LC_MESSAGES` and `LANG` the first that is set decides
    /// (POSIX.1-2024, 8.2). English when it is none of ours.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
        locale.and_then(|locale| Self::of_locale(&locale)).unwrap_or(Self::English)
    }

    /// The language of a tag of a browser (`ro-RO`), if there is a catalogue for it.
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::of_locale(tag)
    }

    /// The language of a POSIX locale (`kk_KZ.UTF-8`) or of a BCP 47 tag (`zh-Hant-TW`).
    fn of_locale(locale: &str) -> Option<Self> {
        let name = locale.split(['.', '@']).next().unwrap_or_default();
        let mut parts = name.split(['_', '-']);
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        match language.as_str() {
            "en" => Some(Self::English),
            "kk" => Some(Self::Kazakh),
            "bg" => Some(Self::Bulgarian),
            "eu" => Some(Self::Basque),
            "ro" => Some(Self::Romanian),
            // Only where traditional characters are read.
            "zh" => parts
                .any(|part| ["hk", "mo", "tw", "hant"].contains(&part.to_ascii_lowercase().as_str()))
                .then_some(Self::ChineseHongKong),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let cases: [(&[(&str, &str)], Language); 9] = [
            (&[], Language::English),
            (&[("LANG", "kk_KZ.UTF-8")], Language::Kazakh),
            (&[("LANG", "kk_KZ.UTF-8"), ("LC_MESSAGES", "bg_BG")], Language::Bulgarian),
            (&[("LC_ALL", "C"), ("LANG", "eu_ES")], Language::English),
            (&[("LC_ALL", ""), ("LANG", "eu_ES@euro")], Language::Basque),
            (&[("LANG", "zh_HK.Big5HKSCS")], Language::ChineseHongKong),
            (&[("LANG", "zh-Hant-TW")], Language::ChineseHongKong),
            (&[("LANG", "zh_CN.UTF-8")], Language::English),
            (&[("LC_ALL", "RO")], Language::Romanian),
        ];
        for (set, language) in cases {
            let variable =
                |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(Language::of_environment(variable), language, "{set:?}");
        }
    }

    #[test]
    fn what_can_be_typed_is_the_tag() {
        for language in Language::ALL {
            assert_eq!(Language::from_str(language.tag(), true), Ok(language));
        }
    }
}
