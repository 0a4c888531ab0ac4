//! What must hold for any input.

use csv_core::{ReadRecordResult, Reader};
use proptest::prelude::*;
use serde_json::Value;

use super::read_bytes;
use crate::Limits;

/// A writer as simple as can be: quotes what must be quoted.
fn write_csv(rows: &[Vec<String>], delimiter: char, end: &str) -> String {
    let field = |text: &String| {
        let special = [delimiter, '"', '\n', '\r'];
        match text.contains(special) || text.is_empty() {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text.clone(),
        }
    };
    let line =
        |row: &Vec<String>| row.iter().map(field).collect::<Vec<_>>().join(&delimiter.to_string()) + end;
    rows.iter().map(line).collect()
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The records that csv-core finds.
fn by_csv_core(mut input: &[u8]) -> Vec<Vec<String>> {
    let mut reader = Reader::new();
    let (mut output, mut ends) = (vec![0; 4096], vec![0; 64]);
    let mut rows = Vec::new();
    let (mut out, mut end) = (0, 0);
    loop {
        let (result, read, written, ended) = reader.read_record(input, &mut output[out..], &mut ends[end..]);
        input = &input[read..];
        out += written;
        end += ended;
        match result {
            ReadRecordResult::Record => {
                let mut start = 0;
                let fields = ends[..end].iter().map(|stop| {
                    let field = String::from_utf8_lossy(&output[start..*stop]).into_owned();
                    start = *stop;
                    field
                });
                rows.push(fields.collect());
                (out, end) = (0, 0);
            }
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::End => return rows,
            other => panic!("{other:?}"),
        }
    }
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,8}", "[ -~]{1,12}", "[a-zé\"\n\r,;\t|漢😀]{1,8}", Just(String::new())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn what_a_simple_writer_writes_is_read_back(
        mut rows in prop::collection::vec(prop::collection::vec(field(), 3), 1..20),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        crlf in any::<bool>(),
    ) {
        for (number, row) in rows.iter_mut().enumerate() {
            row.insert(0, format!("k{number}"));
            // The last column makes sure that no row ends in a field that looks like the end of the file.
            row.push("x".into());
        }
        let mut all = vec![["id", "a", "b", "c", "d"].map(str::to_owned).to_vec()];
        all.extend(rows.iter().cloned());
        let text = write_csv(&all, delimiter, if crlf { "\r\n" } else { "\n" });
        let mut entity = super::entity("a.csv", "id");
        entity.delimiter = Some(delimiter);
        entity.attributes = serde_json::from_value(serde_json::json!([
            {"name": "a", "type": "string"}, {"name": "b", "type": "string"}, {"name": "c", "type": "string"}
        ])).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.csv"), text).unwrap();
        let (report, kept) =
            super::read_entity(folder.path(), &entity, Default::default(), None, Limits::default());
        prop_assert_eq!(report.unwrap().quarantined, 0, "{:?}", kept.corrupt);
        let found: Vec<Vec<String>> =
            kept.rows.iter().map(|row| ["id", "a", "b", "c", "d"].map(|name| text_of(&row[name])).to_vec()).collect();
        prop_assert_eq!(found, rows);
    }

    #[test]
    fn well_formed_records_are_those_that_csv_core_finds(
        rows in prop::collection::vec(prop::collection::vec("[a-z\"\n, ]{0,6}", 2), 1..12),
    ) {
        let mut all = vec![vec!["id".to_owned(), "a".to_owned(), "b".to_owned()]];
        all.extend(rows.iter().enumerate().map(|(n, row)| [vec![format!("k{n}")], row.clone()].concat()));
        let text = write_csv(&all, ',', "\n");
        let (_, kept) = read_bytes("a.csv", text.as_bytes(), Limits::default());
        let found: Vec<Vec<String>> =
            kept.rows.iter().map(|row| ["id", "a", "b"].map(|name| text_of(&row[name])).to_vec()).collect();
        prop_assert_eq!(&found[..], &by_csv_core(text.as_bytes())[1..]);
    }

    #[test]
    fn any_bytes_end_in_rows_or_an_error(
        start in prop::sample::select(vec![&b""[..], b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"PAR1", b"\xff\xfe", b"\xef\xbb\xbf"]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let bytes = [start, &bytes].concat();
        for name in ["a.csv", "a.json", "a.jsonl", "a.parquet"] {
            let _ = read_bytes(name, &bytes, Limits::default());
        }
    }

    #[test]
    fn bytes_that_matter_end_in_rows_or_an_error(
        text in "(id|[\\[\\]{}:,\"\\\\\n\r;0-9a\u{e9} ]){0,120}",
        start in prop::sample::select(vec!["id,a\n", "[{\"id\":1},\n", "{\"id\":1}\n", ""]),
    ) {
        let limits = Limits { record_bytes: 64, quoted_lines: 3, json_depth: 4, ..Limits::default() };
        for name in ["a.csv", "a.json", "a.jsonl"] {
            let _ = read_bytes(name, format!("{start}{text}").as_bytes(), limits.clone());
        }
    }

    #[test]
    fn a_broken_line_between_good_ones_costs_only_lines_near_it(junk in "[a-z\", ]{0,20}", before in 1..20_usize, after in 1..20_usize) {
        let line = |n: usize| format!("k{n},name {n},{n}\n");
        let good: String = (0..before).map(line).collect();
        let more: String = (before..before + after).map(line).collect();
        let text = format!("id,name,n\n{good}{junk}\n{more}");
        let (report, kept) = read_bytes("a.csv", text.as_bytes(), Limits::default());
        let report = report.unwrap();
        prop_assert!(report.quarantined <= 1, "{:?}", kept.corrupt);
        let names: Vec<String> = kept.rows.iter().map(|row| text_of(&row["id"])).collect();
        for n in 0..before + after {
            prop_assert!(names.contains(&format!("k{n}")), "k{} is lost", n);
        }
    }
}
