//! Statistics of a data file's columns, from the metadata of the Parquet file that was written.
//!
//! A range is only stated when it is exact and has a text that every DuckLake reader takes; no range is always
//! right, a wrong one makes readers skip rows.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, Schema, TimestampMicrosecondType,
};
use datafusion::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use datafusion::parquet::errors::Result;
use datafusion::parquet::file::metadata::ParquetMetaData;

/// What is known of one column of one file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnStats {
    /// The column's id.
    pub(crate) column: i64,
    /// DuckLake's name of its type.
    pub(crate) kind: String,
    /// Compressed size.
    pub(crate) bytes: i64,
    /// How many values are not null.
    pub(crate) values: i64,
    /// How many are null.
    pub(crate) nulls: i64,
    /// Smallest and greatest value, if known.
    pub(crate) range: Option<Range>,
    /// Whether a value is not a number; `None` for types that have no such thing.
    pub(crate) has_nan: Option<bool>,
}

/// Smallest and greatest value, as DuckLake writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) min: String,
    pub(crate) max: String,
}

/// The statistics of column `index`, of the file whose metadata is `parquet`.
pub(crate) fn column_stats(
    parquet: &ParquetMetaData,
    schema: &Schema,
    index: usize,
    column: (i64, &str),
    saw_nan: bool,
) -> Result<ColumnStats> {
    let groups = parquet.row_groups();
    let field = schema.field(index);
    let schema_descriptor = parquet.file_metadata().schema_descr();
    let converter = StatisticsConverter::try_new(field.name(), schema, schema_descriptor)?;
    let rows: i64 = groups.iter().map(|group| group.num_rows()).sum();
    let nulls = compute::sum(&converter.row_group_null_counts(groups)?).unwrap_or(0);
    let nulls = i64::try_from(nulls).unwrap_or(i64::MAX).min(rows);
    let bytes =
        groups.iter().filter_map(|group| group.columns().get(index)).map(|c| c.compressed_size()).sum();
    let (mins, maxs) = (converter.row_group_mins(groups)?, converter.row_group_maxes(groups)?);
    let exact = converter.row_group_is_min_value_exact(groups)?.iter().all(|exact| exact != Some(false))
        && converter.row_group_is_max_value_exact(groups)?.iter().all(|exact| exact != Some(false));
    // A row group without a range is only harmless when all its values are null.
    let complete = groups.iter().enumerate().all(|(i, group)| {
        let all_null = group.columns().get(index).and_then(|c| c.statistics()?.null_count_opt())
            == u64::try_from(group.num_rows()).ok();
        all_null || (mins.is_valid(i) && maxs.is_valid(i))
    });
    let range = if exact && complete && !saw_nan { range_of(&mins, &maxs) } else { None };
    let has_nan = (field.data_type() == &DataType::Float64).then_some(saw_nan);
    Ok(ColumnStats {
        column: column.0,
        kind: column.1.to_owned(),
        bytes,
        values: rows - nulls,
        nulls,
        range,
        has_nan,
    })
}

/// Whether a column has a value that is not a number.
pub(crate) fn has_nan(column: &ArrayRef) -> bool {
    column
        .as_any()
        .downcast_ref::<Float64Array>()
        .is_some_and(|floats| floats.iter().flatten().any(f64::is_nan))
}

fn range_of(mins: &ArrayRef, maxs: &ArrayRef) -> Option<Range> {
    let (min, max) = match mins.data_type() {
        DataType::Utf8 => {
            let plain = |text: &str| (!text.contains('\0')).then(|| text.to_owned());
            (
                plain(compute::min_string(mins.as_string::<i32>())?)?,
                plain(compute::max_string(maxs.as_string::<i32>())?)?,
            )
        }
        DataType::Int64 => {
            let (mins, maxs) = (mins.as_primitive::<Int64Type>(), maxs.as_primitive::<Int64Type>());
            (compute::min(mins)?.to_string(), compute::max(maxs)?.to_string())
        }
        DataType::Float64 => {
            let (mins, maxs) = (mins.as_primitive::<Float64Type>(), maxs.as_primitive::<Float64Type>());
            (float_text(compute::min(mins)?)?, float_text(compute::max(maxs)?)?)
        }
        DataType::Boolean => {
            let text = |value: bool| if value { "1" } else { "0" }.to_owned();
            (text(compute::min_boolean(mins.as_boolean())?), text(compute::max_boolean(maxs.as_boolean())?))
        }
        DataType::Date32 => {
            let (mins, maxs) = (mins.as_primitive::<Date32Type>(), maxs.as_primitive::<Date32Type>());
            (date_text(compute::min(mins)?)?, date_text(compute::max(maxs)?)?)
        }
        DataType::Timestamp(_, zone) => {
            let (mins, maxs) = (
                mins.as_primitive::<TimestampMicrosecondType>(),
                maxs.as_primitive::<TimestampMicrosecondType>(),
            );
            let zone = if zone.is_some() { "+00" } else { "" };
            (timestamp_text(compute::min(mins)?, zone)?, timestamp_text(compute::max(maxs)?, zone)?)
        }
        DataType::Decimal128(_, scale) => {
            let (mins, maxs) = (mins.as_primitive::<Decimal128Type>(), maxs.as_primitive::<Decimal128Type>());
            let scale = usize::try_from(*scale).ok()?;
            (decimal_text(compute::min(mins)?, scale), decimal_text(compute::max(maxs)?, scale))
        }
        _ => return None,
    };
    Some(Range { min, max })
}

/// Infinite values have no text that all readers agree on.
fn float_text(value: f64) -> Option<String> {
    value.is_finite().then(|| format!("{value:?}"))
}

/// `2020-01-31`; years outside 1 to 9999 are written differently by every program.
fn date_text(days: i32) -> Option<String> {
    let epoch = jiff::civil::date(1970, 1, 1);
    let date = epoch.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    (1..=9999).contains(&date.year()).then(|| date.strftime("%Y-%m-%d").to_string())
}

fn timestamp_text(micros: i64, zone: &str) -> Option<String> {
    let at = jiff::Timestamp::from_microsecond(micros).ok()?.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    (1..=9999).contains(&at.year()).then(|| format!("{}{zone}", at.strftime("%Y-%m-%d %H:%M:%S.%6f")))
}

fn decimal_text(unscaled: i128, scale: usize) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    match digits.split_at_checked(digits.len() - scale) {
        Some((whole, part)) if scale > 0 => format!("{sign}{whole}.{part}"),
        _ => format!("{sign}{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_ducklake_writes_them() {
        assert_eq!(decimal_text(1234, 2), "12.34");
        assert_eq!(decimal_text(-5, 2), "-0.05");
        assert_eq!(decimal_text(0, 0), "0");
        assert_eq!(decimal_text(-17, 0), "-17");
        assert_eq!(date_text(0).as_deref(), Some("1970-01-01"));
        assert_eq!(date_text(-1).as_deref(), Some("1969-12-31"));
        assert_eq!(date_text(i32::MAX), None);
        assert_eq!(float_text(1e300).as_deref(), Some("1e300"));
        assert_eq!(float_text(f64::INFINITY), None);
        assert_eq!(timestamp_text(1, "+00").as_deref(), Some("1970-01-01 00:00:00.000001+00"));
        assert_eq!(timestamp_text(i64::MIN, ""), None);
    }
}
