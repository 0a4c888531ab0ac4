//! How well the profiles fit the known truth of the made-up data: pairs of rows that were rightly put together.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::{Context, Result};
use datafusion::arrow::array::{AsArray, RecordBatch};
use lake::Lake;
use serde::Serialize;

/// Pairs of rows, found against true.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quality {
    /// Rows that were unified.
    pub rows: usize,
    /// Profiles that they became.
    pub profiles: usize,
    /// People that they are about.
    pub people: usize,
    /// Of the pairs of rows that were put together, the share that belong together.
    pub precision: f64,
    /// Of the pairs of rows that belong together, the share that were put together.
    pub recall: f64,
}

/// Compares the published profiles with `truth.csv` in the folder of the data.
pub async fn quality(lake: &Lake, data: &Path) -> Result<Quality> {
    let truth = truth(&data.join("truth.csv"))?;
    let view = lake.view_latest().await?;
    let columns = ["EntityName", "AlternateValue", "CustomerId"];
    let batches = view.collect("AlternateKey", Some(&columns)).await?;
    let mut rows = Vec::new();
    for batch in &batches {
        rows.extend(keys(batch)?);
    }
    let known = rows.iter().filter_map(|(entity, key, customer)| {
        Some((customer.as_str(), truth.get(&(entity.clone(), key.clone()))?.as_str()))
    });
    Ok(compare(known.collect()))
}

/// The profile and the person of every row, compared pair by pair (by counting, not by enumerating).
fn compare(rows: Vec<(&str, &str)>) -> Quality {
    let mut profiles: BTreeMap<&str, usize> = BTreeMap::new();
    let mut people: BTreeMap<&str, usize> = BTreeMap::new();
    let mut both: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (profile, person) in &rows {
        *profiles.entry(profile).or_default() += 1;
        *people.entry(person).or_default() += 1;
        *both.entry((profile, person)).or_default() += 1;
    }
    let pairs = |n: &usize| n * n.saturating_sub(1) / 2;
    let found: usize = profiles.values().map(pairs).sum();
    let wanted: usize = people.values().map(pairs).sum();
    let right: usize = both.values().map(pairs).sum();
    let share = |of: usize| if of == 0 { 1.0 } else { right as f64 / of as f64 };
    Quality {
        rows: rows.len(),
        profiles: profiles.len(),
        people: people.len(),
        precision: share(found),
        recall: share(wanted),
    }
}

fn keys(batch: &RecordBatch) -> Result<Vec<(String, String, String)>> {
    let column = |name: &str| {
        let column = batch.column_by_name(name).with_context(|| format!("AlternateKey has no {name}"))?;
        column.as_string_opt::<i32>().with_context(|| format!("{name} of AlternateKey is no text"))
    };
    let (entity, key, customer) = (column("EntityName")?, column("AlternateValue")?, column("CustomerId")?);
    let text = |row: usize| {
        (entity.value(row).to_owned(), key.value(row).to_owned(), customer.value(row).to_owned())
    };
    Ok((0..batch.num_rows()).map(text).collect())
}

/// Entity and key of a row → the person.
fn truth(path: &Path) -> Result<HashMap<(String, String), String>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let row = |line: &str| {
        let mut cells = line.split(',').map(str::to_owned);
        Some(((cells.next()?, cells.next()?), cells.next()?))
    };
    Ok(text.lines().skip(1).filter_map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_as_if_they_were_enumerated() {
        let found = compare(vec![("a", "1"), ("a", "1"), ("a", "2"), ("b", "2"), ("c", "3")]);
        assert_eq!((found.rows, found.profiles, found.people), (5, 3, 3));
        // Found pairs: 3 in profile a, one of them right; wanted pairs: one of person 1, one of person 2.
        assert!((found.precision - 1.0 / 3.0).abs() < 1e-9);
        assert!((found.recall - 0.5).abs() < 1e-9);
    }
}
