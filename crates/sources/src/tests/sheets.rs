//! Workbooks: `testdata/sheets/people.xlsx` was written by openpyxl; hostile ones are made here.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Value, json};

use super::{read_bytes, read_entity};
use crate::Limits;
use crate::definition::Quarantine;

fn entity(sheet: &str) -> crate::definition::SourceEntity {
    let entity = json!({"name": "p", "file": "people.xlsx", "sheet": sheet, "primaryKey": "id"});
    serde_json::from_value(entity).unwrap()
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/sheets")
}

#[test]
fn a_sheet_is_read_from_its_first_row_with_dates_numbers_and_texts() {
    let (report, kept) = read_entity(
        &folder(),
        &entity("People"),
        Quarantine { max_rows: None, max_share: 1.0 },
        None,
        Limits::default(),
    );
    let report = report.unwrap();
    let types: Vec<String> =
        report.columns.iter().map(|column| format!("{} {}", column.name, column.attribute_type)).collect();
    assert_eq!(
        types.join(", "),
        "id string, born date, seen dateTime, spent double, ok boolean, code string"
    );
    let expected = json!([
        {"id": "1", "born": "1990-02-03", "seen": "2024-02-29T13:45:00", "spent": 12.5, "ok": true, "code": "007"},
        {"id": "2", "born": null, "seen": null, "spent": 3.0, "ok": false, "code": "008"}
    ]);
    assert_eq!(Value::from(kept.rows), expected);
    assert_eq!(kept.corrupt[0]["Line"], json!(7), "the number of the row in the sheet");
}

#[test]
fn a_sheet_that_is_not_there_is_named_with_those_that_are() {
    let (report, _) =
        read_entity(&folder(), &entity("Peple"), Quarantine::default(), None, Limits::default());
    let error = report.unwrap_err();
    assert_eq!(error.code(), "badWorkbook");
    assert!(error.to_string().contains("First, People"), "{error}");
}

/// A zip archive with one part that expands to `size` zeros, whatever its directory says.
fn bomb(size: usize) -> Vec<u8> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&vec![b'0'; size]).unwrap();
    let packed = packed.finish().unwrap();
    let name = b"xl/workbook.xml";
    let head = |with_place: bool| {
        let mut bytes = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend((packed.len() as u32).to_le_bytes());
        bytes.extend(10_u32.to_le_bytes());
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend([0, 0]);
        if with_place {
            bytes.extend([0; 14]);
        }
        bytes.extend(name);
        bytes
    };
    let mut zip = b"PK\x03\x04".to_vec();
    // Version needed, flags, method, time, date, checksum, sizes, lengths.
    zip.extend(head(false));
    zip.extend(&packed);
    let start = zip.len() as u32;
    zip.extend(b"PK\x01\x02");
    zip.extend([20, 0]);
    zip.extend(head(true));
    let length = zip.len() as u32 - start;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend(length.to_le_bytes());
    zip.extend(start.to_le_bytes());
    zip.extend([0, 0]);
    zip
}

#[test]
fn a_workbook_that_expands_too_much_is_refused_before_it_is_built() {
    let limits = || Limits { sheet_bytes: 1 << 20, ..Limits::default() };
    let (report, _) = read_bytes("bomb.xlsx", &bomb(2 << 20), limits());
    let error = report.unwrap_err();
    assert!(error.to_string().contains("expands to more than 1048576 bytes"), "{error}");
    let (report, _) = read_bytes("small.xlsx", &bomb(1 << 10), limits());
    assert!(!report.unwrap_err().to_string().contains("expands"));
}

#[test]
fn what_is_no_workbook_and_what_is_cut_off_is_an_error_of_ours() {
    let whole = std::fs::read(folder().join("people.xlsx")).unwrap();
    for cut in [0, 1, 30, whole.len() / 2, whole.len() - 1] {
        for name in ["a.xlsx", "a.xls", "a.ods"] {
            let (report, _) = read_bytes(name, &whole[..cut], Limits::default());
            let code = report.unwrap_err().code();
            assert!(matches!(code, "badWorkbook" | "fileEmpty"), "{name} {cut}: {code}");
        }
    }
}
