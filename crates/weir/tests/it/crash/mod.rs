//! Power cuts: the binary is killed at random moments, started again, and everything must add up.
//!
//! A run has many cycles. Each writes a new edition of the data, in which the segment is above or below its
//! threshold by turns, starts a process that refreshes and runs flows, kills it, checks the state that it left
//! ([`audit`]), lets a server finish, and checks that all that had to happen happened once.
//!
//! `WEIR_KILLS=100` sets the number of kills, `WEIR_SEED=7` repeats a run's choices.

mod audit;
mod cycle;
mod house;
mod moment;
mod reader;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use audit::Audit;
use house::House;
use moment::Dice;

/// Kills in an ordinary test run.
const KILLS: u32 = 12;

/// What a run came to, for the report.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How often a kill found the process doing what.
    by_phase: BTreeMap<&'static str, u32>,
    /// The process had ended before the kill.
    too_late: u32,
    /// How often the recovery was killed too.
    recoveries_cut_off: u32,
    /// The longest time from a restart until nothing was left to do.
    longest_recovery: Duration,
}

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_moment_it_is_killed_nothing_is_lost_and_nothing_happens_twice() {
    let kills = setting("WEIR_KILLS").unwrap_or(KILLS);
    let seed = setting("WEIR_SEED").unwrap_or_else(|| u64::from(std::process::id()) << 20 | u64::from(kills));
    println!("{kills} kills, WEIR_SEED={seed}");
    let started = Instant::now();
    let mut dice = Dice::new(seed);
    let house = House::new().await;
    let reader = reader::Reader::start(&house);
    let mut tally = Tally::default();
    let mut audit = Audit::default();
    for number in 0..kills {
        cycle::run(&house, number, &mut dice, &mut audit, &mut tally).await;
    }
    let reads = reader.stop().await;
    let sums = audit.at_the_end(&house).await;
    println!("{tally:#?}\n{sums:#?}\n{reads} reads beside, {:.0} s", started.elapsed().as_secs_f64());
}
