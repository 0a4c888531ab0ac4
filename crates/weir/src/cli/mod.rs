//! The command line: one module per command.
//!
//! Exit codes: 0 done; 1 it was done and did not end well (a refresh failed, a run failed); 2 the command or the
//! definitions are wrong; 3 the data folder is in use or cannot be opened; 4 what was asked for does not exist.

mod apply;
mod approvals;
mod args;
mod chart;
mod connection;
mod customer;
mod demo;
mod doctor;
mod duplicate;
mod events;
mod flow;
mod init;
mod jobs;
mod measure;
mod out;
mod place;
mod profile;
mod progress;
mod query;
mod refresh;
mod report;
mod secret;
mod segment;
mod serve;
mod standing;
mod status;
mod thresholds;
mod token;
mod tree;
mod unify;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Args, Command};
pub use demo::{Refreshed, Summary};
pub use out::Out;
pub(crate) use out::boxed;

use crate::words::Language;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Done, and it did not end well.
    Failed = 1,
    /// The command or the definitions are wrong.
    Wrong = 2,
    /// The data folder is in use, or cannot be opened.
    Unavailable = 3,
    /// What was asked for does not exist.
    Missing = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Bytes of stack for each thread of the runtime.
const STACK: usize = 32 * 1024 * 1024;

/// The whole program.
pub fn main() -> ExitCode {
    let args = Args::parse();
    start_logging(&args);
    // Two TLS libraries are never both the default: the choice is made here, once.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let language = args.language.unwrap_or_else(|| Language::of_environment(|name| std::env::var(name).ok()));
    let out = Out::new(args.json, language);
    // Plans of deeply nested conditions are walked by recursion: the default 2 MiB is not enough in a dev build.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            out.error("runtime", &format!("the runtime could not be started: {error}"));
            return Exit::Failed.into();
        }
    };
    let ended = runtime.block_on(run(args, &out));
    // Blocking work that was cancelled must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match ended {
        Ok(exit) => exit.into(),
        Err(error) => out.fail(&error).into(),
    }
}

fn start_logging(args: &Args) {
    let default = match (&args.command, args.verbose) {
        (_, true) => "info,sqlx=warn",
        (Command::Serve(_), false) => "info,sqlx=warn",
        _ => "error",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("WEIR_LOG").unwrap_or_else(|_| default.into());
    let colours = std::io::stderr().is_terminal();
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    if args.log_json {
        logs.json().init();
    } else {
        logs.with_target(false).init();
    }
}

async fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    let at = place::place(&args);
    match args.command {
        Command::Init(command) => init::run(&at, &command, out),
        Command::Schema => apply::schema(out),
        Command::Check => apply::check(&at, out).await,
        Command::Plan => apply::plan(&at, out).await,
        Command::Apply(command) => apply::apply(&at, &command, out).await,
        Command::Export(command) => apply::export(&at, &command, out).await,
        Command::Refresh(command) => refresh::run(&at, &command, out).await,
        Command::Status => status::run(&at, out).await,
        Command::Jobs(command) => jobs::run(&at, &command, out).await,
        Command::Query(command) => query::run(&at, &command, out).await,
        Command::Unify(command) => unify::run(&at, &command, out).await,
        Command::Customers(command) => customer::find(&at, &command, out).await,
        Command::Customer(command) => customer::run(&at, &command, out).await,
        Command::Profile(command) => profile::run(&at, &command, out).await,
        Command::Segment(command) => segment::run(&at, &command, out).await,
        Command::Measure(command) => measure::run(&at, &command, out).await,
        Command::Thresholds(command) => thresholds::run(&at, &command, out).await,
        Command::Events(command) => events::run(&at, &command, out).await,
        Command::Flow(command) => flow::run(&at, &command, out).await,
        Command::Connection(command) => connection::run(&at, &command, out).await,
        Command::Approvals(command) => approvals::run(&at, &command, out).await,
        Command::Secret(command) => secret::run(&at, &command, out).await,
        Command::Token(command) => token::run(&at, &command, out).await,
        Command::Serve(command) => serve::run(&at, &command, out).await,
        Command::Demo(command) => demo::run(&command, out).await,
        Command::Doctor => doctor::run(&at, out).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Args::command(), "weir", &mut std::io::stdout());
            Ok(Exit::Done)
        }
    }
}
