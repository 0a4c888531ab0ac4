//! SQLite: a file. Values have types of their own there, whatever the column says; what a column says is taken when
//! all its values fit it.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use futures::stream::BoxStream;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, Executor as _, Row as _, Statement as _, TypeInfo as _,
    ValueRef as _,
};

use super::columns::{Natural, declared};
use super::error::Trouble;
use super::quoted;
use super::rows::Chunk;
use crate::definition::AttributeType;
use crate::error::SourceError;

/// A transaction in an SQLite file.
pub(super) struct Sqlite {
    connection: SqliteConnection,
    target: String,
}

impl Sqlite {
    pub(super) async fn open(path: &Path) -> Result<Self, SourceError> {
        if !path.is_file() {
            return Err(SourceError::NotFound { path: path.to_owned() });
        }
        let target = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .create_if_missing(false)
            .busy_timeout(Duration::from_secs(10));
        let wrong = |error: sqlx::Error| Trouble::of(&target, &error);
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(wrong)?;
        // The first read fixes the state that all others see.
        sqlx::raw_sql("BEGIN; SELECT count(*) FROM sqlite_schema")
            .execute(&mut connection)
            .await
            .map_err(wrong)?;
        Ok(Self { connection, target })
    }

    fn wrong(&self, error: &sqlx::Error) -> SourceError {
        Trouble::of(&self.target, error).into()
    }

    pub(super) async fn columns(
        &mut self,
        origin: &str,
        table: Option<&str>,
    ) -> Result<Vec<(String, Natural)>, SourceError> {
        let sql = AssertSqlSafe(format!("SELECT * FROM {origin}"));
        let prepared = (&mut self.connection).prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await;
        let prepared = prepared.map_err(|error| self.wrong(&error))?;
        let mut columns = Vec::new();
        for column in prepared.columns() {
            let name = column.name().to_owned();
            let said = match table {
                Some(table) => self.declared(table, &name).await?,
                None => column.type_info().name().to_owned(),
            };
            let natural = self.natural(&name, &said, origin).await?;
            columns.push((name, natural));
        }
        Ok(columns)
    }

    /// The type that a table says for a column, as it was written.
    async fn declared(&mut self, table: &str, column: &str) -> Result<String, SourceError> {
        let table = table.rsplit('.').next().unwrap_or(table);
        let query = sqlx::query_scalar("SELECT type FROM pragma_table_info(?) WHERE name = ?");
        let found = query.bind(table).bind(column).fetch_optional(&mut self.connection).await;
        Ok(found.map_err(|error| self.wrong(&error))?.unwrap_or_default())
    }

    /// What the column says, if all its values are stored as such; else what its values are.
    async fn natural(&mut self, name: &str, said: &str, origin: &str) -> Result<Natural, SourceError> {
        let column = quoted(name, '"');
        let sql = format!("SELECT group_concat(DISTINCT typeof({column})) FROM {origin}");
        let kinds = self.text(&sql).await?.unwrap_or_default();
        let only = |allowed: &[&str]| {
            kinds.split(',').all(|kind| kind.is_empty() || kind == "null" || allowed.contains(&kind))
        };
        let Some((natural, stored_as)) = by_declaration(said) else { return Ok(by_values(only)) };
        Ok(if only(stored_as) { natural } else { by_values(only) })
    }

    pub(super) async fn text(&mut self, sql: &str) -> Result<Option<String>, SourceError> {
        let sql = format!("SELECT CAST(({sql}) AS TEXT)");
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false);
        query.fetch_one(&mut self.connection).await.map_err(|error| self.wrong(&error))
    }

    pub(super) fn rows(&mut self, sql: String) -> BoxStream<'_, Result<SqliteRow, sqlx::Error>> {
        sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch(&mut self.connection)
    }
}

/// The type that a declaration means, and how its values are stored.
fn by_declaration(said: &str) -> Option<(Natural, &'static [&'static str])> {
    use AttributeType as T;
    let said = said.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if let Some(decimal) = decimal(&said) {
        return Some((decimal, &["integer", "real"]));
    }
    Some(if has(&["BOOL"]) {
        (Natural::Plain(T::Boolean), &["integer"])
    } else if has(&["DATETIME", "TIMESTAMP"]) {
        (Natural::Plain(T::DateTime), &["text"])
    } else if said == "DATE" {
        (Natural::Plain(T::Date), &["text"])
    } else if has(&["INT"]) {
        (Natural::Plain(T::Int64), &["integer"])
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        (Natural::Plain(T::Double), &["integer", "real"])
    } else if has(&["CHAR", "CLOB", "TEXT", "BLOB"]) {
        (Natural::Plain(T::String), &["integer", "real", "text", "blob"])
    } else {
        return None;
    })
}

/// `DECIMAL(10,2)` and `NUMERIC(10,2)`.
fn decimal(said: &str) -> Option<Natural> {
    let inside = said.strip_prefix("DECIMAL").or_else(|| said.strip_prefix("NUMERIC"))?;
    let inside = inside.trim().strip_prefix('(')?.strip_suffix(')')?;
    let (precision, scale) = inside.split_once(',').unwrap_or((inside, "0"));
    match declared(precision.trim().parse().ok()?, scale.trim().parse().ok()?) {
        Natural::UnmeasuredDecimal => None,
        natural => Some(natural),
    }
}

fn by_values(only: impl Fn(&[&str]) -> bool) -> Natural {
    use AttributeType as T;
    Natural::Plain(if only(&[]) {
        T::String
    } else if only(&["integer"]) {
        T::Int64
    } else if only(&["integer", "real"]) {
        T::Double
    } else {
        T::String
    })
}

pub(super) fn fill(row: &SqliteRow, chunk: &mut Chunk) -> Result<(), sqlx::Error> {
    for place in 0..row.len() {
        let value = row.try_get_raw(place)?;
        if value.is_null() {
            chunk.value(None);
            continue;
        }
        let kind = value.type_info().name().to_owned();
        match kind.as_str() {
            "INTEGER" | "BOOLEAN" => {
                chunk.value(Some(&row.try_get_unchecked::<i64, _>(place)?.to_string()));
            }
            "REAL" => chunk.value(Some(&row.try_get_unchecked::<f64, _>(place)?.to_string())),
            "BLOB" => {
                let bytes = row.try_get_unchecked::<&[u8], _>(place)?;
                chunk.value(Some(&base64::engine::general_purpose::STANDARD.encode(bytes)));
            }
            _ => chunk.value(Some(row.try_get_unchecked::<&str, _>(place)?)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_read_as_sqlite_reads_them() {
        use AttributeType as T;
        let natural = |said| by_declaration(said).map(|(natural, _)| natural.attribute_type());
        assert_eq!(natural("decimal(10, 2)"), Some(T::Decimal { precision: 10, scale: 2 }));
        assert_eq!(natural("UNSIGNED BIG INT"), Some(T::Int64));
        assert_eq!(natural("VARCHAR(20)"), Some(T::String));
        assert_eq!(natural("datetime"), Some(T::DateTime));
        assert_eq!(natural("boolean"), Some(T::Boolean));
        assert_eq!(natural("double precision"), Some(T::Double));
        assert_eq!(natural(""), None);
        assert_eq!(natural("NUMERIC"), None);
    }
}
