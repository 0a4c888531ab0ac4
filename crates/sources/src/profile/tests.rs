//! Profiles of small columns exactly, of large ones within a few per cent.

use std::sync::Arc;

use arrow::array::{Int64Array, StringArray};
use arrow::datatypes::{Field, Schema};

use super::*;
use crate::tests::Kept;

fn profile(numbers: Vec<Option<i64>>, texts: Vec<Option<String>>, batch: usize) -> Vec<ColumnProfile> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("n", DataType::Int64, true),
        Field::new("t", DataType::Utf8, true),
    ]));
    let mut kept = Kept::default();
    let mut profiling = Profiling::new(&mut kept);
    profiling.schema(&schema, &schema).unwrap();
    for (numbers, texts) in numbers.chunks(batch).zip(texts.chunks(batch)) {
        let columns: Vec<ArrayRef> =
            vec![Arc::new(Int64Array::from(numbers.to_vec())), Arc::new(StringArray::from(texts.to_vec()))];
        profiling.rows(RecordBatch::try_new(schema.clone(), columns).unwrap()).unwrap();
    }
    profiling.finish()
}

#[test]
fn small_columns_are_told_exactly() {
    let numbers = vec![Some(3), Some(1), None, Some(3), Some(10)];
    let texts = ["b", "ä", "b", "", "longer"].map(|text| Some(text.to_owned())).to_vec();
    let found = profile(numbers, texts, 2);
    let [n, t] = found.as_slice() else { panic!("two columns") };
    assert_eq!((n.rows, n.missing, n.distinct, n.suggested_key), (5, 1, 3, false));
    assert_eq!(n.top[0], TopValue { value: "3".into(), count: 2 });
    assert_eq!((n.min.as_deref(), n.max.as_deref()), (Some("1"), Some("10")));
    assert_eq!(n.quantiles, ["1", "3", "3", "3", "10"].map(str::to_owned).to_vec());
    assert_eq!((n.histogram.len(), n.histogram.iter().sum::<u64>()), (20, 4));
    assert_eq!((t.distinct, t.min.as_deref(), t.max.as_deref()), (4, Some(""), Some("ä")));
    assert_eq!(t.lengths, Some(Lengths { min: 0, max: 6, mean: 1.8 }));
}

#[test]
fn large_columns_are_told_within_a_few_per_cent_and_alike_however_they_are_split() {
    let count = 200_000_u64;
    let numbers: Vec<Option<i64>> = (0..count as i64).map(|it| Some((it * 7_919) % count as i64)).collect();
    let texts: Vec<Option<String>> = (0..count)
        .map(|it| Some(if it % 4 == 0 { "often".into() } else { format!("v{}", it / 3) }))
        .collect();
    let found = profile(numbers.clone(), texts.clone(), 8_192);
    assert_eq!(found, profile(numbers, texts, 1_000));
    let [n, t] = found.as_slice() else { panic!("two columns") };
    let near = |value: f64, wanted: f64, share: f64| (value - wanted).abs() <= wanted * share;
    assert!(near(n.distinct as f64, count as f64, 0.05), "{}", n.distinct);
    assert!(n.suggested_key && !t.suggested_key);
    assert!(near(n.quantiles[2].parse().unwrap(), count as f64 / 2.0, 0.06), "{:?}", n.quantiles);
    assert_eq!((n.min.as_deref(), n.max.as_deref()), (Some("0"), Some("199999")));
    assert_eq!(t.top[0].value, "often");
    assert!(near(t.top[0].count as f64, 50_000.0, 0.05), "{:?}", t.top[0]);
    assert!(n.histogram.iter().all(|step| near(*step as f64, count as f64 / 20.0, 0.3)), "{:?}", n.histogram);
}
