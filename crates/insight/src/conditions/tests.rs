//! What names mean, and what cannot be checked.

use super::*;
use crate::relationships::CUSTOMER_MEASURE;
use lang::rule::parse_condition;

fn catalog() -> Catalog {
    let mut catalog = Catalog::new();
    let known = |attributes: &[(&str, Option<Kind>)]| {
        Attributes::Known(attributes.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect())
    };
    let id = ("CustomerId", Some(Kind::Text));
    catalog.add("Customer", known(&[id, ("Age", Some(Kind::Integer)), ("Both", Some(Kind::Text))]));
    catalog
        .add(CUSTOMER_MEASURE, known(&[id, ("Spend", Some(Kind::Double)), ("Both", None), ("Later", None)]));
    catalog.add("Shop_Orders", known(&[("Age", Some(Kind::Text)), ("Price", Some(Kind::Double))]));
    catalog.add("Shop_New", Attributes::Unknown);
    catalog
}

fn check_in(home: &str, text: &str) -> Checked<Predicate> {
    check(&parse_condition(text).unwrap(), Scope { catalog: &catalog(), home })
}

fn entities(checked: &Checked<Predicate>) -> Vec<String> {
    checked.value.as_ref().unwrap().attributes().into_iter().map(Attribute::column).collect()
}

#[test]
fn a_name_is_looked_for_at_home_then_in_the_profile_then_among_the_measures() {
    assert_eq!(
        entities(&check_in("Customer", "Age = 5 and Spend > 1")),
        ["Customer.Age", "Customer_Measure.Spend"]
    );
    assert_eq!(
        entities(&check_in("Shop_Orders", "Age = 'x' and Spend > 1")),
        ["Shop_Orders.Age", "Customer_Measure.Spend"]
    );
    assert_eq!(entities(&check_in("Customer", "CustomerId = 'x'")), ["Customer.CustomerId"]);
}

#[test]
fn a_name_of_both_an_attribute_and_a_measure_must_say_which() {
    let checked = check_in("Customer", "Both = 'x'");
    assert_eq!(checked.problems[0].code, "ambiguousAttribute");
    assert_eq!(checked.problems[0].suggestion.as_deref(), Some("Customer.Both"));
    assert!(check_in("Customer", "Customer.Both = 'x'").value.is_some());
}

#[test]
fn what_is_not_known_yet_is_no_mistake() {
    for text in ["Shop_New.Anything = 5", "Later > 5", "Customer_Measure.Later > 5"] {
        let checked = check_in("Customer", text);
        assert!(checked.value.is_none() && checked.problems.is_empty(), "{checked:?}");
        assert_eq!(checked.unknown.len(), 1);
    }
    let checked = check_in("Customer", "Shop_New.Anything = 5 or Agee = 4");
    assert_eq!(checked.problems.len(), 1, "the rest is checked all the same");
}

#[test]
fn a_near_name_is_suggested_and_else_the_entity_that_has_it() {
    let suggestion = |text: &str| check_in("Customer", text).problems[0].suggestion.clone();
    assert_eq!(suggestion("Spent > 5").as_deref(), Some("Spend"));
    assert_eq!(suggestion("Price > 5").as_deref(), Some("Shop_Orders.Price"));
    assert_eq!(suggestion("Shop_Order.Price > 5").as_deref(), Some("Shop_Orders.Price"));
    assert_eq!(suggestion("Shop_Orders.Prices > 5").as_deref(), Some("Shop_Orders.Price"));
    assert_eq!(suggestion("Colour > 5"), None);
}
