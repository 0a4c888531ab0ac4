//! Workflow definitions: the raw document, and the checked form that the engine runs.

mod build;
mod check;
mod condition;
mod definition;
mod event;
pub mod json;
pub mod limits;
mod parse;
pub mod recurrence;
mod trigger;

pub use condition::{Condition, Test};
pub use definition::{
    Action, Block, Case, Definition, Ending, Operation, Parameter, ParameterKind, RetryPolicy, RunAfter,
    Secure, StaticResult, TableFormat, VariableInit, VariableKind, Wait, Work,
};
pub use event::{API_ID, CONNECTOR, CdpEvent};
pub use parse::{Checked, Finding, locate};
pub use recurrence::{Frequency, Recurrence, Schedule};
pub use trigger::{Trigger, TriggerKind};
