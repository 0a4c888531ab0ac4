//! Roles: what a person or a program may do. Each may all that the one before it may.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A role, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Sees results: profiles, measures, segments, how refreshes stand.
    Viewer,
    /// Sees the source rows too, and changes definitions.
    Contributor,
    /// Changes settings, connections and who may do what.
    Administrator,
    /// Everything, the end of the instance too.
    Owner,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Contributor, Self::Administrator, Self::Owner];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Contributor => "Contributor",
            Self::Administrator => "Administrator",
            Self::Owner => "Owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role: there are Viewer, Contributor, Administrator and Owner")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let found = Self::ALL.into_iter().find(|role| role.as_str().eq_ignore_ascii_case(text));
        found.ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_more_than_the_one_before_and_is_known_by_its_name() {
        assert!(Role::ALL.is_sorted());
        for role in Role::ALL {
            assert_eq!(role.as_str().to_lowercase().parse(), Ok(role));
        }
        assert!("Root".parse::<Role>().unwrap_err().to_string().contains("Viewer, Contributor"));
    }
}
