//! References to secrets in definitions: `${env:NAME}` and `${secret:NAME}`.

use std::fmt;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A variable of the process's environment.
    Env(String),
    /// A secret of the vault.
    Secret(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "${{env:{name}}}"),
            Self::Secret(name) => write!(f, "${{secret:{name}}}"),
        }
    }
}

/// A piece of a text with references.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Stands for itself.
    Text(&'a str),
    /// Stands for a secret.
    Reference(Reference),
}

impl Reference {
    fn parse(inside: &str) -> Option<Self> {
        match inside.split_once(':')? {
            ("env", name) if !name.is_empty() => Some(Self::Env(name.to_owned())),
            ("secret", name) if !name.is_empty() => Some(Self::Secret(name.to_owned())),
            _ => None,
        }
    }

    /// The references in a text, in order.
    pub fn all_in(text: &str) -> Vec<Self> {
        let references = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Reference(reference) => Some(reference),
        });
        references.collect()
    }
}

/// Cuts a text at its references. What looks like one and is none (`${x}`, an open `${`) stays text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let parsed = after.split_once('}').and_then(|(inside, tail)| Some((Reference::parse(inside)?, tail)));
        match parsed {
            Some((reference, tail)) => {
                found.extend([Piece::Text(before), Piece::Reference(reference)]);
                rest = tail;
            }
            None => {
                found.extend([Piece::Text(before), Piece::Text("${")]);
                rest = after;
            }
        }
    }
    found.push(Piece::Text(rest));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_and_everything_else_stays_text() {
        let all =
            |text| Reference::all_in(text).iter().map(Reference::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(all("${env:A}x${secret:b.c}"), "${env:A} ${secret:b.c}");
        assert_eq!(all("${ ${env:A}"), "${env:A}");
        for plain in ["", "$", "${", "${}", "${x}", "${env:}", "${ENV:A}", "$env:A", "{env:A}", "${env:A"] {
            assert_eq!(all(plain), "", "{plain}");
            let back: String = pieces(plain)
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => (*text).to_owned(),
                    Piece::Reference(reference) => reference.to_string(),
                })
                .collect();
            assert_eq!(back, plain);
        }
    }
}
