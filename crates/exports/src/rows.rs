//! The rows of one entity: a schema, and batches as they come.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use futures::{Stream, StreamExt, stream};

use crate::definition::Attribute;
use crate::{ExportError, InputError, Result};

/// Batches as they come.
pub type BatchStream = Pin<Box<dyn Stream<Item = std::result::Result<RecordBatch, InputError>> + Send>>;

/// The rows of one segment or entity.
pub struct Rows {
    entity: String,
    schema: SchemaRef,
    /// The columns of the batches that are exported, when not all are.
    chosen: Option<Vec<usize>>,
    batches: BatchStream,
}

impl Rows {
    /// Rows of `entity` as they come; every batch has `schema`.
    pub fn new(entity: impl Into<String>, schema: SchemaRef, batches: BatchStream) -> Self {
        Self { entity: entity.into(), schema, chosen: None, batches }
    }

    /// Rows that are there already.
    pub fn of(entity: impl Into<String>, schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self::new(entity, schema, Box::pin(stream::iter(batches.into_iter().map(Ok))))
    }

    /// The segment's or entity's name.
    pub fn entity(&self) -> &str {
        &self.entity
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Only these columns, in this order, with their new names; all when there is no choice.
    ///
    /// # Errors
    /// When a column does not exist, or two would have one name.
    pub fn choose(mut self, attributes: &[Attribute]) -> Result<Self> {
        if attributes.is_empty() {
            return Ok(self);
        }
        let mut names = BTreeSet::new();
        let mut fields = Vec::with_capacity(attributes.len());
        let mut chosen = Vec::with_capacity(attributes.len());
        for attribute in attributes {
            let (index, field) =
                self.schema.column_with_name(&attribute.name).ok_or_else(|| self.unknown(attribute))?;
            if !names.insert(attribute.exported()) {
                let column = attribute.exported().to_owned();
                return Err(ExportError::ColumnTwice { entity: self.entity, column });
            }
            fields.push(field.clone().with_name(attribute.exported()));
            chosen.push(index);
        }
        self.schema = Arc::new(Schema::new(fields));
        self.chosen = Some(chosen);
        Ok(self)
    }

    fn unknown(&self, attribute: &Attribute) -> ExportError {
        ExportError::NoAttribute {
            entity: self.entity.clone(),
            attribute: attribute.name.clone(),
            known: self.schema.fields().iter().map(|field| field.name().clone()).collect(),
        }
    }

    /// The next batch.
    ///
    /// # Errors
    /// When the rows cannot be read.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let Some(batch) = self.batches.next().await else { return Ok(None) };
        let failed = |source: InputError| ExportError::Input { entity: self.entity.clone(), source };
        let batch = batch.map_err(failed)?;
        let Some(chosen) = &self.chosen else { return Ok(Some(batch)) };
        let columns = batch.project(chosen).map_err(|error| failed(error.into()))?;
        let renamed = RecordBatch::try_new(self.schema(), columns.columns().to_vec());
        renamed.map(Some).map_err(|error| failed(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;
    use arrow::datatypes::Int64Type;

    use super::*;
    use crate::testing::{customers, schema};

    fn attribute(name: &str, rename: Option<&str>) -> Attribute {
        Attribute { name: name.to_owned(), rename: rename.map(str::to_owned) }
    }

    #[tokio::test]
    async fn columns_are_chosen_ordered_and_renamed() {
        let rows = Rows::of("Customer", schema(), vec![customers(0..3)]);
        let mut rows = rows.choose(&[attribute("Points", None), attribute("EMail", Some("email"))]).unwrap();
        let names: Vec<String> = rows.schema().fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, ["Points", "email"]);
        let batch = rows.next().await.unwrap().unwrap();
        assert_eq!((batch.num_columns(), batch.column(0).as_primitive::<Int64Type>().value(2)), (2, 2));
        assert!(rows.next().await.unwrap().is_none());
    }

    #[test]
    fn a_wrong_choice_is_refused() {
        for (choice, code) in [
            (vec![attribute("Points", None), attribute("Phone", None)], "exportAttributeUnknown"),
            (vec![attribute("Points", None), attribute("EMail", Some("Points"))], "exportColumnTwice"),
        ] {
            let rows = Rows::of("Customer", schema(), Vec::new());
            assert_eq!(rows.choose(&choice).err().unwrap().code(), code);
        }
    }
}
