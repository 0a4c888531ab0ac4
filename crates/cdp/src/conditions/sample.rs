//! Small tables for tests: CSV text whose header says each column's type, as `Price:decimal(10,2)`.
//!
//! Types: `text` (the default), `int`, `double`, `decimal(p,s)`, `bool`, `date`, `time`, `instant`. An empty field is
//! a missing value; `""` is an empty text.

use super::Kind;
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::common::TableReference;
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use std::path::Path;
use std::sync::Arc;

/// A session in which every `<Entity>.csv` of the folder is a table.
pub(crate) fn session(folder: &Path) -> SessionContext {
    let mut config = SessionConfig::new().with_target_partitions(3);
    // As in a lake: names are written exactly.
    config.options_mut().sql_parser.enable_ident_normalization = false;
    let session = SessionContext::new_with_config(config);
    entities(folder).iter().for_each(|(entity, rows)| register(&session, entity, rows));
    session
}

/// The rows of every `<Entity>.csv` of the folder.
pub(crate) fn entities(folder: &Path) -> Vec<(String, RecordBatch)> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let csv = files.filter(|file| file.extension().is_some_and(|extension| extension == "csv"));
    csv.map(|file| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, rows(&std::fs::read_to_string(&file).unwrap()))
    })
    .collect()
}

/// Makes the rows a table, spread over two partitions.
pub(crate) fn register(session: &SessionContext, entity: &str, rows: &RecordBatch) {
    let half = rows.num_rows() / 2;
    let parts = vec![vec![rows.slice(0, half)], vec![rows.slice(half, rows.num_rows() - half)]];
    let table = MemTable::try_new(rows.schema(), parts).unwrap();
    session.register_table(TableReference::bare(entity), Arc::new(table)).unwrap();
}

/// The rows of a CSV text.
pub(crate) fn rows(text: &str) -> RecordBatch {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let header: Vec<&str> = split(lines.next().unwrap());
    let lines: Vec<Vec<&str>> = lines.map(split).collect();
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (at, column) in header.iter().enumerate() {
        let (name, kind) = column.split_once(':').unwrap_or((column, "text"));
        let texts = lines.iter().map(|line| match line[at] {
            "" => None,
            "\"\"" => Some(""),
            value => Some(value),
        });
        let texts: ArrayRef = Arc::new(texts.collect::<StringArray>());
        let data_type = kind_of(kind).data_type();
        fields.push(Field::new(name, data_type.clone(), true));
        columns.push(cast(&texts, &data_type).unwrap());
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// At the commas that are not in parentheses.
fn split(line: &str) -> Vec<&str> {
    let mut depth = 0;
    let at_comma = |letter: char| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ',' && depth == 0
    };
    line.split(at_comma).collect()
}

fn kind_of(text: &str) -> Kind {
    match text {
        "text" => Kind::Text,
        "int" => Kind::Integer,
        "double" => Kind::Double,
        "bool" => Kind::Bool,
        "date" => Kind::Date,
        "time" => Kind::Time { instant: false },
        "instant" => Kind::Time { instant: true },
        _ => {
            let digits = text.strip_prefix("decimal(").unwrap().strip_suffix(')').unwrap();
            let (precision, scale) = digits.split_once(',').unwrap();
            Kind::Decimal { precision: precision.parse().unwrap(), scale: scale.parse().unwrap() }
        }
    }
}
