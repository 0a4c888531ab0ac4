//! The attributes that conditions and calculations name.

use lang::diagnose::did_you_mean;
use lang::rule::{Argument, Calculation, Condition, Function, Path};

use super::super::model::CUSTOMER;
use super::super::problem::Place;
use super::super::shape::check::inside;
use super::Checker;

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

impl Checker<'_> {
    /// Notes what is wrong with a path that stands in `text` at `at`.
    pub(super) fn path(&mut self, path: &Path, text: &str, at: Place) {
        let name_at = inside(at, text, path.name.span, self.problems);
        let Some(entity) = &path.entity else {
            return self.customer_attribute(&path.name.value, name_at);
        };
        let entity_at = inside(at, text, entity.span, self.problems);
        if entity.value == CUSTOMER {
            self.customer_attribute(&path.name.value, name_at);
        } else if self.rule_entity(&entity.value, entity_at) {
            self.attribute_of(&entity.value, &path.name.value, name_at);
        }
    }

    /// Notes what is wrong with what a calculation is about.
    pub(super) fn calculation(&mut self, calculation: &Calculation, text: &str, at: Place) {
        let Some(path) = path_of(calculation) else { return };
        let counts_rows = calculation.function == Function::Count && path.entity.is_none();
        let names_entity = self.names.entities.contains(&path.name.value) || path.name.value == CUSTOMER;
        if counts_rows && names_entity {
            return;
        }
        self.path(path, text, at);
        let near = did_you_mean(&path.name.value, self.names.entities.iter().map(String::as_str));
        if let Some(near) = near.filter(|_| counts_rows) {
            let message = format!("`{}` is read as an attribute of customers", path.name.value);
            let suggestion = Some(format!("did you mean the rows of `{near}`?"));
            let at = inside(at, text, path.name.span, self.problems);
            self.problems.warning(at, "probablyEntity", message, suggestion);
        }
    }

    /// Notes when it is known that customers have no such attribute; measures of customers are attributes too.
    fn customer_attribute(&mut self, name: &str, at: Place) {
        if !self.names.measures.iter().any(|measure| measure == name) {
            self.attribute_of(CUSTOMER, name, at);
        }
    }
}
