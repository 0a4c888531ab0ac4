//! Why there is no one path between two entities.

/// Why there is no one path between two entities.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing connects them.
    #[error("no relationship leads from {from} to {to}; define one (relationships: - {{from: …, to: …}})")]
    Unreachable {
        /// The start.
        from: String,
        /// The end.
        to: String,
    },
    /// They are connected, but only from the key to its many rows, which would count rows several times.
    #[error(
        "one row of {from} may have many rows of {to}; calculate over {to}, or use an attribute of {from}"
    )]
    Fans {
        /// The start.
        from: String,
        /// The end.
        to: String,
    },
    /// Several paths are equally short.
    #[error("{} paths lead from {from} to {to}: {}; remove a relationship, or use entities on one of them",
        paths.len(), paths.join(" | "))]
    Ambiguous {
        /// The start.
        from: String,
        /// The end.
        to: String,
        /// The paths, printed; at most a few of them.
        paths: Vec<String>,
    },
    /// The path has too many hops.
    #[error("the path from {from} to {to} has {hops} hops; at most {most} are followed")]
    TooLong {
        /// The start.
        from: String,
        /// The end.
        to: String,
        /// The hops of the shortest path.
        hops: usize,
        /// [`super::MAX_HOPS`].
        most: usize,
    },
    /// Two entities of one condition are not on one path.
    #[error("{one} and {other} are not on one path from {from}; write two rules and intersect them")]
    NotOnOnePath {
        /// The start.
        from: String,
        /// An entity.
        one: String,
        /// An entity that is on another path.
        other: String,
    },
}

impl PathError {
    /// All codes.
    pub const CODES: [&'static str; 5] =
        ["entityUnreachable", "pathFansOut", "pathAmbiguous", "pathTooLong", "notOnOnePath"];

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "entityUnreachable",
            Self::Fans { .. } => "pathFansOut",
            Self::Ambiguous { .. } => "pathAmbiguous",
            Self::TooLong { .. } => "pathTooLong",
            Self::NotOnOnePath { .. } => "notOnOnePath",
        }
    }
}
