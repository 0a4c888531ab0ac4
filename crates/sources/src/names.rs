//! Names of columns: never empty, never twice (names that differ only in case count as the same).

use std::collections::HashSet;

/// The names given so far.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// `wanted`, or `wanted_2` and so on when that is taken.
    pub(crate) fn unique(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 1_u64;
        while !self.taken.insert(name.to_lowercase()) {
            number += 1;
            name = format!("{wanted}_{number}");
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let mut names = Names::default();
        let given = ["a", "A", "a_2", "a"].map(|name| names.unique(name));
        assert_eq!(given, ["a", "A_2", "a_2_2", "a_3"]);
    }
}
