//! What a unification makes: its tables, which can be taken one by one as they are made, and what it has to say.

use std::sync::Arc;

use arrow::datatypes::Schema;

use crate::definition::{
    ALTERNATE_KEY, CONFLATION_MATCH_PAIRS, CUSTOMER, CUSTOMER_LINEAGE, UNIFICATION_LINKS,
};
use crate::error::UnifyError;
use crate::input::Table;
use crate::probabilistic::Learned;
use crate::report::UnifyReport;

/// Takes each table with its name when it is made, so that it need not wait in memory for the others.
pub type Take<'a> = dyn FnMut(&str, Table) -> Result<(), UnifyError> + 'a;

/// What a unification has to say besides its tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// What matching by probability learned, where the definition asks for it.
    pub learned: Option<Learned>,
    /// What was done, in numbers.
    pub report: UnifyReport,
}

/// What a unification makes, all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Unified {
    /// `Customer`: one row per profile.
    pub customer: Table,
    /// `AlternateKey`: the customer of every primary key of every entity.
    pub alternate_key: Table,
    /// `ConflationMatchPairs`: one row for each profile with more than one record.
    pub conflation_match_pairs: Table,
    /// `UnificationLinks`: which rule put which row where it is.
    pub links: Table,
    /// For each entity that is deduplicated what was found in it, with the name of the table.
    pub deduplication: Vec<(String, Table)>,
    /// `CustomerLineage`: what happened to the ids of customers, in all runs so far.
    pub customer_lineage: Table,
    /// What matching by probability learned, where the definition asks for it.
    pub learned: Option<Learned>,
    /// What was done, in numbers.
    pub report: UnifyReport,
}

impl Unified {
    /// Every entity that was made, with its name.
    pub fn tables(&self) -> Vec<(&str, &Table)> {
        let fixed = [
            (CUSTOMER, &self.customer),
            (ALTERNATE_KEY, &self.alternate_key),
            (CONFLATION_MATCH_PAIRS, &self.conflation_match_pairs),
            (UNIFICATION_LINKS, &self.links),
            (CUSTOMER_LINEAGE, &self.customer_lineage),
        ];
        let deduplication = self.deduplication.iter().map(|(name, table)| (name.as_str(), table));
        fixed.into_iter().chain(deduplication).collect()
    }

    /// Gathers the tables that `make` gives away, and puts what else it gives beside them.
    pub(crate) fn gather<T>(
        make: impl FnOnce(&mut Take<'_>) -> Result<(Summary, T), UnifyError>,
    ) -> Result<(Self, T), UnifyError> {
        let mut made: Vec<(String, Table)> = Vec::new();
        let (summary, rest) = make(&mut |name, table| {
            made.push((name.to_owned(), table));
            Ok(())
        })?;
        let mut table = |name: &str| match made.iter().position(|it| it.0 == name) {
            Some(at) => made.remove(at).1,
            None => Table { schema: Arc::new(Schema::empty()), batches: Vec::new() },
        };
        let unified = Self {
            customer: table(CUSTOMER),
            alternate_key: table(ALTERNATE_KEY),
            conflation_match_pairs: table(CONFLATION_MATCH_PAIRS),
            links: table(UNIFICATION_LINKS),
            customer_lineage: table(CUSTOMER_LINEAGE),
            deduplication: made,
            learned: summary.learned,
            report: summary.report,
        };
        Ok((unified, rest))
    }
}
