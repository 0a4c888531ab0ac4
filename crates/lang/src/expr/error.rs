//! Why an expression has no value.

use thiserror::Error;

/// An expression that could not be evaluated. The message follows the wording of the compatible host, so that
/// flows that look at error texts keep working.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct EvalError {
    /// What happened, to what, and what was expected.
    pub message: String,
}

impl EvalError {
    /// The one code of all expression errors, as the compatible host has it.
    pub const CODE: &'static str = "InvalidTemplate";

    /// An error with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// The stable code, for records and callers.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Self::CODE
    }

    /// The message as it stands in the record of the action whose inputs were evaluated.
    #[must_use]
    pub fn in_action(&self, action: &str) -> Self {
        Self::new(format!(
            "Unable to process template language expressions in action '{action}' inputs at line '0' and \
             column '0': '{}'.",
            self.message
        ))
    }

    /// The message as it stands in the record of the trigger whose inputs were evaluated.
    #[must_use]
    pub fn in_trigger(&self, trigger: &str) -> Self {
        Self::new(format!(
            "Unable to process template language expressions in trigger '{trigger}' inputs at line '0' and \
             column '0': '{}'.",
            self.message
        ))
    }
}
