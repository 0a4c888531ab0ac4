//! From pairs to customers.

use serde::{Deserialize, Serialize};

use super::component::{Divider, FLOOR, Link};
use super::pairs::Candidates;
use super::sets::Sets;
use super::threads;

/// Components that one piece of work has.
const AT_ONCE: usize = 1024;

/// Which records are one customer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clustering {
    /// For every record the number of its cluster; clusters are numbered by their first record.
    pub clusters: Vec<u32>,
    /// How many clusters there are.
    pub count: u32,
}

/// The pairs that hold components together, with the weight of each.
pub(crate) fn links(candidates: &Candidates, weights: &[f64]) -> Vec<Link> {
    let mut links = Vec::new();
    for candidate in candidates.parts.iter().flatten() {
        let weight = weights.get(candidate.pattern as usize).map_or(f32::MIN, |weight| *weight as f32);
        if weight >= FLOOR {
            links.push(Link { left: candidate.left, right: candidate.right, weight });
        }
    }
    links
}

/// Clusters all records.
pub(crate) fn cluster(divider: Divider<'_>, links: &[Link], threads: usize) -> Clustering {
    let records = divider.prepared.len();
    let mut sets = Sets::new(records);
    for link in links {
        sets.join(link.left, link.right);
    }
    let roots: Vec<u32> = (0..records as u32).map(|record| sets.find(record)).collect();
    let root = |record: u32| roots.get(record as usize).copied().unwrap_or(record);
    let members = Grouped::new(roots.iter().copied().zip(0..), records);
    let own_links = Grouped::new(links.iter().map(|link| root(link.left)).zip(0..), records);
    let components: Vec<u32> =
        (0..records as u32).filter(|component| members.of(*component).len() > 1).collect();
    let work: Vec<&[u32]> = components.chunks(AT_ONCE).collect();
    let joined = threads::map(&work, threads, |components| {
        let mut joined = Vec::new();
        let mut own = Vec::new();
        for component in *components {
            own.clear();
            own.extend(own_links.of(*component).iter().filter_map(|link| links.get(*link as usize)));
            divider.divide(members.of(*component), &own, &mut joined);
        }
        joined
    });
    let mut sets = Sets::new(records);
    for (a, b) in joined.into_iter().flatten() {
        sets.join(a, b);
    }
    numbered(sets, records)
}

/// Items group after group.
struct Grouped {
    items: Vec<u32>,
    starts: Vec<u32>,
}

impl Grouped {
    /// From pairs of group and item; the items of a group keep their order.
    fn new(items: impl Iterator<Item = (u32, u32)> + Clone, groups: usize) -> Self {
        let mut starts = vec![0u32; groups + 1];
        for (group, _) in items.clone() {
            if let Some(count) = starts.get_mut(group as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut grouped = vec![0; sum as usize];
        for (group, item) in items {
            let Some(at) = next.get_mut(group as usize) else { continue };
            if let Some(place) = grouped.get_mut(*at as usize) {
                *place = item;
            }
            *at += 1;
        }
        Self { items: grouped, starts }
    }

    fn of(&self, group: u32) -> &[u32] {
        let at = group as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(from), Some(to)) => self.items.get(*from as usize..*to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }
}

fn numbered(mut sets: Sets, records: usize) -> Clustering {
    let mut numbers = vec![u32::MAX; records];
    let mut clusters = Vec::with_capacity(records);
    let mut count = 0;
    for record in 0..records as u32 {
        let first = sets.find(record) as usize;
        if let Some(number) = numbers.get_mut(first) {
            if *number == u32::MAX {
                *number = count;
                count += 1;
            }
            clusters.push(*number);
        }
    }
    Clustering { clusters, count }
}
