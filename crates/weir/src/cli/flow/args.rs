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
    /// Evaluate expressions: JSON lines from standard input, an answer a line.
    Eval,
    /// Check workflow definitions of any origin.
    Check {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}
