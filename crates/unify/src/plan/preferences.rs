//! Which row speaks for several rows of an entity, and which attributes another row gives.

use super::{Context, Prefer, Winner};
use crate::definition::{Preference, Unification};
use crate::error::Problem;
use crate::values::{Kind, kind};

/// One for each entity, in match order. The row with the most filled attributes speaks where nothing is said.
pub(super) fn resolve(
    unification: &Unification,
    context: &Context<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Winner> {
    let winner = |entity: usize| {
        let name = context.name(entity);
        let Some(said) = unification.deduplication.iter().find(|it| it.entity == name) else {
            return Winner { prefer: Prefer::MostFilled, attributes: Vec::new(), deduplicated: false };
        };
        let place = format!("deduplication of {name}");
        let prefer = prefer(&said.winner, entity, &place, context, problems);
        let mut attributes: Vec<(usize, Prefer)> = Vec::new();
        for attribute in &said.attributes {
            let prefer = self::prefer(&attribute.preference, entity, &place, context, problems);
            let Some(found) = context.attribute(entity, &attribute.name, &place, problems) else { continue };
            if attributes.iter().any(|(column, _)| *column == found.column) {
                let (entity, attribute) = (name.to_owned(), attribute.name.clone());
                problems.push(Problem::PreferenceRepeated { entity, attribute });
            }
            attributes.push((found.column, prefer));
        }
        Winner { prefer, attributes, deduplicated: true }
    };
    (0..context.entities.len()).map(winner).collect()
}

fn prefer(
    preference: &Preference,
    entity: usize,
    place: &str,
    context: &Context<'_>,
    problems: &mut Vec<Problem>,
) -> Prefer {
    let (by, latest) = match preference {
        Preference::MostFilled => return Prefer::MostFilled,
        Preference::MostRecent { by } => (by, true),
        Preference::LeastRecent { by } => (by, false),
    };
    let Some(found) = context.attribute(entity, by, place, problems) else { return Prefer::MostFilled };
    if !matches!(kind(&found.data_type), Some(Kind::Number | Kind::Time | Kind::Moment)) {
        let (entity, attribute) = (context.name(entity).to_owned(), by.clone());
        let found = found.data_type.clone();
        problems.push(Problem::PreferenceNotComparable { entity, attribute, found });
    }
    match latest {
        true => Prefer::MostRecent(found.column),
        false => Prefer::LeastRecent(found.column),
    }
}
