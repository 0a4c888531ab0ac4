//! What reading an entity came to: counts, findings, columns, outcome.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Reason;
use crate::definition::{AttributeType, Quarantine};
use crate::profile::ColumnProfile;
use crate::state::{EntityState, Taken};

/// How reading an entity ended, in the words of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Every row was kept and nothing is worth a warning.
    Successful,
    /// Some rows are left out, or something should be looked at; what follows goes on.
    CompletedWithWarnings,
    /// More rows are left out than the definition tolerates: what uses this entity is skipped.
    CompletedWithErrors,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// A decision that was taken and is worth knowing.
    Note,
    /// Something that is probably not what was meant.
    Warning,
}

/// Something found while reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// A stable code.
    pub code: String,
    /// The column it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What was found and what can be done, in words.
    pub message: String,
}

/// How the type of a column was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Decided {
    /// The definition says so.
    Declared,
    /// It was so in an earlier refresh.
    Known,
    /// All values fit it.
    AllValues,
    /// Its values are dates in the declared format.
    DateFormat,
    /// The format of the file has types.
    FileFormat,
    /// It is (part of) the primary key: kept as text.
    PrimaryKey,
    /// Its name is that of an identifier, a phone number or a postal code: kept as text.
    Name,
    /// Its values are digits that are names (leading zeros, a leading plus, too many digits): kept as text.
    Identifiers,
    /// Its values are dates whose day and month can not be told apart: kept as text.
    AmbiguousDates,
    /// Its values have nothing more in common: text.
    Text,
    /// It has no value yet; text until it has.
    NoValues,
}

/// A column of the entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnReport {
    /// The attribute's name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub attribute_type: AttributeType,
    /// How the type was decided.
    pub decided: Decided,
    /// How its dates are written, when they are not ISO dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_format: Option<String>,
    /// Values that are not null, among all rows read (none when the input was not counted).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<u64>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// The path inside the data source's folder.
    pub name: String,
    /// Size on disk, in bytes.
    pub bytes: u64,
    /// Rows and records that are none.
    pub rows: u64,
}

/// What is kept from one refresh to the next about the columns of an entity: types stick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KnownColumns(pub Vec<ColumnReport>);

/// What reading an entity came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadReport {
    /// How it ended.
    pub outcome: Outcome,
    /// Rows and records that are none, kept or not.
    pub rows_read: u64,
    /// Rows given to the sink.
    pub rows_kept: u64,
    /// Rows left out.
    pub quarantined: u64,
    /// Rows left out, by [`Reason::code`].
    pub reasons: BTreeMap<String, u64>,
    /// What else was found.
    pub findings: Vec<Finding>,
    /// The columns of the entity, in their order.
    pub columns: Vec<ColumnReport>,
    /// Columns that earlier refreshes did not have.
    pub added_columns: Vec<String>,
    /// Columns that earlier refreshes had and the input no longer has.
    pub removed_columns: Vec<String>,
    /// The files read, in order.
    pub files: Vec<FileReport>,
    /// BLAKE3 over the bytes of all files in order, in hexadecimal. See [`crate::fingerprint`].
    pub content_hash: String,
    /// Bytes of all files on disk.
    pub bytes: u64,
    /// What the columns hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profile: Vec<ColumnProfile>,
    /// How much of the input was read.
    #[serde(default, skip_serializing_if = "Taken::is_all")]
    pub taken: Taken,
    /// What to hand to the next read of this entity beside its columns. Not shown: it is kept with the rows.
    #[serde(skip)]
    pub state: EntityState,
}

impl ReadReport {
    /// What to hand to the next read of this entity. Columns without any value are left out: their type is
    /// still open.
    pub fn known(&self) -> KnownColumns {
        let settled = |column: &&ColumnReport| column.decided != Decided::NoValues;
        KnownColumns(self.columns.iter().filter(settled).cloned().collect())
    }
}

/// The counts and findings of a read that goes on.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) read: u64,
    pub(crate) kept: u64,
    pub(crate) quarantined: u64,
    pub(crate) reasons: BTreeMap<Reason, u64>,
    pub(crate) findings: Vec<Finding>,
}

impl Tally {
    pub(crate) fn note(&mut self, code: &str, column: Option<&str>, message: String) {
        self.find(Level::Note, code, column, message);
    }

    pub(crate) fn warn(&mut self, code: &str, column: Option<&str>, message: String) {
        self.find(Level::Warning, code, column, message);
    }

    fn find(&mut self, level: Level, code: &str, column: Option<&str>, message: String) {
        let column = column.map(str::to_owned);
        self.findings.push(Finding { level, code: code.to_owned(), column, message });
    }

    /// Counts a row that is left out.
    pub(crate) fn leave_out(&mut self, reason: Reason) {
        self.quarantined += 1;
        *self.reasons.entry(reason).or_default() += 1;
    }

    /// How it ended, by what the definition tolerates.
    pub(crate) fn outcome(&self, tolerated: &Quarantine) -> Outcome {
        let too_many = tolerated.max_rows.is_some_and(|most| self.quarantined > most);
        let share = self.quarantined as f64 / self.read.max(1) as f64;
        if self.quarantined > 0 && (too_many || share > tolerated.max_share) {
            Outcome::CompletedWithErrors
        } else if self.quarantined > 0 || self.findings.iter().any(|it| it.level == Level::Warning) {
            Outcome::CompletedWithWarnings
        } else {
            Outcome::Successful
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(read: u64, quarantined: u64, max_rows: Option<u64>, max_share: f64) -> Outcome {
        let tally = Tally { read, quarantined, ..Tally::default() };
        tally.outcome(&Quarantine { max_rows, max_share })
    }

    #[test]
    fn the_outcome_follows_what_the_definition_tolerates() {
        assert_eq!(outcome(100, 0, Some(0), 0.0), Outcome::Successful);
        assert_eq!(outcome(100, 5, None, 0.05), Outcome::CompletedWithWarnings);
        assert_eq!(outcome(100, 6, None, 0.05), Outcome::CompletedWithErrors);
        assert_eq!(outcome(100, 1, Some(1), 1.0), Outcome::CompletedWithWarnings);
        assert_eq!(outcome(100, 2, Some(1), 1.0), Outcome::CompletedWithErrors);
        let mut warned = Tally { read: 1, ..Tally::default() };
        warned.note("a", None, String::new());
        assert_eq!(warned.outcome(&Quarantine::default()), Outcome::Successful);
        warned.warn("a", None, String::new());
        assert_eq!(warned.outcome(&Quarantine::default()), Outcome::CompletedWithWarnings);
    }
}
