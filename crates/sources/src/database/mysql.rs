//! MySQL and MariaDB: how to connect, what their types become, and how their values are written as text.

use futures::stream::BoxStream;
use outbound::{Connector, Relay};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode};
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, Executor as _, Row as _, Statement as _, TypeInfo as _,
};

use super::columns::{Column, Natural};
use super::error::Trouble;
use super::rows::Chunk;
use crate::access::Settings;
use crate::definition::AttributeType;
use crate::error::SourceError;

/// A transaction in MySQL or MariaDB.
pub(super) struct Mysql {
    connection: MySqlConnection,
    target: String,
    _relay: Relay,
}

/// One state of the data for all entities.
const BEGIN: [&str; 2] = [
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
];

impl Mysql {
    pub(super) async fn open(settings: &Settings, door: &Connector) -> Result<Self, SourceError> {
        let host = settings.get("host").unwrap_or_default();
        let port = settings.get("port").and_then(|port| port.parse().ok()).unwrap_or(3306);
        let target = format!("{host}:{port}");
        let relay =
            door.relay(host, port, "mysql").await.map_err(|error| Trouble::on_the_way(&target, &error))?;
        let mut options = MySqlConnectOptions::new()
            .host(host)
            .port(port)
            .socket(relay.folder().join("mysql"))
            .username(settings.get("username").unwrap_or("root"))
            .charset("utf8mb4")
            .timezone(Some("+00:00".to_owned()))
            .ssl_mode(match settings.get("tls") {
                Some("none") => MySqlSslMode::Disabled,
                Some("unverified") => MySqlSslMode::Required,
                _ => MySqlSslMode::VerifyIdentity,
            });
        if let Some(password) = settings.get("password") {
            options = options.password(password);
        }
        if let Some(database) = settings.get("database") {
            options = options.database(database);
        }
        let wrong = |error: sqlx::Error| Trouble::of(&target, &error);
        let mut connection = MySqlConnection::connect_with(&options).await.map_err(wrong)?;
        for sql in BEGIN {
            sqlx::raw_sql(sql).execute(&mut connection).await.map_err(wrong)?;
        }
        Ok(Self { connection, target, _relay: relay })
    }

    fn wrong(&self, error: &sqlx::Error) -> SourceError {
        Trouble::of(&self.target, error).into()
    }

    pub(super) async fn columns(&mut self, origin: &str) -> Result<Vec<(String, Natural)>, SourceError> {
        let sql = AssertSqlSafe(format!("SELECT * FROM {origin}"));
        let prepared = (&mut self.connection).prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await;
        let prepared = prepared.map_err(|error| self.wrong(&error))?;
        let mut columns = Vec::new();
        for column in prepared.columns() {
            let natural = match natural(column.type_info().name()) {
                Natural::Bytes if self.is_text(column.name(), origin).await? => {
                    Natural::Plain(AttributeType::String)
                }
                natural => natural,
            };
            columns.push((column.name().to_owned(), natural));
        }
        Ok(columns)
    }

    /// Texts with a binary collation look like bytes to the driver (MariaDB keeps JSON in them); the server knows.
    async fn is_text(&mut self, column: &str, origin: &str) -> Result<bool, SourceError> {
        let column = super::quoted(column, '`');
        let charset = self.text(&format!("SELECT CHARSET({column}) FROM {origin} LIMIT 1")).await?;
        Ok(charset.is_some_and(|charset| charset != "binary"))
    }

    pub(super) async fn text(&mut self, sql: &str) -> Result<Option<String>, SourceError> {
        let sql = format!("SELECT CAST(({sql}) AS CHAR)");
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false);
        query.fetch_one(&mut self.connection).await.map_err(|error| self.wrong(&error))
    }

    pub(super) fn rows(&mut self, sql: String) -> BoxStream<'_, Result<MySqlRow, sqlx::Error>> {
        sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch(&mut self.connection)
    }
}

/// What a type becomes, by the driver's name for it.
fn natural(name: &str) -> Natural {
    use AttributeType as T;
    match name {
        "BOOLEAN" => Natural::Plain(T::Boolean),
        "BIGINT UNSIGNED" => Natural::Plain(T::Decimal { precision: 20, scale: 0 }),
        "FLOAT" => Natural::Single,
        "DOUBLE" => Natural::Plain(T::Double),
        // The digits are not in what the driver tells; they are the same in every row of a column.
        "DECIMAL" => Natural::UnmeasuredDecimal,
        "DATE" => Natural::Plain(T::Date),
        "DATETIME" => Natural::Plain(T::DateTime),
        "TIMESTAMP" => Natural::UtcMoment,
        "BIT" => Natural::Bits,
        "GEOMETRY" => Natural::Shape,
        "YEAR" => Natural::Plain(T::Int64),
        name if name.ends_with("BLOB") || name.ends_with("BINARY") => Natural::Bytes,
        name if name.split(' ').next().is_some_and(|name| name.ends_with("INT")) => Natural::Plain(T::Int64),
        _ => Natural::Plain(T::String),
    }
}

/// The expression that shows a column as text.
pub(super) fn as_text(column: &Column) -> String {
    let name = &column.quoted;
    match column.natural {
        Natural::Bytes => format!("REPLACE(TO_BASE64({name}), '\\n', '')"),
        Natural::UtcMoment => format!("CONCAT(CAST({name} AS CHAR), 'Z')"),
        Natural::Bits => format!("CAST(CAST({name} AS UNSIGNED) AS CHAR)"),
        Natural::Shape => format!("ST_AsText({name})"),
        Natural::Single => format!("CAST(CAST({name} AS DOUBLE) AS CHAR)"),
        _ => format!("CAST({name} AS CHAR)"),
    }
}

pub(super) fn fill(row: &MySqlRow, chunk: &mut Chunk) -> Result<(), sqlx::Error> {
    for place in 0..row.len() {
        chunk.value(row.try_get_unchecked::<Option<&str>, _>(place)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_mysql_become_types_of_ours() {
        use AttributeType as T;
        let expected = [
            ("BOOLEAN", T::Boolean),
            ("TINYINT UNSIGNED", T::Int64),
            ("MEDIUMINT", T::Int64),
            ("BIGINT", T::Int64),
            ("BIGINT UNSIGNED", T::Decimal { precision: 20, scale: 0 }),
            ("FLOAT", T::Double),
            ("DATETIME", T::DateTime),
            ("TIMESTAMP", T::DateTimeOffset),
            ("DATE", T::Date),
            ("TIME", T::String),
            ("BIT", T::Int64),
            ("LONGBLOB", T::String),
            ("VARBINARY", T::String),
            ("JSON", T::String),
            ("ENUM", T::String),
        ];
        for (name, attribute_type) in expected {
            assert_eq!(natural(name).attribute_type(), attribute_type, "{name}");
        }
    }
}
