//! What depends on what: the objects that are computed again when others change.

use std::collections::BTreeSet;

use super::super::check::{calculated_paths, paths_of};
use super::super::model::{
    CUSTOMER, DataSource, Definitions, Measure, MeasureKind, Segment, UNIFIED_ACTIVITY, Unification,
};
use super::super::object::ObjectKind;
use super::{Change, Effect};

/// Something that objects give to others, or need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Entity(String),
    Relationships,
    Profiles,
    Activities,
    Measure(String),
    Segment(String),
}

/// What must be computed again, without the objects that change themselves.
pub(super) fn effects(old: &Definitions, new: &Definitions, changes: &[Change]) -> Vec<Effect> {
    let mut changed: BTreeSet<Thing> = changes.iter().flat_map(|change| given(old, new, change)).collect();
    let nodes = nodes(new);
    let mut effects = BTreeSet::new();
    // Each round takes the work one step further; there are not more steps than objects.
    for _ in 0..=nodes.len() {
        let before = changed.len();
        for node in &nodes {
            if node.needs.iter().any(|need| changed.contains(need)) {
                changed.insert(node.gives.clone());
                effects.insert(Effect { kind: node.kind, name: node.name.clone() });
            }
        }
        if changed.len() == before {
            break;
        }
    }
    let is_change =
        |it: &Effect| changes.iter().any(|change| change.kind == it.kind && change.name == it.name);
    effects.into_iter().filter(|effect| !is_change(effect)).collect()
}

/// The things that a change touches.
fn given(old: &Definitions, new: &Definitions, change: &Change) -> Vec<Thing> {
    let name = change.name.clone();
    match change.kind {
        ObjectKind::DataSource => {
            let find = |definitions: &'_ Definitions| {
                definitions.data_sources.iter().find(|source| source.name == name).cloned()
            };
            entities(find(old), find(new)).into_iter().map(Thing::Entity).collect()
        }
        ObjectKind::Relationship => vec![Thing::Relationships],
        ObjectKind::Unification => vec![Thing::Profiles],
        ObjectKind::Activity => vec![Thing::Activities],
        ObjectKind::Measure => vec![Thing::Measure(name)],
        ObjectKind::Segment => vec![Thing::Segment(name)],
        ObjectKind::Instance
        | ObjectKind::Schedule
        | ObjectKind::OwnSchedule
        | ObjectKind::AutoDeactivation
        | ObjectKind::FailingFlows
        | ObjectKind::Search
        | ObjectKind::Export
        | ObjectKind::Connection
        | ObjectKind::Threshold
        | ObjectKind::Flow => Vec::new(),
    }
}

/// The entities that differ: all when the source itself differs.
fn entities(old: Option<DataSource>, new: Option<DataSource>) -> BTreeSet<String> {
    let same_source = |old: &DataSource, new: &DataSource| {
        place_of(old) == place_of(new) && old.quarantine == new.quarantine
    };
    let by_part = matches!((&old, &new), (Some(old), Some(new)) if same_source(old, new));
    let unchanged = |source: &DataSource, name: &str, other: &Option<DataSource>| {
        let find = |source: &DataSource| source.entities().iter().find(|it| it.name == name).cloned();
        by_part && other.as_ref().and_then(find) == find(source)
    };
    let mut names = BTreeSet::new();
    for (source, other) in [(&old, &new), (&new, &old)] {
        let Some(source) = source else { continue };
        let differ = source.entities().iter().filter(|entity| !unchanged(source, &entity.name, other));
        names.extend(differ.map(|entity| source.full_name(entity)));
    }
    names
}

/// Where a data source reads from: all that is said of it but its entities.
fn place_of(source: &DataSource) -> Option<serde_json::Value> {
    let mut said = serde_json::to_value(&source.kind).ok()?;
    said.as_object_mut()?.remove("entities");
    Some(said)
}

/// An object that is computed.
struct Computed {
    kind: ObjectKind,
    name: String,
    needs: Vec<Thing>,
    gives: Thing,
}

fn nodes(definitions: &Definitions) -> Vec<Computed> {
    let unification = definitions.unification.iter().map(|it| Computed {
        kind: ObjectKind::Unification,
        name: "unification".to_owned(),
        needs: unification_needs(it),
        gives: Thing::Profiles,
    });
    let activities = definitions.activities.iter().map(|it| Computed {
        kind: ObjectKind::Activity,
        name: it.name.clone(),
        needs: vec![Thing::Entity(it.entity.clone()), Thing::Profiles, Thing::Relationships],
        gives: Thing::Activities,
    });
    let measures = definitions.measures.iter().map(|it| Computed {
        kind: ObjectKind::Measure,
        name: it.name.clone(),
        needs: measure_needs(definitions, it),
        gives: Thing::Measure(it.name.clone()),
    });
    let segments = definitions.segments.iter().map(|it| Computed {
        kind: ObjectKind::Segment,
        name: it.name.clone(),
        needs: segment_needs(definitions, it),
        gives: Thing::Segment(it.name.clone()),
    });
    unification.chain(activities).chain(measures).chain(segments).collect()
}

fn unification_needs(unification: &Unification) -> Vec<Thing> {
    unification.reads().into_iter().map(|entity| Thing::Entity(entity.to_owned())).collect()
}

fn measure_needs(definitions: &Definitions, measure: &Measure) -> Vec<Thing> {
    let calculated = measure.calculations.iter().flat_map(|it| calculated_paths(it.calculate.calculation()));
    let filtered = measure.filter.iter().flat_map(|filter| paths_of(filter.condition()));
    let mut needs: Vec<Thing> =
        calculated.chain(filtered).flat_map(|path| path_needs(definitions, path)).collect();
    for by in &measure.by {
        needs.push(named(definitions, by.attribute.entity.as_deref().unwrap_or(CUSTOMER)));
    }
    let entities =
        needs.iter().filter(|need| matches!(need, Thing::Entity(_))).collect::<BTreeSet<_>>().len();
    if measure.kind != MeasureKind::Business {
        needs.push(Thing::Profiles);
    }
    // Rows of one entity are brought to customers, or to rows of another entity, along relationships.
    if entities > 1 || (entities == 1 && needs.contains(&Thing::Profiles)) {
        needs.push(Thing::Relationships);
    }
    needs
}

fn segment_needs(definitions: &Definitions, segment: &Segment) -> Vec<Thing> {
    let paths = segment.rules.iter().flat_map(|rule| paths_of(rule.where_.condition()));
    let mut needs: Vec<Thing> = paths.flat_map(|path| path_needs(definitions, path)).collect();
    needs.extend(segment.project.iter().flat_map(|it| it.entity.as_deref()).map(|it| named(definitions, it)));
    if needs.iter().any(|need| matches!(need, Thing::Entity(_))) {
        needs.push(Thing::Relationships);
    }
    needs.extend(insight::segments::asks_for(segment).into_iter().map(|it| Thing::Segment(it.to_owned())));
    needs.push(Thing::Profiles);
    needs
}

fn path_needs(definitions: &Definitions, path: &lang::rule::Path) -> Vec<Thing> {
    let name = path.name.value.as_str();
    match path.entity.as_ref().map(|entity| entity.value.as_str()) {
        Some(entity) if entity != CUSTOMER => vec![named(definitions, entity)],
        _ if definitions.measure(name).is_some() => vec![Thing::Profiles, Thing::Measure(name.to_owned())],
        // `count(Entity)` names an entity where an attribute would stand.
        _ if name == UNIFIED_ACTIVITY => vec![Thing::Activities],
        _ if definitions.source_entity(name).is_some() => vec![Thing::Entity(name.to_owned())],
        _ => vec![Thing::Profiles],
    }
}

fn named(definitions: &Definitions, entity: &str) -> Thing {
    if entity == CUSTOMER || definitions.unified_entities().iter().any(|made| made == entity) {
        Thing::Profiles
    } else if entity == UNIFIED_ACTIVITY {
        Thing::Activities
    } else if definitions.measure(entity).is_some() {
        Thing::Measure(entity.to_owned())
    } else {
        Thing::Entity(entity.to_owned())
    }
}
