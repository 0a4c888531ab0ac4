//! One cycle: a new edition, a process, its end, and what the next process makes of it.

use std::time::{Duration, Instant};

use sqlx::SqliteConnection;

use crate::support::served::Served;
use crate::support::{Project, until};

use super::Tally;
use super::audit::Audit;
use super::house::House;
use super::moment::{Before, Dice, Moment, number};

/// Writes an edition, starts a process, kills it, checks, lets a server finish (at times the second one), checks again.
pub(super) async fn run(house: &House, cycle: u32, dice: &mut Dice, audit: &mut Audit, tally: &mut Tally) {
    house.write_edition(u64::from(cycle) + 1);
    let moment = Moment::any(cycle, dice);
    let before = Before::of(house).await;
    let late = match dice.between(0, 2) {
        // A refresh that does its work itself.
        0 | 1 => kill_refresh(house, moment, &before).await,
        // A server, and a refresh beside it that only asks.
        _ => kill_server(house, moment, &before).await,
    };
    if late {
        tally.too_late += 1;
    } else {
        *tally.by_phase.entry(phase(&mut house.state().await).await).or_default() += 1;
    }
    audit.after_a_kill(house).await;

    if dice.between(0, 2) == 0 {
        cut_off_recovery(house, dice).await;
        tally.recoveries_cut_off += 1;
        audit.after_a_kill(house).await;
    }
    let restarted = Instant::now();
    let server = Served::start(&house.project).await;
    settle(house, &server).await;
    tally.longest_recovery = tally.longest_recovery.max(restarted.elapsed());
    audit.after_recovery(house, u64::from(cycle) + 1).await;
    if dice.between(0, 1) == 0 {
        server.kill().await;
    } else {
        assert_eq!(server.stop(Duration::from_secs(10)).await.code(), Some(0));
    }
}

/// Kills a `weir refresh`. True when it had ended already.
async fn kill_refresh(house: &House, moment: Moment, before: &Before) -> bool {
    let mut child = house.project.command(&["refresh"]).spawn().unwrap();
    let mut ended = false;
    moment
        .wait(house, before, || {
            ended = child.try_wait().unwrap().is_some();
            ended
        })
        .await;
    let late = child.try_wait().unwrap().is_some();
    child.kill().await.unwrap();
    late
}

/// Kills a `weir serve` that works on the job of another process, and that process.
async fn kill_server(house: &House, moment: Moment, before: &Before) -> bool {
    let server = Served::start(&house.project).await;
    let mut asking = house.project.command(&["refresh"]).spawn().unwrap();
    moment.wait(house, before, || false).await;
    server.kill().await;
    asking.kill().await.unwrap();
    false
}

/// Kills the server that takes up what a killed process left.
async fn cut_off_recovery(house: &House, dice: &mut Dice) {
    let mut server = house.project.command(&["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
    tokio::time::sleep(dice.millis(5, 800)).await;
    server.kill().await.unwrap();
}

/// Waits until every job, delivery and run has ended; asks for a refresh if the killed process did not come to it.
async fn settle(house: &House, server: &Served) {
    let mut state = house.state().await;
    until("no job is open", async || {
        number(&mut state, "SELECT count(*) FROM job WHERE ended_at IS NULL").await == 0
    })
    .await;
    refresh(&house.project).await;
    until("nothing is left to do", async || open(&mut state).await == 0).await;
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

async fn refresh(project: &Project) {
    project.json(&["refresh"]).await;
}

/// Jobs, events, deliveries and runs that have not ended.
async fn open(state: &mut SqliteConnection) -> i64 {
    let sql = "SELECT (SELECT count(*) FROM job WHERE ended_at IS NULL) + \
        (SELECT count(*) FROM event WHERE dispatched_at IS NULL) + \
        (SELECT count(*) FROM delivery WHERE ended_at IS NULL) + \
        (SELECT count(*) FROM run WHERE ended_at IS NULL)";
    number(state, sql).await
}

/// What the killed process was doing, by what it left.
async fn phase(state: &mut SqliteConnection) -> &'static str {
    let open_tasks = "SELECT count(*) FROM task JOIN job USING (job_id) WHERE job.ended_at IS NULL \
        AND task.status IN ('queued', 'processing', 'failedRetrying')";
    if number(state, "SELECT count(*) FROM job WHERE status = 'queued'").await > 0 {
        "job queued"
    } else if number(state, "SELECT count(*) FROM job WHERE status = 'running'").await > 0 {
        if number(state, open_tasks).await > 0 { "tasks" } else { "publish" }
    } else if number(state, "SELECT count(*) FROM event WHERE dispatched_at IS NULL").await > 0
        || number(state, "SELECT count(*) FROM delivery WHERE ended_at IS NULL").await > 0
    {
        "dispatch and delivery"
    } else if number(state, "SELECT count(*) FROM run WHERE ended_at IS NULL").await > 0 {
        "flow"
    } else {
        "start or idle"
    }
}
