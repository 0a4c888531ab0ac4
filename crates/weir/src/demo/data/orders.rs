//! What the shop's contacts bought and sent back, and how the second day lifts the big spenders over their
//! level.

use std::collections::BTreeMap;

use jiff::civil::date;

use super::dirt;
use super::names::{PRODUCTS, REASONS};
use super::random::Random;
use super::sources::{Row, Rows, some_day};

/// Columns of `shop/orders.csv`.
pub(super) const ORDER_COLUMNS: &[&str] =
    &["OrderId", "ContactId", "OrderedOn", "Product", "Category", "Quantity", "TotalPrice"];

/// Columns of `shop/returns.csv`.
pub(super) const RETURN_COLUMNS: &[&str] = &["ReturnId", "OrderId", "ReturnedOn", "Reason", "Amount"];

/// Who spent more than this, in cents, is a big spender (the segment's `OnlineSpend > 500`).
pub(super) const BIG_SPENDER_CENTS: i64 = 50_000;

/// Orders of the first day whose price is no number: they go to quarantine.
pub(super) const BROKEN_ORDERS: usize = 4;

/// The orders of both days, the returns, and what they add up to.
#[derive(Debug, Default)]
pub(super) struct Sales {
    pub(super) orders: Rows,
    pub(super) returns: Rows,
    /// Contacts above [`BIG_SPENDER_CENTS`] on the first and on the second day.
    pub(super) big_spenders: (usize, usize),
    /// The level between the two.
    pub(super) level: usize,
}

/// The level that a first day of `before` big spenders is watched at: the next round number, clearly above.
fn level_above(before: usize) -> usize {
    let step = match before {
        0..=99 => 10,
        100..=399 => 25,
        _ => 50,
    };
    let clear = before + before / 40 + 1;
    clear.div_ceil(step) * step
}

/// Everything that was sold to the contacts.
pub(super) fn sales(seed: u64, contacts: &Rows) -> Sales {
    let mut sales = Sales::default();
    let mut spent: BTreeMap<&str, i64> = BTreeMap::new();
    for (index, contact) in contacts.rows.iter().enumerate().filter(|(_, contact)| !contact.late) {
        let total = first_day(seed, index, contact, &mut sales);
        spent.insert(&contact.key, total);
    }
    break_some(&mut sales, &mut spent);
    let big =
        |spent: &BTreeMap<&str, i64>| spent.values().filter(|cents| **cents > BIG_SPENDER_CENTS).count();
    let before = big(&spent);
    sales.level = level_above(before);
    second_day(seed, contacts, sales.level + sales.level / 80 + 1, &mut spent, &mut sales);
    sales.big_spenders = (before, big(&spent));
    sales
}

/// Adds a contact's orders and returns of the first day; gives what was spent, in cents.
fn first_day(seed: u64, index: usize, contact: &Row, sales: &mut Sales) -> i64 {
    let mut random = Random::of(seed, "order", index);
    let count = match random.below(100) {
        0..=11 => 0,
        12..=34 => random.between(1, 2),
        35..=79 => random.between(3, 6),
        _ => random.between(6, 12),
    };
    let mut total: i64 = 0;
    for _ in 0..count {
        let (product, category, usual) = random.pick(PRODUCTS);
        let quantity = if random.chance(80.0) { 1 } else { random.between(2, 4) };
        let cents = quantity * usual * random.between(98, 132) / 100;
        total = total.saturating_add(cents);
        let day = some_day(&mut random, date(2025, 1, 2), 540);
        let id = add(sales, contact, day, (product, category), quantity, cents, false);
        if random.chance(7.0) {
            let back = some_day(&mut random, day, 28);
            let number = sales.returns.rows.len();
            let key = format!("R{}", 700_001 + number);
            let fields = vec![key.clone(), id, dirt::us(back), random.pick(REASONS).to_owned(), money(cents)];
            sales.returns.rows.push(Row { key, person: contact.person.clone(), fields, late: false });
        }
    }
    total
}

fn add(
    sales: &mut Sales,
    contact: &Row,
    day: jiff::civil::Date,
    (product, category): (&str, &str),
    quantity: i64,
    cents: i64,
    late: bool,
) -> String {
    let key = format!("O{}", 1_000_001 + sales.orders.rows.len());
    let fields = vec![
        key.clone(),
        contact.key.clone(),
        dirt::us(day),
        product.to_owned(),
        category.to_owned(),
        quantity.to_string(),
        money(cents),
    ];
    sales.orders.rows.push(Row { key: key.clone(), person: contact.person.clone(), fields, late });
    key
}

/// Spoils the price of a few orders, evenly spread, and takes them out of what was spent.
fn break_some(sales: &mut Sales, spent: &mut BTreeMap<&str, i64>) {
    let step = (sales.orders.rows.len() / (BROKEN_ORDERS + 1)).max(1);
    for order in sales.orders.rows.iter_mut().skip(step).step_by(step).take(BROKEN_ORDERS) {
        let contact = order.fields.get(1).cloned().unwrap_or_default();
        let Some(price) = order.fields.last_mut() else { continue };
        let cents: i64 = price.replace('.', "").parse().unwrap_or(0);
        if let Some(total) = spent.get_mut(contact.as_str()) {
            *total = total.saturating_sub(cents);
        }
        *price = "see invoice".to_owned();
    }
}

/// The orders of the second day: those of the newcomers, and as many others as it takes to have `wanted` big
/// spenders, beginning with those who were nearly there.
fn second_day<'a>(
    seed: u64,
    contacts: &'a Rows,
    wanted: usize,
    spent: &mut BTreeMap<&'a str, i64>,
    sales: &mut Sales,
) {
    let today = date(2026, 7, 1);
    for (index, contact) in contacts.rows.iter().enumerate().filter(|(_, contact)| contact.late) {
        let mut random = Random::of(seed, "order", index);
        let (product, category, usual) = random.pick(PRODUCTS);
        add(sales, contact, today, (product, category), 1, usual, true);
        spent.insert(&contact.key, usual);
    }
    let by_key: BTreeMap<&str, &Row> = contacts.rows.iter().map(|row| (row.key.as_str(), row)).collect();
    let mut near: Vec<(i64, &str)> = spent
        .iter()
        .filter(|(_, cents)| **cents <= BIG_SPENDER_CENTS)
        .map(|(key, cents)| (BIG_SPENDER_CENTS - cents, *key))
        .collect();
    near.sort_unstable();
    let already = spent.len() - near.len();
    for (missing, key) in near.into_iter().take(wanted.saturating_sub(already)) {
        let Some(contact) = by_key.get(key) else { continue };
        let cents = missing + 1_000;
        add(sales, contact, today, ("Gift card", "Gifts"), 1, cents, true);
        spent.entry(key).and_modify(|total| *total = total.saturating_add(cents));
    }
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_round_and_clearly_above() {
        for before in 0..5_000 {
            let level = level_above(before);
            assert!(level > before && level <= before + before / 40 + 51, "{before} {level}");
            assert_eq!(level % 5, 0);
        }
    }
}
