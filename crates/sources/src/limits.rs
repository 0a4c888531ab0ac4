//! How much a data source may take: every number that bounds reading, in one place.

/// The bounds of one read. [`Limits::default`] is what the program uses; tests pass smaller ones.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Longest physical line, and longest record (a quoted field may hold line breaks), in bytes.
    pub record_bytes: usize,
    /// How many physical lines one quoted field may span before its opening quote is taken for a mistake.
    pub quoted_lines: usize,
    /// Most columns of an entity.
    pub columns: usize,
    /// Longest column name, in bytes.
    pub name_bytes: usize,
    /// Most files that one pattern may match.
    pub files: usize,
    /// Most bytes that one compressed file may expand to.
    pub expanded_bytes: u64,
    /// Most output bytes per input byte of a compressed file, once `ratio_free_bytes` came out.
    pub ratio: u64,
    /// Output of a compressed file that is not held against its ratio (small files may compress very well).
    pub ratio_free_bytes: u64,
    /// Most rows of an entity whose primary keys are remembered (about 45 bytes of memory each).
    pub keys: usize,
    /// Deepest nesting inside one JSON record.
    pub json_depth: usize,
    /// Longest piece of input copied into a quarantined row or a message, in bytes.
    pub excerpt_bytes: usize,
    /// Rows per batch given to the sink.
    pub batch_rows: usize,
    /// Text bytes per batch given to the sink.
    pub batch_bytes: usize,
    /// Most bytes that a workbook may expand to.
    pub sheet_bytes: u64,
    /// Most values of one sheet.
    pub sheet_cells: usize,
    /// Most bytes of text of one sheet.
    pub sheet_text: usize,
    /// Largest file that is fetched, in bytes.
    pub fetched_bytes: usize,
    /// Largest row group of a Parquet file, uncompressed, in bytes.
    pub row_group_bytes: u64,
    /// Pieces in which a CSV file is read, in bytes; a record that is longer makes its piece longer.
    pub piece_bytes: usize,
    /// Threads that take the pieces of a CSV file apart. What is read is the same with any number.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes: 1 << 20,
            quoted_lines: 256,
            columns: 2_000,
            name_bytes: 256,
            files: 10_000,
            expanded_bytes: 1 << 40,
            ratio: 100,
            ratio_free_bytes: 64 << 20,
            keys: 100_000_000,
            json_depth: 100,
            excerpt_bytes: 4 << 10,
            batch_rows: 8_192,
            batch_bytes: 16 << 20,
            sheet_bytes: 512 << 20,
            sheet_cells: 10_000_000,
            sheet_text: 256 << 20,
            fetched_bytes: 100 << 30,
            row_group_bytes: 4 << 30,
            piece_bytes: 1 << 20,
            threads: std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4)),
        }
    }
}

/// The first `most` bytes of `text`, cut at a character boundary and marked with `…` when cut.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let cut = text.floor_char_boundary(most);
    format!("{}…", text.get(..cut).unwrap_or_default())
}
