//! Schedules: cron lines in a time zone, and what becomes of ticks that nobody was there for. There is one for full
//! refreshes, and one for each thing that has times of its own.
//!
//! A line such as `0 6 * * *` names a time of day: where the clock jumps over it, the refresh starts at the first
//! moment after the jump, and where the clock runs through it twice, it starts once.

use std::borrow::Cow;
use std::time::Duration;

use croner::Cron;
use croner::parser::{CronParser, Seconds};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use store::{JobId, Lease, Queue, Store, Tx};
use tokio_util::sync::CancellationToken;

use super::jobs::{self, Submission};
use super::{Part, RefreshError, Result, Scope, SubmissionKind, Target};
use crate::definitions::{self, Definitions, ExportSchedule, MissedTicks, Schedule};

/// The piece of work of the schedule of full refreshes. That of a schedule of one thing is `own:<name>`.
const FULL: &str = "refresh";
/// A tick that is this late was missed.
const LATE: SignedDuration = SignedDuration::from_secs(90);
/// The most missed ticks that are made up for one by one.
const MAX_MADE_UP: usize = 100;
const LEASE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// A schedule whose lines and zone were understood.
#[derive(Debug, Clone)]
pub struct Ticks {
    lines: Vec<(String, Cron)>,
    zone: TimeZone,
    missed: MissedTicks,
}

impl Ticks {
    /// Reads a schedule.
    pub fn of(schedule: &Schedule) -> Result<Self> {
        let zone = TimeZone::get(&schedule.time_zone)
            .map_err(|_| RefreshError::Schedule(format!("{:?} is no time zone", schedule.time_zone)))?;
        let parser = CronParser::builder().seconds(Seconds::Disallowed).build();
        let parse = |line: &String| match parser.parse(line) {
            Ok(cron) => Ok((line.clone(), cron)),
            Err(error) => Err(RefreshError::Schedule(format!("{line:?} is no cron line: {error}"))),
        };
        let lines = schedule.cron.iter().map(parse).collect::<Result<_>>()?;
        Ok(Self { lines, zone, missed: schedule.missed })
    }

    /// The first tick after a moment, with its line; none if no line ever ticks again.
    pub fn next_after(&self, moment: Timestamp) -> Option<(Timestamp, &str)> {
        let local = moment.to_zoned(self.zone.clone());
        let next = |(line, cron): &'_ (String, Cron)| {
            let tick = cron.find_next_occurrence(&local, false).ok()?.timestamp();
            Some((tick, line.clone()))
        };
        let (tick, line) = self.lines.iter().filter_map(next).min()?;
        let line = self.lines.iter().find(|(text, _)| *text == line)?;
        Some((tick, line.0.as_str()))
    }

    /// The ticks after `from`, up to and with `to`, at most `limit`, and the first one after them.
    fn between(
        &self,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> (Vec<(Timestamp, String)>, Option<Timestamp>) {
        let mut ticks = Vec::new();
        let mut at = from;
        loop {
            match self.next_after(at) {
                Some((tick, line)) if tick <= to && ticks.len() < limit => {
                    ticks.push((tick, line.to_owned()));
                    at = tick;
                }
                Some((tick, _)) if tick <= to => at = tick,
                next => return (ticks, next.map(|(tick, _)| tick)),
            }
        }
    }

    /// Which of the ticks that are due start a refresh at `now`.
    fn to_run(&self, due: Vec<(Timestamp, String)>, now: Timestamp) -> Vec<(Timestamp, String)> {
        let is_late = |tick: Timestamp| now.duration_since(tick) > LATE;
        match self.missed {
            MissedTicks::All => due,
            MissedTicks::Last => due.into_iter().next_back().into_iter().collect(),
            MissedTicks::None => due.into_iter().filter(|(tick, _)| !is_late(*tick)).collect(),
        }
    }
}

/// Where the moment is kept up to which ticks of a schedule were dealt with.
fn setting(key: &str) -> String {
    match key {
        FULL => "schedule.dealtWith".to_owned(),
        own => format!("schedule.dealtWith.{own}"),
    }
}

/// The times of an export that has some of its own.
fn export_times(schedule: &ExportSchedule) -> Option<Schedule> {
    match schedule {
        ExportSchedule::Cron { cron, time_zone } => Some(Schedule {
            time_zone: time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
            cron: cron.clone(),
            missed: MissedTicks::default(),
        }),
        ExportSchedule::AfterRefresh | ExportSchedule::Off => None,
    }
}

/// Every schedule with times, by its key, and what it refreshes.
fn all(definitions: &Definitions) -> Vec<(String, Cow<'_, Schedule>, Scope)> {
    let full =
        definitions.schedule.iter().map(|schedule| (FULL.to_owned(), Cow::Borrowed(schedule), Scope::Full));
    let own = definitions.schedules.iter().filter_map(|own| {
        let (target, upstream, downstream) = (own.target.clone(), own.upstream, own.downstream);
        let scope = Scope::Part(Part { target, upstream, downstream });
        Some((format!("own:{}", own.name), Cow::Borrowed(own.schedule.as_ref()?), scope))
    });
    let exports = definitions.exports.iter().filter_map(|export| {
        let times = export_times(&export.schedule)?;
        let scope = Scope::only(Target::Export(export.name.clone()));
        Some((format!("export:{}", export.name), Cow::Owned(times), scope))
    });
    full.chain(own).chain(exports).collect()
}

/// Makes the schedules that an apply changed count from now on, and takes away those that are no more.
///
/// # Errors
/// A schedule cannot be read, or the store fails.
pub async fn arm(tx: &mut Tx, before: &Definitions, wanted: &Definitions) -> Result<()> {
    let (before, wanted) = (all(before), all(wanted));
    for (key, ..) in before.iter().filter(|(key, ..)| !wanted.iter().any(|(other, ..)| other == key)) {
        tx.withdraw(Queue::Schedule, key).await?;
    }
    let now = tx.now();
    for (key, schedule, _) in &wanted {
        if before.iter().any(|(other, old, _)| other == key && old == schedule) {
            continue;
        }
        tx.withdraw(Queue::Schedule, key).await?;
        tx.put_setting(&setting(key), &now.to_string()).await?;
        if let Some((next, _)) = Ticks::of(schedule)?.next_after(now) {
            tx.enqueue(Queue::Schedule, key, next).await?;
        }
    }
    Ok(())
}

/// Starts refreshes by the schedule until `stop`.
pub async fn run(store: Store, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = tick(&store).await {
            tracing::error!(%error, "the schedule could not be followed and will be looked at again");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            waited = store.wait(Queue::Schedule, LOOK_AGAIN) => {
                if waited.is_err() {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            }
        }
    }
}

/// Submits the jobs that are due now, and plans the next look, in one transaction.
pub async fn tick(store: &Store) -> Result<Vec<JobId>> {
    let Some(lease) = store.claim(Queue::Schedule, 1, LEASE).await?.into_iter().next() else {
        return Ok(Vec::new());
    };
    let definitions =
        definitions::applied(store).await.map_err(|error| RefreshError::Definitions(error.to_string()))?;
    let now = store.clock().now();
    let schedule = all(&definitions).into_iter().find(|(key, ..)| *key == lease.key);
    let mut tx = store.write().await?;
    let jobs = match schedule {
        Some((key, schedule, scope)) => {
            let dealt_with = store.setting(&setting(&key)).await?.and_then(|text| text.parse().ok());
            let due = Due { ticks: Ticks::of(&schedule)?, scope, since: dealt_with.unwrap_or(now), now };
            submit_due(&mut tx, &key, &due, &lease).await?
        }
        None => {
            tx.finish(&lease).await?;
            Vec::new()
        }
    };
    tx.commit().await?;
    Ok(jobs)
}

/// The ticks of one schedule that are looked at.
struct Due {
    ticks: Ticks,
    scope: Scope,
    since: Timestamp,
    now: Timestamp,
}

async fn submit_due(tx: &mut Tx, key: &str, schedule: &Due, lease: &Lease) -> Result<Vec<JobId>> {
    let Due { ticks, scope, since, now } = schedule;
    let (due, next) = ticks.between(*since, *now, MAX_MADE_UP);
    let n_due = due.len();
    let run = ticks.to_run(due, *now);
    if run.len() < n_due {
        tracing::warn!(missed = n_due - run.len(), policy = ?ticks.missed, "ticks of the schedule were missed");
    }
    let mut jobs = Vec::new();
    for (tick, line) in run {
        // The tick names the job: looking twice starts one.
        let name = if key == FULL { format!("schedule\n{tick}") } else { format!("schedule\n{key}\n{tick}") };
        let id = JobId::of_hash(blake3::hash(name.as_bytes()).to_hex().get(..32).unwrap_or("0"));
        let by = format!("schedule {line}");
        let submission = Submission { id, scope: scope.clone(), kind: SubmissionKind::Scheduled, by };
        jobs.push(jobs::submit(tx, submission).await?);
    }
    tx.put_setting(&setting(key), &now.to_string()).await?;
    match next {
        Some(next) => tx.reschedule(lease, next).await?,
        None => tx.finish(lease).await?,
    }
    Ok(jobs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(zone: &str, cron: &[&str], missed: MissedTicks) -> Ticks {
        let cron = cron.iter().map(|line| (*line).to_owned()).collect();
        Ticks::of(&Schedule { time_zone: zone.to_owned(), cron, missed }).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn all(ticks: &Ticks, from: &str, to: &str) -> Vec<String> {
        ticks.between(at(from), at(to), 1000).0.into_iter().map(|(tick, _)| tick.to_string()).collect()
    }

    #[test]
    fn the_next_tick_is_the_earliest_of_all_lines_in_the_zone() {
        let paris = ticks("Europe/Paris", &["0 6 * * *", "30 18 * * 1"], MissedTicks::Last);
        assert_eq!(
            all(&paris, "2026-01-05T00:00:00Z", "2026-01-06T12:00:00Z"),
            ["2026-01-05T05:00:00Z", "2026-01-05T17:30:00Z", "2026-01-06T05:00:00Z"]
        );
    }

    #[test]
    fn a_time_that_the_clock_jumps_over_ticks_once_and_one_that_it_repeats_ticks_once() {
        let berlin = ticks("Europe/Berlin", &["30 2 * * *"], MissedTicks::Last);
        let spring = all(&berlin, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z");
        assert_eq!(spring.len(), 2, "{spring:?}");
        assert_eq!(spring[0], "2026-03-29T01:00:00Z", "the first moment after the jump");
        let autumn = all(&berlin, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z");
        assert_eq!(autumn.len(), 2, "{autumn:?}");
    }

    #[test]
    fn twenty_zones_tick_a_daily_time_once_on_every_day_of_a_year() {
        let zones = [
            "UTC",
            "Europe/Paris",
            "Europe/London",
            "Europe/Sofia",
            "Europe/Bucharest",
            "Asia/Almaty",
            "Asia/Hong_Kong",
            "America/New_York",
            "America/Chicago",
            "America/Denver",
            "America/Los_Angeles",
            "America/Sao_Paulo",
            "America/St_Johns",
            "Australia/Sydney",
            "Australia/Lord_Howe",
            "Africa/Cairo",
            "Asia/Kolkata",
            "Asia/Kathmandu",
            "Pacific/Auckland",
            "Asia/Tehran",
        ];
        for zone in zones {
            for line in ["30 1 * * *", "30 2 * * *", "0 0 * * *"] {
                let daily = ticks(zone, &[line], MissedTicks::Last);
                let tz = TimeZone::get(zone).unwrap();
                let start = jiff::civil::date(2026, 1, 1).at(12, 0, 0, 0).to_zoned(tz.clone()).unwrap();
                let end = jiff::civil::date(2027, 1, 1).at(12, 0, 0, 0).to_zoned(tz.clone()).unwrap();
                let found = daily.between(start.timestamp(), end.timestamp(), 1000).0;
                let days: std::collections::BTreeSet<_> =
                    found.iter().map(|(tick, _)| tick.to_zoned(tz.clone()).date()).collect();
                assert_eq!((found.len(), days.len()), (365, 365), "{zone} {line}");
            }
        }
    }

    #[test]
    fn missed_ticks_follow_the_policy() {
        let now = at("2026-01-05T12:00:10Z");
        let due = |missed| {
            let hourly = ticks("UTC", &["0 * * * *"], missed);
            let (due, next) = hourly.between(at("2026-01-05T08:30:00Z"), now, MAX_MADE_UP);
            assert_eq!(next, Some(at("2026-01-05T13:00:00Z")));
            hourly.to_run(due, now).into_iter().map(|(tick, _)| tick.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(due(MissedTicks::All).len(), 4);
        assert_eq!(due(MissedTicks::Last), ["2026-01-05T12:00:00Z"]);
        assert_eq!(due(MissedTicks::None), ["2026-01-05T12:00:00Z"], "this one is not late");
    }

    #[test]
    fn a_line_or_zone_that_is_none_is_named() {
        let bad = |zone: &str, line: &str| {
            let schedule = Schedule {
                time_zone: zone.to_owned(),
                cron: vec![line.to_owned()],
                missed: MissedTicks::Last,
            };
            Ticks::of(&schedule).unwrap_err().to_string()
        };
        assert!(bad("Europe/Pariss", "0 6 * * *").contains("Europe/Pariss"));
        assert!(bad("UTC", "61 * * * *").contains("61 * * * *"));
    }
}
