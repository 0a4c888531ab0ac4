//! One row as text: the cells of a record before they have types, in one buffer that is used again.

/// What the reader knows about a cell besides its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellKind {
    /// No value.
    Null,
    /// Text from a format without types: may be read as anything.
    Text,
    /// Text that its format says is text: may be read as a date, never as a number.
    String,
    /// A number written by a format that has numbers.
    Number,
    /// `true` or `false` of a format that has them.
    Boolean,
    /// A list or an object, as JSON text.
    Nested,
}

/// A cell of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cell<'a> {
    pub(crate) kind: CellKind,
    pub(crate) text: &'a str,
}

impl Cell<'_> {
    pub(crate) const NULL: Cell<'static> = Cell { kind: CellKind::Null, text: "" };
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    start: usize,
    end: usize,
    kind: CellKind,
}

/// The cells of one row. Cells are appended in the order of the file; `place` says which column each is.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    text: String,
    open: usize,
    slots: Vec<Slot>,
}

impl Cells {
    /// Forgets the row, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.slots.clear();
        self.open = 0;
    }

    /// Adds to the cell that is being written.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Ends the cell that is being written. Empty text is no value.
    pub(crate) fn end(&mut self, kind: CellKind) {
        let end = self.text.len();
        let kind = if end == self.open { CellKind::Null } else { kind };
        self.slots.push(Slot { start: self.open, end, kind });
        self.open = end;
    }

    /// Ends the cell that is being written, for inputs that tell empty text from no value.
    pub(crate) fn end_as(&mut self, kind: CellKind) {
        let end = self.text.len();
        self.slots.push(Slot { start: self.open, end, kind });
        self.open = end;
    }

    /// Makes `count` cells without a value, for readers that fill by column.
    pub(crate) fn resize(&mut self, count: usize) {
        let none = Slot { start: 0, end: 0, kind: CellKind::Null };
        self.slots.resize(count, none);
    }

    /// Fills the cell of a column; a later value wins over an earlier one.
    pub(crate) fn set(&mut self, column: usize, kind: CellKind, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.open = self.text.len();
        let kind = if text.is_empty() { CellKind::Null } else { kind };
        if let Some(slot) = self.slots.get_mut(column) {
            *slot = Slot { start, end: self.open, kind };
        }
    }

    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// How many bytes of text the row has.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The cell at a place; no value when there is none.
    pub(crate) fn get(&self, place: usize) -> Cell<'_> {
        match self.slots.get(place) {
            Some(slot) => {
                Cell { kind: slot.kind, text: self.text.get(slot.start..slot.end).unwrap_or_default() }
            }
            None => Cell::NULL,
        }
    }
}
