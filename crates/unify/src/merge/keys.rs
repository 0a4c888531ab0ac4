//! The source keys of profiles: of every entity the winner's primary key, and all keys.

use arrow::datatypes::DataType;

use crate::error::UnifyError;
use crate::names::{Names, key_names};

use super::Unification;
use super::gather::{Column, Pool, texts};

impl<'a> Unification<'a> {
    /// The winner's row of an entity in a profile.
    pub(super) fn winner_row(&self, profile: usize, entity: usize) -> Option<crate::records::RowAt> {
        let record = self.winners.get(profile, entity)?;
        self.records.get(entity)?.rows.get(record as usize).copied()
    }

    /// The records of one entity in a profile.
    pub(super) fn members_of(&self, profile: usize, entity: usize) -> impl Iterator<Item = u32> + 'a {
        let members = self.profiles.members(profile).iter();
        members.filter(move |member| member.0 as usize == entity).map(|member| member.1)
    }

    /// A column with the winner's value of one attribute of an entity.
    pub(super) fn winner_column(
        self,
        name: String,
        entity: usize,
        column: usize,
    ) -> Result<Option<Column<'a>>, UnifyError> {
        let Some(records) = self.records.get(entity) else { return Ok(None) };
        let Some(field) = records.schema.fields().get(column) else { return Ok(None) };
        let data_type = field.data_type().clone();
        let pool = Pool::new(&[(records, column)], &data_type)?;
        Ok(Some(Column::new(name, data_type, move |rows| {
            let pick = |profile: &usize| pool.pick(0, self.winner_row(*profile, entity)?);
            pool.column(rows.iter().map(pick))
        })))
    }

    /// The two key columns of an entity; their names are taken.
    pub(super) fn key_columns(
        self,
        entity: usize,
        names: &mut Names,
        columns: &mut Vec<Column<'a>>,
    ) -> Result<(), UnifyError> {
        let (Some(plan), Some(records)) = (self.plan.entities.get(entity), self.records.get(entity)) else {
            return Ok(());
        };
        let key = records.schema.fields().get(plan.key).map_or("", |field| field.name());
        let [winner, alternate] = key_names(&plan.name, key);
        names.take(&winner);
        names.take(&alternate);
        columns.extend(self.winner_column(winner, entity, plan.key)?);
        columns.push(Column::new(alternate, DataType::Utf8, move |rows| {
            let keys = |profile: &usize| {
                let keys: Vec<&str> = self.members_of(*profile, entity).map(|it| records.key(it)).collect();
                (!keys.is_empty()).then(|| keys.join(";"))
            };
            texts(rows.iter().map(keys))
        }));
        Ok(())
    }

    /// The column of the profiles' ids.
    pub(super) fn id_column(self, name: &str) -> Column<'a> {
        let make = move |rows: &[usize]| -> Result<arrow::array::ArrayRef, UnifyError> {
            let id = |profile: &usize| self.ids.id(*profile).map(|id| id.to_string());
            texts(rows.iter().map(id))
        };
        Column::new(name, DataType::Utf8, make).required()
    }
}
