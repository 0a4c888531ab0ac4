//! The engine: all workers of an instance, wired together. `serve` lets it run; commands that end drive it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use auth::Vault;
use cdp::definitions::SecretRef;
use cdp::refresh::{self, Outside, ProgressBoard, Secrets};
use events::{Receiver, Workers};
use flow::connectors::{Approvals, Connectors, Email, Files, Http, Slack, Teams, Webhook};
use flow::requests::{Requests, Signer};
use flow::{Runner, RunnerOptions};
use outbound::{AddressPolicy, HttpClient, Mailer};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::instance::Instance;
use crate::receivers::FlowStart;
use crate::words::Words;
use crate::{approvals, notices};

/// The workers of an instance.
pub(crate) struct Engine {
    instance: Instance,
    refresh: refresh::Worker,
    runner: Runner,
    receivers: Vec<Arc<dyn Receiver>>,
    signer: Signer,
    /// How far the running job is.
    pub board: ProgressBoard,
    /// The language of mails.
    words: &'static Words,
}

impl Engine {
    /// Wires an instance; outgoing calls go where `policy` lets them.
    pub(crate) async fn new(
        instance: &Instance,
        policy: AddressPolicy,
        words: &'static Words,
    ) -> Result<Self> {
        let store = instance.store.clone();
        let board = ProgressBoard::default();
        let vault = instance.vault().await?;
        let secrets = secrets_of(vault.clone());
        let outside = Outside { policy: policy.clone(), scratch: instance.scratch()?, secrets };
        let signer = signer(&vault);
        let letters = approvals::letters(signer.clone(), words);
        let connectors = connectors(instance, policy).with(Arc::new(Approvals::new(store.clone(), letters)));
        let address = store.setting(ADDRESS).await?;
        let secrets = Arc::new(vault);
        let runner = Runner::new(
            store.clone(),
            connectors,
            secrets,
            RunnerOptions { address, ..RunnerOptions::default() },
        );
        let name = store.setting("instance").await?.unwrap_or_else(|| "weir".to_owned());
        let receivers: Vec<Arc<dyn Receiver>> = vec![Arc::new(FlowStart { source: format!("weir/{name}") })];
        let refresh = refresh::Worker::new(store, instance.lake.clone(), board.clone()).reaching(outside);
        Ok(Self { instance: instance.clone(), refresh, runner, receivers, signer, board, words })
    }

    /// An engine that keeps unifications of at most so many rows in memory between refreshes. What they make is the
    /// same; it pays where refreshes follow each other in one process.
    pub(crate) fn keeping(self, most_rows: u64) -> Self {
        Self { refresh: self.refresh.keeping(most_rows), ..self }
    }

    /// Where requests to flows come in.
    pub(crate) fn flows(&self) -> api::Flows {
        let requests = Requests::new(self.instance.store.clone(), self.runner.journal().clone());
        api::Flows::new(requests, self.signer.clone())
    }

    /// What people see who are asked for an approval.
    pub(crate) fn approval_pages(&self) -> api::ApprovalPages {
        approvals::pages(self.signer.clone())
    }

    /// Starts every worker; they end after `stop`.
    pub(crate) fn start(&self, stop: &CancellationToken) -> JoinSet<()> {
        let store = self.instance.store.clone();
        let mut workers = JoinSet::new();
        workers.spawn(self.refresh.clone().run(stop.clone()));
        workers.spawn(refresh::schedule::run(store.clone(), stop.clone()));
        workers.spawn(Workers::new(store.clone(), self.receivers.clone()).run(stop.clone()));
        workers.spawn(self.runner.clone().run(stop.clone()));
        workers.spawn(self.notices(stop.clone()));
        workers.spawn(retention(store, self.instance.lake.clone(), stop.clone()));
        workers
    }

    /// Looks every minute whether people are to hear of something.
    fn notices(&self, stop: CancellationToken) -> impl Future<Output = ()> + use<> {
        let (store, words) = (self.instance.store.clone(), self.words);
        let letters = approvals::letters(self.signer.clone(), words);
        async move {
            while !stop.is_cancelled() {
                if let Err(error) = notices::look(&store, words).await {
                    tracing::error!(error = format!("{error:#}"), "failing flows could not be looked at");
                }
                if let Err(error) = flow::approvals::remind(&store, &letters).await {
                    tracing::error!(%error, "people could not be reminded of approvals");
                }
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        }
    }

    /// Runs the jobs that wait, then everything that follows from them and is due now.
    pub(crate) async fn run_until_idle(&self, stop: &CancellationToken) -> Result<()> {
        while !stop.is_cancelled() && self.refresh.run_next(stop).await?.is_some() {}
        self.follow_up().await
    }

    /// Dispatches and delivers events, and runs flows, until nothing is due now.
    pub(crate) async fn follow_up(&self) -> Result<()> {
        let workers = Workers::new(self.instance.store.clone(), self.receivers.clone());
        workers.run_until_idle().await?;
        self.runner.run_until_idle().await?;
        Ok(())
    }
}

/// What signs the addresses of this instance's flows.
pub(crate) fn signer(vault: &Vault) -> Signer {
    Signer::new(vault.derived_key("addresses of flows"))
}

/// What the flows of an instance can reach.
pub(crate) fn connectors(instance: &Instance, policy: AddressPolicy) -> Connectors {
    let client = HttpClient::new(policy.clone());
    let clock = instance.store.clock();
    Connectors::new()
        .with(Arc::new(Http::new(client.clone(), Arc::clone(clock))))
        .with(Arc::new(Teams::new(client.clone(), Arc::clone(clock))))
        .with(Arc::new(Slack::new(client.clone(), Arc::clone(clock))))
        .with(Arc::new(Webhook::new(client, Arc::clone(clock))))
        .with(Arc::new(Files::new(instance.place.project.clone())))
        .with(Arc::new(Email::new(Mailer::new(policy), Arc::clone(clock))))
}

/// The secrets of the vault, as data sources ask for them.
fn secrets_of(vault: Vault) -> Secrets {
    Arc::new(move |reference| {
        let vault = vault.clone();
        Box::pin(async move {
            let reference = match reference {
                SecretRef::Env(name) => auth::Reference::Env(name),
                SecretRef::Vault(name) => auth::Reference::Secret(name),
            };
            let secret = vault.reveal(&reference).await.map_err(|error| error.to_string())?;
            Ok(secret.expose_secret().to_owned())
        })
    })
}

/// The setting with the address under which others reach this instance.
pub(crate) const ADDRESS: &str = "address";

/// How often it is looked whether flows keep failing, and whether people are to be reminded.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// How often old runs are dropped.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// How long old snapshots can be read.
const KEEP_SNAPSHOTS: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

async fn retention(store: store::Store, lake: lake::Lake, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let since = store.clock().now().checked_sub(KEEP_SNAPSHOTS).unwrap_or(jiff::Timestamp::MIN);
        if let Err(error) = lake.expire(lake::Keep::Since(since)).await {
            tracing::error!(%error, "old snapshots could not be dropped");
        }
        if let Err(error) = lake.sweep().await {
            tracing::error!(%error, "left-over files could not be deleted");
        }
        if let Err(error) = flow::history::prune(&store, flow::history::Retention::default()).await {
            tracing::error!(%error, "old runs could not be dropped");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(PRUNE_EVERY) => {}
        }
    }
}
