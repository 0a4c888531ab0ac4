//! Which attribute tells how recent a row is, where a merged attribute takes the most or least recent value.

use super::{Context, SourceAttribute};
use crate::error::Problem;
use crate::values::{Kind, kind};
use lang::attribute::AttributeRef;

/// Finds for every source the column that `by` names: the one of its entity, or a name without an entity.
pub(super) fn resolve(
    name: &str,
    by: &[AttributeRef],
    context: &Context<'_>,
    sources: &mut [SourceAttribute],
    problems: &mut Vec<Problem>,
) {
    let place = format!("merged attribute {name}");
    let mut first: Option<(Option<Kind>, String)> = None;
    for source in sources {
        let entity = context.name(source.entity);
        let own = by.iter().find(|it| it.entity.as_deref() == Some(entity));
        let Some(said) = own.or_else(|| by.iter().find(|it| it.entity.is_none())) else {
            let (name, entity) = (name.to_owned(), entity.to_owned());
            problems.push(Problem::RecencyAttributeMissing { name, entity });
            continue;
        };
        let Some(found) = context.attribute(source.entity, &said.attribute, &place, problems) else {
            continue;
        };
        let attribute = format!("{entity}.{}", found.name);
        let kind = kind(&found.data_type);
        if !matches!(kind, Some(Kind::Number | Kind::Time | Kind::Moment)) {
            let (name, found) = (name.to_owned(), found.data_type.clone());
            problems.push(Problem::RecencyAttributeNotComparable { name, attribute, found });
            continue;
        }
        source.recency = Some(found.column);
        match &first {
            None => first = Some((kind, attribute)),
            Some((expected, first)) if *expected != kind => {
                let (name, first) = (name.to_owned(), first.clone());
                problems.push(Problem::RecencyAttributesDiffer { name, first, second: attribute });
            }
            Some(_) => {}
        }
    }
}
