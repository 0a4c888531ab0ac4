//! Records: the facts of a run that has ended, compressed.
//!
//! Runs of one flow say nearly the same: the words of facts, and the names and texts of the document. Both are
//! the dictionary, so that a record holds little more than what is new in its run. The dictionary of a record is
//! found again from its first byte and the version of its flow, which is kept as long as a run of it.

use std::fmt;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// How records are written: [`WORDS`] and the document.
const FORM: u8 = 1;
/// Zstandard's level: higher ones take longer and save next to nothing on a few kilobytes.
const LEVEL: i32 = 3;
/// Bytes of a document that serve as dictionary.
const DOCUMENT_BYTES: usize = 64 * 1024;
/// The largest journal that a record may hold, in bytes.
const MOST_BYTES: usize = 1 << 30;

/// What facts are made of, the most frequent last. Part of the form: it never changes under the same number.
const WORDS: &str = include_str!("words-1.txt");

/// Packs and unpacks the records of one version of a flow.
pub(crate) struct Codec {
    pack: EncoderDictionary<'static>,
    unpack: DecoderDictionary<'static>,
}

impl fmt::Debug for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codec")
    }
}

impl Codec {
    /// The codec of the version with this document.
    pub(crate) fn new(document: &str) -> Self {
        let document = document.as_bytes();
        let mut dictionary = document.get(..DOCUMENT_BYTES).unwrap_or(document).to_vec();
        dictionary.extend_from_slice(WORDS.as_bytes()); // what stands last is the cheapest to refer to
        Self {
            pack: EncoderDictionary::copy(&dictionary, LEVEL),
            unpack: DecoderDictionary::copy(&dictionary),
        }
    }

    /// The record of these facts; nothing when it cannot be made.
    pub(crate) fn pack(&self, facts: &str) -> Option<Vec<u8>> {
        if facts.len() > MOST_BYTES {
            return None;
        }
        let mut compressor = Compressor::with_prepared_dictionary(&self.pack).ok()?;
        let frame = compressor.compress(facts.as_bytes()).ok()?;
        let length = u32::try_from(facts.len()).ok()?;
        let mut record = Vec::with_capacity(frame.len().saturating_add(5));
        record.push(FORM);
        record.extend_from_slice(&length.to_le_bytes());
        record.extend_from_slice(&frame);
        Some(record)
    }

    /// The facts of a record, one a line.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn unpack(&self, record: &[u8]) -> Result<String, String> {
        let Some((&[form, a, b, c, d], frame)) = record.split_first_chunk::<5>() else {
            return Err("it is cut off".to_owned());
        };
        if frame.is_empty() {
            return Err("it is cut off".to_owned()); // which Zstandard takes for nothing
        }
        if form != FORM {
            return Err(format!("its form is {form}; this version reads {FORM}"));
        }
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        if length > MOST_BYTES {
            return Err(format!("it claims to hold {length} bytes"));
        }
        let mut decompressor =
            Decompressor::with_prepared_dictionary(&self.unpack).map_err(|error| error.to_string())?;
        let facts = decompressor.decompress(frame, length).map_err(|error| error.to_string())?;
        String::from_utf8(facts).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gives_back_what_was_packed_and_refuses_what_was_not() {
        let codec = Codec::new("{\"actions\": {\"Greet\": {}}}");
        for facts in ["", "{\"fact\":\"runEnded\"}", "täglich\n\u{1F980}", &"x".repeat(100_000)] {
            let record = codec.pack(facts).unwrap();
            assert_eq!(codec.unpack(&record).as_deref(), Ok(facts));
            for cut in 0..record.len().min(40) {
                assert!(codec.unpack(&record[..cut]).is_err(), "{cut} bytes of {facts:.20}");
            }
        }
        assert!(codec.unpack(&[2, 0, 0, 0, 0, 0]).unwrap_err().contains("its form is 2"));
    }
}
