//! How large a definition may be: the documented numbers of the compatible host.

/// Bytes of a document.
pub const DOCUMENT_BYTES: usize = 4 * 1024 * 1024;

/// Actions of a flow, those inside containers included.
pub const ACTIONS: usize = 500;

/// Containers around an action.
pub const NESTING: usize = 8;

/// Characters of the name of an action or trigger.
pub const NAME_CHARACTERS: usize = 80;

/// Cases of a Switch.
pub const SWITCH_CASES: usize = 25;

/// Variables of a flow.
pub const VARIABLES: usize = 250;

/// Parameters of a flow.
pub const PARAMETERS: usize = 50;

/// Triggers of a flow.
pub const TRIGGERS: usize = 10;

/// Iterations of a Foreach at a time.
pub const FOREACH_CONCURRENCY: u32 = 50;

/// Runs of a trigger at a time.
pub const TRIGGER_CONCURRENCY: u32 = 100;

/// Runs of a trigger at a time when its concurrency is on and it does not say how many.
pub const DEFAULT_TRIGGER_CONCURRENCY: u32 = 25;

/// Things said about one definition; more are cut off with a note.
pub const DIAGNOSTICS: usize = 500;
