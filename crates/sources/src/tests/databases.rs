//! Databases: SQLite always; PostgreSQL and MySQL or MariaDB where `WEIR_TEST_POSTGRES` and `WEIR_TEST_MYSQL` name a
//! server that tests may use (`postgres://user@host:port`, `mysql://user@host:port`).

use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection, SqliteConnection};
use tokio_util::sync::CancellationToken;

use super::{Kept, to_json};
use crate::definition::DataSource;
use crate::{
    Access, Before, EntitySink, PreviousRows, ReadReport, Reader, Settings, SinkError, SourceError, Taken,
};

/// The rows of a read, to be the rows of before of the next.
#[derive(Default)]
struct Rows {
    schema: Option<SchemaRef>,
    batches: Vec<RecordBatch>,
    corrupt: Vec<Value>,
}

impl EntitySink for Rows {
    fn schema(&mut self, rows: &SchemaRef, _: &SchemaRef) -> Result<(), SinkError> {
        assert!(self.schema.is_none(), "the schema comes once");
        self.schema = Some(rows.clone());
        Ok(())
    }
    fn rows(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        assert_eq!(Some(batch.schema()), self.schema);
        self.batches.push(batch);
        Ok(())
    }
    fn quarantine(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.corrupt.extend(to_json(&batch));
        Ok(())
    }
}

impl Rows {
    fn sorted(&self) -> Vec<String> {
        let mut rows: Vec<String> =
            self.batches.iter().flat_map(to_json).map(|row| row.to_string()).collect();
        rows.sort();
        rows
    }
}

struct Previous(SchemaRef, std::vec::IntoIter<RecordBatch>);

impl PreviousRows for Previous {
    fn schema(&self) -> SchemaRef {
        self.0.clone()
    }
    fn next(&mut self) -> Option<Result<RecordBatch, SinkError>> {
        self.1.next().map(Ok)
    }
}

/// A database to test with: how to run SQL in it, and how a data source reads it.
struct Database {
    url: String,
    access: Access,
    source: Value,
    _folder: tempfile::TempDir,
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

impl Database {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("data.db").display());
        let source = json!({"name": "Shop", "kind": "sqlite", "path": "data.db"});
        Self { url, access: access(folder.path()), source, _folder: folder }
    }

    /// A fresh database of a server, or none where no server is named.
    fn server(variable: &str, kind: &str) -> Option<Self> {
        let Ok(server) = std::env::var(variable) else {
            println!("skipped: {variable} is not set; it names a server that tests may use");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let unique = folder.path().file_name().unwrap().to_string_lossy().to_lowercase().replace('.', "_");
        let name = format!("weir_sources{unique}");
        let home = if kind == "postgres" { "postgres" } else { "mysql" };
        run(&format!("{server}/{home}"), &[&format!("CREATE DATABASE {name}")]);
        let address = server.split_once("://").unwrap().1;
        let (user, address) = address.split_once('@').unwrap();
        let (host, port) = address.split_once(':').unwrap();
        let settings =
            [("host", host), ("port", port), ("username", user), ("database", &name), ("tls", "none")];
        let mut access = access(folder.path());
        let values = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        access.connections.insert("shop".into(), Settings { kind: kind.into(), values });
        let source = json!({"name": "Shop", "kind": kind, "connection": "shop"});
        Some(Self { url: format!("{server}/{name}"), access, source, _folder: folder })
    }

    fn postgres() -> Option<Self> {
        Self::server("WEIR_TEST_POSTGRES", "postgres")
    }

    fn mysql() -> Option<Self> {
        Self::server("WEIR_TEST_MYSQL", "mysql")
    }

    fn all() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres(), Self::mysql()].into_iter().flatten().collect()
    }

    fn run(&self, sql: &[&str]) {
        run(&self.url, sql);
    }

    fn source(&self, entities: Value) -> DataSource {
        let mut source = self.source.clone();
        source["entities"] = entities;
        serde_json::from_value(source).unwrap()
    }

    fn read(
        &self,
        entity: Value,
        last: Option<&(ReadReport, Rows)>,
    ) -> Result<(ReadReport, Rows), SourceError> {
        let source = self.source(json!([entity]));
        let cancel = CancellationToken::new();
        let mut reader = Reader::new(&source, &self.access, jiff::Timestamp::UNIX_EPOCH, &cancel);
        let known = last.map(|(report, _)| report.known());
        let mut previous =
            last.map(|(_, rows)| Previous(rows.schema.clone().unwrap(), rows.batches.clone().into_iter()));
        let before = Before {
            known: known.as_ref(),
            state: last.map(|(report, _)| &report.state),
            rows: previous.as_mut().map(|rows| rows as &mut dyn PreviousRows),
        };
        let mut rows = Rows::default();
        let report = reader.read(&source.entities()[0], before, &mut rows, &|_| {})?;
        let kept: u64 = rows.batches.iter().map(|batch| batch.num_rows() as u64).sum();
        assert_eq!(report.rows_kept, kept);
        Ok((report, rows))
    }
}

fn access(folder: &Path) -> Access {
    Access::new(folder.to_owned(), folder.to_owned(), "127.0.0.1/32".parse().unwrap())
}

fn run(url: &str, statements: &[&str]) {
    block_on(async {
        for sql in statements {
            let sql = sqlx::raw_sql(AssertSqlSafe((*sql).to_owned()));
            if url.starts_with("postgres") {
                sql.execute(&mut PgConnection::connect(url).await.unwrap()).await.unwrap();
            } else if url.starts_with("mysql") {
                sql.execute(&mut MySqlConnection::connect(url).await.unwrap()).await.unwrap();
            } else {
                sql.execute(&mut SqliteConnection::connect(url).await.unwrap()).await.unwrap();
            }
        }
    });
}

fn types(report: &ReadReport) -> Vec<String> {
    report.columns.iter().map(|column| format!("{} {}", column.name, column.attribute_type)).collect()
}

const PEOPLE: [&str; 2] = [
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(50), spent DECIMAL(12,3), changed VARCHAR(30))",
    "INSERT INTO people VALUES (1, 'Ann', 12.345, '2024-01-01'), (2, '', NULL, '2024-01-02'), \
     (3, NULL, -0.001, '2024-01-03')",
];

#[test]
fn a_table_and_a_query_are_read_alike_from_every_database() {
    for database in Database::all() {
        database.run(&PEOPLE);
        let (report, rows) =
            database.read(json!({"name": "p", "table": "people", "primaryKey": "id"}), None).unwrap();
        let expected = ["id int64", "name string", "spent decimal(12,3)", "changed string"];
        let mut found = types(&report);
        if database.url.starts_with("mysql") {
            // The driver does not tell the digits: there are as many as fit.
            found[2] = found[2].replace("38,", "12,");
        }
        assert_eq!(found, expected, "{}", database.url);
        let values: Vec<Value> = rows.batches.iter().flat_map(to_json).collect();
        assert_eq!(values[0], json!({"id": 1, "name": "Ann", "spent": "12.345", "changed": "2024-01-01"}));
        assert_eq!(values[1], json!({"id": 2, "name": "", "spent": null, "changed": "2024-01-02"}));
        assert_eq!(values[2]["spent"], json!("-0.001"));
        let query = "SELECT id, name FROM people WHERE id < 3 -- the first two";
        let (report, rows) =
            database.read(json!({"name": "p", "query": query, "primaryKey": "id"}), None).unwrap();
        assert_eq!((report.rows_kept, rows.sorted().len()), (2, 2));
        let wrong = database.read(json!({"name": "p", "table": "nobody", "primaryKey": "id"}), None);
        assert_eq!(wrong.map(|_| ()).unwrap_err().code(), "sourceQueryFailed");
        let several = "SELECT 1 AS id) AS q; DROP TABLE people; SELECT * FROM (SELECT 1 AS id";
        let refused = database.read(json!({"name": "p", "query": several, "primaryKey": "id"}), None);
        assert_eq!(refused.map(|_| ()).unwrap_err().code(), "sourceQueryFailed");
        let keyless = database.read(json!({"name": "p", "table": "people", "primaryKey": "Id"}), None);
        assert_eq!(keyless.map(|_| ()).unwrap_err().code(), "primaryKeyValidationFailed");
    }
}

#[test]
fn rows_whose_key_is_missing_or_taken_go_to_quarantine() {
    for database in Database::all() {
        database.run(&["CREATE TABLE t (id INTEGER, name VARCHAR(9))"]);
        database.run(&["INSERT INTO t VALUES (1, 'a'), (1, 'b'), (NULL, 'c'), (2, 'd')"]);
        let (report, rows) =
            database.read(json!({"name": "t", "table": "t", "primaryKey": "id"}), None).unwrap();
        assert_eq!((report.rows_kept, report.quarantined), (2, 2), "{}", database.url);
        let reasons: Vec<&str> = rows.corrupt.iter().map(|row| row["Reason"].as_str().unwrap()).collect();
        assert!(
            reasons[0].starts_with("duplicateKey") && reasons[1].starts_with("missingKey"),
            "{reasons:?}"
        );
        assert_eq!(rows.corrupt[0]["Detail"], json!("id \"1\" is already in row 1"));
    }
}

#[test]
fn what_changed_is_laid_over_what_was_read_before_and_equals_a_full_read() {
    for database in Database::all() {
        database.run(&PEOPLE);
        let entity =
            json!({"name": "p", "table": "people", "primaryKey": "id", "changes": {"column": "changed"}});
        let first = database.read(entity.clone(), None).unwrap();
        assert_eq!((first.0.taken, first.0.state.watermark.as_deref()), (Taken::All, Some("2024-01-03")));
        database.run(&[
            "INSERT INTO people VALUES (4, 'Dan', 1, '2024-01-05')",
            "UPDATE people SET name = 'Anna', changed = '2024-01-04' WHERE id = 1",
        ]);
        let second = database.read(entity.clone(), Some(&first)).unwrap();
        assert_eq!(second.0.taken, Taken::Changes);
        assert_eq!((second.0.rows_read, second.0.rows_kept), (3, 4), "{}", database.url);
        let full = database.read(entity.clone(), None).unwrap();
        assert_eq!(second.1.sorted(), full.1.sorted());
        assert_eq!(
            second.0.state, full.0.state,
            "the hash of the rows does not depend on how they were read"
        );
        let third = database.read(entity.clone(), Some(&second)).unwrap();
        assert_eq!(third.0.state, second.0.state);
        database.run(&[
            "ALTER TABLE people ADD COLUMN town VARCHAR(9)",
            "UPDATE people SET town = 'Rome', changed = '2024-01-06' WHERE id = 2",
        ]);
        let grown = database.read(entity, Some(&third)).unwrap();
        assert_eq!((grown.0.taken, grown.0.added_columns.clone()), (Taken::Changes, vec!["town".to_owned()]));
        assert_eq!(grown.1.sorted().len(), 4);
        assert!(grown.1.sorted().iter().any(|row| row.contains("Rome")));
        let other = json!({"name": "p", "table": "people", "primaryKey": "id", "changes": {"column": "changed", "from": "x"}});
        assert_eq!(database.read(other, Some(&grown)).unwrap().0.taken, Taken::All, "another definition");
    }
}

#[test]
fn postgres_types_keep_their_values() {
    let Some(database) = Database::postgres() else { return };
    database.run(&[
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE DOMAIN money2 AS numeric(10,2)",
        "CREATE TABLE t (id bigint, b boolean, i2 smallint, f4 real, f8 double precision, n numeric, n2 numeric(6,1), \
         d date, ts timestamp, tz timestamptz, u uuid, j jsonb, a int[], by bytea, m mood, iv interval, dm money2, c char(4))",
        "INSERT INTO t VALUES (9007199254740993, true, -3, 1.1, 0.1, 123456789012345678901234.000000001, 5.5, \
         '2024-02-29', '2024-02-29 13:45:00.123456', '2024-02-29 13:45:00+02', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', \
         '{\"a\": [1, null]}', '{1,NULL,3}', '\\x00ff', 'ok', '1 day 2 hours', 1.25, 'ab'), \
         (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), \
         (3, NULL, NULL, NULL, 'NaN', 'NaN', NULL, 'infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    ]);
    let (report, rows) =
        database.read(json!({"name": "t", "table": "public.t", "primaryKey": "id"}), None).unwrap();
    let expected = "id int64, b boolean, i2 int64, f4 double, f8 double, n decimal(38,9), n2 decimal(6,1), d date, \
        ts dateTime, tz dateTimeOffset, u string, j string, a string, by string, m string, iv string, \
        dm decimal(38,2), c string";
    assert_eq!(types(&report).join(", "), expected);
    let values: Vec<Value> = rows.batches.iter().flat_map(to_json).collect();
    let expected = json!({
        "id": 9007199254740993_i64, "b": true, "i2": -3, "f4": 1.1, "f8": 0.1,
        "n": "123456789012345678901234.000000001", "n2": "5.5", "d": "2024-02-29",
        "ts": "2024-02-29T13:45:00.123456", "tz": "2024-02-29T11:45:00Z",
        "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "j": "{\"a\": [1, null]}", "a": "[1,null,3]",
        "by": "AP8=", "m": "ok", "iv": "P1DT2H", "dm": "1.25", "c": "ab"
    });
    assert_eq!(values[0], expected);
    assert_eq!(values[1]["d"], Value::Null);
    assert_eq!((values.len(), rows.corrupt.len()), (2, 1), "what is no number or no day is left out");
}

#[test]
fn mysql_types_keep_their_values() {
    let Some(database) = Database::mysql() else { return };
    database.run(&[
        "CREATE TABLE t (id BIGINT UNSIGNED PRIMARY KEY, b BOOLEAN, i MEDIUMINT, f FLOAT, g DOUBLE, n DECIMAL(20,4), \
         d DATE, dt DATETIME(6), ts TIMESTAMP NULL, tm TIME, y YEAR, j JSON, bl BLOB, e ENUM('x','y'), bi BIT(4), u VARCHAR(9))",
        "SET time_zone = '+02:00'; INSERT INTO t VALUES (18446744073709551615, 1, -5, 1.5, 0.1, 12345.6789, '2024-02-29', \
         '2024-02-29 13:45:00.123456', '2024-02-29 13:45:00', '10:11:12', 2024, '{\"a\": 1}', X'00FF', 'y', b'101', 'ü€')",
        "INSERT INTO t (id) VALUES (2)",
    ]);
    let (report, rows) = database.read(json!({"name": "t", "table": "t", "primaryKey": "id"}), None).unwrap();
    let expected = "id decimal(20,0), b boolean, i int64, f double, g double, n decimal(38,4), d date, dt dateTime, \
        ts dateTimeOffset, tm string, y int64, j string, bl string, e string, bi int64, u string";
    assert_eq!(types(&report).join(", "), expected);
    let mut values: Vec<Value> = rows.batches.iter().flat_map(to_json).collect();
    values.sort_by_key(|row| row["id"].as_str().unwrap().len());
    let expected = json!({
        "id": "18446744073709551615", "b": true, "i": -5, "f": 1.5, "g": 0.1, "n": "12345.6789", "d": "2024-02-29",
        "dt": "2024-02-29T13:45:00.123456", "ts": "2024-02-29T11:45:00Z", "tm": "10:11:12", "y": 2024,
        "j": "{\"a\": 1}", "bl": "AP8=", "e": "y", "bi": 5, "u": "ü€"
    });
    assert_eq!(values[1], expected);
    assert_eq!(values[0]["dt"], Value::Null);
}

#[test]
fn sqlite_columns_whose_values_do_not_fit_them_are_read_by_their_values() {
    let database = Database::sqlite();
    database.run(&[
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, d DATE, e DATE, x, bl BLOB, ok BOOLEAN)",
        "INSERT INTO t VALUES (1, 'many', '2024-02-29', 1700000000, 1.5, X'00FF', 1), (2, 3, NULL, 5, 2, NULL, 0)",
    ]);
    let (report, rows) = database.read(json!({"name": "t", "table": "t", "primaryKey": "id"}), None).unwrap();
    assert_eq!(
        types(&report).join(", "),
        "id int64, a string, d date, e int64, x double, bl string, ok boolean"
    );
    let values: Vec<Value> = rows.batches.iter().flat_map(to_json).collect();
    assert_eq!(
        values[0],
        json!({"id": 1, "a": "many", "d": "2024-02-29", "e": 1_700_000_000, "x": 1.5, "bl": "AP8=", "ok": true})
    );
}

#[test]
fn the_entities_of_one_source_are_read_from_one_state_of_the_database() {
    for database in [Database::postgres(), Database::mysql()].into_iter().flatten() {
        database.run(&PEOPLE);
        let entity = |name: &str| json!({"name": name, "table": "people", "primaryKey": "id"});
        let source = database.source(json!([entity("a"), entity("b")]));
        let cancel = CancellationToken::new();
        let mut reader = Reader::new(&source, &database.access, jiff::Timestamp::UNIX_EPOCH, &cancel);
        let mut counts = Vec::new();
        for entity in source.entities() {
            let report = reader.read(entity, Before::default(), &mut Kept::default(), &|_| {}).unwrap();
            counts.push(report.rows_kept);
            database.run(&["DELETE FROM people WHERE id = 2"]);
        }
        assert_eq!(counts, [3, 3], "{}", database.url);
    }
}

#[test]
fn a_database_that_goes_away_in_the_middle_is_passing_trouble_and_a_refused_address_is_not() {
    let Some(database) = Database::postgres() else { return };
    let query = "SELECT i AS id, repeat('x', 2000) AS t FROM generate_series(1, 200000) i";
    let source = database.source(json!([{"name": "t", "query": query, "primaryKey": "id"}]));
    let cancel = CancellationToken::new();
    struct Killing<'a>(&'a Database, u64);
    impl EntitySink for Killing<'_> {
        fn schema(&mut self, _: &SchemaRef, _: &SchemaRef) -> Result<(), SinkError> {
            Ok(())
        }
        fn rows(&mut self, _: RecordBatch) -> Result<(), SinkError> {
            if self.1 == 0 {
                let name = self.0.url.rsplit_once('/').unwrap().1;
                self.0.run(&[&format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND application_name = 'weir'"
                )]);
            }
            self.1 += 1;
            Ok(())
        }
        fn quarantine(&mut self, _: RecordBatch) -> Result<(), SinkError> {
            Ok(())
        }
    }
    let mut reader = Reader::new(&source, &database.access, jiff::Timestamp::UNIX_EPOCH, &cancel);
    let gone = reader.read(&source.entities()[0], Before::default(), &mut Killing(&database, 0), &|_| {});
    let gone = gone.unwrap_err();
    assert_eq!((gone.code(), gone.is_transient()), ("databaseUnreachable", true), "{gone}");
    let again = reader.read(&source.entities()[0], Before::default(), &mut Killing(&database, 1), &|_| {});
    assert_eq!(again.unwrap().rows_kept, 200_000, "the next try connects again");
    let mut closed = database.access.clone();
    closed.door = outbound::Connector::new(outbound::AddressPolicy::public_only());
    let refused = Reader::new(&source, &closed, jiff::Timestamp::UNIX_EPOCH, &cancel).read(
        &source.entities()[0],
        Before::default(),
        &mut Killing(&database, 1),
        &|_| {},
    );
    let refused = refused.unwrap_err();
    assert_eq!((refused.code(), refused.is_transient()), ("databaseNotAllowed", false), "{refused}");
    cancel.cancel();
    let cancelled = Reader::new(&source, &database.access, jiff::Timestamp::UNIX_EPOCH, &cancel).read(
        &source.entities()[0],
        Before::default(),
        &mut Killing(&database, 1),
        &|_| {},
    );
    assert_eq!(cancelled.unwrap_err().code(), "cancelled");
}
