//! The checked form of a workflow definition: what the engine runs. It is built only by
//! `Definition::parse`; the document itself is kept elsewhere, byte for byte.

use super::condition::Condition;
use super::trigger::Trigger;
use crate::diagnose::Span;
use crate::expr::{Template, Tree};
use serde_json::Value;
use std::fmt;

/// A flow that can be run.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The parameters it declares.
    pub parameters: Vec<Parameter>,
    /// What fires it; at least one.
    pub triggers: Vec<Trigger>,
    /// The actions at the top level.
    pub actions: Block,
    /// The outputs of the run.
    pub outputs: Tree,
    /// Recorded outcomes that actions can use instead of being executed, by name.
    pub static_results: Vec<(String, StaticResult)>,
}

/// A parameter of a definition.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name; letter case does not count.
    pub name: String,
    /// Its type.
    pub kind: ParameterKind,
    /// Its value when none is given.
    pub default: Option<Value>,
    /// The only values it may have; empty when there is no restriction.
    pub allowed: Vec<Value>,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// `string`
    String,
    /// `securestring`: never shown
    SecureString,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `bool`
    Bool,
    /// `array`
    Array,
    /// `object`
    Object,
    /// `secureobject`: never shown
    SecureObject,
}

/// Actions in one container. Order comes only from `run_after`.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// The actions in the order of the document.
    pub actions: Vec<Action>,
}

impl Block {
    /// The place of the action of this name, ignoring letter case.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        let lower = name.to_lowercase();
        self.actions.iter().position(|action| action.name.to_lowercase() == lower)
    }

    /// The action of this name directly in this container.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Action> {
        self.position(name).and_then(|position| self.actions.get(position))
    }

    /// Calls `look` on every action in this container and in those inside it, outer ones first.
    pub fn walk<'b>(&'b self, look: &mut dyn FnMut(&'b Action)) {
        for action in &self.actions {
            look(action);
            for block in action.work.blocks() {
                block.walk(look);
            }
        }
    }

    /// The action of this name here or anywhere inside.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Action> {
        self.get(name).or_else(|| {
            let mut blocks = self.actions.iter().flat_map(|action| action.work.blocks());
            blocks.find_map(|block| block.find(name))
        })
    }
}

/// One action.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its name, unique in the flow ignoring letter case.
    pub name: String,
    /// The type as written.
    pub type_name: String,
    /// What it does.
    pub work: Work,
    /// What must have ended before, and how. Empty: it starts with its container.
    pub run_after: Vec<RunAfter>,
    /// How long it may take, ISO 8601 (`PT1H`); may hold an expression. For Until see [`Work::Until`].
    pub timeout: Option<Template>,
    /// What happens when it fails for a passing reason.
    pub retry: RetryPolicy,
    /// What is hidden in the history.
    pub secure: Secure,
    /// The recorded outcome to use instead of executing it, by name in `staticResults`.
    pub static_result: Option<String>,
    /// `operationOptions`, as written.
    pub options: Vec<String>,
    /// Properties to record with the action.
    pub tracked: Option<Tree>,
    /// How many items are to be collected from pages (`paginationPolicy.minimumItemCount`); none for one page.
    pub pagination: Option<Tree>,
    /// Where its name stands in the document.
    pub span: Span,
}

impl Action {
    /// Whether an `operationOptions` word is set, ignoring letter case.
    #[must_use]
    pub fn has_option(&self, option: &str) -> bool {
        self.options.iter().any(|word| word.eq_ignore_ascii_case(option))
    }
}

/// A predecessor in the same container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunAfter {
    /// Its name as spelled where it is defined.
    pub name: String,
    /// Its place in the container's [`Block::actions`].
    pub position: usize,
    /// How it must have ended.
    pub statuses: Vec<Ending>,
}

/// How an action can have ended, as far as `runAfter` can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ending {
    /// It did what it should.
    Succeeded,
    /// It did not.
    Failed,
    /// It was not started.
    Skipped,
    /// It took too long.
    TimedOut,
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Succeeded, Self::Failed, Self::Skipped, Self::TimedOut];

    /// The word of the language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
            Self::TimedOut => "TimedOut",
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is hidden in the history (`runtimeConfiguration.secureData`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Secure {
    /// The inputs.
    pub inputs: bool,
    /// The outputs.
    pub outputs: bool,
}

/// `retryPolicy`: for answers 408, 429, 5xx and connection errors.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum RetryPolicy {
    /// The host decides.
    #[default]
    Default,
    /// Not at all.
    None,
    /// After the same pause each time.
    Fixed {
        /// Attempts after the first; a number or an expression.
        count: Tree,
        /// ISO 8601; may hold an expression.
        interval: Template,
    },
    /// After pauses that grow.
    Exponential {
        /// Attempts after the first; a number or an expression.
        count: Tree,
        /// The scale, ISO 8601; may hold an expression.
        interval: Template,
        /// The shortest pause.
        minimum: Option<Template>,
        /// The longest pause.
        maximum: Option<Template>,
    },
}

/// A recorded outcome.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StaticResult {
    /// The status that the action ends with, as written; `Succeeded` when absent.
    pub status: Option<String>,
    /// Its outputs: `{statusCode, headers, body}`.
    pub outputs: Value,
    /// Its error: `{code, message}`.
    pub error: Option<Value>,
}

/// An operation of a connector.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The connector: the last part of `apiId` (`shared_teams`), or the connection's name.
    pub connector: Option<String>,
    /// The key of the connection in `connectionReferences` or `$connections`.
    pub connection: Option<String>,
    /// The operation's id (`PostMessageToConversation`), when it is named.
    pub operation_id: Option<String>,
    /// The host object as written.
    pub host: Tree,
    /// The inputs without host, authentication and retry policy: `parameters` for named operations; `method`,
    /// `path`, `queries`, `body`, `headers` for raw ones.
    pub inputs: Tree,
}

impl Operation {
    /// The named parameters.
    #[must_use]
    pub fn parameters(&self) -> Tree {
        self.inputs.get("parameters").unwrap_or_default()
    }
}

/// A variable that is being made.
#[derive(Debug, Clone)]
pub struct VariableInit {
    /// Its name.
    pub name: String,
    /// Its type; it stays.
    pub kind: VariableKind,
    /// Its first value; null when absent.
    pub value: Option<Tree>,
}

/// The type of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableKind {
    /// `boolean`
    Boolean,
    /// `integer`
    Integer,
    /// `float`; integers fit
    Float,
    /// `string`; null fits
    String,
    /// `object`; null fits
    Object,
    /// `array`; null fits
    Array,
}

impl VariableKind {
    /// Whether a value may be put into a variable of this type.
    #[must_use]
    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Float => value.is_number(),
            Self::String => value.is_string() || value.is_null(),
            Self::Object => value.is_object() || value.is_null(),
            Self::Array => value.is_array() || value.is_null(),
        }
    }

    /// The word of the language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::String => "string",
            Self::Object => "object",
            Self::Array => "array",
        }
    }
}

/// What an action does.
#[derive(Debug, Clone)]
pub enum Work {
    /// `Compose`: outputs = the value.
    Compose {
        /// The value.
        value: Tree,
    },
    /// `InitializeVariable`; usually one.
    InitializeVariable {
        /// The variables.
        variables: Vec<VariableInit>,
    },
    /// `SetVariable`
    SetVariable {
        /// The variable.
        name: String,
        /// Its new value.
        value: Tree,
    },
    /// `IncrementVariable`
    IncrementVariable {
        /// The variable.
        name: String,
        /// By how much; 1 when absent.
        by: Tree,
    },
    /// `DecrementVariable`
    DecrementVariable {
        /// The variable.
        name: String,
        /// By how much; 1 when absent.
        by: Tree,
    },
    /// `AppendToArrayVariable`
    AppendToArrayVariable {
        /// The variable.
        name: String,
        /// The new element.
        value: Tree,
    },
    /// `AppendToStringVariable`
    AppendToStringVariable {
        /// The variable.
        name: String,
        /// The text to add.
        value: Tree,
    },
    /// `ParseJson`
    ParseJson {
        /// An object or a JSON text.
        content: Tree,
        /// The JSON Schema that it is checked against.
        schema: Value,
    },
    /// `Query`: filter array.
    Query {
        /// The array.
        from: Tree,
        /// Evaluated with `item()` being each element.
        condition: Condition,
    },
    /// `Select`
    Select {
        /// The array.
        from: Tree,
        /// Evaluated with `item()` being each element.
        select: Tree,
    },
    /// `Join`
    Join {
        /// The array.
        from: Tree,
        /// The separator.
        separator: Tree,
    },
    /// `Table`
    Table {
        /// The array.
        from: Tree,
        /// CSV or HTML.
        format: TableFormat,
        /// Header and value (with `item()`); none for the keys of the first element.
        columns: Option<Vec<(Tree, Tree)>>,
    },
    /// `If`
    If {
        /// Which way.
        condition: Condition,
        /// When true.
        actions: Block,
        /// When false.
        otherwise: Block,
    },
    /// `Switch`
    Switch {
        /// A text or number.
        on: Tree,
        /// The cases in the order of the document.
        cases: Vec<Case>,
        /// When no case fits.
        default: Block,
    },
    /// `Foreach`
    Foreach {
        /// The array.
        over: Tree,
        /// The body.
        actions: Block,
        /// Iterations at a time, 1–50; none for the host's default.
        concurrency: Option<u32>,
    },
    /// `Until`
    Until {
        /// Tested after each iteration; true ends the loop.
        condition: Condition,
        /// The body.
        actions: Block,
        /// The most iterations; a number or an expression; none for the default of 60.
        count: Option<Tree>,
        /// The longest time, ISO 8601; none for the default of one hour.
        timeout: Option<Template>,
    },
    /// `Scope`
    Scope {
        /// The body.
        actions: Block,
    },
    /// `Terminate`: ends the run.
    Terminate {
        /// `Succeeded`, `Failed` or `Cancelled`; may be an expression.
        status: Template,
        /// The error's code.
        code: Option<Tree>,
        /// The error's message.
        message: Option<Tree>,
    },
    /// `Http`: `{method, uri, headers, queries, body, cookie, authentication}`.
    Http {
        /// The inputs without the retry policy.
        inputs: Tree,
    },
    /// `Wait`
    Wait(Wait),
    /// `OpenApiConnection`, `ApiConnection`: an operation of a connector.
    Connector {
        /// Which, and with what.
        operation: Operation,
    },
    /// `HttpWebhook`: subscribes with one call, waits to be called back, and unsubscribes with another.
    HttpWebhook {
        /// The call that subscribes: as of [`Work::Http`]; it holds `listCallbackUrl()`.
        subscribe: Tree,
        /// The call that unsubscribes, if any.
        unsubscribe: Option<Tree>,
        /// What happens when subscribing fails for a passing reason.
        retry: RetryPolicy,
    },
    /// `OpenApiConnectionWebhook`, `ApiConnectionWebhook`: an operation whose answer comes as a call back.
    ConnectorWebhook {
        /// Which, and with what.
        operation: Operation,
    },
    /// `Workflow`: another flow is started, and its Response is waited for.
    Workflow {
        /// The flow: its name, its id, or a path that ends with one of them.
        flow: Tree,
        /// Its trigger, when the definition names one.
        trigger: Option<Tree>,
        /// What it gets: `{headers, body}`.
        inputs: Tree,
    },
    /// `Expression`: one of the designer's helpers for dates, numbers and texts.
    Expression {
        /// Evaluated with `item()` being the inputs.
        formula: Template,
        /// The arguments by name.
        inputs: Tree,
    },
    /// `Response`: the answer to the caller of a Request trigger.
    Response {
        /// The HTTP status.
        status_code: Tree,
        /// The headers.
        headers: Option<Tree>,
        /// The body.
        body: Option<Tree>,
    },
    /// Kept, but it cannot be executed here (except by a static result).
    Unknown {
        /// The inputs, compiled.
        inputs: Tree,
        /// The containers in it, if any.
        blocks: Vec<Block>,
    },
}

impl Work {
    /// The containers inside, in the order of the document.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        let (first, cases, last): (Option<&Block>, &[Case], Option<&Block>) = match self {
            Self::If { actions, otherwise, .. } => (Some(actions), &[], Some(otherwise)),
            Self::Switch { cases, default, .. } => (None, cases, Some(default)),
            Self::Foreach { actions, .. } | Self::Until { actions, .. } | Self::Scope { actions } => {
                (Some(actions), &[], None)
            }
            _ => (None, &[], None),
        };
        let other: &[Block] = match self {
            Self::Unknown { blocks, .. } => blocks,
            _ => &[],
        };
        first.into_iter().chain(cases.iter().map(|case| &case.actions)).chain(last).chain(other)
    }
}

/// A case of a Switch.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The text or number that it stands for.
    pub value: Value,
    /// What it does.
    pub actions: Block,
}

/// The two forms of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated values.
    Csv,
    /// An HTML table.
    Html,
}

/// What a Wait waits for.
#[derive(Debug, Clone)]
pub enum Wait {
    /// A while: a count of `Second`, `Minute`, `Hour`, `Day`, `Week` or `Month`.
    For {
        /// How many; a number or an expression.
        count: Tree,
        /// Of what; may hold an expression.
        unit: Template,
    },
    /// A moment, as a time text; may be an expression.
    Until {
        /// The moment.
        timestamp: Template,
    },
}
