//! The shape of data sources and their entities.

use super::table::{ANY_TEXT, COUNT, SHARE, may, must, object, word};
use super::text::{ANY, DATE_FORMAT, DELIMITER, ENCODING, LABEL, NAME, TYPE, URL};
use super::{Case, Field, Object, Shape, Word};

pub(super) static DATA_SOURCE: Shape = Shape::Kinds {
    tag: "kind",
    doc: "A named place that data comes from.",
    cases: &[
        Case { word: "files", object: &FILES },
        Case { word: "postgres", object: &POSTGRES },
        Case { word: "mysql", object: &MYSQL },
        Case { word: "sqlite", object: &SQLITE },
        Case { word: "http", object: &HTTP },
        Case { word: "objectStore", object: &OBJECT_STORE },
        Case { word: "delta", object: &DELTA },
    ],
};

const SOURCE_NAME: Field = must("name", Shape::Text(&NAME), "The data source's name.");
const DESCRIPTION: Field = may("description", Shape::Text(&ANY), "What it is, for people.");
const QUARANTINED: Field =
    may("quarantine", Shape::Object(&QUARANTINE), "How many rows that do not fit are tolerated.");
const SERVER: Field = must("connection", Shape::Text(&LABEL), "The connection with address and credentials.");
const CREDENTIALS: Field =
    may("connection", Shape::Text(&LABEL), "The connection with credentials, if they are needed.");

const fn entities(of: &'static Shape) -> Field {
    must("entities", Shape::List { of, least: 1 }, "The entities read from it.")
}

static FILES: Object = object(
    "FilesDataSource",
    "Files in a folder.",
    &[
        SOURCE_NAME,
        DESCRIPTION,
        must("path", Shape::Text(&ANY), "The folder; relative to the folder of the definitions."),
        entities(&FILE_ENTITY),
        QUARANTINED,
    ],
);

static POSTGRES: Object = object(
    "PostgresDataSource",
    "A PostgreSQL database.",
    &[SOURCE_NAME, DESCRIPTION, SERVER, entities(&TABLE_ENTITY), QUARANTINED],
);

static MYSQL: Object = object(
    "MysqlDataSource",
    "A MySQL or MariaDB database.",
    &[SOURCE_NAME, DESCRIPTION, SERVER, entities(&TABLE_ENTITY), QUARANTINED],
);

static SQLITE: Object = object(
    "SqliteDataSource",
    "An SQLite database.",
    &[
        SOURCE_NAME,
        DESCRIPTION,
        must("path", Shape::Text(&ANY), "The file; relative to the folder of the definitions."),
        entities(&TABLE_ENTITY),
        QUARANTINED,
    ],
);

static HTTP: Object = object(
    "HttpDataSource",
    "Files at web addresses.",
    &[SOURCE_NAME, DESCRIPTION, CREDENTIALS, entities(&WEB_ENTITY), QUARANTINED],
);

static OBJECT_STORE: Object = object(
    "ObjectStoreDataSource",
    "Files in an object store.",
    &[
        SOURCE_NAME,
        DESCRIPTION,
        must(
            "url",
            Shape::Text(&ANY),
            "The place: `s3://bucket/prefix`, `az://container/prefix` or `gs://…`.",
        ),
        CREDENTIALS,
        entities(&STORED_FILE_ENTITY),
        QUARANTINED,
    ],
);

static DELTA: Object = object(
    "DeltaDataSource",
    "Delta tables.",
    &[
        SOURCE_NAME,
        DESCRIPTION,
        must(
            "path",
            Shape::Text(&ANY),
            "The folder that the tables are in, or its place in an object store.",
        ),
        CREDENTIALS,
        entities(&DELTA_ENTITY),
        QUARANTINED,
    ],
);

static QUARANTINE: Object = object(
    "Quarantine",
    "Any quarantined row makes a data source completed with warnings; above a limit, completed with errors.",
    &[
        may("maxRows", Shape::Number(&COUNT), "The most rows per entity; no limit when not given."),
        may("maxShare", Shape::Number(&SHARE), "The largest share of an entity's rows; 0.05 when not given."),
    ],
);

const ENTITY_NAME: Field = must("name", Shape::Text(&NAME), "The entity's name.");
static NAMES: [Shape; 2] = [Shape::Text(&ANY), Shape::List { of: &ANY_TEXT, least: 1 }];
const PRIMARY_KEY: Field =
    must("primaryKey", Shape::Either(&NAMES), "The attribute, or the attributes, that identify a row.");
const FORMAT: Field =
    may("format", Shape::Word(FORMATS), "The file format; by the file's name when not given.");
const SHEET: Field = may("sheet", Shape::Text(&ANY), "The sheet of a workbook; the first when not given.");
const DELIMITED: Field =
    may("delimiter", Shape::Text(&DELIMITER), "The character between columns; found out when not given.");
const ENCODED: Field =
    may("encoding", Shape::Text(&ENCODING), "The character encoding; found out when not given.");
const DATES: Field = may("dateFormat", Shape::Text(&DATE_FORMAT), "How dates are written, e.g. `M/D/YYYY`.");
const ATTRIBUTES: Field = may(
    "attributes",
    Shape::List { of: &ATTRIBUTE_OVERRIDE, least: 0 },
    "What differs from what the rows show.",
);
static MODES: [Word; 2] = [
    word("replace", "All files are read in every refresh."),
    word("append", "Files that were read stay as they were; the rows of new files are added."),
];
const MODE: Field = may(
    "mode",
    Shape::Word(&MODES),
    "What a refresh does with files that it has read before; `replace` when not given.",
);
const CHANGED: Field = may("changes", Shape::Object(&CHANGES), "How to tell which rows have changed.");

static CHANGES: Object = object(
    "Changes",
    "How to tell which rows have changed, so that only those are read.",
    &[
        must("column", Shape::Text(&ANY), "The column that says when a row was last changed."),
        may(
            "from",
            Shape::Text(&ANY),
            "A day (`2026-01-31`): increments before it are passed over. Changing it makes one full refresh.",
        ),
    ],
);

static FILE_ENTITY: Shape = Shape::Object(&Object {
    name: "SourceEntity",
    doc: "One entity of a data source; everywhere else its name is `<data source>_<entity>`.",
    fields: &[
        ENTITY_NAME,
        may("file", Shape::Text(&ANY), "A file or a glob pattern, relative to the data source's path."),
        may(
            "folder",
            Shape::Text(&ANY),
            "A folder with `FullData/` and `IncrementalData/yyyy/mm/dd/hh/{Upserts,Deletes}/` (hours in UTC).",
        ),
        PRIMARY_KEY,
        FORMAT,
        SHEET,
        DELIMITED,
        ENCODED,
        DATES,
        MODE,
        CHANGED,
        ATTRIBUTES,
    ],
    one_of: &[&["file", "folder"]],
});

static STORED_FILE_ENTITY: Shape = Shape::Object(&object(
    "StoredFileEntity",
    "One entity of an object store.",
    &[
        ENTITY_NAME,
        must("file", Shape::Text(&ANY), "An object or a glob pattern, relative to the data source's place."),
        PRIMARY_KEY,
        FORMAT,
        SHEET,
        DELIMITED,
        ENCODED,
        DATES,
        ATTRIBUTES,
    ],
));

static WEB_ENTITY: Shape = Shape::Object(&object(
    "WebEntity",
    "One entity at a web address.",
    &[
        ENTITY_NAME,
        must("url", Shape::Text(&URL), "The address of the file."),
        PRIMARY_KEY,
        FORMAT,
        SHEET,
        DELIMITED,
        ENCODED,
        DATES,
        ATTRIBUTES,
    ],
));

static TABLE_ENTITY: Shape = Shape::Object(&Object {
    name: "TableEntity",
    doc: "One entity of a database.",
    fields: &[
        ENTITY_NAME,
        may("table", Shape::Text(&ANY), "A table or a view, with its schema where it needs one."),
        may("query", Shape::Text(&ANY), "One SELECT."),
        PRIMARY_KEY,
        DATES,
        CHANGED,
        ATTRIBUTES,
    ],
    one_of: &[&["table", "query"]],
});

static DELTA_ENTITY: Shape = Shape::Object(&object(
    "DeltaEntity",
    "One Delta table.",
    &[
        ENTITY_NAME,
        must("table", Shape::Text(&ANY), "The table's folder, relative to the data source's path."),
        PRIMARY_KEY,
        may("version", Shape::Number(&COUNT), "The version that is read; the latest when not given."),
        may("timestamp", Shape::Text(&ANY), "The moment as of which it is read (RFC 3339)."),
        DATES,
        ATTRIBUTES,
    ],
));

static FORMATS: &[Word] = &[
    word("csv", "Separated values with a header line."),
    word("json", "One JSON array of objects."),
    word("jsonl", "One JSON object per line."),
    word("parquet", "Apache Parquet."),
    word("xlsx", "An Excel workbook."),
    word("xls", "An old Excel workbook."),
    word("ods", "An OpenDocument spreadsheet."),
];

static ATTRIBUTE_OVERRIDE: Shape = Shape::Object(&object(
    "AttributeOverride",
    "What is said about one attribute of a source entity.",
    &[
        must("name", Shape::Text(&ANY), "The attribute's name in the input."),
        may("type", Shape::Text(&TYPE), "Its type; inferred from all rows when not given."),
        may("dateFormat", Shape::Text(&DATE_FORMAT), "How its dates are written."),
        may("rename", Shape::Text(&NAME), "Its name in the entity, when it shall differ from the input's."),
    ],
));
