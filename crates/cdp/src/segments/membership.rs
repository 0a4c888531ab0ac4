//! Who is in which segment: the rows of `SegmentMembership`.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::error::ArrowError;
use uuid::Uuid;

/// What the ids of memberships are made under.
const NAMESPACE: Uuid = Uuid::from_u128(0x0b0e_8f7c_4a55_51d0_9d0c_2f58_6e31_90b4);
/// Whose segments these are.
const PROVIDER: &str = "Weir";
/// What the members are.
const MEMBER_TYPE: &str = "Customer";

/// One row for each customer who is in any segment, ordered by customer. `Segments` is a JSON list of names.
///
/// # Errors
/// Ids that are no texts.
pub fn rows(segments: &[(String, Vec<RecordBatch>)]) -> Result<RecordBatch, ArrowError> {
    let mut of_customer: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (at, (_, batches)) in (0u32..).zip(segments) {
        for batch in batches {
            let ids = cast(batch.column(0), &DataType::Utf8)?;
            for id in ids.as_string::<i32>().iter().flatten() {
                match of_customer.get_mut(id) {
                    Some(list) if list.last() == Some(&at) => {}
                    Some(list) => list.push(at),
                    None => _ = of_customer.insert(id.to_owned(), vec![at]),
                }
            }
        }
    }
    let quoted = |name: &str| serde_json::Value::from(name).to_string();
    let names: Vec<String> = segments.iter().map(|(name, _)| quoted(name)).collect();
    let (mut lists, mut keys, mut ids) = (StringBuilder::new(), StringBuilder::new(), StringBuilder::new());
    let mut text = String::new();
    for (customer, list) in &of_customer {
        text.clear();
        for at in list {
            text.push(if text.is_empty() { '[' } else { ',' });
            text.push_str(names.get(*at as usize).map_or("", String::as_str));
        }
        text.push(']');
        lists.append_value(&text);
        let key = format!("{customer}|{PROVIDER}|{MEMBER_TYPE}");
        ids.append_value(Uuid::new_v5(&NAMESPACE, key.as_bytes()).to_string());
        keys.append_value(key);
    }
    let customers = StringArray::from_iter_values(of_customer.keys());
    let same = |word: &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(std::iter::repeat_n(word, customers.len())))
    };
    let columns: [(&str, ArrayRef); 6] = [
        ("SegmentProvider", same(PROVIDER)),
        ("SegmentMembershipType", same(MEMBER_TYPE)),
        ("Segments", Arc::new(lists.finish())),
        ("Identifier", Arc::new(keys.finish())),
        ("SegmentMembershipId", Arc::new(ids.finish())),
        ("CustomerId", Arc::new(customers.clone())),
    ];
    let mut columns = Vec::from(columns);
    columns.rotate_right(1);
    let fields: Vec<Field> =
        columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, false)).collect();
    RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns.into_iter().map(|(_, column)| column).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(ids: &[&str]) -> RecordBatch {
        let ids: ArrayRef = Arc::new(StringArray::from_iter_values(ids));
        RecordBatch::try_from_iter([("CustomerId", ids)]).unwrap()
    }

    #[test]
    fn a_customer_has_one_row_with_every_segment_once() {
        let segments = [
            ("Big \"x\"".to_owned(), vec![batch(&["b", "a"]), batch(&["a", "c"])]),
            ("New".to_owned(), vec![batch(&["c"])]),
            ("Empty".to_owned(), Vec::new()),
        ];
        let rows = rows(&segments).unwrap();
        let column =
            |name| rows.column_by_name(name).unwrap().as_string::<i32>().iter().flatten().collect::<Vec<_>>();
        assert_eq!(column("CustomerId"), ["a", "b", "c"]);
        assert_eq!(column("Segments"), [r#"["Big \"x\""]"#, r#"["Big \"x\""]"#, r#"["Big \"x\"","New"]"#]);
        let ids = column("SegmentMembershipId");
        assert!(ids[0] != ids[1] && ids[1] != ids[2]);
        assert_eq!(column("Identifier")[2], "c|Weir|Customer");
    }
}
