//! Databases: tables and queries, read in one transaction that sees one state of the data.
//!
//! The database itself turns every value into text of a fixed form (moments in UTC, bytes as base64, arrays as
//! JSON), so that types, the primary key and quarantine are the same as for files. The column's type in the
//! database decides its type here. Nothing is ever written: the transaction is read-only where the database knows
//! such transactions.

mod columns;
mod error;
mod mysql;
mod postgres;
pub(crate) mod read;
mod rows;
mod sqlite;

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

pub(crate) use columns::{Column, Natural};
pub use error::{Trouble, TroubleKind};
use rows::Chunk;

use crate::access::{Access, Settings};
use crate::definition::{SourceEntity, SourceKind};
use crate::error::SourceError;

/// A transaction over one state of a database.
pub(crate) struct Session {
    runtime: Runtime,
    connection: Connection,
    cancel: CancellationToken,
}

enum Connection {
    Postgres(Box<postgres::Postgres>),
    Mysql(Box<mysql::Mysql>),
    Sqlite(Box<sqlite::Sqlite>),
}

/// Opening a connection and beginning the transaction, at most.
const OPENING: Duration = Duration::from_secs(60);

impl Session {
    /// Connects, and begins the transaction.
    pub(crate) fn open(
        kind: &SourceKind,
        access: &Access,
        cancel: &CancellationToken,
    ) -> Result<Self, SourceError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Trouble::lost("this machine", &error))?;
        let opening = async {
            tokio::select! {
                () = cancel.cancelled() => Err(SourceError::Cancelled),
                opened = tokio::time::timeout(OPENING, connect(kind, access)) => opened.unwrap_or_else(|_| {
                    Err(Trouble::lost("the database", &"it did not answer within a minute").into())
                }),
            }
        };
        let connection = runtime.block_on(opening)?;
        Ok(Self { runtime, connection, cancel: cancel.clone() })
    }

    /// What a SELECT reads the rows of an entity from: the table by its quoted name, or the query in brackets.
    pub(crate) fn origin(&self, entity: &SourceEntity) -> String {
        let quote = self.quote();
        match (&entity.table, &entity.query) {
            (Some(table), _) => {
                let parts: Vec<String> = table.split('.').map(|part| quoted(part, quote)).collect();
                parts.join(".")
            }
            (None, Some(query)) => {
                let query = query.trim().trim_end_matches(';');
                // The line break ends a comment that the query may end with.
                format!("({query}\n) AS {}", quoted("q", quote))
            }
            (None, None) => quoted(&entity.name, quote),
        }
    }

    fn quote(&self) -> char {
        match &self.connection {
            Connection::Mysql(_) => '`',
            Connection::Postgres(_) | Connection::Sqlite(_) => '"',
        }
    }

    /// The columns of what is read.
    pub(crate) fn columns(&mut self, entity: &SourceEntity) -> Result<Vec<Column>, SourceError> {
        let (origin, quote) = (self.origin(entity), self.quote());
        let asked = async {
            match &mut self.connection {
                Connection::Postgres(it) => it.columns(&origin).await,
                Connection::Mysql(it) => it.columns(&origin).await,
                Connection::Sqlite(it) => it.columns(&origin, entity.table.as_deref()).await,
            }
        };
        let found = run(&self.runtime, &self.cancel, asked)?;
        let mut columns = Vec::with_capacity(found.len());
        for (name, natural) in found {
            let quoted = quoted(&name, quote);
            columns.push(Column { name, quoted, natural });
        }
        self.measure_numbers(&origin, &mut columns)?;
        Ok(columns)
    }

    /// Exact numbers whose size the database does not tell are measured: how many digits they have.
    fn measure_numbers(&mut self, origin: &str, columns: &mut [Column]) -> Result<(), SourceError> {
        for column in columns {
            if column.natural != Natural::UnmeasuredDecimal {
                continue;
            }
            let [whole, fraction] = self.digits(&column.quoted);
            let scale = self.text(&format!("SELECT max({fraction}) FROM {origin}"))?;
            let whole = self.text(&format!("SELECT max({whole}) FROM {origin}"))?;
            let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
            column.natural = columns::measured(number(whole), number(scale));
        }
        Ok(())
    }

    /// Expressions for the digits before and after the point, as text.
    fn digits(&self, column: &str) -> [String; 2] {
        match &self.connection {
            Connection::Postgres(_) => {
                let finite = format!("CASE WHEN {column}::text ~ '^[-0-9.]+$' THEN {column} END");
                [format!("length(trunc(abs({finite}))::text)"), format!("scale({finite}::numeric)")]
            }
            Connection::Mysql(_) => {
                let text = format!("CAST(ABS({column}) AS CHAR)");
                let point = format!("LOCATE('.', {text})");
                [
                    format!("IF({point} = 0, CHAR_LENGTH({text}), {point} - 1)"),
                    format!("IF({point} = 0, 0, CHAR_LENGTH({text}) - {point})"),
                ]
            }
            Connection::Sqlite(_) => ["38".to_owned(), "0".to_owned()],
        }
    }

    /// The one value of a query, as text.
    pub(crate) fn text(&mut self, sql: &str) -> Result<Option<String>, SourceError> {
        let asked = async {
            match &mut self.connection {
                Connection::Postgres(it) => it.text(sql).await,
                Connection::Mysql(it) => it.text(sql).await,
                Connection::Sqlite(it) => it.text(sql).await,
            }
        };
        run(&self.runtime, &self.cancel, asked)
    }

    /// The SELECT that yields every column as text.
    pub(crate) fn select(&self, columns: &[Column], origin: &str, condition: &str) -> String {
        let shown = |column: &Column| match &self.connection {
            Connection::Postgres(_) => postgres::as_text(column),
            Connection::Mysql(_) => mysql::as_text(column),
            Connection::Sqlite(_) => column.quoted.clone(),
        };
        let list: Vec<String> = columns.iter().map(shown).collect();
        format!("SELECT {} FROM {origin}{condition}", list.join(", "))
    }

    /// Hands all rows of a SELECT over, in pieces of bounded size.
    pub(crate) fn each(
        &mut self,
        sql: String,
        mut take: impl FnMut(&Chunk) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let (runtime, cancel) = (&self.runtime, &self.cancel);
        match &mut self.connection {
            Connection::Postgres(it) => rows::each(runtime, cancel, it.rows(sql), postgres::fill, &mut take),
            Connection::Mysql(it) => rows::each(runtime, cancel, it.rows(sql), mysql::fill, &mut take),
            Connection::Sqlite(it) => rows::each(runtime, cancel, it.rows(sql), sqlite::fill, &mut take),
        }
    }
}

async fn connect(kind: &SourceKind, access: &Access) -> Result<Connection, SourceError> {
    match kind {
        SourceKind::Postgres { connection, .. } => {
            let settings = settings(access, connection)?;
            Ok(Connection::Postgres(Box::new(postgres::Postgres::open(settings, &access.door).await?)))
        }
        SourceKind::Mysql { connection, .. } => {
            let settings = settings(access, connection)?;
            Ok(Connection::Mysql(Box::new(mysql::Mysql::open(settings, &access.door).await?)))
        }
        SourceKind::Sqlite { path, .. } => {
            Ok(Connection::Sqlite(Box::new(sqlite::Sqlite::open(&access.base_dir.join(path)).await?)))
        }
        _ => Err(Trouble::lost("the database", &"this kind of data source is no database").into()),
    }
}

/// The settings of a connection.
pub(crate) fn settings<'a>(access: &'a Access, name: &str) -> Result<&'a Settings, SourceError> {
    access.connections.get(name).ok_or_else(|| SourceError::NoConnection { name: name.to_owned() })
}

fn run<T>(
    runtime: &Runtime,
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T, SourceError>>,
) -> Result<T, SourceError> {
    runtime.block_on(async {
        tokio::select! {
            () = cancel.cancelled() => Err(SourceError::Cancelled),
            done = work => done,
        }
    })
}

/// A name in the quotes of the database, quotes inside doubled.
fn quoted(name: &str, quote: char) -> String {
    let doubled: String = [quote, quote].iter().collect();
    format!("{quote}{}{quote}", name.replace(quote, &doubled))
}

/// The value of a watermark as it stands in a condition: digits bare, everything else in quotes.
pub(crate) fn literal(value: &str, number: bool) -> String {
    let plain = value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if number && plain && !value.is_empty() {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', "").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_stay_inside_their_quotes() {
        assert_eq!(quoted("a\"b", '"'), "\"a\"\"b\"");
        assert_eq!(quoted("a`b", '`'), "`a``b`");
        assert_eq!(literal("2024-01-01 10:00:00", false), "'2024-01-01 10:00:00'");
        assert_eq!(literal("-12.5", true), "-12.5");
        assert_eq!(literal("1; DROP", true), "'1; DROP'");
        assert_eq!(literal("\\' OR '1'='1", false), "''' OR ''1''=''1'");
    }
}
