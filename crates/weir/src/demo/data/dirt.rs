//! What goes wrong when people and programs write data down: typing mistakes, other spellings, other formats.

use jiff::civil::Date;

use super::random::Random;

/// Letters with marks, and what is typed where the keyboard lacks them.
const PLAIN: &[(&str, &str)] = &[
    ("áàâäãăąåā", "a"),
    ("çćč", "c"),
    ("éèêëęě", "e"),
    ("íìîïī", "i"),
    ("ł", "l"),
    ("ñńň", "n"),
    ("óòôöõő", "o"),
    ("řŕ", "r"),
    ("śșşš", "s"),
    ("țţť", "t"),
    ("úùûüűů", "u"),
    ("ýÿ", "y"),
    ("źżž", "z"),
    ("ß", "ss"),
];

/// The text without marks; letters of other scripts stay.
pub(super) fn without_accents(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        let lower: String = c.to_lowercase().collect();
        match PLAIN.iter().find(|(marked, _)| marked.contains(&lower)) {
            Some((_, plain)) if c.is_uppercase() => out.extend(plain.chars().map(|p| p.to_ascii_uppercase())),
            Some((_, plain)) => out.push_str(plain),
            None => out.push(c),
        }
    }
    out
}

/// The text with one typing mistake: two letters swapped, one missing, one doubled, or another one.
pub(super) fn typo(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    // The first letter is seldom wrong.
    let at = 1 + random.below(letters.len() - 2);
    match random.below(4) {
        0 => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        2 => {
            let again = letters.get(at).copied().unwrap_or_default();
            letters.insert(at, again);
        }
        _ => {
            if let Some(letter) = letters.get_mut(at) {
                *letter = random.pick(&['a', 'e', 'i', 'n', 'r', 's', 't']);
            }
        }
    }
    letters.into_iter().collect()
}

/// An e-mail address as it was typed: capitals, spaces around it, a wrong letter in the host.
pub(super) fn email(address: &str, random: &mut Random) -> String {
    match random.below(100) {
        0..=5 => address.to_uppercase(),
        6..=8 => format!(" {address}"),
        9..=10 => match address.split_once('@') {
            Some((name, host)) => format!("{name}@{}", typo(host, random)),
            None => address.to_owned(),
        },
        _ => address.to_owned(),
    }
}

/// A date of birth as somebody got it wrong: day and month swapped where that is a date, or another year.
pub(super) fn wrong_date(date: Date, random: &mut Random) -> Date {
    let other_year = date.year().saturating_add(if random.chance(50.0) { 10 } else { -1 });
    let changed = if random.chance(60.0) {
        Date::new(date.year(), date.day(), date.month())
    } else {
        Date::new(other_year, date.month(), date.day())
    };
    changed.unwrap_or(date)
}

/// The date as a form in the United States takes it: `M/D/YYYY`.
pub(super) fn us(date: Date) -> String {
    format!("{}/{}/{}", date.month(), date.day(), date.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_lost_and_letters_are_kept() {
        for (written, plain) in [
            ("Łukasz Żurek", "Lukasz Zurek"),
            ("Großmann", "Grossmann"),
            ("Țepeneag", "Tepeneag"),
            ("Йорданка", "Йорданка"),
        ] {
            assert_eq!(without_accents(written), plain);
        }
    }

    #[test]
    fn a_typing_mistake_is_one_edit_or_a_swap_and_never_fails() {
        let mut random = Random::of(1, "typo", 0);
        for text in ["", "a", "ab", "abc", "Größe", "陳大文", "Schröder"] {
            for _ in 0..200 {
                let wrong = typo(text, &mut random);
                assert!(wrong.chars().count().abs_diff(text.chars().count()) <= 1, "{text} {wrong}");
                assert_eq!(wrong.chars().next(), text.chars().next());
            }
        }
    }

    #[test]
    fn a_wrong_date_is_a_date() {
        let mut random = Random::of(1, "date", 0);
        for day in 1..=28 {
            let date = Date::new(2000, 2, day).expect("a date");
            for _ in 0..50 {
                assert!((1999..=2010).contains(&wrong_date(date, &mut random).year()));
            }
        }
        assert_eq!(us(Date::new(2026, 7, 4).expect("a date")), "7/4/2026");
    }
}
