//! Matching of few changes among many records: what a full run would find, without a full run.
//!
//! The links of a record depend on its own values, on those of the records that share a key with it, and on whether
//! a key is too common. So after a change links are found again for the changed records and for those of keys that
//! became too common or no longer are; the components that these touch are divided again; nothing else can differ.

mod partners;
mod postings;
mod turned;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::postings::Postings;
use super::cluster::Clustering;
use super::component::{Divider, Link, Said};
use super::hash::{self, HashedMap};
use super::keys::{KeyMaker, Keys};
use super::mixture::weight_of;
use super::model::{Judge, Model};
use super::prepared::Prepared;
use super::rarity;
use super::record::Record;
use super::run::{MatchOptions, TooManyRecords, check, said};
use super::sets::Sets;
use super::threads;

/// Records of one piece of work.
const AT_ONCE: usize = 256;

/// What names a record in the index: a hash of its entity and its primary key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub(crate) u64);

impl RecordId {
    /// The id of the record with this primary key (as text) of an entity (by its full name).
    pub fn new(entity: &str, key: &str) -> Self {
        Self(hash::pair(hash::bytes(entity.as_bytes()), hash::bytes(key.as_bytes())))
    }
}

/// Records that came, changed and went.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// New records, and records with new values.
    pub upserts: Prepared,
    /// Records that are gone.
    pub deletes: Vec<RecordId>,
}

/// All records with a model, ready for changes.
#[derive(Debug)]
pub struct Index {
    model: Model,
    judge: Judge,
    least: f64,
    said: Said,
    /// For each record that is always one customer with others, by its id, the others.
    always: HashedMap<Vec<u64>>,
    prepared: Prepared,
    /// Whether a record is still there.
    alive: Vec<bool>,
    numbers: HashedMap<u32>,
    maker: KeyMaker,
    postings: Vec<Postings>,
    /// For each record those that it is linked to, with the weights.
    links: Vec<Vec<(u32, f32)>>,
    /// For each record its cluster: the number of one of the cluster's records.
    clusters: Vec<u32>,
    threads: usize,
}

/// A new record with its keys, by rule.
type Ready = (Record, Vec<(usize, u64)>);

impl Index {
    /// Clusters all records with a model and keeps what later changes need.
    ///
    /// # Errors
    /// When there are more records than one run takes.
    pub fn build(
        model: Model,
        mut prepared: Prepared,
        options: &MatchOptions,
    ) -> Result<Self, TooManyRecords> {
        let found = model.candidates(&mut prepared, options.threads)?;
        let (matched, links) = model.divide(&prepared, found, options);
        Ok(Self::of(model, prepared, &links, &matched.clustering, options))
    }

    /// The index of what a whole run has found.
    pub(crate) fn of(
        model: Model,
        mut prepared: Prepared,
        all: &[Link],
        clustering: &Clustering,
        options: &MatchOptions,
    ) -> Self {
        let threads = options.threads;
        let keys = Keys::new(&model.rules, &prepared, threads);
        let numbered: Vec<usize> = (0..model.rules.len()).collect();
        let postings = threads::map(&numbered, threads, |rule| Postings::new(keys.blocks(*rule)));
        drop(keys);
        let mut own: Vec<Vec<(u32, f32)>> = vec![Vec::new(); prepared.len()];
        for link in all {
            for (a, b) in [(link.left, link.right), (link.right, link.left)] {
                if let Some(own) = own.get_mut(a as usize) {
                    own.push((b, link.weight));
                }
            }
        }
        // Room for changes now: records are large, and the first change should not wait until all are moved.
        let room = prepared.len() / 8 + AT_ONCE;
        prepared.reserve(room);
        let mut numbers = numbers(&prepared);
        numbers.reserve(room);
        let said = said(&options.always, &options.never);
        let alive = vec![true; prepared.len()];
        Self {
            maker: KeyMaker::new(&model.rules),
            judge: model.judge(),
            model,
            least: weight_of(options.threshold),
            always: always(&said),
            said,
            numbers,
            prepared,
            alive,
            postings,
            links: own,
            clusters: firsts(&clustering.clusters),
            threads,
        }
    }

    /// The clusters of all records.
    pub fn clusters(&self) -> Vec<Vec<RecordId>> {
        let mut clusters: BTreeMap<u32, Vec<RecordId>> = BTreeMap::new();
        for ((cluster, alive), id) in self.clusters.iter().zip(&self.alive).zip(&self.prepared.ids) {
            if *alive {
                clusters.entry(*cluster).or_default().push(RecordId(*id));
            }
        }
        clusters.into_values().collect()
    }

    /// The cluster of a record: a number that no other cluster has.
    pub(crate) fn cluster(&self, id: RecordId) -> Option<u32> {
        self.clusters.get(*self.numbers.get(&id.0)? as usize).copied()
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Makes the changes. Gives every cluster that may now be another than before, with all its records.
    ///
    /// # Errors
    /// When there are more records than the index takes. Records that are gone count until it is built anew.
    pub fn apply(&mut self, changes: &Changes) -> Result<Vec<Vec<RecordId>>, TooManyRecords> {
        self.follow(changes, None)
    }

    /// The same; where people say something else about pairs than before, what they say now.
    ///
    /// # Errors
    /// Those of `apply`.
    pub(crate) fn follow(
        &mut self,
        changes: &Changes,
        said: Option<Said>,
    ) -> Result<Vec<Vec<RecordId>>, TooManyRecords> {
        check(self.prepared.len() + changes.upserts.len())?;
        let latest = latest(&changes.upserts.ids);
        let gone = self.gone(changes, &latest);
        let gone_keys = self.gone_keys(&gone, &changes.upserts);
        let mut touched = Vec::new();
        for (number, _) in &gone {
            self.remove(*number, &mut touched);
        }
        let first = self.prepared.len() as u32;
        self.insert(&changes.upserts, &latest);
        let new: Vec<u32> = (first..self.prepared.len() as u32).collect();
        let mut found = self.find(&new);
        // Where a key becomes too common, or no longer is, all its records are looked at again.
        let turned = self.turned(&found.common, &gone_keys, first);
        let mut again: Vec<u32> = turned.iter().flat_map(|(rule, key)| self.members(*rule, *key)).collect();
        if let Some(said) = said {
            let ids = said.changes(&self.said).flat_map(|(a, b)| [a, b]);
            again.extend(ids.filter_map(|id| self.numbers.get(&id)));
            self.always = always(&said);
            self.said = said;
        }
        again.retain(|record| *record < first);
        again.sort_unstable();
        again.dedup();
        for record in &again {
            self.unlink(*record, &mut touched);
        }
        found.links.extend(self.find(&again).links);
        touched.extend(again.iter().chain(&new));
        self.said_links(&new, &mut found.links);
        self.said_links(&again, &mut found.links);
        self.link(found.links, &mut touched);
        touched.sort_unstable();
        touched.dedup();
        Ok(self.divide(&touched))
    }

    /// The records that go, ascending, each with the place of the new one that replaces it.
    fn gone(&self, changes: &Changes, latest: &[usize]) -> Vec<(u32, Option<usize>)> {
        let number = |id: &u64| self.numbers.get(id).copied();
        let replaced =
            latest.iter().filter_map(|at| Some((number(changes.upserts.ids.get(*at)?)?, Some(*at))));
        let deleted = changes.deletes.iter().filter_map(|id| Some((number(&id.0)?, None)));
        let mut gone: Vec<(u32, Option<usize>)> = replaced.chain(deleted).collect();
        gone.sort_unstable_by_key(|(number, at)| (*number, at.is_none()));
        gone.dedup_by_key(|(number, _)| *number);
        gone
    }

    /// Takes a record away; the places of those that were linked to it go to `touched`.
    fn remove(&mut self, number: u32, touched: &mut Vec<u32>) {
        if let Some(id) = self.prepared.ids.get(number as usize) {
            self.numbers.remove(id);
        }
        if let Some(alive) = self.alive.get_mut(number as usize) {
            *alive = false;
        }
        self.unlink(number, touched);
    }

    /// Puts new records at the end.
    fn insert(&mut self, from: &Prepared, latest: &[usize]) {
        let first = self.prepared.len() as u32;
        let parts: Vec<&[usize]> = latest.chunks(AT_ONCE).collect();
        let ready = threads::map(&parts, self.threads, |part| self.ready(from, part));
        let mut keys: Vec<Vec<(u64, u32)>> = vec![Vec::new(); self.postings.len()];
        for (number, (record, own)) in (first..).zip(ready.into_iter().flatten()) {
            self.prepared.records.push(record);
            for (rule, key) in own {
                if let Some(keys) = keys.get_mut(rule) {
                    keys.push((key, number));
                }
            }
        }
        for (number, at) in (first..).zip(latest) {
            let id = from.ids.get(*at).copied().unwrap_or_default();
            self.prepared.ids.push(id);
            self.prepared.extra_values.extend_from_slice(from.extras_of(*at));
            self.numbers.insert(id, number);
            self.links.push(Vec::new());
            self.clusters.push(number);
            self.alive.push(true);
        }
        let threads = if latest.len() > AT_ONCE { self.threads } else { 1 };
        threads::each_chunk(&mut self.postings, threads, |start, postings| {
            for (postings, keys) in postings.iter_mut().zip(keys.iter().skip(start)) {
                postings.reserve(keys.len());
                keys.iter().for_each(|(key, number)| postings.add(*key, *number));
            }
        });
    }

    /// New records as the index keeps them.
    fn ready(&self, from: &Prepared, places: &[usize]) -> Vec<Ready> {
        let mut hashes = Vec::new();
        let ready = places.iter().map(|at| {
            let extras = from.extras_of(*at);
            let mut record = from.records.get(*at).copied().unwrap_or_default();
            record.rarity = rarity::of(&record, extras, &self.model.comparisons, &self.model.rarities);
            let keys = self.maker.keys(&record, extras, &mut hashes).collect();
            (record, keys)
        });
        ready.collect()
    }

    fn is_alive(&self, record: u32) -> bool {
        self.alive.get(record as usize).copied().unwrap_or(false)
    }

    fn members(&self, rule: usize, key: u64) -> impl Iterator<Item = u32> {
        let records = self.postings.get(rule).into_iter().flat_map(move |postings| postings.get(key));
        records.filter(|record| self.is_alive(*record))
    }

    /// Takes a record's links away.
    fn unlink(&mut self, record: u32, touched: &mut Vec<u32>) {
        let own = self.links.get_mut(record as usize).map(std::mem::take).unwrap_or_default();
        for (other, _) in own {
            if let Some(links) = self.links.get_mut(other as usize) {
                links.retain(|(to, _)| *to != record);
            }
            touched.push(other);
        }
    }

    /// The links that people have made of some records.
    fn said_links(&self, records: &[u32], links: &mut Vec<Link>) {
        if self.always.is_empty() {
            return;
        }
        for record in records {
            let others = self.prepared.ids.get(*record as usize).and_then(|id| self.always.get(id));
            let others = others.into_iter().flatten().filter_map(|id| self.numbers.get(id));
            links.extend(others.map(|other| Link {
                left: *record.min(other),
                right: *record.max(other),
                weight: f32::MAX,
            }));
        }
    }

    /// Puts links in.
    fn link(&mut self, mut found: Vec<Link>, touched: &mut Vec<u32>) {
        // A pair of two such records was found from both sides; what people said comes first.
        found.sort_unstable_by(|a, b| {
            (a.left, a.right).cmp(&(b.left, b.right)).then(b.weight.total_cmp(&a.weight))
        });
        found.dedup_by_key(|link| (link.left, link.right));
        for link in found {
            for (a, b) in [(link.left, link.right), (link.right, link.left)] {
                if let Some(own) = self.links.get_mut(a as usize) {
                    own.push((b, link.weight));
                }
                touched.push(a);
            }
        }
    }

    /// Divides the components of the touched records again.
    fn divide(&mut self, touched: &[u32]) -> Vec<Vec<RecordId>> {
        let mut seen: HashSet<u32> = HashSet::new();
        let mut components: Vec<(Vec<u32>, Vec<Link>)> = Vec::new();
        for start in touched.iter().filter(|record| self.is_alive(**record)) {
            if seen.insert(*start) {
                components.push(self.component(*start, &mut seen));
            }
        }
        let divider =
            Divider { judge: &self.judge, prepared: &self.prepared, said: &self.said, least: self.least };
        let divided = threads::map(&components, self.threads, |(records, links)| {
            let mut joined = Vec::new();
            divider.divide(records, links, &mut joined);
            groups(records, &joined)
        });
        let mut clusters = Vec::new();
        for group in divided.into_iter().flatten() {
            let Some(first) = group.first().copied() else { continue };
            for record in &group {
                if let Some(cluster) = self.clusters.get_mut(*record as usize) {
                    *cluster = first;
                }
            }
            let id = |record: &u32| self.prepared.ids.get(*record as usize).map(|id| RecordId(*id));
            clusters.push(group.iter().filter_map(id).collect());
        }
        clusters
    }

    /// All records that hang together with one, ascending, and their links.
    fn component(&self, start: u32, seen: &mut HashSet<u32>) -> (Vec<u32>, Vec<Link>) {
        let mut records = vec![start];
        let mut links = Vec::new();
        let mut at = 0;
        while let Some(record) = records.get(at).copied() {
            at += 1;
            for (other, weight) in self.links.get(record as usize).into_iter().flatten() {
                if record < *other {
                    links.push(Link { left: record, right: *other, weight: *weight });
                }
                if seen.insert(*other) {
                    records.push(*other);
                }
            }
        }
        records.sort_unstable();
        (records, links)
    }
}

/// The places of ids, ascending; of an id that stands more than once the last.
fn latest(ids: &[u64]) -> Vec<usize> {
    let mut places: Vec<(u64, usize)> = ids.iter().copied().zip(0..).collect();
    places.sort_unstable_by_key(|(id, at)| (*id, std::cmp::Reverse(*at)));
    places.dedup_by_key(|(id, _)| *id);
    let mut places: Vec<usize> = places.into_iter().map(|(_, at)| at).collect();
    places.sort_unstable();
    places
}

/// The numbers of records by their ids.
pub(crate) fn numbers(prepared: &Prepared) -> HashedMap<u32> {
    prepared.ids.iter().copied().zip(0..).collect()
}

/// For each record that is always one customer with others, by its id, the others.
fn always(said: &Said) -> HashedMap<Vec<u64>> {
    let mut always: HashedMap<Vec<u64>> = HashedMap::default();
    for (a, b) in said.always() {
        always.entry(a).or_default().push(b);
        always.entry(b).or_default().push(a);
    }
    always
}

/// Links between the pairs that are always one customer.
pub(crate) fn said_links(said: &Said, numbers: &HashedMap<u32>) -> impl Iterator<Item = Link> {
    said.always().filter_map(|(a, b)| {
        let (a, b) = (*numbers.get(&a)?, *numbers.get(&b)?);
        Some(Link { left: a.min(b), right: a.max(b), weight: f32::MAX })
    })
}

/// For each record the first record of its cluster.
fn firsts(clusters: &[u32]) -> Vec<u32> {
    let mut first: HashMap<u32, u32> = HashMap::new();
    clusters.iter().zip(0u32..).map(|(cluster, record)| *first.entry(*cluster).or_insert(record)).collect()
}

/// The groups that joined pairs make of some records.
fn groups(records: &[u32], joined: &[(u32, u32)]) -> Vec<Vec<u32>> {
    let mut sets = Sets::new(records.len());
    let place = |record: &u32| records.binary_search(record).unwrap_or_default() as u32;
    for (a, b) in joined {
        sets.join(place(a), place(b));
    }
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (at, record) in (0u32..).zip(records) {
        groups.entry(sets.find(at)).or_default().push(*record);
    }
    groups.into_values().collect()
}
