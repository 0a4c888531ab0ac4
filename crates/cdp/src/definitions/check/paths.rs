//! The attributes that conditions and calculations name.

use lang::rule::{Calculation, Condition, Path};

/// All paths of a condition, in the order of the text.
pub(in super::super) fn paths_of(condition: &Condition) -> Vec<&Path> {
    condition.paths()
}

/// The paths of a calculation: attributes, entities whose rows are counted, and measures.
pub(in super::super) fn calculated_paths(calculation: &Calculation) -> Vec<&Path> {
    calculation.paths()
}
