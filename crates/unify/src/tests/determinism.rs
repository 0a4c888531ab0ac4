//! The same rows give the same tables, however they come and whoever computes.

use arrow::array::UInt64Array;
use arrow::compute::take_record_batch;
use proptest::prelude::*;

use super::*;

fn people(prefix: &str, count: usize) -> Input {
    let mut text = "Id,Mail,Name,Phone,On:int64".to_owned();
    for n in 0..count {
        let name =
            format!("{} {}", ["anna", "hanna", "anne", "johanna"][n % 4], ["berg", "burg", "barg"][n % 3]);
        let phone = format!("+1 555 {}", n % (count / 2 + 1));
        text.push_str(&format!("\n{prefix}{n},{name}{}@x.org,{name}{},{phone},{}", n / 5, n / 7, n % 9));
    }
    text_tables::input(&format!("{prefix}_{prefix}"), &text)
}

fn unification() -> Unification {
    serde_json::from_str(
        r#"{"deduplication": [{"entity": "B_B", "rules": [
                {"name": "phone", "conditions": [{"attribute": "Phone"}]},
                {"name": "name", "conditions": [{"attribute": "Name", "precision": "high"}, {"attribute": "Mail"}]}],
            "winner": {"prefer": "mostRecent", "by": "On"},
            "attributes": [{"name": "Name", "prefer": "leastRecent", "by": "On"}]}],
        "merge": {
            "attributes": [{"name": "Often", "from": ["C_C.Mail", "A_A.Mail", "B_B.Mail"], "policy": "mostFrequent"}],
            "groups": [{"name": "G", "attributes": ["Who", "Where"], "policy": "mostRecent", "by": ["On"], "from": [
                {"entity": "A_A", "attributes": ["Name", "Phone"]},
                {"entity": "B_B", "attributes": ["Name", "Phone"]}]}],
            "customerId": ["A_A.Mail"],
            "clusters": [{"name": "Together", "rules": [{"name": "who", "conditions": [{"attribute": "Who"}]}]}]},
        "match": {"order": ["A_A", "B_B", "C_C"], "rules": [
            {"on": "B_B", "name": "mail", "conditions": [{"left": "Mail", "right": "Mail", "precision": "high"}]},
            {"on": "C_C", "name": "phone", "conditions": [
                {"left": "Phone", "right": "Phone", "normalize": ["type-phone"]},
                {"left": "Name", "right": "Name", "precision": "medium"}]},
            {"on": "C_C", "name": "name", "conditions": [
                {"left": "Name", "right": "Name", "precision": "medium"}]}]}}"#,
    )
    .unwrap()
}

fn inputs() -> Vec<Input> {
    vec![people("A", 300), people("B", 290), people("C", 280)]
}

/// Turns the order of the rows around.
fn reverse(input: &mut Input) {
    let whole = input.batches.remove(0);
    let rows = UInt64Array::from_iter_values((0..whole.num_rows() as u64).rev());
    input.batches.push(take_record_batch(&whole, &rows).unwrap());
}

/// Splits the rows at the places, which need not be in order.
fn split(input: &mut Input, places: &[usize]) {
    let whole = input.batches.remove(0);
    let mut cuts: Vec<usize> = places.iter().map(|place| place % (whole.num_rows() + 1)).collect();
    cuts.extend([0, whole.num_rows()]);
    cuts.sort_unstable();
    input.batches = cuts.windows(2).map(|cut| whole.slice(cut[0], cut[1] - cut[0])).collect();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn batches_threads_and_the_order_of_rows_and_inputs_change_nothing(
        places in proptest::collection::vec(0usize..10_000, 0..12),
        threads in 1usize..5,
        reversed in any::<bool>(),
    ) {
        let expected = run_quietly(&unification(), inputs()).unwrap();
        let mut inputs = inputs();
        inputs.iter_mut().filter(|_| reversed).for_each(reverse);
        inputs.iter_mut().for_each(|input| split(input, &places));
        inputs.rotate_left(1);
        let options = Options { threads, ..Options::default() };
        let unified =
            run_with(&unification(), inputs, &options, &Identity::default(), &|_| {}, &CancellationToken::new()).unwrap();
        prop_assert_eq!(unified, expected);
    }
}
