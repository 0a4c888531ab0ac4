//! What happened in a run. Facts are the journal; the state of a run is their fold.
//!
//! Facts hold every value that was computed, so reading a journal evaluates no expression, asks no clock and
//! rolls no dice. Journals outlive programs: fields are only ever added, with a default.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use store::RunId;

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
    /// Who waits for it, and how it is joined with others.
    #[serde(default, skip_serializing_if = "Caller::is_nobody")]
    pub caller: Caller,
}

/// Who waits for a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Caller {
    /// Whether somebody waits for its Response.
    #[serde(default)]
    pub waits: bool,
    /// The id that joins runs that belong together; the run's own when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
    /// The run that started it, and the action there that waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<(RunId, ActionPath)>,
    /// How many runs wait for each other above this one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Caller {
    fn is_nobody(&self) -> bool {
        *self == Self::default()
    }
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

impl Target {
    /// The built-in HTTP action.
    pub fn http() -> Self {
        Self { api_id: "http".to_owned(), operation_id: "Http".to_owned(), connection: None }
    }

    pub(super) fn is_http(&self) -> bool {
        self.api_id == "http"
    }

    /// Whether the operation is named by its method and path (`POST /v2/Mail`), not by an id.
    pub fn is_raw(&self) -> bool {
        self.operation_id.contains(' ')
    }
}

/// What is done with answers that are not the whole answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Follow {
    /// Whether the address in `Location` of a 202 is asked until the work is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub polls: bool,
    /// How many items are to be collected from pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<u32>,
}

impl Follow {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
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
        /// What to do with an answer that is not the whole answer.
        #[serde(default, skip_serializing_if = "Follow::is_nothing")]
        follow: Follow,
    },
    /// It asks to be called back, and waits for that.
    Subscription {
        /// Whom it asks.
        target: Target,
        /// What to do when asking fails.
        retry: RetryPolicy,
        /// The secret in the address that is called back.
        token: String,
        /// That address.
        callback: String,
    },
    /// It waits for another flow.
    Child {
        /// Which.
        flow: String,
        /// Its trigger, when one is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trigger: Option<String>,
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
    /// A call has to wait for its turn; that is no attempt.
    CallPostponed {
        /// When.
        at: Timestamp,
        /// Which action.
        path: ActionPath,
        /// When its turn comes.
        next: Timestamp,
    },
    /// A call was answered, and there is another to make: the work is not done yet, or there is another page.
    CallContinues {
        /// When.
        at: Timestamp,
        /// Which action.
        path: ActionPath,
        /// When it is made.
        next: Timestamp,
        /// What it is made with.
        request: Payload,
        /// The items of the page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        items: Option<Payload>,
    },
    /// The other side took it; what the action waits for comes later.
    Accepted {
        /// When.
        at: Timestamp,
        /// Which action.
        path: ActionPath,
        /// What it is there: the id of a run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
    /// A subscription was ended, or could not be.
    Unsubscribed {
        /// When.
        at: Timestamp,
        /// Whose.
        path: ActionPath,
        /// Why it could not be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ActionError>,
    },
    /// The caller is answered.
    Responded {
        /// When.
        at: Timestamp,
        /// By which action.
        path: ActionPath,
        /// `{statusCode, headers, body}`
        response: Payload,
    },
    /// The tracked properties of an action that ended.
    PropertiesTracked {
        /// Which action.
        path: ActionPath,
        /// What they came to.
        properties: Payload,
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
    /// The run is over, except that subscriptions are still to be ended.
    RunEnding {
        /// When.
        at: Timestamp,
        /// How.
        status: RunStatus,
        /// Why, unless it ended well.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ActionError>,
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
