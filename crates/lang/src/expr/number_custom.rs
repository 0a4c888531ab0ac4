//! Custom .NET number formats: `0` and `#` for digits, `,` for groups, `.`, `%`, `E+0`, quoted texts, and up to
//! three sections for positive, negative and zero.

use super::culture::Culture;
use super::number_format::{Digits, ends_group};
use super::value::Num;

/// One piece of a section.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Literal(char),
    /// `0` (true) or `#` (false)
    Digit(bool),
    Point,
    /// `E`, `+` wanted, width
    Exponent(char, bool, usize),
}

/// A section, read.
#[derive(Debug, Default)]
struct Section {
    pieces: Vec<Piece>,
    groups: bool,
    /// Powers of ten by which the number is multiplied: 2 for each %, 3 for each ‰, −3 for each comma before
    /// the point.
    scale: i64,
}

pub(crate) fn format(value: Num, format: &str, culture: &Culture) -> Result<String, String> {
    const LONGEST: usize = 1_000;
    if format.len() > LONGEST {
        return Err(format!("takes a format of at most {LONGEST} characters"));
    }
    let sections = split_sections(format);
    let digits = match value {
        // .NET looks at 15 digits of a float here, so that 0.1 has no more than one.
        Num::Float(_) => Digits::of(value).significant(15),
        _ => Digits::of(value),
    };
    let choose = |index: usize| sections.get(index).filter(|section| !section.is_empty());
    let section = |text: &str| read_section(text);
    let first = section(sections.first().map_or("", String::as_str));
    let places = first.pieces.iter().skip_while(|piece| **piece != Piece::Point);
    let places = places.filter(|piece| matches!(piece, Piece::Digit(_))).count();
    let zero = digits.shifted(first.scale).rounded(places).is_zero();
    if zero && let Some(third) = choose(2) {
        return Ok(render(&digits, &section(third), culture, false));
    }
    if digits.negative
        && let Some(second) = choose(1)
    {
        return Ok(render(&digits, &section(second), culture, false));
    }
    Ok(render(&digits, &first, culture, digits.negative && !zero))
}

/// Splits at semicolons outside quotes; escapes and quotes stay.
fn split_sections(format: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut quote = None;
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c == ';' && quote.is_none() {
            sections.push(String::new());
            continue;
        }
        let Some(last) = sections.last_mut() else { break };
        last.push(c);
        if c == '\\' && quote.is_none() {
            last.extend(chars.next());
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && (c == '\'' || c == '"') {
            quote = Some(c);
        }
    }
    sections
}

fn read_section(text: &str) -> Section {
    let chars: Vec<char> = text.chars().collect();
    let mut section = Section::default();
    let (mut at, mut commas, mut point, mut any_digit) = (0, 0_i64, false, false);
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        match c {
            '0' | '#' => {
                if commas > 0 && !point {
                    section.groups = true;
                }
                commas = 0;
                any_digit = true;
                section.pieces.push(Piece::Digit(c == '0'));
            }
            ',' if any_digit && !point => commas += 1,
            ',' => {}
            '.' if !point => {
                section.scale -= 3 * std::mem::take(&mut commas);
                point = true;
                section.pieces.push(Piece::Point);
            }
            '.' => {}
            '%' | '‰' => {
                section.scale += if c == '%' { 2 } else { 3 };
                section.pieces.push(Piece::Literal(c));
            }
            '\\' => {
                section.pieces.extend(chars.get(at).copied().map(Piece::Literal));
                at += 1;
            }
            '\'' | '"' => {
                while let Some(inner) = chars.get(at).copied() {
                    at += 1;
                    if inner == c {
                        break;
                    }
                    section.pieces.push(Piece::Literal(inner));
                }
            }
            'E' | 'e' => {
                let sign = chars.get(at).copied().filter(|sign| matches!(sign, '+' | '-'));
                let from = at + usize::from(sign.is_some());
                let width = chars.iter().skip(from).take_while(|c| **c == '0').count();
                if width == 0 {
                    section.pieces.push(Piece::Literal(c));
                } else {
                    section.pieces.push(Piece::Exponent(c, sign == Some('+'), width));
                    at = from + width;
                }
            }
            other => section.pieces.push(Piece::Literal(other)),
        }
    }
    section.scale -= 3 * commas;
    section
}

fn render(digits: &Digits, section: &Section, culture: &Culture, minus: bool) -> String {
    let point_at = section.pieces.iter().position(|piece| *piece == Piece::Point);
    let split = point_at.unwrap_or(section.pieces.len());
    let is_digit = |piece: &&Piece| matches!(piece, Piece::Digit(_));
    let whole_places = section.pieces.iter().take(split).filter(is_digit).count();
    let places = section.pieces.iter().skip(split).filter(is_digit).count();
    let mut value = digits.shifted(section.scale);
    let mut exponent = 0;
    if section.pieces.iter().any(|piece| matches!(piece, Piece::Exponent(..))) && !value.is_zero() {
        let before = i64::try_from(whole_places.max(1)).unwrap_or(1) - 1;
        exponent = value.exponent() - before;
        let scaled = value.shifted(-exponent);
        if scaled.rounded(places).exponent() > before {
            exponent += 1;
        }
        value = value.shifted(-exponent);
    }
    let value = value.rounded(places);
    let mut text = if minus { culture.minus.to_owned() } else { String::new() };
    whole_part(&value, section, split, whole_places, culture, &mut text, exponent);
    fraction_part(&value, section, split, culture, &mut text, exponent);
    text
}

fn whole_part(
    value: &Digits,
    section: &Section,
    split: usize,
    places: usize,
    culture: &Culture,
    text: &mut String,
    exponent: i64,
) {
    let pieces = section.pieces.get(..split).unwrap_or_default();
    let first_zero = pieces
        .iter()
        .filter(|piece| matches!(piece, Piece::Digit(_)))
        .position(|piece| *piece == Piece::Digit(true));
    let least = first_zero.map_or(0, |first| places - first);
    let mut digits = value.whole.clone();
    while digits.len() < least {
        digits.insert(0, '0');
    }
    let total = digits.len();
    let mut given = 0;
    let mut place = 0;
    for piece in pieces {
        match piece {
            Piece::Digit(_) => {
                place += 1;
                // The first place takes all digits that are too many for the rest.
                while given < total && total - given > places - place {
                    text.extend(digits.chars().nth(given));
                    given += 1;
                    if section.groups && given < total && ends_group(total - given, culture) {
                        text.push(culture.group);
                    }
                }
            }
            other => literal(other, text, exponent),
        }
    }
}

fn fraction_part(
    value: &Digits,
    section: &Section,
    split: usize,
    culture: &Culture,
    text: &mut String,
    exponent: i64,
) {
    let pieces = section.pieces.get(split..).unwrap_or_default();
    let places: Vec<&Piece> = pieces.iter().filter(|piece| matches!(piece, Piece::Digit(_))).collect();
    let last_zero = places.iter().rposition(|piece| **piece == Piece::Digit(true)).map_or(0, |at| at + 1);
    let shown = value.fraction.trim_end_matches('0').len().max(last_zero);
    let mut given = 0;
    for piece in pieces {
        match piece {
            Piece::Point if shown > 0 => text.push(culture.decimal),
            Piece::Point => {}
            Piece::Digit(_) => {
                if given < shown {
                    text.extend(value.fraction.chars().nth(given));
                }
                given += 1;
            }
            other => literal(other, text, exponent),
        }
    }
}

fn literal(piece: &Piece, text: &mut String, exponent: i64) {
    match piece {
        Piece::Literal(c) => text.push(*c),
        Piece::Exponent(letter, plus, width) => {
            text.push(*letter);
            if exponent < 0 {
                text.push('-');
            } else if *plus {
                text.push('+');
            }
            text.push_str(&format!("{:0width$}", exponent.unsigned_abs()));
        }
        Piece::Digit(_) | Piece::Point => {}
    }
}
