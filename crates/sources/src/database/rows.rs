//! Rows of a query as text, some at a time: what is fetched ahead has a bounded size.

use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::error::Trouble;
use crate::error::SourceError;
use crate::files::cells::{CellKind, Cells};

/// Some rows: their texts one after the other.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    text: String,
    /// Where each value ends, and whether there is one.
    values: Vec<(usize, bool)>,
    rows: usize,
}

/// Rows and bytes of text after which a chunk is full.
const FULL: (usize, usize) = (2_048, 4 << 20);

impl Chunk {
    /// Adds a value to the row that is being written.
    pub(crate) fn value(&mut self, text: Option<&str>) {
        self.text.push_str(text.unwrap_or_default());
        self.values.push((self.text.len(), text.is_some()));
    }

    /// Ends the row that is being written.
    pub(crate) fn end(&mut self) {
        self.rows += 1;
    }

    fn clear(&mut self) {
        self.text.clear();
        self.values.clear();
        self.rows = 0;
    }

    fn is_full(&self) -> bool {
        self.rows >= FULL.0 || self.text.len() >= FULL.1
    }

    /// Gives row by row to `take`, in the same cells.
    pub(crate) fn each(
        &self,
        cells: &mut Cells,
        mut take: impl FnMut(&Cells) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let width = self.values.len() / self.rows.max(1);
        let mut start = 0;
        for row in self.values.chunks(width.max(1)) {
            cells.clear();
            for (end, there) in row {
                let text = self.text.get(start..*end).unwrap_or_default();
                cells.push(text);
                cells.end_as(if *there { CellKind::Text } else { CellKind::Null });
                start = *end;
            }
            take(cells)?;
        }
        Ok(())
    }
}

/// Fetches all rows and hands them over chunk by chunk.
pub(super) fn each<R>(
    runtime: &Runtime,
    cancel: &CancellationToken,
    mut stream: BoxStream<'_, Result<R, sqlx::Error>>,
    fill: fn(&R, &mut Chunk) -> Result<(), sqlx::Error>,
    take: &mut impl FnMut(&Chunk) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let mut chunk = Chunk::default();
    loop {
        chunk.clear();
        let fetch = async {
            while !chunk.is_full() {
                let Some(row) = stream.next().await else { return Ok(true) };
                fill(&row?, &mut chunk)?;
                chunk.end();
            }
            Ok(false)
        };
        let fetched = runtime.block_on(async {
            tokio::select! {
                biased;
                () = cancel.cancelled() => None,
                fetched = fetch => Some(fetched),
            }
        });
        let ended = match fetched {
            None => return Err(SourceError::Cancelled),
            Some(fetched) => fetched.map_err(|error: sqlx::Error| Trouble::of("the database", &error))?,
        };
        take(&chunk)?;
        if ended {
            return Ok(());
        }
    }
}
