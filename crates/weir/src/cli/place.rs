//! Where the command works: project and data folder, and what may be called.

use std::sync::Arc;

use anyhow::{Context, Result};
use outbound::AddressPolicy;
use store::{Clock, StoreError, SystemClock};

use super::args::{Args, Outbound};
use crate::instance::{Instance, Place};

/// The folders that the command line means.
pub(super) fn place(args: &Args) -> Place {
    let data = args.data.clone().unwrap_or_else(|| args.project.join(".weir"));
    Place { project: args.project.clone(), data }
}

/// The clock of this process. `WEIR_NOW` sets it, for rules about "the last n days" over old data.
pub(super) fn clock() -> Result<Arc<dyn Clock>> {
    match std::env::var("WEIR_NOW") {
        Ok(text) => {
            let now = text.parse().with_context(|| format!("WEIR_NOW is {text:?}, which is no moment"))?;
            Ok(Arc::new(Shifted::to(now)))
        }
        Err(_) => Ok(Arc::new(SystemClock)),
    }
}

/// A clock that started at a given moment and runs on from there.
struct Shifted {
    by: jiff::SignedDuration,
}

impl Shifted {
    fn to(now: jiff::Timestamp) -> Self {
        Self { by: now.duration_since(jiff::Timestamp::now()) }
    }
}

impl Clock for Shifted {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now().checked_add(self.by).unwrap_or(jiff::Timestamp::MAX)
    }
}

/// The addresses that outgoing calls may go to.
pub(super) fn policy(outbound: &Outbound) -> Result<AddressPolicy> {
    let text = outbound.allow_outbound.join(",");
    text.parse().with_context(|| format!("--allow-outbound {text:?} cannot be read"))
}

/// Opens the instance to work on it, or beside the process that does.
pub(super) async fn open_or_beside(place: &Place, role: &str) -> Result<(Instance, bool)> {
    match Instance::open(place, role, clock()?).await {
        Ok(instance) => Ok((instance, true)),
        Err(error) if matches!(error.downcast_ref(), Some(StoreError::Locked { .. })) => {
            Ok((Instance::open_beside(place, clock()?).await?, false))
        }
        Err(error) => Err(error),
    }
}

/// Opens the instance only to read it.
pub(super) async fn open_to_read(place: &Place) -> Result<Instance> {
    Instance::open_to_read(place, clock()?).await
}
