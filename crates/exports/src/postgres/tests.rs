//! Exports to a real server, when `WEIR_TEST_POSTGRES` says where one is (`cargo xtask test` sees to it).

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Date32Array, Float64Array, RecordBatch, StringArray, Time64MicrosecondArray,
    UInt64Array,
};
use sqlx::postgres::PgRow;

use super::*;
use crate::InputError;
use crate::testing::{customers, run, schema};

/// A schema of its own on the server; none when there is no server.
struct Bench {
    connection: PostgresConnection,
    to: PgConnection,
    schema: &'static str,
}

async fn bench(schema: &'static str) -> Option<Bench> {
    let url: url::Url = std::env::var("WEIR_TEST_POSTGRES").ok()?.parse().unwrap();
    let connection = PostgresConnection {
        host: url.host_str().unwrap().to_owned(),
        port: url.port().unwrap(),
        database: "postgres".to_owned(),
        user: url.username().to_owned(),
        password: url.password().map(SecretString::from),
        tls: PostgresTls::Disable,
        authority: None,
    };
    let mut to = PgConnection::connect(&format!("{url}/postgres")).await.unwrap();
    let sql = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
    execute(&mut to, sql).await.unwrap();
    Some(Bench { connection, to, schema })
}

impl Bench {
    fn destination(&self, mode: Mode) -> PostgresDestination {
        let connector = Connector::new("127.0.0.0/8".parse().unwrap());
        let table = format!("{}.{{entity}}", self.schema);
        PostgresDestination::new(self.connection.clone(), connector, &table, mode, &[])
    }

    async fn write(&self, mode: Mode, batches: Vec<RecordBatch>) -> Result<Written> {
        self.destination(mode).write(Rows::of("Customer", schema(), batches), &run()).await
    }

    async fn rows(&mut self, sql: &str) -> Vec<PgRow> {
        sqlx::raw_sql(AssertSqlSafe(sql.replace("$", self.schema))).fetch_all(&mut self.to).await.unwrap()
    }

    async fn text(&mut self, sql: &str) -> String {
        self.rows(sql).await.first().map(|row| row.get::<String, _>(0)).unwrap_or_default()
    }

    async fn ids(&mut self) -> String {
        self.text("SELECT coalesce(string_agg(\"CustomerId\", ',' ORDER BY \"CustomerId\"), '') FROM $.\"Customer\"").await
    }
}

#[tokio::test]
async fn a_table_is_made_and_its_rows_are_replaced_while_views_and_rights_stay() {
    let Some(mut bench) = bench("weir_replace").await else { return };
    let written = bench.write(Mode::Replace, vec![customers(0..3), customers(3..4)]).await.unwrap();
    assert_eq!((written.rows, written.parts), (4, 1));
    assert_eq!(bench.ids().await, "c0,c1,c2,c3");
    let row = "SELECT row_to_json(c)::text FROM $.\"Customer\" c WHERE \"Points\" = 2";
    let row: serde_json::Value = serde_json::from_str(&bench.text(row).await).unwrap();
    assert_eq!((&row["EMail"], &row["Active"]), (&serde_json::Value::Null, &serde_json::Value::Bool(true)));
    assert_eq!(row["Balance"].to_string(), "-2.02");
    bench.rows("CREATE VIEW $.v AS SELECT count(*)::text AS n FROM $.\"Customer\"").await;
    bench.write(Mode::Replace, vec![customers(7..9)]).await.unwrap();
    assert_eq!(bench.ids().await, "c7,c8");
    assert_eq!(bench.text("SELECT n FROM $.v").await, "2");
}

#[tokio::test]
async fn rows_with_a_known_key_are_overwritten_and_others_stay() {
    let Some(mut bench) = bench("weir_upsert").await else { return };
    bench.write(Mode::Upsert, vec![customers(0..3)]).await.unwrap();
    bench.rows("UPDATE $.\"Customer\" SET \"Points\" = -1").await;
    bench.write(Mode::Upsert, vec![customers(2..5)]).await.unwrap();
    assert_eq!(bench.ids().await, "c0,c1,c2,c3,c4");
    let points = "SELECT string_agg(\"Points\"::text, ',' ORDER BY \"CustomerId\") FROM $.\"Customer\"";
    assert_eq!(bench.text(points).await, "-1,-1,2,3,4");
    let error = bench.write(Mode::Upsert, vec![customers(8..9), customers(8..9)]).await.unwrap_err();
    assert_eq!(error.code(), "exportKeyUnusable", "{error}");
    bench.rows("ALTER TABLE $.\"Customer\" DROP CONSTRAINT \"Customer_pkey\"").await;
    let error = bench.write(Mode::Upsert, vec![customers(8..9)]).await.unwrap_err();
    assert_eq!(error.code(), "exportKeyUnusable", "{error}");
    assert_eq!(bench.ids().await, "c0,c1,c2,c3,c4");
}

#[tokio::test]
async fn rows_are_added_and_columns_that_a_table_lacks() {
    let Some(mut bench) = bench("weir_append").await else { return };
    bench.rows("CREATE TABLE $.\"Customer\" (note text, \"CustomerId\" text)").await;
    bench.rows("INSERT INTO $.\"Customer\" VALUES ('kept', 'a')").await;
    for _ in 0..2 {
        bench.write(Mode::Append, vec![customers(0..1)]).await.unwrap();
    }
    assert_eq!(bench.ids().await, "a,c0,c0");
    assert_eq!(bench.text("SELECT max(note) FROM $.\"Customer\"").await, "kept");
}

#[tokio::test]
async fn every_type_arrives_with_its_value() {
    let Some(mut bench) = bench("weir_types").await else { return };
    let texts = "tab\there, \\N, \\., line\nend\r, \"quote\", ü";
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("t", Arc::new(StringArray::from(vec![texts]))),
        ("e", Arc::new(StringArray::from(vec![""]))),
        ("u", Arc::new(UInt64Array::from(vec![u64::MAX]))),
        ("f", Arc::new(Float64Array::from(vec![f64::NEG_INFINITY]))),
        ("g", Arc::new(Float64Array::from(vec![0.1]))),
        ("b", Arc::new(BinaryArray::from(vec![&[0_u8, 255, b'\\'][..]]))),
        ("d", Arc::new(Date32Array::from(vec![-1]))),
        ("h", Arc::new(Time64MicrosecondArray::from(vec![3_600_000_001]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let rows = Rows::of("Types", batch.schema(), vec![batch]);
    bench.destination(Mode::Replace).write(rows, &run()).await.unwrap();
    assert_eq!(bench.text("SELECT t FROM $.\"Types\"").await, texts);
    let all = "SELECT concat_ws(' ', u, f, g, encode(b, 'hex'), d, h, e = '') FROM $.\"Types\"";
    assert_eq!(
        bench.text(all).await,
        "18446744073709551615 -Infinity 0.1 00ff5c 1969-12-31 01:00:00.000001 t"
    );
    let types = "SELECT string_agg(data_type, ',' ORDER BY ordinal_position) FROM information_schema.columns \
                 WHERE table_schema = '$' AND table_name = 'Types'";
    let expected = "text,text,numeric,double precision,double precision,bytea,date,time without time zone";
    assert_eq!(bench.text(types).await, expected);
    let nul =
        RecordBatch::try_from_iter([("t", Arc::new(StringArray::from(vec!["a\0b"])) as ArrayRef)]).unwrap();
    let rows = Rows::of("Nul", nul.schema(), vec![nul]);
    let error = bench.destination(Mode::Replace).write(rows, &run()).await.unwrap_err();
    assert_eq!(error.code(), "exportValueNotWritable");
}

#[tokio::test]
async fn an_export_that_fails_changes_nothing() {
    let Some(mut bench) = bench("weir_fails").await else { return };
    bench.write(Mode::Replace, vec![customers(0..2)]).await.unwrap();
    let batches = vec![Ok(customers(5..7)), Err(InputError::from("the snapshot is gone"))];
    let rows = Rows::new("Customer", schema(), Box::pin(futures::stream::iter(batches)));
    let error = bench.destination(Mode::Replace).write(rows, &run()).await.unwrap_err();
    assert_eq!(error.code(), "exportRowsUnreadable");
    let cancelled = run();
    cancelled.cancel.cancel();
    let rows = Rows::of("Customer", schema(), vec![customers(5..7)]);
    let error = bench.destination(Mode::Replace).write(rows, &cancelled).await.unwrap_err();
    assert_eq!(error.code(), "exportCancelled");
    bench.rows("ALTER TABLE $.\"Customer\" ALTER \"Points\" TYPE boolean USING true").await;
    let error = bench.write(Mode::Replace, vec![customers(5..7)]).await.unwrap_err();
    assert_eq!(error.code(), "exportDatabaseRefused");
    assert!(error.to_string().contains("Points") && !error.is_temporary(), "{error}");
    assert_eq!(bench.ids().await, "c0,c1");
}

#[tokio::test]
async fn a_database_that_may_not_be_called_is_not() {
    let connection = PostgresConnection {
        host: "127.0.0.1".to_owned(),
        port: 1,
        database: "x".to_owned(),
        user: "x".to_owned(),
        password: None,
        tls: PostgresTls::default(),
        authority: None,
    };
    for (policy, code) in [("", "blockedAddress"), ("127.0.0.1/32", "connect")] {
        let connector = Connector::new(policy.parse().unwrap());
        let to = PostgresDestination::new(connection.clone(), connector, "t", Mode::Replace, &[]);
        let error = to.write(Rows::of("Customer", schema(), Vec::new()), &run()).await.unwrap_err();
        assert_eq!(error.code(), code);
    }
}
