//! Recurrence triggers: what is written, and when they fire next.

mod next;
mod read;

pub use next::{next_after, window_start};
pub(super) use read::read;

use jiff::Timestamp;

/// A `recurrence` as written in a trigger, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// The unit of [`Self::interval`].
    pub frequency: Frequency,
    /// How many units lie between two firings; at least 1.
    pub interval: u32,
    /// The first moment. A text without offset was a local time in [`Self::time_zone`].
    pub start: Option<Timestamp>,
    /// No firing after this moment.
    pub end: Option<Timestamp>,
    /// The IANA name of the time zone (`Europe/Berlin`); `UTC` when none is given.
    pub time_zone: String,
    /// At which times within the unit; empty lists mean the times of the start.
    pub schedule: Schedule,
}

/// The unit of a recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// `Second`
    Second,
    /// `Minute`
    Minute,
    /// `Hour`
    Hour,
    /// `Day`
    Day,
    /// `Week`
    Week,
    /// `Month`
    Month,
}

/// Times within the unit of a recurrence. Sorted, without duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// 0–59
    pub minutes: Vec<i8>,
    /// 0–23
    pub hours: Vec<i8>,
    /// Weekdays, Monday = 1 … Sunday = 7; only with `Week`
    pub week_days: Vec<i8>,
    /// 1–31, or −1…−31 from the end of the month; only with `Month`
    pub month_days: Vec<i8>,
    /// Weekday (Monday = 1) and its occurrence in the month (1–5, or −1…−5 from the end); only with `Month`
    pub monthly_occurrences: Vec<(i8, i8)>,
}
