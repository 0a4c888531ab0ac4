//! The numbers that bound what a folder of definitions may contain.

/// The largest definition file, in bytes.
pub const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;
/// The most files of definitions in one folder, flows included.
pub const MAX_FILES: usize = 2_000;
/// How deep lists and mappings may be nested.
pub const MAX_DEPTH: usize = 32;
/// The most values in one file, counted after aliases are replaced by what they stand for.
pub const MAX_VALUES: usize = 200_000;
/// The most mistakes that are listed; the rest is counted.
pub const MAX_PROBLEMS: usize = 200;
/// The longest name, in characters.
pub const MAX_NAME_CHARS: usize = 128;
