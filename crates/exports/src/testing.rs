//! Rows for tests.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::record_batch::RecordBatch;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::Run;

pub(crate) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("CustomerId", DataType::Utf8, false),
        Field::new("EMail", DataType::Utf8, true),
        Field::new("Points", DataType::Int64, true),
        Field::new("Balance", DataType::Decimal128(10, 2), true),
        Field::new("Active", DataType::Boolean, true),
        Field::new("Since", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true),
    ]))
}

/// Customers with these numbers; each third has no e-mail address.
pub(crate) fn customers(numbers: Range<i64>) -> RecordBatch {
    let all: Vec<i64> = numbers.collect();
    let balance = Decimal128Array::from_iter_values(all.iter().map(|n| i128::from(*n) * -101));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(all.iter().map(|n| format!("c{n}")))),
        Arc::new(StringArray::from_iter(all.iter().map(|n| (n % 3 != 2).then(|| format!("c{n}@a.test"))))),
        Arc::new(Int64Array::from(all.clone())),
        Arc::new(balance.with_precision_and_scale(10, 2).unwrap()),
        Arc::new(BooleanArray::from_iter(all.iter().map(|n| Some(n % 2 == 0)))),
        Arc::new(
            TimestampMicrosecondArray::from_iter_values(all.iter().map(|n| n * 86_400_000_000 + 1))
                .with_timezone("UTC"),
        ),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

/// A run at one moment.
pub(crate) fn run() -> Run {
    Run::new("job1", "2026-11-20T06:30:12Z".parse::<Timestamp>().unwrap())
}

/// A web server that answers each call with `answer(call)`; its port, and the calls it got.
pub(crate) async fn server(
    answer: impl Fn(&str) -> String + Send + Sync + 'static,
) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let calls: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            while !complete(&text) {
                match stream.read(&mut buffer).await {
                    Ok(n) if n > 0 => text.extend_from_slice(&buffer[..n]),
                    _ => break,
                }
            }
            let call = String::from_utf8_lossy(&text).into_owned();
            let reply = answer(&call);
            seen.lock().unwrap().push(call);
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    (port, calls)
}

fn complete(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}
