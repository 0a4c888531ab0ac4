//! How much one measure may hold.

/// Most rows of a business measure. Each calculation of each row has a history, so a measure by customer or by order
/// would fill the state store.
pub const MAX_ROWS_WITH_HISTORY: usize = 100_000;
