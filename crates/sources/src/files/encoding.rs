//! Character encodings: found out from the bytes or given, and turned into UTF-8 as a stream.
//!
//! Bytes that mean nothing in the encoding become `0xFF`, which is never valid UTF-8, so that the reader
//! of lines finds them in the one way it finds all broken text and quarantines just that line.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::SourceError;

/// An encoding and how it was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    pub(crate) encoding: &'static Encoding,
    pub(crate) why: Why,
}

/// How an encoding was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The definition says so.
    Declared,
    /// The file starts with a byte order mark.
    Mark,
    /// Zero bytes at every other place, as in Western text in UTF-16.
    Zeros,
    /// All bytes are valid UTF-8.
    Valid,
    /// Not UTF-8, and every byte means something in Windows-1252.
    NotUtf8,
    /// Mostly UTF-8, with some broken bytes.
    Mostly,
}

impl Why {
    /// The reason in words, to follow the name of the encoding.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Declared => "as declared",
            Self::Mark => "by its byte order mark",
            Self::Zeros => "by its zero bytes",
            Self::Valid => "all bytes are valid",
            Self::NotUtf8 => "it is not valid UTF-8; declare `encoding` if this is wrong",
            Self::Mostly => "most of it is valid; lines with broken bytes are quarantined",
        }
    }
}

/// The encoding with this name.
pub(crate) fn by_name(name: &str) -> Result<&'static Encoding, SourceError> {
    Encoding::for_label_no_replacement(name.trim().as_bytes())
        .ok_or_else(|| SourceError::UnknownEncoding { encoding: name.to_owned() })
}

/// The encoding that the first bytes of a file show, if they show one.
pub(crate) fn by_head(head: &[u8]) -> Option<Decision> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Some(Decision { encoding, why: Why::Mark });
    }
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = head.len() / 2 / 3;
    if head.len() >= 4 && odd > many && even == 0 {
        return Some(Decision { encoding: UTF_16LE, why: Why::Zeros });
    }
    if head.len() >= 4 && even > many && odd == 0 {
        return Some(Decision { encoding: UTF_16BE, why: Why::Zeros });
    }
    None
}

/// The bytes of a whole file, looked at in pieces, to tell UTF-8 from Windows-1252.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Characters of more than one byte that are valid UTF-8.
    valid: u64,
    /// Bytes that are not.
    invalid: u64,
    /// Among them, bytes that Windows-1252 does not have either, or that no text in it has.
    senseless: u64,
    tail: Vec<u8>,
}

impl Survey {
    /// Looks at the next piece.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        if self.tail.is_empty() {
            self.scan(bytes);
        } else {
            let mut joined = std::mem::take(&mut self.tail);
            joined.extend_from_slice(bytes);
            self.scan(&joined);
        }
    }

    /// What whole lines hold; `text` says that all of it is UTF-8.
    pub(crate) fn of_lines(lines: &[u8], text: bool) -> Self {
        let mut survey = Self::default();
        if text {
            survey.count_valid(lines);
        } else {
            survey.scan(lines);
            let tail = std::mem::take(&mut survey.tail);
            survey.count_invalid(&tail);
        }
        survey
    }

    /// Adds what other lines hold.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.valid += other.valid;
        self.invalid += other.invalid;
        self.senseless += other.senseless;
    }

    fn scan(&mut self, mut bytes: &[u8]) {
        loop {
            match std::str::from_utf8(bytes) {
                Ok(text) => return self.count_valid(text.as_bytes()),
                Err(error) => {
                    let (good, rest) = bytes.split_at(error.valid_up_to());
                    self.count_valid(good);
                    let Some(bad) = error.error_len() else {
                        self.tail = rest.to_vec();
                        return;
                    };
                    let (bad, rest) = rest.split_at(bad);
                    self.count_invalid(bad);
                    bytes = rest;
                }
            }
        }
    }

    fn count_valid(&mut self, text: &[u8]) {
        if !text.is_ascii() {
            self.valid += text.iter().filter(|byte| **byte >= 0xC0).count() as u64;
        }
    }

    fn count_invalid(&mut self, bytes: &[u8]) {
        self.invalid += bytes.len() as u64;
        let senseless = |byte: &&u8| matches!(**byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D | 0xFF);
        self.senseless += bytes.iter().filter(senseless).count() as u64;
    }

    /// What it is, all pieces seen.
    pub(crate) fn decide(mut self) -> Decision {
        let tail = std::mem::take(&mut self.tail);
        self.count_invalid(&tail);
        if self.invalid == 0 {
            Decision { encoding: UTF_8, why: Why::Valid }
        } else if self.senseless > 0 || self.valid > self.invalid {
            Decision { encoding: UTF_8, why: Why::Mostly }
        } else {
            Decision { encoding: WINDOWS_1252, why: Why::NotUtf8 }
        }
    }
}

/// A stream of UTF-8 (with `0xFF` for what could not be decoded) from a stream in some encoding.
pub(crate) fn to_utf8(
    reader: Box<dyn Read + Send>,
    head: &[u8],
    encoding: &'static Encoding,
) -> Box<dyn Read + Send> {
    let mark = match Encoding::for_bom(head) {
        Some((marked, length)) if marked == encoding => length as u64,
        _ => 0,
    };
    let skipped = SkipMark { reader, left: mark };
    if encoding == UTF_8 {
        return Box::new(skipped);
    }
    Box::new(Transcoder {
        reader: skipped,
        decoder: encoding.new_decoder_without_bom_handling(),
        input: vec![0; CHUNK],
        start: 0,
        end: 0,
        at_end: false,
        done: false,
        output: Vec::with_capacity(CHUNK * 3 + 16),
        given: 0,
    })
}

const CHUNK: usize = 16 << 10;

struct SkipMark {
    reader: Box<dyn Read + Send>,
    left: u64,
}

impl Read for SkipMark {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left > 0 {
            io::copy(&mut self.reader.by_ref().take(self.left), &mut io::sink())?;
            self.left = 0;
        }
        self.reader.read(buffer)
    }
}

struct Transcoder {
    reader: SkipMark,
    decoder: Decoder,
    input: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    done: bool,
    output: Vec<u8>,
    given: usize,
}

impl Transcoder {
    fn fill(&mut self) -> io::Result<()> {
        self.output.clear();
        self.given = 0;
        while self.output.is_empty() && !self.done {
            if self.start == self.end && !self.at_end {
                self.start = 0;
                self.end = self.reader.read(&mut self.input)?;
                self.at_end = self.end == 0;
            }
            self.decode();
        }
        Ok(())
    }

    fn decode(&mut self) {
        let from = self.output.len();
        self.output.resize(from + CHUNK * 3, 0);
        let source = self.input.get(self.start..self.end).unwrap_or_default();
        let target = self.output.get_mut(from..).unwrap_or_default();
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(source, target, self.at_end);
        self.start += read;
        self.output.truncate(from + written);
        match result {
            DecoderResult::Malformed(..) => self.output.push(0xFF),
            // Once it was told that this is the end, a decoder must not be used again.
            DecoderResult::InputEmpty => self.done = self.at_end,
            DecoderResult::OutputFull => {}
        }
    }
}

impl Read for Transcoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.output.len() {
            self.fill()?;
        }
        let ready = self.output.get(self.given..).unwrap_or_default();
        let count = ready.len().min(buffer.len());
        for (to, from) in [(buffer.get_mut(..count), ready.get(..count))] {
            if let (Some(to), Some(from)) = (to, from) {
                to.copy_from_slice(from);
            }
        }
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], encoding: &'static Encoding) -> Vec<u8> {
        let mut out = Vec::new();
        let reader = Box::new(io::Cursor::new(bytes.to_vec()));
        to_utf8(reader, bytes, encoding).read_to_end(&mut out).unwrap();
        out
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn the_first_bytes_show_utf_16_with_and_without_a_mark() {
        assert_eq!(by_head(&utf16("\u{feff}é,b", true)).unwrap().encoding, UTF_16LE);
        assert_eq!(by_head(&utf16("\u{feff}é,b", false)).unwrap().why, Why::Mark);
        assert_eq!(by_head(&utf16("id,name\n1,Zoë\n", true)).unwrap().encoding, UTF_16LE);
        assert_eq!(by_head(&utf16("id,name\n1,Zoë\n", false)).unwrap().encoding, UTF_16BE);
        assert_eq!(by_head(b"id,name"), None);
    }

    #[test]
    fn a_whole_file_tells_utf_8_from_windows_1252() {
        let decide = |pieces: &[&[u8]]| {
            let mut survey = Survey::default();
            pieces.iter().for_each(|piece| survey.add(piece));
            survey.decide().why
        };
        assert_eq!(decide(&[b"plain"]), Why::Valid);
        assert_eq!(decide(&["Zoë".as_bytes()]), Why::Valid);
        // A character that two pieces share is one character.
        assert_eq!(decide(&[b"Zo\xc3", b"\xab"]), Why::Valid);
        assert_eq!(decide(&[b"caf\xe9 au lait"]), Why::NotUtf8);
        assert_eq!(decide(&[b"caf\xe9"]), Why::NotUtf8);
        assert_eq!(decide(&["Zoë, Zoë".as_bytes(), b"\xe9 "]), Why::Mostly);
        assert_eq!(decide(&[b"a\xff\xfeb"]), Why::Mostly);
    }

    #[test]
    fn text_is_decoded_as_a_stream_and_broken_units_are_marked() {
        let long = "Zoë 😀,".repeat(20_000);
        assert_eq!(decode(&utf16(&long, true), UTF_16LE), long.as_bytes());
        assert_eq!(decode(&utf16(&format!("\u{feff}{long}"), false), UTF_16BE), long.as_bytes());
        assert_eq!(decode(b"caf\xe9 \x80", WINDOWS_1252), "café €".as_bytes());
        assert_eq!(decode(b"\xef\xbb\xbfa", UTF_8), b"a");
        // A lone half of a pair, and an odd byte at the end.
        assert_eq!(decode(b"a\0\x00\xd8b\0", UTF_16LE), b"a\xffb");
        assert_eq!(decode(b"a\0b", UTF_16LE), b"a\xff");
    }
}
