//! Batches to the bytes of a file, compressed or not, taken out as they pile up.

use std::io::{self, Write};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use flate2::write::GzEncoder;

use crate::definition::{Compression, Files};
use crate::format::Writer;
use crate::{ExportError, Result};

/// Turns batches into bytes.
pub(super) struct Encoder {
    writer: Writer<Buffer>,
}

/// Bytes that wait to be taken.
enum Buffer {
    Plain(Vec<u8>),
    Gzip(Box<GzEncoder<Vec<u8>>>),
}

impl Encoder {
    pub(super) fn begin(schema: &SchemaRef, files: &Files) -> Result<Self> {
        let buffer = match files.compress {
            Compression::None => Buffer::Plain(Vec::new()),
            Compression::Gzip => {
                Buffer::Gzip(Box::new(GzEncoder::new(Vec::new(), flate2::Compression::default())))
            }
        };
        Ok(Self { writer: Writer::of(schema, files, buffer)? })
    }

    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.batch(batch)
    }

    /// How many bytes can be taken.
    pub(super) fn ready(&mut self) -> usize {
        self.writer.output().bytes().len()
    }

    /// Takes the bytes that are there.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.output().bytes())
    }

    /// The last bytes.
    pub(super) fn finish(self) -> Result<Vec<u8>> {
        match self.writer.finish()? {
            Buffer::Plain(bytes) => Ok(bytes),
            Buffer::Gzip(encoder) => encoder
                .finish()
                .map_err(|error| ExportError::Format { format: "gzip", detail: error.to_string() }),
        }
    }
}

impl Buffer {
    fn bytes(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Gzip(encoder) => encoder.get_mut(),
        }
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(buffer) => buffer.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // A flush of the encoder would cost compression, and nobody waits for the bytes.
        Ok(())
    }
}
