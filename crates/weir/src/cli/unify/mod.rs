//! `weir unify`: what the last unification did, and why.

mod report;

use anyhow::Result;
use cdp::unification::Reader;
use clap::Subcommand;

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
}

pub(super) async fn run(at: &Place, command: &Unify, out: &Out) -> Result<Exit> {
    match &command.command {
        UnifyCommand::Report => report::run(at, out).await,
    }
}

/// The instance, and what is known about its last unification.
async fn open(at: &Place) -> Result<(Instance, Reader)> {
    let instance = place::open_to_read(at).await?;
    let reader = Reader::new(instance.store.clone(), instance.lake.clone());
    Ok((instance, reader))
}
