//! A unification without what only merge needs: it matches the same, over fewer columns.

use std::collections::BTreeSet;

use lake::View;
use unify::Input;
use unify::definition::{Merge, Preference};

use super::{MadeBy, Result, UnificationError, source};

impl MadeBy {
    /// The same definition without merge, winners and attributes that no rule compares.
    pub(super) fn slim(&self) -> Self {
        let mut slim = self.clone();
        slim.unification.merge = Merge::default();
        for own in &mut slim.unification.deduplication {
            own.winner = Preference::default();
            own.attributes = Vec::new();
        }
        for map in &mut slim.unification.map {
            let compared = self.read(&map.entity);
            map.attributes.retain(|attribute| compared.contains(&attribute.name));
        }
        slim
    }

    /// The attributes of an entity of the match order that matching reads: keys, what rules compare, and what has a
    /// meaning, by which signals are found.
    fn read(&self, entity: &str) -> BTreeSet<String> {
        let mut read = self.compared(entity);
        read.extend(self.source(entity).iter().flat_map(|source| source.primary_key.clone()));
        if self.unification.match_.probabilistic.is_some() {
            let map = self.unification.map.iter().filter(|map| map.entity == entity);
            let meant = map.flat_map(|map| &map.attributes).filter(|it| it.semantic_type.is_some());
            read.extend(meant.map(|attribute| attribute.name.clone()));
        }
        read
    }

    /// All rows of the entities, with the columns that matching reads; those that hold lists whole.
    pub(super) async fn slim_inputs(&self, view: &View) -> Result<Vec<Input>> {
        let mut inputs = Vec::new();
        for source in &self.sources {
            let entity = &source.entity;
            let schema = view.schema(entity).ok_or_else(|| UnificationError::NotUnified(entity.clone()))?;
            if !self.is_ordered(entity) {
                inputs.extend(source::input(view, source, view.collect(entity, None).await?));
                continue;
            }
            let read = self.read(entity);
            let kept = schema.fields().iter().enumerate().filter(|(_, field)| read.contains(field.name()));
            let kept: Vec<usize> = kept.map(|(at, _)| at).collect();
            let schema = schema.project(&kept)?;
            let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            let batches = view.collect(entity, Some(&columns)).await?;
            inputs.push(Input {
                data_source: source.data_source.clone(),
                entity: entity.clone(),
                primary_key: source.primary_key.clone(),
                batches,
                schema: schema.into(),
            });
        }
        Ok(inputs)
    }
}
