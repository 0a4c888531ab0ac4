//! Exports: what they export is there, and so is the connection that they use.

use exports::definition::Target;

use super::super::gather::Parts;
use super::super::model::{CUSTOMER, ConnectionKind, Export, SEGMENT_MEMBERSHIP, UNIFIED_ACTIVITY};
use super::super::node::Node;
use super::connections::check_use;
use super::{Checker, Names};
use crate::relationships::CUSTOMER_MEASURE;

pub(super) fn check(parts: &Parts, checker: &mut Checker<'_>) {
    for part in &parts.exports {
        let Some(export) = &part.value else { continue };
        let node = &part.node;
        segments(export, node, checker);
        entities(export, node, checker);
        if export.segments.is_empty() && export.entities.is_empty() {
            let message = "an export names `segments` or `entities`";
            checker.problems.error(node.head(), "missingKey", message);
        }
        let wanted = match &export.to {
            Target::Folder { .. } => continue,
            Target::ObjectStore { .. } => ConnectionKind::ObjectStore,
            Target::Sftp { .. } => ConnectionKind::Sftp,
            Target::Postgres { .. } => ConnectionKind::Postgres,
            Target::Http { .. } => ConnectionKind::Http,
        };
        if let Some(named) = node.at("to").get("connection") {
            check_use(parts, named, wanted, checker.problems);
        }
    }
}

fn segments(export: &Export, node: &Node, checker: &mut Checker<'_>) {
    for (at, name) in export.segments.iter().enumerate() {
        if !checker.names.segments.contains(name) {
            let suggestion = super::near(name, &checker.names.segments);
            let message = format!("there is no segment `{name}`");
            let place = node.at(&format!("segments/{at}")).place;
            checker.problems.suggest(place, "unknownSegment", message, suggestion);
        }
    }
}

/// The entities that there can be.
pub(super) fn entity_names(names: &Names) -> Vec<String> {
    let made = [CUSTOMER, CUSTOMER_MEASURE, UNIFIED_ACTIVITY, SEGMENT_MEMBERSHIP].map(str::to_owned);
    let named = [&names.entities, &names.unified, &names.measures, &names.segments];
    named.into_iter().flatten().cloned().chain(made).collect()
}

fn entities(export: &Export, node: &Node, checker: &mut Checker<'_>) {
    let known = entity_names(&checker.names);
    for (at, name) in export.entities.iter().enumerate() {
        if !known.contains(name) {
            let suggestion = super::near(name, &known);
            let message = format!("there is no entity `{name}`");
            let place = node.at(&format!("entities/{at}")).place;
            checker.problems.suggest(place, "unknownEntity", message, suggestion);
        }
    }
}
