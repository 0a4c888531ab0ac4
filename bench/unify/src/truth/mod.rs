//! How right clusters are: pairs of records that are together, against pairs of records of one person.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;

mod files;
mod threshold;

pub use threshold::{Best, best_threshold};

/// The persons of all records.
#[derive(Debug)]
pub struct Truth {
    places: HashMap<String, usize>,
    people: Vec<i64>,
}

/// Pairs that are together, pairs that should be, and pairs that are both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pairs {
    /// Pairs of records that were put together.
    pub found: u64,
    /// Pairs of records of one person.
    pub wanted: u64,
    /// Pairs that are both.
    pub right: u64,
}

impl Pairs {
    /// Share of the pairs that were put together that are right; 1 if there are none.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.right, self.found)
    }

    /// Share of the pairs of one person that were put together; 1 if there are none.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.right, self.wanted)
    }

    /// The harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(&self) -> f64 {
        share(2 * self.right, self.found + self.wanted)
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// How right a cluster file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Quality {
    /// Pairs within clusters.
    pub pairs: Pairs,
    /// Number of clusters, those of one record included.
    pub clusters: usize,
    /// Records of the largest cluster.
    pub largest: u64,
}

impl Truth {
    /// Reads `id` and `person` from a Parquet file.
    ///
    /// # Errors
    /// When the file cannot be read, or names a record twice.
    pub fn read(path: &Path) -> Result<Self> {
        let mut truth = Self { places: HashMap::new(), people: Vec::new() };
        files::rows(path, &["id", "person"], |row| {
            let [id, person] = row else { bail!("two columns are expected") };
            if truth.places.insert((*id).to_owned(), truth.people.len()).is_some() {
                bail!("record {id} is there twice");
            }
            truth.people.push(person.parse()?);
            Ok(())
        })?;
        Ok(truth)
    }

    fn place(&self, id: &str) -> Result<usize> {
        self.places.get(id).copied().with_context(|| format!("record {id} is not in the truth"))
    }

    /// Pairs of records of one person.
    fn wanted(&self) -> u64 {
        pairs(sizes(self.people.iter()).into_values())
    }

    /// Measures a file of clusters with the columns `id` and `cluster`. A record that it does not name is alone.
    ///
    /// # Errors
    /// When the file cannot be read, or names a record that the truth does not have, or one twice.
    pub fn quality(&self, path: &Path) -> Result<Quality> {
        let mut clusters: Vec<Option<usize>> = vec![None; self.people.len()];
        let mut numbers = HashMap::<String, usize>::new();
        files::rows(path, &["id", "cluster"], |row| {
            let [id, cluster] = row else { bail!("two columns are expected") };
            let next = numbers.len();
            let number = match numbers.get(*cluster) {
                Some(number) => *number,
                None => *numbers.entry((*cluster).to_owned()).or_insert(next),
            };
            match clusters.get_mut(self.place(id)?) {
                Some(slot @ None) => *slot = Some(number),
                _ => bail!("record {id} is there twice"),
            }
            Ok(())
        })?;
        let alone = clusters.iter().filter(|cluster| cluster.is_none()).count();
        let sizes_found = sizes(clusters.iter().flatten());
        let both = clusters
            .iter()
            .zip(&self.people)
            .filter_map(|(cluster, person)| Some((cluster.as_ref()?, person)));
        let right = pairs(sizes(both).into_values());
        Ok(Quality {
            clusters: sizes_found.len() + alone,
            largest: sizes_found.values().copied().max().unwrap_or(1),
            pairs: Pairs { found: pairs(sizes_found.into_values()), wanted: self.wanted(), right },
        })
    }
}

/// How often each value occurs.
fn sizes<K: std::hash::Hash + Eq>(keys: impl Iterator<Item = K>) -> HashMap<K, u64> {
    let mut sizes = HashMap::new();
    for key in keys {
        *sizes.entry(key).or_default() += 1;
    }
    sizes
}

/// Pairs within groups of these sizes.
fn pairs(sizes: impl Iterator<Item = u64>) -> u64 {
    sizes.map(|size| size * size.saturating_sub(1) / 2).sum()
}

#[cfg(test)]
mod tests;
