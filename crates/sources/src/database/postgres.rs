//! PostgreSQL: how to connect, what its types become, and how its values are written as text.

use futures::stream::BoxStream;
use outbound::{Connector, Relay};
use sqlx::postgres::{PgColumn, PgConnectOptions, PgConnection, PgRow, PgSslMode, PgTypeInfo, PgTypeKind};
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, Executor as _, Row as _, Statement as _, TypeInfo as _,
};

use super::columns::{Column, Natural, declared};
use super::error::Trouble;
use super::rows::Chunk;
use crate::access::Settings;
use crate::definition::AttributeType;
use crate::error::SourceError;

/// A transaction in PostgreSQL.
pub(super) struct Postgres {
    connection: PgConnection,
    target: String,
    _relay: Relay,
}

/// One state of the data for all entities; every value is shown in the same form whatever the server's settings.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL TIME ZONE 'UTC'; \
    SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL extra_float_digits = 1";

impl Postgres {
    pub(super) async fn open(settings: &Settings, door: &Connector) -> Result<Self, SourceError> {
        let host = settings.get("host").unwrap_or_default();
        let port = settings.get("port").and_then(|port| port.parse().ok()).unwrap_or(5432);
        let target = format!("{host}:{port}");
        let relay = door
            .relay(host, port, &format!(".s.PGSQL.{port}"))
            .await
            .map_err(|error| Trouble::on_the_way(&target, &error))?;
        let mut options = PgConnectOptions::new_without_pgpass()
            .host(host)
            .port(port)
            .socket(relay.folder())
            .username(settings.get("username").unwrap_or("postgres"))
            .ssl_mode(match settings.get("tls") {
                Some("none") => PgSslMode::Disable,
                Some("unverified") => PgSslMode::Require,
                _ => PgSslMode::VerifyFull,
            })
            .application_name("weir");
        if let Some(password) = settings.get("password") {
            options = options.password(password);
        }
        if let Some(database) = settings.get("database") {
            options = options.database(database);
        }
        let wrong = |error: sqlx::Error| Trouble::of(&target, &error);
        let mut connection = PgConnection::connect_with(&options).await.map_err(wrong)?;
        sqlx::raw_sql(BEGIN).execute(&mut connection).await.map_err(wrong)?;
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
            let natural = match natural(column.type_info()) {
                Natural::UnmeasuredDecimal => self.decimal(column).await?,
                natural => natural,
            };
            columns.push((column.name().to_owned(), natural));
        }
        Ok(columns)
    }

    /// The declared digits of a `numeric` column, if it comes from a table that bounds them.
    async fn decimal(&mut self, column: &PgColumn) -> Result<Natural, SourceError> {
        let (Some(relation), Some(number)) = (column.relation_id(), column.relation_attribute_no()) else {
            return Ok(Natural::UnmeasuredDecimal);
        };
        let sql = format!(
            "SELECT atttypmod::text FROM pg_attribute WHERE attrelid = {} AND attnum = {number}",
            relation.0
        );
        let found = self.text(&sql).await?.and_then(|text| text.parse::<i32>().ok()).unwrap_or(-1);
        // PostgreSQL packs precision and scale (11 bits, signed) into one number, four too high.
        let packed = found.wrapping_sub(4);
        let scale = ((packed & 0x7ff) ^ 1024) - 1024;
        let precision = u32::try_from((packed >> 16) & 0xffff).unwrap_or(0);
        Ok(if found < 4 { Natural::UnmeasuredDecimal } else { declared(precision, scale) })
    }

    pub(super) async fn text(&mut self, sql: &str) -> Result<Option<String>, SourceError> {
        let sql = format!("SELECT ({sql})::text");
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false);
        query.fetch_one(&mut self.connection).await.map_err(|error| self.wrong(&error))
    }

    pub(super) fn rows(&mut self, sql: String) -> BoxStream<'_, Result<PgRow, sqlx::Error>> {
        sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch(&mut self.connection)
    }
}

fn natural(info: &PgTypeInfo) -> Natural {
    use AttributeType as T;
    match info.kind() {
        PgTypeKind::Domain(base) => return natural(base),
        PgTypeKind::Array(_) | PgTypeKind::Composite(_) => return Natural::Nested,
        _ => {}
    }
    match info.name() {
        "BOOL" => Natural::Plain(T::Boolean),
        "INT2" | "INT4" | "INT8" | "OID" => Natural::Plain(T::Int64),
        "FLOAT4" | "FLOAT8" => Natural::Plain(T::Double),
        "NUMERIC" => Natural::UnmeasuredDecimal,
        "MONEY" => Natural::Plain(T::Decimal { precision: 19, scale: 2 }),
        "DATE" => Natural::Plain(T::Date),
        "TIMESTAMP" => Natural::Plain(T::DateTime),
        "TIMESTAMPTZ" => Natural::Plain(T::DateTimeOffset),
        "BYTEA" => Natural::Bytes,
        "RECORD" => Natural::Nested,
        name if name.ends_with("[]") => Natural::Nested,
        _ => Natural::Plain(T::String),
    }
}

/// The expression that shows a column as text.
pub(super) fn as_text(column: &Column) -> String {
    let name = &column.quoted;
    match column.natural {
        Natural::Bytes => format!("translate(encode({name}, 'base64'), E'\\n', '')"),
        Natural::Nested => format!("to_json({name})::text"),
        Natural::Plain(AttributeType::Decimal { .. }) => format!("{name}::numeric::text"),
        _ => format!("{name}::text"),
    }
}

pub(super) fn fill(row: &PgRow, chunk: &mut Chunk) -> Result<(), sqlx::Error> {
    for place in 0..row.len() {
        chunk.value(row.try_get_unchecked::<Option<&str>, _>(place)?);
    }
    Ok(())
}
