//! The demo's flows, run by the real runner into the demo's inbox.

use std::sync::Arc;

use auth::Vault;
use cdp::definitions::{Project, SourceKind};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use flow::connectors::{Connectors, Email, Teams};
use flow::{Runner, RunnerOptions, TriggerFired};
use outbound::{HttpClient, Mailer};
use serde_json::{Value, json};
use sources::{EntitySink, Limits, Outcome, ReadReport, ReadRequest, SinkError};
use store::{Store, SystemClock};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::inbox::Inbox;
use super::{data, instance};

struct House {
    _folder: TempDir,
    store: Store,
    inbox: Inbox,
    runner: Runner,
}

impl House {
    /// A state store with the demo's flows, connections and secret, and nothing else.
    async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path();
        let inbox = Inbox::start().await.expect("an inbox");
        instance::write(path, inbox.smtp_port(), 1_000).expect("written");
        let definitions = Project::load(path).unwrap_or_else(|report| panic!("{report}")).into_definitions();
        let store = Store::open_file(&path.join("weir.db"), Arc::new(SystemClock)).await.expect("a store");
        let vault = Vault::open(store.clone(), &path.join("vault.key")).await.expect("a vault");
        let mut tx = store.write().await.expect("a transaction");
        vault.put(&mut tx, instance::TEAMS_SECRET, &inbox.teams_url().into()).await.expect("stored");
        for (name, connection) in &definitions.connections {
            let kind = serde_json::to_value(connection.kind).expect("a kind");
            let connection = flow::connections::Connection {
                name: name.clone(),
                kind: kind.as_str().expect("a text").to_owned(),
                config: Value::Object(connection.config.clone()),
            };
            flow::connections::put(&mut tx, &connection).await.expect("a connection");
        }
        for file in &definitions.flows {
            let version = flow::definitions::put(&mut tx, &file.name, &file.document).await.expect("a flow");
            assert!(version.diagnostics.is_empty(), "{}: {:?}", file.name, version.diagnostics);
        }
        tx.commit().await.expect("committed");
        let runner = runner(&store, &inbox, vault);
        Self { _folder: folder, store, inbox, runner }
    }

    async fn fire(&self, flow: &str, key: &str, body: &Value) {
        let outputs = json!({"headers": {}, "body": body});
        let fired =
            TriggerFired { name: String::new(), outputs, key: key.to_owned(), origin: "test".to_owned() };
        let mut tx = self.store.write().await.expect("a transaction");
        flow::start(&mut tx, flow, fired).await.expect("started").expect("a run");
        tx.commit().await.expect("committed");
        self.runner.run_until_idle().await.expect("idle");
    }
}

fn runner(store: &Store, inbox: &Inbox, vault: Vault) -> Runner {
    let policy: outbound::AddressPolicy = inbox.allow_list().parse().expect("a policy");
    let clock = Arc::clone(store.clock());
    let connectors = Connectors::new()
        .with(Arc::new(Teams::new(HttpClient::new(policy.clone()), Arc::clone(&clock))))
        .with(Arc::new(Email::new(Mailer::new(policy), clock)));
    Runner::new(store.clone(), connectors, Arc::new(vault), RunnerOptions::default())
}

#[tokio::test]
async fn a_crossing_becomes_one_card_and_one_mail() {
    let house = House::new().await;
    let crossing = json!({
        "threshold": "big-spenders", "segment": "BigSpenders", "direction": "above", "level": 1000.0,
        "previousValue": 950.0, "value": 1012.0, "snapshot": 2,
        "sentence": "BigSpenders rose above 1,000 (950 → 1,012)",
    });
    // The same firing twice, as after a crash: nothing is sent twice.
    for _ in 0..2 {
        house.fire("segment-crossed-to-teams", "evt_1", &crossing).await;
        house.fire("segment-crossed-to-mail", "evt_1", &crossing).await;
    }
    let (cards, messages) = (house.inbox.cards(), house.inbox.messages());
    assert_eq!((cards.len(), messages.len()), (1, 1));
    let lines = cards.first().expect("a card").lines();
    assert!(lines.contains(&"BigSpenders rose above 1,000 (950 → 1,012)".to_owned()), "{lines:?}");
    assert!(lines.contains(&"Now: 1012".to_owned()), "{lines:?}");
    let mail = messages.first().expect("a mail");
    assert_eq!(mail.to, ["data.owners@shop.example"]);
    assert_eq!(mail.subject, "BigSpenders crossed the threshold big-spenders");
    let text = mail.text.as_deref().expect("a text");
    assert!(
        text.contains("BigSpenders rose above 1,000 (950 → 1,012)") && text.contains("snapshot 2"),
        "{text}"
    );
    let html = mail.html.as_deref().expect("HTML");
    assert!(html.contains("<p>BigSpenders rose above 1,000 (950 → 1,012)</p>"), "{html}");
}

#[tokio::test]
async fn a_failed_refresh_becomes_a_card_with_or_without_its_reason() {
    let house = House::new().await;
    house
        .fire("refresh-failed-to-teams", "evt_1", &json!({"dataSource": "shop", "message": "no such file"}))
        .await;
    house.fire("refresh-failed-to-teams", "evt_2", &json!({"dataSource": "shop", "message": null})).await;
    let lines: Vec<_> = house.inbox.cards().iter().map(super::inbox::Card::lines).collect();
    let title = "A data source could not be refreshed";
    let expected = [
        [title, "no such file", "Data source: shop"],
        [title, "The last good data stays in use until it succeeds.", "Data source: shop"],
    ];
    assert_eq!(lines, expected);
}

/// Takes rows and keeps nothing: the report has the counts.
struct Nowhere;

impl EntitySink for Nowhere {
    fn schema(&mut self, _: &SchemaRef, _: &SchemaRef) -> Result<(), SinkError> {
        Ok(())
    }
    fn rows(&mut self, _: RecordBatch) -> Result<(), SinkError> {
        Ok(())
    }
    fn quarantine(&mut self, _: RecordBatch) -> Result<(), SinkError> {
        Ok(())
    }
}

/// What reading each entity of the demo's definitions reports, by its full name.
fn reports(dir: &std::path::Path) -> std::collections::BTreeMap<String, ReadReport> {
    let definitions = Project::load(dir).unwrap_or_else(|report| panic!("{report}")).into_definitions();
    let mut reports = std::collections::BTreeMap::new();
    for source in &definitions.data_sources {
        let SourceKind::Files { path, entities } = &source.kind else { continue };
        for entity in entities {
            let folder = dir.join(path);
            let request = ReadRequest {
                entity,
                folder: &folder,
                quarantine: source.quarantine,
                known: None,
                limits: Limits::default(),
            };
            let report = sources::read(&request, &mut Nowhere, &|_| {}, &CancellationToken::new());
            let name = source.full_name(entity);
            let report = report.unwrap_or_else(|error| panic!("{name}: {error}"));
            reports.insert(name, report);
        }
    }
    reports
}

#[test]
fn the_data_is_read_as_it_is_defined_and_only_broken_orders_are_left_out() {
    let folder = TempDir::new().expect("a folder");
    let made = data::generate(&folder.path().join(instance::DATA_FOLDER), data::SEED, 1_000).expect("data");
    instance::write(folder.path(), 2525, made.level).expect("written");
    let reports = reports(folder.path());
    let count = |name: &str| {
        let report = reports.get(name).expect(name);
        for finding in &report.findings {
            assert_eq!(finding.column.as_deref(), Some("TotalPrice"), "{name}: {finding:?}");
        }
        (report.rows_kept as usize, report.quarantined as usize)
    };
    assert_eq!(count("shop_contacts"), (made.contacts, 0));
    assert_eq!(count("shop_orders"), (made.orders - made.broken_orders, made.broken_orders));
    assert_eq!(count("shop_returns"), (made.returns, 0));
    assert_eq!(count("loyalty_members"), (made.members, 0));
    assert_eq!(count("partner_contacts"), (made.partners, 0));
    assert_eq!(reports["shop_orders"].outcome, Outcome::CompletedWithWarnings);
}
