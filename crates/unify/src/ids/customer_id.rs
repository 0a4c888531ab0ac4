//! One id.

use uuid::Uuid;

/// The id of one customer; printed as a GUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(Uuid);

/// The namespace of all ids from keys. It never changes: changing it would change every id.
const NAMESPACE: Uuid = Uuid::from_u128(0x5d1e_9c46_0b3f_4c0e_9a27_64c2_1f7a_d5e8);

impl CustomerId {
    /// The id that a record founds: UUID version 5 of its entity's full name and its primary key as text. Where that
    /// one is taken, the next attempt gives another.
    pub(crate) fn of_record(entity: &str, key: &str, attempt: u32) -> Self {
        let mut name = Vec::with_capacity(entity.len() + key.len() + 12);
        // Names of entities have no NUL, so different records and attempts give different names.
        if attempt > 0 {
            name.extend_from_slice(format!("\0{attempt}\0").as_bytes());
        }
        name.extend_from_slice(entity.as_bytes());
        name.push(0);
        name.extend_from_slice(key.as_bytes());
        Self(Uuid::new_v5(&NAMESPACE, &name))
    }

    /// The id that attributes of a profile make: UUID version 5 of what they are, in one text.
    pub(crate) fn of_attributes(text: &str) -> Self {
        // No record founds the same id: after the first NUL of theirs stands an entity or a number.
        Self(Uuid::new_v5(&NAMESPACE, format!("\0key\0{text}").as_bytes()))
    }

    /// The id of a cluster: UUID version 5 of its name and the smallest id of its customers, as text.
    pub(crate) fn of_cluster(name: &str, smallest: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("\0cluster\0{name}\0{smallest}").as_bytes()))
    }

    /// The beginning of the id, in the order of the ids.
    pub(crate) fn prefix(&self) -> u64 {
        self.0.as_u64_pair().0
    }

    /// The id as it is printed.
    pub(crate) fn text(&self) -> IdText {
        let mut text = [0; 36];
        self.0.hyphenated().encode_lower(&mut text);
        IdText(text)
    }
}

/// A printed id that needs no memory of its own.
pub(crate) struct IdText([u8; 36]);

impl AsRef<str> for IdText {
    fn as_ref(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl CustomerId {
    /// Its two halves as numbers.
    pub(super) fn halves(self) -> (u64, u64) {
        self.0.as_u64_pair()
    }

    /// Reads an id as it is printed, or in any other way that GUIDs are written.
    pub(super) fn read(text: &str) -> Option<Self> {
        let printed = <&[u8; 36]>::try_from(text.as_bytes()).ok().and_then(read_printed);
        printed.or_else(|| text.parse().ok())
    }
}

/// The places of the first digit of each byte in a printed id.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// What each character is worth as a digit; 255 for one that is none.
const DIGITS: [u8; 256] = {
    let mut digits = [255; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// The general way takes several times as long, and every refresh reads an id for every row of every source.
#[expect(clippy::indexing_slicing, reason = "places are below 35 of 36, characters below 256 of 256")]
fn read_printed(text: &[u8; 36]) -> Option<CustomerId> {
    let mut bytes = [0; 16];
    let mut all = 0;
    for (byte, place) in bytes.iter_mut().zip(PLACES) {
        let (high, low) = (DIGITS[text[place] as usize], DIGITS[text[place + 1] as usize]);
        all |= high | low;
        *byte = high << 4 | low & 15;
    }
    let hyphens = [text[8], text[13], text[18], text[23]] == *b"----";
    (all < 16 && hyphens).then_some(CustomerId(Uuid::from_bytes(bytes)))
}

impl From<Uuid> for CustomerId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl std::str::FromStr for CustomerId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self)
    }
}

impl std::fmt::Display for CustomerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_entity_key_and_attempt_and_on_nothing_else() {
        let id = CustomerId::of_record;
        assert_eq!(id("A_a", "1", 0).to_string(), "79f4b973-02a0-5dfc-b4d3-725611e824cc");
        assert_ne!(id("A_a", "1", 0), id("A_a", "2", 0));
        assert_ne!(id("A_a", "1", 0), id("A_b", "1", 0));
        assert_ne!(id("A_a", "1", 0), id("A_a", "1", 1));
        assert_ne!(id("A_a", "1", 11), id("A_a", "11", 1));
    }

    #[test]
    fn an_id_is_read_as_it_is_printed() {
        let id = CustomerId::of_record("A_a", "1", 0);
        let text = id.to_string();
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(CustomerId::read(&text), Some(id));
        assert_eq!(CustomerId::read(&text.to_uppercase()), Some(id));
        assert_eq!(CustomerId::read(&format!("{{{text}}}")), Some(id));
        for wrong in [&text[1..], &text.replace('9', "g"), &text.replace('-', "9"), "", "id"] {
            assert_eq!(CustomerId::read(wrong), None, "{wrong}");
        }
    }
}
