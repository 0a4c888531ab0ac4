//! The shop of the crash test: a segment and a measure with thresholds, flows that post what they do.

use serde_json::{Value, json};
use sqlx::SqliteConnection;

use crate::support::receiver::{Receiver, Reply};
use crate::support::shop::{bare, fill, flow};
use crate::support::{Project, open_state};

/// The level of the segment's threshold lies between these sizes.
pub(super) const LOW: usize = 10;
pub(super) const HIGH: usize = 30;
/// The posts of the loop in the long flow.
pub(super) const LOOPS: usize = 4;

/// A flow that posts what it does.
pub(super) struct Telling {
    pub(super) flow: &'static str,
    /// The event type that starts it.
    pub(super) on: &'static str,
    /// Its posting actions, with how often each posts.
    pub(super) posts: &'static [(&'static str, usize)],
}

/// The flows.
pub(super) const FLOWS: [Telling; 3] = [
    Telling { flow: "quick", on: "weir.segment.thresholdCrossed", posts: &[("Only", 1)] },
    Telling {
        flow: "long",
        on: "weir.segment.thresholdCrossed",
        posts: &[("First", 1), ("Each", LOOPS), ("Last", 1)],
    },
    Telling { flow: "by-country", on: "weir.measure.thresholdCrossed", posts: &[("Told", 1)] },
];

pub(super) struct House {
    pub(super) project: Project,
    pub(super) receiver: Receiver,
}

impl House {
    /// Applied, refreshed once: the thresholds have their first values.
    pub(super) async fn new() -> Self {
        let receiver = Receiver::start().await;
        // Late enough that a kill can come between the request and its answer.
        receiver.always(Reply::Late(std::time::Duration::from_millis(15)));
        let project = bare();
        project.replace(
            "weir.yaml",
            "level: 20, direction: above, rearmBelow: 15}",
            "level: 20, direction: either}\n  - {name: revenue, measure: RevenueByCountry, level: 1800, direction: either}",
        );
        write_flows(&project, &receiver);
        let house = Self { project, receiver };
        house.write_edition(0);
        house.project.json(&["apply"]).await;
        house.project.json(&["refresh"]).await;
        house
    }

    /// Writes edition `n` of the data: low when even, high when odd, and never the same.
    pub(super) fn write_edition(&self, n: u64) {
        fill(&self.project, customers(n), good(n), n);
    }

    pub(super) async fn state(&self) -> SqliteConnection {
        open_state(&self.project.state()).await
    }
}

/// The contacts of an edition.
pub(super) fn customers(edition: u64) -> usize {
    40 + usize::try_from(edition % 7).unwrap()
}

/// The good customers of an edition.
pub(super) fn good(edition: u64) -> usize {
    if edition.is_multiple_of(2) { LOW } else { HIGH }
}

fn write_flows(project: &Project, receiver: &Receiver) {
    let post = |action: &str, index: &str| {
        let body = json!({
            "run": "@{workflow()?['run']?['name']}", "action": action, "index": index,
            "event": "@{triggerBody()?['event']?['id']}",
        });
        let inputs = json!({"method": "POST", "uri": receiver.url("/hook"), "body": body});
        json!({"type": "Http", "runAfter": {}, "inputs": inputs})
    };
    let after = |action: &str, mut value: Value| {
        value["runAfter"] = json!({action: ["Succeeded"]});
        value
    };
    let segment = ("OnSegmentThresholdCrossed", json!({}));
    let measure = ("OnMeasureThresholdCrossed", json!({}));
    project.write("flows/quick.json", flow(&segment, &json!({"Only": post("Only", "0")})));
    project.write("flows/by-country.json", flow(&measure, &json!({"Told": post("Told", "0")})));
    let items = format!("@range(0, {LOOPS})");
    let each = json!({"type": "Foreach", "foreach": items, "actions": {"Each": post("Each", "@{item()}")}});
    let wait = json!({"type": "Wait", "inputs": {"interval": {"count": 1, "unit": "Second"}}});
    let actions = json!({
        "First": post("First", "0"),
        "Loop": after("First", each),
        "Pause": after("Loop", wait),
        "Last": after("Pause", post("Last", "0")),
    });
    project.write("flows/long.json", flow(&segment, &actions));
}
