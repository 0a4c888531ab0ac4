//! What went wrong with a query, said so that its author can put it right.

use std::collections::BTreeSet;

use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;

use crate::{LakeError, suggest};

/// A column that a query names and that is not there.
pub(super) struct MissingColumn {
    /// As the query has it, without its table.
    pub(super) name: String,
    known: Vec<Column>,
}

impl MissingColumn {
    /// The only column that has this name in another letter case.
    pub(super) fn in_other_case(&self) -> Option<String> {
        let same = self.known.iter().map(Column::name);
        let same: BTreeSet<&str> = same.filter(|known| known.eq_ignore_ascii_case(&self.name)).collect();
        match (same.len(), same.first()) {
            (1, Some(name)) if **name != self.name => Some((*name).to_owned()),
            _ => None,
        }
    }

    pub(super) fn explain(&self) -> LakeError {
        let tables = self.known.iter().filter_map(|column| column.relation.as_ref());
        let tables: BTreeSet<&str> = tables.map(|table| table.table()).collect();
        LakeError::UnknownColumn {
            name: self.name.clone(),
            tables: tables.into_iter().map(str::to_owned).collect(),
            suggestion: suggest::nearest(&self.name, self.known.iter().map(Column::name)),
        }
    }
}

/// The column whose absence the error is about.
pub(super) fn missing_column(error: &DataFusionError) -> Option<MissingColumn> {
    match root(error) {
        DataFusionError::SchemaError(inner, _) => match inner.as_ref() {
            SchemaError::FieldNotFound { field, valid_fields } => {
                Some(MissingColumn { name: field.name().to_owned(), known: valid_fields.clone() })
            }
            _ => None,
        },
        _ => None,
    }
}

/// Below all that was wrapped around it.
fn root(error: &DataFusionError) -> &DataFusionError {
    let mut error = error;
    loop {
        error = match error {
            DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => inner,
            DataFusionError::Shared(inner) => inner,
            DataFusionError::Collection(errors) => match errors.first() {
                Some(first) => first,
                None => return error,
            },
            _ => return error,
        };
    }
}

/// The engine's error as one of ours.
pub(crate) fn explain(error: DataFusionError) -> LakeError {
    if let Some(missing) = missing_column(&error) {
        return missing.explain();
    }
    let sentence = sentence(&error);
    match root(&error) {
        DataFusionError::SQL(..) => {
            LakeError::Sql { message: format!("the query cannot be read: {sentence}") }
        }
        DataFusionError::Plan(_) | DataFusionError::SchemaError(..) => LakeError::Sql { message: sentence },
        DataFusionError::NotImplemented(_) => {
            LakeError::Sql { message: format!("this is not supported: {sentence}") }
        }
        DataFusionError::ResourcesExhausted(_) => LakeError::Memory { detail: sentence },
        _ => LakeError::Query(error),
    }
}

/// The message at the root, without the names of the engine's layers.
pub(super) fn sentence(error: &DataFusionError) -> String {
    let text = match root(error) {
        DataFusionError::SQL(parser, _) => parser.to_string(),
        DataFusionError::Plan(text)
        | DataFusionError::NotImplemented(text)
        | DataFusionError::ResourcesExhausted(text) => text.clone(),
        other => other.strip_backtrace(),
    };
    let text = text.strip_prefix("sql parser error: ").unwrap_or(&text);
    text.lines().next().unwrap_or_default().trim().to_owned()
}
