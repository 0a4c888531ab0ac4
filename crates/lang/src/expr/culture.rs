//! How locales write dates and numbers, from the data that is compiled in (`data/cultures.txt`).

use std::sync::LazyLock;

const DATA: &str = include_str!("../../data/cultures.txt");

/// What formatting and reading need to know of a locale.
#[derive(Debug, Default)]
pub(crate) struct Culture {
    /// In lower case; the last one may be that of the language alone.
    names: Vec<&'static str>,
    pub(crate) months: Vec<&'static str>,
    /// As they stand beside a day.
    pub(crate) months_of: Vec<&'static str>,
    pub(crate) short_months: Vec<&'static str>,
    pub(crate) short_months_of: Vec<&'static str>,
    /// From Sunday on.
    pub(crate) days: Vec<&'static str>,
    pub(crate) short_days: Vec<&'static str>,
    halves: Vec<&'static str>,
    dates: Vec<&'static str>,
    /// Between the whole part and the fraction.
    pub(crate) decimal: char,
    /// Between groups of digits.
    pub(crate) group: char,
    pub(crate) minus: &'static str,
    /// The size of all groups but the last, which has three digits.
    pub(crate) group_size: usize,
    /// The sign of money.
    pub(crate) currency: &'static str,
    /// Where the sign (¤) and the minus stand beside the amount (#).
    pub(crate) money: &'static str,
    pub(crate) negative_money: &'static str,
    pub(crate) percent: &'static str,
}

static CULTURES: LazyLock<Vec<Culture>> = LazyLock::new(read);

static FALLBACK: LazyLock<Culture> = LazyLock::new(Culture::default);

fn read() -> Vec<Culture> {
    let mut cultures: Vec<Culture> = Vec::new();
    for line in DATA.lines().filter(|line| !line.starts_with('#')) {
        if let Some(names) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            cultures.push(Culture { names: names.split(' ').collect(), ..Culture::default() });
        } else if let (Some(culture), Some((key, value))) = (cultures.last_mut(), line.split_once('=')) {
            culture.set(key, value.split('|').collect());
        }
    }
    cultures
}

impl Culture {
    fn set(&mut self, key: &str, values: Vec<&'static str>) {
        let at = |index: usize| values.get(index).copied().unwrap_or_default();
        let letter = |index: usize| at(index).chars().next().unwrap_or('.');
        match key {
            "months" => (self.months_of, self.months) = (values.clone(), values),
            "months of" => self.months_of = values,
            "short months" => (self.short_months_of, self.short_months) = (values.clone(), values),
            "short months of" => self.short_months_of = values,
            "days" => self.days = values,
            "short days" => self.short_days = values,
            "halves" => self.halves = values,
            "dates" => self.dates = values,
            "numbers" => {
                (self.decimal, self.group, self.minus) = (letter(0), letter(1), at(2));
                self.group_size = at(3).parse().unwrap_or(3);
            }
            "money" => (self.currency, self.money, self.negative_money) = (at(0), at(1), at(2)),
            "percent" => self.percent = at(0),
            _ => {}
        }
    }

    fn pattern(&self, index: usize) -> &'static str {
        self.dates.get(index).copied().unwrap_or_default()
    }

    pub(crate) fn short_date(&self) -> &'static str {
        self.pattern(0)
    }

    pub(crate) fn long_date(&self) -> &'static str {
        self.pattern(1)
    }

    pub(crate) fn month_day(&self) -> &'static str {
        self.pattern(2)
    }

    pub(crate) fn year_month(&self) -> &'static str {
        self.pattern(3)
    }

    pub(crate) fn short_time(&self) -> &'static str {
        self.pattern(4)
    }

    pub(crate) fn long_time(&self) -> &'static str {
        self.pattern(5)
    }

    /// The word for the half of the day: before noon, or after.
    pub(crate) fn half(&self, afternoon: bool) -> &'static str {
        self.halves.get(usize::from(afternoon)).copied().unwrap_or_default()
    }

    /// Whether 3/4 is the 3rd of April.
    pub(crate) fn day_first(&self) -> bool {
        self.short_date().find('d') < self.short_date().find('M')
    }

    /// What stands for `/` in a format.
    pub(crate) fn date_separator(&self) -> &'static str {
        separator(self.short_date())
    }

    /// What stands for `:` in a format.
    pub(crate) fn time_separator(&self) -> &'static str {
        if self.long_time().contains('.') { "." } else { ":" }
    }
}

/// What stands between the first two fields of a pattern.
fn separator(pattern: &'static str) -> &'static str {
    let is_field = |c: char| matches!(c, 'd' | 'M' | 'y');
    let Some(start) = pattern.find(|c| !is_field(c)) else { return "/" };
    let rest = pattern.get(start..).unwrap_or_default();
    rest.get(..rest.find(is_field).unwrap_or(0)).filter(|found| !found.is_empty()).unwrap_or("/")
}

/// The culture of a locale name, ignoring letter case; of a region that is not known, that of its language.
///
/// # Errors
/// A sentence with the nearest name, as the end of "the function …".
pub(crate) fn culture(name: &str) -> Result<&'static Culture, String> {
    let lower = name.trim().to_ascii_lowercase().replace('_', "-");
    let wanted = if lower.is_empty() { "iv" } else { &lower };
    let language = wanted.split('-').next().unwrap_or_default();
    let named = |name: &str| CULTURES.iter().find(|culture| culture.names.contains(&name));
    named(wanted).or_else(|| named(language)).ok_or_else(|| {
        let known = CULTURES.iter().filter_map(|culture| culture.names.first().copied());
        let near = crate::diagnose::did_you_mean(&lower, known);
        let hint = near.map_or_else(
            || "; a locale is a name such as en-US or de-DE".to_owned(),
            |near| format!("; did you mean '{near}'?"),
        );
        format!("does not know the locale '{name}'{hint}")
    })
}

/// All cultures with their names, for tests.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static Culture)> {
    CULTURES.iter().map(|culture| (culture.names.first().copied().unwrap_or_default(), culture))
}

/// The culture used when none is named: en-US.
pub(crate) fn default_culture() -> &'static Culture {
    CULTURES.get(1).unwrap_or(&FALLBACK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_culture_is_complete() {
        assert!(CULTURES.len() > 60);
        for culture in CULTURES.iter() {
            let name = culture.names[0];
            for (list, length) in [
                (&culture.months, 12),
                (&culture.months_of, 12),
                (&culture.short_months, 12),
                (&culture.short_months_of, 12),
                (&culture.days, 7),
                (&culture.short_days, 7),
                (&culture.halves, 2),
                (&culture.dates, 6),
            ] {
                assert_eq!(list.len(), length, "{name}");
                assert!(list.iter().all(|item| !item.is_empty()), "{name}");
            }
            assert!(culture.decimal != culture.group && !culture.minus.is_empty(), "{name}");
            for pattern in [culture.money, culture.negative_money] {
                assert!(pattern.contains('#') && pattern.contains('¤'), "{name}");
            }
            assert!(culture.percent.contains('#') && culture.percent.contains('%'), "{name}");
        }
        assert_eq!(default_culture().names, ["en-us", "en"]);
    }

    #[test]
    fn names_are_found_in_any_letter_case_and_by_their_language() {
        for (name, found) in
            [("FR-fr", "fr-fr"), ("nl", "nl-nl"), ("de-LI", "de-de"), ("pt_BR", "pt-br"), ("", "iv")]
        {
            assert_eq!(culture(name).map(|culture| culture.names[0]), Ok(found), "{name}");
        }
        assert!(culture("fr-FRR").is_ok());
        assert!(culture("qq-QQ").unwrap_err().contains("such as"));
    }
}
