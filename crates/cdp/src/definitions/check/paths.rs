//! The attributes that conditions and calculations name.

use lang::rule::{Argument, Calculation, Condition, Path};

/// All paths of a condition, in the order of the text.
pub(in super::super) fn paths_of(condition: &Condition) -> Vec<&Path> {
    let mut paths = Vec::new();
    // A stack instead of recursion; `lang` bounds the depth as well.
    let mut open = vec![condition];
    while let Some(condition) = open.pop() {
        match condition {
            Condition::And(inner) | Condition::Or(inner) => open.extend(inner.iter().rev()),
            Condition::Not(inner) => open.push(inner),
            Condition::Test(test) => paths.push(&test.path),
        }
    }
    paths
}

/// The path that a calculation is about: an attribute, or an entity whose rows are counted.
pub(in super::super) fn path_of(calculation: &Calculation) -> Option<&Path> {
    match &calculation.argument {
        Argument::Rows(_) => None,
        Argument::Path(path) => Some(path),
    }
}
