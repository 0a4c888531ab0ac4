//! What must hold after every kill and after every recovery, read from the state and from the receiver.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use sqlx::SqliteConnection;

use super::house::{FLOWS, House};
use super::moment::number;
use super::reader::{PICTURE, whole};

/// One execution of one posting action: run, action, index in its loop.
type Post = (String, String, String);

/// What is remembered from one check to the next.
#[derive(Default)]
pub(super) struct Audit {
    /// Posts whose end was journaled when a process was killed, and how many requests they had made by then.
    done: BTreeMap<Post, usize>,
}

/// The sums of a whole run.
#[derive(Debug)]
#[expect(dead_code, reason = "printed")]
pub(super) struct Sums {
    snapshots: i64,
    crossings: usize,
    runs: usize,
    posts: usize,
    /// Requests beyond one for each post; all with the key of the first.
    sent_again: usize,
    lost: usize,
}

impl Audit {
    /// What holds at any moment, also in what a killed process left.
    pub(super) async fn after_a_kill(&mut self, house: &House) {
        always(house).await;
        let mut state = house.state().await;
        let made = posts(house);
        for post in finished(house, &mut state).await {
            let times = made.get(&post).map_or(0, |keys| keys.len());
            assert!(times > 0, "{post:?} is journaled as done and was never sent");
            self.done.entry(post).or_insert(times);
        }
    }

    /// What holds when nothing is left to do.
    pub(super) async fn after_recovery(&mut self, house: &House, edition: u64) {
        always(house).await;
        let picture = house.project.query(PICTURE).await;
        assert_eq!(whole(&picture[0]), edition, "the last edition is published");
        let mut state = house.state().await;
        let work: Vec<(String, String)> =
            sqlx::query_as("SELECT queue, key FROM work").fetch_all(&mut state).await.unwrap();
        assert!(work.is_empty(), "nothing is left to do, but {work:?}");
        let unended = "SELECT count(*) FROM task WHERE status IN ('queued', 'processing', 'failedRetrying')";
        assert_eq!(number(&mut state, unended).await, 0, "a task of an ended job is open");
        every_event_started_each_flow_that_listens(&mut state).await;
        let made = posts(house);
        let lost = lost(&mut state, &made).await;
        assert!(lost.is_empty(), "never sent: {lost:?}");
        for (post, times) in &self.done {
            assert_eq!(made[post].len(), *times, "{post:?} was sent again after its end was journaled");
        }
    }

    /// Checks the whole history once more, and sums it up.
    pub(super) async fn at_the_end(&self, house: &House) -> Sums {
        let mut state = house.state().await;
        let made = posts(house);
        let requests: usize = made.values().map(Vec::len).sum();
        let check = house.project.json(&["doctor"]).await;
        assert!(check.as_array().unwrap().iter().all(|check| check["ok"] == true), "{check:#}");
        Sums {
            snapshots: number(&mut state, "SELECT max(snapshot_id) FROM ducklake_snapshot").await,
            crossings: crossing_events(&mut state).await.len(),
            runs: usize::try_from(number(&mut state, "SELECT count(*) FROM run").await).unwrap(),
            posts: made.len(),
            sent_again: requests - made.len(),
            lost: lost(&mut state, &made).await.len(),
        }
    }
}

/// What holds at any moment.
async fn always(house: &House) {
    let mut state = house.state().await;
    let sound: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut state).await.unwrap();
    assert_eq!(sound, "ok");
    histories_have_one_point_for_each_snapshot(&mut state).await;
    let (found, expected) = (crossing_events(&mut state).await, crossings(&mut state).await);
    assert_eq!(found, expected, "each crossing is one event");
    no_event_started_a_flow_twice(&mut state).await;
    // The same key is the same post, and the other way round.
    let mut of_key: BTreeMap<String, Post> = BTreeMap::new();
    for (post, keys) in posts(house) {
        for key in &keys {
            assert_eq!(key, &keys[0], "{post:?} was sent under two keys");
            let known = of_key.entry(key.clone()).or_insert_with(|| post.clone());
            assert_eq!(*known, post, "one key for two posts");
        }
    }
}

/// A snapshot has all of its points or none, and only published ones have them.
async fn histories_have_one_point_for_each_snapshot(state: &mut SqliteConnection) {
    // One for the segment, one for the measure, one for each of three countries.
    let wrong: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT snapshot_id, count(*) FROM series_point WHERE name IN ('GoodCustomers', 'Revenue', \
         'RevenueByCountry') GROUP BY snapshot_id HAVING count(*) <> 5",
    )
    .fetch_all(&mut *state)
    .await
    .unwrap();
    assert!(wrong.is_empty(), "snapshots and their number of points: {wrong:?}");
    let sql = "SELECT count(*) FROM series_point WHERE snapshot_id NOT IN (SELECT snapshot_id FROM ducklake_snapshot)";
    assert_eq!(number(state, sql).await, 0, "a value without its data");
    let sql = "SELECT count(*) FROM job WHERE snapshot_id IS NOT NULL AND snapshot_id NOT IN \
        (SELECT snapshot_id FROM series_point)";
    assert_eq!(number(state, sql).await, 0, "a snapshot without its values");
    let sql = "SELECT count(*) - count(DISTINCT snapshot_id) FROM job WHERE snapshot_id IS NOT NULL";
    assert_eq!(number(state, sql).await, 0, "a job published twice, or two jobs one snapshot");
}

/// A crossing: threshold, dimension, snapshot.
type Crossing = (String, String, i64);

/// The crossings that the stored values show: a value on the other side of the level than the one before.
async fn crossings(state: &mut SqliteConnection) -> Vec<Crossing> {
    let rows: Vec<(String, String, i64, f64)> = sqlx::query_as(
        "SELECT name, dimension, snapshot_id, value FROM series_point WHERE name IN ('GoodCustomers', \
         'RevenueByCountry') ORDER BY name, dimension, snapshot_id",
    )
    .fetch_all(state)
    .await
    .unwrap();
    let mut found = Vec::new();
    for pair in rows.windows(2) {
        let [(name, dimension, _, before), (name_too, dimension_too, snapshot, value)] = pair else {
            continue;
        };
        let (threshold, level) =
            if name == "GoodCustomers" { ("enough-good-customers", 20.0) } else { ("revenue", 1800.0) };
        let same = name == name_too && dimension == dimension_too;
        if same && (*before > level) != (*value > level) {
            found.push((threshold.to_owned(), dimension.clone(), *snapshot));
        }
    }
    found.sort();
    found
}

async fn crossing_events(state: &mut SqliteConnection) -> Vec<Crossing> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT data FROM event WHERE kind LIKE '%thresholdCrossed'")
        .fetch_all(state)
        .await
        .unwrap();
    let crossing = |(data,): &(String,)| {
        let data: Value = serde_json::from_str(data).unwrap();
        let text = |key: &str| data[key].as_str().unwrap_or_default().to_owned();
        (text("threshold"), text("dimension"), data["snapshot"].as_i64().unwrap())
    };
    let mut found: Vec<Crossing> = rows.iter().map(crossing).collect();
    found.sort();
    found
}

/// Runs as event and flow.
async fn runs(state: &mut SqliteConnection) -> Vec<(String, String)> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT trigger_fired, flow FROM run").fetch_all(state).await.unwrap();
    let run = |(fired, flow): (String, String)| {
        let fired: Value = serde_json::from_str(&fired).unwrap();
        (fired["origin"].as_str().unwrap().to_owned(), flow)
    };
    rows.into_iter().map(run).collect()
}

async fn no_event_started_a_flow_twice(state: &mut SqliteConnection) {
    let runs = runs(state).await;
    let distinct: BTreeSet<_> = runs.iter().collect();
    assert_eq!(distinct.len(), runs.len(), "{runs:?}");
}

async fn every_event_started_each_flow_that_listens(state: &mut SqliteConnection) {
    let events: Vec<(String, String)> =
        sqlx::query_as("SELECT event_id, kind FROM event").fetch_all(&mut *state).await.unwrap();
    let mut wanted = BTreeSet::new();
    for (event, kind) in &events {
        let listening = FLOWS.iter().filter(|each| each.on == kind);
        wanted.extend(listening.map(|each| (event.clone(), each.flow.to_owned())));
    }
    assert_eq!(runs(state).await.into_iter().collect::<BTreeSet<_>>(), wanted);
    let bad: Vec<(String, String)> = sqlx::query_as("SELECT id, status FROM run WHERE status <> 'Succeeded'")
        .fetch_all(state)
        .await
        .unwrap();
    assert!(bad.is_empty(), "{bad:?}");
}

/// The keys of every post that came in, one for each request.
fn posts(house: &House) -> BTreeMap<Post, Vec<String>> {
    let mut posts: BTreeMap<Post, Vec<String>> = BTreeMap::new();
    for request in house.receiver.requests() {
        let text = |key: &str| request.body[key].as_str().unwrap().to_owned();
        posts.entry((text("run"), text("action"), text("index"))).or_default().push(request.key().to_owned());
    }
    posts
}

/// The posts whose end is in the journal.
async fn finished(house: &House, state: &mut SqliteConnection) -> Vec<Post> {
    let runs: Vec<String> = sqlx::query_scalar("SELECT id FROM run").fetch_all(state).await.unwrap();
    let clock = Arc::new(store::SystemClock);
    let store = store::Store::open_file_to_read(&house.project.state(), clock).await.unwrap();
    let posting: BTreeSet<&str> = FLOWS.iter().flat_map(|each| each.posts).map(|(name, _)| *name).collect();
    let mut found = Vec::new();
    for run in runs {
        for fact in flow::history::facts(&store, &run.parse().unwrap()).await.unwrap() {
            let flow::machine::Fact::ActionFinished { path, .. } = fact else { continue };
            if posting.contains(path.name.as_str()) {
                let index = path.at.first().copied().unwrap_or(0);
                found.push((run.clone(), path.name, index.to_string()));
            }
        }
    }
    store.close().await;
    found
}

/// Posts that a run that has ended well must have made, and that never came in.
async fn lost(state: &mut SqliteConnection, made: &BTreeMap<Post, Vec<String>>) -> Vec<Post> {
    let runs: Vec<(String, String)> =
        sqlx::query_as("SELECT id, flow FROM run WHERE status = 'Succeeded'").fetch_all(state).await.unwrap();
    let mut lost = Vec::new();
    for (run, flow) in runs {
        let posts = FLOWS.iter().find(|each| each.flow == flow).unwrap().posts;
        for (action, times) in posts {
            let all = (0..*times).map(|index| (run.clone(), (*action).to_owned(), index.to_string()));
            lost.extend(all.filter(|post| !made.contains_key(post)));
        }
    }
    lost
}
