//! Writing the rows: CSV (RFC 4180) and JSON lines. A file is complete or absent.

use std::io;
use std::path::Path;

use serde_json::{Map, Value};

use super::Day;
use super::sources::{Row, Rows};

fn of_day(rows: &Rows, day: Day) -> impl Iterator<Item = &Row> {
    rows.rows.iter().filter(move |row| day == Day::Second || !row.late)
}

/// Writes a file with a header line.
pub(super) fn csv(
    dir: &Path,
    file: &str,
    delimiter: char,
    columns: &[&str],
    rows: &Rows,
    day: Day,
) -> io::Result<()> {
    let mut text = String::new();
    line(&mut text, delimiter, columns.iter().copied());
    for row in of_day(rows, day) {
        line(&mut text, delimiter, row.fields.iter().map(String::as_str));
    }
    put(dir, file, &text)
}

fn line<'a>(text: &mut String, delimiter: char, fields: impl Iterator<Item = &'a str>) {
    for (at, field) in fields.enumerate() {
        if at > 0 {
            text.push(delimiter);
        }
        if field.contains([delimiter, '"', '\n', '\r']) {
            text.push('"');
            text.push_str(&field.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(field);
        }
    }
    text.push('\n');
}

/// Writes one object per row; missing values are left out, truth values are JSON's.
pub(super) fn jsonl(dir: &Path, file: &str, columns: &[&str], rows: &Rows, day: Day) -> io::Result<()> {
    let mut text = String::new();
    for row in of_day(rows, day) {
        let fields = columns.iter().zip(&row.fields).filter(|(_, field)| !field.is_empty());
        let object: Map<String, Value> =
            fields.map(|(column, field)| ((*column).to_owned(), value(field))).collect();
        text.push_str(&Value::Object(object).to_string());
        text.push('\n');
    }
    put(dir, file, &text)
}

fn value(field: &str) -> Value {
    match field {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => Value::String(text.to_owned()),
    }
}

/// Writes `truth.csv`: which person each row of the sources is about.
pub(super) fn truth(dir: &Path, sources: &[(&str, &Rows)], day: Day) -> io::Result<()> {
    let mut text = "Entity,Key,PersonId\n".to_owned();
    for (entity, rows) in sources {
        for row in of_day(rows, day) {
            line(&mut text, ',', [*entity, &row.key, &row.person].into_iter());
        }
    }
    put(dir, "truth.csv", &text)
}

/// Writes beside the file and renames, so that a refresh never reads half of it.
fn put(dir: &Path, file: &str, text: &str) -> io::Result<()> {
    let path = dir.join(file);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("partial");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, &path)
}
