//! What full refreshes leave out because nothing uses it: only where the definitions ask for it (`autoDeactivation`).
//!
//! Something is left out when nothing reads, watches, exports or names it, and its definition was last changed, and it
//! was last refreshed by name, longer ago than the definitions say. All customer attributes are one task: it is left
//! out when that is so of each of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use store::{Store, Tx, from_micros};

use super::graph::{Graph, LeftOut};
use super::{Operation, RefreshError, Result, Scope, Target};
use crate::definitions::uses::{Reference, ReferenceKind, used_by};
use crate::definitions::{self, Action, Definitions, MeasureKind, MeasureState, ObjectKind, Plan};

/// Where the moment is kept at which a thing was last asked for by name.
const ASKED_FOR: &str = "refresh.askedFor.";

/// A segment or measure that full refreshes leave out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unused {
    /// What it is.
    #[serde(flatten)]
    pub reference: Reference,
    /// When it was last changed or refreshed by name.
    pub since: Timestamp,
    /// After how many days full refreshes leave it out.
    pub after_days: u16,
    /// The task that computes it.
    #[serde(skip)]
    task: String,
}

/// When each segment and measure was last changed or refreshed by name.
type Touched = BTreeMap<Reference, Timestamp>;

/// What the next full refresh with these definitions leaves out. What a plan changes counts as changed now.
///
/// # Errors
/// The store cannot be read.
pub async fn unused(store: &Store, definitions: &Definitions, plan: Option<&Plan>) -> Result<Vec<Unused>> {
    if definitions.auto_deactivation.is_none() {
        return Ok(Vec::new());
    }
    let now = store.clock().now();
    let mut touched = touched(store).await?;
    for change in plan.into_iter().flat_map(|plan| &plan.changes) {
        let kind = match change.kind {
            ObjectKind::Segment => ReferenceKind::Segment,
            ObjectKind::Measure => ReferenceKind::Measure,
            _ => continue,
        };
        if !matches!(change.action, Action::Delete) {
            touched.insert(Reference { kind, name: change.name.clone() }, now);
        }
    }
    find(definitions, &touched, now)
}

async fn touched(store: &Store) -> Result<Touched> {
    let mut touched = Touched::new();
    for (object, kind) in
        [(ObjectKind::Segment, ReferenceKind::Segment), (ObjectKind::Measure, ReferenceKind::Measure)]
    {
        let changed = definitions::changed_at(store, object).await;
        let changed = changed.map_err(|error| RefreshError::Definitions(error.to_string()))?;
        touched.extend(changed.into_iter().map(|(name, at)| (Reference { kind, name }, from_micros(at))));
    }
    let asked: Vec<(String, String)> = sqlx::query_as("SELECT key, value FROM setting WHERE key LIKE $1")
        .bind(format!("{ASKED_FOR}%"))
        .fetch_all(store.pool())
        .await?;
    for (key, at) in asked {
        let target = key.strip_prefix(ASKED_FOR).and_then(|target| target.split_once(':'));
        let reference = target.and_then(|(kind, name)| reference(&Target::of(kind, name)?));
        let (Some(reference), Ok(at)) = (reference, at.parse()) else { continue };
        touched.entry(reference).and_modify(|known| *known = (*known).max(at)).or_insert(at);
    }
    Ok(touched)
}

fn reference(target: &Target) -> Option<Reference> {
    let kind = match target {
        Target::Segment(_) => ReferenceKind::Segment,
        Target::Measure(_) => ReferenceKind::Measure,
        _ => return None,
    };
    Some(Reference { kind, name: target.name().to_owned() })
}

/// Remembers that something was asked for by name.
pub(super) async fn asked_for(tx: &mut Tx, target: &Target) -> Result<()> {
    if reference(target).is_some() {
        let (key, now) = (format!("{ASKED_FOR}{}:{}", target.kind(), target.name()), tx.now().to_string());
        tx.put_setting(&key, &now).await?;
    }
    Ok(())
}

fn find(definitions: &Definitions, touched: &Touched, now: Timestamp) -> Result<Vec<Unused>> {
    let Some(rule) = definitions.auto_deactivation else { return Ok(Vec::new()) };
    let used = used_by(definitions);
    let idle = |reference: Reference, task: &str| -> Option<Unused> {
        let since = *touched.get(&reference)?;
        let is_idle = !used.contains_key(&reference) && now.duration_since(since) > rule.after();
        let (after_days, task) = (rule.after_days, task.to_owned());
        is_idle.then_some(Unused { reference, since, after_days, task })
    };
    let mut found = Vec::new();
    // Only what a full refresh would compute can be left out of it.
    for node in Graph::of(definitions, &Scope::Full)?.nodes {
        let of = |kind, name: &str| vec![Reference { kind, name: name.to_owned() }];
        let computed = match node.operation {
            Operation::Segmentation => of(ReferenceKind::Segment, &node.name),
            Operation::EntityMeasures => of(ReferenceKind::Measure, &node.name),
            Operation::AttributeMeasures => attributes(definitions),
            _ => continue,
        };
        let n_computed = computed.len();
        let left_out: Vec<Unused> = computed.into_iter().filter_map(|it| idle(it, &node.id())).collect();
        if left_out.len() == n_computed {
            found.extend(left_out);
        }
    }
    Ok(found)
}

/// The customer attributes, which are computed together.
fn attributes(definitions: &Definitions) -> Vec<Reference> {
    let attributes = definitions
        .measures
        .iter()
        .filter(|it| it.kind == MeasureKind::CustomerAttribute && it.state == MeasureState::Active);
    attributes.map(|it| Reference { kind: ReferenceKind::Measure, name: it.name.clone() }).collect()
}

/// The graph without the tasks of what nothing uses; they stand in it as left out, each with a reason.
pub(super) fn without(graph: Graph, unused: &[Unused]) -> Graph {
    let tasks: BTreeSet<&str> = unused.iter().map(|it| it.task.as_str()).collect();
    let message = |task: &str| {
        let of: Vec<&Unused> = unused.iter().filter(|it| it.task == task).collect();
        message(&of)
    };
    let left_out = graph.nodes.iter().filter(|node| tasks.contains(node.id().as_str()));
    let left_out = left_out
        .map(|node| LeftOut {
            operation: node.operation,
            name: node.name.clone(),
            message: message(&node.id()),
        })
        .collect();
    Graph { left_out, ..graph.only(|node| !tasks.contains(node.id().as_str())) }
}

/// Why a task was left out, and how that changes.
fn message(unused: &[&Unused]) -> String {
    let Some((first, since)) = unused.first().zip(unused.iter().map(|it| it.since).max()) else {
        return String::new();
    };
    let name = &first.reference.name;
    let (what, whose) = match unused.len() {
        1 => ("it", "it"),
        _ => ("any of its measures", "one of them"),
    };
    format!(
        "left out by autoDeactivation: nothing uses {what}, and {whose} was last changed or refreshed by name on {}, \
         more than {} days ago. Using {whose}, changing {whose} or `weir refresh --{} {name}` keeps it",
        since.strftime("%Y-%m-%d"),
        first.after_days,
        first.reference.kind.as_str(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions::Project;
    use crate::refresh::jobs::{self, Submission};
    use crate::refresh::{Part, SubmissionKind};
    use jiff::SignedDuration;
    use std::sync::Arc;
    use store::{JobId, ManualClock};

    const SHOP: &str = r#"
instance: shop
autoDeactivation: {afterDays: 45}
dataSources:
  - name: Shop
    kind: files
    path: .
    entities:
      - {name: People, file: people.csv, primaryKey: Id}
      - {name: Orders, file: orders.csv, primaryKey: Id}
relationships: [{from: Shop_Orders.Person, to: Shop_People.Id}]
unification: {match: {order: [Shop_People]}}
measures:
  - {name: Spend, type: customerAttribute, calculate: sum(Shop_Orders.Price)}
  - {name: Count, type: customerAttribute, calculate: count(Shop_Orders)}
  - {name: Alone, type: business, calculate: count(Shop_Orders)}
segments:
  - {name: Watched, where: "Age > 5"}
  - {name: Idle, where: "Age > 6"}
  - {name: Paused, where: "Age > 7", state: inactive}
thresholds: [{name: many, segment: Watched, level: 5}]
"#;

    /// The shop, applied to a store at the start of 2026.
    struct Shop {
        _folder: tempfile::TempDir,
        store: Store,
        clock: ManualClock,
    }

    impl Shop {
        async fn new(changes: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
            let store =
                Store::open_file(&folder.path().join("weir.db"), Arc::new(clock.clone())).await.unwrap();
            let shop = Self { _folder: folder, store, clock };
            shop.apply(changes).await;
            shop
        }

        fn project(changes: &[(&str, &str)]) -> Project {
            let folder = tempfile::tempdir().unwrap();
            let text = changes.iter().fold(SHOP.to_owned(), |text, (old, new)| {
                assert!(text.contains(old), "{old}");
                text.replace(old, new)
            });
            std::fs::write(folder.path().join("weir.yaml"), text).unwrap();
            Project::load(folder.path()).unwrap_or_else(|wrong| panic!("{wrong}"))
        }

        async fn apply(&self, changes: &[(&str, &str)]) {
            let mut tx = self.store.write().await.unwrap();
            definitions::apply(&mut tx, &Self::project(changes)).await.unwrap();
            tx.commit().await.unwrap();
        }

        fn days_pass(&self, days: i64) {
            self.clock.advance(SignedDuration::from_hours(24 * days));
        }

        async fn ask_for(&self, target: Target) {
            let scope = Scope::Part(Part { target, upstream: true, downstream: false });
            let (kind, by) = (SubmissionKind::OnDemand, "test".to_owned());
            let mut tx = self.store.write().await.unwrap();
            jobs::submit(&mut tx, Submission { id: JobId::fresh(), scope, kind, by }).await.unwrap();
            tx.commit().await.unwrap();
        }

        async fn left_out(&self) -> Vec<String> {
            let definitions = definitions::applied(&self.store).await.unwrap();
            let unused = unused(&self.store, &definitions, None).await.unwrap();
            unused.into_iter().map(|it| it.reference.name).collect()
        }
    }

    #[tokio::test]
    async fn what_nothing_uses_is_left_out_after_the_days_and_not_before() {
        let shop = Shop::new(&[]).await;
        shop.days_pass(45);
        assert!(shop.left_out().await.is_empty(), "45 days are not more than 45");
        shop.clock.advance(SignedDuration::from_secs(1));
        assert_eq!(shop.left_out().await, ["Spend", "Count", "Alone", "Idle"]);
    }

    #[tokio::test]
    async fn without_the_setting_nothing_is_ever_left_out() {
        let shop = Shop::new(&[("autoDeactivation: {afterDays: 45}\n", "")]).await;
        shop.days_pass(1000);
        assert!(shop.left_out().await.is_empty());
    }

    #[tokio::test]
    async fn using_changing_or_asking_for_it_by_name_keeps_it() {
        let shop = Shop::new(&[]).await;
        shop.days_pass(100);
        shop.apply(&[("Age > 6", "Age > 66")]).await;
        assert_eq!(shop.left_out().await, ["Spend", "Count", "Alone"], "it was changed");
        shop.ask_for(Target::Measure("Alone".to_owned())).await;
        assert_eq!(shop.left_out().await, ["Spend", "Count"], "it was asked for");
        shop.apply(&[("Age > 6", "Count > 66")]).await;
        assert!(shop.left_out().await.is_empty(), "one of the customer attributes is used");
        shop.days_pass(46);
        assert_eq!(shop.left_out().await, ["Alone", "Idle"], "the days count again");
    }

    #[tokio::test]
    async fn what_is_refreshed_at_times_of_its_own_is_not_part_of_full_refreshes_anyhow() {
        let own = "schedules: [{name: by-hand, segment: Idle}]\nthresholds:";
        let shop = Shop::new(&[("thresholds:", own)]).await;
        shop.days_pass(100);
        assert!(!shop.left_out().await.contains(&"Idle".to_owned()));
    }

    #[tokio::test]
    async fn a_plan_that_stops_using_something_is_told_what_will_be_left_out() {
        let shop = Shop::new(&[]).await;
        shop.days_pass(100);
        let applied = definitions::applied(&shop.store).await.unwrap();
        let threshold = "thresholds: [{name: many, segment: Watched, level: 5}]\n";
        let wanted = Shop::project(&[(threshold, ""), ("Age > 6", "Age > 66")]);
        let plan = definitions::plan(&applied, wanted.definitions()).unwrap();
        let unused = unused(&shop.store, wanted.definitions(), Some(&plan)).await.unwrap();
        let names: Vec<&str> = unused.iter().map(|it| it.reference.name.as_str()).collect();
        assert_eq!(names, ["Spend", "Count", "Alone", "Watched"], "and Idle changes");
    }

    #[tokio::test]
    async fn the_rest_of_the_graph_runs_and_reads_what_was_there() {
        let shop = Shop::new(&[]).await;
        shop.days_pass(100);
        let definitions = definitions::applied(&shop.store).await.unwrap();
        let unused = unused(&shop.store, &definitions, None).await.unwrap();
        let graph = without(Graph::of(&definitions, &Scope::Full).unwrap(), &unused);
        let left_out: Vec<String> =
            graph.left_out.iter().map(|it| format!("{}:{}", it.operation, it.name)).collect();
        assert_eq!(
            left_out,
            ["attributeMeasures:Customer_Measure", "entityMeasures:Alone", "segmentation:Idle"]
        );
        let watched = graph.nodes.iter().find(|node| node.name == "Watched").unwrap();
        assert_eq!(watched.outside, ["attributeMeasures:Customer_Measure"]);
        let idle = &graph.left_out[2].message;
        assert!(idle.contains("2026-01-01") && idle.contains("weir refresh --segment Idle"), "{idle}");
        let attributes = &graph.left_out[0].message;
        assert!(attributes.contains("any of its measures"), "{attributes}");
    }
}
