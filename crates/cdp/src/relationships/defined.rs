//! The graph of an instance's entities.

use super::{CUSTOMER_ID, CUSTOMER_MEASURE};
use crate::definitions::{CUSTOMER, Deduplication, Definitions, UNIFIED_ACTIVITY, deduplication_entity};
use insight::relationships::{Edge, EdgeKind, Graph};

/// The graph that the definitions make.
///
/// The edges are the relationships that the user defines, one system relationship `CustomerTo<Entity>` for each
/// entity that takes part in unification, and one from Customer to the customer attribute measures.
pub fn graph(definitions: &Definitions) -> Graph {
    let mut graph = Graph::default();
    graph.add(Edge {
        name: None,
        from: CUSTOMER.to_owned(),
        to: CUSTOMER_MEASURE.to_owned(),
        kind: EdgeKind::Measures,
    });
    for relationship in &definitions.relationships {
        let (from, to) = (&relationship.from, &relationship.to);
        let kind = EdgeKind::Key { from: from.attribute.clone(), to: to.attribute.clone() };
        let (name, from, to) = (relationship.name.clone(), from.entity.clone(), to.entity.clone());
        graph.add(Edge { name, from, to, kind });
    }
    let unified = definitions.unification.iter().flat_map(|unification| &unification.match_.order);
    for order in unified {
        let Some((source, entity)) = definitions.source_entity(&order.entity) else { continue };
        if let [key] = entity.primary_key.as_slice() {
            graph.add(Edge {
                name: Some(format!("CustomerTo{}", order.entity)),
                from: order.entity.clone(),
                to: CUSTOMER.to_owned(),
                kind: EdgeKind::Customer { data_source: source.name.clone(), key: key.clone() },
            });
        }
    }
    if !definitions.activities.is_empty() {
        graph.add(Edge {
            name: None,
            from: UNIFIED_ACTIVITY.to_owned(),
            to: CUSTOMER.to_owned(),
            kind: EdgeKind::Key { from: CUSTOMER_ID.to_owned(), to: CUSTOMER_ID.to_owned() },
        });
    }
    add_deduplications(&mut graph, definitions);
    graph
}

/// What deduplication found has a row for each row of its entity, with the same key.
fn add_deduplications(graph: &mut Graph, definitions: &Definitions) {
    let deduplications = definitions.unification.iter().flat_map(|it| &it.deduplication);
    for Deduplication { entity: name, .. } in deduplications {
        let Some((_, entity)) = definitions.source_entity(name) else { continue };
        if let [key] = entity.primary_key.as_slice() {
            graph.add(Edge {
                name: None,
                from: deduplication_entity(name),
                to: name.clone(),
                kind: EdgeKind::Key { from: key.clone(), to: key.clone() },
            });
        }
    }
}
