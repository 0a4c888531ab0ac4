//! Slips of the finger and of reading machines, and the many ways to write one number or street.

use super::places::Address;
use super::rng::Rng;

/// Rows of a keyboard; neighbours in a row are hit by mistake.
const KEYS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
/// What reading machines and tired eyes take for one another.
const LOOKALIKES: [(&str, &str); 14] = [
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("d", "cl"),
    ("l", "i"),
    ("i", "l"),
    ("o", "0"),
    ("0", "o"),
    ("1", "l"),
    ("5", "s"),
    ("e", "c"),
    ("h", "b"),
    ("u", "v"),
    ("a", "o"),
];
/// Spellings that people take for one another.
const SOUNDALIKES: [(&str, &str); 14] = [
    ("ph", "f"),
    ("f", "ph"),
    ("ck", "k"),
    ("k", "ck"),
    ("c", "k"),
    ("ie", "y"),
    ("y", "ie"),
    ("ei", "ie"),
    ("th", "t"),
    ("ll", "l"),
    ("l", "ll"),
    ("n", "nn"),
    ("ss", "s"),
    ("er", "or"),
];

/// A text with one slip.
pub fn slip(rng: &mut Rng, text: &str) -> String {
    let done = match rng.weighted(&[0.22, 0.18, 0.16, 0.14, 0.16, 0.14]) {
        0 => neighbour(rng, text),
        1 => dropped(rng, text),
        2 => transposed(rng, text),
        3 => doubled(rng, text),
        4 => replaced(rng, text, &LOOKALIKES),
        _ => replaced(rng, text, &SOUNDALIKES),
    };
    done.unwrap_or_else(|| dropped(rng, text).unwrap_or_else(|| text.to_owned()))
}

/// Digits with one slip.
pub fn digit_slip(rng: &mut Rng, digits: &str) -> String {
    let done = match rng.below(3) {
        0 => neighbour(rng, digits),
        1 => transposed(rng, digits),
        _ => dropped(rng, digits),
    };
    done.unwrap_or_else(|| digits.to_owned())
}

/// Changes the characters of a text in place; the first one is spared three times of four.
fn edited(rng: &mut Rng, text: &str, edit: impl FnOnce(&mut Vec<char>, usize, &mut Rng)) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let first = usize::from(rng.chance(0.75));
    if chars.len() < 3 {
        return None;
    }
    let place = first + rng.below(chars.len() - first);
    edit(&mut chars, place, rng);
    Some(chars.into_iter().collect())
}

fn neighbour(rng: &mut Rng, text: &str) -> Option<String> {
    edited(rng, text, |chars, place, rng| {
        let old = chars[place];
        let lower = old.to_ascii_lowercase();
        let Some((row, at)) = KEYS.iter().find_map(|row| Some((row, row.find(lower)?))) else { return };
        let next = if rng.chance(0.5) { at + 1 } else { at.wrapping_sub(1) };
        if let Some(key) = row.chars().nth(next) {
            chars[place] = if old.is_uppercase() { key.to_ascii_uppercase() } else { key };
        }
    })
}

fn dropped(rng: &mut Rng, text: &str) -> Option<String> {
    edited(rng, text, |chars, place, _| {
        chars.remove(place);
    })
}

fn doubled(rng: &mut Rng, text: &str) -> Option<String> {
    edited(rng, text, |chars, place, _| chars.insert(place, chars[place]))
}

fn transposed(rng: &mut Rng, text: &str) -> Option<String> {
    edited(rng, text, |chars, place, _| {
        let place = place.min(chars.len() - 2);
        chars.swap(place, place + 1);
    })
}

/// One of the exchanges that fit, at one of the places where it fits.
fn replaced(rng: &mut Rng, text: &str, exchanges: &[(&str, &str)]) -> Option<String> {
    let fits: Vec<(usize, &str, &str)> = exchanges
        .iter()
        .flat_map(|(from, to)| text.match_indices(from).map(move |(at, _)| (at, *from, *to)))
        .collect();
    let &(at, from, to) = fits.get(rng.below(fits.len()))?;
    let (before, rest) = text.split_at_checked(at)?;
    Some(format!("{before}{to}{}", rest.strip_prefix(from)?))
}

/// A telephone number of ten digits as somebody writes it.
pub fn telephone(rng: &mut Rng, digits: &str) -> String {
    let (Some(area), Some(exchange), Some(line)) = (digits.get(..3), digits.get(3..6), digits.get(6..))
    else {
        return digits.to_owned();
    };
    match rng.weighted(&[0.24, 0.22, 0.20, 0.08, 0.08, 0.07, 0.06, 0.03, 0.02]) {
        0 => format!("({area}) {exchange}-{line}"),
        1 => format!("{area}-{exchange}-{line}"),
        2 => digits.to_owned(),
        3 => format!("+1 {area} {exchange} {line}"),
        4 => format!("+1{digits}"),
        5 => format!("{area}.{exchange}.{line}"),
        6 => format!("1-{area}-{exchange}-{line}"),
        7 => format!("001 {area} {exchange}{line}"),
        _ => format!("+1 ({area}) {exchange}-{line}"),
    }
}

/// House number, street and flat as somebody writes them.
pub fn street(rng: &mut Rng, address: &Address) -> String {
    let kind = address.kind.as_str();
    let short = match kind {
        "Street" => "St",
        "Avenue" => "Ave",
        "Road" => "Rd",
        "Lane" => "Ln",
        "Drive" => "Dr",
        "Court" => "Ct",
        "Place" => "Pl",
        "Boulevard" => "Blvd",
        "Terrace" => "Ter",
        "Crescent" => "Cres",
        other => other,
    };
    let kind = match rng.weighted(&[0.5, 0.36, 0.11, 0.03]) {
        0 => kind.to_owned(),
        1 => short.to_owned(),
        2 => format!("{short}."),
        _ => String::new(),
    };
    let mut line = format!("{} {} {kind}", address.number, address.street).trim_end().to_owned();
    if let Some(unit) = address.unit.as_deref().filter(|_| rng.chance(0.75)) {
        let sign = rng.pick(&["Apt ", "Apt. ", "#", "Unit ", "Apartment "]);
        let comma = rng.pick(&["", "", ","]);
        line = format!("{line}{comma} {sign}{unit}");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_changes_little() {
        let mut rng = Rng::stream(1, 1, 1);
        let mut changed = 0;
        for _ in 0..1000 {
            let text = slip(&mut rng, "Catherine");
            changed += usize::from(text != "Catherine");
            assert!((8..=10).contains(&text.len()), "{text}");
        }
        assert!(changed > 900, "{changed}");
        assert_eq!(slip(&mut rng, "Jo"), "Jo");
        assert!(!slip(&mut rng, "Żółć").is_empty());
    }

    #[test]
    fn every_way_to_write_a_number_ends_with_its_digits() {
        let mut rng = Rng::stream(1, 1, 1);
        for _ in 0..300 {
            let text = telephone(&mut rng, "4155552671");
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            assert!(digits.ends_with("4155552671"), "{text}");
        }
    }
}
