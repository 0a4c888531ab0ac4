//! Which id and place each column of new content gets: decided before the first Parquet byte is written, and
//! decided again, with the same result, when the content is published.

use std::collections::BTreeMap;

use datafusion::arrow::datatypes::Schema;

use super::{Column, Table, text};
use crate::{LakeError, Result, types};

/// How the columns of new content map onto the table's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The table, if it exists.
    pub(crate) table: Option<i64>,
    /// Its folder below the schema's.
    pub(crate) folder: String,
    /// The columns after the change, in their order.
    pub(crate) columns: Vec<Assigned>,
    /// Ids of columns that end with the change: removed, or of another type now.
    pub(crate) ended: Vec<i64>,
}

/// One column after the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assigned {
    pub(crate) column: Column,
    pub(crate) kept: Kept,
}

/// What became of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is there already, in the same place.
    Same,
    /// It is there already, but comes later now.
    Moved,
    /// It is new.
    New,
}

impl Assignment {
    /// Whether the table's columns change.
    pub(crate) fn alters(&self) -> bool {
        !self.ended.is_empty() || self.columns.iter().any(|column| column.kept != Kept::Same)
    }
}

/// Assigns ids to the columns of `schema`. A column keeps its id as long as it keeps its name and type; ids are
/// never used again.
pub(crate) fn assign(entity: &str, current: Option<&Table>, schema: &Schema) -> Result<Assignment> {
    let mut before: BTreeMap<&str, &Column> = current
        .iter()
        .flat_map(|table| &table.columns)
        .map(|column| (column.name.as_str(), column))
        .collect();
    let mut next_id = current.map_or(1, |table| table.next_column_id);
    let mut last_order = 0;
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let kind = types::to_ducklake(field.data_type()).ok_or_else(|| LakeError::UnsupportedType {
            entity: entity.to_owned(),
            column: field.name().clone(),
            found: field.data_type().to_string(),
        })?;
        let old = before.get(field.name().as_str()).copied().filter(|column| column.kind == kind);
        let (id, order, kept) = match old {
            Some(old) if old.order > last_order => (old.id, old.order, Kept::Same),
            Some(old) => (old.id, last_order + 1, Kept::Moved),
            None => (next_id, last_order + 1, Kept::New),
        };
        if old.is_some() {
            before.remove(field.name().as_str());
        } else {
            next_id += 1;
        }
        last_order = order;
        columns.push(Assigned { column: Column { id, order, name: field.name().clone(), kind }, kept });
    }
    let mut ended: Vec<i64> = before.values().map(|column| column.id).collect();
    ended.sort_unstable();
    Ok(Assignment {
        table: current.map(|table| table.id),
        folder: current.map_or_else(|| text::folder(entity), |table| table.folder.clone()),
        columns,
        ended,
    })
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::{DataType, Field};

    use super::*;

    fn schema(columns: &[(&str, DataType)]) -> Schema {
        Schema::new(columns.iter().map(|(n, t)| Field::new(*n, t.clone(), true)).collect::<Vec<_>>())
    }

    fn table(columns: &[(i64, i64, &str, &str)], next_column_id: i64) -> Table {
        let columns = columns
            .iter()
            .map(|&(id, order, name, kind)| Column { id, order, name: name.into(), kind: kind.into() })
            .collect();
        Table { id: 7, name: "T".into(), folder: "T/".into(), columns, next_column_id }
    }

    fn ids(assignment: &Assignment) -> Vec<(i64, i64, Kept)> {
        assignment.columns.iter().map(|c| (c.column.id, c.column.order, c.kept)).collect()
    }

    #[test]
    fn a_new_tables_columns_count_from_one() {
        let new = assign("A b", None, &schema(&[("x", DataType::Utf8), ("y", DataType::Int64)])).unwrap();
        assert_eq!(ids(&new), [(1, 1, Kept::New), (2, 2, Kept::New)]);
        assert_eq!((new.table, new.folder.as_str(), new.alters()), (None, "A_b/", true));
    }

    #[test]
    fn a_column_keeps_its_id_by_name_and_a_retyped_one_gets_a_new_one() {
        let before = table(&[(1, 1, "x", "varchar"), (2, 2, "y", "int64"), (3, 3, "z", "date")], 5);
        let same = schema(&[("x", DataType::Utf8), ("y", DataType::Int64), ("z", DataType::Date32)]);
        assert!(!assign("T", Some(&before), &same).unwrap().alters());
        let after = schema(&[("x", DataType::Utf8), ("y", DataType::Float64), ("w", DataType::Utf8)]);
        let changed = assign("T", Some(&before), &after).unwrap();
        assert_eq!(ids(&changed), [(1, 1, Kept::Same), (5, 2, Kept::New), (6, 3, Kept::New)]);
        assert_eq!(changed.ended, [2, 3]);
    }

    #[test]
    fn a_column_that_moves_keeps_its_id() {
        let before = table(&[(1, 1, "x", "varchar"), (2, 2, "y", "int64")], 3);
        let moved =
            assign("T", Some(&before), &schema(&[("y", DataType::Int64), ("x", DataType::Utf8)])).unwrap();
        assert_eq!(ids(&moved), [(2, 2, Kept::Same), (1, 3, Kept::Moved)]);
        assert!(moved.ended.is_empty() && moved.alters());
    }
}
