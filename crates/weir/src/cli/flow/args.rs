//! What `weir flow` takes.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use flow::packages::Target;

use super::super::args::Outbound;

/// `weir flow`
#[derive(Debug, clap::Args)]
pub(crate) struct Flow {
    #[command(subcommand)]
    pub command: FlowCommand,
}

/// `weir flow …`
#[derive(Debug, Subcommand)]
pub(crate) enum FlowCommand {
    /// List the flows.
    List,
    /// Print the address that starts a flow when it is called. Whoever has it may call.
    Url {
        /// The flow.
        flow: String,
        /// Where `weir serve` is reached.
        #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
        address: String,
    },
    /// Turn flows on: their triggers start runs again.
    On {
        /// The flows.
        #[arg(required = true)]
        flows: Vec<String>,
    },
    /// Turn flows off: their triggers start no more runs; those under way go on.
    Off {
        /// The flows.
        #[arg(required = true)]
        flows: Vec<String>,
    },
    /// Start a flow by hand.
    Run {
        /// The flow.
        flow: String,
        /// The trigger's body, as JSON; `@FILE` reads a file, `-` standard input.
        #[arg(long, default_value = "{}", value_name = "JSON")]
        body: String,
        #[command(flatten)]
        outbound: Outbound,
    },
    /// List runs, the newest first.
    Runs {
        /// Only of this flow.
        flow: Option<String>,
        /// How many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Show a run with its actions. `last` is the newest.
    Show {
        /// The run's id, or `last`.
        #[arg(default_value = "last")]
        run: String,
    },
    /// Cancel a run.
    Cancel {
        /// The run's id.
        run: String,
    },
    /// Start new runs with the trigger outputs of old ones, by the flow's present version.
    Resubmit {
        /// The runs' ids, or `last`.
        #[arg(required_unless_present = "failed_of")]
        runs: Vec<String>,
        /// Every failed or timed-out run of this flow, up to a thousand.
        #[arg(long, value_name = "FLOW", conflicts_with = "runs")]
        failed_of: Option<String>,
        #[command(flatten)]
        outbound: Outbound,
    },
    /// Start a run that takes over from one that failed: what was done is not done again.
    Restart {
        /// The run's id, or `last`.
        run: String,
        /// The action to restart from, as `weir flow show` writes it (`Loop[3]/Send`); all that failed when not said.
        #[arg(long, value_name = "ACTION")]
        from: Vec<String>,
        /// Follow the flow's present version instead of the run's own.
        #[arg(long)]
        present: bool,
        #[command(flatten)]
        outbound: Outbound,
    },
    /// Try a flow: a whole run with every call held back and listed. Nothing is sent, nothing is stored.
    Test {
        /// The flow.
        flow: String,
        /// Fire it as in this past run (an id, or `last`), and answer its calls as they were answered there.
        #[arg(long, value_name = "RUN", conflicts_with = "body")]
        with: Option<String>,
        /// The trigger's body, as JSON; `@FILE` reads a file, `-` standard input.
        #[arg(long, default_value = "{}", value_name = "JSON")]
        body: String,
        /// Answer the calls of an action with this body: `ACTION=JSON`.
        #[arg(long, value_name = "ACTION=JSON")]
        answer: Vec<String>,
        /// Try this document instead of the flow's present version.
        #[arg(long, value_name = "FILE")]
        document: Option<PathBuf>,
    },
    /// Evaluate expressions: JSON lines from standard input, an answer a line.
    Eval,
    /// Show what flows can reach: the connectors, or the operations and parameters of one.
    Connectors {
        /// The connector.
        name: Option<String>,
    },
    /// Check workflow definitions of any origin.
    Check {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Import flows: a package or a solution of Power Automate (a file or an unpacked folder), a template or a
    /// project of Logic Apps, or a definition. They become files among the definitions.
    Import(ImportFlow),
    /// Export a flow for Power Automate or Logic Apps.
    Export(ExportFlow),
    /// List the versions of a flow: every document that was applied.
    Versions {
        /// The flow.
        flow: String,
    },
    /// Show what is different between two versions, action by action and line by line.
    Diff {
        /// The flow.
        flow: String,
        /// The first: a version or its beginning, `draft` or `present`. Default: the newest but the present one.
        before: Option<String>,
        /// The second. Default: the present one.
        after: Option<String>,
    },
    /// Bring a version back: its file is written, and applied when nothing else would change.
    Restore {
        /// The flow.
        flow: String,
        /// The version, or its beginning.
        #[arg(id = "restored", value_name = "VERSION")]
        version: String,
    },
    /// Work on a draft, apart from what runs.
    Draft {
        #[command(subcommand)]
        command: DraftCommand,
    },
}

/// `weir flow import`
#[derive(Debug, clap::Args)]
pub(crate) struct ImportFlow {
    /// The file or folder.
    pub file: PathBuf,
    /// The connection to use for one that the flow needs.
    #[arg(long, value_name = "KEY=CONNECTION")]
    pub map: Vec<String>,
    /// Only the flow of this name, where there are several.
    #[arg(long, value_name = "FLOW")]
    pub only: Vec<String>,
    /// Another name for the flow.
    #[arg(long)]
    pub name: Option<String>,
    /// Replace secrets that are written in the flow by references to the vault.
    #[arg(long)]
    pub move_secrets: bool,
    /// Take out who made the flow and in which tenant.
    #[arg(long)]
    pub strip: bool,
    /// Overwrite the file of a flow of the same name.
    #[arg(long)]
    pub force: bool,
    /// Only tell; write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `weir flow export`
#[derive(Debug, clap::Args)]
pub(crate) struct ExportFlow {
    /// The flow.
    pub flow: String,
    /// As what.
    #[arg(long = "as", value_enum, default_value_t = Form::Package)]
    pub form: Form,
    /// The file to write. Default: named after the flow.
    #[arg(long = "output", short = 'o', value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Take out who made the flow and in which tenant.
    #[arg(long)]
    pub strip: bool,
}

/// The forms of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A package of Power Automate.
    Package,
    /// A solution of Power Automate.
    Solution,
    /// A deployment template of Logic Apps.
    Logicapp,
    /// A project of Logic Apps Standard.
    Standard,
}

impl From<Form> for Target {
    fn from(form: Form) -> Self {
        match form {
            Form::Package => Self::Package,
            Form::Solution => Self::Solution,
            Form::Logicapp => Self::LogicApp,
            Form::Standard => Self::Standard,
        }
    }
}

/// `weir flow draft …`
#[derive(Debug, Subcommand)]
pub(crate) enum DraftCommand {
    /// Keep a document as the draft of a flow, right or wrong.
    Save {
        /// The flow; it need not exist yet.
        flow: String,
        /// The file; `-` is standard input.
        file: String,
    },
    /// Print the draft.
    Show {
        /// The flow.
        flow: String,
    },
    /// Drop the draft.
    Discard {
        /// The flow.
        flow: String,
    },
    /// Make the draft the present version.
    Publish {
        /// The flow.
        flow: String,
    },
}
