//! Reading all entities at once: one thread decodes a batch while another normalises one.

use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread::ScopedJoinHandle;

use arrow::array::RecordBatch;

use super::prepared::{Layout, Prepared, Room};
use super::record::Reader;

/// Where the rows of one entity come from.
#[derive(Debug)]
pub struct Source<I> {
    /// The place of the entity in the match order.
    pub entity: usize,
    /// Rows of all batches.
    pub rows: usize,
    /// The batches, which may be decoded only when they are asked for.
    pub batches: I,
}

/// What is wrong with a source.
#[derive(Debug, thiserror::Error)]
pub enum SourceError<E> {
    /// A batch cannot be had.
    #[error("a batch cannot be read")]
    Batch(#[source] E),
    /// There are other rows than were announced.
    #[error("entity number {0} has more or fewer rows than announced, or is not there")]
    Rows(usize),
}

/// A source that is being read, with the room that its next rows go to.
struct Open<'a, I> {
    entity: usize,
    batches: I,
    room: Room<'a>,
    done: bool,
}

type Next<'a, E> = Result<(usize, RecordBatch, Room<'a>), SourceError<E>>;

impl<'a, E, I: Iterator<Item = Result<RecordBatch, E>>> Open<'a, I> {
    fn next(&mut self) -> Option<Next<'a, E>> {
        if self.done {
            return None;
        }
        let batch = match self.batches.next() {
            Some(Ok(batch)) => batch,
            Some(Err(error)) => return self.end(Some(SourceError::Batch(error))),
            None => {
                let left = !self.room.records.is_empty();
                return self.end(left.then_some(SourceError::Rows(self.entity)));
            }
        };
        match self.room.take(batch.num_rows()) {
            Some(room) => Some(Ok((self.entity, batch, room))),
            None => self.end(Some(SourceError::Rows(self.entity))),
        }
    }

    fn end(&mut self, error: Option<SourceError<E>>) -> Option<Next<'a, E>> {
        self.done = true;
        error.map(Err)
    }
}

impl Prepared {
    /// Reads all rows of some entities, whose records follow one another in this order. Batches of one entity are
    /// decoded one after the other, those of several at the same time, and all are normalised wherever a thread is
    /// free.
    ///
    /// # Errors
    /// When batches cannot be had, or their rows are not as many as announced.
    pub fn read<E: Send, I: Iterator<Item = Result<RecordBatch, E>> + Send>(
        layout: &Layout,
        sources: Vec<Source<I>>,
        threads: usize,
    ) -> Result<Self, SourceError<E>> {
        let mut all = Self { extras: layout.extras, ..Self::default() };
        all.resize(sources.iter().map(|source| source.rows).sum());
        let mut room = all.room();
        let mut open = Vec::with_capacity(sources.len());
        for Source { entity, rows, batches } in sources {
            let room = room.take(rows).ok_or(SourceError::Rows(entity))?;
            open.push(Mutex::new(Open { entity, batches, room, done: false }));
        }
        let work = || read_free(layout, &open);
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let own = work();
            let ended =
                |other: ScopedJoinHandle<'_, _>| other.join().unwrap_or_else(|panic| resume_unwind(panic));
            others.into_iter().map(ended).fold(own, Result::and)
        })?;
        drop(open);
        Ok(all)
    }
}

/// Reads batches until there are no more.
fn read_free<E, I: Iterator<Item = Result<RecordBatch, E>>>(
    layout: &Layout,
    sources: &[Mutex<Open<'_, I>>],
) -> Result<(), SourceError<E>> {
    let mut reader = Reader::new();
    while let Some(next) = next(sources) {
        let (entity, batch, room) = next?;
        let of = layout.entities.get(entity).ok_or(SourceError::Rows(entity))?;
        of.read_all(&mut reader, &batch, room);
    }
    Ok(())
}

/// The next batch of a source that no other thread is at; else of one that has to be waited for.
fn next<'a, E, I: Iterator<Item = Result<RecordBatch, E>>>(
    sources: &[Mutex<Open<'a, I>>],
) -> Option<Next<'a, E>> {
    let of = |source: Option<MutexGuard<'_, Open<'a, I>>>| source?.next();
    let free = |source: &'_ Mutex<Open<'a, I>>| match source.try_lock() {
        Ok(source) => of(Some(source)),
        Err(TryLockError::WouldBlock | TryLockError::Poisoned(_)) => None,
    };
    let now = sources.iter().find_map(free);
    now.or_else(|| sources.iter().find_map(|source| of(source.lock().ok())))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, DictionaryArray, RecordBatch, StringArray, StringViewArray};
    use arrow::compute::cast;
    use arrow::datatypes::{DataType, Int32Type};

    use crate::definition::{Signal, SignalKind};

    use super::super::prepared::EntityReader;
    use super::*;

    const KINDS: [(SignalKind, &str); 4] = [
        (SignalKind::FirstName, "first"),
        (SignalKind::LastName, "last"),
        (SignalKind::City, "city"),
        (SignalKind::PostalCode, "zip"),
    ];

    fn layout() -> Layout {
        let attribute = |entity: &str, name: &str| format!("{entity}_{entity}.{name}").parse().unwrap();
        let signal = |(kind, name): (SignalKind, &str)| Signal {
            kind,
            attributes: vec![attribute("A", name), attribute("B", name)],
        };
        Layout::new(&KINDS.map(signal), &[("A_A".into(), "id".into()), ("B_B".into(), "id".into())])
    }

    fn column(start: usize, rows: usize, name: &str) -> Vec<Option<String>> {
        let text = |row: usize| (!row.is_multiple_of(7)).then(|| format!("{name} Nº{}", (row * 31) % 40));
        (start..start + rows).map(text).collect()
    }

    fn batch(start: usize, rows: usize, form: impl Fn(StringArray) -> ArrayRef) -> RecordBatch {
        let ids: StringArray = (start..start + rows).map(|row| Some(row.to_string())).collect();
        let mut columns = vec![("id", Arc::new(ids) as ArrayRef)];
        columns.extend(KINDS.map(|(_, name)| (name, form(column(start, rows, name).into_iter().collect()))));
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, it)| (name, it, true)))
            .unwrap()
    }

    fn plain(texts: StringArray) -> ArrayRef {
        Arc::new(texts)
    }

    fn views(texts: StringArray) -> ArrayRef {
        Arc::new(texts.iter().collect::<StringViewArray>())
    }

    fn dictionary(texts: StringArray) -> ArrayRef {
        let dictionary: DictionaryArray<Int32Type> = texts.iter().collect();
        cast(&dictionary, &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))).unwrap()
    }

    fn read(form: fn(StringArray) -> ArrayRef, size: usize, threads: usize) -> Prepared {
        let source = |entity: usize, rows: usize| Source {
            entity,
            rows,
            batches: (0..rows)
                .step_by(size)
                .map(move |start| Ok::<_, Infallible>(batch(start, size.min(rows - start), form))),
        };
        Prepared::read(&layout(), vec![source(0, 500), source(1, 300)], threads).unwrap()
    }

    #[test]
    fn neither_threads_nor_batches_nor_the_form_of_texts_change_what_is_read() {
        let layout = layout();
        let mut one_by_one = Vec::new();
        for (entity, rows) in [(0, 500), (1, 300)] {
            let mut reader = EntityReader::new(&layout, entity).unwrap();
            reader.read(&batch(0, rows, plain));
            one_by_one.push(reader.finish());
        }
        let expected = Prepared::from_parts(one_by_one);
        for form in [plain, views, dictionary] {
            for (size, threads) in [(1_000, 1), (64, 1), (64, 3), (7, 8)] {
                let found = read(form, size, threads);
                assert_eq!(found.records, expected.records, "{size} {threads}");
                assert_eq!(found.ids, expected.ids, "{size} {threads}");
            }
        }
    }

    #[test]
    fn rows_must_be_as_many_as_announced() {
        for rows in [9, 11] {
            let batches = std::iter::once(Ok::<_, Infallible>(batch(0, 10, plain)));
            let found = Prepared::read(&layout(), vec![Source { entity: 0, rows, batches }], 2);
            assert!(matches!(found, Err(SourceError::Rows(0))), "{rows}");
        }
    }
}
