//! A CSV file in pieces that are taken apart on several threads, and put together in order.
//!
//! A piece ends behind a line that looks like a whole record. When that was wrong (the line stands in quotes that go
//! on), the piece that follows was taken apart for nothing: the record that is not complete and that piece become one
//! piece, which is taken apart again. So what comes out is what one reader from the beginning to the end finds.

use std::io::{self, Read};
use std::sync::mpsc::sync_channel;

use memchr::memchr;

use super::records::{Part, Records, Rules, best_cut};

/// A piece of a file.
#[derive(Debug)]
pub(crate) struct Piece {
    bytes: Vec<u8>,
    part: Part,
    /// A line was too long, and only its beginning is here.
    shortened: bool,
}

/// Cuts a stream into pieces.
pub(crate) struct Pieces {
    reader: Box<dyn Read + Send>,
    rules: Rules,
    /// What is behind the last cut.
    carry: Vec<u8>,
    header: bool,
    done: bool,
}

impl Pieces {
    /// The pieces of a stream from its beginning.
    pub(crate) fn new(reader: Box<dyn Read + Send>, rules: Rules) -> Self {
        Self { reader, rules, carry: Vec::new(), header: true, done: false }
    }

    fn next(&mut self) -> io::Result<Option<Piece>> {
        if self.done {
            return Ok(None);
        }
        let most = self.rules.limits.piece_bytes.max(1);
        let mut bytes = std::mem::take(&mut self.carry);
        let mut shortened = false;
        loop {
            let wanted = most.saturating_sub(bytes.len()).max(most / 4 + 1);
            bytes.reserve(wanted);
            let count = self.reader.by_ref().take(wanted as u64).read_to_end(&mut bytes)?;
            self.done = count < wanted;
            if self.done {
                break;
            }
            if let Some(cut) = best_cut(&bytes, &self.rules) {
                self.carry = bytes.get(cut..).unwrap_or_default().to_vec();
                bytes.truncate(cut);
                break;
            }
            if bytes.len() > self.rules.limits.record_bytes {
                shortened = true;
                self.skip_line(&mut bytes)?;
            }
        }
        let part = Part { header: std::mem::take(&mut self.header), last: self.done };
        Ok(Some(Piece { bytes, part, shortened }))
    }

    /// Passes over the rest of a line that is too long; so much of it stays that it is still seen to be.
    fn skip_line(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.truncate(self.rules.limits.record_bytes + 1);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = match self.reader.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => result?,
            };
            let read = buffer.get(..count).unwrap_or_default();
            if let Some(at) = memchr(self.rules.layout.separator, read) {
                bytes.extend_from_slice(read.get(at..).unwrap_or_default());
                return Ok(());
            }
            if count == 0 {
                return Ok(());
            }
        }
    }
}

/// What a pass over pieces does.
pub(crate) trait Pass: Sync {
    /// What is found in the records of one piece.
    type Found: Send;

    /// Looks at the records of a piece. Runs on any thread.
    fn look(&self, records: &Records) -> Self::Found;
}

/// What was found in a piece, in the order of the file.
pub(crate) struct Seen<'a, T> {
    pub(crate) records: &'a Records,
    pub(crate) found: T,
    /// The number of the piece's first line; 1 for the first of the file.
    pub(crate) line: u64,
    /// The piece has lines of which only the beginning was kept.
    pub(crate) shortened: bool,
}

/// Why a pass ended early.
pub(crate) enum Broken<E> {
    Read(io::Error),
    Taken(E),
}

/// Looks at all pieces on so many threads, and hands over what was found in the order of the file.
pub(crate) fn pass<P: Pass, E>(
    mut pieces: Pieces,
    threads: usize,
    pass: &P,
    mut take: impl FnMut(Seen<'_, P::Found>) -> Result<(), E>,
) -> Result<(), Broken<E>> {
    let rules = pieces.rules.clone();
    let mut joint = Joint { rules: &rules, pass, line: 1, header: true, carry: Vec::new() };
    if threads <= 1 {
        while let Some(piece) = pieces.next().map_err(Broken::Read)? {
            joint.add(look(piece, &rules, pass), &mut take).map_err(Broken::Taken)?;
        }
        return Ok(());
    }
    std::thread::scope(|scope| {
        let (mut to, mut from) = (Vec::new(), Vec::new());
        for _ in 0..threads {
            let (send, pieces) = sync_channel::<io::Result<Piece>>(1);
            let (done, looked) = sync_channel(1);
            let rules = &rules;
            scope.spawn(move || {
                for piece in pieces {
                    if done.send(piece.map(|piece| look(piece, rules, pass))).is_err() {
                        return;
                    }
                }
            });
            to.push(send);
            from.push(looked);
        }
        scope.spawn(move || hand_out(&mut pieces, &to));
        // Pieces were handed out in turn, so they come back in turn.
        for looked in from.iter().cycle() {
            let Ok(looked) = looked.recv() else { break };
            joint.add(looked.map_err(Broken::Read)?, &mut take).map_err(Broken::Taken)?;
        }
        drop(from);
        Ok(())
    })
}

/// Gives each thread a piece in turn, up to the end or until nobody wants more.
fn hand_out(pieces: &mut Pieces, to: &[std::sync::mpsc::SyncSender<io::Result<Piece>>]) {
    for thread in to.iter().cycle() {
        let Some(piece) = pieces.next().transpose() else { return };
        let failed = piece.is_err();
        if thread.send(piece).is_err() || failed {
            return;
        }
    }
}

/// A piece that was looked at.
struct Looked<T> {
    records: Records,
    found: T,
    shortened: bool,
}

fn look<P: Pass>(piece: Piece, rules: &Rules, pass: &P) -> Looked<P::Found> {
    let records = Records::parse(piece.bytes, piece.part, rules);
    Looked { found: pass.look(&records), records, shortened: piece.shortened }
}

/// Where one piece ends and the next begins.
struct Joint<'a, P> {
    rules: &'a Rules,
    pass: &'a P,
    /// The number of the next line.
    line: u64,
    header: bool,
    /// The record that was not complete.
    carry: Vec<u8>,
}

impl<P: Pass> Joint<'_, P> {
    fn add<E>(
        &mut self,
        looked: Looked<P::Found>,
        take: &mut impl FnMut(Seen<'_, P::Found>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Looked { mut records, mut found, shortened } = looked;
        let part = Part { header: self.header, last: records.part().last };
        if !self.carry.is_empty() || part != records.part() {
            let mut bytes = std::mem::take(&mut self.carry);
            bytes.extend_from_slice(records.bytes());
            records = Records::parse(bytes, part, self.rules);
            found = self.pass.look(&records);
        }
        self.header = records.header;
        self.carry = records.rest().to_vec();
        let line = self.line;
        self.line += records.lines;
        take(Seen { records: &records, found, line, shortened })
    }
}
