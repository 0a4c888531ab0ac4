//! The different texts of one domain: values that can be compared with each other. Every text has a number, so that
//! equality is one comparison of numbers.

/// The number of no text.
pub(crate) use crate::intern::NONE;

/// Different texts, numbered.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    bytes: String,
    /// Where each text ends in `bytes`; it starts where the one before it ends.
    ends: Vec<usize>,
    /// Whether texts are compared fuzzily; only then they have shapes.
    fuzzy: bool,
    shapes: Vec<Shape>,
}

/// What tells quickly that two texts are too far apart.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    /// Unicode scalar values.
    pub(crate) chars: u32,
    /// A bit for each character in the text; several characters share one. An edit brings in at most one new bit.
    pub(crate) signature: u64,
}

impl Shape {
    /// Whether the shapes leave it possible that two texts are at most `edits` apart.
    pub(crate) fn may_be_within(self, other: Self, edits: u32) -> bool {
        self.chars.abs_diff(other.chars) <= edits
            && (self.signature & !other.signature).count_ones() <= edits
            && (other.signature & !self.signature).count_ones() <= edits
    }
}

impl Texts {
    /// Texts that stand one after the other in `bytes`; `fuzzy` when they are compared fuzzily.
    pub(super) fn new(bytes: String, ends: Vec<usize>, fuzzy: bool) -> Self {
        let mut texts = Self { bytes, ends, fuzzy, shapes: Vec::new() };
        if fuzzy {
            texts.shapes = (0..texts.len() as u32).map(|number| shape(texts.get(number))).collect();
        }
        texts
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a number; empty for a number that was never given out.
    pub(crate) fn get(&self, number: u32) -> &str {
        let at = number as usize;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(at).and_then(|end| self.bytes.get(start..*end)).unwrap_or_default()
    }

    pub(crate) fn shape(&self, number: u32) -> Shape {
        self.shapes.get(number as usize).copied().unwrap_or_default()
    }

    /// Texts as they stand, equal ones too.
    #[cfg(test)]
    pub(crate) fn of(all: &[String]) -> Self {
        let mut texts = Self::new(String::new(), Vec::new(), true);
        all.iter().for_each(|text| {
            texts.push(text);
        });
        texts
    }

    /// Adds a text, which must be new.
    pub(super) fn push(&mut self, text: &str) -> u32 {
        let number = self.ends.len() as u32;
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
        if self.fuzzy {
            self.shapes.push(shape(text));
        }
        number
    }
}

pub(crate) fn shape(text: &str) -> Shape {
    let mut shape = Shape::default();
    for c in text.chars() {
        shape.chars = shape.chars.saturating_add(1);
        shape.signature |= 1 << (u32::from(c) & 63);
    }
    shape
}
