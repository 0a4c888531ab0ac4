//! How much one condition or calculation may hold.

/// Longest text of one condition or calculation, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// Deepest nesting of parentheses and `not` in one condition.
pub const MAX_DEPTH: usize = 64;

/// Most tests in one condition.
pub const MAX_TESTS: usize = 1_000;

/// Most values in one `in (…)` list.
pub const MAX_VALUES: usize = 5_000;

/// Most operations (`+`, `-`, …) in one calculation or condition.
pub const MAX_OPERATIONS: usize = 256;

/// Longest period, in units: `within last 100000 days`.
pub const MAX_PERIOD: u32 = 100_000;
