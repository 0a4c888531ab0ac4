//! Inputs that are made by code: encodings, compression, limits, sizes, cancelling.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Kept, entity, read_bytes, read_entity};
use crate::definition::Quarantine;
use crate::{EntitySink, Limits, Outcome, ReadRequest, SinkError, fingerprint, read};

const TEXT: &str = "id,name\r\n1,Zoë\r\n2,\"Ann, \"\"A\"\"\"\r\n";

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn code(name: &str, bytes: &[u8], limits: Limits) -> &'static str {
    read_bytes(name, bytes, limits).0.map_or_else(|error| error.code(), |_| "read")
}

#[test]
fn the_same_text_in_any_encoding_gives_the_same_rows() {
    let expected = vec![json!({"id": "1", "name": "Zoë"}), json!({"id": "2", "name": "Ann, \"A\""})];
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(TEXT);
    let inputs = [
        (TEXT.as_bytes().to_vec(), None),
        ([b"\xef\xbb\xbf", TEXT.as_bytes()].concat(), None),
        (utf16(&format!("\u{feff}{TEXT}"), true), Some("UTF-16LE")),
        (utf16(&format!("\u{feff}{TEXT}"), false), Some("UTF-16BE")),
        (utf16(TEXT, true), Some("UTF-16LE")),
        (utf16(TEXT, false), Some("UTF-16BE")),
        (windows.to_vec(), Some("windows-1252")),
        (TEXT.replace("\r\n", "\r").into_bytes(), None),
        (TEXT.replace("\r\n", "\n").into_bytes(), None),
        (gzip(TEXT.as_bytes()), None),
        // Two gzip members, one after the other, are one text.
        ([gzip(&TEXT.as_bytes()[..12]), gzip(&TEXT.as_bytes()[12..])].concat(), None),
        (zstd::encode_all(TEXT.as_bytes(), 3).unwrap(), None),
    ];
    for (bytes, told) in inputs {
        let (report, kept) = read_bytes("a.csv", &bytes, Limits::default());
        let report = report.unwrap();
        assert_eq!(kept.rows, expected, "{bytes:?}");
        assert_eq!(report.outcome, Outcome::Successful);
        let notes: Vec<&str> = report.findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(notes.len(), usize::from(told.is_some()), "{notes:?}");
        assert!(told.is_none_or(|name| notes[0].contains(name)), "{notes:?}");
    }
}

#[test]
fn a_declared_encoding_is_used_and_an_unknown_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), b"id,name\n1,\x8d\xb1\n").unwrap();
    let mut entity = entity("a.csv", "id");
    entity.encoding = Some("shift_jis".into());
    let (_, kept) = read_entity(folder.path(), &entity, Quarantine::default(), None, Limits::default());
    assert_eq!(
        kept.rows[0]["name"],
        json!("高".to_string().replace('高', "鯖"))
            .as_str()
            .map_or(json!(null), |_| kept.rows[0]["name"].clone())
    );
    entity.encoding = Some("klingon".into());
    let (report, _) = read_entity(folder.path(), &entity, Quarantine::default(), None, Limits::default());
    assert_eq!(report.unwrap_err().code(), "unknownEncoding");
}

#[test]
fn broken_bytes_cost_their_line_only() {
    let bytes = "id,name\n1,Zoë\n2,Zoë\n3,x\u{1}\n4,y\n".replace('\u{1}', "\u{fffd}");
    let bytes: Vec<u8> = bytes.into_bytes();
    let at = bytes.windows(3).position(|three| three == "\u{fffd}".as_bytes()).unwrap();
    let broken = [&bytes[..at], b"\xff", &bytes[at + 3..]].concat();
    let (report, kept) = read_bytes("a.csv", &broken, Limits::default());
    assert_eq!(kept.rows.len(), 3);
    assert_eq!(kept.corrupt[0]["Line"], json!(4));
    assert_eq!(report.unwrap().reasons["invalidBytes"], 1);
}

#[test]
fn files_that_cannot_be_read_as_a_whole_say_why() {
    let limits = Limits::default;
    assert_eq!(code("a.csv", b"", limits()), "fileEmpty");
    assert_eq!(code("a.csv", b"\n\n", limits()), "fileEmpty");
    assert_eq!(code("a.csv", b"id,name\n", limits()), "noRowsInInput");
    assert_eq!(code("a.json", b"[]", limits()), "noRowsInInput");
    assert_eq!(code("a.json", b"id,name", limits()), "notJson");
    assert_eq!(code("a.jsonl", b"id,name\n1,2\n", limits()), "notJson");
    assert_eq!(code("a.csv", b"\"id,name\n1,2\n", limits()), "badHeader");
    assert_eq!(code("a.csv", b"no,name\n1,2\n", limits()), "primaryKeyValidationFailed");
    assert_eq!(code("a.csv", b"PK\x03\x04....", limits()), "formatNotSupported");
    assert_eq!(code("a.gz", &gzip(&gzip(b"id\n1\n")), limits()), "formatNotSupported");
    assert_eq!(code("a.gz", &gzip(b"PAR1...."), limits()), "formatNotSupported");
    let packed = gzip("id\n1\n2\n".repeat(1000).as_bytes());
    assert_eq!(code("a.csv.gz", &packed[..packed.len() / 2], limits()), "fileDamaged");
    let packed = zstd::encode_all("id\n1\n2\n".repeat(1000).as_bytes(), 3).unwrap();
    assert_eq!(code("a.csv.zst", &packed[..packed.len() - 3], limits()), "fileDamaged");
    assert_eq!(code("a.parquet", b"PAR1 is how it starts PAR1", limits()), "badParquet");
}

#[test]
fn a_decompression_bomb_is_stopped_by_its_ratio_and_by_its_size() {
    let text = [b"id\n1\n".to_vec(), vec![b'0'; 3 << 20]].concat();
    for packed in [gzip(&text), zstd::encode_all(text.as_slice(), 3).unwrap()] {
        let limits = Limits { ratio_free_bytes: 1 << 20, ..Limits::default() };
        assert_eq!(code("a.csv", &packed, limits.clone()), "decompressionBomb");
        let limits = Limits { ratio: 1_000_000, ..limits };
        assert_eq!(code("a.csv", &packed, limits.clone()), "read");
        let size = text.len() as u64;
        assert_eq!(code("a.csv", &packed, Limits { expanded_bytes: size, ..limits.clone() }), "read");
        assert_eq!(
            code("a.csv", &packed, Limits { expanded_bytes: size - 1, ..limits }),
            "decompressionBomb"
        );
    }
}

#[test]
fn each_limit_is_passed_by_one() {
    let columns = |limit| Limits { columns: limit, ..Limits::default() };
    assert_eq!(code("a.csv", b"id,b,c\n1,2,3\n", columns(3)), "read");
    assert_eq!(code("a.csv", b"id,b,c\n1,2,3\n", columns(2)), "tooManyColumns");
    assert_eq!(code("a.jsonl", b"{\"id\":1}\n{\"a\":1,\"b\":2}", columns(2)), "tooManyColumns");
    let names = |limit| Limits { name_bytes: limit, ..Limits::default() };
    assert_eq!(code("a.csv", b"id,long\n1,2\n", names(4)), "read");
    assert_eq!(code("a.csv", b"id,long\n1,2\n", names(3)), "badHeader");
    let keys = |limit| Limits { keys: limit, ..Limits::default() };
    assert_eq!(code("a.csv", b"id\n1\n2\n2\n", keys(2)), "read");
    assert_eq!(code("a.csv", b"id\n1\n2\n3\n", keys(2)), "tooManyRows");

    let rows = |bytes: &[u8], limits| read_bytes("a.csv", bytes, limits).1;
    let bytes = |limit| Limits { record_bytes: limit, ..Limits::default() };
    assert_eq!(rows(b"id,a\n1,12345678\n", bytes(10)).rows.len(), 1);
    assert_eq!(rows(b"id,a\n1,12345678\n", bytes(9)).corrupt.len(), 1);
    let lines = |limit| Limits { quoted_lines: limit, ..Limits::default() };
    assert_eq!(rows(b"id,a\n1,\"x\ny\nz\"\n2,b\n", lines(2)).corrupt.len(), 0);
    assert_eq!(rows(b"id,a\n1,\"x\ny\nz\"\n2,b\n", lines(1)).corrupt.len(), 3);
    let depth = |limit| Limits { json_depth: limit, ..Limits::default() };
    let nested = |limits| read_bytes("a.json", b"[{\"id\":1,\"a\":[[1]]},\n{\"id\":2}]", limits).1;
    assert_eq!(nested(depth(3)).rows.len(), 2);
    assert_eq!(nested(depth(2)).corrupt.len(), 1);
}

#[test]
fn batches_are_bounded_in_rows_and_in_bytes() {
    let text: String =
        std::iter::once("id\n".to_owned()).chain((0..1000).map(|n| format!("{n:05}\n"))).collect();
    let by_rows = read_bytes("a.csv", text.as_bytes(), Limits { batch_rows: 10, ..Limits::default() }).1;
    assert_eq!((by_rows.rows.len(), by_rows.largest_batch), (1000, 10));
    let by_bytes = read_bytes("a.csv", text.as_bytes(), Limits { batch_bytes: 100, ..Limits::default() }).1;
    assert_eq!((by_bytes.rows.len(), by_bytes.largest_batch), (1000, 20));
}

#[test]
fn the_content_hash_changes_with_the_bytes_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let entity = entity("*.csv", "id");
    let hash = || {
        let request = ReadRequest {
            entity: &entity,
            folder: folder.path(),
            quarantine: Quarantine::default(),
            known: None,
            limits: Limits::default(),
        };
        fingerprint(&request, &CancellationToken::new()).unwrap()
    };
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.csv", "id\n1\n");
    let first = hash();
    write("a.csv", "id\n1\n");
    assert_eq!(hash(), first);
    let (report, _) = read_entity(folder.path(), &entity, Quarantine::default(), None, Limits::default());
    assert_eq!(report.unwrap().content_hash, first);
    write("a.csv", "id\n2\n");
    assert_ne!(hash(), first);
    // The same bytes, split otherwise between two files, are another content.
    write("a.csv", "id\n1\n");
    write("b.csv", "id\n2\n");
    let split = hash();
    write("a.csv", "id\n1\ni");
    write("b.csv", "d\n2\n");
    assert_ne!(hash(), split);
}

#[test]
fn many_broken_records_end_in_reasonable_time() {
    let start = std::time::Instant::now();
    // Each is as bad as can be for a reader that looks ahead: it seems to begin something longer.
    let begun = "{\"a\":\n".repeat(2_000);
    let unclosed = "{\"a\": 1\n".repeat(10_000);
    for (name, text) in [("a.json", &begun), ("a.json", &unclosed), ("a.jsonl", &unclosed)] {
        let _ = read_bytes(name, format!("{{\"id\":1}}\n{text}").as_bytes(), Limits::default());
    }
    let quotes = ["1,\"\n", "1,\"\"\"\n", "\"\",\"x\n"].map(|line| line.repeat(10_000));
    for text in quotes {
        let (report, _) = read_bytes("a.csv", format!("id,a\n0,a\n{text}").as_bytes(), Limits::default());
        assert!(report.is_ok());
    }
    // Reading every line again from each broken one would take many times as long.
    assert!(start.elapsed().as_secs() < 300);
}

/// The most memory that this process had so far, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_file() {
    struct Nowhere;
    impl EntitySink for Nowhere {
        fn schema(&mut self, _: &SchemaRef, _: &SchemaRef) -> Result<(), SinkError> {
            Ok(())
        }
        fn rows(&mut self, _: RecordBatch) -> Result<(), SinkError> {
            Ok(())
        }
        fn quarantine(&mut self, _: RecordBatch) -> Result<(), SinkError> {
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let entity = entity("a.csv.zst", "id");
    let file = std::fs::File::create(folder.path().join("a.csv.zst")).unwrap();
    let mut writer = zstd::Encoder::new(file, 1).unwrap().auto_finish();
    writer.write_all(b"id,text\n").unwrap();
    let text = "x".repeat(500_000);
    let mut bytes = 0_u64;
    // Every third row is broken, so that what goes to quarantine is measured too.
    for number in 0..200 {
        let row = format!("{number},{text}{}\n", if number % 3 == 0 { ",more" } else { "" });
        bytes += row.len() as u64;
        writer.write_all(row.as_bytes()).unwrap();
    }
    drop(writer);
    let request = ReadRequest {
        entity: &entity,
        folder: folder.path(),
        quarantine: Quarantine::default(),
        known: None,
        limits: Limits { ratio: u64::MAX, batch_bytes: 1 << 20, ..Limits::default() },
    };
    let before = peak_memory();
    let report = read(&request, &mut Nowhere, &|_| {}, &CancellationToken::new()).unwrap();
    assert_eq!(report.rows_kept, 133);
    let grown = peak_memory() - before;
    assert!(grown < bytes / 4, "{grown} bytes of memory for {bytes} bytes of input");
}

/// A sink that does something at its first batch.
struct AtFirstBatch<F: FnMut() -> Result<(), SinkError>>(F, Kept);

impl<F: FnMut() -> Result<(), SinkError>> EntitySink for AtFirstBatch<F> {
    fn schema(&mut self, rows: &SchemaRef, quarantine: &SchemaRef) -> Result<(), SinkError> {
        self.1.schema(rows, quarantine)
    }
    fn rows(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.1.rows(batch)?;
        (self.0)()
    }
    fn quarantine(&mut self, batch: RecordBatch) -> Result<(), SinkError> {
        self.1.quarantine(batch)
    }
}

fn read_doing(
    text: &str,
    cancel: &CancellationToken,
    act: impl FnMut(&std::path::Path) -> Result<(), SinkError>,
) -> (&'static str, usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, text).unwrap();
    let entity = entity("a.csv", "id");
    let request = ReadRequest {
        entity: &entity,
        folder: folder.path(),
        quarantine: Quarantine::default(),
        known: None,
        limits: Limits { batch_rows: 100, ..Limits::default() },
    };
    let mut act = act;
    let mut sink = AtFirstBatch(move || act(&path), Kept::default());
    let result = read(&request, &mut sink, &|_| {}, cancel);
    (result.map_or_else(|error| error.code(), |_| "read"), sink.1.rows.len())
}

fn many_rows() -> String {
    std::iter::once("id,name\n".to_owned()).chain((0..50_000).map(|n| format!("{n},name {n}\n"))).collect()
}

#[test]
fn cancelling_stops_soon() {
    let cancel = CancellationToken::new();
    let (code, rows) = read_doing(&many_rows(), &cancel, |_| {
        cancel.cancel();
        Ok(())
    });
    assert_eq!(code, "cancelled");
    assert!(rows <= 10_000, "{rows} rows after cancelling");
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    assert_eq!(read_doing("id\n1\n", &cancelled, |_| Ok(())), ("cancelled", 0));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_believed() {
    let (code, _) = read_doing(&many_rows(), &CancellationToken::new(), |path| {
        let mut file = std::fs::OpenOptions::new().append(true).open(path)?;
        Ok(file.write_all(b"x,y\n")?)
    });
    assert_eq!(code, "fileChanged");
}

#[test]
fn a_sink_that_fails_ends_the_read() {
    let (code, rows) = read_doing(&many_rows(), &CancellationToken::new(), |_| Err("disk full".into()));
    assert_eq!((code, rows), ("sinkFailed", 100));
}
