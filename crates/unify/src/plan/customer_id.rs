//! The attributes from which the ids of customers are made.
//!
//! An entry stands for the attribute of the profile that is made from it: of its sources the first filled one, in
//! match order, counts. An attribute that is not in the profile stands for itself.

use super::{AttributePlan, Context, SourceAttribute};
use crate::definition::Unification;
use crate::error::Problem;

/// The most attributes that make an id, as in Customer Insights.
const ATTRIBUTES: usize = 5;

/// For each entry its sources in match order.
pub(super) fn resolve(
    unification: &Unification,
    attributes: &[AttributePlan],
    context: &Context<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Vec<SourceAttribute>> {
    let entries = &unification.merge.customer_id;
    if entries.len() > ATTRIBUTES {
        problems.push(Problem::CustomerIdAttributes { count: entries.len(), limit: ATTRIBUTES });
    }
    let mut made: Vec<Vec<SourceAttribute>> = Vec::new();
    for entry in entries {
        let Some((entity, column)) = context.qualified(entry, "merge.customerId", problems) else { continue };
        let own = SourceAttribute { entity, column, recency: None };
        let is_own = |it: &SourceAttribute| it.entity == entity && it.column == column;
        let attribute = attributes.iter().find(|attribute| attribute.sources.iter().any(is_own));
        let mut sources = attribute.map_or_else(|| vec![own], |it| it.sources.clone());
        sources.sort_by_key(|source| source.entity);
        if made.iter().flatten().any(is_own) {
            problems.push(Problem::CustomerIdRepeated { attribute: entry.to_string() });
        }
        made.push(sources);
    }
    made
}
