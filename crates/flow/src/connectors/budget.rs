//! How often a connection is called: one budget for all runs, and one pause when its target asks for it.
//!
//! A call that finds the budget used up gets a turn: the moment from which it is within the limit again. It is
//! parked until then and comes back with its key, for which the turn is kept. So each waiting call waits once,
//! in the order in which they came, and whatever window of the given length one looks at holds no more calls
//! than allowed. Budgets live in the memory of a process: two processes have two.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Rate;

/// Turns that one connection keeps; beyond them, calls ask again.
const MAX_TURNS: usize = 100_000;
/// The longest that a target is left alone, whatever it asks for.
const MAX_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// The budgets of all connections.
#[derive(Debug, Default)]
pub(crate) struct Budgets {
    by_connection: Mutex<HashMap<String, Budget>>,
}

#[derive(Debug, Default)]
struct Budget {
    /// When the last calls begin, the newest last; never more than the rate allows in a window.
    granted: VecDeque<Timestamp>,
    /// The turns of calls that wait.
    turns: HashMap<String, Timestamp>,
    /// Until when the target is left alone.
    paused: Option<Timestamp>,
}

impl Budgets {
    /// Lets the call with this key begin now, or says in how long its turn comes.
    pub(crate) fn enter(
        &self,
        connection: &str,
        rate: Option<Rate>,
        key: &str,
        now: Timestamp,
    ) -> Result<(), Duration> {
        let mut all = self.by_connection.lock().unwrap_or_else(PoisonError::into_inner);
        if rate.is_none() && !all.contains_key(connection) {
            return Ok(());
        }
        all.entry(connection.to_owned()).or_default().enter(rate, key, now)
    }

    /// Leaves a target alone for as long as it asked.
    pub(crate) fn pause(&self, connection: &str, asked: Duration, now: Timestamp) {
        let until = later(now, asked.min(MAX_PAUSE));
        let mut all = self.by_connection.lock().unwrap_or_else(PoisonError::into_inner);
        let budget = all.entry(connection.to_owned()).or_default();
        budget.paused = budget.paused.max(Some(until));
    }
}

impl Budget {
    fn enter(&mut self, rate: Option<Rate>, key: &str, now: Timestamp) -> Result<(), Duration> {
        let turn = match (self.turns.remove(key), rate) {
            (Some(turn), _) => turn,
            (None, Some(rate)) => self.grant(rate, now),
            (None, None) => now,
        };
        let begins = Some(turn).max(self.paused).unwrap_or(turn);
        if begins <= now {
            return Ok(());
        }
        if self.turns.len() < MAX_TURNS {
            self.turns.insert(key.to_owned(), begins);
        }
        Err(Duration::try_from(begins.duration_since(now)).unwrap_or_default())
    }

    /// The next moment at which a call is within the limit.
    fn grant(&mut self, rate: Rate, now: Timestamp) -> Timestamp {
        let calls = usize::try_from(rate.calls.max(1)).unwrap_or(usize::MAX);
        // Turns of calls that were given up meanwhile are forgotten with their window.
        let window = rate.window();
        self.turns.retain(|_, turn| later(*turn, window) > now);
        while self.granted.len() > calls {
            self.granted.pop_front();
        }
        let free = match self.granted.front() {
            Some(oldest) if self.granted.len() == calls => later(*oldest, window).max(now),
            _ => now,
        };
        // Nobody overtakes those who wait.
        let turn = self.granted.back().map_or(free, |newest| free.max(*newest));
        self.granted.push_back(turn);
        if self.granted.len() > calls {
            self.granted.pop_front();
        }
        turn
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate { calls: 2, seconds: 10 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).expect("a moment")
    }

    fn seconds(wait: Result<(), Duration>) -> u64 {
        wait.err().map_or(0, |wait| wait.as_secs())
    }

    #[test]
    fn calls_beyond_the_limit_get_turns_one_after_the_other() {
        let budgets = Budgets::default();
        let waits: Vec<u64> = ["a", "b", "c", "d", "e"]
            .iter()
            .map(|key| seconds(budgets.enter("crm", Some(RATE), key, at(0))))
            .collect();
        assert_eq!(waits, [0, 0, 10, 10, 20]);
        assert_eq!(budgets.enter("crm", Some(RATE), "c", at(10)), Ok(()));
        assert_eq!(seconds(budgets.enter("crm", Some(RATE), "late", at(11))), 9);
        assert_eq!(budgets.enter("other", Some(RATE), "x", at(0)), Ok(()), "another connection");
    }

    #[test]
    fn what_the_target_asks_for_holds_for_every_call_of_the_connection() {
        let budgets = Budgets::default();
        assert_eq!(budgets.enter("crm", None, "a", at(0)), Ok(()));
        budgets.pause("crm", Duration::from_secs(30), at(0));
        budgets.pause("crm", Duration::from_secs(5), at(0));
        assert_eq!(seconds(budgets.enter("crm", None, "b", at(10))), 20);
        assert_eq!(budgets.enter("crm", None, "b", at(30)), Ok(()));
        assert_eq!(budgets.enter("mail", None, "c", at(10)), Ok(()));
    }

    proptest! {
        #[test]
        fn no_window_holds_more_calls_than_allowed_and_each_call_waits_once(
            gaps in prop::collection::vec(0i64..7, 1..80), calls in 1u32..5, window in 1u32..20,
        ) {
            let rate = Rate { calls, seconds: window };
            let budgets = Budgets::default();
            let mut now = 0;
            let mut begun = Vec::new();
            for (index, gap) in gaps.iter().enumerate() {
                now += gap;
                let key = index.to_string();
                let wait = seconds(budgets.enter("c", Some(rate), &key, at(now)));
                let begins = now + i64::try_from(wait).expect("small");
                begun.push(begins);
            }
            for (index, first) in begun.iter().enumerate() {
                let inside = begun[index..].iter().filter(|it| **it < first + i64::from(window)).count();
                prop_assert!(inside <= calls as usize, "{begun:?}");
            }
        }
    }
}
