//! The search index: its attributes are attributes of the profile, as far as the last refresh can tell.

use super::super::gather::Parts;
use super::super::node::Node;
use super::{Checker, near};

pub(super) fn check(parts: &Parts, checker: &mut Checker<'_>) {
    let Some(part) = &parts.search else { return };
    let items = part.node.get("attributes").map(Node::items).unwrap_or_default();
    let profile = checker.known.profile.as_ref();
    let mut seen: Vec<&str> = Vec::new();
    for item in items {
        let Some(name) = item.get("name").and_then(Node::text) else { continue };
        let at = item.place_of("name");
        if seen.contains(&name) {
            let message = format!("`{name}` stands in the search index twice");
            checker.problems.error(at, "duplicateName", message);
        }
        seen.push(name);
        let Some(profile) = profile.filter(|it| !it.iter().any(|it| it == name)) else { continue };
        // No error: a source that gets the attribute now gives it to the profile with the next refresh.
        let message = format!("customers had no attribute `{name}` at the last refresh");
        checker.problems.warning(at, "unknownAttribute", message, near(name, profile));
    }
}
