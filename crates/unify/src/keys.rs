//! Primary keys as text, in their own order: whole numbers by value, texts by their bytes.

use std::cmp::Ordering;

/// The primary keys of one entity, numbered like its records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    bytes: String,
    /// Where each key ends in `bytes`; it starts where the one before it ends.
    ends: Vec<usize>,
    /// Whether the keys are whole numbers.
    numeric: bool,
}

impl Keys {
    pub(crate) fn new(numeric: bool) -> Self {
        Self { bytes: String::new(), ends: Vec::new(), numeric }
    }

    /// No keys, in the same order as these.
    pub(crate) fn like(&self) -> Self {
        Self::new(self.numeric)
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn push(&mut self, key: &str) {
        self.bytes.push_str(key);
        self.ends.push(self.bytes.len());
    }

    /// The key of a record; empty for a record that does not exist.
    pub(crate) fn get(&self, record: u32) -> &str {
        let at = record as usize;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(at).and_then(|end| self.bytes.get(start..*end)).unwrap_or_default()
    }

    /// How two keys stand to each other.
    pub(crate) fn compare(&self, one: &str, other: &str) -> Ordering {
        let number = |key: &str| key.parse::<i64>().unwrap_or(i64::MAX);
        match self.numeric {
            true => number(one).cmp(&number(other)).then_with(|| one.cmp(other)),
            false => one.cmp(other),
        }
    }

    /// The record with a key, where the keys are in order.
    pub(crate) fn find(&self, key: &[u8]) -> Option<u32> {
        let key = std::str::from_utf8(key).ok()?;
        let (mut low, mut high) = (0, self.len() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.compare(self.get(middle), key) {
                Ordering::Equal => return Some(middle),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The places of the keys in their order, of equal keys only the first place.
    pub(crate) fn order(&self) -> Vec<u32> {
        let count = self.len() as u32;
        let ascends = |at: &u32| self.compare(self.get(at - 1), self.get(*at)) == Ordering::Less;
        if (1..count).all(|at| ascends(&at)) {
            return (0..count).collect();
        }
        let mut places: Vec<(u64, u32)> = (0..count).map(|at| (self.prefix(self.get(at)), at)).collect();
        places.sort_unstable_by(|one, other| {
            let whole = || self.get(one.1).cmp(self.get(other.1));
            one.0.cmp(&other.0).then_with(whole).then(one.1.cmp(&other.1))
        });
        places.dedup_by(|next, first| next.0 == first.0 && self.get(next.1) == self.get(first.1));
        places.into_iter().map(|place| place.1).collect()
    }

    /// A number in the order of the keys, the same for keys that begin alike.
    fn prefix(&self, key: &str) -> u64 {
        if self.numeric {
            return key.parse::<i64>().unwrap_or(i64::MAX).cast_unsigned() ^ (1 << 63);
        }
        let mut first = [0; 8];
        first.iter_mut().zip(key.bytes()).for_each(|(to, from)| *to = from);
        u64::from_be_bytes(first)
    }

    /// The keys at some places, in the order of the places.
    pub(crate) fn pick(&self, places: &[u32]) -> Self {
        let mut keys = Self::new(self.numeric);
        keys.ends.reserve_exact(places.len());
        for place in places {
            keys.push(self.get(*place));
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(numeric: bool, texts: &[&str]) -> Vec<String> {
        let mut keys = Keys::new(numeric);
        texts.iter().for_each(|text| keys.push(text));
        let sorted = keys.pick(&keys.order());
        assert!(
            (0..sorted.len() as u32).all(|record| sorted.find(sorted.get(record).as_bytes()) == Some(record))
        );
        (0..sorted.len() as u32).map(|record| sorted.get(record).to_owned()).collect()
    }

    #[test]
    fn numbers_stand_by_value_and_texts_by_their_bytes_each_once() {
        assert_eq!(ordered(true, &["10", "9", "-3", "9"]), ["-3", "9", "10"]);
        assert_eq!(ordered(false, &["10", "9", "9"]), ["10", "9"]);
        assert_eq!(
            ordered(false, &["customer-2", "customer-10", "b", "customer-"]),
            ["b", "customer-", "customer-10", "customer-2"]
        );
        assert!(ordered(false, &[]).is_empty());
    }
}
