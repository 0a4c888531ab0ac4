//! Which id each profile gets.

use super::clusters::Clusters;
use super::{Assignment, CustomerId, Identity};

/// Gives every profile its id.
pub(crate) fn assign(clusters: &impl Clusters, identity: &Identity) -> Assignment {
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
        assignment.ids.push(CustomerId::of_record(clusters.name(entity), clusters.key(entity, record), 0));
    }
    assignment
}
