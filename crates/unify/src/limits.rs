//! Numbers for everything in a unification that grows with the input.

/// What one unification may cost. The defaults are for two cores and a few gigabytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Rows of one entity. Row numbers are kept in 32 bits.
    pub rows: u64,
    /// Entities in the match order.
    pub entities: usize,
    /// Conditions of one match rule, those of its exceptions included.
    pub conditions: usize,
    /// Pairs of different values that one match rule may compare. A rule with an exact condition compares only
    /// within equal values, so it rarely comes near; a fuzzy rule without one can be refused for it.
    pub comparisons: u64,
    /// Rows of the entities above (of a rule of deduplication: of its entity) that may share the values of all
    /// conditions of a rule. Beyond it the values (a default such as `noemail@example.com`) say nothing about a
    /// person: they are bypassed, and the report counts them. Where a rule has fuzzy conditions too, a value of its
    /// exact ones is also bypassed when it is that many times more frequent than such values are on average.
    pub sharing: u32,
    /// Characters of a value that are still compared fuzzily. Longer values match only when they are equal.
    pub fuzzy_chars: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 1_000_000_000,
            entities: 64,
            conditions: 32,
            comparisons: 250_000_000,
            sharing: 100,
            fuzzy_chars: 1_000,
        }
    }
}

/// How a unification runs. Nothing here but the limits can change its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Threads for comparing; at least one is used.
    pub threads: usize,
    /// What it may cost.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        Self { threads, limits: Limits::default() }
    }
}
