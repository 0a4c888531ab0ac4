//! Rules that are suggested from the rows of the newest snapshot, before anything is unified.

use datafusion::prelude::DataFrame;
use lake::View;
use serde::{Deserialize, Serialize};
use store::SnapshotId;
use tokio_util::sync::CancellationToken;
use unify::definition::Unification;
use unify::suggest::{Step, Suggestions, Wishes, draft, suggest};
use unify::{Input, Options};

use super::{Reader, Result, SourceKey, UnificationError, source};
use crate::definitions::{self, Definitions};

/// Rows of an entity that are looked at to tell whether it is about people.
const SAMPLE: usize = 5_000;

/// What is wished of suggestions.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuggestionsQuery {
    /// Only rules on this entity, by its full name.
    pub entity: Option<String>,
    /// The least expected share of a rule's pairs that are one customer, above 0 and at most 1; 0.97 without it.
    pub precision: Option<f64>,
}

impl SuggestionsQuery {
    /// The wishes; none when the precision means nothing.
    pub fn wishes(self) -> Option<Wishes> {
        let precision = self.precision.unwrap_or(Wishes::default().precision);
        (precision > 0.0 && precision <= 1.0).then_some(Wishes { precision, entity: self.entity })
    }
}

/// What is suggested, and from which rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggested {
    /// The snapshot whose rows were looked at.
    pub snapshot: SnapshotId,
    /// The rules, with what speaks for them.
    #[serde(flatten)]
    pub suggestions: Suggestions,
}

impl Reader {
    /// Suggests rules over the newest snapshot, for the match order of `definitions` (of those that are applied,
    /// without any). Where no unification is defined the entities that are about people are chosen, and an order.
    ///
    /// # Errors
    /// When no data is there yet, an entity is wished for that takes no part, or the lake cannot be read.
    pub async fn suggestions(
        &self,
        definitions: Option<&Definitions>,
        wishes: Wishes,
        step: impl Fn(Step) + Send + 'static,
        cancel: CancellationToken,
    ) -> Result<Suggested> {
        let applied;
        let definitions = match definitions {
            Some(definitions) => definitions,
            None => {
                applied = definitions::applied(self.store()).await?;
                &applied
            }
        };
        let view = self.view().await?;
        let sources = sources(definitions, &view);
        if sources.is_empty() {
            return Err(UnificationError::NothingIngested);
        }
        let unification = match &definitions.unification {
            Some(unification) => unification.clone(),
            None => drafted(&view, &sources).await?,
        };
        if let Some(entity) = &wishes.entity {
            let mut order = unification.match_.order.iter();
            if !order.any(|ordered| ordered.entity == *entity) {
                return Err(UnificationError::NotUnified(entity.clone()));
            }
        }
        let mut inputs = Vec::new();
        for ordered in &unification.match_.order {
            let found = sources.iter().find(|source| source.entity == ordered.entity);
            let source = found.ok_or_else(|| UnificationError::NotUnified(ordered.entity.clone()))?;
            let batches = view.collect(&source.entity, None).await?;
            inputs.extend(source::input(&view, source, batches));
        }
        let snapshot = view.snapshot();
        let running = tokio::task::spawn_blocking(move || {
            suggest(&unification, &inputs, &wishes, &Options::default(), &step, &cancel)
        });
        let suggestions = running.await.map_err(|error| UnificationError::Broken(error.to_string()))??;
        Ok(Suggested { snapshot, suggestions })
    }
}

/// The source entities that have data.
fn sources(definitions: &Definitions, view: &View) -> Vec<SourceKey> {
    let key = |(source, entity): (&definitions::DataSource, &definitions::SourceEntity)| SourceKey {
        entity: source.full_name(entity),
        data_source: source.name.clone(),
        primary_key: entity.primary_key.clone(),
    };
    let all = definitions.source_entities().map(key);
    all.filter(|source| view.schema(&source.entity).is_some()).collect()
}

/// A definition without rules, from a look at some rows of every entity.
async fn drafted(view: &View, sources: &[SourceKey]) -> Result<Unification> {
    let mut samples: Vec<Input> = Vec::new();
    for source in sources {
        let some: DataFrame = source::frame(view, &source.entity).await?.limit(0, Some(SAMPLE))?;
        samples.extend(source::input(view, source, some.collect().await?));
    }
    Ok(draft(&samples))
}
