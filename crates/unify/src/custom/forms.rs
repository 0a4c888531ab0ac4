//! What is done to a value before it is compared: normalization, then the lists that the condition names.

use std::collections::{HashMap, HashSet};

use super::listed;
use crate::definition::Custom;
use crate::input::Input;
use crate::normalize::Normalizer;
use crate::plan::{Form, RulePlan};

/// The forms that rules compare, with their lists.
#[derive(Debug, Default)]
pub(crate) struct Forms(HashMap<Form, Prepared>);

/// One form, ready to be applied.
#[derive(Debug)]
pub(crate) struct Prepared {
    normalizer: Normalizer,
    /// Normalized values, and what they are treated as.
    aliases: HashMap<String, String>,
    /// Normalized values that are never used.
    bypassed: HashSet<String>,
}

impl Forms {
    /// Prepares the forms of some rules; lists are normalized as the values are.
    pub(crate) fn new<'a>(
        rules: impl Iterator<Item = &'a RulePlan>,
        custom: &Custom,
        inputs: &[Input],
    ) -> Self {
        let mut forms = HashMap::new();
        for comparison in rules.flat_map(|rule| &rule.comparisons) {
            let form = &comparison.form;
            if !forms.contains_key(form) {
                forms.insert(form.clone(), Prepared::new(form, custom, inputs));
            }
        }
        Self(forms)
    }

    pub(crate) fn get(&self, form: &Form) -> Option<&Prepared> {
        self.0.get(form)
    }
}

impl Prepared {
    fn new(form: &Form, custom: &Custom, inputs: &[Input]) -> Self {
        let normalizer = form.normalizer.clone();
        let (mut out, mut spare) = (String::new(), String::new());
        let mut normal = |text: &str| {
            normalizer.write(text, &mut out, &mut spare);
            out.clone()
        };
        let mut aliases = HashMap::new();
        if let Some(list) = form.alias.and_then(|at| custom.aliases.get(at)) {
            for (value, alias) in listed::aliases(&list.pairs, inputs) {
                // Of several aliases of one value the smallest is taken, so that the order of rows does not matter.
                let (value, alias) = (normal(&value), normal(&alias));
                let known = aliases.entry(value).or_insert_with(|| alias.clone());
                if alias < *known {
                    *known = alias;
                }
            }
        }
        let mut bypassed = HashSet::new();
        if let Some(list) = form.bypass.and_then(|at| custom.bypass.get(at)) {
            bypassed.extend(listed::bypassed(&list.values, inputs).iter().map(|value| normal(value)));
        }
        Self { normalizer, aliases, bypassed }
    }

    /// Writes the form of `value` that is compared into `out`, empty when there is nothing to compare. True when the
    /// value is on the list of those that are never used. `spare` is only a buffer.
    pub(crate) fn write(&self, value: &str, out: &mut String, spare: &mut String) -> bool {
        self.normalizer.write(value, out, spare);
        self.apply_lists(out)
    }

    /// Applies the lists to a value that is normalized.
    fn apply_lists(&self, out: &mut String) -> bool {
        if self.aliases.is_empty() && self.bypassed.is_empty() {
            return false;
        }
        let mut bypassed = self.bypassed.contains(out.as_str());
        if let Some(alias) = self.aliases.get(out.as_str()) {
            out.clone_from(alias);
            bypassed |= self.bypassed.contains(out.as_str());
        }
        if bypassed {
            out.clear();
        }
        bypassed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::Normalization;

    fn prepared(custom: &str) -> Prepared {
        let custom: Custom = serde_json::from_str(custom).unwrap();
        let normalizer = Normalizer::new(&[Normalization::LowerCase]);
        Prepared::new(&Form { normalizer, alias: Some(0), bypass: Some(0) }, &custom, &[])
    }

    #[test]
    fn lists_work_on_normalized_values() {
        let prepared = prepared(
            r#"{"aliases": [{"name": "a", "values": [["NYC", "New York"], ["nyc", "New Amsterdam"], ["x", "None"]]}],
                "bypass": [{"name": "b", "values": ["NONE"]}]}"#,
        );
        let form = |value: &str| {
            let mut out = String::new();
            let bypassed = prepared.write(value, &mut out, &mut String::new());
            (out, bypassed)
        };
        assert_eq!(form("Nyc"), ("new amsterdam".to_owned(), false));
        assert_eq!(form("None"), (String::new(), true));
        assert_eq!(form("X"), (String::new(), true));
        assert_eq!(form("Other"), ("other".to_owned(), false));
    }
}
