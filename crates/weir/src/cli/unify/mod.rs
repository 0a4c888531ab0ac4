//! `weir unify`: what the last unification did, and why; and what people decide about who is who.

mod explain;
mod lineage;
mod pins;
mod preview;
mod report;
mod rows;
mod suggest;

use std::path::PathBuf;

use cdp::unification::{Asked, Reader, Which};
use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use unify::RowName;

use super::{Exit, Out, place};
use crate::instance::{Instance, Place};

/// `weir unify`
#[derive(Debug, clap::Args)]
pub(super) struct Unify {
    #[command(subcommand)]
    pub command: UnifyCommand,
}

/// `weir unify …`
#[derive(Debug, Subcommand)]
pub(super) enum UnifyCommand {
    /// Show the last unification in numbers: per entity and per rule.
    Report,
    /// Show why records are one customer (one id), or two (two ids): by which rule, with which scores, and why not.
    Explain(Explain),
    /// Show the rows behind a number of the report: of a rule, or of an entity.
    Rows(Rows),
    /// Suggest rules from the rows of the sources, with pairs that would merge and pairs that would not.
    Suggest(Suggest),
    /// Run matching conditions only, those of weir.yaml over the current snapshot, and publish nothing.
    Preview(Preview),
    /// Decide that rows are a customer, whatever the rules say. The next refresh follows.
    Pin(Pin),
    /// Take rows away from a customer: they will be another one, with a new id. The next refresh follows.
    Unmerge(Unmerge),
    /// List the pins: rows whose customer was decided by hand.
    Pins,
    /// Take back what was decided about rows.
    Unpin(Unpin),
    /// Show what happened to an id, and where it leads now.
    Lineage {
        /// The id, of now or of any time before.
        id: String,
    },
}

/// `weir unify pin`
#[derive(Debug, clap::Args)]
pub(super) struct Pin {
    /// The customer's id.
    pub customer: String,
    /// The entity's full name, such as Shop_Contacts.
    pub entity: String,
    /// The primary keys of the rows.
    #[arg(required = true)]
    pub keys: Vec<String>,
    /// Why, for those who come later.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    pub why: String,
}

/// `weir unify unmerge`
#[derive(Debug, clap::Args)]
pub(super) struct Unmerge {
    /// The customer's id.
    pub customer: String,
    /// The rows that are somebody else, each as entity:key. The other rows stay.
    #[arg(required = true, value_name = "ENTITY:KEY", value_parser = row)]
    pub rows: Vec<RowName>,
    /// Why, for those who come later.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    pub why: String,
}

fn row(text: &str) -> Result<RowName, &'static str> {
    let (entity, key) =
        text.split_once(':').ok_or("a row is written as entity:key, such as Shop_Contacts:17")?;
    Ok((entity.to_owned(), key.to_owned()))
}

/// `weir unify unpin`
#[derive(Debug, clap::Args)]
pub(super) struct Unpin {
    /// The entity's full name, such as Shop_Contacts.
    pub entity: String,
    /// The primary keys of the rows.
    #[arg(required = true)]
    pub keys: Vec<String>,
}

/// `weir unify explain`
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The ids of one or two customers.
    #[arg(num_args = 0..=2, value_name = "CUSTOMER")]
    pub ids: Vec<String>,
    /// A row of a source instead of a customer, as entity:key. Can be given twice.
    #[arg(long, value_name = "ENTITY:KEY", value_parser = record)]
    pub record: Vec<Asked>,
}

fn record(text: &str) -> Result<Asked, &'static str> {
    Asked::record(text).ok_or("a record is written as entity:key, such as Shop_Contacts:17")
}

/// `weir unify suggest`
#[derive(Debug, clap::Args)]
pub(super) struct Suggest {
    /// Only rules on this entity, such as Shop_Contacts.
    #[arg(long)]
    pub entity: Option<String>,
    /// The least expected share of a rule's pairs that are one customer, above 0 and at most 1.
    #[arg(long, default_value_t = 0.97, value_parser = precision)]
    pub precision: f64,
    /// Print only the rules, as the unification section of weir.yaml.
    #[arg(long)]
    pub yaml: bool,
    /// Write that section into a new file.
    #[arg(long, value_name = "FILE", conflicts_with = "yaml")]
    pub write: Option<PathBuf>,
}

fn precision(text: &str) -> Result<f64, &'static str> {
    let number = text.parse::<f64>().ok().filter(|it| *it > 0.0 && *it <= 1.0);
    number.ok_or("a precision is a number above 0 and at most 1, such as 0.97")
}

/// `weir unify preview`
#[derive(Debug, clap::Args)]
pub(super) struct Preview {
    /// Show only this rule. All are run, because earlier rules take rows from later ones.
    #[arg(long)]
    pub rule: Option<String>,
    /// How many examples to show at most.
    #[arg(long, default_value_t = 5)]
    pub limit: u16,
}

/// `weir unify rows`
#[derive(Debug, clap::Args)]
pub(super) struct Rows {
    /// The rule whose rows are shown.
    #[arg(long, required_unless_present = "which")]
    pub rule: Option<String>,
    /// The entity: the one that the rule works on, or the one whose rows are shown.
    #[arg(long)]
    pub entity: Option<String>,
    /// Only rows for which more than one partner would have done.
    #[arg(long, requires = "rule")]
    pub ambiguous: bool,
    /// Which rows of the entity are shown.
    #[arg(long, requires = "entity", conflicts_with = "rule", value_parser = which())]
    pub which: Option<Which>,
    /// How many to pass over.
    #[arg(long, default_value_t = 0)]
    pub skip: u64,
    /// How many to show at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    pub limit: u16,
}

fn which() -> impl TypedValueParser<Value = Which> {
    let name =
        |name: String| Which::ALL.into_iter().find(|which| which.as_str() == name).ok_or("no such rows");
    PossibleValuesParser::new(Which::ALL.map(Which::as_str)).try_map(name)
}

pub(super) async fn run(at: &Place, command: &Unify, out: &Out) -> anyhow::Result<Exit> {
    match &command.command {
        UnifyCommand::Report => report::run(at, out).await,
        UnifyCommand::Explain(command) => explain::run(at, command, out).await,
        UnifyCommand::Suggest(command) => suggest::run(at, command, out).await,
        UnifyCommand::Preview(command) => preview::run(at, command, out).await,
        UnifyCommand::Rows(command) => rows::run(at, command, out).await,
        UnifyCommand::Pin(command) => pins::pin(at, command, out).await,
        UnifyCommand::Unmerge(command) => pins::unmerge(at, command, out).await,
        UnifyCommand::Pins => pins::list(at, out).await,
        UnifyCommand::Unpin(command) => pins::unpin(at, command, out).await,
        UnifyCommand::Lineage { id } => lineage::run(at, id, out).await,
    }
}

/// The instance, and what is known about its last unification.
async fn open(at: &Place) -> anyhow::Result<(Instance, Reader)> {
    let instance = place::open_to_read(at).await?;
    let reader = Reader::new(instance.store.clone(), instance.lake.clone());
    Ok((instance, reader))
}
