//! Names of the attributes that a unification makes.

use std::collections::HashSet;

/// The key of a profile.
pub(crate) const CUSTOMER_ID: &str = "CustomerId";

/// The ids that a profile had before, joined by `;`.
pub(crate) const PREVIOUS_CUSTOMER_ID: &str = "PreviousCustomerId";

/// When the id of a profile was first given.
pub(crate) const CREATED_ON: &str = "CustomerId_CreatedOn";

/// When the rows or the former ids of a profile last changed.
pub(crate) const MODIFIED_ON: &str = "CustomerId_ModifiedOn";

/// The attributes that every profile has.
pub(crate) const FIXED: [&str; 4] = [CUSTOMER_ID, PREVIOUS_CUSTOMER_ID, CREATED_ON, MODIFIED_ON];

/// The attributes of a profile that hold the primary key of one entity's winner row, and all its keys.
pub(crate) fn key_names(entity: &str, key: &str) -> [String; 2] {
    [format!("{entity}_{key}"), format!("{entity}_{key}_Alternate")]
}

/// Names that are taken. Those that differ only in case are one name, because SQL cannot tell them apart.
#[derive(Debug, Default)]
pub(crate) struct Names(HashSet<String>);

impl Names {
    /// Takes a name; false when it was taken before.
    pub(crate) fn take(&mut self, name: &str) -> bool {
        self.0.insert(name.to_lowercase())
    }

    /// Takes the first free of `name`, `<entity>_<name>`, `<entity>_<name>_2`, …
    pub(crate) fn free(&mut self, name: &str, entity: &str) -> String {
        if self.take(name) {
            return name.to_owned();
        }
        let long = format!("{entity}_{name}");
        let mut next = long.clone();
        let mut number = 2u64;
        while !self.take(&next) {
            next = format!("{long}_{number}");
            number += 1;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_its_entity_in_front() {
        let mut names = Names::default();
        assert_eq!(names.free("City", "A_a"), "City");
        assert_eq!(names.free("city", "B_b"), "B_b_city");
        assert_eq!(names.free("CITY", "B_b"), "B_b_CITY_2");
    }
}
