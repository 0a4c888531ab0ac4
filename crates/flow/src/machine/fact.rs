//! What happened in a run. Facts are the journal; the state of a run is their fold.
//!
//! Facts hold every value that was computed, so reading a journal evaluates no expression, asks no clock and
//! rolls no dice. Journals outlive programs: fields are only ever added, with a default.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::retry::RetryPolicy;
use super::status::{ActionStatus, RunStatus};

/// A JSON value that is shared, not copied: outputs are read by many.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Payload(Arc<Value>);

impl Payload {
    /// The value.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self(Arc::new(value))
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Value::deserialize(deserializer)?.into())
    }
}

/// Which execution of which action: its name (unique in a flow) and the iterations of the loops around it,
/// outermost first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActionPath {
    /// The action's name, as the definition spells it.
    pub name: String,
    /// The index of each loop around it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<u32>,
}

impl ActionPath {
    /// The execution of `name` in these iterations.
    pub fn new(name: &str, at: &[u32]) -> Self {
        Self { name: name.to_owned(), at: at.to_vec() }
    }
}

impl fmt::Display for ActionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.at.iter().try_for_each(|index| write!(f, "[{index}]"))
    }
}

/// Why something did not go well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionError {
    /// The stable code.
    pub code: String,
    /// What happened, and what to do.
    pub message: String,
}

impl ActionError {
    /// An error with this code.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// What started a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// The trigger's name in the definition.
    pub name: String,
    /// What it brought: `triggerOutputs()`.
    pub outputs: Payload,
    /// Whom to thank for it: `schedule`, an event's id, a user.
    #[serde(default)]
    pub origin: String,
}

/// A call that an action makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// `host.apiId`, or `http` for the built-in HTTP action.
    pub api_id: String,
    /// `host.operationId`, or `Http`.
    pub operation_id: String,
    /// The connection's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
}

/// What a started action does until it is finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "camelCase")]
pub enum Doing {
    /// Nothing: it is finished in the same step.
    Value,
    /// It waits for an answer.
    Call {
        /// From whom.
        target: Target,
        /// What to do when it fails.
        retry: RetryPolicy,
    },
    /// It waits for a time.
    Wait {
        /// When it ends.
        until: Timestamp,
    },
    /// It runs the actions of one branch: `actions`, `else`, `default`, or a case's name after `case `.
    Branch {
        /// Which.
        branch: String,
    },
    /// It runs its actions once for each element.
    Foreach {
        /// The elements.
        items: Payload,
        /// How many iterations are open at the same time.
        repetitions: u32,
    },
    /// It runs its actions until its expression is true.
    Until {
        /// The greatest number of iterations.
        count: u32,
    },
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Fact {
    /// The run began.
    RunStarted {
        /// When.
        at: Timestamp,
        /// What started it.
        trigger: Trigger,
        /// When it is timed out.
        deadline: Timestamp,
    },
    /// An action began: its inputs are evaluated, for good.
    ActionStarted {
        /// When.
        at: Timestamp,
        /// Which.
        path: ActionPath,
        /// Its evaluated inputs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inputs: Option<Payload>,
        /// What it does until it is finished.
        doing: Doing,
        /// When it is timed out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<Timestamp>,
    },
    /// An attempt failed and there will be another.
    AttemptFailed {
        /// When.
        at: Timestamp,
        /// Which action.
        path: ActionPath,
        /// Why.
        error: ActionError,
        /// When the next attempt begins.
        next: Timestamp,
    },
    /// An action ended. This is its terminal record: it is never executed again.
    ActionFinished {
        /// When.
        at: Timestamp,
        /// Which.
        path: ActionPath,
        /// How.
        status: ActionStatus,
        /// The code: `OK`, `ActionFailed`, `NotFound`, ….
        code: String,
        /// Why, unless it ended well.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ActionError>,
        /// What it gives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outputs: Option<Payload>,
    },
    /// Actions were not done, for one reason.
    ActionsSkipped {
        /// When.
        at: Timestamp,
        /// Which actions.
        names: Vec<String>,
        /// In which iterations of the loops around them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        iterations: Vec<u32>,
        /// The code of their records: `ActionSkipped` or `Terminated`.
        code: String,
        /// Why.
        error: ActionError,
    },
    /// An iteration of a loop began.
    IterationOpened {
        /// When.
        at: Timestamp,
        /// The loop.
        path: ActionPath,
        /// Which iteration, from 0.
        index: u32,
    },
    /// All actions of an iteration are done.
    IterationClosed {
        /// When.
        at: Timestamp,
        /// The loop.
        path: ActionPath,
        /// Which iteration.
        index: u32,
        /// What its actions came to.
        status: ActionStatus,
    },
    /// A variable was declared.
    VariableDeclared {
        /// Its name.
        name: String,
        /// Its type: `string`, `integer`, ….
        kind: String,
        /// Its first value.
        value: Payload,
    },
    /// A variable got a value.
    VariableSet {
        /// Its name.
        name: String,
        /// The value.
        value: Payload,
    },
    /// An array variable got an element, or a string variable more text.
    VariableAppended {
        /// Its name.
        name: String,
        /// The element or the text.
        value: Payload,
    },
    /// The run ended.
    RunEnded {
        /// When.
        at: Timestamp,
        /// How.
        status: RunStatus,
        /// Why, unless it ended well.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ActionError>,
    },
}
