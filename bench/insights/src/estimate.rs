//! What an estimate costs while somebody edits a condition: the kept index is opened, then asked.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use insight::compile;
use insight::index::Index;
use serde_json::{Value, json};

use crate::measure::{cheapest, say};
use crate::weir::Shop;

/// Conditions as people write them: of the customer, of the orders, of sums over them.
const CONDITIONS: [&str; 8] = [
    "Tier = 'Gold'",
    "State in ('Texas', 'Ohio') and Age between 30 and 45",
    "Orders.Category = 'Electronics'",
    "Orders.OrderedOn within last 90 days",
    "Orders.Category = 'Electronics' and Orders.Price > 100 and Orders.OrderedOn within last 365 days",
    "sum(Orders.Price) > 500",
    "count(Orders) >= 5 and Age > 40",
    "avg(Orders.Price) > 80 and sum(Orders.Price) > 300 and State = 'Texas'",
];

/// Opens the index of a folder and estimates each condition: the first time, when bytes are checked, and again; each as
/// seconds of CPU and by the clock.
///
/// # Errors
/// There is no index, or a condition does not fit it.
pub(crate) fn estimate(work: &Path, runs: usize, threads: usize) -> Result<Value> {
    let shop = Shop::new()?;
    let start = Instant::now();
    let index = Index::open(work)?;
    let open = start.elapsed().as_secs_f64();
    say(&format!("open {:.2} ms", open * 1e3));
    let mut report = Vec::new();
    for condition in CONDITIONS {
        let rule = shop.rule(condition)?;
        let ask = || {
            let counted = compile::estimate(&index, &rule, threads);
            counted.map_err(|unfit| anyhow::anyhow!("{condition}: {}", unfit.why))
        };
        let (first_cpu, first, customers) = cheapest(1, ask)?;
        let (again_cpu, again, _) = cheapest(runs, ask)?;
        say(&format!(
            "CPU {:5.1} ms, wall {:5.1} ms; again {:5.1}, {:5.1}; {customers:>7}: {condition}",
            first_cpu * 1e3,
            first * 1e3,
            again_cpu * 1e3,
            again * 1e3
        ));
        let (first, again) = (json!([first_cpu, first]), json!([again_cpu, again]));
        report.push(json!({"condition": condition, "first": first, "again": again, "customers": customers}));
    }
    index.customer_id(0).context("the index has no customers")?;
    Ok(json!({"open": open, "conditions": report}))
}
