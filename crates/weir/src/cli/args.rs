//! What can be typed.

use std::path::PathBuf;

use auth::Role;
use clap::{Parser, Subcommand, ValueEnum};

use crate::words::Language;

/// Weir gathers customer data, measures it, and starts flows when something happens to it.
#[derive(Debug, Parser)]
#[command(name = "weir", version, propagate_version = true, max_term_width = 110)]
#[command(
    after_help = "Exit codes: 0 done; 1 done, but it did not end well; 2 the command or the definitions are \
    wrong; 3 the data folder is in use or cannot be opened; 4 there is no such thing.\n\
    Logs go to standard error: WEIR_LOG=debug shows more."
)]
pub(super) struct Args {
    /// The folder of the definitions (weir.yaml).
    #[arg(long, global = true, env = "WEIR_PROJECT", default_value = ".", value_name = "FOLDER")]
    pub project: PathBuf,
    /// The data folder: state, entities, history. Default: .weir in the folder of the definitions.
    #[arg(long, global = true, env = "WEIR_DATA", value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// The language of what is printed for people. Default: that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, global = true, env = "WEIR_LANGUAGE", value_name = "TAG", ignore_case = true)]
    pub language: Option<Language>,
    /// Print JSON for programs, in English.
    #[arg(long, global = true)]
    pub json: bool,
    /// Log what happens.
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// Log as JSON lines.
    #[arg(long, global = true)]
    pub log_json: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start a project: a commented weir.yaml, a flow, and a little data.
    Init(Init),
    /// Check the definitions, without a network. A data folder is not needed; with one, more is checked.
    Check,
    /// Show what `apply` would change.
    Plan,
    /// Make the definitions those of the instance. All or nothing.
    Apply(Apply),
    /// Write the applied definitions as files.
    Export(Export),
    /// Print the JSON Schema of weir.yaml.
    Schema,
    /// Refresh: read the sources, unify, measure, publish; then run what follows.
    Refresh(Refresh),
    /// Show how sources, unification, measures and segments stand.
    Status,
    /// List refresh jobs, show one, or cancel one.
    Jobs(Jobs),
    /// Ask the entities with SQL.
    Query(Query),
    /// Ask about the unification: what it did, and why.
    Unify(super::unify::Unify),
    /// Find customers by words in their profiles.
    Customers(super::customer::Customers),
    /// Show one customer: profile, source rows, measures, segments and timeline.
    Customer(super::customer::Customer),
    /// Show what the columns of a source entity hold.
    Profile(super::profile::Profile),
    /// Show segments: their members, the counts of their rules, how they went, and who uses them.
    Segment(super::segment::Segment),
    /// Show measures: their values, how they went, and who uses them.
    Measure(super::measure::Measure),
    /// Show thresholds, or preview when they would have crossed.
    Thresholds(Thresholds),
    /// Show what happened and who heard.
    Events(Events),
    /// Work with flows and their runs.
    Flow(super::flow::Flow),
    /// List the connections of flows, or try whether they work.
    Connection(Connections),
    /// What flows wait for people to decide.
    Approvals(Approvals),
    /// Keep the secrets that definitions refer to as ${secret:NAME}.
    Secret(Secret),
    /// Make, list and revoke the tokens of programs that use the API.
    Token(Token),
    /// Serve: follow the schedule, run jobs and flows, answer health checks.
    Serve(Serve),
    /// See all of it on sample data, in a minute, with no network.
    Demo(Demo),
    /// Check this machine and this instance, with a fix for each finding.
    Doctor,
    /// Print a completion script.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// `weir init`
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The folder to make.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
}

/// `weir apply`
#[derive(Debug, clap::Args)]
pub(super) struct Apply {
    /// Do not ask before something is deleted.
    #[arg(long, short)]
    pub yes: bool,
}

/// `weir export`
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The folder to write to. Files in it are not overwritten without --force.
    pub folder: PathBuf,
    /// Overwrite files.
    #[arg(long)]
    pub force: bool,
}

/// `weir refresh`
#[derive(Debug, clap::Args)]
pub(super) struct Refresh {
    #[command(flatten)]
    pub target: RefreshTarget,
    /// With everything that it reads, first.
    #[arg(long, requires = "target")]
    pub upstream: bool,
    /// With everything that reads it, after it.
    #[arg(long, requires = "target")]
    pub downstream: bool,
    #[command(flatten)]
    pub outbound: Outbound,
}

/// What to refresh; everything, when none is given.
#[derive(Debug, clap::Args)]
#[group(id = "target", multiple = false)]
pub(super) struct RefreshTarget {
    /// Only this data source.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Only unification.
    #[arg(long)]
    pub unification: bool,
    /// Only this measure; all customer attributes are refreshed together.
    #[arg(long, value_name = "NAME")]
    pub measure: Option<String>,
    /// Only this segment.
    #[arg(long, value_name = "NAME")]
    pub segment: Option<String>,
    /// Only this export, of what is published.
    #[arg(long, value_name = "NAME")]
    pub export: Option<String>,
}

/// Where outgoing calls may go.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Outbound {
    /// Private addresses that flows may call: CIDR and port, such as 10.0.0.0/8 or 127.0.0.1/32:8025.
    #[arg(long, env = "WEIR_ALLOW_OUTBOUND", value_delimiter = ',', value_name = "CIDR[:PORT]")]
    pub allow_outbound: Vec<String>,
}

/// `weir jobs`
#[derive(Debug, clap::Args)]
pub(super) struct Jobs {
    /// List (default), show or cancel.
    #[command(subcommand)]
    pub command: Option<JobsCommand>,
    /// How many.
    #[arg(long, default_value_t = 20)]
    pub limit: u32,
}

/// `weir jobs …`
#[derive(Debug, Subcommand)]
pub(super) enum JobsCommand {
    /// Show a job and its tasks. `last` is the newest.
    Show {
        /// The job's id, or `last`.
        #[arg(default_value = "last")]
        job: String,
    },
    /// Cancel a job: the last snapshot stands.
    Cancel {
        /// The job's id, or `last`.
        #[arg(default_value = "last")]
        job: String,
    },
}

/// `weir query`
#[derive(Debug, clap::Args)]
pub(super) struct Query {
    /// One SELECT statement. Without it: the entities.
    pub sql: Option<String>,
    /// The snapshot: a number, a moment, or `latest`.
    #[arg(long, default_value = "latest")]
    pub at: String,
    /// How to write the rows.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
    /// The file to write to. Parquet needs one.
    #[arg(long, short = 'f', value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Rows that a table shows at most; 0 shows all.
    #[arg(long, default_value_t = 100)]
    pub rows: usize,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A table for people.
    Table,
    /// Comma-separated values.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Parquet.
    Parquet,
}

/// `weir thresholds`
#[derive(Debug, clap::Args)]
pub(super) struct Thresholds {
    /// List (default) or preview.
    #[command(subcommand)]
    pub command: Option<ThresholdsCommand>,
}

/// `weir thresholds …`
#[derive(Debug, Subcommand)]
pub(super) enum ThresholdsCommand {
    /// Show when thresholds would have crossed over the stored history. Those of weir.yaml are taken, so a new
    /// one can be tried before it is applied.
    Preview {
        /// Only this threshold.
        name: Option<String>,
    },
}

/// `weir events`
#[derive(Debug, clap::Args)]
pub(super) struct Events {
    /// How many.
    #[arg(long, default_value_t = 20)]
    pub limit: u32,
}

/// `weir connection`
#[derive(Debug, clap::Args)]
pub(super) struct Connections {
    /// List (default) or test.
    #[command(subcommand)]
    pub command: Option<ConnectionCommand>,
}

/// `weir connection …`
#[derive(Debug, Subcommand)]
pub(super) enum ConnectionCommand {
    /// List the connections.
    List,
    /// Try whether connections work, without changing anything at the other end.
    Test {
        /// Only this connection.
        name: Option<String>,
        /// Send a message that people see, where nothing less tests the connection.
        #[arg(long)]
        send: bool,
        #[command(flatten)]
        outbound: Outbound,
    },
}

/// `weir approvals`
#[derive(Debug, clap::Args)]
pub(super) struct Approvals {
    /// List (default) or answer.
    #[command(subcommand)]
    pub command: Option<ApprovalsCommand>,
    /// Those that are decided, too.
    #[arg(long)]
    pub all: bool,
}

/// `weir approvals …`
#[derive(Debug, Subcommand)]
pub(super) enum ApprovalsCommand {
    /// Answer for somebody.
    Answer {
        /// The approval's id.
        id: String,
        /// For whom: one of the people asked.
        #[arg(long = "as", value_name = "PERSON")]
        person: String,
        /// The answer: `Approve`, `Reject`, or one of its own.
        answer: String,
        /// Why.
        #[arg(long)]
        comments: Option<String>,
    },
}

/// `weir secret`
#[derive(Debug, clap::Args)]
pub(super) struct Secret {
    #[command(subcommand)]
    pub command: SecretCommand,
}

/// `weir secret …`
#[derive(Debug, Subcommand)]
pub(super) enum SecretCommand {
    /// Store a secret, read from standard input. It is never shown again.
    Set {
        /// Its name.
        name: String,
    },
    /// List the names.
    List,
    /// Remove a secret.
    Remove {
        /// Its name.
        name: String,
    },
}

/// `weir token`
#[derive(Debug, clap::Args)]
pub(super) struct Token {
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// `weir token …`
#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token. It is printed once and never shown again.
    Create {
        /// What it is for.
        name: String,
        /// What it may: Viewer sees profiles and counts, Contributor the rows of the sources too.
        #[arg(long, default_value = "Viewer", value_parser = roles(), ignore_case = true)]
        role: Role,
        /// After how many days it ends.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: u16,
    },
    /// List the tokens, those that ended too. Their texts are not kept.
    List,
    /// Take a token back. It counts from the next request on.
    Revoke {
        /// Its name or its id.
        token: String,
    },
}

fn roles() -> impl clap::builder::TypedValueParser<Value = Role> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(Role::ALL.map(Role::as_str)).try_map(|role| role.parse::<Role>())
}

/// `weir serve`
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Where to listen.
    #[arg(long, env = "WEIR_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: std::net::SocketAddr,
    /// The address under which others reach this server (`https://weir.example`): what it gives out to be called
    /// back, and in mails. Kept for the next start; the address listened on, when never given.
    #[arg(long, env = "WEIR_ADDRESS", value_name = "URL")]
    pub address: Option<String>,
    /// Keep a unification in memory between refreshes, so that the next one takes in only what has changed, where
    /// its sources have at most so many rows; 0 keeps none.
    #[arg(long, env = "WEIR_KEEP_ROWS", default_value_t = 5_000_000, value_name = "ROWS")]
    pub keep_rows: u64,
    #[command(flatten)]
    pub outbound: Outbound,
}

/// `weir demo`
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Do not serve at the end.
    #[arg(long)]
    pub headless: bool,
    /// The seed of the sample data.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// The number of people in the sample data.
    #[arg(long, default_value_t = 3000)]
    pub people: usize,
    /// Where to make the demo. Default: a new temporary folder.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}
