//! Workflow definitions: the raw document, and the checked form that the engine runs.

mod condition;
mod definition;
pub mod recurrence;

pub use condition::{Condition, Test};
pub use definition::{
    Action, Block, Case, Definition, Ending, Operation, Parameter, ParameterKind, RetryPolicy, RunAfter,
    Secure, StaticResult, TableFormat, Trigger, TriggerKind, VariableInit, VariableKind, Wait, Work,
};
pub use recurrence::{Frequency, Recurrence, Schedule};
