//! Matching of few changes among many records: what a full run would find, without a full run.
//!
//! The links of a record depend on its own values, on those of the records that share a key with it, and on whether
//! a key is too common. So after a change links are found again for the changed records and for those of keys that
//! became too common or no longer are; the components that these touch are divided again; nothing else can differ.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::blocking::Blocks;
use super::cluster::Clustering;
use super::component::{Divider, FLOOR, Link, Said};
use super::hash::{self, HashedMap};
use super::keys::{KeyMaker, Keys};
use super::mixture::weight_of;
use super::model::{Judge, Model};
use super::postings::Postings;
use super::prepared::Prepared;
use super::rarity;
use super::record::{Extra, Record};
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
    prepared: Prepared,
    /// Whether a record is still there.
    alive: Vec<bool>,
    numbers: HashedMap<u32>,
    maker: KeyMaker,
    /// A buffer of the maker.
    hashes: Vec<Option<u64>>,
    postings: Vec<Postings>,
    /// For each record those that it is linked to, with the weights.
    links: Vec<Vec<(u32, f32)>>,
    /// For each record its cluster: the number of one of the cluster's records.
    clusters: Vec<u32>,
    threads: usize,
}

/// How many records a change takes from a key of a rule, and how many it brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct KeyChange {
    rule: usize,
    key: u64,
    gone: usize,
    new: usize,
}

/// What has to be done after a change.
#[derive(Default)]
struct Work {
    /// Records whose links must be found again.
    records: BTreeSet<u32>,
    /// Records whose component must be divided again.
    touched: BTreeSet<u32>,
}

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
        prepared.reserve(prepared.len() / 8 + AT_ONCE);
        let alive = vec![true; prepared.len()];
        Self {
            maker: KeyMaker::new(&model.rules),
            hashes: Vec::new(),
            judge: model.judge(),
            model,
            least: weight_of(options.threshold),
            said: said(&options.always, &options.never),
            numbers: numbers(&prepared),
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
        let mut work = Work::default();
        let latest = latest(&changes.upserts.ids);
        // Where a key becomes too common, or no longer is, all its records are looked at again.
        let turned = self.turned(&self.key_changes(changes, &latest));
        for id in &changes.deletes {
            self.remove(id.0, &mut work);
        }
        self.postings.iter_mut().for_each(|postings| postings.reserve(latest.len()));
        for at in &latest {
            self.insert(&changes.upserts, *at, &mut work);
        }
        for (rule, key) in turned {
            work.records.extend(self.members(rule, key));
        }
        if let Some(said) = said {
            let ids = said.changes(&self.said).flat_map(|(a, b)| [a, b]);
            work.records.extend(ids.filter_map(|id| self.numbers.get(&id)));
            self.said = said;
        }
        self.link(&mut work);
        Ok(self.divide(&work))
    }

    /// The keys of all records that a change takes away or brings, each once.
    fn key_changes(&self, changes: &Changes, latest: &[usize]) -> Vec<KeyChange> {
        let mut keys: Vec<KeyChange> = Vec::new();
        let mut hashes = Vec::new();
        let mut add = |record: &Record, extras: &[Extra], gone: usize, new: usize| {
            let of_record = self.maker.keys(record, extras, &mut hashes);
            keys.extend(of_record.map(|(rule, key)| KeyChange { rule, key: Blocks::key(key), gone, new }));
        };
        let gone = changes.deletes.iter().map(|id| id.0).chain(changes.upserts.ids.iter().copied());
        let mut gone: Vec<u32> = gone.filter_map(|id| self.numbers.get(&id).copied()).collect();
        gone.sort_unstable();
        gone.dedup();
        for number in gone {
            if let Some(record) = self.prepared.records.get(number as usize) {
                add(record, self.prepared.extras_of(number as usize), 1, 0);
            }
        }
        for at in latest {
            if let Some(record) = changes.upserts.records.get(*at) {
                add(record, changes.upserts.extras_of(*at), 0, 1);
            }
        }
        keys.sort_unstable();
        keys.dedup_by(|from, to| {
            let is_same = (from.rule, from.key) == (to.rule, to.key);
            if is_same {
                to.gone += from.gone;
                to.new += from.new;
            }
            is_same
        });
        keys
    }

    /// The keys that too many records have only before or only after a change.
    fn turned(&self, changes: &[KeyChange]) -> Vec<(usize, u64)> {
        let parts: Vec<&[KeyChange]> = changes.chunks(AT_ONCE * 16).collect();
        let turns = |change: &&KeyChange| {
            let most = self.model.rules.get(change.rule).map_or(0, |rule| rule.most) as usize;
            // So many that it does not matter whether there are still more.
            let enough = most + change.gone + 1;
            let before = self.members(change.rule, change.key).take(enough).count();
            (before > most) != (before + change.new - change.gone.min(before) > most)
        };
        let turned = threads::map(&parts, self.threads, |part| {
            part.iter().filter(turns).map(|change| (change.rule, change.key)).collect::<Vec<_>>()
        });
        turned.concat()
    }

    fn remove(&mut self, id: u64, work: &mut Work) {
        let Some(record) = self.numbers.remove(&id) else { return };
        if let Some(alive) = self.alive.get_mut(record as usize) {
            *alive = false;
        }
        self.unlink(record, work);
        work.records.remove(&record);
        work.touched.remove(&record);
    }

    fn insert(&mut self, from: &Prepared, at: usize, work: &mut Work) {
        let (Some(record), Some(id)) = (from.records.get(at), from.ids.get(at)) else { return };
        self.remove(*id, work);
        let number = self.prepared.len() as u32;
        let mut record = *record;
        record.rarity =
            rarity::of(&record, from.extras_of(at), &self.model.comparisons, &self.model.rarities);
        self.prepared.records.push(record);
        self.prepared.ids.push(*id);
        self.prepared.extra_values.extend_from_slice(from.extras_of(at));
        self.numbers.insert(*id, number);
        self.links.push(Vec::new());
        self.clusters.push(number);
        self.alive.push(true);
        for (rule, key) in self.maker.keys(&record, from.extras_of(at), &mut self.hashes) {
            if let Some(postings) = self.postings.get_mut(rule) {
                postings.add(key, number);
            }
        }
        work.records.insert(number);
        work.touched.insert(number);
    }

    fn members(&self, rule: usize, key: u64) -> impl Iterator<Item = u32> {
        let is_alive = |record: &u32| self.alive.get(*record as usize).copied().unwrap_or(false);
        self.postings.get(rule).into_iter().flat_map(move |postings| postings.get(key)).filter(is_alive)
    }

    /// Takes a record's links away.
    fn unlink(&mut self, record: u32, work: &mut Work) {
        let own = self.links.get_mut(record as usize).map(std::mem::take).unwrap_or_default();
        for (other, _) in own {
            if let Some(links) = self.links.get_mut(other as usize) {
                links.retain(|(to, _)| *to != record);
            }
            work.touched.insert(other);
        }
    }

    /// Finds the links of the records that need it.
    fn link(&mut self, work: &mut Work) {
        let records: Vec<u32> = work.records.iter().copied().collect();
        for record in &records {
            self.unlink(*record, work);
            work.touched.insert(*record);
        }
        let parts: Vec<&[u32]> = records.chunks(AT_ONCE).collect();
        let found = threads::map(&parts, self.threads, |part| {
            let mut found = Vec::new();
            let (mut near, mut hashes) = (Vec::new(), Vec::new());
            part.iter().for_each(|record| self.partners(*record, &mut near, &mut hashes, &mut found));
            found
        });
        let said: Vec<Link> = said_links(&self.said, &self.numbers)
            .filter(|link| work.records.contains(&link.left) || work.records.contains(&link.right))
            .collect();
        let mut found: Vec<Link> = found.into_iter().flatten().chain(said).collect();
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
                work.touched.insert(a);
            }
        }
    }

    /// The links of one record.
    fn partners(
        &self,
        record: u32,
        near: &mut Vec<u32>,
        hashes: &mut Vec<Option<u64>>,
        found: &mut Vec<Link>,
    ) {
        let Some(own) = self.prepared.records.get(record as usize) else { return };
        let extras = self.prepared.extras_of(record as usize);
        near.clear();
        for (rule, key) in self.maker.keys(own, extras, hashes) {
            let most = self.model.rules.get(rule).map_or(0, |rule| rule.most) as usize;
            let before = near.len();
            near.extend(self.members(rule, key).take(most + 1));
            if near.len() - before > most {
                near.truncate(before);
            }
        }
        near.sort_unstable();
        near.dedup();
        for other in near.iter().filter(|other| **other != record) {
            let (left, right) = (record.min(*other), record.max(*other));
            let Some(pair) = self.prepared.pair(left, right) else { continue };
            let weight = self.judge.weight(&pair) as f32;
            if weight >= FLOOR {
                found.push(Link { left, right, weight });
            }
        }
    }

    /// Divides the components of the touched records again.
    fn divide(&mut self, work: &Work) -> Vec<Vec<RecordId>> {
        let is_alive = |record: &&u32| self.alive.get(**record as usize).copied().unwrap_or(false);
        let mut seen: BTreeSet<u32> = BTreeSet::new();
        let mut components: Vec<(Vec<u32>, Vec<Link>)> = Vec::new();
        for start in work.touched.iter().filter(is_alive) {
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
    fn component(&self, start: u32, seen: &mut BTreeSet<u32>) -> (Vec<u32>, Vec<Link>) {
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
