//! Which pairs are compared at all: records that agree on the key of a blocking rule.

use serde::{Deserialize, Serialize};

use super::compare::Comparison;
use super::hash;
use super::prepared::Prepared;
use super::record::{Extra, Record, parts};
use super::slot::{self, is_empty, len};
use super::sort::sort_hashed;

/// A part of a blocking key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Atom {
    /// Given name, nicknames by the name they stand for.
    First,
    /// Family name.
    Last,
    /// Given name and family name, in either order.
    Names,
    /// Sound of the given name.
    FirstSound,
    /// Sound of the family name.
    LastSound,
    /// First letter of the given name.
    Initial,
    /// E-mail address.
    Email,
    /// E-mail address before the `@`.
    User,
    /// Last seven digits of the telephone number.
    Phone,
    /// Date of birth.
    Birth,
    /// Year of birth.
    BirthYear,
    /// Postal code.
    Postal,
    /// Town.
    City,
    /// House number and the beginning of the street's name.
    Street,
    /// An extra value.
    Extra(usize),
}

/// Records with the same key are compared, unless too many have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockingRule {
    /// All of these must agree.
    pub atoms: Vec<Atom>,
    /// Records that may have one key; of a commoner key no pairs are compared by this rule.
    pub most: u32,
}

/// Rules that a model can have: their numbers take six bits, and a set of them 32.
pub(crate) const MAX_RULES: usize = 32;
/// Records that may share a key of one rule, however few pairs there are in all.
const MOST: usize = 60;
/// Pairs for each record that one rule may bring.
const PAIRS_PER_RECORD: u64 = 1;
/// The same of a rule by one value that few people share: nearly all of its pairs are matches, and where people have
/// six records each, they alone are more than two for each record.
const SURE_PAIRS_PER_RECORD: u64 = 4;
/// Pairs that a rule may bring however few records there are: comparing so few costs nothing.
const SPARE_PAIRS: u64 = 50_000;

impl Atom {
    /// As it is written; an extra value without its number.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::Names => "names",
            Self::FirstSound => "firstSound",
            Self::LastSound => "lastSound",
            Self::Initial => "initial",
            Self::Email => "email",
            Self::User => "user",
            Self::Phone => "phone",
            Self::Birth => "birth",
            Self::BirthYear => "birthYear",
            Self::Postal => "postal",
            Self::City => "city",
            Self::Street => "street",
            Self::Extra(_) => "extra",
        }
    }

    /// The hash of the record's value; none where it is missing.
    pub(crate) fn hash(self, record: &Record, extras: &[Extra]) -> Option<u64> {
        let slot_hash = |slot: &[u8; 16]| (!is_empty(slot)).then(|| hash::slot(slot));
        let number = |number: u32| (number != 0).then(|| hash::mix(u64::from(number)));
        match self {
            Self::First => number(record.nick),
            Self::Last => slot_hash(&record.last),
            Self::Names => {
                let last = slot_hash(&record.last)?;
                let first = slot_hash(&record.first)?;
                Some(hash::mix(first.wrapping_add(last)))
            }
            Self::FirstSound => sound(&record.first),
            Self::LastSound => sound(&record.last),
            Self::Initial => (!is_empty(&record.first)).then(|| hash::mix(u64::from(record.first[0]))),
            Self::Email => Comparison::Email.value(record, extras),
            Self::User => (len(&record.user) > 3).then(|| hash::slot(&record.user)),
            Self::Phone => (record.phone != 0).then(|| hash::mix(record.phone & 0xfff_ffff)),
            Self::Birth => number(record.birth),
            Self::BirthYear => number(parts(record.birth).0),
            Self::Postal => (!is_empty(&record.postal)).then(|| hash::slot(&record.postal)),
            Self::City => number(record.city),
            Self::Street => street(&record.street),
            Self::Extra(at) => extras.get(at).filter(|extra| !is_empty(extra)).map(hash::slot),
        }
    }
}

/// The sound of a name, after Soundex (Russell 1918): the first letter and the first three groups of consonants.
fn sound(name: &[u8; 16]) -> Option<u64> {
    const GROUPS: [u8; 26] = [0, 1, 2, 3, 0, 1, 2, 7, 0, 2, 2, 4, 5, 5, 0, 1, 2, 6, 2, 3, 0, 1, 7, 2, 0, 2];
    if is_empty(name) {
        return None;
    }
    let group = |byte: u8| GROUPS.get(usize::from(byte.wrapping_sub(b'a'))).copied().unwrap_or(0);
    let (mut code, mut digits, mut last) = (u64::from(name[0]), 0, group(name[0]));
    for byte in name.iter().skip(1).take_while(|byte| **byte != 0) {
        let own = group(*byte);
        if own == 7 {
            continue;
        }
        if own != 0 && own != last {
            code = code << 8 | u64::from(own);
            digits += 1;
            if digits == 3 {
                break;
            }
        }
        last = own;
    }
    Some(hash::mix(code))
}

/// House number and the first letters of the longest word of a street.
fn street(street: &[u8; 32]) -> Option<u64> {
    if is_empty(street) {
        return None;
    }
    let text = street.get(..len(street)).unwrap_or(&[]);
    let mut words = text.split(|byte| *byte == b' ');
    let number = words.next().unwrap_or(&[]);
    let longest = words.max_by_key(|word| (word.len(), *word)).unwrap_or(&[]);
    let start: [u8; 8] = slot::slot(longest.get(..longest.len().min(5)).unwrap_or(&[]));
    Some(hash::pair(hash::bytes(number), u64::from_le_bytes(start)))
}

impl BlockingRule {
    fn new(atoms: &[Atom]) -> Self {
        Self { atoms: atoms.to_vec(), most: MOST as u32 }
    }

    /// The pairs that the rule may bring among so many records.
    pub(crate) fn budget(&self, records: usize) -> u64 {
        let per_record = match self.atoms.as_slice() {
            [Atom::Email | Atom::Phone | Atom::Extra(_)] => SURE_PAIRS_PER_RECORD,
            _ => PAIRS_PER_RECORD,
        };
        SPARE_PAIRS + per_record * records as u64
    }

    /// The key of a record; none where a part is missing.
    pub(crate) fn key(&self, record: &Record, extras: &[Extra]) -> Option<u64> {
        joined(self.atoms.iter().map(|atom| atom.hash(record, extras)))
    }
}

/// The rules that the comparisons make possible, the surest first.
pub(crate) fn candidates(comparisons: &[Comparison], prepared: &Prepared) -> Vec<BlockingRule> {
    use Atom::{
        Birth, BirthYear, City, Email, Extra, First, FirstSound, Initial, Last, LastSound, Names, Phone,
        Postal, Street, User,
    };
    let mut all: Vec<Vec<Atom>> = Vec::new();
    for comparison in comparisons {
        match comparison {
            Comparison::Identifier(at) | Comparison::Text(at) => all.push(vec![Extra(*at)]),
            _ => {}
        }
    }
    let usual: [&[Atom]; 12] = [
        &[Email],
        &[Phone],
        &[Names],
        &[Last, Birth],
        &[First, Birth],
        &[User],
        &[Birth, Postal],
        &[First, Last, City],
        &[Initial, LastSound, Postal],
        &[FirstSound, LastSound, City],
        &[Street, Initial],
        &[Street, LastSound],
    ];
    // Where people have neither mailbox nor telephone, other things must bring them together.
    let more: [&[Atom]; 8] = [
        &[Names, Postal],
        &[Names, BirthYear],
        &[First, LastSound, BirthYear],
        &[FirstSound, Last, Postal],
        &[Street, Birth],
        &[Initial, Last, BirthYear],
        &[First, Postal, BirthYear],
        &[FirstSound, LastSound, BirthYear],
    ];
    all.extend(usual.iter().map(|atoms| atoms.to_vec()));
    if !(comparisons.contains(&Comparison::Email) && comparisons.contains(&Comparison::Phone)) {
        all.extend(more.iter().map(|atoms| atoms.to_vec()));
    }
    let has = |atoms: &Vec<Atom>| {
        let rule = BlockingRule::new(atoms);
        (0..prepared.len()).any(|at| {
            prepared.records.get(at).is_some_and(|record| rule.key(record, prepared.extras_of(at)).is_some())
        })
    };
    all.retain(has);
    all.truncate(MAX_RULES);
    all.iter().map(|atoms| BlockingRule::new(atoms)).collect()
}

/// A key from the hashes of its parts; none where one is missing.
pub(crate) fn joined(mut hashes: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    // The parts are hashes already; the order counts.
    hashes.try_fold(0u64, |key, hash| Some(key.wrapping_add(hash?).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// Records by their keys: each number has the key's hash in its high bits and the record in its low ones.
#[derive(Debug)]
pub(crate) struct Blocks {
    sorted: Vec<u64>,
}

/// Bits of a record's number; so a run takes at most this many records. The bits of the key that are left are the
/// same for any number of records, so that more records never change which keys are told apart.
pub(crate) const RECORD_BITS: u32 = 29;
const RECORD_MASK: u64 = (1 << RECORD_BITS) - 1;

impl Blocks {
    pub(crate) fn new(rule: &BlockingRule, prepared: &Prepared) -> Self {
        let mut sorted = Vec::with_capacity(prepared.len());
        for (at, record) in prepared.records.iter().enumerate() {
            if let Some(key) = rule.key(record, prepared.extras_of(at)) {
                sorted.push(Self::entry(key, at));
            }
        }
        Self::of(sorted)
    }

    /// The entry of a record with a key.
    pub(crate) fn entry(key: u64, record: usize) -> u64 {
        Self::key(key) | record as u64
    }

    /// From entries in any order.
    pub(crate) fn of(mut entries: Vec<u64>) -> Self {
        sort_hashed(&mut entries, &mut Vec::new());
        Self { sorted: entries }
    }

    /// The blocks: runs of equal keys.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &[u64]> {
        self.sorted.chunk_by(|a, b| a >> RECORD_BITS == b >> RECORD_BITS)
    }

    /// All entries, ascending.
    pub(crate) fn sorted(&self) -> &[u64] {
        &self.sorted
    }

    /// The part of a key (or of an entry) that entries keep.
    pub(crate) fn key(key: u64) -> u64 {
        key & !RECORD_MASK
    }

    pub(crate) fn record(entry: u64) -> u32 {
        (entry & RECORD_MASK) as u32
    }

    pub(crate) fn records(&self) -> usize {
        self.sorted.len()
    }

    /// The largest size of a block for which all blocks up to it stay within a budget of pairs.
    pub(crate) fn choose_most(&self, budget: u64) -> u32 {
        let mut pairs = [0u64; MOST + 1];
        for run in self.runs() {
            let size = run.len();
            if let Some(pairs) = pairs.get_mut(size) {
                *pairs += (size * (size - 1) / 2) as u64;
            }
        }
        let mut sum = 0;
        let fits = |pairs: &&u64| {
            sum += **pairs;
            sum <= budget
        };
        (pairs.iter().take_while(fits).count() as u32).saturating_sub(1).max(2)
    }
}
