//! Which id each profile gets.

use super::clusters::Clusters;
use super::{Assignment, CustomerId, Identity};

/// Gives every profile its id. `custom` has for every profile the id that is made from its attributes, if there is
/// one; it may be empty.
pub(crate) fn assign(
    clusters: &impl Clusters,
    identity: &Identity,
    custom: &[Option<CustomerId>],
) -> Assignment {
    let count = clusters.profiles() as usize;
    let mut assignment = Assignment {
        ids: Vec::with_capacity(count),
        created_on: vec![identity.at; count],
        modified_on: vec![identity.at; count],
        former: Vec::new(),
    };
    for profile in 0..clusters.profiles() {
        let founder = clusters.smallest(clusters.members(profile).iter().copied());
        let (entity, record) = founder.unwrap_or_default();
        let custom = custom.get(profile as usize).copied().flatten();
        let own = || CustomerId::of_record(clusters.name(entity), clusters.key(entity, record), 0);
        assignment.ids.push(custom.unwrap_or_else(own));
    }
    assignment
}
