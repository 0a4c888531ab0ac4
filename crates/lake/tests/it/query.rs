//! Queries as a user writes them, and what the answer looks like.

use std::sync::Arc;

use datafusion::arrow::array::Float64Array;
use lake::output::{CsvOptions, Format, TableOptions, write};
use lake::{Result, SessionOptions, View, limits, query};

use crate::support::*;

async fn answer(view: &View, sql: &str, format: &Format) -> Result<String> {
    let rows = query::run(view, sql, &SessionOptions::default()).await?;
    let mut out = Vec::new();
    write(rows, format, &mut out).await?;
    Ok(String::from_utf8(out).unwrap())
}

async fn jsonl(view: &View, sql: &str) -> String {
    answer(view, sql, &Format::JsonLines).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

async fn refused(view: &View, sql: &str) -> (&'static str, String) {
    let error = answer(view, sql, &Format::JsonLines).await.expect_err(sql);
    (error.code(), error.to_string())
}

async fn shop() -> (TestLake, View) {
    let t = test_lake().await;
    let rows = batch(vec![
        ("CustomerId", texts(&[Some("c1"), Some("c2")])),
        ("FullName", texts(&[Some("Ann"), None])),
        ("points", ints([Some(10), Some(-3)])),
        ("Points2", ints([Some(1), Some(2)])),
    ]);
    replace(&t.lake, "Customer", &[rows]).await;
    replace(&t.lake, "Odd name", &[batch(vec![("a b", ints([Some(1)]))])]).await;
    let view = t.lake.view_latest().await.unwrap();
    (t, view)
}

#[tokio::test]
async fn names_need_no_quotes_and_may_be_in_another_letter_case() {
    let (_t, view) = shop().await;
    for sql in [
        "SELECT FullName FROM Customer WHERE CustomerId = 'c1'",
        "select fullname as FullName from customer where CUSTOMERID = 'c1'",
        "SELECT c.FULLNAME AS FullName FROM weir.main.CUSTOMER c WHERE c.customerid = 'c1' ORDER BY POINTS",
        "WITH x AS (SELECT * FROM Customer) SELECT max(fullname) AS \"FullName\" FROM x GROUP BY customerid HAVING customerID = 'c1'",
    ] {
        assert_eq!(jsonl(&view, sql).await, "{\"FullName\":\"Ann\"}\n", "{sql}");
    }
    assert_eq!(jsonl(&view, "SELECT \"a b\" FROM \"Odd name\"").await, "{\"a b\":1}\n");
    assert_eq!(
        refused(&view, "SELECT \"A B\" FROM \"Odd name\"").await.0,
        "unknownColumn",
        "quotes mean exactly"
    );
}

#[tokio::test]
async fn names_in_another_letter_case_have_a_limit() {
    let t = test_lake().await;
    let names: Vec<String> = (0..=limits::MAX_CASE_FIXES).map(|i| format!("C{i}")).collect();
    replace(&t.lake, "Wide", &[batch(names.iter().map(|name| (name.as_str(), ints([Some(1)]))).collect())])
        .await;
    let view = t.lake.view_latest().await.unwrap();
    let sql = |count: usize| {
        let lower: Vec<String> = names[..count].iter().map(|name| name.to_lowercase()).collect();
        format!("SELECT {} FROM Wide", lower.join(", "))
    };
    assert_eq!(jsonl(&view, &sql(limits::MAX_CASE_FIXES)).await.lines().count(), 1);
    assert_eq!(refused(&view, &sql(limits::MAX_CASE_FIXES + 1)).await.0, "queryInvalid");
}

#[tokio::test]
async fn a_wrong_name_is_answered_with_the_nearest_right_one() {
    let (_t, view) = shop().await;
    let wrong = refused(&view, "SELECT * FROM Custmer").await;
    assert_eq!(
        wrong,
        ("unknownEntity", "there is no entity Custmer in snapshot 2; did you mean Customer?".into())
    );
    let wrong = refused(&view, "SELECT FulName FROM Customer").await;
    assert_eq!(
        wrong,
        ("unknownColumn", "there is no column FulName in Customer; did you mean FullName?".into())
    );
    assert_eq!(refused(&view, "SELECT nofunction(1)").await.0, "queryInvalid");
    assert_eq!(refused(&view, "SELECT * FROM other.Customer").await.0, "unknownEntity");
}

#[tokio::test]
async fn only_what_reads_is_allowed() {
    let (t, view) = shop().await;
    let file = t.folder.path().join("stolen.csv");
    std::fs::write(&file, "a\n1\n").unwrap();
    let path = file.display();
    for sql in [
        "DROP TABLE Customer",
        "CREATE TABLE x AS SELECT 1",
        "CREATE VIEW x AS SELECT 1",
        "INSERT INTO Customer SELECT * FROM Customer",
        "UPDATE Customer SET points = 1",
        "DELETE FROM Customer",
        "SET datafusion.execution.target_partitions = 8",
        "RESET datafusion.execution.target_partitions",
        "PREPARE p AS SELECT 1",
        "BEGIN",
        "EXPLAIN ANALYZE INSERT INTO Customer SELECT * FROM Customer",
        "WITH x AS (SELECT 1) INSERT INTO Customer SELECT * FROM Customer",
    ] {
        let (code, message) = refused(&view, sql).await;
        assert!(["queryNotReadOnly", "queryInvalid"].contains(&code), "{sql}: {code} {message}");
    }
    for sql in [
        format!("COPY Customer TO '{path}'"),
        format!("CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '{path}'"),
        format!("SELECT * FROM '{path}'"),
        format!("SELECT * FROM \"{path}\""),
        format!("SELECT * FROM read_csv('{path}')"),
        format!("SELECT * FROM read_parquet('{path}')"),
        "SELECT 1 INTO Stolen".to_owned(),
    ] {
        let (code, message) = refused(&view, &sql).await;
        assert!(
            ["queryNotReadOnly", "queryInvalid", "unknownEntity"].contains(&code),
            "{sql}: {code} {message}"
        );
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a\n1\n");
    for sql in [
        "EXPLAIN SELECT * FROM Customer",
        "SHOW TABLES",
        "DESCRIBE Customer",
        "SHOW COLUMNS FROM Customer",
        "VALUES (1)",
    ] {
        assert!(!jsonl(&view, sql).await.is_empty(), "{sql}");
    }
}

#[tokio::test]
async fn a_query_that_cannot_be_read_says_where() {
    let (_t, view) = shop().await;
    let (code, message) = refused(&view, "SELECT * FORM Customer").await;
    assert_eq!(code, "queryInvalid");
    assert!(message.contains("found: FORM at Line: 1, Column: 10"), "{message}");
    assert_eq!(refused(&view, "").await.1, "the query is empty");
    assert_eq!(
        refused(&view, "SELECT 1; SELECT 2").await.1,
        "there is more than one statement; run them one by one"
    );
    assert_eq!(refused(&view, &"(".repeat(10_000)).await.0, "queryInvalid");
    let longest = format!("SELECT 1 --{}", "x".repeat(limits::MAX_SQL_BYTES - 11));
    assert_eq!(longest.len(), limits::MAX_SQL_BYTES);
    assert_eq!(jsonl(&view, &longest).await.lines().count(), 1);
    assert_eq!(refused(&view, &format!("{longest}x")).await.0, "queryInvalid");
}

#[tokio::test]
async fn a_query_that_needs_too_much_memory_is_ended_with_a_clear_error() {
    let (_t, view) = shop().await;
    let options = SessionOptions { memory_limit: Some(100_000), ..SessionOptions::default() };
    let sql = "SELECT v, count(*) FROM generate_series(1, 300000) AS t(v) GROUP BY v, -v ORDER BY v DESC";
    let failed = match query::run(&view, sql, &options).await {
        Ok(rows) => write(rows, &Format::JsonLines, &mut Vec::new()).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(failed.code(), "queryMemory", "{failed}");
}

#[tokio::test]
async fn a_table_is_aligned_and_says_what_it_left_out() {
    let (t, view) = shop().await;
    let sql = "SELECT CustomerId, FullName, points FROM Customer ORDER BY CustomerId";
    let table = Format::Table(TableOptions::default());
    let wanted = "CustomerId | FullName | points\n-----------+----------+-------\n\
                  c1         | Ann      |     10\nc2         | NULL     |     -3\n(2 rows)\n";
    assert_eq!(answer(&view, sql, &table).await.unwrap(), wanted);
    let short = Format::Table(TableOptions { max_rows: 1, max_cell_chars: 80 });
    let text = answer(&view, sql, &short).await.unwrap();
    assert!(text.ends_with("(1 row shown, there are more: add LIMIT, or choose another format)\n"), "{text}");
    let odd =
        batch(vec![("名前", texts(&[Some("山田太郎"), Some("a\u{1b}[31m\nb"), Some("0123456789abcdef")]))]);
    replace(&t.lake, "Odd", &[odd]).await;
    let view = t.lake.view_latest().await.unwrap();
    let narrow = Format::Table(TableOptions { max_rows: 9, max_cell_chars: 15 });
    let wanted = "名前\n---------------\n山田太郎\na\\u{1b}[31m\\nb\n0123456789abcd…\n(3 rows)\n\
                  (… marks texts cut to 15 characters)\n";
    assert_eq!(answer(&view, "SELECT * FROM Odd", &narrow).await.unwrap(), wanted);
}

#[tokio::test]
async fn a_table_of_an_endless_result_ends() {
    let (_t, view) = shop().await;
    let table = Format::Table(TableOptions::default());
    let text = answer(&view, "SELECT * FROM generate_series(1, 9000000000000)", &table).await.unwrap();
    assert_eq!(text.lines().count(), limits::TABLE_ROWS + 3);
}

#[tokio::test]
async fn comma_separated_values_tell_null_from_empty_and_can_be_safe_for_spreadsheets() {
    let t = test_lake().await;
    let odd = batch(vec![
        ("a,b", texts(&[Some("=1+1"), Some(""), None, Some("x\"y"), Some("-1")])),
        ("n", ints([Some(-1), None, Some(0), Some(1), Some(2)])),
    ]);
    replace(&t.lake, "Odd", &[odd]).await;
    let view = t.lake.view_latest().await.unwrap();
    let plain = answer(&view, "SELECT * FROM Odd", &Format::Csv(CsvOptions::default())).await.unwrap();
    assert_eq!(plain, "\"a,b\",n\n=1+1,-1\n\"\",\n,0\n\"x\"\"y\",1\n-1,2\n");
    let safe =
        answer(&view, "SELECT * FROM Odd", &Format::Csv(CsvOptions { formula_safe: true })).await.unwrap();
    assert_eq!(safe, "\"a,b\",n\n\"'=1+1\",-1\n\"\",\n,0\n\"x\"\"y\",1\n\"'-1\",2\n");
}

#[tokio::test]
async fn json_lines_keep_every_digit_and_every_null() {
    let t = test_lake().await;
    replace(&t.lake, "Every", &[every_type().slice(0, 1)]).await;
    let nan = batch(vec![("f", Arc::new(Float64Array::from(vec![f64::NAN])) as _)]);
    replace(&t.lake, "Nan", &[nan]).await;
    let view = t.lake.view_latest().await.unwrap();
    let line = jsonl(&view, "SELECT * FROM Every").await;
    assert_eq!(
        line,
        "{\"text\":\"Ann\",\"whole\":-9223372036854775808,\"float\":1.5,\"yes\":true,\"day\":\"2020-01-02\",\
         \"local\":\"2020-01-02T03:04:05\",\"utc\":\"2020-01-02T03:04:05Z\",\"money\":12.34,\
         \"big\":100000000000000000000000000000000.00000,\"nothing\":null}\n"
    );
    assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
    assert_eq!(jsonl(&view, "SELECT * FROM Nan").await, "{\"f\":null}\n");
}

#[tokio::test]
async fn the_deepest_query_that_is_allowed_does_not_end_the_process() {
    let (_t, view) = shop().await;
    // SELECT, FROM and, where there is one, WHERE count too.
    let n = limits::MAX_SQL_OPERATORS;
    let sum = |n: usize| format!("SELECT points{} AS x FROM Customer", "+points".repeat(n - 2));
    let any = |n: usize| {
        format!("SELECT points FROM Customer WHERE points{}", " = 2 OR points".repeat((n - 3) / 2))
    };
    let any = |n: usize| format!("{} = 10", any(n - 1));
    let cast = |n: usize| format!("SELECT points{} AS x FROM Customer", "::bigint".repeat((n - 2) / 2));
    let null = |n: usize| format!("SELECT points{} AS x FROM Customer", " IS NULL".repeat(n - 2));
    assert_eq!(
        jsonl(&view, &sum(n)).await,
        format!("{{\"x\":{}}}\n{{\"x\":{}}}\n", 10 * (n - 1), -3 * (i64::try_from(n).unwrap() - 1))
    );
    assert_eq!(jsonl(&view, &any(n)).await, "{\"points\":10}\n");
    assert_eq!(jsonl(&view, &cast(n)).await, "{\"x\":10}\n{\"x\":-3}\n");
    assert_eq!(jsonl(&view, &null(n)).await.lines().count(), 2);
    for deep in ["NOT ", "- "] {
        let sql = format!("SELECT {} points FROM Customer", deep.repeat(n - 2));
        assert_eq!(refused(&view, &sql).await.0, "queryInvalid");
    }
    for sql in [sum(n + 1), any(n + 3), cast(n + 2), null(n + 1)] {
        assert!(refused(&view, &sql).await.1.contains("operators and keywords; at most 500"), "{sql}");
    }
}

#[tokio::test]
async fn the_widest_join_that_is_allowed_does_not_end_the_process() {
    let (t, _) = shop().await;
    replace(&t.lake, "Lone", &[batch(vec![("n", ints([Some(1)]))])]).await;
    let view = t.lake.view_latest().await.unwrap();
    let most = limits::MAX_SQL_TABLES;
    let tables = |n: usize| (0..n).map(|i| format!("Lone t{i}")).collect::<Vec<_>>().join(", ");
    assert_eq!(jsonl(&view, &format!("SELECT count(*) AS n FROM {}", tables(most))).await, "{\"n\":1}\n");
    let union = |n: usize| format!("SELECT n FROM Lone{}", " UNION ALL SELECT n FROM Lone".repeat(n - 1));
    assert_eq!(jsonl(&view, &union(most)).await.lines().count(), most);
    for sql in [format!("SELECT count(*) FROM {}", tables(most + 1)), union(most + 1)] {
        assert_eq!(refused(&view, &sql).await.1, "the query names 101 tables; at most 100 are read");
    }
}
