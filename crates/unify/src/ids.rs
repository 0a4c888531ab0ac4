//! The ids of customers.

use uuid::Uuid;

/// The id of one customer; printed as a GUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(Uuid);

impl std::fmt::Display for CustomerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A record that belongs to a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey<'a> {
    /// The entity's full name.
    pub entity: &'a str,
    /// The primary key, as text.
    pub key: &'a str,
}

/// Decides which id each profile gets. Ids that follow a person through merges and splits need the ids of the
/// run before; they come in through an implementation of this trait.
pub trait AssignIds {
    /// The ids of profiles, one for each. `profiles` gives for every profile its records: by match order of their
    /// entity, its winner first, then source order. The ids must be different.
    fn assign<'a>(&self, profiles: &mut dyn Iterator<Item = Vec<RecordKey<'a>>>) -> Vec<CustomerId>;
}

/// Ids from keys alone: UUID version 5 of the winner's entity and primary key in the first entity that has one. So a
/// profile keeps its id as long as that row stays its winner, whatever happens to the rest of the data.
#[derive(Debug, Clone, Copy, Default)]
pub struct FromKeys;

/// The namespace of all ids from keys. It never changes: changing it would change every id.
const NAMESPACE: Uuid = Uuid::from_u128(0x5d1e_9c46_0b3f_4c0e_9a27_64c2_1f7a_d5e8);

impl AssignIds for FromKeys {
    fn assign<'a>(&self, profiles: &mut dyn Iterator<Item = Vec<RecordKey<'a>>>) -> Vec<CustomerId> {
        profiles.map(|records| id_of(records.first())).collect()
    }
}

fn id_of(record: Option<&RecordKey<'_>>) -> CustomerId {
    let (entity, key) = record.map_or(("", ""), |record| (record.entity, record.key));
    // Names of entities have no NUL, so different pairs give different texts.
    CustomerId(Uuid::new_v5(&NAMESPACE, format!("{entity}\0{key}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_entity_and_key_and_on_nothing_else() {
        let id = |entity, key| id_of(Some(&RecordKey { entity, key }));
        assert_eq!(id("A_a", "1").to_string(), "79f4b973-02a0-5dfc-b4d3-725611e824cc");
        assert_ne!(id("A_a", "1"), id("A_a", "2"));
        assert_ne!(id("A_a", "1"), id("A_b", "1"));
    }
}
