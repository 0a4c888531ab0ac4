//! One value of a comparison: as it is, and as it is compared.

use arrow::util::display::array_value_to_string;

use super::verdict::{Shown, Without};
use crate::custom::Prepared;
use crate::plan::EntityPlan;
use crate::records::Records;
use crate::values::TypedArray;

/// A value of a row.
pub(super) struct Side {
    pub(super) shown: Shown,
    /// The form that is compared; none when there is nothing to compare.
    pub(super) compared: Option<String>,
    /// Whether it is a text.
    pub(super) is_text: bool,
}

impl Side {
    /// The value of a record in a column; without a column the entity lacks the attribute.
    pub(super) fn read(
        plan: &EntityPlan,
        records: &Records,
        column: Option<usize>,
        record: u32,
        form: &Prepared,
    ) -> Self {
        let attribute = column.and_then(|column| plan.mapped.iter().find(|it| it.column == column));
        let mut shown = Shown {
            entity: plan.name.clone(),
            key: records.key(record).to_owned(),
            attribute: attribute.map(|it| it.name.clone()).unwrap_or_default(),
            value: None,
            compared: None,
            without: Some(Without::Missing),
        };
        let array = column.zip(records.rows.get(record as usize));
        let array = array.and_then(|(column, at)| {
            Some((records.batches.get(at.batch as usize)?.columns().get(column)?, at.row as usize))
        });
        let Some((array, row)) = array.filter(|(array, row)| !array.is_null(*row)) else {
            return Self { shown, compared: None, is_text: false };
        };
        shown.value = array_value_to_string(array, row).ok();
        // What cannot be compared directly, such as a dictionary, is text.
        let text = arrow::compute::cast(array, &arrow::datatypes::DataType::Utf8).ok();
        let typed = TypedArray::new(array).or_else(|| text.as_ref().and_then(TypedArray::new));
        let Some(typed) = typed else { return Self { shown, compared: None, is_text: false } };
        let (mut out, mut spare) = (String::new(), String::new());
        let bypassed = typed.write(row, form, &mut out, &mut spare);
        let compared = Some(out).filter(|out| !out.is_empty() && !bypassed);
        shown.without = match (&compared, bypassed) {
            (Some(_), _) => None,
            (None, true) => Some(Without::Bypassed),
            (None, false) => Some(Without::Empty),
        };
        // Dates and times are compared as numbers, which say nothing to people.
        let is_text = typed.text(row).is_some();
        shown.compared =
            compared.clone().map(|it| if is_text { it } else { shown.value.clone().unwrap_or(it) });
        Self { shown, compared, is_text }
    }
}
