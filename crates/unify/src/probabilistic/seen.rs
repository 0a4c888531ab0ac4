//! Values that were normalised lately: names and towns repeat.

use super::hash;

/// Values that are remembered; a power of two, so few that they stay near.
const PLACES: usize = 1024;
/// Longer values are not remembered.
const LONGEST: usize = 24;

/// What a value that repeats becomes: a text, a number, or both.
pub(crate) type Made = ([u8; 16], u32);

/// What short values became. Each has one place, by its hash; a newer value takes the place of an older one.
#[derive(Debug)]
pub(crate) struct Seen(Vec<Entry>);

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    text: [u8; LONGEST],
    len: u32,
    number: u32,
    slot: [u8; 16],
}

impl Seen {
    pub(crate) fn new() -> Self {
        Self(vec![Entry::default(); PLACES])
    }

    /// What a value becomes, which must depend on the value alone; of no text that is nothing.
    pub(crate) fn get(&mut self, text: &str, make: impl FnOnce() -> Made) -> Made {
        let mut key = [0; LONGEST];
        let Some(room) = key.get_mut(..text.len()) else { return make() };
        room.copy_from_slice(text.as_bytes());
        let len = text.len() as u32;
        let at = hash::slot(&key) as usize & (PLACES - 1);
        let Some(entry) = self.0.get_mut(at) else { return make() };
        if entry.text != key || entry.len != len {
            let (slot, number) = make();
            *entry = Entry { text: key, len, number, slot };
        }
        (entry.slot, entry.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_becomes_the_same_however_often_it_comes() {
        let mut seen = Seen::new();
        let long = "x".repeat(LONGEST + 1);
        for round in 0..2 {
            for number in 0..5_000u32 {
                let made = seen.get(&number.to_string(), || ([1; 16], number));
                assert_eq!(made, ([1; 16], number), "{round}");
            }
            assert_eq!(seen.get(&long, || ([2; 16], round)), ([2; 16], round));
        }
        let mut again = false;
        seen.get("4999", || {
            again = true;
            ([0; 16], 0)
        });
        assert!(!again);
    }
}
