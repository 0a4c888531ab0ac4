//! What a changed schedule affects.

use std::collections::BTreeSet;

use super::super::model::{Definitions, SegmentState, Target};
use super::super::object::ObjectKind;
use super::{Change, Effect};

/// What is refreshed at other times from now on, without the schedules themselves.
pub(super) fn rescheduled(old: &Definitions, new: &Definitions, changes: &[Change]) -> Vec<Effect> {
    let mut found = BTreeSet::new();
    for change in changes {
        match change.kind {
            ObjectKind::Schedule => found.extend(follows_full_refresh(new)),
            ObjectKind::OwnSchedule => {
                let named = |definitions: &'_ Definitions| {
                    let schedules = definitions.schedules.iter();
                    schedules.filter(|it| it.name == change.name).map(|it| effect(&it.target)).next()
                };
                found.extend([named(old), named(new)].into_iter().flatten());
            }
            _ => {}
        }
    }
    let is_there = |it: &Effect| match it.kind {
        ObjectKind::DataSource => new.data_sources.iter().any(|source| source.name == it.name),
        ObjectKind::Measure => new.measure(&it.name).is_some(),
        ObjectKind::Segment => new.segment(&it.name).is_some(),
        _ => new.unification.is_some(),
    };
    found.into_iter().filter(is_there).collect()
}

/// Everything that has no times of its own.
fn follows_full_refresh(definitions: &Definitions) -> impl Iterator<Item = Effect> {
    let sources = definitions.data_sources.iter().map(|it| Target::DataSource(it.name.clone()));
    let unification = definitions.unification.iter().map(|_| Target::Unification);
    let measures = definitions.measures.iter().map(|it| Target::Measure(it.name.clone()));
    let active = definitions.segments.iter().filter(|it| it.state == SegmentState::Active);
    let segments = active.map(|it| Target::Segment(it.name.clone()));
    let own: BTreeSet<&Target> =
        definitions.schedules.iter().filter(|it| !it.in_full_refresh).map(|it| &it.target).collect();
    let all = sources.chain(unification).chain(measures).chain(segments);
    all.filter(move |target| !own.contains(target)).map(|target| effect(&target))
}

fn effect(target: &Target) -> Effect {
    match target {
        Target::DataSource(name) => Effect { kind: ObjectKind::DataSource, name: name.clone() },
        Target::Unification => Effect { kind: ObjectKind::Unification, name: "unification".to_owned() },
        Target::Measure(name) => Effect { kind: ObjectKind::Measure, name: name.clone() },
        Target::Segment(name) => Effect { kind: ObjectKind::Segment, name: name.clone() },
        Target::Export(name) => Effect { kind: ObjectKind::Export, name: name.clone() },
    }
}
