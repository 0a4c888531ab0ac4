//! What databases and the way to them complain about, in our words.

use std::fmt::Display;

use outbound::OutboundError;

use crate::error::SourceError;

/// Something wrong with a database.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {detail}")]
pub struct Trouble {
    /// The server, or what else it is about.
    pub what: String,
    /// What it said.
    pub detail: String,
    /// What kind of trouble it is.
    pub kind: TroubleKind,
}

/// The kinds of trouble with databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// It cannot be reached, it went away, or it has no room just now: it may come back.
    Lost,
    /// The way to it is closed by the rules of this installation.
    Closed,
    /// The sign-in or the encryption was refused.
    Refused,
    /// The query is wrong, or not allowed.
    Query,
}

impl Trouble {
    /// It is gone for now.
    pub(crate) fn lost(what: &str, detail: &dyn Display) -> Self {
        Self { what: what.to_owned(), detail: detail.to_string(), kind: TroubleKind::Lost }
    }

    /// The way to it was refused or broke.
    pub(crate) fn on_the_way(what: &str, error: &OutboundError) -> Self {
        let kind = if error.is_temporary() { TroubleKind::Lost } else { TroubleKind::Closed };
        Self { what: what.to_owned(), detail: error.to_string(), kind }
    }

    /// What a driver says.
    pub(crate) fn of(what: &str, error: &sqlx::Error) -> Self {
        let (kind, detail) = match error {
            sqlx::Error::Database(said) => {
                (kind_of(&said.code().unwrap_or_default()), said.message().to_owned())
            }
            sqlx::Error::Tls(said) => (TroubleKind::Refused, format!("no secure connection: {said}")),
            sqlx::Error::Configuration(said) => (TroubleKind::Refused, said.to_string()),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                (TroubleKind::Query, error.to_string())
            }
            _ => (TroubleKind::Lost, error.to_string()),
        };
        Self { what: what.to_owned(), detail, kind }
    }

    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self.kind {
            TroubleKind::Lost => "databaseUnreachable",
            TroubleKind::Closed => "databaseNotAllowed",
            TroubleKind::Refused => "databaseSignInFailed",
            TroubleKind::Query => "sourceQueryFailed",
        }
    }
}

impl From<Trouble> for SourceError {
    fn from(trouble: Trouble) -> Self {
        Self::Database(trouble)
    }
}

/// By the code of the database: five characters of SQLSTATE (PostgreSQL, MySQL), or a number (SQLite).
fn kind_of(code: &str) -> TroubleKind {
    let starts = |classes: &[&str]| classes.iter().any(|class| code.starts_with(class));
    // Busy and locked (SQLite), too many connections and lock waits (MySQL's general class has many more meanings).
    if matches!(code, "5" | "6" | "261" | "517" | "08004") {
        return TroubleKind::Lost;
    }
    if starts(&["28"]) {
        return TroubleKind::Refused;
    }
    // Connection, transaction rollback, resources, operator intervention, system errors.
    if code.len() == 5 && starts(&["08", "40", "53", "57", "58"]) {
        return TroubleKind::Lost;
    }
    TroubleKind::Query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_by_itself_is_told_from_what_may_not() {
        use TroubleKind as K;
        let expected = [
            ("57P01", K::Lost),
            ("53300", K::Lost),
            ("40001", K::Lost),
            ("28P01", K::Refused),
            ("28000", K::Refused),
            ("42P01", K::Query),
            ("42S02", K::Query),
            ("5", K::Lost),
            ("1", K::Query),
        ];
        for (code, kind) in expected {
            assert_eq!(kind_of(code), kind, "{code}");
        }
    }
}
