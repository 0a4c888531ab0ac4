//! One process per data folder: the second is refused with the name of the first.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::{Result, StoreError};

/// Who has a data folder, in words for a message: `weir serve (process 4711)`.
#[derive(Debug, Clone)]
pub struct Holder(String);

impl Holder {
    /// This process, doing `role` (`weir serve`).
    pub fn this_process(role: &str) -> Self {
        Self(format!("{role} (process {})", std::process::id()))
    }
}

/// The lock on a data folder. The operating system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct DataDirLock {
    _file: File,
}

impl DataDirLock {
    /// Takes the lock, or says who has it.
    pub fn acquire(data_dir: &Path, holder: &Holder) -> Result<Self> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Io { path, source }
        };
        std::fs::create_dir_all(data_dir).map_err(io(data_dir))?;
        let path: PathBuf = data_dir.join("weir.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The name is a courtesy: without it the refusal stands all the same.
                let _ = file.read_to_string(&mut holder);
                let holder = if holder.is_empty() { "another process".to_owned() } else { holder };
                return Err(StoreError::Locked { path: data_dir.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(StoreError::Io { path, source }),
        }
        file.set_len(0).map_err(io(&path))?;
        file.rewind().map_err(io(&path))?;
        file.write_all(holder.0.as_bytes()).map_err(io(&path))?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_with_the_name_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataDirLock::acquire(dir.path(), &Holder::this_process("weir serve")).unwrap();
        let refused = DataDirLock::acquire(dir.path(), &Holder::this_process("weir refresh")).unwrap_err();
        assert!(refused.to_string().contains("weir serve (process"), "{refused}");
        drop(first);
        DataDirLock::acquire(dir.path(), &Holder::this_process("weir refresh")).unwrap();
    }
}
