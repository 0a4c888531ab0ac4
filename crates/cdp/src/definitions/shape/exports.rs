//! The shape of exports.

use super::table::{ANY_TEXT, ATTRIBUTE_TEXT, COUNT, may, must, object, word};
use super::text::{ANY, CRON, DELIMITER, LABEL, NAME, TIME_ZONE};
use super::{Case, Field, Object, Shape, Word};

pub(super) static EXPORT: Shape = Shape::Object(&object(
    "Export",
    "Rows of segments and entities, brought to where other programs read them.",
    &[
        must("name", Shape::Text(&LABEL), "The export's name; the first folder of the files that it writes."),
        may("description", Shape::Text(&ANY), "What it is for, for people."),
        may("segments", Shape::List { of: &ANY_TEXT, least: 1 }, "Segments whose members are exported."),
        may("entities", Shape::List { of: &ANY_TEXT, least: 1 }, "Entities that are exported whole."),
        may(
            "attributes",
            Shape::List { of: &COLUMN, least: 1 },
            "The columns, in this order, `EMail` or `{EMail: email}` with another name; all when not given.",
        ),
        must("to", Shape::Kinds { tag: "kind", doc: "Where rows go.", cases: TARGETS }, "Where the rows go."),
        may(
            "schedule",
            Shape::Either(&[Shape::Word(SCHEDULES), Shape::Object(&CRONS)]),
            "When it runs by itself; `afterRefresh` when not given.",
        ),
    ],
));

static COLUMN: Shape =
    Shape::Either(&[Shape::Text(&ANY), Shape::Named { rule: &ANY, of: &Shape::Text(&NAME) }]);

static SCHEDULES: &[Word] = &[
    word("afterRefresh", "After each full refresh, and after one that changed what is exported."),
    word("off", "Only when somebody asks for it."),
];

static CRON_TEXT: Shape = Shape::Text(&CRON);

static CRONS: Object = object(
    "ExportTimes",
    "Times of its own.",
    &[
        must(
            "cron",
            Shape::Either(&[Shape::Text(&CRON), Shape::List { of: &CRON_TEXT, least: 1 }]),
            "Cron lines of five fields.",
        ),
        may("timeZone", Shape::Text(&TIME_ZONE), "The time zone of the lines; `UTC` when not given."),
    ],
);

static TARGETS: &[Case] = &[
    Case { word: "folder", object: &FOLDER },
    Case { word: "objectStore", object: &OBJECT_STORE },
    Case { word: "sftp", object: &SFTP },
    Case { word: "postgres", object: &POSTGRES },
    Case { word: "http", object: &HTTP },
];

static FORMATS: [Word; 3] = [
    word("csv", "Separated values."),
    word("jsonl", "One JSON object a line."),
    word("parquet", "Apache Parquet."),
];
static COMPRESSIONS: [Word; 2] = [word("none", "Not at all."), word("gzip", "With gzip.")];
const FORMAT: Field = may("format", Shape::Word(&FORMATS), "The format of files; `csv` when not given.");
const COMPRESS: Field = may(
    "compress",
    Shape::Word(&COMPRESSIONS),
    "How CSV and JSON lines are compressed; `none` when not given.",
);
const SEPARATOR: Field = may(
    "delimiter",
    Shape::Text(&DELIMITER),
    "The character between columns of a CSV file; a comma when not given.",
);
const HEADER: Field =
    may("header", Shape::Bool, "A CSV file begins with the names of columns; `true` when not given.");
const FORMULA_SAFE: Field = may(
    "formulaSafe",
    Shape::Bool,
    "Texts that a spreadsheet would take for a formula get a `\'` before them (CSV); `true` when not given.",
);
const ROWS_PER_FILE: Field =
    may("rowsPerFile", Shape::Number(&COUNT), "Rows of one file; all when not given.");
const MANIFEST: Field = may(
    "manifest",
    Shape::Bool,
    "A `model.json` says which files and columns there are; `false` when not given.",
);
const CREDENTIALS: Field =
    may("connection", Shape::Text(&LABEL), "The connection with credentials, if they are needed.");
const SERVER: Field = must("connection", Shape::Text(&LABEL), "The connection with address and credentials.");

static FOLDER: Object = object(
    "FolderTarget",
    "Files in a folder of this machine.",
    &[
        must(
            "path",
            Shape::Text(&ANY),
            "The folder; relative to the folder of the definitions, and inside it.",
        ),
        FORMAT,
        COMPRESS,
        SEPARATOR,
        HEADER,
        FORMULA_SAFE,
        ROWS_PER_FILE,
        MANIFEST,
    ],
);

static OBJECT_STORE: Object = object(
    "ObjectStoreTarget",
    "Files in an object store.",
    &[
        must("url", Shape::Text(&ANY), "The bucket and prefix: `s3://bucket/prefix`, `az://…`, `gs://…`."),
        CREDENTIALS,
        FORMAT,
        COMPRESS,
        SEPARATOR,
        HEADER,
        FORMULA_SAFE,
        ROWS_PER_FILE,
        MANIFEST,
    ],
);

static SFTP: Object = object(
    "SftpTarget",
    "Files on an SFTP server.",
    &[
        SERVER,
        must("path", Shape::Text(&ANY), "The folder on the server."),
        FORMAT,
        COMPRESS,
        SEPARATOR,
        HEADER,
        FORMULA_SAFE,
        ROWS_PER_FILE,
        MANIFEST,
    ],
);

static POSTGRES: Object = object(
    "PostgresTarget",
    "A table of a PostgreSQL database.",
    &[
        SERVER,
        must(
            "table",
            Shape::Text(&ANY),
            "`table` or `schema.table`; `{entity}` in it stands for the entity's name.",
        ),
        may(
            "mode",
            Shape::Word(&[
                word("replace", "The table holds what this run exports."),
                word("upsert", "Rows with the key of an exported row are overwritten; the others stay."),
                word("append", "Exported rows are added."),
            ]),
            "What happens to the rows that are there; `replace` when not given.",
        ),
        may(
            "key",
            Shape::List { of: &ATTRIBUTE_TEXT, least: 1 },
            "The exported columns that identify a row, for `upsert`; `CustomerId` when not given.",
        ),
    ],
);

static HTTP: Object = object(
    "HttpTarget",
    "A web service.",
    &[
        CREDENTIALS,
        must("url", Shape::Text(&ANY), "The address, or the path below the connection's address."),
        may("batch", Shape::Number(&COUNT), "Rows per call; 500 when not given."),
        may(
            "method",
            Shape::Word(&[word("POST", "POST."), word("PUT", "PUT."), word("PATCH", "PATCH.")]),
            "The method; `POST` when not given.",
        ),
        may(
            "format",
            Shape::Word(&[word("json", "An array of objects."), word("jsonl", "One object a line.")]),
            "How rows are written; `json` when not given.",
        ),
    ],
);
