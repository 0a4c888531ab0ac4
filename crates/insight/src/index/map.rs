//! A file as memory: the one place of this crate that the compiler cannot check.

use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::path::Path;

/// Maps a whole file that nobody changes.
pub(super) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: memory that changes while it is borrowed would be undefined behaviour. An index file is written under
    // another name, renamed when it is complete, and never written again; who deletes it leaves the mapping alive.
    #[expect(unsafe_code, reason = "mapping a file is unsafe, because others could change it")]
    unsafe {
        Mmap::map(&file)
    }
}
