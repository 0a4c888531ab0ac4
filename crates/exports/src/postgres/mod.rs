//! A table of a PostgreSQL database.
//!
//! Rows are copied into a temporary table first. What readers see changes after that, in the same transaction:
//! they see the rows from before or those of this run. Rows are replaced by `DELETE` and `INSERT`, so that
//! rights, indexes and views of the table stay, and nobody who reads has to wait.

mod copy;
mod sql;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use outbound::Connector;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};

use self::copy::CopyText;
use self::sql::{Column, Table};
use crate::definition::Mode;
use crate::run::{Destination, Run, Written};
use crate::{ExportError, Result, Rows, limits};

/// How to reach a database.
#[derive(Debug, Clone)]
pub struct PostgresConnection {
    /// The host.
    pub host: String,
    /// The port, usually 5432.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The user.
    pub user: String,
    /// The user's password.
    pub password: Option<SecretString>,
    /// Whether the connection is encrypted, and how much of the certificate is checked.
    pub tls: PostgresTls,
    /// The certificate of the authority that signed the server's, as PEM, when it is none of the known ones.
    pub authority: Option<String>,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PostgresTls {
    /// Encrypted; the certificate must be valid for the host.
    #[default]
    VerifyFull,
    /// Encrypted; whoever answers is believed.
    Require,
    /// Not encrypted.
    Disable,
}

/// Writes to a table.
pub struct PostgresDestination {
    options: PgConnectOptions,
    connection: PostgresConnection,
    connector: Connector,
    table: String,
    mode: Mode,
    key: Vec<String>,
}

/// The key when none is given.
const DEFAULT_KEY: &str = "CustomerId";

impl PostgresDestination {
    /// The table named `table`, in which `{entity}` stands for the name of what is exported.
    pub fn new(
        connection: PostgresConnection,
        connector: Connector,
        table: &str,
        mode: Mode,
        key: &[String],
    ) -> Self {
        let ssl_mode = match connection.tls {
            PostgresTls::VerifyFull => PgSslMode::VerifyFull,
            PostgresTls::Require => PgSslMode::Require,
            PostgresTls::Disable => PgSslMode::Disable,
        };
        let mut options = PgConnectOptions::new_without_pgpass()
            .host(&connection.host)
            .port(connection.port)
            .database(&connection.database)
            .username(&connection.user)
            .application_name("weir")
            .ssl_mode(ssl_mode)
            .disable_statement_logging();
        if let Some(password) = &connection.password {
            options = options.password(password.expose_secret());
        }
        if let Some(authority) = &connection.authority {
            options = options.ssl_root_cert_from_pem(authority.clone().into_bytes());
        }
        let key = if key.is_empty() { vec![DEFAULT_KEY.to_owned()] } else { key.to_vec() };
        Self { options, connection, connector, table: table.to_owned(), mode, key }
    }

    fn target(&self) -> String {
        format!("{}:{}/{}", self.connection.host, self.connection.port, self.connection.database)
    }

    fn failed(&self, error: &sqlx::Error) -> ExportError {
        let (detail, temporary) = match error {
            // 08 connection, 40 rolled back, 53 no room, 57 stopped by somebody: worth another try.
            sqlx::Error::Database(it) => {
                let state = it.code().unwrap_or_default().into_owned();
                (
                    it.message().to_owned(),
                    ["08", "40", "53", "57"].iter().any(|class| state.starts_with(class)),
                )
            }
            sqlx::Error::Io(it) => (it.to_string(), true),
            other => (other.to_string(), false),
        };
        ExportError::Database { target: self.target(), detail, temporary }
    }

    /// The rows in one transaction; dropped on the way, it is rolled back.
    async fn transaction(
        &self,
        rows: &mut Rows,
        table: &Table,
        run: &Run,
        to: &mut PgConnection,
    ) -> Result<Written> {
        let failed = |error: sqlx::Error| self.failed(&error);
        let columns = sql::columns(&rows.schema())?;
        self.check_key(&columns, table)?;
        let mut transaction = to.begin().await.map_err(failed)?;
        execute(&mut transaction, sql::staging(&columns)).await.map_err(failed)?;
        let mut written = self.copy(rows, &columns, run, &mut transaction).await?;
        for statement in self.settle(table, &columns, &mut transaction).await? {
            execute(&mut transaction, statement).await.map_err(|error| self.explain(&error, table))?;
        }
        run.check()?;
        transaction.commit().await.map_err(failed)?;
        written.parts = 1;
        Ok(written)
    }

    fn check_key(&self, columns: &[Column], table: &Table) -> Result<()> {
        let missing = self.key.iter().find(|key| !columns.iter().any(|column| column.name == **key));
        match (self.mode, missing) {
            (Mode::Upsert, Some(missing)) => Err(ExportError::Key {
                table: table.to_string(),
                key: self.key.clone(),
                detail: format!("{missing} is no exported column"),
            }),
            _ => Ok(()),
        }
    }

    /// Copies all rows into the temporary table.
    async fn copy(
        &self,
        rows: &mut Rows,
        columns: &[Column],
        run: &Run,
        to: &mut PgConnection,
    ) -> Result<Written> {
        let failed = |error: sqlx::Error| self.failed(&error);
        let mut written = Written { entity: rows.entity().to_owned(), ..Written::default() };
        let mut copy = to.copy_in_raw(&sql::copy(columns)).await.map_err(failed)?;
        let mut text = CopyText::default();
        while let Some(batch) = rows.next().await? {
            run.check()?;
            let count = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
            text.batch(&batch)?;
            written.rows = written.rows.saturating_add(count);
            run.progress.add(count, 0);
            if text.bytes().len() >= limits::PART_BYTES {
                send(&mut copy, &mut text, run, &mut written).await.map_err(failed)?;
            }
        }
        send(&mut copy, &mut text, run, &mut written).await.map_err(failed)?;
        copy.finish().await.map_err(failed)?;
        Ok(written)
    }

    /// The statements that bring the table up to date.
    async fn settle(&self, table: &Table, columns: &[Column], to: &mut PgConnection) -> Result<Vec<String>> {
        let known = sqlx::query(sql::KNOWN_COLUMNS).bind(table.quoted()).fetch_all(to).await;
        let known = known.map_err(|error| self.failed(&error))?;
        let known: Vec<String> = known.iter().filter_map(|row| row.try_get(0).ok()).collect();
        let mut statements = match known.is_empty() {
            true => vec![table.create(columns, (self.mode == Mode::Upsert).then_some(&self.key))],
            false => table.add_missing(columns, &known),
        };
        if self.mode == Mode::Replace {
            statements.push(table.delete());
        }
        let key = (self.mode == Mode::Upsert).then_some(self.key.as_slice());
        statements.push(table.insert(columns, key));
        Ok(statements)
    }

    /// What the database says about keys, in the words of the definition.
    fn explain(&self, error: &sqlx::Error, table: &Table) -> ExportError {
        let state = error.as_database_error().and_then(|it| it.code()).unwrap_or_default().into_owned();
        let detail = match state.as_str() {
            "21000" => "two exported rows have the same",
            "42P10" => "the table has no primary key or unique index on just these columns",
            "23502" if self.mode == Mode::Upsert => "a row has none",
            _ => return self.failed(error),
        };
        ExportError::Key { table: table.to_string(), key: self.key.clone(), detail: detail.to_owned() }
    }
}

async fn execute(to: &mut PgConnection, statement: String) -> sqlx::Result<()> {
    // Names are quoted by `sql`; values never stand in a statement.
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(to).await.map(|_| ())
}

async fn send(
    copy: &mut sqlx::postgres::PgCopyIn<&mut PgConnection>,
    text: &mut CopyText,
    run: &Run,
    written: &mut Written,
) -> sqlx::Result<()> {
    let bytes = text.take();
    let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    copy.send(bytes).await?;
    written.bytes = written.bytes.saturating_add(count);
    run.progress.add(0, count);
    Ok(())
}

#[async_trait]
impl Destination for PostgresDestination {
    async fn write(&self, mut rows: Rows, run: &Run) -> Result<Written> {
        let table = Table::parse(&self.table.replace("{entity}", rows.entity()))?;
        // The driver connects by itself, so it is given a socket that leads to the checked address.
        let file = format!(".s.PGSQL.{}", self.connection.port);
        let relay = self.connector.relay(&self.connection.host, self.connection.port, &file).await?;
        let options = self.options.clone().socket(relay.folder());
        let mut connection = options.connect().await.map_err(|error| self.failed(&error))?;
        let result = self.transaction(&mut rows, &table, run, &mut connection).await;
        // After an error the copy may be half done: the connection is dropped, not talked to.
        if result.is_ok() {
            let _ = connection.close().await;
        }
        result
    }
}
