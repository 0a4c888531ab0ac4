//! Activities: the entity and its attributes are there, and fields do not take the names of columns.

use insight::definition::ACTIVITY_COLUMNS;

use super::super::gather::Parts;
use super::super::model::Activity;
use super::super::node::Node;
use super::Checker;

pub(super) fn check(parts: &Parts, checker: &mut Checker<'_>) {
    for part in &parts.activities {
        if let Some(activity) = &part.value {
            self::activity(activity, &part.node, checker);
        }
    }
}

fn activity(activity: &Activity, node: &Node, checker: &mut Checker<'_>) {
    if !checker.source_entity(&activity.entity, node.place_of("entity")) {
        return;
    }
    let named = [
        ("timestamp", Some(&activity.timestamp)),
        ("event", activity.event.as_ref()),
        ("detail", activity.detail.as_ref()),
        ("url", activity.url.as_ref()),
    ];
    for (key, attribute) in named {
        if let Some(attribute) = attribute {
            checker.attribute_of(&activity.entity, attribute, node.place_of(key));
        }
    }
    for (field, attribute) in &activity.fields {
        let place = node.at("fields").place_of(field);
        checker.attribute_of(&activity.entity, attribute, place);
        if ACTIVITY_COLUMNS.iter().any(|column| column.eq_ignore_ascii_case(field)) {
            let message = format!("every activity has a column `{field}` already");
            let more = Some("choose another name for the field".to_owned());
            checker.problems.suggest(place, "duplicateName", message, more);
        }
    }
}
