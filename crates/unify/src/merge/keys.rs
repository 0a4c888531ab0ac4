//! The source keys of profiles: of every entity the winner's primary key, and all keys.

use arrow::datatypes::DataType;

use super::Unification;
use super::gather::Pool;
use super::rows::Rows;
use super::table::Column;
use crate::error::UnifyError;
use crate::names::{Names, key_names};

impl<'a> Unification<'a> {
    /// The records `(entity, record)` of one entity in a profile.
    pub(super) fn members_of(&self, profile: usize, entity: usize) -> &'a [(u32, u32)] {
        let members = self.profiles.members(profile);
        let start = members.partition_point(|member| (member.0 as usize) < entity);
        let after = members.get(start..).unwrap_or(&[]);
        after.get(..after.partition_point(|member| member.0 as usize == entity)).unwrap_or(&[])
    }

    /// A column with the winner's value of one attribute of an entity.
    pub(super) fn winner_column(
        self,
        rows: &'a Rows,
        name: String,
        entity: usize,
        column: usize,
    ) -> Result<Option<Column<'a>>, UnifyError> {
        let Some(records) = self.records.get(entity) else { return Ok(None) };
        let Some(field) = records.schema.fields().get(column) else { return Ok(None) };
        let data_type = field.data_type().clone();
        let pool = Pool::new(&[(records, column)], &data_type)?;
        let winners = rows.winners(entity);
        Ok(Some(Column::new(name, data_type, move |rows| {
            let places = winners.get(rows).unwrap_or(&[]);
            pool.column(places.iter().map(|at| pool.pick(0, *at)))
        })))
    }

    /// The two key columns of an entity; their names are taken.
    pub(super) fn key_columns(
        self,
        rows: &'a Rows,
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
        columns.extend(self.winner_column(rows, winner, entity, plan.key)?);
        columns.push(Column::texts(alternate, 12, move |row, texts| {
            let members = self.members_of(rows.profile(row), entity);
            texts.push_joined(members.iter().map(|(_, record)| records.key(*record)));
        }));
        Ok(())
    }

    /// The column of the profiles' ids.
    pub(super) fn id_column(self, rows: &'a Rows, name: &str) -> Column<'a> {
        let id = move |row: usize| self.ids.id(rows.profile(row));
        let column = Column::texts(name, 36, move |row, texts| {
            texts.push_option(id(row).map(|id| id.text()).as_ref().map(AsRef::as_ref));
        });
        column.required()
    }

    /// A column of moments, in microseconds since 1970 UTC, of a row's profile.
    pub(super) fn moments(
        self,
        rows: &'a Rows,
        name: &str,
        moment: impl Fn(usize) -> Option<i64> + Send + Sync + 'a,
    ) -> Column<'a> {
        let utc: std::sync::Arc<str> = "UTC".into();
        let data_type = DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some(utc.clone()));
        Column::new(name, data_type, move |range| {
            let moments = range.map(|row| moment(rows.profile(row)));
            let array: arrow::array::TimestampMicrosecondArray = moments.collect();
            Ok(std::sync::Arc::new(array.with_timezone(utc.clone())))
        })
    }
}
