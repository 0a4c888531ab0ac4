//! What a unification was made by: kept with its result, so that it is explained by what it was, not by what is
//! applied now.

use serde::{Deserialize, Serialize};
use unify::definition::Unification;

use crate::definitions::Definitions;

/// The definition of a unification, and the keys of the entities that it read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeBy {
    /// Map, deduplicate, match, merge.
    pub unification: Unification,
    /// The entities of the match order.
    pub sources: Vec<SourceKey>,
}

/// Where an entity comes from and what identifies its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceKey {
    /// The entity's full name.
    pub entity: String,
    /// Its data source.
    pub data_source: String,
    /// The attributes that identify a row.
    pub primary_key: Vec<String>,
}

impl MadeBy {
    /// What the definitions say now; none without a unification in them.
    pub fn of(definitions: &Definitions) -> Option<Self> {
        let unification = definitions.unification.clone()?;
        let key = |entity: &str| {
            let (source, found) = definitions.source_entity(entity)?;
            Some(SourceKey {
                entity: entity.to_owned(),
                data_source: source.name.clone(),
                primary_key: found.primary_key.clone(),
            })
        };
        let sources = unification.match_.order.iter().filter_map(|it| key(&it.entity)).collect();
        Some(Self { unification, sources })
    }
}
