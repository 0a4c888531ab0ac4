//! A measure's rows as flat values, for history and thresholds.

use super::error::MeasureError;
use super::limits::MAX_ROWS_WITH_HISTORY;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use insight::measures::CheckedMeasure;

/// How a dimension's missing value is written.
pub const NO_VALUE: &str = "(none)";

/// One number of a measure.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureValue {
    /// The measure.
    pub measure: String,
    /// The calculation.
    pub calculation: String,
    /// Which row, as [`dimension_text`] writes it; nothing for a measure without dimensions.
    pub dimension: Option<String>,
    /// The number, rounded to a double; nothing when there is none (an average of no rows, an earliest date).
    pub value: Option<f64>,
}

/// The text that names one row of a measure: the dimensions' values joined by ` / `.
///
/// Two rows never have the same text: in a value, `\`, ` / ` and a text that looks like [`NO_VALUE`] are marked with
/// a backslash.
pub fn dimension_text(values: &[Option<String>]) -> String {
    let one = |value: &Option<String>| match value {
        None => NO_VALUE.to_owned(),
        Some(text) if text == NO_VALUE => format!("\\{text}"),
        Some(text) => text.replace('\\', "\\\\").replace('/', if values.len() > 1 { "\\/" } else { "/" }),
    };
    values.iter().map(one).collect::<Vec<_>>().join(" / ")
}

/// Every number of a business measure.
pub(super) fn values(
    measure: &CheckedMeasure,
    rows: &RecordBatch,
) -> Result<Vec<MeasureValue>, MeasureError> {
    if rows.num_rows() > MAX_ROWS_WITH_HISTORY {
        return Err(MeasureError::TooManyRows { rows: rows.num_rows(), most: MAX_ROWS_WITH_HISTORY });
    }
    let dimensions = measure.dimensions.iter().filter_map(|dimension| rows.column_by_name(&dimension.name));
    let options = FormatOptions::default();
    let printed = dimensions
        .map(|column| Ok((column, ArrayFormatter::try_new(column.as_ref(), &options)?)))
        .collect::<Result<Vec<_>, MeasureError>>()?;
    let mut values = Vec::new();
    for calculation in &measure.calculations {
        let column = rows.column_by_name(&calculation.name);
        let numbers = column.filter(|_| calculation.kind.is_number()).map(as_doubles).transpose()?;
        for row in 0..rows.num_rows() {
            let texts: Vec<Option<String>> = printed
                .iter()
                .map(|(column, text)| column.is_valid(row).then(|| text.value(row).to_string()))
                .collect();
            values.push(MeasureValue {
                measure: measure.name.clone(),
                calculation: calculation.name.clone(),
                dimension: (!texts.is_empty()).then(|| dimension_text(&texts)),
                value: numbers.as_ref().and_then(|numbers| number(numbers, row)),
            });
        }
    }
    Ok(values)
}

fn as_doubles(column: &ArrayRef) -> Result<ArrayRef, MeasureError> {
    Ok(cast(column, &DataType::Float64)?)
}

fn number(numbers: &ArrayRef, row: usize) -> Option<f64> {
    let numbers = numbers.as_primitive_opt::<Float64Type>()?;
    // What is no number, or infinite, cannot be above or below a level.
    numbers.is_valid(row).then(|| numbers.value(row)).filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_single_value_is_written_as_it_is() {
        assert_eq!(dimension_text(&[Some("New / York".into())]), "New / York");
        assert_eq!(dimension_text(&[None, Some("a/b".into())]), "(none) / a\\/b");
        assert_eq!(dimension_text(&[Some("(none)".into())]), "\\(none)");
    }

    #[test]
    fn one_row_too_many_for_a_history_is_refused() {
        use crate::definitions::{CUSTOMER, MeasureKind};
        use datafusion::arrow::array::Int64Array;
        let (name, tree) = ("Result".to_owned(), crate::relationships::JoinTree::new(CUSTOMER));
        let (kind, filter, reads) = (MeasureKind::Business, None, Default::default());
        let (calculations, aggregates, dimensions) = (vec![], vec![], vec![]);
        let measure =
            CheckedMeasure { name, kind, tree, filter, dimensions, aggregates, calculations, reads };
        let rows = |count: usize| {
            let column: ArrayRef = std::sync::Arc::new(Int64Array::from(vec![0; count]));
            RecordBatch::try_from_iter([("Result", column)]).unwrap()
        };
        assert!(values(&measure, &rows(MAX_ROWS_WITH_HISTORY)).is_ok());
        let error = values(&measure, &rows(MAX_ROWS_WITH_HISTORY + 1)).unwrap_err();
        assert_eq!(error.code(), "measureTooManyRows");
    }

    proptest! {
        #[test]
        fn two_rows_never_have_the_same_text(
            (one, other) in (1usize..4).prop_flat_map(|count| {
                let row = || proptest::collection::vec(proptest::option::of("[a/ \\\\]{0,4}|\\(none\\)"), count);
                (row(), row())
            })
        ) {
            prop_assert_eq!(dimension_text(&one) == dimension_text(&other), one == other);
        }
    }
}
