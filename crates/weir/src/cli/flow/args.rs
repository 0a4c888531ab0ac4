//! What `weir flow` takes.

use std::path::PathBuf;

use clap::Subcommand;

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
    /// Check workflow definitions of any origin.
    Check {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}
