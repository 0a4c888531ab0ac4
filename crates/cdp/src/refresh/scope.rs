//! What a job refreshes: everything, or one thing with what it needs or what follows from it.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::RefreshError;
use crate::definitions::Target;

/// What a job refreshes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything that has no schedule of its own.
    Full,
    /// One thing.
    Part(Part),
}

/// One thing, alone or with its surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The thing.
    pub target: Target,
    /// With everything that it reads, first.
    pub upstream: bool,
    /// With everything that reads it, after it.
    pub downstream: bool,
}

impl Scope {
    /// One thing, alone.
    pub fn only(target: Target) -> Self {
        Self::Part(Part { target, upstream: false, downstream: false })
    }

    /// The form that is stored: `full`, `segment:Big`, `<segment:Big` with what it reads, `dataSource:Shop>` with
    /// what reads it.
    pub fn text(&self) -> String {
        match self {
            Self::Full => "full".to_owned(),
            Self::Part(Part { target, upstream, downstream }) => {
                let (before, after) = (if *upstream { "<" } else { "" }, if *downstream { ">" } else { "" });
                format!("{before}{}:{}{after}", target.kind(), target.name())
            }
        }
    }
}

impl FromStr for Scope {
    type Err = RefreshError;

    fn from_str(text: &str) -> Result<Self, RefreshError> {
        if text == "full" {
            return Ok(Self::Full);
        }
        let corrupt = || RefreshError::Corrupt { what: "scope of a job", detail: format!("{text:?}") };
        let (inner, upstream) = text.strip_prefix('<').map_or((text, false), |inner| (inner, true));
        let (inner, downstream) = inner.strip_suffix('>').map_or((inner, false), |inner| (inner, true));
        let (kind, name) = inner.split_once(':').ok_or_else(corrupt)?;
        let target = Target::of(kind, name).ok_or_else(corrupt)?;
        Ok(Self::Part(Part { target, upstream, downstream }))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("everything"),
            Self::Part(part) => {
                write!(f, "{}", part.target)?;
                match (part.upstream, part.downstream) {
                    (false, false) => Ok(()),
                    (true, false) => f.write_str(" with what it reads"),
                    (false, true) => f.write_str(" with what reads it"),
                    (true, true) => f.write_str(" with what it reads and what reads it"),
                }
            }
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a> {
            kind: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            name: &'a str,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            upstream: bool,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            downstream: bool,
        }
        let flat = match self {
            Self::Full => Flat { kind: "full", name: "", upstream: false, downstream: false },
            Self::Part(Part { target, upstream, downstream }) => Flat {
                kind: target.kind(),
                name: target.name(),
                upstream: *upstream,
                downstream: *downstream,
            },
        };
        flat.serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_back_as_it_was_stored() {
        let targets = [
            Target::DataSource("Shop: <online>".to_owned()),
            Target::Unification,
            Target::Measure("Spend".to_owned()),
            Target::Segment("Big".to_owned()),
        ];
        assert_eq!("full".parse::<Scope>().unwrap(), Scope::Full);
        for target in targets {
            for (upstream, downstream) in [(false, false), (true, false), (true, true)] {
                let scope = Scope::Part(Part { target: target.clone(), upstream, downstream });
                // A name that ends in `>` cannot be told from the mark; names of definitions have neither.
                if !target.name().ends_with('>') {
                    assert_eq!(scope.text().parse::<Scope>().unwrap(), scope);
                }
            }
        }
        assert!("Segment:Big".parse::<Scope>().is_err());
    }
}
