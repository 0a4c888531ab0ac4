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

    /// The id of a deduplication group: UUID version 5 of its entity and its smallest primary key, as text.
    pub(crate) fn of_group(entity: &str, smallest: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("\0group\0{entity}\0{smallest}").as_bytes()))
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
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
