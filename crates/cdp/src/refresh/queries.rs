//! What measures and segments that are queries read: the entities and measures that their texts name.

use std::collections::BTreeSet;

use crate::definitions::{Definitions, Measure, MeasureKind, MeasureState, UNIFIED_ACTIVITY};
use crate::relationships::CUSTOMER_MEASURE;

/// What a query reads.
#[derive(Debug, Default)]
pub(super) struct QueryReads {
    /// The entities of sources, of the unification, of activities and of the customer attributes.
    pub entities: BTreeSet<String>,
    /// The measures whose entities it names.
    pub measures: BTreeSet<String>,
    /// Whether that is all that its result depends on: not on the time, nor on what is told from no text.
    pub is_all: bool,
}

impl QueryReads {
    /// What a query reads. One that cannot be told, and one that names anything else, may read every entity.
    pub(super) fn of(definitions: &Definitions, sql: &str) -> Self {
        let Ok(reads) = lake::query::reads(sql) else { return Self::anything(definitions) };
        let known = entities(definitions);
        let mut found = Self { is_all: reads.is_settled, ..Self::default() };
        for table in &reads.tables {
            let is = |name: &str| name.eq_ignore_ascii_case(table);
            let is_entity = |name: &&String| is(name) || is(&format!("{name}_corrupt"));
            let is_computed = |measure: &&Measure| {
                measure.kind != MeasureKind::CustomerAttribute && measure.state == MeasureState::Active
            };
            let mut measures = definitions.measures.iter().filter(is_computed);
            if let Some(entity) = known.iter().find(is_entity) {
                found.entities.insert(entity.clone());
            } else if let Some(measure) = measures.find(|measure| is(&measure.name)) {
                found.measures.insert(measure.name.clone());
            } else {
                return Self::anything(definitions);
            }
        }
        found
    }

    fn anything(definitions: &Definitions) -> Self {
        let mut entities = entities(definitions);
        entities.remove(CUSTOMER_MEASURE);
        Self { entities, measures: BTreeSet::new(), is_all: false }
    }
}

/// Every entity that there can be, but for those that measures and segments are.
fn entities(definitions: &Definitions) -> BTreeSet<String> {
    let sources = definitions.source_entities().map(|(source, entity)| source.full_name(entity));
    let mut entities: BTreeSet<String> = sources.chain(definitions.unified_entities()).collect();
    if !definitions.activities.is_empty() {
        entities.insert(UNIFIED_ACTIVITY.to_owned());
    }
    entities.insert(CUSTOMER_MEASURE.to_owned());
    entities
}
