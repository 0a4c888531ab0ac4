//! A CSV file in pieces on several threads is what one reader finds from its beginning to its end.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::Value;

use super::read_bytes;
use crate::Limits;
use crate::files::cells::Cells;
use crate::files::csv::{CsvReader, Layout};
use crate::files::pieces::{Pass, Pieces, pass};
use crate::files::records::{Records, Rules};
use crate::files::rows::Step;

/// What a reader found, as text: the rows and the records that are none, each with its line.
fn by_lines(bytes: &[u8], layout: Layout, limits: &Limits) -> Option<(usize, Vec<String>)> {
    let mut reader = CsvReader::new(Box::new(std::io::Cursor::new(bytes.to_vec())), layout, limits);
    let mut cells = Cells::default();
    if !matches!(reader.header(&mut cells).unwrap(), Ok(true)) {
        return None;
    }
    let mut found = Vec::new();
    loop {
        match reader.next(&mut cells).unwrap() {
            Step::End => return Some((reader.width(), found)),
            Step::Bad(bad) => found.push(format!("{bad:?}")),
            Step::Row { line } => {
                let cells: Vec<_> = (0..cells.len()).map(|place| cells.get(place)).collect();
                found.push(format!("{line} {cells:?}"));
            }
        }
    }
}

/// Writes down what is in the records of a piece.
struct Writing;

impl Pass for Writing {
    type Found = ();

    fn look(&self, _: &Records) {}
}

fn by_pieces(bytes: &[u8], rules: &Rules, threads: usize) -> Vec<String> {
    let pieces = Pieces::new(Box::new(std::io::Cursor::new(bytes.to_vec())), rules.clone());
    let mut found: Vec<(u64, String)> = Vec::new();
    let end = pass(pieces, threads, &Writing, |seen| {
        let records = seen.records;
        for row in 0..records.len() {
            let cells: Vec<_> = (0..rules.width).map(|place| records.cell(row, place)).collect();
            let line = seen.line + records.line(row);
            let mut text = String::new();
            write!(text, "{line} {cells:?}").map_err(|_| ())?;
            found.push((line, text));
        }
        for bad in &records.bad {
            let bad = bad.at(seen.line);
            found.push((bad.line, format!("{bad:?}")));
        }
        Ok::<(), ()>(())
    });
    assert!(end.is_ok());
    found.sort_by_key(|(line, _)| *line);
    found.into_iter().map(|(_, text)| text).collect()
}

/// Bytes that a CSV file should not have, and many that it may have.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![&b"1,a,b\n"[..], b"2,\"x\ny\",z\r\n", b"3,\"a\"\"b\",\n", b"\"4\",,\"\"\n"]),
        2 => prop::sample::select(vec![&b"\n"[..], b"\r\n", b"  \n", b"a,b\n", b"1,2,3,4\n", b"\"", b"1,\"a\n", b"x\"y,\"\"\"\n"]),
        1 => prop::sample::select(vec![&b"\xff,a,b\n"[..], b"\xc3", b"\xab,", b"\r", b",", "zoë,漢,😀\n".as_bytes(), b"\"a\" ,b,c\n"]),
        1 => prop::sample::select(vec![&b"a very long field that is longer than the limit of a record,"[..], b"\",\"\n\"", b"\"\n\n\n\n\n\n"]),
    ];
    (any::<bool>(), prop::collection::vec(piece, 0..60))
        .prop_map(|(header, pieces)| [if header { &b"id,a,b\n"[..] } else { b"" }, &pieces.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn pieces_on_threads_are_what_a_reader_of_lines_finds(
        bytes in hostile(),
        piece_bytes in 1..200_usize,
        threads in 1..4_usize,
        separator in prop::sample::select(vec![b'\n', b'\n', b'\r']),
        record_bytes in prop::sample::select(vec![24, 80, 1 << 20]),
        quoted_lines in prop::sample::select(vec![1, 3, 256]),
    ) {
        let layout = Layout { delimiter: ',', separator };
        let limits = Limits { piece_bytes, record_bytes, quoted_lines, excerpt_bytes: 40, ..Limits::default() };
        if let Some((width, expected)) = by_lines(&bytes, layout, &limits) {
            let found = by_pieces(&bytes, &Rules { layout, width, limits }, threads);
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_file_reads_alike_in_pieces_of_any_size(
        bytes in hostile(),
        mark in any::<bool>(),
        piece_bytes in 1..100_usize,
        threads in 1..4_usize,
    ) {
        let start: &[u8] = if mark { b"\xef\xbb\xbf" } else { b"" };
        let bytes = [start, b"id,a,b\n", &bytes].concat();
        let read = |piece_bytes, threads| {
            let limits = Limits { piece_bytes, threads, record_bytes: 60, ..Limits::default() };
            let (report, kept) = read_bytes("a.csv", &bytes, limits);
            let report = report.map(|report| serde_json::to_value(report).unwrap_or(Value::Null));
            (report.map_err(|error| error.to_string()), kept.rows, kept.corrupt)
        };
        prop_assert_eq!(read(piece_bytes, threads), read(1 << 20, 1));
    }
}
