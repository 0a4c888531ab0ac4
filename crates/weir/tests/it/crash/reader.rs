//! Somebody who reads all the time, while the program is killed and started: never sees a mix of two editions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use tokio::task::JoinHandle;

use super::house::{House, customers, good};

/// What a snapshot says about itself, in one row.
pub(super) const PICTURE: &str = "SELECT \
    (SELECT min(\"Edition\") FROM Shop_Orders) AS edition, (SELECT max(\"Edition\") FROM Shop_Orders) AS edition_too, \
    (SELECT min(CAST(\"Edition\" AS BIGINT)) FROM Shop_Contacts) AS contacts_edition, \
    (SELECT max(CAST(\"Edition\" AS BIGINT)) FROM Loyalty_Members) AS members_edition, \
    (SELECT count(*) FROM Shop_Contacts) AS contacts, (SELECT count(*) FROM Shop_Orders) AS orders, \
    (SELECT count(*) FROM Customer) AS customers, (SELECT count(*) FROM GoodCustomers) AS good, \
    (SELECT count(*) FROM Customer_Measure) AS measured, \
    (SELECT CAST(\"Revenue\" AS DOUBLE) FROM \"Revenue\") AS revenue";

/// The edition of a picture in which everything fits.
pub(super) fn whole(picture: &Value) -> u64 {
    let n = |key: &str| picture[key].as_u64().unwrap_or_else(|| panic!("{key} of {picture}"));
    let edition = n("edition");
    for key in ["edition_too", "contacts_edition", "members_edition"] {
        assert_eq!(n(key), edition, "{key}: {picture}");
    }
    let (all, well) = (customers(edition) as u64, good(edition) as u64);
    assert_eq!(
        (n("contacts"), n("orders"), n("customers"), n("measured")),
        (all, all * 2, all, all),
        "{picture}"
    );
    assert_eq!(n("good"), well, "{picture}");
    assert_eq!(picture["revenue"].as_f64(), Some((well * 200 + (all - well) * 50) as f64), "{picture}");
    edition
}

pub(super) struct Reader {
    task: JoinHandle<()>,
    stop: Arc<AtomicBool>,
    reads: Arc<AtomicU64>,
}

impl Reader {
    pub(super) fn start(house: &House) -> Self {
        let (stop, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let ask = house.project.command(&["query", PICTURE, "--json"]);
        let task = tokio::spawn(read(ask, Arc::clone(&stop), Arc::clone(&reads)));
        Self { task, stop, reads }
    }

    /// Ends it; gives how often it read.
    pub(super) async fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap();
        self.reads.load(Ordering::Relaxed)
    }
}

async fn read(mut ask: Command, stop: Arc<AtomicBool>, reads: Arc<AtomicU64>) {
    let mut newest = 0;
    while !stop.load(Ordering::Relaxed) {
        let output = ask.output().await.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "a reader was turned away: {errors}");
        let picture: Value = serde_json::from_slice(&output.stdout).unwrap();
        let edition = whole(&picture);
        assert!(edition >= newest, "time ran backwards: {newest}, then {picture}");
        newest = edition;
        reads.fetch_add(1, Ordering::Relaxed);
        // The program under test needs the processor too.
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}
