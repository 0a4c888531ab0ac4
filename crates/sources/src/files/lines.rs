//! Physical lines of a stream: numbered, bounded in length, read through a buffer of fixed size.

use std::collections::VecDeque;
use std::io::{self, Read};

/// What ended a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Ending {
    /// The end of the file: a last line without a line break.
    #[default]
    None,
    Lf,
    CrLf,
    Cr,
}

impl Ending {
    /// The line break as it stands in the file.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }
}

/// A physical line without its line break.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// 1 for the first line of the file.
    pub(crate) number: u64,
    /// What it holds; only its beginning when `too_long`.
    pub(crate) bytes: Vec<u8>,
    pub(crate) ending: Ending,
    /// Longer than the limit: the rest was skipped.
    pub(crate) too_long: bool,
}

/// The lines of a stream.
pub(crate) struct Lines {
    reader: Box<dyn Read>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    number: u64,
    /// What lines end with: `\n` (a `\r` before it belongs to it), or `\r` in files that have no `\n`.
    separator: u8,
    longest: usize,
    /// Lines given back, to be read again.
    again: VecDeque<Line>,
    /// Memory of lines that are no longer needed.
    spare: Vec<Line>,
}

const BUFFER: usize = 64 << 10;
const SPARE: usize = 4;

impl Lines {
    /// Lines of at most `longest` bytes.
    pub(crate) fn new(reader: Box<dyn Read>, separator: u8, longest: usize) -> Self {
        Self {
            reader,
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            number: 0,
            separator,
            longest,
            again: VecDeque::new(),
            spare: Vec::new(),
        }
    }

    /// The next line, or none at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.again.pop_front() {
            return Ok(Some(line));
        }
        if self.start == self.end && !self.fill()? {
            return Ok(None);
        }
        let mut line = self.spare.pop().unwrap_or_default();
        self.number += 1;
        line.number = self.number;
        line.bytes.clear();
        line.too_long = false;
        line.ending = Ending::None;
        while line.ending == Ending::None && (self.start < self.end || self.fill()?) {
            self.take_piece(&mut line);
        }
        if line.ending == Ending::Lf && line.bytes.last() == Some(&b'\r') && !line.too_long {
            line.bytes.pop();
            line.ending = Ending::CrLf;
        }
        Ok(Some(line))
    }

    fn take_piece(&mut self, line: &mut Line) {
        let ready = self.buffer.get(self.start..self.end).unwrap_or_default();
        let found = memchr::memchr(self.separator, ready);
        let piece = found.map_or(ready, |at| ready.get(..at).unwrap_or_default());
        let room = self.longest.saturating_sub(line.bytes.len());
        line.too_long |= piece.len() > room;
        line.bytes.extend_from_slice(piece.get(..room.min(piece.len())).unwrap_or_default());
        self.start += piece.len();
        if found.is_some() {
            self.start += 1;
            line.ending = if self.separator == b'\n' { Ending::Lf } else { Ending::Cr };
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        self.start = 0;
        self.end = 0;
        self.end = loop {
            match self.reader.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        Ok(self.end > 0)
    }

    /// Gives lines back; the first of them is the next line.
    pub(crate) fn give_back(&mut self, lines: impl DoubleEndedIterator<Item = Line>) {
        for line in lines.rev() {
            self.again.push_front(line);
        }
    }

    /// Keeps the memory of a line for another one.
    pub(crate) fn recycle(&mut self, line: Line) {
        if self.spare.len() < SPARE {
            self.spare.push(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, separator: u8, longest: usize) -> Vec<(u64, String, Ending, bool)> {
        let mut lines = Lines::new(Box::new(io::Cursor::new(text.to_owned())), separator, longest);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let text = String::from_utf8(line.bytes.clone()).unwrap();
            all.push((line.number, text, line.ending, line.too_long));
            lines.recycle(line);
        }
        all
    }

    #[test]
    fn lines_are_numbered_and_remember_what_ended_them() {
        let expected = vec![
            (1, "a".to_owned(), Ending::Lf, false),
            (2, String::new(), Ending::CrLf, false),
            (3, "b\rc".to_owned(), Ending::CrLf, false),
            (4, "d".to_owned(), Ending::None, false),
        ];
        assert_eq!(lines("a\n\r\nb\rc\r\nd", b'\n', 100), expected);
        let expected = vec![(1, "a".to_owned(), Ending::Cr, false), (2, "b".to_owned(), Ending::None, false)];
        assert_eq!(lines("a\rb", b'\r', 100), expected);
        assert_eq!(lines("", b'\n', 100), vec![]);
    }

    #[test]
    fn a_line_one_byte_too_long_is_cut_and_the_next_one_is_whole() {
        let expected =
            vec![(1, "abc".to_owned(), Ending::Lf, true), (2, "abc".to_owned(), Ending::Lf, false)];
        assert_eq!(lines("abcd\nabc\n", b'\n', 3), expected);
        let huge = "x".repeat(200_000);
        assert_eq!(lines(&format!("{huge}\ny"), b'\n', 10).len(), 2);
    }
}
